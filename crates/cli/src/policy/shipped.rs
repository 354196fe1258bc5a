//! The packs that come with this program. What each rests on stands in its file.

use credential::policy_pack::PolicyPack;

use super::check::check;

/// Name and text.
const TEXTS: [(&str, &str); 9] = [
    ("nation-transit", include_str!("../../policies/nation-transit.toml")),
    ("changchun-transit", include_str!("../../policies/changchun-transit.toml")),
    ("guangzhou-transit", include_str!("../../policies/guangzhou-transit.toml")),
    ("parks", include_str!("../../policies/parks.toml")),
    ("parking", include_str!("../../policies/parking.toml")),
    ("employment-quota", include_str!("../../policies/employment-quota.toml")),
    ("subsidies", include_str!("../../policies/subsidies.toml")),
    ("care-extension", include_str!("../../policies/care-extension.toml")),
    ("pharmacy", include_str!("../../policies/pharmacy.toml")),
];

/// All of them. Each was found good by a test, so none is missing.
pub(crate) fn packs() -> Vec<PolicyPack> {
    TEXTS.iter().filter_map(|(_, toml)| check(toml).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::show::picture;
    use bilingual::Language;

    #[test]
    fn every_pack_that_ships_is_good_and_bears_the_name_of_its_file() {
        for (name, toml) in TEXTS {
            match check(toml) {
                Ok(pack) => assert_eq!(pack.name, name),
                Err(faults) => {
                    let pictures: Vec<_> =
                        faults.iter().map(|f| picture(f, name, toml, Language::En, false)).collect();
                    panic!("{}", pictures.join("\n"));
                }
            }
        }
        assert_eq!(packs().len(), TEXTS.len());
    }

    #[test]
    fn every_toml_file_beside_them_ships() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let mut shipped: Vec<&str> = TEXTS.iter().map(|(name, _)| *name).collect();
        files.sort();
        shipped.sort_unstable();
        assert_eq!(files, shipped);
    }
}
