//! Names of provinces, prefectures and counties by code, as people say them: `吉林省长春市南关区`.
//! The names are data (`regions.csv`). A code that is not in it, such as one that was merged away, stays a code.
//! Rules never ask here: what a region contains follows from its code alone (`credential::region`).

use std::collections::HashMap;
use std::sync::LazyLock;

use credential::region::Region;

/// The name of a region by itself: `南关区`.
#[must_use]
pub fn of(region: Region) -> Option<&'static str> {
    NAMES.get(&region.code()).copied()
}

/// The whole name, the wider regions first; `None` where the region itself has none.
#[must_use]
pub fn whole(region: Region) -> Option<String> {
    of(region)?;
    let wider = [region.code() / 10_000, region.code() / 100, region.code()];
    Some(wider.iter().filter_map(|code| NAMES.get(code).copied()).collect())
}

/// Every region within one, itself among them, with its whole name; by code.
#[must_use]
pub fn within(scope: Region) -> Vec<(Region, String)> {
    let codes = NAMES.keys().filter_map(|code| Region::from_code(u64::from(*code)).ok());
    let mut regions: Vec<Region> = codes.filter(|region| scope.contains(*region)).collect();
    // As an index of places is read: the province, its first prefecture, the counties of that, the next prefecture.
    regions.sort_by_key(|region| region.to_string());
    regions.into_iter().filter_map(|region| Some((region, whole(region)?))).collect()
}

static NAMES: LazyLock<HashMap<u32, &'static str>> = LazyLock::new(|| {
    let rows = include_str!("../regions.csv").lines().filter_map(|line| line.split_once(','));
    rows.filter_map(|(code, name)| Some((code.parse().ok()?, name))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn region(code: u64) -> Region {
        Region::from_code(code).unwrap()
    }

    #[test]
    fn a_county_is_said_with_what_it_lies_in() {
        assert_eq!(whole(region(220_102)).as_deref(), Some("吉林省长春市南关区"));
        assert_eq!(whole(region(2224)).as_deref(), Some("吉林省延边朝鲜族自治州"));
        assert_eq!(whole(region(22)).as_deref(), Some("吉林省"));
        // Counties of a municipality lie in no prefecture.
        assert_eq!(whole(region(110_105)).as_deref(), Some("北京市朝阳区"));
        assert_eq!((whole(region(229_999)), whole(Region::NATION)), (None, None));
    }

    #[test]
    fn every_line_of_the_data_is_a_region_with_a_name_in_a_province_of_the_list() {
        let lines: Vec<_> =
            include_str!("../regions.csv").lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines.len(), NAMES.len(), "a code stands there twice, or a line does not read");
        for line in lines {
            let (code, name) = line.split_once(',').unwrap();
            let region = Region::parse(code).unwrap();
            assert!(!name.is_empty() && of(region) == Some(name), "{line}");
            let province = code.get(..2).unwrap().parse().unwrap();
            assert!(of(Region::from_code(province).unwrap()).is_some(), "{line}");
        }
    }

    #[test]
    fn the_regions_within_one_are_its_own() {
        let jilin = within(region(22));
        assert_eq!(jilin.first().map(|(region, _)| region.code()), Some(22));
        assert!(jilin.iter().any(|(region, name)| region.code() == 220_102 && name == "吉林省长春市南关区"));
        assert!(jilin.iter().all(|(one, _)| region(22).contains(*one)) && jilin.len() > 60);
    }
}
