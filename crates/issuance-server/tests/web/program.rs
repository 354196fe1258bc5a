//! A program with a token, as the API knows it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use issuance::actor::Actor;
use issuance::id::ClientId;
use issuance::officer::Login;
use issuance::register::OfficeStore;
use issuance::text::Line;
use issuance_server::web::client::{self, NewClient};
use issuance_server::web::scope::{Scope, Scopes};
use issuance_server::web::token::Token;
use serde_json::Value;
use sha2::Digest;
use tower::ServiceExt;

use crate::browser::{Answer, Service};

/// A token, and the service it is for.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) service: Service,
    pub(crate) token: String,
    pub(crate) id: ClientId,
}

impl Program {
    /// With every scope.
    pub(crate) async fn of(service: &Service, login: &str) -> Self {
        Self::with(service, login, Scope::ALL).await
    }

    /// With these scopes, for thirty days, made by the province's administrator.
    pub(crate) async fn with(service: &Service, login: &str, scopes: &[Scope]) -> Self {
        let (scopes, now, random) = (scopes.to_vec(), service.now(), service.app.random.clone());
        let login = Login::parse(login).unwrap();
        let made = service.app.desk.run(move |desk| {
            let officer = desk.register.officer_by_login(&login)?.unwrap();
            // Of this province, or of the other one that a test may have.
            let root = ["root", "province-administrator"].into_iter().find_map(|login| {
                let root = desk.register.officer_by_login(&Login::parse(login)?).unwrap()?;
                root.must_serve(officer.office.region).is_ok().then_some(root)
            });
            let root = root.unwrap();
            let new = NewClient {
                officer: officer.id,
                name: Line::parse("窗口程序").unwrap(),
                scopes: Scopes::new(scopes).unwrap(),
                expires_at: now.plus_seconds(30 * 86_400),
            };
            let token = random.with(|rng| Token::generate(rng));
            let origin = Line::parse("command").unwrap();
            let actor = Actor { officer: &root, now, origin: &origin };
            let id = client::add(&mut desk.register, &new, &token, &actor)?;
            Ok((id, token.expose_for_program().to_string()))
        });
        let (id, token) = made.await.unwrap();
        Self { service: service.clone(), token, id }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// A write under a key of its own.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let mut bytes = [0; 16];
        self.service.app.random.with(|rng| rng.fill_bytes(&mut bytes));
        self.post_once(path, body, &hex::encode(bytes)).await
    }

    pub(crate) async fn post_once(&self, path: &str, body: &Value, key: &str) -> Answer {
        let request = self.request("POST", path).header(header::CONTENT_TYPE, "application/json");
        let request = request.header("idempotency-key", key);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A picture under a key of its own.
    pub(crate) async fn send_picture(&self, path: &str, kind: &str, picture: &[u8]) -> Answer {
        let key = hex::encode(sha2::Sha256::digest([path.as_bytes(), picture].concat()));
        let request = self.request("POST", path).header(header::CONTENT_TYPE, kind);
        let request = request.header("idempotency-key", key);
        self.send(request.body(Body::from(picture.to_vec())).unwrap()).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let bearer = format!("Bearer {}", self.token);
        Request::builder().method(method).uri(path).header(header::AUTHORIZATION, bearer)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.service.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    /// Its JSON, if it was answered so.
    pub(crate) fn json(&self, status: StatusCode) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }

    /// The stable name of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], self.status.as_u16());
        problem["code"].as_str().unwrap().to_owned()
    }
}
