//! `qr`: pictures of credentials. Their names carry the row's number and nothing personal.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use credential::Kind;
use credential::qr_text::QrText;
use credential::region::Region;
use issuance::audit::{Deed, Other, Subject};
use issuance::certificate::Certificate;
use issuance::reading;
use issuance::register::{AuditStore, CertificateQuery, Register};
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::show::find;
use crate::error::Error;
use crate::folder::private_folder;
use crate::output::Output;
use crate::qr_picture::QrPicture;
use bilingual::say;

/// Arguments of `qr`.
#[derive(Args)]
pub(crate) struct Qr {
    /// 证件编号；不写则全部。 ¦ Numbers of certificates; all if none is named.
    certificates: Vec<String>,
    /// 写入的目录。 ¦ The folder to write to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 写成网址（任何手机相机可打开），此为主机名；不写则为 DC1:。 ¦ As links that any phone's camera opens, to this host; DC1: without it.
    #[arg(long, value_name = "HOST", value_parser = host)]
    link: Option<String>,
    /// 每个模块多少像素。 ¦ Pixels a module.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(5..=40))]
    pixels: u32,
    /// 图片格式。 ¦ Format of the pictures.
    #[arg(long, value_enum, default_value_t = Format::Both)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Png,
    Svg,
    Both,
}

impl Qr {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let desk = context.service(&register)?;
        let (certificates, exit) = self.with_codes(&register, output)?;
        private_folder(&self.out)?;
        let told = |one: &Certificate| {
            desk.actor().entry(Deed::Other(Other::Pictured), Subject::Certificate(one.id))
        };
        // The rows that tell of it are on the disk before anything is drawn.
        register.note_all(&certificates.iter().map(told).collect::<Vec<_>>())?;
        let bar = output.progress(certificates.len() as u64);
        let mut written = 0_u64;
        for certificate in &certificates {
            written += self.draw(&register, certificate, output)?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        if !output.is_json() {
            let folder = self.out.display();
            output.line(say!(
                output.language(),
                "{} 张图片写入 {}",
                "{} pictures written to {}",
                written,
                folder
            ))?;
        }
        Ok(exit)
    }

    fn wanted(&self, register: &dyn Register) -> Result<Vec<Certificate>, Error> {
        if !self.certificates.is_empty() {
            return self.certificates.iter().map(|text| find(register, text)).collect();
        }
        let all = CertificateQuery { standing: None, region: Region::NATION, after: None, limit: usize::MAX };
        Ok(register.certificates(&all)?)
    }

    /// Those whose county has QR codes; of the others each one that was named is told.
    fn with_codes(
        &self,
        register: &dyn Register,
        output: &mut Output,
    ) -> Result<(Vec<Certificate>, Exit), Error> {
        let (mut certificates, mut exit) = (Vec::new(), Exit::Good);
        for certificate in self.wanted(register)? {
            match reading::codes(register, &certificate) {
                Ok(_) => certificates.push(certificate),
                Err(issuance::Error::FeatureOff { .. }) if self.certificates.is_empty() => {}
                Err(error @ issuance::Error::FeatureOff { .. }) => {
                    output.note(output.language().pick(error.zh(), error.en()));
                    exit = Exit::Refused;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok((certificates, exit))
    }

    fn draw(
        &self,
        register: &dyn Register,
        certificate: &Certificate,
        output: &mut Output,
    ) -> Result<u64, Error> {
        let mut written = 0;
        let mut passes = 0;
        for credential in reading::codes(register, certificate)? {
            let text = QrText::new(credential.bytes);
            let text = self.link.as_ref().map_or_else(|| text.to_text(), |host| text.to_link(host));
            let picture = QrPicture::new(&text).map_err(|_| Error::Picture)?;
            passes += u32::from(credential.kind == Kind::Pass);
            // A city that gives more than the province has a pass of its own.
            let which = if passes > 1 { format!("-{passes}") } else { String::new() };
            let name = format!("{:06}-{}{which}", certificate.id.get(), credential.kind);
            if self.format != Format::Svg {
                write(
                    &self.out.join(format!("{name}.png")),
                    &picture.png(self.pixels).map_err(|_| Error::Picture)?,
                )?;
                written += 1;
            }
            if self.format != Format::Png {
                let svg = picture.svg(&format!("{} {}", credential.kind, certificate.id));
                write(&self.out.join(format!("{name}.svg")), svg.as_bytes())?;
                written += 1;
            }
            if output.is_json() {
                let (id, modules) = (certificate.id.get(), picture.modules());
                output.object(&Row { certificate: id, kind: credential.kind.to_string(), name, modules })?;
            }
        }
        Ok(written)
    }
}

/// A picture can be drawn again, so it is not flushed one by one.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|error| Error::file(path, &error))
}

fn host(text: &str) -> Result<String, &'static str> {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if text.split('.').all(label) { Ok(text.to_ascii_lowercase()) } else { Err("HOST") }
}

#[derive(Serialize)]
struct Row {
    certificate: i64,
    kind: String,
    name: String,
    modules: usize,
}
