//! What an inspector may see of a person: to compare with the face, the paper or another document.
//! Without a purpose the name alone; at an office the rest, with the number masked.

use credential::certificate::{Certificate, Document};
use serde::Serialize;

/// Facts of a person. No Debug: they are printed on purpose or not at all.
#[derive(Serialize)]
pub(crate) struct Holder {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) office: Option<Office>,
}

/// What only an office sees.
#[derive(Serialize)]
pub(crate) struct Office {
    /// Masked, as the middle is not needed to compare.
    pub(crate) number: Option<String>,
    pub(crate) other_document: Option<String>,
    pub(crate) birth_date: String,
    pub(crate) guardian: Option<String>,
    /// `41`: category and level of each component, heaviest first.
    pub(crate) components: Vec<Component>,
    pub(crate) issued: String,
}

/// One assessed component.
#[derive(Serialize)]
pub(crate) struct Component {
    pub(crate) category: u8,
    pub(crate) level: u8,
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Holder {
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), office: None }
    }

    pub(crate) fn whole(certificate: &Certificate<'_>) -> Self {
        let other_document = match certificate.document {
            Document::Other(text) => Some(text.to_owned()),
            Document::Identity(_) => None,
        };
        let birth_date = match certificate.document {
            Document::Identity(number) => Some(number.birth_date()),
            Document::Other(_) => certificate.birth_date,
        };
        let office = Office {
            number: certificate.number().map(|number| number.to_string()),
            other_document,
            birth_date: birth_date.map(|date| date.to_string()).unwrap_or_default(),
            guardian: certificate.guardian.map(str::to_owned),
            components: certificate.components.as_slice().iter().map(Component::new).collect(),
            issued: certificate.issued.date_in_china().to_string(),
        };
        Self { name: certificate.name.to_owned(), office: Some(office) }
    }
}

impl Component {
    fn new(component: &credential::disability::Component) -> Self {
        let (category, level) = (component.category, component.level);
        Self {
            category: category.digit(),
            level: level.digit(),
            zh: format!("{}{}", category.zh(), level.zh()),
            en: format!("{} level {}", category.en(), level.digit()),
        }
    }
}
