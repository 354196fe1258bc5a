//! `zhengka keys`: signing keys in files, encrypted with a passphrase. A key leaves its file for nobody's eyes.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use keystore::{MAX_KEY_FILE_BYTES, PublicKeyLine, SigningKey, Use, is_example, read_plain, seal};

use crate::command::Exit;
use crate::durable_file;
use crate::edge;
use crate::error::Error;
use crate::open_key::open_key;
use crate::output::Output;
use crate::passphrase::PassphraseSource;
use bilingual::say;

/// What to do with a key.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// 生成新密钥：NAME.key（加密）和 NAME.pub。 ¦ Makes a new key: NAME.key, encrypted, and NAME.pub.
    #[command(after_help = EXAMPLES)]
    Generate {
        /// 文件名，不带扩展名。 ¦ Name of the files, without an extension.
        name: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// 显示公钥和编号；.key 文件需要口令。 ¦ Shows the public key and its id; a .key file needs its passphrase.
    #[command(after_help = EXAMPLES)]
    Show {
        /// .key 或 .pub 文件。 ¦ A .key or .pub file.
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
    /// 把明文密钥加密到新文件。 ¦ Encrypts a key that lies in clear into a new file.
    #[command(after_help = EXAMPLES)]
    Encrypt {
        /// 明文密钥文件（DCK1: 一行）。 ¦ The file in clear, one line DCK1:.
        file: PathBuf,
        /// 新文件名，不带扩展名。 ¦ Name of the new files, without an extension.
        name: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseSource,
    },
}

impl Keys {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        match self.action {
            Action::Generate { name, passphrase } => generate(&name, &passphrase, output),
            Action::Show { file, passphrase } => show(&file, &passphrase, output),
            Action::Encrypt { file, name, passphrase } => encrypt(&file, &name, &passphrase, output),
        }
    }
}

fn generate(name: &Path, passphrase: &PassphraseSource, output: &mut Output) -> Result<Exit, Error> {
    check_new(name)?;
    let passphrase = passphrase.ask_for_new(output.language())?;
    let key = SigningKey::generate(&mut edge::rng()).map_err(|_| Error::NoRandomness)?;
    write(&key, name, &passphrase, output)
}

fn encrypt(
    file: &Path,
    name: &Path,
    passphrase: &PassphraseSource,
    output: &mut Output,
) -> Result<Exit, Error> {
    check_new(name)?;
    let plain = zeroize::Zeroizing::new(durable_file::read(file, MAX_KEY_FILE_BYTES)?);
    let key = read_plain(&plain).map_err(|cause| Error::Key { path: file.into(), cause })?;
    let passphrase = passphrase.ask_for_new(output.language())?;
    let exit = write(&key, name, &passphrase, output)?;
    output.note(say!(
        output.language(),
        "明文文件 {} 仍在；请安全销毁。",
        "{} still lies in clear; destroy it.",
        file.display()
    ));
    Ok(exit)
}

fn show(file: &Path, passphrase: &PassphraseSource, output: &mut Output) -> Result<Exit, Error> {
    let bytes = durable_file::read(file, MAX_KEY_FILE_BYTES)?;
    let public = match std::str::from_utf8(&bytes).map(PublicKeyLine::parse) {
        Ok(Ok(public)) => public,
        _ => open_key(file, passphrase, Use::Demo, output.language())?.public(),
    };
    tell(public, output)?;
    Ok(Exit::Good)
}

fn write(
    key: &SigningKey,
    name: &Path,
    passphrase: &keystore::Passphrase,
    output: &mut Output,
) -> Result<Exit, Error> {
    let (secret, public) = files(name);
    let sealed = seal(key, passphrase).map_err(|cause| Error::Key { path: secret.clone(), cause })?;
    durable_file::create(&secret, sealed.as_bytes())?;
    durable_file::create(&public, format!("{}\n", key.public()).as_bytes())?;
    tell(key.public(), output)?;
    output.note(say!(
        output.language(),
        "已写入 {}（加密，须保管）和 {}（公开）。口令遗失无法找回。",
        "Wrote {} (encrypted, keep it) and {} (public). A lost passphrase cannot be recovered.",
        secret.display(),
        public.display()
    ));
    Ok(Exit::Good)
}

fn tell(public: PublicKeyLine, output: &mut Output) -> Result<(), Error> {
    output.line(public)?;
    if is_example(public.kid) {
        output.note(say!(
            output.language(),
            "示例密钥 EXAMPLE：人人知道，仅供演示。",
            "EXAMPLE key: everybody knows it; for demos only."
        ));
    }
    Ok(())
}

/// Before a passphrase is asked for.
fn check_new(name: &Path) -> Result<(), Error> {
    let (secret, public) = files(name);
    match [secret, public].into_iter().find(|path| path.exists()) {
        Some(path) => Err(Error::WouldOverwrite { path }),
        None => Ok(()),
    }
}

fn files(name: &Path) -> (PathBuf, PathBuf) {
    let with = |extension: &str| {
        let mut path = name.as_os_str().to_owned();
        path.push(extension);
        PathBuf::from(path)
    };
    (with(".key"), with(".pub"))
}

const EXAMPLES: &str = "\
密钥文件是用口令加密的 age 文件，权限 0600，从不覆盖已有文件。\n\
例：\n  \
  zhengka keys generate root-1\n  \
  zhengka keys show root-1.pub\n  \
  zhengka keys encrypt 旧密钥.txt issuer\
 ¦ \
A key file is an age file encrypted with a passphrase, mode 0600; nothing is ever overwritten.\n\
Examples:\n  \
  zhengka keys generate root-1\n  \
  zhengka keys show root-1.pub\n  \
  zhengka keys encrypt old-key.txt issuer";
