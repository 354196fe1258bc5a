//! `policy`: the packs that decide what passes say: adopt signed ones, show who gains and who loses, exchange the passes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use credential::grant_set::GrantSet;
use credential::policy_pack::{Confirmed, PolicyPack};
use issuance::audit::{Deed, Other, Subject};
use issuance::entitlement::{Change, Tally};
use issuance::id::CertificateId;
use issuance::issuing::Issuer;
use issuance::pass_exchange::{Cursor, Exchange, dry_run, exchange_batch};
use issuance::register::{AuditStore, IssuingStore};
use issuance::rehearsal::Rehearsal;
use issuance::signer::Signer;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::issue::{CredentialRow, key_in_use};
use crate::edge;
use crate::error::Error;
use crate::keys::{FileKey, ISSUER};
use crate::output::Output;
use crate::packs::{self, Packs};
use bilingual::say;

/// Subcommands of `policy`.
#[derive(Subcommand)]
pub(crate) enum PolicyVerbs {
    /// 已采用的政策包。 ¦ The packs in use.
    List,
    /// 采用 zhengka policy sign 签署的政策包。 ¦ Takes packs into use that `zhengka policy sign` signed.
    Adopt(Adopt),
    /// 按现行政策包换发通行凭证；中断后再次运行即续办。 ¦ Exchanges the passes that the packs touch; run again after a break, it goes on.
    Reissue(Reissue),
}

/// Arguments of `policy adopt`.
#[derive(Args)]
pub(crate) struct Adopt {
    /// 已签署的政策包（.cbor）。 ¦ Signed packs (.cbor).
    #[arg(required = true)]
    packs: Vec<PathBuf>,
}

/// Arguments of `policy reissue`.
#[derive(Args)]
pub(crate) struct Reissue {
    /// 试算：列出谁得到、谁失去，不写入任何内容。 ¦ Lists who gains and who loses, and writes nothing.
    #[arg(long)]
    dry_run: bool,
    /// 每个事务办理多少张证件。 ¦ How many certificates a transaction.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch: u32,
}

impl PolicyVerbs {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        match self {
            Self::List => list(context, output),
            Self::Adopt(adopt) => adopt.run(context, output),
            Self::Reissue(reissue) if reissue.dry_run => reissue.look(context, output),
            Self::Reissue(reissue) => reissue.run(context, output),
        }
    }
}

fn list(context: &Context, output: &mut Output) -> Result<Exit, Error> {
    for pack in Packs::adopted(&context.folder()?)?.iter() {
        show(pack, output)?;
    }
    Ok(Exit::Good)
}

impl Adopt {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        let desk = context.service(&register)?;
        // What is prepared is made again by the rules before it is signed: other rules would refuse it for ever.
        if !register.prepared(None, 1)?.is_empty() {
            return Err(Error::PreparedWaits);
        }
        let mut adopted = Packs::adopted(&folder)?;
        for file in &self.packs {
            let pack = adopted.adopt(&folder, file)?;
            let deed = Deed::Other(Other::PolicyAdopted);
            register.note(&desk.actor().entry(deed, Subject::Register))?;
            show(pack, output)?;
        }
        output.note(output.language().pick(
            "正在运行的 serve --sign 须重新启动；已发的通行凭证用 policy reissue 换发。",
            "start a running `serve --sign` again; passes that are out follow with `policy reissue`.",
        ));
        Ok(Exit::Good)
    }
}

impl Reissue {
    fn look(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let register = folder.register()?;
        let grants = packs::grants(&folder)?;
        let now = context.now()?;
        let (mut looked_at, mut all, mut cards) = (0, Vec::new(), 0);
        let mut after = None;
        loop {
            let page = dry_run(&register, &grants, after, self.batch as usize, now)?;
            for change in &page.changes {
                would(change, None, output)?;
            }
            for (job, change) in &page.cards {
                would(change, Some(job.get()), output)?;
            }
            looked_at += page.looked_at;
            cards += page.cards.len();
            all.extend(page.changes);
            let Some(next) = page.next else { break };
            after = Some(next);
        }
        sum(looked_at, all, cards, output)?;
        Ok(Exit::Good)
    }

    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        let desk = context.service(&register)?;
        let settings = folder.settings();
        let region = settings.region().ok_or(Error::Argument { name: "province" })?;
        let grants = packs::grants(&folder)?;
        let signer = FileKey::open(&folder, ISSUER, &context.ask())?;
        let key = key_in_use(&mut register, &signer, settings.list_size, &desk)?;
        let mut rng = edge::rng();
        let rehearsal = Rehearsal::new(signer.public_key(), key, region, desk.now, &mut rng)?;
        let issuer = Issuer { signer: &signer, key, rehearsal: &rehearsal, grants: &grants };

