//! `show`: one certificate, masked. In clear it takes an officer and leaves an audit row.

use clap::Args;
use credential::number::CertificateNumber;
use credential::qr_text::QrText;
use issuance::audit::{Deed, Other, Subject};
use issuance::certificate::Certificate;
use issuance::register::{AuditStore, Register};
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::list::{CertificateRow, person_of};
use crate::error::Error;
use crate::output::Output;
use bilingual::say;

/// Arguments of `show`.
#[derive(Args)]
pub(crate) struct Show {
    /// 证件编号（list 所列），或完整证号。 ¦ Number of the row as `list` shows it, or the whole number on the face.
    certificate: String,
    /// 显示明文，需 --as，并记入审计。 ¦ In clear; takes --as and is audited.
    #[arg(long)]
    expose: bool,
}

impl Show {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let certificate = find(&register, &self.certificate)?;
        let mut row = CertificateRow::of(&register, &certificate)?;
        let mut clear = None;
        if self.expose {
            // The row that tells of it is on the disk before anything is shown.
            let desk = context.desk(&register)?;
            desk.officer.must_serve(certificate.county)?;
            let subject = Subject::Certificate(certificate.id);
            register.note(&desk.actor().entry(Deed::Other(Other::Exposed), subject))?;
            clear = Some(Clear::of(&register, &certificate, &mut row)?);
        }
        let full = Full { row, changes: changes(&register, &certificate)?, clear };
        if output.is_json() {
            output.object(&full)?;
        } else {
            print(&full, output)?;
        }
        Ok(Exit::Good)
    }
}

/// By the row's number, or by what is printed on the face.
pub(crate) fn find(register: &dyn Register, text: &str) -> Result<Certificate, Error> {
    if let Ok(id) = text.parse() {
        let found = register.certificate(id)?.filter(|certificate| certificate.signed);
        return found.ok_or_else(|| issuance::Error::NoCertificate { certificate: id }.into());
    }
    let number = CertificateNumber::parse(text).map_err(|_| Error::Argument { name: "CERTIFICATE" })?;
    let person = register.person_by_identity(number.identity())?.ok_or(Error::NoSuchCertificate)?;
    let held = register.certificates_of(person.id)?;
    let same = |one: &Certificate| one.signed && one.number(person.identity) == number;
    held.into_iter().rev().find(same).ok_or(Error::NoSuchCertificate)
}

#[derive(Serialize)]
struct Full {
    #[serde(flatten)]
    row: CertificateRow,
    changes: Vec<ChangeRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clear: Option<Clear>,
}

#[derive(Serialize)]
struct ChangeRow {
    change: i64,
    verb: &'static str,
    reason: &'static str,
    effective: String,
    entered: String,
    in_force: bool,
}

/// What is personal.
#[derive(Serialize)]
struct Clear {
    guardian: Option<String>,
    components: Vec<u8>,
    texts: Vec<String>,
}

impl Clear {
    fn of(
        register: &dyn Register,
        certificate: &Certificate,
        row: &mut CertificateRow,
    ) -> Result<Self, Error> {
        let person = person_of(register, certificate.person)?;
        row.number = certificate.number(person.identity).expose();
        row.name = person.particulars.name.expose().to_owned();
        let credentials = register.credentials(certificate.id)?;
        Ok(Self {
            guardian: person.particulars.guardian.map(|guardian| guardian.name.expose().to_owned()),
            components: certificate.components.as_slice().iter().map(|one| one.code()).collect(),
            texts: credentials.into_iter().map(|one| QrText::new(one.bytes).to_text()).collect(),
        })
    }
}

fn changes(register: &dyn Register, certificate: &Certificate) -> Result<Vec<ChangeRow>, Error> {
    let changes = register.changes_of(certificate.id)?;
    let row = |(id, change): (issuance::id::ChangeId, issuance::status_change::StatusChange)| ChangeRow {
        change: id.get(),
        verb: change.change().as_str(),
        reason: change.reason().as_str(),
        effective: change.effective().to_string(),
        entered: change.entered().1.to_string(),
        in_force: change.is_in_force(),
    };
    Ok(changes.into_iter().map(row).collect())
}

fn print(full: &Full, output: &mut Output) -> Result<(), Error> {
    let language = output.language();
    let CertificateRow { certificate, number, name, county, issued, expires, standing, .. } = &full.row;
    output.line(say!(language, "证件 #{}  {}", "certificate #{}  {}", certificate, standing))?;
    output.line(say!(language, "证号 {}  姓名 {}", "number {}  name {}", number, name))?;
    output.line(say!(language, "发证 {}  {} 至 {}", "county {}  from {} to {}", county, issued, expires))?;
    for one in &full.row.credentials {
        output.line(format_args!("{} {}/{} {} B", one.kind, one.kid, one.status_index, one.bytes))?;
    }
    for one in &full.changes {
        output.line(format_args!("{} {} {} ({})", one.effective, one.verb, one.reason, one.entered))?;
    }
    if let Some(clear) = &full.clear {
        output.line(format_args!("{:?} {}", clear.components, clear.guardian.as_deref().unwrap_or("-")))?;
        for text in &clear.texts {
            output.line(text)?;
        }
    }
    Ok(())
}
