//! Who may use a route: the first argument of every handler, and the compiler refuses a handler without one
//! (`routes::Routes`). A guard in a signature reads as the rule: `officer: SignedIn<Administrator>`.
//! What an officer may see beyond that follows from the region of their office.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use credential::region::Region;
use credential::time::UnixTime;
use issuance::actor::Actor;
use issuance::officer::{Officer, Role};
use issuance::text::Line;

use crate::web::app::App;
use crate::web::client::ApiClient;
use crate::web::refused::Refused;
use crate::web::scope::Scope;
use crate::web::session::{Session, Stage};
use crate::web::token::Token;
use crate::web::visit::Visit;
use issuance::register::OfficeStore;

/// What a handler's first argument says about who may call it.
pub trait Guard {
    /// In the table of routes.
    const WHO: Who;
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody: health, assets, the sign-in page.
    Anyone,
    /// An officer who is still signing in.
    SigningIn,
    /// An officer with one of these powers; any officer where the list is empty.
    Officer(&'static [Role]),
    /// A program with a token of one of these scopes, for an officer with one of these powers; any officer where
    /// the second list is empty.
    Client(&'static [Scope], &'static [Role]),
}

/// A power, or several of which one is enough.
pub trait Power: Send + Sync + 'static {
    /// Which; empty means that every officer has it.
    const ROLES: &'static [Role];
}

/// One line a power: its name in signatures, and the roles that have it.
macro_rules! powers {
    ($($(#[$doc:meta])* $name:ident [$($role:ident),*];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Power for $name {
            const ROLES: &'static [Role] = &[$(Role::$role),*];
        }
    )*};
}

powers! {
    /// Every officer.
    Any [];
    /// 受理
    Clerk [Clerk];
    /// 评定
    Assessor [Assessor];
    /// 审核
    Reviewer [Reviewer];
    /// 批准
    Approver [Approver];
    /// 制证
    CardOperator [CardOperator];
    /// 审计
    Auditor [Auditor];
    /// 管理
    Administrator [Administrator];
    /// Everybody who works on cases.
    Casework [Clerk, Assessor, Reviewer, Approver, CardOperator];
    /// Everybody who may look at certificates; doctors need none.
    ReadsCertificates [Clerk, Reviewer, Approver, CardOperator, Auditor];
    /// Everybody who may look at cases.
    ReadsCases [Clerk, Assessor, Reviewer, Approver, CardOperator, Auditor];
}

/// Anybody, signed in or not.
#[derive(Clone, Debug)]
pub struct Anyone {
    /// The request.
    pub visit: Visit,
}

impl Guard for Anyone {
    const WHO: Who = Who::Anyone;
}

impl FromRequestParts<App> for Anyone {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refused> {
        Ok(Self { visit: visit(parts)? })
    }
}

/// An officer whose password was right and who has more to do.
#[derive(Clone, Debug)]
pub struct SigningIn {
    /// The request.
    pub visit: Visit,
    /// The session; its stage may be any.
    pub session: Session,
    /// Who.
    pub officer: Officer,
}

impl Guard for SigningIn {
    const WHO: Who = Who::SigningIn;
}

impl SigningIn {
    /// Refuses a page of another stage: the browser is sent to its own.
    pub fn must_be_at(&self, stage: Stage) -> Result<(), Refused> {
        if self.session.stage == stage { Ok(()) } else { Err(Refused::Unfinished(self.session.stage)) }
    }

    /// The cookie's token; there is one, or there would be no session.
    pub fn token(&self) -> Result<&Token, Refused> {
        self.visit.token().ok_or(Refused::SignInFirst)
    }
}

impl FromRequestParts<App> for SigningIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let visit = visit(parts)?;
        let digestible = visit.clone();
        let life = app.settings.sessions;
        let found = app.desk.run(move |desk| {
            let Some(token) = digestible.token() else { return Ok(None) };
            let (connection, now) = (desk.connection(), digestible.now());
            let session = match digestible.is_stream() {
                // A page that is left open does not keep its officer signed in.
                true => Session::find(connection, token, life, now)?,
                false => Session::resume(connection, token, life, now)?,
            };
            let Some(session) = session else { return Ok(None) };
            Ok(desk.register.officer(session.officer)?.map(|officer| (session, officer)))
        });
        // An officer who has left keeps their row and loses their sessions.
        let (session, officer) =
            found.await?.filter(|(_, officer)| officer.active).ok_or(Refused::SignInFirst)?;
        visit.note_officer(officer.id);
        Ok(Self { visit, session, officer })
    }
}

/// An officer who is signed in and has the power `P`.
#[derive(Clone, Debug)]
pub struct SignedIn<P: Power = Any> {
    /// The request.
    pub visit: Visit,
    /// Who, with their office.
    pub officer: Officer,
    /// From where, as the audit keeps it.
    pub origin: Line,
    power: PhantomData<P>,
}

impl<P: Power> Guard for SignedIn<P> {
    const WHO: Who = Who::Officer(P::ROLES);
}

impl<P: Power> SignedIn<P> {
    /// When.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.visit.now()
    }

    /// Who acts, when and from where: what use cases ask for.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { officer: &self.officer, now: self.now(), origin: &self.origin }
    }

    /// The region whose cases this officer sees.
    #[must_use]
    pub fn scope(&self) -> Region {
        self.officer.office.region
    }

    /// What lies outside the officer's region does not exist for them.
    pub fn must_serve(&self, region: Region) -> Result<(), Refused> {
        self.officer.must_serve(region).map_err(Refused::from)
    }
}

