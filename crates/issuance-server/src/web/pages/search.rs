//! Finding people: by number, by name, by birth date. Sent as a form, so that no name stands in an address or a log.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::number::{CertificateNumber, IdentityNumber};
use credential::time::Date;
use issuance::card::CardSerial;
use issuance::id::ApplicationId;
use issuance::person::Person;
use issuance::reading::{self, Search};
use issuance::register::Register;
use issuance::text::Name;

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCases, SignedIn};
use crate::web::lang::Lang;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CaseUrl, NewApplication, PersonUrl, Search as SearchUrl};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<SearchUrl, _, _>(page).post::<SearchUrl, _, _>(search)
}

/// The search and what it found.
#[derive(Debug, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// What was typed.
    pub form: Form,
    /// `None` before the first search.
    pub found: Option<Vec<Found>>,
    /// Where a new application begins.
    pub new_application: Option<String>,
}

/// One person that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Their page.
    pub url: String,
    /// Their name.
    pub name: String,
    /// Their identity number, masked.
    pub identity: String,
    /// Their home county.
    pub home: String,
    /// The number of their latest certificate, masked, with its standing.
    pub certificate: Option<String>,
}

async fn page(officer: SignedIn<ReadsCases>, State(app): State<App>) -> Result<Response, Refused> {
    show(&officer, &app, Form::default(), None)
}

async fn search(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let (lang, c) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let mut form = Form::of(&fields);
    let search = match Typed::parse(fields.get("query").trim()) {
        Some(Typed::Case(id)) => return Ok(Redirect::to(&CaseUrl { id }.to_string()).into_response()),
        Some(Typed::Person(search)) => search,
        Some(Typed::WrongNumber) => {
            form.fault("query", c.find_number);
            return show(&officer, &app, form, None);
        }
        None => {
            form.fault("query", c.find_empty);
            return show(&officer, &app, form, None);
        }
    };
    let actor = officer.clone();
    let found = app.desk.run(move |desk| {
        let people = reading::find(&mut desk.register, &search, &actor.actor())?;
        people.into_iter().map(|person| found(&desk.register, person, lang)).collect::<Result<Vec<_>, _>>()
    });
    let found = found.await?;
    show(&officer, &app, form, Some(found))
}

/// One line about a person.
pub(crate) fn found(register: &dyn Register, person: Person, lang: Lang) -> Result<Found, Refused> {
    let latest = register.certificates_of(person.id)?.pop().filter(|certificate| certificate.signed);
    let certificate = latest.map(|certificate| {
        let standing = lang.word(certificate.standing.zh(), certificate.standing.as_str());
        format!("{} · {standing}", certificate.number(person.identity))
    });
    Ok(Found {
        url: PersonUrl { id: person.id }.to_string(),
        name: person.particulars.name.expose().to_owned(),
        identity: person.identity.to_string(),
        home: lang.region(person.home),
        certificate,
    })
}

/// What the one search field can mean.
enum Typed {
    Case(ApplicationId),
    Person(Search),
    WrongNumber,
}

impl Typed {
    fn parse(text: &str) -> Option<Self> {
        if let Some(number) = text.strip_prefix('#').or_else(|| text.split_once('-').map(|(_, rest)| rest))
            && number.len() <= 9
            && let Ok(id) = number.parse()
        {
            return Some(Self::Case(id));
        }
        if let Ok(identity) = IdentityNumber::parse(&text.to_ascii_uppercase()) {
            return Some(Self::Person(Search::Identity(identity)));
        }
        if let Ok(number) = CertificateNumber::parse(&text.to_ascii_uppercase()) {
            return Some(Self::Person(Search::Identity(number.identity())));
        }
        if let Some(card) = CardSerial::parse(text) {
            return Some(Self::Person(Search::Card(card)));
        }
        if let Some(born) = date(text) {
            return Some(Self::Person(Search::Born(born)));
        }
        if let Some((name, born)) = text.rsplit_once(char::is_whitespace)
            && let (Ok(name), Some(born)) = (Name::parse(name), date(born))
        {
            return Some(Self::Person(Search::Likeness(name, born)));
        }
        if text.chars().filter(char::is_ascii_digit).count() > 8 {
            return Some(Self::WrongNumber);
        }
        Name::parse(text).ok().map(|name| Self::Person(Search::Name(name)))
    }
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text).or_else(|_| Date::parse_compact(text)).ok()
}

fn show(
    officer: &SignedIn<ReadsCases>,
    app: &App,
    form: Form,
    found: Option<Vec<Found>>,
) -> Result<Response, Refused> {
    let c = Words::of(officer.visit.lang());
    let may_enter = app.may_open::<NewApplication>(&officer.officer);
    frame::show(&SearchPage {
        frame: Frame::inside(app, officer, c.find),
        c,
        form,
        found,
        new_application: may_enter.then(|| NewApplication {}.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_understands_numbers_dates_names_and_cases() {
        let is = |text: &str, wanted: fn(&Typed) -> bool| {
            assert!(Typed::parse(text).is_some_and(|t| wanted(&t)), "{text}")
        };
        is("11010519491231002x", |t| matches!(t, Typed::Person(Search::Identity(_))));
        is("11010519491231002X43B1", |t| matches!(t, Typed::Person(Search::Identity(_))));
        is("110105194912310021", |t| matches!(t, Typed::WrongNumber));
        is("1949-12-31", |t| matches!(t, Typed::Person(Search::Born(_))));
        is("19491231", |t| matches!(t, Typed::Person(Search::Born(_))));
        is("欧阳建国 1949-12-31", |t| matches!(t, Typed::Person(Search::Likeness(..))));
        is("契玥·阿依古丽", |t| matches!(t, Typed::Person(Search::Name(_))));
        is("DC00000000000001", |t| matches!(t, Typed::Person(Search::Card(_))));
        is("220102-00817", |t| matches!(t, Typed::Case(id) if id.get() == 817));
        assert!(Typed::parse("").is_none());
    }
}
