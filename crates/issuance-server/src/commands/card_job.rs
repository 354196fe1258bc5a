//! `card-job`: orders cards, lists them, replaces lost ones, makes the keys behind them, and serves a desk through a pipe.

use std::io::{BufRead, Read};
use std::path::PathBuf;

use card_host::IssuerKeys;
use card_host::relay::{FromDesk, ToDesk};
use clap::{Args, Subcommand};
use credential::region::Region;
use issuance::card::CardJob;
use issuance::card_job;
use issuance::id::CertificateId;
use issuance::issuing::Issuer;
use issuance::register::{CardQuery, CardStore, CertificateQuery, Register};
use issuance::rehearsal::Rehearsal;
use issuance::signer::Signer;
use issuance::status_change::Standing;
use keystore::{KeyError, Sealed};
use rand_core::Rng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::card_desk::{CardDesk, Service};
use crate::command::{Context, Exit};
use crate::commands::issue::key_in_use;
use crate::edge;
use crate::error::Error;
use crate::folder::{self, Folder};
use crate::keys::{FileKey, ISSUER};
use crate::output::Output;
use crate::packs;

#[derive(Subcommand)]
pub(crate) enum CardJobs {
    /// 为证件登记制卡。 ¦ Orders cards for certificates.
    Order(Order),
    /// 未办结的制卡任务。 ¦ Card jobs that are open.
    List,
    /// 挂失补卡：旧卡凭证立即作废。 ¦ A card is lost: its pass is revoked now, another card is ordered.
    Replace(Replace),
    /// 生成卡片主密钥（加密保存）。 ¦ Makes the master keys of cards, encrypted.
    Keys(Keys),
    /// 供 zhengka desk 调用：每行一个 JSON。 ¦ Serves `zhengka desk`: one JSON object a line.
    Relay,
}

#[derive(Args)]
pub(crate) struct Order {
    /// 证件编号。 ¦ Certificates, by number.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    certificates: Vec<CertificateId>,
    /// 所有尚无卡的有效证件。 ¦ Every certificate in force that has no card.
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub(crate) struct Replace {
    /// 证件编号。 ¦ The certificate, by number.
    certificate: CertificateId,
}

#[derive(Args)]
pub(crate) struct Keys {
    /// 卡商交付的传输密钥文件（一行 transport ...）。 ¦ The card maker's transport keys, a file with the line `transport ...`.
    #[arg(long, value_name = "FILE")]
    transport: PathBuf,
}

impl CardJobs {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        match self {
            Self::Order(order) => order.run(context, output),
            Self::List => list(context, output),
            Self::Replace(replace) => replace.run(context, output),
            Self::Keys(keys) => keys.run(context, output),
            Self::Relay => relay(context, output),
        }
    }
}

impl Order {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let desk = context.desk(&register)?;
        let mut exit = Exit::Good;
        let asked = if self.all { in_force(&register)? } else { self.certificates };
        for certificate in asked {
            match card_job::order(&mut register, certificate, &desk.actor()) {
                Ok(job) => show(&job, output)?,
                Err(issuance::Error::CardOrdered { .. } | issuance::Error::FeatureOff { .. }) if self.all => {
                }
                Err(error @ issuance::Error::Store(_)) => return Err(error.into()),
                Err(error) => {
                    output.note(output.language().pick(error.zh(), error.en()));
                    exit = Exit::Refused;
                }
            }
        }
        Ok(exit)
    }
}

impl Replace {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let desk = context.desk(&register)?;
        show(&card_job::replace(&mut register, self.certificate, &desk.actor())?, output)?;
        Ok(Exit::Good)
    }
}

impl Keys {
    /// Three masters that exist nowhere else, beside what the card maker delivered.
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let path = folder.card_keys();
        let failed = |error| Error::Key { path: path.clone(), error };
        let delivered = Zeroizing::new(folder::read(&self.transport, MAX_KEYS_BYTES)?);
        let line = String::from_utf8_lossy(&delivered);
        let line = line.lines().find(|line| line.starts_with("transport "));
        let line =
            line.ok_or_else(|| Error::Key { path: self.transport.clone(), error: KeyError::NotAKeyFile })?;
        let mut text = Zeroizing::new(format!("{line}\n"));
        for name in ["issue", "update", "read"] {
            let mut master = Zeroizing::new([0; 16]);
            edge::rng().fill_bytes(&mut *master);
            text.push_str(&Zeroizing::new(format!("{name} {}\n", hex::encode(*master))));
        }
        IssuerKeys::parse(&text).map_err(|_| failed(KeyError::BadKeyLine))?;
        let passphrase = context.ask().passphrase("card").map_err(failed)?;
        folder::create(&path, keystore::seal_text(&text, &passphrase).map_err(failed)?.as_bytes())?;
        output.line(path.display())?;
        Ok(Exit::Good)
    }
}

