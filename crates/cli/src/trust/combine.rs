//! `trust combine`: the signatures come together; verified one by one, counted once each, against both sets of roots.

use std::path::{Path, PathBuf};

use clap::Args;
use credential::sign::{Signature, assemble, to_be_signed};
use credential::trust_list::RootSet;
use credential::{Kid, PublicKey};
use keystore::PublicKeyLine;

use crate::command::Exit;
use crate::durable_file;
use crate::edge;
use crate::error::{Error, Wanted};
use crate::output::Output;
use crate::trust::TrustError;
use crate::trust::error::Which;
use crate::trust::list_file::ListFile;
use crate::trust::make::check_time;
use crate::trust::signature_line::SignatureLine;
use crate::trust_base::read_roots;
use bilingual::say;

/// What, from whom, to where.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Combine {
    /// 待签的信任名单。 ¦ The unsigned trust list.
    list: PathBuf,
    /// 各根密钥持有人的签名文件。 ¦ The signature files of the root holders.
    #[arg(required = true)]
    signatures: Vec<PathBuf>,
    /// 现有的根密钥文件。 ¦ The root file in force.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// 签好的名单写到这里；不覆盖。 ¦ Where the signed list goes; nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Combine {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let file = ListFile::read(&self.list)?;
        check_time(&file.list, edge::now())?;
        let old = read_roots(&self.root)?;
        let mut signatures: Vec<Signature> = Vec::new();
        for path in &self.signatures {
            let signature = verified(path, &file, &old)?;
            if signatures.iter().any(|other| other.kid == signature.kid) {
                return Err(TrustError::SignedTwice { kid: signature.kid }.into());
            }
            signatures.push(signature);
        }
        check_thresholds(&signatures, &old, &file.list.roots)?;
        let signed = assemble(&file.payload, signatures.clone());
        // What leaves the room has passed the verifier that everybody else will use.
        verifier::verify_trust_list(&signed, &old)
            .map_err(|refusal| Error::NotTrusted { path: self.list.clone(), refusal })?;
        durable_file::create(&self.out, &signed)?;
        let (count, out, version) = (signatures.len(), self.out.display(), file.list.version);
        output.line(say!(
            output.language(),
            "信任名单第 {version} 版，{count} 把根密钥签名，写在 {out}。",
            "Trust list version {version}, signed by {count} roots, is in {out}."
        ))?;
        Ok(Exit::Good)
    }
}

fn verified(path: &Path, file: &ListFile, old: &RootSet) -> Result<Signature, Error> {
    let text = durable_file::read_text(path, MAX_SIGNATURE_BYTES)?;
    let line = SignatureLine::parse(&text).ok_or_else(|| Error::NotSuchAFile {
        path: path.into(),
        wanted: Wanted::Signature,
        cause: credential::Malformed::WrongTag,
    })?;
    let kid = line.signature.kid;
    let root = root(kid, old, &file.list.roots).ok_or(TrustError::NotARoot { kid })?;
    if !line.is_about(&file.payload) {
        return Err(TrustError::OtherList { kid }.into());
    }
    let message = to_be_signed(kid, &file.payload);
    let holds = PublicKeyLine { key: root, kid }.verifies(&message, &line.signature.bytes);
    if holds { Ok(line.signature) } else { Err(TrustError::BadSignature { kid }.into()) }
}

/// A rotation needs the threshold of the old and of the new roots.
pub(super) fn check_thresholds(signed: &[Signature], old: &RootSet, new: &RootSet) -> Result<(), TrustError> {
    for (roots, which) in [(old, Which::Old), (new, Which::New)] {
        let is_root = |signature: &&Signature| roots.keys().iter().any(|root| root.kid() == signature.kid);
        let have = signed.iter().filter(is_root).count();
        if have < usize::from(roots.threshold()) {
            return Err(TrustError::Short { roots: which, wanted: roots.threshold(), have });
        }
    }
    Ok(())
}

fn root(kid: Kid, old: &RootSet, new: &RootSet) -> Option<PublicKey> {
    old.keys().iter().chain(new.keys()).find(|root| root.kid() == kid).copied()
}

/// A line of some 220 bytes, with remarks.
const MAX_SIGNATURE_BYTES: usize = 4096;
