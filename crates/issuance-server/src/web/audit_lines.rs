//! Rows of the audit as the auditor's pages show them: what was decided or changed stands out, reading is folded and
//! stands back, and ids are said by name where the auditor may know it.

use credential::region::Region;
use issuance::audit::{Deed, Entry, Other, Row, Subject};
use issuance::audit_story::{Told, fold};
use issuance::document::DocumentKind;
use issuance::pilot::Feature;
use issuance::register::Register;
use issuance::removal::RemovalReason;
use issuance::status_change::Reason;
use issuance::step::{Evidence, Refusal};
use issuance::text::Line as Text;

use crate::web::client::RevokeReason;
use crate::web::fields::Fields;
use crate::web::lang::Lang;
use crate::web::pages::person::{case_number, deed_word, officer_name, span, subject_word};
use crate::web::refused::Refused;
use crate::web::url::{CaseStory, CertificateUrl, PersonUrl};

/// One line of a story.
#[derive(Debug)]
pub struct Line {
    /// When; from and until, where it stands for several rows.
    pub at: String,
    /// The hour it began.
    pub hour: u64,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// With which facts, old before new.
    pub facts: String,
    /// About what.
    pub about: String,
    /// Its page, where the auditor may open it.
    pub url: Option<String>,
    /// From where.
    pub origin: String,
    /// How many rows it stands for.
    pub times: usize,
    /// How it looks.
    pub weight: Weight,
}

/// How much a line weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A decision or a change.
    Deed,
    /// Something to look at twice: a number in clear, a refused sign-in, an account reset.
    Warned,
    /// Reading.
    Read,
}

impl Weight {
    fn of(deed: Deed) -> Self {
        match deed {
            deed if deed.is_read() => Self::Read,
            Deed::Other(Other::Exposed | Other::SignInRefused | Other::AccountReset) => Self::Warned,
            _ => Self::Deed,
        }
    }

    /// The style.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deed => "done",
            Self::Warned => "warned",
            Self::Read => "read",
        }
    }
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Each.
    All,
    /// What was decided or changed.
    Deeds,
    /// What was read.
    Reads,
}

impl Only {
    /// All of them, with the word that an address has for each.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::All, ""), (Self::Deeds, "deeds"), (Self::Reads, "reads")];

    /// From behind the `?` of an address; anything unknown is all.
    #[must_use]
    pub fn of(asked: &Fields) -> Self {
        let wanted = asked.get("only");
        Self::ALL.iter().find(|(_, word)| *word == wanted).map_or(Self::All, |(only, _)| *only)
    }

    /// Whether a row is shown.
    #[must_use]
    pub fn takes(self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Deeds => !row.entry.deed.is_read(),
            Self::Reads => row.entry.deed.is_read(),
        }
    }
}

/// Folds rows and says them; `facts` knows more about some of them.
pub fn lines(
    register: &dyn Register,
    rows: Vec<Row>,
    scope: Region,
    lang: Lang,
    facts: impl Fn(&Entry) -> Option<String>,
) -> Result<Vec<Line>, Refused> {
    fold(rows).into_iter().map(|told| line(register, told, scope, lang, &facts)).collect()
}

fn line(
    register: &dyn Register,
    told: Told,
    scope: Region,
    lang: Lang,
    facts: &impl Fn(&Entry) -> Option<String>,
) -> Result<Line, Refused> {
    let Told { first, last, times } = told;
    let entry = first.entry;
    let (about, url) = about(register, entry.subject, scope, lang)?;
    let said = facts(&entry).filter(|text| !text.is_empty());
    Ok(Line {
        at: span(entry.at, last, lang),
        hour: entry.at.seconds_since(entry.at.date_in_china().start_in_china()) / 3600,
        who: register.officer(entry.who)?.map(|officer| officer_name(&officer)).unwrap_or_default(),
        what: deed_word(entry.deed, lang),
        facts: said.unwrap_or_else(|| reason_word(entry.reason.as_ref(), lang)),
        about,
        url,
        origin: entry.origin.expose().to_owned(),
        times,
        weight: Weight::of(entry.deed),
    })
}

/// What a row is about, by name where it lies in the auditor's region, and its page.
fn about(
    register: &dyn Register,
    subject: Subject,
    scope: Region,
    lang: Lang,
) -> Result<(String, Option<String>), Refused> {
    let named = match subject {
        Subject::Person(id) => {
            let person = register.person(id)?.filter(|person| scope.contains(person.home));
            person.map(|one| (one.particulars.name.expose().to_owned(), Some(PersonUrl { id }.to_string())))
        }
        Subject::Application(id) => {
            let is_seen = |filed: &issuance::application::Filed| {
                let request = filed.application.request();
                scope.contains(request.home) || scope.contains(request.desk)
            };
            register.application(id)?.filter(is_seen).map(|filed| {
                let name = filed.application.request().particulars.name.expose();
                (format!("{} {name}", case_number(&filed)), Some(CaseStory { id }.to_string()))
            })
        }
        Subject::Certificate(id) => {
            let certificate = register.certificate(id)?.filter(|one| scope.contains(one.county));
            let holder = certificate.map(|one| register.person(one.person)).transpose()?.flatten();
            holder.map(|one| {
                let name = one.particulars.name.expose();
                (format!("#{id} {name}"), Some(CertificateUrl { id }.to_string()))
            })
        }
        Subject::Officer(id) => register.officer(id)?.map(|officer| (officer_name(&officer), None)),
        Subject::Register | Subject::Bundle(_) => None,
    };
    let word = subject_word(subject, lang);
    Ok(match (named, subject) {
        (Some((name, url)), _) => (format!("{word} {name}"), url),
        (None, Subject::Register) => (word.to_owned(), None),
        (None, subject) => (format!("{word} #{}", subject.to_stored().1), None),
    })
}

/// The code of a reason, in words.
fn reason_word(reason: Option<&Text>, lang: Lang) -> String {
    let Some(code) = reason.map(Text::expose) else { return String::new() };
    let zh = Reason::parse(code).map(Reason::zh);
    let zh = zh.or_else(|| Evidence::parse(code).map(Evidence::zh));
    let zh = zh.or_else(|| Refusal::parse(code).map(Refusal::zh));
    let zh = zh.or_else(|| DocumentKind::parse(code).map(DocumentKind::zh));
    let zh = zh.or_else(|| RemovalReason::parse(code).map(RemovalReason::zh));
    let zh = zh.or_else(|| RevokeReason::parse(code).map(RevokeReason::zh));
    if let Some(zh) = zh {
        return lang.word(zh, code);
    }
    let switched = code.rsplit_once('_').and_then(|(feature, state)| {
        let words = lang.words();
        Some((Feature::parse(feature)?, if state == "on" { words.on } else { words.off }))
    });
    match switched {
        Some((feature, state)) => format!("{} · {state}", lang.word(feature.zh(), feature.as_str())),
        None => code.replace('_', " "),
    }
}
