//! What a pass entitles to (PROFILE.md, section 6).
//! Numbers are added, never reused.

use crate::error::Malformed;

macro_rules! grants {
    ($($number:literal $variant:ident $name:literal $zh:literal $en:literal),+ $(,)?) => {
        /// One entitlement.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Grant { $(#[doc = $en] $variant = $number),+ }

        impl Grant {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as policies and JSON have it.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }

            /// For people, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }

            /// For people, in English.
            #[must_use]
            pub fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
        }
    };
}

grants! {
    1 TransitFree "transit.free" "免费乘坐公共交通" "rides public transport free",
    2 TransitReduced "transit.reduced" "优惠乘坐公共交通" "rides public transport at a reduced fare",
    3 CompanionOne "companion.one" "可带一名陪护" "may bring one companion",
    4 ParkFree "park.free" "免费入园" "enters parks free",
    5 ParkingBay "parking.bay" "可用无障碍车位" "may use an accessible parking bay",
    6 Priority "priority" "优先办理" "is served first",
    7 PharmacyAssist "pharmacy.assist" "药房协助服务" "gets assistance at the pharmacy",
    8 TelecomDiscount "telecom.discount" "通信资费优惠" "gets a telecom discount",
    9 MedicalAid "medical.aid" "医疗救助" "may apply for medical aid",
    10 Rehabilitation "rehabilitation" "康复服务" "gets rehabilitation services",
    11 Education "education" "教育资助" "gets education support",
    12 EmploymentSingle "employment.single" "按一人计入就业比例" "counts once towards the employment quota",
    13 EmploymentDouble "employment.double" "按两人计入就业比例" "counts twice towards the employment quota",
    14 SubsidyLiving "subsidy.living" "困难残疾人生活补贴" "may apply for the living subsidy",
    15 SubsidyCare "subsidy.care" "重度残疾人护理补贴" "may apply for the care subsidy",
    16 RailSeat "rail.seat" "铁路专用席位" "may book a reserved rail seat",
}

impl Grant {
    /// From its number.
    pub fn from_number(number: u64) -> Result<Self, Malformed> {
        Self::ALL
            .iter()
            .copied()
            .find(|g| u64::from(g.number()) == number)
            .ok_or(Malformed::OutOfRange("grant"))
    }

    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|g| g.name() == name)
    }

    /// Its number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}