impl<P: Power> FromRequestParts<App> for SignedIn<P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let SigningIn { visit, session, officer } =
            <SigningIn as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        if session.stage != Stage::Full {
            return Err(Refused::Unfinished(session.stage));
        }
        if !P::ROLES.is_empty() && !P::ROLES.iter().any(|role| officer.roles.has(*role)) {
            return Err(Refused::PowerMissing);
        }
        let origin = visit.origin().ok_or(Refused::Failed)?;
        Ok(Self { visit, officer, origin, power: PhantomData })
    }
}

/// For pages that look different to somebody signed in.
impl OptionalFromRequestParts<App> for SignedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Refused> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(officer) => Ok(Some(officer)),
            Err(Refused::SignInFirst | Refused::Unfinished(_)) => Ok(None),
            Err(refused) => Err(refused),
        }
    }
}

/// Scopes of which one is enough.
pub trait Scoped: Send + Sync + 'static {
    /// Which.
    const SCOPES: &'static [Scope];
}

/// One line a guard of the API: its name in signatures, and the scopes that open it.
macro_rules! scoped {
    ($($(#[$doc:meta])* $name:ident [$($scope:ident),*];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Scoped for $name {
            const SCOPES: &'static [Scope] = &[$(Scope::$scope),*];
        }
    )*};
}

scoped! {
    /// People and cases.
    ToReadCases [ReadCases];
    /// New applications.
    ToWriteCases [WriteCases];
    /// Steps: which scope a verb needs is asked again.
    ToTakeSteps [WriteCases, Decide];
    /// Certificates.
    ToReadCertificates [ReadCertificates];
    /// The texts of QR codes.
    ToReadCredentials [ReadCredentials];
    /// Changes of status.
    ToChangeStatus [Status];
    /// Cards.
    ToMakeCards [Cards];
    /// Numbers in clear.
    ToExposeNumbers [ExposeNumbers];
}

/// A program, in the name of an officer who has the power `P`.
#[derive(Debug)]
pub struct Client<S: Scoped, P: Power = Any> {
    /// The request.
    pub visit: Visit,
    /// For whom it acts.
    pub officer: Officer,
    /// Which program.
    pub client: ApiClient,
    /// Which program and from where, as the audit keeps it.
    pub origin: Line,
    rule: PhantomData<(S, P)>,
}

/// By hand: a rule is a type without values, which need not be cloned.
impl<S: Scoped, P: Power> Clone for Client<S, P> {
    fn clone(&self) -> Self {
        let Self { visit, officer, client, origin, rule } = self;
        Self {
            visit: visit.clone(),
            officer: officer.clone(),
            client: client.clone(),
            origin: origin.clone(),
            rule: *rule,
        }
    }
}

impl<S: Scoped, P: Power> Guard for Client<S, P> {
    const WHO: Who = Who::Client(S::SCOPES, P::ROLES);
}

impl<S: Scoped, P: Power> Client<S, P> {
    /// When.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.visit.now()
    }

    /// Who acts, when and from where: what use cases ask for.
    #[must_use]
    pub fn actor(&self) -> Actor<'_> {
        Actor { officer: &self.officer, now: self.now(), origin: &self.origin }
    }

    /// The region whose cases this program sees.
    #[must_use]
    pub fn scope(&self) -> Region {
        self.officer.office.region
    }

    /// Refuses what the token is not for.
    pub fn must_be_for(&self, scope: Scope) -> Result<(), Refused> {
        if self.client.scopes.has(scope) { Ok(()) } else { Err(Refused::ScopeMissing) }
    }
}

impl<S: Scoped, P: Power> FromRequestParts<App> for Client<S, P> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let visit = visit(parts)?;
        let token = bearer(&parts.headers).ok_or(Refused::TokenRefused)?;
        let now = visit.now();
        let found = app.desk.run(move |desk| {
            let Some(client) = desk.register.client_by_token(&token.digest())? else { return Ok(None) };
            let Some(officer) = desk.register.officer(client.officer)? else { return Ok(None) };
            let is_locked = desk.account(officer.id)?.is_some_and(|account| account.is_locked(now));
            let counts = client.is_in_force(now) && officer.active && !is_locked;
            if counts && client.is_use_news(now) {
                desk.register.note_client_use(client.id, now)?;
            }
            Ok(counts.then_some((client, officer)))
        });
        // A stranger does not learn which of these it was.
        let (client, officer) = found.await?.ok_or(Refused::TokenRefused)?;
        visit.note_officer(officer.id);
        if !S::SCOPES.iter().any(|scope| client.scopes.has(*scope)) {
            return Err(Refused::ScopeMissing);
        }
        if !P::ROLES.is_empty() && !P::ROLES.iter().any(|role| officer.roles.has(*role)) {
            return Err(Refused::PowerMissing);
        }
        let origin = format!("api {} {}", client.id, visit.address());
        let origin = Line::parse(&origin).map_err(|_| Refused::Failed)?;
        Ok(Self { visit, officer, client, origin, rule: PhantomData })
    }
}

/// RFC 6750, 2.1. Cookies do not count here.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") { Token::parse_for_program(token.trim()) } else { None }
}

fn visit(parts: &Parts) -> Result<Visit, Refused> {
    parts.extensions.get::<Visit>().cloned().ok_or(Refused::Failed)
}
