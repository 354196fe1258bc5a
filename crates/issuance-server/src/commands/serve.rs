//! `serve`: the console and its API over HTTP, until it is told to stop.

use std::path::PathBuf;

use clap::Args;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::output::Output;
use crate::web::desk::Desk;
use crate::web::settings::Settings;
use crate::web::start::{StartError, start};
use bilingual::say;

/// Arguments of `serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// 设置文件（TOML）；每一项都有安全的默认值。 ¦ Settings (TOML); each has a safe value when it is left out.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Serve {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let settings = self.config.as_deref().map_or_else(|| Ok(Settings::default()), Settings::load);
        let mut settings = settings.map_err(StartError::from)?;
        settings.demo |= folder.settings().demo;
        // A missing register is said here, with its folder; later each desk opens it again.
        drop(folder.register()?);
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        output.note(say!(
            output.language(),
            "{}://{} · Ctrl-C 停止",
            "{}://{} · stop with Ctrl-C",
            scheme,
            settings.listen
        ));
        start(settings, || folder.register_for_desk().map(|register| Desk { register }))?;
        Ok(Exit::Good)
    }
}
