//! `completions`: a script for a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::command::{Exit, Issuer};
use crate::error::Error;
use crate::output::Output;

/// Arguments of `completions`.
#[derive(Args)]
pub(crate) struct Completions {
    /// 哪种 shell。 ¦ Which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Issuer::command(), "zhengka-issuer", &mut script);
        output.line(String::from_utf8_lossy(&script).trim_end())?;
        Ok(Exit::Good)
    }
}
