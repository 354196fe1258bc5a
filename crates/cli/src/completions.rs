//! `zhengka completions SHELL`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::command::{Exit, Zhengka};
use crate::error::Error;
use crate::output::Output;
use bilingual::help::in_one_language;

/// Which shell.
#[derive(Args)]
pub(crate) struct Completions {
    /// 哪种 shell。 ¦ Which shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut command = in_one_language(Zhengka::command(), output.language());
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "zhengka", &mut script);
        output.bytes(&script)?;
        Ok(Exit::Good)
    }
}
