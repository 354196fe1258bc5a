//! The verdict on one input, with what may be said beside it.
//! The decision is `verifier`'s; this adds what identifies a refused credential: key id, kind, index.

use credential::grant::Grant;
use credential::qr_text::QrText;
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

/// Judges what was found.
pub(crate) fn judge(input: &Input, bundle: &Result<Bundle, Refusal>, check: &Check<'_>) -> Judged {
    let bundle_age_seconds = bundle.as_ref().ok().map(|bundle| bundle.age_seconds(check.now));
    let undecided =
        |verdict| Judged { verdict, bytes: None, modules: None, claimed: None, bundle_age_seconds };
    let found = match &input.found {
        Ok(found) => found,
        Err(why) => return undecided(Verdict::Unreadable(*why)),
    };
    let text = match read_qr_text(&found.text) {
        Ok(text) => text,
        Err(refusal) => return Judged { modules: found.modules, ..undecided(Verdict::Refused(refusal)) },
    };
    let verdict = match decide(&text, bundle, check) {
        Ok(accepted) => Verdict::Accepted(Box::new(Shown::new(accepted))),
        Err(refusal) => Verdict::Refused(refusal),
    };
    Judged {
        verdict,
        bytes: Some(text.as_bytes().len()),
        modules: found.modules,
        claimed: Claimed::read(text.as_bytes()),
        bundle_age_seconds,
    }
}

/// The form is judged first, so that 10 to 12 need no bundle.
fn decide<'t>(
    text: &'t QrText,
    bundle: &Result<Bundle, Refusal>,
    check: &Check<'_>,
) -> Result<Accepted<'t>, Refusal> {
    Unverified::parse(text.as_bytes())?;
    match bundle {
        Ok(bundle) => verify(text.as_bytes(), bundle, check),
        Err(refusal) => Err(*refusal),
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
