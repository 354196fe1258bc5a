//! People's facts on their way into columns and out again: the one place where they will be encrypted.
//! Everything that names a person or a diagnosis passes here: identity, particulars, components, the facts of a
//! step, the payload of a credential. Look-up is by a tag, never by the number itself in another column.

use credential::disability::{Component, Components};
use credential::number::IdentityNumber;
use issuance::person::{Guardian, Particulars};
use issuance::text::{Phone, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Turns facts into what a column holds, and back.
#[derive(Clone, Debug, Default)]
pub struct Personal(());

impl Personal {
    /// Columns hold facts as they are.
    #[must_use]
    pub fn in_clear() -> Self {
        Self(())
    }

    /// What a column holds.
    #[must_use]
    pub fn seal(&self, fact: &[u8]) -> Vec<u8> {
        fact.to_vec()
    }

    /// The inverse; `None` for what this did not seal.
    #[must_use]
    pub fn open(&self, column: Vec<u8>) -> Option<Vec<u8>> {
        Some(column)
    }

    /// By which a person is found again: the same for the same number, and nothing for who has no key.
    #[must_use]
    pub fn lookup(&self, identity: IdentityNumber) -> Vec<u8> {
        identity.first_17().to_be_bytes().to_vec()
    }

    /// By which a name or a birth date is found again; several people may share one.
    #[must_use]
    pub fn tag(&self, fact: &str) -> Vec<u8> {
        Sha256::digest(fact).iter().take(TAG_BYTES).copied().collect()
    }

    pub(crate) fn seal_identity(&self, identity: IdentityNumber) -> Vec<u8> {
        self.seal(identity.expose().as_bytes())
    }

    pub(crate) fn open_identity(&self, column: Vec<u8>) -> Option<IdentityNumber> {
        let text = String::from_utf8(self.open(column)?).ok()?;
        IdentityNumber::parse(&text).ok()
    }

    pub(crate) fn seal_components(&self, components: &Components) -> Vec<u8> {
        let codes: Vec<u8> = components.as_slice().iter().map(|component| component.code()).collect();
        self.seal(&codes)
    }

    pub(crate) fn open_components(&self, column: Vec<u8>) -> Option<Components> {
        let codes = self.open(column)?;
        let list = codes.into_iter().map(|code| Component::from_code(code.into())).collect::<Result<_, _>>();
        list.and_then(Components::from_sorted).ok()
    }

    pub(crate) fn seal_particulars(&self, particulars: &Particulars) -> Option<Vec<u8>> {
        let Particulars { name, ethnic_group, address, phone, guardian } = particulars;
        let columns = Columns {
            name: name.expose().into(),
            ethnic_group: ethnic_group.as_ref().map(|text| text.expose().into()),
            address: address.as_ref().map(|text| text.expose().into()),
            phone: phone.as_ref().map(|text| text.expose().into()),
            guardian: guardian.as_ref().map(|Guardian { name, relation, phone }| GuardianColumns {
                name: name.expose().into(),
                relation: relation.expose().into(),
                phone: phone.as_ref().map(|text| text.expose().into()),
            }),
        };
        serde_json::to_vec(&columns).ok().map(|json| self.seal(&json))
    }

    pub(crate) fn open_particulars(&self, column: Vec<u8>) -> Option<Particulars> {
        let Columns { name, ethnic_group, address, phone, guardian } =
            serde_json::from_slice(&self.open(column)?).ok()?;
        let guardian = match guardian {
            None => None,
            Some(GuardianColumns { name, relation, phone }) => Some(Guardian {
                name: Text::parse(&name).ok()?,
                relation: Text::parse(&relation).ok()?,
                phone: opened(phone, Phone::parse)?,
            }),
        };
        Some(Particulars {
            name: Text::parse(&name).ok()?,
            ethnic_group: opened(ethnic_group, Text::parse)?,
            address: opened(address, Text::parse)?,
            phone: opened(phone, Phone::parse)?,
            guardian,
        })
    }
}

/// Enough that two names of one county seldom share a tag.
const TAG_BYTES: usize = 12;

/// A missing text is fine; one that no longer parses is not.
fn opened<T, E>(text: Option<String>, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<Option<T>> {
    text.map(|text| parse(&text)).transpose().ok()
}

#[derive(Serialize, Deserialize)]
struct Columns {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ethnic_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guardian: Option<GuardianColumns>,
}

#[derive(Serialize, Deserialize)]
struct GuardianColumns {
    name: String,
    relation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}
