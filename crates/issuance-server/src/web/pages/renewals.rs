//! What comes to its renewal: for each county how many, and a county's list with those that end first at the head. From
//! there a clerk takes the application, or goes to the one that is open already.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::region::Region;
use credential::time::UnixTime;
use issuance::id::CertificateId;
use issuance::kind::Kind;
use issuance::local::LocalRules;
use issuance::officer::Role;
use issuance::renewal::{self, A_PAGE, Place, Renewal, Tally, Term};
use issuance::status_change::Standing;

use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCertificates, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::certificates::Row;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CaseUrl, Follow, KindWord, Renewals};
use crate::web::words::casework::Words;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Renewals, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "renewals.html")]
pub struct RenewalsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Each county; empty where one is shown.
    pub counties: Vec<CountyLine>,
    /// The county that is shown.
    pub county: Option<CountyList>,
}

/// How many there are in a county.
#[derive(Debug)]
pub struct CountyLine {
    /// Its name.
    pub name: String,
    /// Where those in the window of renewal are, and how many.
    pub due: (String, u64),
    /// Where those that ended are, and how many.
    pub ended: (String, u64),
}

/// One county's certificates.
#[derive(Debug)]
pub struct CountyList {
    /// Its name.
    pub name: String,
    /// Back to all counties, for those who see several.
    pub all: Option<String>,
    /// Address, word, how many, and whether it is shown, for each term.
    pub terms: Vec<(String, &'static str, u64, bool)>,
    /// The certificates.
    pub rows: Vec<ToRenew>,
    /// The next page.
    pub more: Option<String>,
}

/// One certificate to renew.
#[derive(Debug)]
pub struct ToRenew {
    /// The certificate.
    pub row: Row,
    /// What a clerk may do now: where, and the word.
    pub next: Option<(String, &'static str)>,
}

async fn page(
    officer: SignedIn<ReadsCertificates>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let lang = officer.visit.lang();
    let term = Term::parse(asked.get("term")).unwrap_or(Term::Due);
    let after = place(asked.get("after"));
    let wanted = Region::parse(asked.get("county")).ok().filter(|region| is_county(*region));
    let county = wanted.or_else(|| Some(officer.scope()).filter(|region| is_county(*region)));
    let actor = officer.clone();
    let loaded = app.desk.run(move |desk| {
        let (rules, actor) = (LocalRules::shipped()?, actor.actor());
        let tallies = renewal::tally(&desk.register, rules, &actor)?;
        let found = match county {
            None => Vec::new(),
            Some(county) => renewal::list(&mut desk.register, county, term, after, rules, &actor)?,
        };
        Ok((tallies, found))
    });
    let (tallies, found) = loaded.await?;
    let c = Words::of(lang);
    let list = |county| {
        let tally = tallies.iter().find(|tally| tally.county == county).copied();
        let last = found.last().filter(|_| found.len() == A_PAGE);
        let enters = officer.officer.roles.has(Role::Clerk);
        CountyList {
            name: lang.region(county),
            all: (officer.scope() != county).then(|| Renewals {}.to_string()),
            terms: terms(county, term, tally, c),
            rows: found.iter().map(|renewal| row(renewal, enters, lang)).collect(),
            more: last.map(|last| {
                let Renewal { certificate, .. } = last;
                let (end, id) = (certificate.expires.as_seconds(), certificate.id);
                format!("{}&after={end}-{id}", address(county, term))
            }),
        }
    };
    frame::show(&RenewalsPage {
        frame: Frame::inside(&app, &officer, c.renewals),
        c,
        county: county.map(list),
        counties: match county {
            None => tallies.iter().map(|tally| line(*tally, lang)).collect(),
            Some(_) => Vec::new(),
        },
    })
}

fn terms(
    county: Region,
    shown: Term,
    tally: Option<Tally>,
    c: &'static Words,
) -> Vec<(String, &'static str, u64, bool)> {
    let one = |term: &Term| {
        let (word, count) = match term {
            Term::Due => (c.renewals_due, tally.map(|tally| tally.due)),
            Term::Ended => (c.renewals_ended, tally.map(|tally| tally.ended)),
        };
        (address(county, *term), word, count.unwrap_or_default(), *term == shown)
    };
    Term::ALL.iter().map(one).collect()
}

fn line(Tally { county, due, ended }: Tally, lang: Lang) -> CountyLine {
    CountyLine {
        name: lang.region(county),
        due: (address(county, Term::Due), due),
        ended: (address(county, Term::Ended), ended),
    }
}

fn row(Renewal { certificate, person, open }: &Renewal, enters: bool, lang: Lang) -> ToRenew {
    let (c, id) = (Words::of(lang), certificate.id);
    let may_follow = enters && certificate.standing == Standing::Valid;
    let renew = || may_follow.then(|| (Follow { id, kind: KindWord(Kind::Renewal) }.to_string(), c.renew));
    ToRenew {
        row: Row::of(certificate, person, lang),
        next: open.map(|id| (CaseUrl { id }.to_string(), c.case_open)).or_else(renew),
    }
}

fn address(county: Region, term: Term) -> String {
    format!("{}?county={county}&term={}", Renewals {}, term.as_str())
}

/// The end and the number of the last certificate of a page.
fn place(text: &str) -> Option<Place> {
    let (end, id) = text.split_once('-')?;
    Some((UnixTime::from_seconds(end.parse().ok()?), id.parse::<CertificateId>().ok()?))
}

fn is_county(region: Region) -> bool {
    Region::county(region.code().into()).is_ok()
}
