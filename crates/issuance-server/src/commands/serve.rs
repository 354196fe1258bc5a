//! `serve`: the console and its API over HTTP, until it is told to stop.

use std::path::PathBuf;

use clap::Args;

use crate::command::{Context, Exit};
use crate::commands::card_job::card_keys_text;
use crate::commands::doctor::recovered;
use crate::commands::issue::key_in_use;
use crate::error::Error;
use crate::folder::Folder;
use crate::keys::{FileKey, ISSUER};
use crate::output::Output;
use crate::packs;
use crate::sqlite::SqliteRegister;
use crate::web::api::desks::CardStock;
use crate::web::desk::Desk;
use crate::web::issuing::Press;
use crate::web::settings::Settings;
use crate::web::start::{StartError, Stock, start};
use bilingual::say;

/// Arguments of `serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// 设置文件（TOML）；每一项都有安全的默认值。 ¦ Settings (TOML); each has a safe value when it is left out.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 批准后立即签发；启动时询问签发密钥的口令。 ¦ Sign what is approved at once; asks for the issuer key's passphrase.
    #[arg(long)]
    sign: bool,
}

impl Serve {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let settings = self.config.as_deref().map_or_else(|| Ok(Settings::default()), Settings::load);
        let mut settings = settings.map_err(StartError::from)?;
        settings.demo |= folder.settings().demo;
        // A missing register is said here, with its folder; later each desk opens it again.
        let register = folder.register()?;
        if let Some(at) = recovered(&register, context.now()?)? {
            output.note(say!(
                output.language(),
                "警告：{} 在主机上恢复过管理员；请核实经手人，见审计。",
                "Warning: an administrator was recovered at the machine on {}; make sure by whom, see the audit.",
                at
            ));
        }
        drop(register);
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        output.note(say!(
            output.language(),
            "{}://{} · Ctrl-C 停止",
            "{}://{} · stop with Ctrl-C",
            scheme,
            settings.listen
        ));
        let press = if self.sign { Some(press(&folder, context)?) } else { None };
        let has_cards = press.is_some() && folder.card_keys().exists();
        let cards = if has_cards { Some(card_stock(&folder, context)?) } else { None };
        let stock = Stock { bundles: folder.bundles(), press, cards };
        let (path, personal) = (folder.register_path(), folder.personal()?);
        let desk = || SqliteRegister::open(&path, personal.clone()).map(|register| Desk { register });
        start(settings, stock, desk)?;
        Ok(Exit::Good)
    }
}

/// The keys behind all cards, where there are any.
fn card_stock(folder: &Folder, context: &Context) -> Result<CardStock, Error> {
    let keys = card_keys_text(folder, context)?;
    let rides_a_month = folder.settings().rides_a_month;
    Ok(CardStock { keys, rides_a_month, letters: folder.pin_letters() })
}

/// The issuer's key with what it needs to sign.
fn press(folder: &Folder, context: &Context) -> Result<Press, Error> {
    let settings = folder.settings();
    let region = settings.region().ok_or(Error::Argument { name: "province" })?;
    let mut register = folder.register()?;
    let desk = context.service(&register)?;
    let signer = FileKey::open(folder, ISSUER, &context.ask())?;
    let key = key_in_use(&mut register, &signer, settings.list_size, &desk)?;
    let grants = packs::grants(folder)?;
    Ok(Press { signer: Box::new(signer), key, region, grants })
}