        let bar = output.progress(register.counts()?.certificates.iter().map(|(_, count)| count).sum());
        let (mut made, mut ended) = (0_usize, 0_usize);
        let mut cursor = Some(Cursor::default());
        while let Some(from) = cursor {
            let size = self.batch as usize;
            let batch = exchange_batch(&mut register, &issuer, from, size, &desk.actor(), &mut rng)?;
            for exchange in &batch.exchanged {
                acknowledge(exchange, output)?;
                made += usize::from(exchange.signed().is_some());
                ended += exchange.withdrawn().len();
            }
            output.flush()?;
            bar.inc(batch.looked_at);
            cursor = batch.next;
        }
        bar.finish_and_clear();
        if !output.is_json() {
            output.line(say!(
                output.language(),
                "签发通行凭证 {}，作废 {}；下一个核验包起见效",
                "passes made {}, withdrawn {}; gates learn of it with the next bundle",
                made,
                ended
            ))?;
        }
        Ok(Exit::Good)
    }
}

fn show(pack: &PolicyPack, output: &mut Output) -> Result<(), Error> {
    let row = PackRow {
        pack: &pack.name,
        version: pack.version.as_u32(),
        jurisdiction: pack.jurisdiction.code(),
        confirmed: pack.confirmed == Confirmed::Yes,
    };
    let language = output.language();
    let doubt = match pack.confirmed {
        Confirmed::Yes => "",
        Confirmed::No => {
            language.pick("  未核实：只在演示中有效", "  unconfirmed: counts in demonstrations only")
        }
    };
    let title = language.pick(&pack.title.zh, &pack.title.en);
    output.either(&row, format_args!("{} {}  {:02}  {title}{doubt}", row.pack, row.version, row.jurisdiction))
}

fn would(change: &Change<CertificateId>, card: Option<i64>, output: &mut Output) -> Result<(), Error> {
    let row = ChangeRow {
        certificate: change.holder.get(),
        jurisdiction: change.jurisdiction.code(),
        gains: names(change.gains),
        loses: names(change.loses),
        card_job: card,
    };
    let language = output.language();
    let signed =
        |sign: &str, names: &[&str]| names.iter().map(|name| format!("  {sign}{name}")).collect::<String>();
    let changes = signed("+", &row.gains) + &signed("-", &row.loses);
    let card = card.map(|job| say!(language, "  卡 {}：须换卡", "  card {}: to be replaced at a desk", job));
    let card = card.unwrap_or_default();
    output.either(&row, format_args!("#{}  {:02}{changes}{card}", row.certificate, row.jurisdiction))
}

fn sum(
    looked_at: u64,
    changes: Vec<Change<CertificateId>>,
    cards: usize,
    output: &mut Output,
) -> Result<(), Error> {
    let touched = changes.iter().map(|change| change.holder).collect::<BTreeSet<_>>().len();
    let tally = Tally::of(changes);
    let grants = tally.rows().iter().map(|(grant, gain, lose)| GrantRow {
        grant: grant.name(),
        gain: *gain,
        lose: *lose,
    });
    let row = Sum { looked_at, touched, cards, grants: grants.collect() };
    if output.is_json() {
        return output.object(&row);
    }
    let language = output.language();
    for GrantRow { grant, gain, lose } in &row.grants {
        output.line(say!(
            language,
            "{}：{} 人得到，{} 人失去",
            "{}: {} gain it, {} lose it",
            grant,
            gain,
            lose
        ))?;
    }
    output.line(say!(
        language,
        "查看 {} 张，涉及 {} 张，须换卡 {} 张；未写入任何内容",
        "looked at {}, touched {}, cards to replace {}; nothing was written",
        looked_at,
        touched,
        cards
    ))
}

fn acknowledge(exchange: &Exchange, output: &mut Output) -> Result<(), Error> {
    let made = exchange.signed().map(|one| CredentialRow {
        kind: one.kind.to_string(),
        kid: one.kid.to_string(),
        status_index: one.index.as_u32(),
        bytes: one.bytes.len(),
    });
    let withdrawn = exchange.withdrawn().iter().map(|(kid, index)| format!("{kid}/{}", index.as_u32()));
    let row = ExchangeRow { certificate: exchange.certificate().get(), made, withdrawn: withdrawn.collect() };
    let made =
        row.made.as_ref().map(|one| format!("  +{}/{}", one.kid, one.status_index)).unwrap_or_default();
    let ended: String = row.withdrawn.iter().map(|pass| format!("  -{pass}")).collect();
    output.either(&row, format_args!("#{}{made}{ended}", row.certificate))
}

fn names(grants: GrantSet) -> Vec<&'static str> {
    grants.iter().map(|grant| grant.name()).collect()
}

#[derive(Serialize)]
struct PackRow<'a> {
    pack: &'a str,
    version: u32,
    jurisdiction: u32,
    confirmed: bool,
}

#[derive(Serialize)]
struct ChangeRow {
    certificate: i64,
    jurisdiction: u32,
    gains: Vec<&'static str>,
    loses: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_job: Option<i64>,
}

#[derive(Serialize)]
struct Sum {
    looked_at: u64,
    touched: usize,
    cards: usize,
    grants: Vec<GrantRow>,
}

#[derive(Serialize)]
struct GrantRow {
    grant: &'static str,
    gain: u64,
    lose: u64,
}

#[derive(Serialize)]
struct ExchangeRow {
    certificate: i64,
    made: Option<CredentialRow>,
    withdrawn: Vec<String>,
}
