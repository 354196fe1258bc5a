//! Lists in pages: `after` is the number of the last row seen, `next` of an answer is what to send as `after`.
//! Rows are numbered as they come, so that a page never skips or repeats one while others are added.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::fields::{Asked, Fields};
use crate::web::refused::Refused;

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Paging {
    /// The last row that was seen.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: usize,
    /// What else stands in the address.
    pub rest: Fields,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// To be sent as `after` for the next page; null where nothing is left.
    #[schema(required = true)]
    pub next: Option<i64>,
}

impl Paging {
    /// A word of the address, if it stands there and is one of ours.
    pub fn word<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refused> {
        self.rest.find(name).map(|text| parse(text).ok_or(Refused::Unreadable)).transpose()
    }

    /// Where the next page begins, by what was looked at: a list that is filtered afterwards goes on all the same.
    #[must_use]
    pub fn next(&self, looked_at: usize, last: Option<i64>) -> Option<i64> {
        last.filter(|_| looked_at >= self.limit)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Asked(rest) = Asked::from_request_parts(parts, state).await?;
        let number = |name| rest.find(name).map(|text| text.parse::<i64>().map_err(|_| Refused::Unreadable));
        let (after, limit) = (number("after").transpose()?, number("limit").transpose()?);
        let limit = usize::try_from(limit.unwrap_or(USUAL)).map_err(|_| Refused::Unreadable)?;
        if !(1..=MOST).contains(&limit) {
            return Err(Refused::Unreadable);
        }
        Ok(Self { after, limit, rest })
    }
}

const USUAL: i64 = 50;
/// One page is answered within some milliseconds.
const MOST: usize = 200;
