//! The person's part of an application as JSON, under the names that files and pages use; faults name the same fields.

use issuance::fault::Field;
use issuance::form::Source;
use issuance::person::{Guardian, Particulars};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicantBody {
    /// The 18 characters of the identity card.
    #[schema(example = "11010519491231002X")]
    identity_number: String,
    /// The home county, 6 digits.
    #[schema(example = "220102")]
    county: String,
    /// The suffix of a certificate from before this register: empty, `B`, or `B1` to `B99`.
    #[serde(default)]
    suffix: String,
    /// What the certificate is to say.
    #[serde(flatten)]
    particulars: ParticularsBody,
}

/// What the face of a certificate says about a person, and how to reach them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParticularsBody {
    /// Full name, at most 50 characters.
    #[schema(example = "王小明")]
    name: String,
    /// 民族
    #[serde(default)]
    #[schema(example = "汉族")]
    ethnic_group: String,
    /// Where the person lives.
    #[serde(default)]
    #[schema(example = "南关区人民大街 1 号")]
    address: String,
    /// How to reach them.
    #[serde(default)]
    phone: String,
    /// Required for minors, intellectual and mental disability.
    #[serde(default)]
    guardian_name: String,
    /// `母亲`, `配偶`, ...
    #[serde(default)]
    guardian_relation: String,
    /// How to reach the guardian.
    #[serde(default)]
    guardian_phone: String,
}

impl Source for ApplicantBody {
    fn text(&self, field: Field) -> &str {
        match field {
            Field::IdentityNumber => &self.identity_number,
            Field::County => &self.county,
            Field::Suffix => &self.suffix,
            other => self.particulars.text(other),
        }
    }
}

impl Source for ParticularsBody {
    fn text(&self, field: Field) -> &str {
        match field {
            Field::Name => &self.name,
            Field::EthnicGroup => &self.ethnic_group,
            Field::Address => &self.address,
            Field::Phone => &self.phone,
            Field::GuardianName => &self.guardian_name,
            Field::GuardianRelation => &self.guardian_relation,
            Field::GuardianPhone => &self.guardian_phone,
            _ => "",
        }
    }
}

/// What was put right or is changed; who it is comes from the register.
pub struct Known<'a> {
    /// What was sent.
    pub body: &'a ParticularsBody,
    /// Where at home.
    pub home: String,
    /// Who.
    pub identity: String,
}

impl Source for Known<'_> {
    fn text(&self, field: Field) -> &str {
        match field {
            Field::IdentityNumber => &self.identity,
            Field::County => &self.home,
            other => self.body.text(other),
        }
    }
}

/// Particulars in an answer.
#[derive(Serialize, ToSchema)]
pub struct ParticularsView {
    name: String,
    ethnic_group: Option<String>,
    address: Option<String>,
    phone: Option<String>,
    guardian: Option<GuardianView>,
}

/// A guardian in an answer.
#[derive(Serialize, ToSchema)]
pub struct GuardianView {
    name: String,
    relation: String,
    phone: Option<String>,
}

impl ParticularsView {
    /// In clear, as the pages show them.
    pub fn of(particulars: &Particulars) -> Self {
        let Particulars { name, ethnic_group, address, phone, guardian } = particulars;
        let guardian = guardian.as_ref().map(|Guardian { name, relation, phone }| GuardianView {
            name: name.expose().to_owned(),
            relation: relation.expose().to_owned(),
            phone: phone.as_ref().map(|phone| phone.expose().to_owned()),
        });
        Self {
            name: name.expose().to_owned(),
            ethnic_group: ethnic_group.as_ref().map(|text| text.expose().to_owned()),
            address: address.as_ref().map(|text| text.expose().to_owned()),
            phone: phone.as_ref().map(|text| text.expose().to_owned()),
            guardian,
        }
    }
}