fn list(context: &Context, output: &mut Output) -> Result<Exit, Error> {
    let register = context.folder()?.register()?;
    let all = CardQuery { region: Region::NATION, issued_since: None, after: None, limit: usize::MAX };
    for job in register.card_jobs(&all)? {
        show(&job, output)?;
    }
    Ok(Exit::Good)
}

/// Answers a desk line by line until it hangs up.
fn relay(context: &Context, output: &mut Output) -> Result<Exit, Error> {
    let folder = context.folder()?;
    let mut register = folder.register()?;
    let settings = folder.settings();
    let region = settings.region().ok_or(Error::Argument { name: "province" })?;
    let signer = FileKey::open(&folder, ISSUER, &context.ask())?;
    let service = context.service(&register)?;
    let key = key_in_use(&mut register, &signer, settings.list_size, &service)?;
    let grants = packs::grants(&folder)?;
    let mut rng = edge::rng();
    let mut rehearsal = Rehearsal::new(signer.public_key(), key, region, context.now()?, &mut rng)?;
    let mut desk = CardDesk::new(card_keys(&folder, context)?, settings.rides_a_month, folder.pin_letters());
    let mut lines = std::io::stdin().lock();
    loop {
        let mut line = Zeroizing::new(String::new());
        let read =
            lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line).map_err(|_| Error::OutputClosed)?;
        if read == 0 {
            return Ok(Exit::Good);
        }
        let said: FromDesk = serde_json::from_str(&line).map_err(|_| Error::Argument { name: "JSON" })?;
        // The officer may have lost a power, and the day may have changed, since the last card.
        let officer = context.desk(&register)?;
        if !rehearsal.is_fresh(officer.now) {
            rehearsal = Rehearsal::new(signer.public_key(), key, region, officer.now, &mut rng)?;
        }
        let issuer = Issuer { signer: &signer, key, rehearsal: &rehearsal, grants: &grants };
        let actor = officer.actor();
        let mut service = Service { register: &mut register, issuer: &issuer, actor: &actor };
        let answer: ToDesk = desk.hear(said, &mut service, &mut rng);
        output.object(&answer)?;
        output.flush()?;
    }
}

fn card_keys(folder: &Folder, context: &Context) -> Result<IssuerKeys, Error> {
    let text = card_keys_text(folder, context)?;
    IssuerKeys::parse(&text)
        .map_err(|_| Error::Key { path: folder.card_keys(), error: KeyError::NotAKeyFile })
}

/// The keys behind all cards. The example keys, and keys in clear, serve a demonstration only.
pub(crate) fn card_keys_text(folder: &Folder, context: &Context) -> Result<Zeroizing<String>, Error> {
    let path = folder.card_keys();
    let failed = |error| Error::Key { path: path.clone(), error };
    let file = Zeroizing::new(folder::read(&path, MAX_KEYS_BYTES)?);
    let (text, sealed) = keystore::open_text(&file, || context.ask().passphrase("card")).map_err(failed)?;
    let keys = IssuerKeys::parse(&text).map_err(|_| failed(KeyError::NotAKeyFile))?;
    if !folder.settings().demo && (keys.are_example() || sealed == Sealed::InClear) {
        return Err(Error::CardKeysNotOurs { path });
    }
    Ok(text)
}

fn in_force(register: &dyn Register) -> Result<Vec<CertificateId>, Error> {
    let query = CertificateQuery {
        standing: Some(Standing::Valid),
        region: Region::NATION,
        after: None,
        limit: usize::MAX,
    };
    Ok(register.certificates(&query)?.into_iter().map(|certificate| certificate.id).collect())
}

fn show(job: &CardJob, output: &mut Output) -> Result<(), Error> {
    let row = Row {
        job: job.id.get(),
        certificate: job.certificate.get(),
        stage: job.stage.as_str(),
        card: job.card().map(|card| card.to_string()),
    };
    let stage = output.language().pick(job.stage.zh(), job.stage.as_str());
    let card = row.card.clone().unwrap_or_default();
    output.either(&row, format_args!("#{}  →  #{}  {stage}  {card}", row.job, row.certificate))
}

#[derive(Serialize)]
struct Row {
    job: i64,
    certificate: i64,
    stage: &'static str,
    card: Option<String>,
}

/// Four lines of hexadecimal under a passphrase.
const MAX_KEYS_BYTES: u64 = 8192;
/// A batch of answers with a photograph read back, in hexadecimal.
const MAX_LINE_BYTES: u64 = 1 << 20;
