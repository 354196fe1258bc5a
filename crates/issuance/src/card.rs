//! The card of a certificate in the register: which chip, which pass is on it, and how far the work has come.
//! Each acknowledged step of personalisation is a stage here; a stage holds what it proves, and none is skipped.
//! Knows nothing of commands to a card; whoever drives one says what came of it.

use std::fmt;

use credential::time::UnixTime;

use crate::certificate::SignedCredential;
use crate::id::{CardJobId, CertificateId};
use crate::register::PreparedCredential;

/// The work on one card, for one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardJob {
    /// Which one.
    pub id: CardJobId,
    /// For which certificate.
    pub certificate: CertificateId,
    /// How far it has come.
    pub stage: Stage,
}

/// How far the work on a card has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 待制卡: a blank card may be taken for it.
    Ordered,
    /// 已绑卡: this card and no other.
    Begun(CardSerial),
    /// 已备签: the pass over the card's own key is stored, byte for byte, and not signed yet.
    Prepared(CardSerial, CardPass),
    /// 待写卡: the pass is signed; the card may hold it, or some of it.
    Signed(CardSerial, CardPass, [u8; 64]),
    /// 已发卡: written, read back, and the card's key was seen to sign.
    Issued(CardSerial, CardPass, [u8; 64], UnixTime),
    /// 已作废: lost or given up. Its pass, if it had one, is revoked.
    Withdrawn(Option<CardSerial>, UnixTime),
}

/// What is prepared for a card: its key, and the pass that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPass {
    /// Ed25519 public key, made on the card.
    pub key: [u8; 32],
    /// The exact bytes of the pass but for its signature.
    pub prepared: PreparedCredential,
}

impl CardJob {
    /// The card it is bound to.
    #[must_use]
    pub fn card(&self) -> Option<CardSerial> {
        match &self.stage {
            Stage::Ordered => None,
            Stage::Begun(card)
            | Stage::Prepared(card, _)
            | Stage::Signed(card, ..)
            | Stage::Issued(card, ..) => Some(*card),
            Stage::Withdrawn(card, _) => *card,
        }
    }

    /// The pass as the card carries it, once it is signed.
    #[must_use]
    pub fn pass(&self) -> Option<SignedCredential> {
        let (Stage::Signed(_, pass, signature) | Stage::Issued(_, pass, signature, _)) = &self.stage else {
            return None;
        };
        let PreparedCredential { kind, kid, index, unsigned } = &pass.prepared;
        let bytes = unsigned.with_signature(signature);
        Some(SignedCredential { kind: *kind, kid: *kid, index: *index, bytes })
    }

    /// When it was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixTime> {
        if let Stage::Issued(.., at) = &self.stage { Some(*at) } else { None }
    }

    /// Whether a card still has to be written.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.stage, Stage::Issued(..) | Stage::Withdrawn(..))
    }
}

impl Stage {
    /// As stored, and in English.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Begun(_) => "begun",
            Self::Prepared(..) => "prepared",
            Self::Signed(..) => "signed",
            Self::Issued(..) => "issued",
            Self::Withdrawn(..) => "withdrawn",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn zh(&self) -> &'static str {
        match self {
            Self::Ordered => "待制卡",
            Self::Begun(_) => "已绑卡",
            Self::Prepared(..) => "已备签",
            Self::Signed(..) => "待写卡",
            Self::Issued(..) => "已发卡",
            Self::Withdrawn(..) => "已作废",
        }
    }

    /// Whether the work may go from here to there: one step forward with everything kept, or out.
    #[must_use]
    pub fn leads_to(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Ordered, Self::Begun(_)) => true,
            (Self::Begun(card), Self::Prepared(same, _)) => card == same,
            (Self::Prepared(card, pass), Self::Signed(same, kept, _)) => card == same && pass == kept,
            (Self::Signed(card, pass, signature), Self::Issued(same, kept, still, _)) => {
                card == same && pass == kept && signature == still
            }
            (Self::Withdrawn(..), _) => false,
            (_, Self::Withdrawn(..)) => true,
            _ => false,
        }
    }
}

/// The serial number of a card: names the chip, never the holder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardSerial([u8; 8]);

impl CardSerial {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// From 16 hexadecimal digits, as on the card's face.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| digits)?;
        Some(Self(number.to_be_bytes()))
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

/// 16 hexadecimal digits, as on the card's face.
impl fmt::Display for CardSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for CardSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardSerial({self})")
    }
}
