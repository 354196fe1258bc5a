//! `bundle export`: what verifiers carry. `bundle trust`: takes in what the roots signed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use credential::sign::Sign;
use credential::trust_list::TrustList;
use issuance::publication::{Publisher, publish};
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::error::{Error, TrustFault};
use crate::folder::{MAX_TRUST_BYTES, read, replace, root_set};
use crate::keys::{self, FileKey, NAMES, SNAPSHOT, STATUS};
use crate::output::Output;
use crate::packs::Packs;
use bilingual::say;

/// Subcommands of `bundle`.
#[derive(Subcommand)]
pub(crate) enum Bundles {
    /// 发布核验包：信任名单、状态列表、快照。 ¦ Publishes a bundle: trust list, status lists, snapshot.
    Export(Export),
    /// 采用根密钥仪式签署的信任名单。 ¦ Takes in a trust list that the roots signed.
    Trust(Trust),
}

/// Arguments of `bundle export`.
#[derive(Args)]
pub(crate) struct Export {
    /// 写入的文件。 ¦ The file to write.
    file: PathBuf,
}

/// Arguments of `bundle trust`.
#[derive(Args)]
pub(crate) struct Trust {
    /// 信任名单（zhengka trust 所签）。 ¦ The trust list, as `zhengka trust` signed it.
    list: PathBuf,
    /// 根文件。 ¦ The roots that verifiers pin.
    #[arg(long)]
    root: PathBuf,
}

impl Bundles {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        match self {
            Self::Export(export) => export.run(context, output),
            Self::Trust(trust) => trust.run(context, output),
        }
    }
}

impl Export {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        let desk = context.service(&register)?;
        if !folder.trust_list().exists() || !folder.roots().exists() {
            return Err(Error::Trust { fault: TrustFault::Missing });
        }
        let packs = Packs::adopted(&folder)?;
        let ask = context.ask();
        let (status, snapshot) =
            (FileKey::open(&folder, STATUS, &ask)?, FileKey::open(&folder, SNAPSHOT, &ask)?);
        let publisher = Publisher {
            status: &status,
            snapshot: &snapshot,
            roots: &root_set(&read(&folder.roots(), MAX_TRUST_BYTES)?)?,
            trust_list: &read(&folder.trust_list(), MAX_TRUST_BYTES)?,
            policies: &packs.for_bundle(),
        };
        let published = publish(&mut register, &publisher, &desk.actor())?;
        // Kept for `serve`, which hands it out, and what leads to it from those before.
        folder.shelve(published.version.as_u32(), &published.bytes)?;
        replace(&self.file, &published.bytes)?;
        let row = Row {
            version: published.version.as_u32(),
            bytes: published.bytes.len(),
            not_valid: published.not_valid,
            expires: published.expires.to_string(),
        };
        let text = say!(
            output.language(),
            "核验包 {}：{} 字节，无效 {} 个，{} 前有效。根：{}",
            "bundle {}: {} bytes, {} not valid, good until {}. Roots: {}",
            row.version,
            row.bytes,
            row.not_valid,
            row.expires,
            folder.roots().display()
        );
        output.either(&row, text)?;
        Ok(Exit::Good)
    }
}

impl Trust {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let (list, root) = (read(&self.list, MAX_TRUST_BYTES)?, read(&self.root, MAX_TRUST_BYTES)?);
        root_set(&root)?;
        let unreadable = Error::Trust { fault: TrustFault::Unreadable };
        let trust = Sign::parse(&list).and_then(|signed| TrustList::decode(signed.payload()));
        let trust = trust.map_err(|_| unreadable)?;
        for name in NAMES {
            let ours = keys::public(&folder, name)?.kid;
            trust.key(ours).ok_or(Error::Trust { fault: TrustFault::OurKeysMissing })?;
        }
        replace(&folder.trust_list(), &list)?;
        replace(&folder.roots(), &root)?;
        output.line(say!(
            output.language(),
            "信任名单 {} 已采用；签名在 bundle export 时核验。",
            "trust list {} taken in; `bundle export` verifies its signatures",
            trust.version
        ))?;
        Ok(Exit::Good)
    }
}

#[derive(Serialize)]
struct Row {
    version: u32,
    bytes: usize,
    not_valid: usize,
    expires: String,
}
