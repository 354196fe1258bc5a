//! The throw-away keys of `keys-example/`: everybody knows their seeds, so nothing real is ever signed with them.
//! Their ids are compiled in from `keys-example/kids.txt`; a test holds that file against the folder.

use credential::Kid;

use crate::error::KeyError;

/// What a key is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Example keys are refused.
    Production,
    /// Example keys work too; whoever shows the result says DEMO.
    Demo,
}

impl Use {
    /// Refuses an example key in production.
    pub fn check(self, kid: Kid) -> Result<(), KeyError> {
        match self {
            Self::Production if is_example(kid) => Err(KeyError::ExampleKey(kid)),
            Self::Production | Self::Demo => Ok(()),
        }
    }
}

/// Whether this is one of the keys in `keys-example/`.
#[must_use]
pub fn is_example(kid: Kid) -> bool {
    kids().any(|(example, _)| example == kid)
}

/// Key id and name of each example key, from lines `KID NAME`.
fn kids() -> impl Iterator<Item = (Kid, &'static str)> {
    let lines = KIDS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ').and_then(|(kid, name)| Some((Kid::parse(kid).ok()?, name))))
}

const KIDS: &str = include_str!("../../../keys-example/kids.txt");

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use sha2::{Digest, Sha256};
    use zeroize::Zeroizing;

    use super::*;
    use crate::{PublicKeyLine, SigningKey, open};

    /// Role and name of each key, as README.md of the folder has them.
    const NAMES: [&str; 9] = [
        "root-1",
        "root-2",
        "root-3",
        "issuer",
        "issuer-next",
        "status",
        "snapshot",
        "policy",
        "foreign-issuer",
    ];

    fn folder() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../keys-example"))
    }

    /// Nothing up the sleeve, and nobody can take it for a secret.
    fn seed_of(name: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(Sha256::digest(format!("EXAMPLE {name}")).into())
    }

    #[test]
    fn the_compiled_list_is_exactly_the_folder() {
        let listed: BTreeMap<&str, Kid> = kids().map(|(kid, name)| (name, kid)).collect();
        let expected: BTreeMap<&str, Kid> =
            NAMES.map(|name| (name, SigningKey::from_seed(seed_of(name)).public().kid)).into();
        assert_eq!(listed, expected);
        assert_eq!(KIDS.lines().filter(|line| !line.starts_with('#')).count(), NAMES.len());
        let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name());
        let keys: Vec<_> = files.filter(|name| name.to_str().unwrap().ends_with(".key")).collect();
        assert_eq!(keys.len(), NAMES.len());
    }

    #[test]
    fn each_file_says_example_in_its_name_and_inside() {
        for entry in std::fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read(&path).unwrap();
            let says = |text: &[u8]| text.windows(7).any(|word| word == b"EXAMPLE");
            assert!(says(&text), "{} does not say it inside", path.display());
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.contains("EXAMPLE") || matches!(name, "README.md" | "kids.txt"), "{name}");
        }
    }

    #[test]
    fn an_example_key_opens_in_a_demo_and_nowhere_else() {
        for name in NAMES {
            let file = std::fs::read(folder().join(format!("EXAMPLE-{name}.key"))).unwrap();
            let ask = || -> Result<_, KeyError> { panic!("an example key needs no passphrase") };
            let key = open(&file, Use::Demo, ask).unwrap();
            let kid = key.public().kid;
            assert!(is_example(kid));
            assert_eq!(open(&file, Use::Production, ask).err(), Some(KeyError::ExampleKey(kid)), "{name}");
            let line = std::fs::read_to_string(folder().join(format!("EXAMPLE-{name}.pub"))).unwrap();
            assert_eq!(PublicKeyLine::parse(&line).unwrap(), key.public(), "{name}");
        }
    }
}
