//! `trust check`: what every verifier will ask of a signed trust list, asked before it is handed out.

use std::path::PathBuf;

use clap::Args;

use crate::command::Exit;
use crate::edge;
use crate::error::Error;
use crate::output::{Output, Paint};
use crate::trust::combine::check_thresholds;
use crate::trust::list_file::ListFile;
use crate::trust::make::{check_time, check_version};
use crate::trust_base::read_roots;
use bilingual::say;

/// What, against what.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Check {
    /// 签好的信任名单，或核验包。 ¦ The signed trust list, or a bundle.
    list: PathBuf,
    /// 现有的根密钥文件。 ¦ The root file in force.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
    /// 上一份信任名单；第一份没有。 ¦ The list before this one; the first has none.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let file = ListFile::read(&self.list)?;
        let old = read_roots(&self.root)?;
        check_thresholds(&file.signatures, &old, &file.list.roots)?;
        let list = verifier::verify_trust_list(&file.bytes, &old)
            .map_err(|refusal| Error::NotTrusted { path: self.list.clone(), refusal })?;
        let previous = self.previous.as_deref().map(ListFile::read).transpose()?;
        check_version(list.version, previous.map(|previous| previous.list.version))?;
        check_time(&list, edge::now())?;

        super::show::tell_list(&list, output)?;
        let fingerprint = file.fingerprint();
        output.line(say!(output.language(), "指纹：{fingerprint}", "Fingerprint: {fingerprint}"))?;
        let word = output.painted(Paint::Good, output.language().pick("✔ 通过", "✔ CHECKED"));
        output.line(word)?;
        Ok(Exit::Good)
    }
}
