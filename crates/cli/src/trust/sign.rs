//! `trust sign`: one root holder reads what the list says, compares the fingerprint, agrees, and signs.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use credential::sign::to_be_signed;

use crate::command::Exit;
use crate::durable_file;
use crate::edge;
use crate::error::Error;
use crate::open_key::KeyFile;
use crate::output::Output;
use crate::trust::TrustError;
use crate::trust::list_file::ListFile;
use crate::trust::make::check_time;
use crate::trust::signature_line::SignatureLine;
use crate::trust_base::read_roots;
use bilingual::say;

/// What, with which key, to where.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Sign {
    /// 待签的信任名单。 ¦ The trust list to sign.
    list: PathBuf,
    #[command(flatten)]
    key: KeyFile,
    /// 签名写到这里；不覆盖。 ¦ Where the signature goes; nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 更换根密钥时：现有的根密钥文件。 ¦ When roots are replaced: the root file in force.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// 不询问；由脚本负责核对指纹。 ¦ Does not ask; whoever wrote the script compared the fingerprint.
    #[arg(long)]
    yes: bool,
}

impl Sign {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let file = ListFile::read(&self.list)?;
        check_time(&file.list, edge::now())?;
        let key = self.key.open(output.language())?;
        let kid = key.public().kid;
        let old = self.root.as_deref().map(read_roots).transpose()?;
        let named = [Some(&file.list.roots), old.as_ref()].into_iter().flatten();
        if !named.flat_map(credential::trust_list::RootSet::keys).any(|root| root.kid() == kid) {
            return Err(TrustError::NotARoot { kid }.into());
        }

        super::show::tell_list(&file.list, output)?;
        let fingerprint = file.fingerprint();
        output.line(say!(output.language(), "指纹：{fingerprint}", "Fingerprint: {fingerprint}"))?;
        output.flush()?;
        if !self.yes && !agreed(output)? {
            return Err(TrustError::NotAgreed.into());
        }
        let signature = key.sign(&to_be_signed(kid, &file.payload));
        let line = SignatureLine::new(kid, signature, &file.payload);
        durable_file::create(&self.out, format!("{line}\n").as_bytes())?;
        let out = self.out.display();
        output.note(say!(
            output.language(),
            "{kid} 的签名写在 {out}。",
            "The signature of {kid} is in {out}."
        ));
        Ok(Exit::Good)
    }
}

/// Only a clear yes is one.
fn agreed(output: &Output) -> Result<bool, Error> {
    let question = say!(
        output.language(),
        "指纹与主持人宣读的一致，并同意签名？输入 yes：",
        "Is the fingerprint the one read aloud, and do you agree? Type yes: "
    );
    eprint!("{question}");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|_| TrustError::NotAgreed)?;
    Ok(matches!(answer.trim(), "yes" | "是"))
}
