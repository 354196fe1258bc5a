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

impl<T: Send + 'static> Write<T> {
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
        let (status, json, is_replay) = done.await?;
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
        if is_replay {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}

/// Answers from before it are forgotten.
#[must_use]
pub fn since(now: UnixTime) -> UnixTime {
    UnixTime::from_seconds(now.as_seconds().saturating_sub(KEPT_SECONDS))
}

/// The answer of before, if it was to the same request.
fn replay(kept: &[u8], request: &Digest) -> Result<(StatusCode, Vec<u8>, bool), Refused> {
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
        let key = key(request.headers())?.to_owned();
        let mut hash = Sha256::new();
        for part in [request.method().as_str(), request.uri().path()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let bytes = receive(request, state).await?;
        hash.update(&bytes);
        Ok(Self { body: parse(&bytes)?, key, request: hash.finalize().into() })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        parse(&receive(request, state).await?).map(Self)
    }
}

fn key(headers: &HeaderMap) -> Result<&str, Refused> {
    let value = headers.get(KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    let is_key =
        |key: &&str| (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    value.filter(is_key).ok_or(Refused::KeyMissing)
}

/// The gate has limited size and time before.
async fn receive<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
        return Err(Refused::MediaType);
    }
    Bytes::from_request(request, state).await.map_err(|_| Refused::Unreadable)
}

/// What serde says can repeat a value; its place cannot.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(bytes)
        .map_err(|error| Refused::Shape { line: error.line(), column: error.column() })
}

/// As the draft names it.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is one of before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// A UUID has 36.
const MAX_KEY_CHARS: usize = 64;
/// A program that was down over a night asks again within it.
const KEPT_SECONDS: u64 = 24 * 3600;
