//! What a form sent, and how it is shown again when something is wrong: nothing that was typed is lost, but for
//! passwords. Fields are read by name and parsed into types by the page; faults stand at their field and in a summary
//! that links to it.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;

use crate::web::refused::Refused;

/// The fields of a form, in the order they came.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// From `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Result<Self, Refused> {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(body).map_err(|_| Refused::Unreadable)?;
        if pairs.len() > MAX_FIELDS {
            return Err(Refused::Unreadable);
        }
        Ok(Self(pairs))
    }

    /// A field; empty if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// A field, if it was sent.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every value of a field: ticked boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked, or one of several chosen.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// What may be kept over a new sign-in: no secrets, nothing of the frame's own.
    #[must_use]
    pub fn keepable(&self) -> Self {
        let own =
            |key: &str| key == FORM_TOKEN || key.starts_with(SECRET_PREFIX) || key.starts_with(KEPT_PREFIX);
        Self(self.0.iter().filter(|(key, _)| !own(key)).cloned().collect())
    }

    /// Every field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Back into one text, for a hidden field.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_urlencoded::to_string(&self.0).unwrap_or_default()
    }

    /// The same fields with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Only names: values are personal.
impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}

/// The gate has read and checked the body before; see `gate`.
impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let body = Bytes::from_request(request, state).await.map_err(|_| Refused::Unreadable)?;
        Self::parse(&body)
    }
}

/// What stands behind the `?` of an address.
#[derive(Clone, Debug, Default)]
pub struct Asked(pub Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        Fields::parse(parts.uri.query().unwrap_or_default().as_bytes()).map(Self)
    }
}

/// A form on a page: what was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Fields,
    faults: Vec<FieldFault>,
}

/// One fault at one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name, which is its `id` on the page too.
    pub field: &'static str,
    /// What, which rule, what now; in the reader's language.
    pub text: String,
}

impl Form {
    /// With what was typed, and no fault yet.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        Self { fields: fields.clone(), faults: Vec::new() }
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &'static str, text: impl Into<String>) {
        self.faults.push(FieldFault { field, text: text.into() });
    }

    /// The value, or a fault at the field.
    pub fn require<T>(&mut self, field: &'static str, value: Option<T>, text: &str) -> Option<T> {
        if value.is_none() {
            self.fault(field, text);
        }
        value
    }

    /// All faults, in the order of the fields.
    #[must_use]
    pub fn faults(&self) -> &[FieldFault] {
        &self.faults
    }

    /// Whether there is any.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// What was typed into a field.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Whether a box was ticked or an option chosen.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields.has(name, value)
    }

    /// The fault of a field.
    #[must_use]
    pub fn fault_of(&self, name: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == name).map(|fault| fault.text.as_str())
    }
}

/// The hidden field against requests forged by another site.
pub const FORM_TOKEN: &str = "form_token";
/// Fields with such names are secrets: never shown again, never kept.
pub const SECRET_PREFIX: &str = "secret_";
/// Fields with such names carry a kept form through a sign-in.
pub const KEPT_PREFIX: &str = "kept_";
/// The longest form has some thirty; a body of thousands is an attack on the parser.
const MAX_FIELDS: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_text_through_a_sign_in_but_for_secrets() {
        let sent =
            Fields::parse("name=%E7%8E%8B%26&role=a&role=b&secret_old=x&form_token=t".as_bytes()).unwrap();
        let kept = Fields::parse(sent.keepable().to_text().as_bytes()).unwrap();
        assert_eq!(kept.get("name"), "王&");
        assert!(kept.has("role", "b"));
        assert_eq!((kept.find("secret_old"), kept.find("form_token")), (None, None));
        assert_eq!(format!("{kept:?}"), r#"{"name", "role", "role"}"#);
    }

    #[test]
    fn a_body_of_thousands_of_fields_is_refused() {
        let body = "a=1&".repeat(501);
        assert_eq!(Fields::parse(body.as_bytes()).unwrap_err(), Refused::Unreadable);
    }
}
