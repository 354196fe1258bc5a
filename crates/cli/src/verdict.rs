//! The verdict on one input, with what may be said beside it.
//! The decision is `verifier`'s; this adds what identifies a refused credential: key id, kind, index.

use credential::grant::Grant;
use credential::region::Region;
use credential::sign1::{Content, Sign1};
use credential::{Credential, Kid, Kind, UnixTime};
use verifier::{Accepted, Award, Bundle, Check, Facts, Refusal, Unverified, read_qr_text, verify};

use crate::holder::Holder;
use crate::input::Input;
use crate::unreadable::Unreadable;

/// The final word, and what was seen on the way to it.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// Signed bytes in the text, where it was one.
    pub(crate) bytes: Option<usize>,
    /// Side of the QR code, where there was one.
    pub(crate) modules: Option<u32>,
    /// What the credential claims to be, where it parses. Below refusal 30 nobody vouches for it.
    pub(crate) claimed: Option<Claimed>,
    /// How old the bundle is, where there is one.
    pub(crate) bundle_age_seconds: Option<u64>,
}

/// Three ways to end.
pub(crate) enum Verdict {
    /// Yes.
    Accepted(Box<Shown>),
    /// No.
    Refused(Refusal),
    /// Nothing to judge.
    Unreadable(Unreadable),
}

/// Why a card gave nothing to judge: it says of itself that it is out of use, or it could not be read.
#[derive(Clone, Copy)]
pub(crate) enum NoBytes {
    /// No, by the card's own word.
    Refused(Refusal),
    /// Nothing to judge.
    Unreadable(Unreadable),
}

/// What names a credential without naming a person.
#[derive(Clone, Copy)]
pub(crate) struct Claimed {
    pub(crate) kid: Kid,
    pub(crate) kind: Kind,
    pub(crate) status_index: u32,
}

/// What the purpose may see of an accepted credential.
pub(crate) struct Shown {
    pub(crate) expires: UnixTime,
    pub(crate) possession_proven: bool,
    pub(crate) jurisdiction: Option<Region>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) holder: Option<Holder>,
    /// What a policy pack awards.
    pub(crate) award: Option<Award>,
}

/// Judges the signed bytes that a card gave.
pub(crate) fn judge_bytes(bytes: &[u8], bundle: &Result<Bundle, Refusal>, check: &Check<'_>) -> Judged {
    let verdict = match decide(bytes, bundle, check) {
        Ok(accepted) => Verdict::Accepted(Box::new(Shown::new(accepted))),
        Err(refusal) => Verdict::Refused(refusal),
    };
    Judged {
        bytes: Some(bytes.len()),
        claimed: Claimed::read(bytes),
        ..Judged::undecided(verdict, bundle, check.now)
    }
}

/// Judges what was found.
pub(crate) fn judge(input: &Input, bundle: &Result<Bundle, Refusal>, check: &Check<'_>) -> Judged {
    let undecided = |verdict| Judged::undecided(verdict, bundle, check.now);
    let found = match &input.found {
        Ok(found) => found,
        Err(why) => return undecided(Verdict::Unreadable(*why)),
    };
    let text = match read_qr_text(&found.text) {
        Ok(text) => text,
        Err(refusal) => return Judged { modules: found.modules, ..undecided(Verdict::Refused(refusal)) },
    };
    Judged { modules: found.modules, ..judge_bytes(text.as_bytes(), bundle, check) }
}

/// The form is judged first, so that 10 to 12 need no bundle.
fn decide<'t>(
    bytes: &'t [u8],
    bundle: &Result<Bundle, Refusal>,
    check: &Check<'_>,
) -> Result<Accepted<'t>, Refusal> {
    Unverified::parse(bytes)?;
    match bundle {
        Ok(bundle) => verify(bytes, bundle, check),
        Err(refusal) => Err(*refusal),
    }
}

impl Judged {
    /// Where there are no signed bytes to judge.
    pub(crate) fn without_bytes(why: NoBytes, bundle: &Result<Bundle, Refusal>, now: UnixTime) -> Self {
        let verdict = match why {
            NoBytes::Refused(refusal) => Verdict::Refused(refusal),
            NoBytes::Unreadable(why) => Verdict::Unreadable(why),
        };
        Self::undecided(verdict, bundle, now)
    }

    fn undecided(verdict: Verdict, bundle: &Result<Bundle, Refusal>, now: UnixTime) -> Self {
        let bundle_age_seconds = bundle.as_ref().ok().map(|bundle| bundle.age_seconds(now));
        Self { verdict, bytes: None, modules: None, claimed: None, bundle_age_seconds }
    }
}

impl Claimed {
    fn read(bytes: &[u8]) -> Option<Self> {
        let envelope = Sign1::parse(bytes, Content::Credential).ok()?;
        let claims = Credential::decode(envelope.payload()).ok()?;
        Some(Self { kid: envelope.kid(), kind: claims.kind(), status_index: claims.status().as_u32() })
    }
}

impl Shown {
    fn new(accepted: Accepted<'_>) -> Self {
        let Accepted { expires, possession_proven, facts, award, .. } = accepted;
        let shown =
            Self { expires, possession_proven, jurisdiction: None, grants: Vec::new(), holder: None, award };
        match facts {
            Facts::Pass { jurisdiction, grants } => {
                Self { jurisdiction: Some(jurisdiction), grants, ..shown }
            }
            Facts::Holder { name } => Self { holder: Some(Holder::named(name)), ..shown },
            Facts::Office(certificate) => Self {
                jurisdiction: Some(certificate.county),
                holder: Some(Holder::whole(&certificate)),
                ..shown
            },
        }
    }
}
