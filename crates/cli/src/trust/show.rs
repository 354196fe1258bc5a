//! `trust show` and `trust snapshot show`: what stands in a list, a root file, a bundle, a snapshot, for people.

use std::path::{Path, PathBuf};

use clap::Args;
use credential::bundle::{Bundle, MAX_BUNDLE_BYTES};
use credential::sign1::{Content, Sign1};
use credential::snapshot::Snapshot;
use credential::trust_list::{KeyState, Role, RootSet, TrustList, TrustedKey};

use crate::command::Exit;
use crate::durable_file;
use crate::error::{Error, Wanted};
use crate::output::Output;
use crate::trust::list_file::{ListFile, fingerprint};
use bilingual::{Language, say};

/// Which file.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Show {
    /// 信任名单、根密钥文件或核验包。 ¦ A trust list, a root file or a bundle.
    file: PathBuf,
}

impl Show {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let bytes = durable_file::read(&self.file, MAX_BUNDLE_BYTES)?;
        if let Ok(roots) = RootSet::from_slice(&bytes) {
            tell_roots(&roots, output)?;
            return Ok(Exit::Good);
        }
        let list = ListFile::read(&self.file)?;
        tell_list(&list.list, output)?;
        let kids: Vec<String> = list.signatures.iter().map(|signature| signature.kid.to_string()).collect();
        let language = output.language();
        output.line(match kids.is_empty() {
            true => say!(language, "尚无签名。", "Not signed yet."),
            false => say!(
                language,
                "带有签名（未检验）：{}",
                "Carries signatures (not verified): {}",
                kids.join(" ")
            ),
        })?;
        let fingerprint = list.fingerprint();
        output.line(say!(language, "指纹：{fingerprint}", "Fingerprint: {fingerprint}"))?;
        Ok(Exit::Good)
    }
}

/// Which bundle.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct ShowSnapshot {
    /// 核验包。 ¦ A bundle.
    file: PathBuf,
}

impl ShowSnapshot {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let bytes = durable_file::read(&self.file, MAX_BUNDLE_BYTES)?;
        let (snapshot, kid) = read_snapshot(&bytes, &self.file)?;
        let Snapshot { version, issued, expires, parts } = &snapshot;
        output.line(say!(
            output.language(),
            "快照第 {version} 版，{issued} 至 {expires}，密钥 {kid}（签名未检验）",
            "Snapshot version {version}, {issued} to {expires}, key {kid} (signature not verified)"
        ))?;
        for part in parts {
            let digest = hex::encode(&part.sha256[..8]);
            let unpacked = part.unpacked.map_or_else(String::new, |unpacked| {
                let length = unpacked.length;
                say!(output.language(), "，解压后 {length} 字节", ", unpacks to {length} bytes")
            });
            let (name, version) = (&part.name, part.version);
            output.line(say!(
                output.language(),
                "  {name}  第 {version} 版  sha256 {digest}…{unpacked}",
                "  {name}  version {version}  sha256 {digest}...{unpacked}"
            ))?;
        }
        Ok(Exit::Good)
    }
}

fn read_snapshot(bytes: &[u8], path: &Path) -> Result<(Snapshot, credential::Kid), Error> {
    let read = || {
        let bundle = Bundle::parse(bytes)?;
        let signed = Sign1::parse(bundle.snapshot, Content::Snapshot)?;
        Ok((Snapshot::decode(signed.payload())?, signed.kid()))
    };
    read().map_err(|cause| Error::NotSuchAFile { path: path.into(), wanted: Wanted::Bundle, cause })
}

/// The roots and their threshold.
pub(super) fn tell_roots(roots: &RootSet, output: &mut Output) -> Result<(), Error> {
    let kids: Vec<String> = roots.keys().iter().map(|root| root.kid().to_string()).collect();
    let (threshold, count, kids) = (roots.threshold(), kids.len(), kids.join(" "));
    let fingerprint = fingerprint(&roots.to_bytes());
    let language = output.language();
    output.line(say!(
        language,
        "根密钥：{count} 把中须 {threshold} 把签名：{kids}（指纹 {fingerprint}）",
        "Roots: {threshold} of {count} must sign: {kids} (fingerprint {fingerprint})"
    ))
}

/// All that a list says, a key a line.
pub(super) fn tell_list(list: &TrustList, output: &mut Output) -> Result<(), Error> {
    let TrustList { version, issued, expires, roots, keys } = list;
    let language = output.language();
    output.line(say!(
        language,
        "信任名单第 {version} 版，{issued} 至 {expires}",
        "Trust list version {version}, {issued} to {expires}"
    ))?;
    tell_roots(roots, output)?;
    keys.iter().try_for_each(|key| output.line(format_args!("  {}", key_line(key, language))))
}

fn key_line(key: &TrustedKey, language: Language) -> String {
    let TrustedKey { roles, kinds, regions, not_before, not_after, state, .. } = key;
    let kid = key.kid();
    let roles: Vec<&str> = roles.iter().map(|role| role_name(*role, language)).collect();
    let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
    let state = match state {
        KeyState::Active => say!(language, "在用", "active"),
        KeyState::Retired { since } => say!(language, "{since} 起停用", "RETIRED since {since}"),
        KeyState::Compromised { since } => say!(language, "{since} 起已泄露", "COMPROMISED since {since}"),
    };
    let scope = [kinds.join("+"), regions.join("+")].into_iter().filter(|text| !text.is_empty());
    let scope = scope.map(|text| format!(" [{text}]")).collect::<String>();
    format!("{kid}  {}{scope}  {not_before} – {not_after}  {state}", roles.join("+"))
}

fn role_name(role: Role, language: Language) -> &'static str {
    match role {
        Role::Issuer => language.pick("签发", "issuer"),
        Role::Snapshot => language.pick("快照", "snapshot"),
        Role::Status => language.pick("状态", "status"),
        Role::Policy => language.pick("政策", "policy"),
    }
}
