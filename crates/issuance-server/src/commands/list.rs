//! `list`: applications, certificates, or those of them that come to their renewal, masked.

use clap::{Args, ValueEnum};
use credential::time::Date;
use issuance::application::Filed;
use issuance::calendar::Calendar;
use issuance::certificate::Certificate;
use issuance::local::LocalRules;
use issuance::person::Person;
use issuance::register::{CaseQuery, CertificateQuery, Register};
use issuance::renewal::{self, A_PAGE, Term};
use issuance::status_change::Standing;
use issuance::transition::State;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::issue::CredentialRow;
use crate::error::Error;
use crate::output::Output;

/// Arguments of `list`.
#[derive(Args)]
pub(crate) struct List {
    /// 列什么。 ¦ What to list.
    #[arg(value_enum, default_value_t = What::Certificates)]
    what: What,
    /// 只列此状态：申请如 noticed、reviewed、approved；证件如 valid、suspended、revoked；换领 due、ended。 ¦ Only those that stand here: noticed, reviewed, approved ...; valid, suspended, revoked; renewals due, ended.
    #[arg(long)]
    state: Option<String>,
    /// 地区代码。 ¦ Only of this region.
    #[arg(long, default_value = "0")]
    region: String,
    /// 最多多少行。 ¦ At most so many lines.
    #[arg(long, default_value_t = usize::MAX, hide_default_value = true)]
    limit: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    Applications,
    Certificates,
    /// 换领期内和已到期未换领的证件。 ¦ Certificates that may be renewed, and those that have ended.
    Renewals,
}

impl List {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let register = context.folder()?.register()?;
        match self.what {
            What::Applications => self.applications(&register, output),
            What::Certificates => self.certificates(&register, output),
            What::Renewals => self.renewals(&register, context.now()?.date_in_china(), output),
        }
    }

    fn applications(&self, register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
        let state = parsed(self.state.as_deref(), State::parse)?;
        let calendar = Calendar::shipped()?;
        let mut query = CaseQuery { state, ..CaseQuery::all(self.region()?, PAGE) };
        let mut left = self.limit;
        while left > 0 {
            query.limit = left.min(PAGE);
            let page = register.applications(&query)?;
            query.after = page.last().map(|filed| filed.id);
            for filed in &page {
                application(register, filed, &calendar, output)?;
            }
            left -= page.len();
            if page.len() < query.limit {
                break;
            }
        }
        Ok(Exit::Good)
    }

    fn certificates(&self, register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
        let standing = parsed(self.state.as_deref(), Standing::parse)?;
        let mut query = CertificateQuery { standing, region: self.region()?, after: None, limit: PAGE };
        let mut left = self.limit;
        while left > 0 {
            query.limit = left.min(PAGE);
            let page = register.certificates(&query)?;
            query.after = page.last().map(|certificate| certificate.id);
            for one in &page {
                certificate(register, one, output)?;
            }
            left -= page.len();
            if page.len() < query.limit {
                break;
            }
        }
        Ok(Exit::Good)
    }

    /// County by county, what has ended before what is due, each in the order of its end.
    fn renewals(&self, register: &dyn Register, today: Date, output: &mut Output) -> Result<Exit, Error> {
        let only = parsed(self.state.as_deref(), Term::parse)?;
        let (rules, mut left) = (LocalRules::shipped()?, self.limit);
        for county in register.counties(self.region()?)? {
            for term in
                [Term::Ended, Term::Due].into_iter().filter(|term| only.is_none_or(|only| only == *term))
            {
                let mut after = None;
                while left > 0 {
                    let page = renewal::of_county(register, county, term, after, rules, today)?;
                    for one in page.iter().take(left) {
                        to_renew(register, one, term, output)?;
                    }
                    left = left.saturating_sub(page.len());
                    after = page.last().map(|one| (one.expires, one.id));
                    if page.len() < A_PAGE {
                        break;
                    }
                }
            }
        }
        Ok(Exit::Good)
    }

    fn region(&self) -> Result<credential::region::Region, Error> {
        credential::region::Region::parse(&self.region).map_err(|_| Error::Argument { name: "--region" })
    }
}

