//! The list of certificates, with what waits for a second officer.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use issuance::audit::{Deed, Other, Subject};
use issuance::certificate::Certificate;
use issuance::local::LocalRules;
use issuance::person::Person;
use issuance::register::{
    AuditStore, CertificateQuery, CertificateStore, ChangeQuery, ChangeStore, PersonStore,
};

use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCertificates, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::certificate::{renewal, said};
use crate::web::pages::home::Badge;
use crate::web::pages::person::standing;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CertificateUrl, Certificates, Renewals};
use crate::web::words::casework::Words;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Certificates, _, _>(list)
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "certificates.html")]
pub struct CertificatesPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// What waits for a second officer: page and what.
    pub waiting: Vec<(String, String)>,
    /// Each, and whether its renewal is due.
    pub rows: Vec<(Row, Option<Badge>)>,
    /// The next page.
    pub more: Option<String>,
    /// What comes to its renewal.
    pub renewals: String,
}

/// One certificate of the list.
#[derive(Debug)]
pub struct Row {
    /// Its page.
    pub url: String,
    /// Its number, masked.
    pub number: String,
    /// Whose.
    pub name: String,
    /// Until when.
    pub expires: String,
    /// Where it stands.
    pub standing: Badge,
}

impl Row {
    /// Of a certificate and its holder.
    #[must_use]
    pub fn of(certificate: &Certificate, person: &Person, lang: Lang) -> Self {
        Self {
            url: CertificateUrl { id: certificate.id }.to_string(),
            number: certificate.number(person.identity).to_string(),
            name: person.particulars.name.expose().to_owned(),
            expires: certificate.expires.date_in_china().to_string(),
            standing: standing(certificate.standing, lang),
        }
    }
}

async fn list(
    officer: SignedIn<ReadsCertificates>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let (lang, actor, after) = (officer.visit.lang(), officer.clone(), asked.get("after").parse().ok());
    let loaded = app.desk.run(move |desk| {
        let register = &mut desk.register;
        register.note(&actor.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        let rules = LocalRules::shipped()?;
        let query = CertificateQuery { standing: None, region: actor.scope(), after, limit: A_PAGE };
        let mut rows = Vec::new();
        for certificate in register.certificates(&query)? {
            let person = register.person(certificate.person)?.ok_or(Refused::Failed)?;
            let due = renewal(&certificate, rules, actor.now().date_in_china(), lang);
            rows.push((certificate.id, (Row::of(&certificate, &person, lang), due)));
        }
        let mut waiting = Vec::new();
        let query = ChangeQuery { region: actor.scope(), after: None, limit: A_PAGE };
        for (_, change) in register.waiting_changes(&query)? {
            let id = change.certificate();
            waiting.push((CertificateUrl { id }.to_string(), format!("#{id} · {}", said(&change, lang))));
        }
        Ok((rows, waiting))
    });
    let (rows, waiting) = loaded.await?;
    let last = rows.last().filter(|_| rows.len() == A_PAGE);
    let c = Words::of(lang);
    frame::show(&CertificatesPage {
        frame: Frame::inside(&app, &officer, c.certificates),
        c,
        waiting,
        more: last.map(|(id, _)| format!("{}?after={id}", Certificates {})),
        renewals: Renewals {}.to_string(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

const A_PAGE: usize = 50;
