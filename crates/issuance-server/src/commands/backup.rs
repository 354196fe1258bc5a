//! `backup` and `restore`: a copy while the register is in use, and back. Both end with a proof of equality.

use std::path::{Path, PathBuf};

use clap::Args;
use issuance::audit::{Deed, Other, Subject};
use issuance::register::{AuditStore, Digest};
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::audit::{Head, whole};
use crate::commands::drill::answers;
use crate::error::Error;
use crate::folder::Folder;
use crate::output::Output;
use crate::sqlite::SqliteRegister;
use bilingual::say;

/// Arguments of `backup`.
#[derive(Args)]
pub(crate) struct Backup {
    /// 副本文件，须不存在。 ¦ The copy; must not exist yet.
    file: PathBuf,
}

/// Arguments of `restore`.
#[derive(Args)]
pub(crate) struct Restore {
    /// 备份文件。 ¦ The copy.
    file: PathBuf,
    /// backup 打印的摘要；不符则不恢复。 ¦ The digest that `backup` printed; another one is refused.
    #[arg(long, value_name = "SHA256")]
    expect: Option<String>,
    /// 替换现有登记库（旧库改名保留）。 ¦ Replaces the register; the old one is kept under another name.
    #[arg(long)]
    replace: bool,
}

impl Backup {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut register = folder.register()?;
        if self.file.exists() {
            return Err(Error::File { path: self.file, kind: std::io::ErrorKind::AlreadyExists });
        }
        let desk = context.service(&register)?;
        register.note(&desk.actor().entry(Deed::Other(Other::BackedUp), Subject::Register))?;
        let copied = register.back_up(&self.file).map_err(Error::from);
        let proof = copied.and_then(|()| check(&self.file, &folder)).inspect_err(|_| {
            // A copy that is not whole is none, and stands in the way of the next one.
            let _ = std::fs::remove_file(&self.file);
        })?;
        report(&proof, "备份完成并核对", "copied and checked", output)
    }
}

impl Restore {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let target = folder.register_path();
        if target.exists() && !self.replace {
            return Err(Error::RegisterExists { folder: context.dir.clone() });
        }
        let proof = check(&self.file, &folder)?;
        if self.expect.is_some_and(|expected| expected != hex::encode(proof.digest)) {
            return Err(Error::CopyDiffers);
        }
        if target.exists() {
            set_aside(&target, context)?;
        }
        let source = SqliteRegister::open_read_only(&self.file, folder.personal()?)?;
        source.back_up(&target)?;
        if check(&target, &folder)? != proof {
            return Err(Error::CopyDiffers);
        }
        let mut register = folder.register()?;
        let desk = context.service(&register)?;
        register.note(&desk.actor().entry(Deed::Other(Other::Restored), Subject::Register))?;
        output.note(say!(
            output.language(),
            "备份之后签发、变更的内容不在其中，请与纸质和核验包核对后再发布。",
            "What was issued or changed after the copy is not in it: compare with papers and bundles before publishing."
        ));
        report(&proof, "恢复完成并核对", "restored and checked", output)
    }
}

/// What two equal registers have in common.
#[derive(PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) digest: Digest,
    pub(crate) head: Head,
    pub(crate) answers: Digest,
}

/// Sound pages, whole references, an unbroken audit; the digests of everything in it and of what it answers.
pub(crate) fn check(path: &Path, folder: &Folder) -> Result<Proof, Error> {
    let copy = SqliteRegister::open_read_only(path, folder.personal()?)?;
    if !copy.faults()?.is_empty() {
        return Err(Error::CopyDiffers);
    }
    let head = whole(&copy, &[])?;
    Ok(Proof { digest: copy.digest()?, head, answers: answers(&copy)? })
}

/// The old register with its log, under a name that says when.
fn set_aside(target: &Path, context: &Context) -> Result<(), Error> {
    // Opening folds the write-ahead log into the file, so that one file is all there is.
    let seconds = context.now()?.as_seconds();
    for suffix in ["", "-wal", "-shm"] {
        let named = |name: String| {
            let mut path = target.as_os_str().to_owned();
            path.push(name);
            PathBuf::from(path)
        };
        let (from, to) = (named(suffix.into()), named(format!(".before-{seconds}{suffix}")));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|error| Error::file(&from, &error))?;
        }
    }
    Ok(())
}

pub(crate) fn report(proof: &Proof, zh: &str, en: &str, output: &mut Output) -> Result<Exit, Error> {
    let Proof { digest, head, answers } = proof;
    let row =
        Row { sha256: hex::encode(digest), audit_head: head.to_string(), answers: hex::encode(answers) };
    let text = output.language().pick(zh, en);
    let line = say!(
        output.language(),
        "{}  {}\n审计链头 {}\n答问摘要 {}",
        "{}  {}\naudit head {}\nanswers {}",
        text,
        row.sha256,
        row.audit_head,
        row.answers
    );
    output.either(&row, line)?;
    Ok(Exit::Good)
}

#[derive(Serialize)]
struct Row {
    sha256: String,
    audit_head: String,
    answers: String,
}