fn application(
    register: &dyn Register,
    filed: &Filed,
    calendar: &Calendar,
    output: &mut Output,
) -> Result<(), Error> {
    let person = person_of(register, filed.person)?;
    let application = &filed.application;
    let row = ApplicationRow {
        application: filed.id.get(),
        person: filed.person.get(),
        kind: application.request().kind.as_str(),
        state: application.state().as_str(),
        // A year without its calendar has no clock to show; the step itself will say so.
        due: application.due(calendar).ok().flatten().map(|date| date.to_string()),
        notice_until: application.notice_until().map(|date| date.to_string()),
        identity: person.identity.to_string(),
        name: application.request().particulars.name.to_string(),
        county: application.request().home.code(),
    };
    let language = output.language();
    let ApplicationRow { application: id, identity, name, county, due, .. } = &row;
    let state = language.pick(application.state().zh(), row.state);
    let kind = language.pick(application.request().kind.zh(), row.kind);
    let due = due.as_deref().unwrap_or_default();
    output.either(&row, format_args!("#{id:<6} {identity}  {name}  {county}  {kind}  {state}  {due}"))
}

fn certificate(register: &dyn Register, one: &Certificate, output: &mut Output) -> Result<(), Error> {
    let row = CertificateRow::of(register, one)?;
    let CertificateRow { certificate, number, name, county, expires, .. } = &row;
    let standing = output.language().pick(one.standing.zh(), one.standing.as_str());
    output.either(&row, format_args!("#{certificate:<6} {number}  {name}  {county}  {expires}  {standing}"))
}

fn to_renew(
    register: &dyn Register,
    one: &Certificate,
    term: Term,
    output: &mut Output,
) -> Result<(), Error> {
    let open = register.open_application(one.person)?.map(|id| id.get());
    let row = RenewalRow {
        certificate: CertificateRow::of(register, one)?,
        renewal: term.as_str(),
        application_open: open,
    };
    let CertificateRow { certificate, number, name, county, expires, .. } = &row.certificate;
    let word = match term {
        Term::Due => output.language().pick("换领期内", "due"),
        Term::Ended => output.language().pick("已到期", "ended"),
    };
    let open = open.map(|id| format!("#{id}")).unwrap_or_default();
    output
        .either(&row, format_args!("#{certificate:<6} {number}  {name}  {county}  {expires}  {word}  {open}"))
}

#[derive(Serialize)]
struct RenewalRow {
    #[serde(flatten)]
    certificate: CertificateRow,
    renewal: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_open: Option<i64>,
}

/// A certificate as lists show it: number and name masked.
#[derive(Serialize)]
pub(crate) struct CertificateRow {
    pub(crate) certificate: i64,
    pub(crate) application: i64,
    pub(crate) person: i64,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) county: u32,
    pub(crate) issued: String,
    pub(crate) expires: String,
    pub(crate) standing: &'static str,
    pub(crate) credentials: Vec<CredentialRow>,
}

impl CertificateRow {
    pub(crate) fn of(register: &dyn Register, certificate: &Certificate) -> Result<Self, Error> {
        let person = person_of(register, certificate.person)?;
        let credentials = register.credentials(certificate.id)?;
        Ok(Self {
            certificate: certificate.id.get(),
            application: certificate.application.get(),
            person: certificate.person.get(),
            number: certificate.number(person.identity).to_string(),
            name: person.particulars.name.to_string(),
            county: certificate.county.code(),
            issued: certificate.issued.date_in_china().to_string(),
            expires: certificate.expires.date_in_china().to_string(),
            standing: certificate.standing.as_str(),
            credentials: credentials
                .iter()
                .map(|credential| CredentialRow {
                    kind: credential.kind.to_string(),
                    kid: credential.kid.to_string(),
                    status_index: credential.index.as_u32(),
                    bytes: credential.bytes.len(),
                })
                .collect(),
        })
    }
}

pub(crate) fn person_of(register: &dyn Register, id: issuance::id::PersonId) -> Result<Person, Error> {
    Ok(register.person(id)?.ok_or(issuance::Error::NoPerson { person: id })?)
}

fn parsed<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Error> {
    text.map(|text| parse(text).ok_or(Error::Argument { name: "--state" })).transpose()
}

#[derive(Serialize)]
struct ApplicationRow {
    application: i64,
    person: i64,
    kind: &'static str,
    state: &'static str,
    due: Option<String>,
    notice_until: Option<String>,
    identity: String,
    name: String,
    county: u32,
}

const PAGE: usize = 1000;
