//! The keys under which people's facts are sealed: a small text file beside the signing keys, never in the database,
//! encrypted with a passphrase like they are. Three kinds of lines, `#` begins a comment:
//!
//! ```text
//! lookup HEX      finds a person again by a tag, masks signatures; stays for the life of the register
//! seal 1 HEX      seals columns; the highest number seals what is written, all of them open what was
//! ```
//!
//! Knows nothing of columns; see `personal`.

use std::fmt::Write;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// One secret.
pub type Key = Zeroizing<[u8; 32]>;

/// The keys of one register.
pub struct PersonalKeys {
    lookup: Key,
    /// By number, ascending; never empty.
    seals: Vec<(u8, Key)>,
}

impl PersonalKeys {
    /// Reads the text of the file. Says nothing of what stands in it.
    pub fn parse(text: &str) -> Result<Self, BadPersonalKeys> {
        let (mut lookup, mut seals) = (None, Vec::new());
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            match line.split(' ').collect::<Vec<_>>()[..] {
                ["lookup", hex] if lookup.is_none() => lookup = Some(key(hex)?),
                ["seal", number, hex] => {
                    seals.push((number.parse().map_err(|_| BadPersonalKeys)?, key(hex)?))
                }
                _ => return Err(BadPersonalKeys),
            }
        }
        let grows = seals.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a < b));
        if seals.is_empty() || !grows {
            return Err(BadPersonalKeys);
        }
        Ok(Self { lookup: lookup.ok_or(BadPersonalKeys)?, seals })
    }

    /// Those of every demonstration, and of tests.
    #[must_use]
    pub fn example() -> Self {
        Self::parse(EXAMPLE).expect("the example file, compiled in, is read by a test")
    }

    /// New ones.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self { lookup: random(rng), seals: vec![(1, random(rng))] }
    }

    /// With one more key, under which everything is sealed from now on.
    pub fn with_next(mut self, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, BadPersonalKeys> {
        let next = self.current().0.checked_add(1).ok_or(BadPersonalKeys)?;
        self.seals.push((next, random(rng)));
        Ok(self)
    }

    /// Without all but the newest: what they sealed does not open any more.
    #[must_use]
    pub fn newest(&self) -> Self {
        let (number, seal) = self.current();
        Self { lookup: self.lookup.clone(), seals: vec![(*number, seal.clone())] }
    }

    /// The text of the file, for whoever encrypts it.
    #[must_use]
    pub fn expose_text(&self) -> Zeroizing<String> {
        let line = |bytes: &Key| Zeroizing::new(hex::encode(bytes.as_slice()));
        let mut text = Zeroizing::new(String::with_capacity(128 * (1 + self.seals.len())));
        // Writing to a string does not fail.
        let _ = writeln!(text, "lookup {}", line(&self.lookup).as_str());
        for (number, seal) in &self.seals {
            let _ = writeln!(text, "seal {number} {}", line(seal).as_str());
        }
        text
    }

    /// Whether any of them is an example that everybody knows.
    #[must_use]
    pub fn are_example(&self) -> bool {
        let example = Self::example();
        let known = |key: &Key| example.lookup == *key || example.seals.iter().any(|(_, seal)| seal == key);
        known(&self.lookup) || self.seals.iter().any(|(_, seal)| known(seal))
    }

    pub(crate) fn lookup(&self) -> &Key {
        &self.lookup
    }

    pub(crate) fn seals(&self) -> &[(u8, Key)] {
        &self.seals
    }

    pub(crate) fn current(&self) -> &(u8, Key) {
        self.seals.last().expect("neither `parse` nor `generate` makes keys without a seal")
    }
}

impl std::fmt::Debug for PersonalKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonalKeys([secret])")
    }
}

/// Not a file of personal keys: a line is no line of ours, a key is missing, or the numbers do not grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPersonalKeys;

fn key(hex: &str) -> Result<Key, BadPersonalKeys> {
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(hex, bytes.as_mut_slice()).map_err(|_| BadPersonalKeys)?;
    Ok(bytes)
}

fn random(rng: &mut (impl CryptoRng + ?Sized)) -> Key {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill_bytes(bytes.as_mut_slice());
    bytes
}

/// The keys of every demonstration. Anything else refuses them: [`PersonalKeys::are_example`].
pub const EXAMPLE: &str = include_str!("../../../keys-example/EXAMPLE-personal.keys");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Seeded;

    #[test]
    fn keys_read_back_and_do_not_print() {
        let keys = PersonalKeys::generate(&mut Seeded::new(1)).with_next(&mut Seeded::new(2)).unwrap();
        let again = PersonalKeys::parse(&keys.expose_text()).unwrap();
        assert_eq!(*again.expose_text(), *keys.expose_text());
        assert_eq!(again.current().0, 2);
        assert_eq!(format!("{keys:?}"), "PersonalKeys([secret])");
    }

    #[test]
    fn the_newest_key_stays_with_its_number_and_the_lookup_key() {
        let both = PersonalKeys::generate(&mut Seeded::new(1)).with_next(&mut Seeded::new(2)).unwrap();
        let newest = both.newest();
        let lines = |keys: &PersonalKeys| keys.expose_text().lines().map(str::to_owned).collect::<Vec<_>>();
        let (both, newest) = (lines(&both), lines(&newest));
        assert_eq!(newest, [both[0].as_str(), both[2].as_str()]);
        assert!(newest[1].starts_with("seal 2 "));
    }

    #[test]
    fn the_example_is_known_whole_and_in_part() {
        let example = PersonalKeys::example();
        assert!(example.are_example());
        assert!(example.with_next(&mut Seeded::new(1)).unwrap().are_example());
        assert!(!PersonalKeys::generate(&mut Seeded::new(1)).are_example());
    }

    #[test]
    fn anything_else_is_no_key_file() {
        let (lookup, seal) = (format!("lookup {}\n", "0".repeat(64)), format!("seal 1 {}\n", "1".repeat(64)));
        assert!(PersonalKeys::parse(&format!("# a comment\n\n{lookup}{seal}")).is_ok());
        let twice = format!("{lookup}{seal}{seal}");
        let other = format!("{lookup}{seal}issue 00\n");
        let short = format!("{lookup}seal 1 00\n");
        let unnumbered = format!("{lookup}{}", seal.replace('1', "x"));
        for text in
            ["", &lookup, &seal, &twice, &other, &short, &unnumbered, &format!("{lookup}{lookup}{seal}")]
        {
            assert_eq!(PersonalKeys::parse(text).err(), Some(BadPersonalKeys), "{text}");
        }
    }
}
