//! `issue`: signs everything that was approved, in batches. A line stands for a certificate that is on the disk.

use clap::Args;
use issuance::issuing::{Cursor, Issued, Issuer, issue_batch};
use issuance::register::{IssuerKey, Register};
use issuance::rehearsal::Rehearsal;
use issuance::signer::Signer;
use issuance::transition::State;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::edge;
use crate::error::Error;
use crate::keys::{FileKey, ISSUER};
use crate::output::Output;
use crate::packs;
use bilingual::say;

/// Arguments of `issue`.
#[derive(Args)]
pub(crate) struct Issue {
    /// 每个事务签发多少张。 ¦ How many certificates a transaction.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch: u32,
}

impl Issue {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        let desk = context.service(&register)?;
        let settings = folder.settings();
        let region = settings.region().ok_or(Error::Argument { name: "province" })?;
        let signer = FileKey::open(&folder, ISSUER, &context.ask())?;
        let key = key_in_use(&mut register, &signer, settings.list_size, &desk)?;
        let mut rng = edge::rng();
        let rehearsal = Rehearsal::new(signer.public_key(), key, region, desk.now, &mut rng)?;
        let grants = packs::grants(&folder)?;
        let issuer = Issuer { signer: &signer, key, rehearsal: &rehearsal, grants: &grants };

        let bar = output.progress(waiting(&register)?);
        let (mut issued, mut failed) = (0_u64, 0_u64);
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            let size = self.batch as usize;
            let batch = issue_batch(&mut register, &issuer, from, size, &desk.actor(), &mut rng)?;
            for certificate in &batch.issued {
                acknowledge(certificate, output)?;
            }
            for (application, error) in &batch.failed {
                let why = output.language().pick(error.zh(), error.en());
                output.note(format_args!("#{application} ✕ {why}"));
            }
            output.flush()?;
            bar.inc(batch.issued.len() as u64);
            issued += batch.issued.len() as u64;
            failed += batch.failed.len() as u64;
            cursor = batch.next;
        }
        bar.finish_and_clear();
        if !output.is_json() {
            output.line(say!(
                output.language(),
                "签发 {}，未签发 {}",
                "issued {}, failed {}",
                issued,
                failed
            ))?;
        }
        Ok(if failed == 0 { Exit::Good } else { Exit::Refused })
    }
}

/// The key's row in the register: as it was first used, or new with the size that is set.
pub(super) fn key_in_use(
    register: &mut dyn Register,
    signer: &dyn Signer,
    list_size: u32,
    desk: &crate::command::Desk,
) -> Result<IssuerKey, Error> {
    let kid = signer.public_key().kid();
    if let Some(key) = register.issuer_keys()?.into_iter().find(|key| key.kid == kid) {
        return Ok(key);
    }
    let key = IssuerKey { kid, list_size };
    let deed = issuance::audit::Deed::Other(issuance::audit::Other::Initialised);
    let audit = desk.actor().entry(deed, issuance::audit::Subject::Register);
    register.add_issuer_key(&key, &audit)?;
    Ok(key)
}

fn waiting(register: &dyn Register) -> Result<u64, Error> {
    let counts = register.counts()?.applications;
    Ok(counts.iter().find(|(state, _)| *state == State::Approved).map_or(0, |(_, count)| *count))
}

fn acknowledge(issued: &Issued, output: &mut Output) -> Result<(), Error> {
    let row = Row {
        certificate: issued.certificate.get(),
        application: issued.application.get(),
        credentials: issued
            .credentials
            .iter()
            .map(|credential| CredentialRow {
                kind: credential.kind.to_string(),
                kid: credential.kid.to_string(),
                status_index: credential.index.as_u32(),
                bytes: credential.bytes.len(),
            })
            .collect(),
    };
    let names: Vec<String> = row
        .credentials
        .iter()
        .map(|one| format!("{} {}/{} {} B", one.kind, one.kid, one.status_index, one.bytes))
        .collect();
    output.either(&row, format_args!("#{} ✓ {}", row.certificate, names.join("  ")))
}

#[derive(Serialize)]
struct Row {
    certificate: i64,
    application: i64,
    credentials: Vec<CredentialRow>,
}

#[derive(Serialize)]
pub(crate) struct CredentialRow {
    pub(crate) kind: String,
    pub(crate) kid: String,
    pub(crate) status_index: u32,
    pub(crate) bytes: usize,
}
