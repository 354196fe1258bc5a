//! What somebody wants to know when they check a credential. Policies have rules for a purpose,
//! and the verdict shows no more than the purpose needs.

use crate::grant::Grant;

macro_rules! purposes {
    ($($variant:ident $name:literal $zh:literal [$($grant:ident)*]),+ $(,)?) => {
        /// One purpose.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Purpose { $(#[doc = $zh] $variant),+ }

        impl Purpose {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as policies, JSON and the command line have it.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }

            /// For people, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }

            /// The grants of a pass that answer it; any one of them does.
            #[must_use]
            pub fn grants(self) -> &'static [Grant] { match self { $(Self::$variant => &[$(Grant::$grant),*]),+ } }
        }
    };
}

purposes! {
    Office "office" "窗口核验" [],
    Transit "transit" "公共交通" [TransitFree TransitReduced],
    Park "park" "公园景区" [ParkFree],
    Parking "parking" "无障碍车位" [ParkingBay],
    Priority "priority" "优先办理" [Priority],
    Pharmacy "pharmacy" "药房" [PharmacyAssist],
    Telecom "telecom" "通信资费" [TelecomDiscount],
    Medical "medical" "医疗救助" [MedicalAid],
    Rehabilitation "rehabilitation" "康复服务" [Rehabilitation],
    Education "education" "教育资助" [Education],
    Employment "employment" "就业比例" [EmploymentSingle EmploymentDouble],
    SubsidyLiving "subsidy.living" "生活补贴" [SubsidyLiving],
    SubsidyCare "subsidy.care" "护理补贴" [SubsidyCare],
    Rail "rail" "铁路席位" [RailSeat],
}

impl Purpose {
    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.name() == name)
    }
}
