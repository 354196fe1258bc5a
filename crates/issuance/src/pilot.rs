//! Pilots: which features are on in which regions. The smallest region that has a switch counts: a county's before
//! its prefecture's, that before the province's. Where none has, the default of the feature holds.
//! Use cases ask here before they do what a region does not offer; a page that hides a button is not enough.

use credential::region::Region;
use credential::time::UnixTime;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::id::OfficerId;
use crate::officer::Role;
use crate::register::Register;
use crate::words::words;

words! {
    /// What can be switched.
    Feature {
        /// QR codes on paper and telephone.
        QrCode "qr_code" "二维码";
        /// Smart cards, written at a desk.
        SmartCard "smart_card" "智能卡";
        /// Papers are scanned and kept with the case; without them a case goes no further.
        Documents "documents" "电子材料";
    }
}

impl Feature {
    /// What holds where nobody decided: QR codes need nothing new; cards need a desk, scans a scanner.
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

    /// Refuses what the region does not offer.
    pub fn must_be_on(&self, feature: Feature, region: Region) -> Result<(), Error> {
        if self.is_on(feature, region) { Ok(()) } else { Err(Error::FeatureOff { feature, region }) }
    }
}

/// Switches a feature for a region of the administrator's.
pub fn switch(
    register: &mut dyn Register,
    feature: Feature,
    region: Region,
    is_on: bool,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    actor.officer.must_hold(Role::Administrator)?;
    actor.officer.must_serve(region)?;
    let pilot = Pilot { feature, region, is_on, changed_by: actor.officer.id, changed_at: actor.now };
    let audit = actor.entry_because(
        Deed::Other(Other::PilotSwitched),
        Subject::Register,
        match (feature, is_on) {
            (Feature::QrCode, true) => "qr_code_on",
            (Feature::QrCode, false) => "qr_code_off",
            (Feature::SmartCard, true) => "smart_card_on",
            (Feature::SmartCard, false) => "smart_card_off",
            (Feature::Documents, true) => "documents_on",
            (Feature::Documents, false) => "documents_off",
        },
    );
    Ok(register.switch_pilot(&pilot, &audit)?)
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
    fn without_a_switch_there_are_qr_codes_and_nothing_else() {
        let county = Region::from_code(220_102).unwrap();
        assert!(Pilots::default().is_on(Feature::QrCode, county));
        for feature in [Feature::SmartCard, Feature::Documents] {
            let off = Err(Error::FeatureOff { feature, region: county });
            assert_eq!(Pilots::default().must_be_on(feature, county), off);
        }
    }
}
