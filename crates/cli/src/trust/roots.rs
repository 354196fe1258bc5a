//! `trust roots`: the file that a verifier is given once, by hand.

use std::path::PathBuf;

use clap::Args;
use credential::trust_list::RootSet;

use crate::command::Exit;
use crate::durable_file;
use crate::error::{Error, Wanted};
use crate::open_key::allowed;
use crate::output::Output;
use crate::trust::TrustError;
use crate::trust::description::read_public;

/// Which keys, and how many of them.
#[derive(Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Roots {
    /// 根公钥文件（.pub）。 ¦ The public keys of the roots (.pub).
    #[arg(required = true)]
    keys: Vec<PathBuf>,
    /// 须有几把根密钥签名。 ¦ How many roots must sign.
    #[arg(long, value_name = "NUMBER")]
    threshold: u8,
    /// 根密钥文件写到这里；不覆盖。 ¦ Where the root file goes; nothing is overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 演示：接受公开的示例密钥。 ¦ Demo: the public example keys are accepted.
    #[arg(long)]
    demo: bool,
}

impl Roots {
    pub(super) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut keys = Vec::new();
        for path in &self.keys {
            let line = read_public(path)?;
            let refused = |cause| Error::Key { path: path.clone(), cause };
            allowed(self.demo).check(line.kid).map_err(refused)?;
            if !line.is_sound() {
                return Err(TrustError::NoPoint { kid: line.kid }.into());
            }
            if keys.contains(&line.key) {
                return Err(TrustError::RepeatedKid { kid: line.kid }.into());
            }
            keys.push(line.key);
        }
        let wrong = |cause| Error::NotSuchAFile { path: self.out.clone(), wanted: Wanted::Roots, cause };
        let roots = RootSet::new(self.threshold, keys).map_err(wrong)?;
        durable_file::create(&self.out, &roots.to_bytes())?;
        super::show::tell_roots(&roots, output)?;
        Ok(Exit::Good)
    }
}
