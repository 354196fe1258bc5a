//! Writes that are done once: each carries a key, and what it was answered with is kept under the key for a day, in
//! the transaction of the write. Sent again, it is answered from there and nothing more is done; so a program that did
//! not hear the answer, or a service that was killed before it could speak, loses and doubles nothing.
//! Follows draft-ietf-httpapi-idempotency-key-header. A refusal is not kept: nothing was done, and it may be tried again.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use credential::time::UnixTime;
use issuance::register::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use crate::sqlite::SqliteRegister;
use crate::web::app::App;
use crate::web::guard::{Client, Power, Scoped};
use crate::web::refused::Refused;

/// A body of JSON, read into types.
pub struct Json<T>(pub T);

/// A write: its body, and the key under which it is done once.
pub struct Write<T> {
    /// What is asked for.
    pub body: T,
    key: String,
    request: Digest,
}

/// A picture as it was sent. What it calls itself is not believed: what it is, its bytes tell.
pub struct Sent(pub Bytes);

impl<T: Send + 'static> Write<T> {
    /// The same write, with what was made of its body.
    pub fn with<U>(self, body: U) -> Write<U> {
        Write { body, key: self.key, request: self.request }
    }

    /// The answer of before, for a write with dear work to be done outside the register.
    pub async fn before<S: Scoped, P: Power>(
        &self,
        app: &App,
        client: &Client<S, P>,
    ) -> Result<Option<Response>, Refused> {
        let (id, key, request, now) = (client.client.id, self.key.clone(), self.request, client.now());
        let kept = app.desk.run(move |desk| {
            let kept = desk.register.answer(id, &key, since(now))?;
            kept.map(|kept| replay(&kept, &request)).transpose()
        });
        Ok(kept.await?.map(respond))
    }

    /// Does the work and keeps its answer, both or none; or answers as before.
    pub async fn once<S: Scoped, P: Power, A: Serialize>(
        self,
        app: &App,
        client: &Client<S, P>,
        status: StatusCode,
        work: impl FnOnce(T, &mut SqliteRegister, &Client<S, P>) -> Result<A, Refused> + Send + 'static,
    ) -> Result<Response, Refused> {
        let Self { body, key, request } = self;
        let (id, now, client) = (client.client.id, client.now(), client.clone());
        let done = app.desk.run(move |desk| {
            desk.register.together(|register| {
                if let Some(kept) = register.answer(id, &key, since(now))? {
                    return replay(&kept, &request);
                }
                let answer = work(body, register, &client)?;
                let json = serde_json::to_vec(&answer).map_err(|_| Refused::Failed)?;
                let kept = [request.as_slice(), &status.as_u16().to_be_bytes(), &json].concat();
                register.keep_answer(id, &key, &kept, now)?;
                Ok((status, json, false))
            })
        });
        Ok(respond(done.await?))
    }
}

/// Status, JSON, and whether it is the answer of before.
type Kept = (StatusCode, Vec<u8>, bool);

fn respond((status, json, is_replay): Kept) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
    if is_replay {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// Answers from before it are forgotten.
#[must_use]
pub fn since(now: UnixTime) -> UnixTime {
    UnixTime::from_seconds(now.as_seconds().saturating_sub(KEPT_SECONDS))
}

/// The answer of before, if it was to the same request.
fn replay(kept: &[u8], request: &Digest) -> Result<Kept, Refused> {
    let (before, rest) = kept.split_first_chunk::<32>().ok_or(Refused::Failed)?;
    let (status, json) = rest.split_first_chunk::<2>().ok_or(Refused::Failed)?;
    if before != request {
        return Err(Refused::KeyReused);
    }
    let status = StatusCode::from_u16(u16::from_be_bytes(*status)).map_err(|_| Refused::Failed)?;
    Ok((status, json.to_vec(), true))
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Write<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let write = write(request, state, JSON).await?;
        let body = parse(&write.body)?;
        Ok(Self { body, key: write.key, request: write.request })
    }
}

impl<S: Send + Sync> FromRequest<S> for Write<Sent> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let write = write(request, state, PICTURES).await?;
        let body = Sent(write.body.clone());
        Ok(write.with(body))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        parse(&receive(request, state, JSON).await?).map(Self)
    }
}

fn key(headers: &HeaderMap) -> Result<&str, Refused> {
    let value = headers.get(KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    let is_key =
        |key: &&str| (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    value.filter(is_key).ok_or(Refused::KeyMissing)
}

/// What was asked for under a key: where, and with which bytes.
async fn write<S: Send + Sync>(request: Request, state: &S, kinds: &[&str]) -> Result<Write<Bytes>, Refused> {
    let key = key(request.headers())?.to_owned();
    let mut hash = Sha256::new();
    let address = request.uri().path_and_query().map_or("", |address| address.as_str());
    for part in [request.method().as_str(), address] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let body = receive(request, state, kinds).await?;
    hash.update(&body);
    Ok(Write { body, key, request: hash.finalize().into() })
}

/// The gate has limited size and time before.
async fn receive<S: Send + Sync>(request: Request, state: &S, kinds: &[&str]) -> Result<Bytes, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kinds.iter().any(|taken| kind.eq_ignore_ascii_case(taken))) {
        return Err(Refused::MediaType);
    }
    Bytes::from_request(request, state).await.map_err(|_| Refused::Unreadable)
}

/// What serde says can repeat a value; its place cannot.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(bytes)
        .map_err(|error| Refused::Shape { line: error.line(), column: error.column() })
}

const JSON: &[&str] = &["application/json"];
/// What is taken; `picture` looks again.
const PICTURES: &[&str] = &["image/jpeg", "image/png", "image/webp"];
/// As the draft names it.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is one of before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// A UUID has 36.
const MAX_KEY_CHARS: usize = 64;
/// A program that was down over a night asks again within it.
const KEPT_SECONDS: u64 = 24 * 3600;
