//! Pilots: which features are on in which regions. The smallest region that has a switch counts: a county's before
//! its prefecture's, that before the province's. Where none has, the default of the feature holds.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::id::OfficerId;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Row, named_params};

/// What can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// QR codes on paper and telephone.
    QrCode,
    /// Smart cards, written at a desk.
    SmartCard,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::QrCode, Self::SmartCard];

    /// As stored, and as forms send it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QrCode => "qr_code",
            Self::SmartCard => "smart_card",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.as_str() == text)
    }

    /// What holds where nobody decided: QR codes need nothing new, cards need a desk.
    #[must_use]
    pub const fn is_on_by_default(self) -> bool {
        matches!(self, Self::QrCode)
    }
}

/// One switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pilot {
    /// Of which feature.
    pub feature: Feature,
    /// Where.
    pub region: Region,
    /// On or off.
    pub is_on: bool,
    /// Who switched it last.
    pub changed_by: OfficerId,
    /// When.
    pub changed_at: UnixTime,
}

/// Every switch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pilots(pub Vec<Pilot>);

impl Pilots {
    /// Reads every switch.
    pub fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let mut all = connection.prepare_cached(
            "SELECT feature, region, is_on, changed_by, changed_at FROM pilot ORDER BY feature, region",
        )?;
        let pilots = all.query_map([], Pilot::from_row)?.collect::<Result<_, _>>()?;
        Ok(Self(pilots))
    }

    /// Whether a feature is on in a region.
    #[must_use]
    pub fn is_on(&self, feature: Feature, region: Region) -> bool {
        let switches =
            self.0.iter().filter(|pilot| pilot.feature == feature && pilot.region.contains(region));
        // Within one chain of regions the smaller one has the longer code.
        switches
            .max_by_key(|pilot| pilot.region.code())
            .map_or_else(|| feature.is_on_by_default(), |pilot| pilot.is_on)
    }
}

impl Pilot {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let broken =
            |column: usize, name: &str, r#type| Error::InvalidColumnType(column, name.into(), r#type);
        let feature: String = row.get("feature")?;
        let region: i64 = row.get("region")?;
        Ok(Self {
            feature: Feature::parse(&feature).ok_or_else(|| broken(0, "feature", Type::Text))?,
            region: Region::from_code(region.unsigned_abs())
                .map_err(|_| broken(1, "region", Type::Integer))?,
            is_on: row.get("is_on")?,
            changed_by: OfficerId::from_stored(row.get("changed_by")?),
            changed_at: UnixTime::from_seconds(row.get::<_, i64>("changed_at")?.unsigned_abs()),
        })
    }

    /// Switches a feature for a region.
    pub fn save(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Self { feature, region, is_on, changed_by, changed_at } = self;
        connection.execute(
            "INSERT INTO pilot (feature, region, is_on, changed_by, changed_at)
             VALUES (:feature, :region, :is_on, :changed_by, :changed_at)
             ON CONFLICT (feature, region) DO UPDATE SET
               is_on = :is_on, changed_by = :changed_by, changed_at = :changed_at",
            named_params! {
                ":feature": feature.as_str(), ":region": region.code(), ":is_on": is_on,
                ":changed_by": changed_by.get(), ":changed_at": changed_at.as_seconds() as i64,
            },
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pilot(region: u64, is_on: bool) -> Pilot {
        let (feature, region) = (Feature::SmartCard, Region::from_code(region).unwrap());
        Pilot {
            feature,
            region,
            is_on,
            changed_by: OfficerId::from_stored(1),
            changed_at: UnixTime::from_seconds(0),
        }
    }

    #[test]
    fn the_smallest_region_with_a_switch_counts() {
        let pilots = Pilots(vec![pilot(22, true), pilot(2201, false), pilot(220_102, true)]);
        let is_on = |region| pilots.is_on(Feature::SmartCard, Region::from_code(region).unwrap());
        assert!(is_on(220_102), "the county's own");
        assert!(!is_on(220_103), "its prefecture's");
        assert!(is_on(220_202), "its province's");
        assert!(!is_on(210_102), "another province has none");
    }

    #[test]
    fn without_a_switch_there_are_qr_codes_and_no_cards() {
        let county = Region::from_code(220_102).unwrap();
        assert!(Pilots::default().is_on(Feature::QrCode, county));
        assert!(!Pilots::default().is_on(Feature::SmartCard, county));
    }
}
