//! An issuer's folder with a few certificates that wait for their cards, and the programs that serve it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The folder with the programs, the issuer's data and whatever a story puts there.
pub struct IssuingOffice {
    folder: PathBuf,
}

impl IssuingOffice {
    /// A demonstration's issuer in this folder, with so many certificates and a card ordered for each. `programs` is the
    /// binary that plays them all.
    #[must_use]
    pub fn new(folder: &Path, programs: impl AsRef<Path>, certificates: usize) -> Self {
        let office = Self { folder: folder.into() };
        for name in ["zhengka", "zhengka-issuer"] {
            // A link where one can be made: a file just written cannot be run while another thread starts a program.
            fs::hard_link(programs.as_ref(), office.path(name))
                .or_else(|_| fs::copy(programs.as_ref(), office.path(name)).map(drop))
                .expect("the folder is ours");
        }
        let lines: Vec<&str> = APPLICANTS.lines().take(1 + certificates).collect();
        fs::write(office.path("applicants.csv"), lines.join("\n") + "\n").expect("the folder is ours");
        office.issuer(&["init"]);
        office.issuer(&["--as", "clerk", "import", "applicants.csv"]);
        office.issuer(&["--as", "reviewer", "review", "--all"]);
        office.issuer(&["--as", "approver", "approve", "--all"]);
        office.issuer(&["issue"]);
        office.issuer(&["--as", "card", "card-job", "order", "--all"]);
        office
    }

    /// The file's next applicant, whose case then waits for its review.
    pub fn import_one_more(&self) {
        let known = fs::read_to_string(self.path("applicants.csv")).expect("it was imported").lines().count();
        let more: Vec<&str> =
            APPLICANTS.lines().take(1).chain(APPLICANTS.lines().skip(known).take(1)).collect();
        fs::write(self.path("one-more.csv"), more.join("\n") + "\n").expect("the folder is ours");
        self.issuer(&["--as", "clerk", "import", "one-more.csv"]);
    }

    /// A file or folder of the story.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs the issuer's program, which must do as it is told.
    pub fn issuer(&self, arguments: &[&str]) -> Output {
        let fixed = ["--demo", "--dir", "issuer"];
        let output = self.run("zhengka-issuer", fixed.iter().chain(arguments));
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// The cards that wait to be made.
    #[must_use]
    pub fn open_jobs(&self) -> Vec<Value> {
        json_lines(&self.issuer(&["--json", "card-job", "list"]).stdout)
    }

    /// The command that runs `zhengka` here, in English.
    #[must_use]
    pub fn zhengka(&self) -> Command {
        let mut command = Command::new(self.path("zhengka"));
        command.current_dir(&self.folder).env("LC_ALL", "en_US.UTF-8").stdin(Stdio::null());
        command
    }

    /// The desk of this office, one JSON object an event.
    #[must_use]
    pub fn desk(&self, reader: &str) -> Command {
        let mut command = self.zhengka();
        command.args(["desk", "--issuer", "issuer", "--demo", "--as", "card", "--json", "--reader", reader]);
        command
    }

    /// Verifies at this office's trust: a bundle made now.
    #[must_use]
    pub fn verify(&self) -> Command {
        self.issuer(&["bundle", "export", "today.dcb"]);
        let mut command = self.zhengka();
        command.args(["verify", "--demo", "--json", "--root", "issuer/root.dcr", "--bundle", "today.dcb"]);
        command
    }

    fn run<S: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = S>) -> Output {
        let mut command = Command::new(self.path(program));
        command.args(arguments).current_dir(&self.folder).env("LC_ALL", "en_US.UTF-8").stdin(Stdio::null());
        command.output().expect("the program can be run")
    }
}

/// The lines of a program that was asked for JSON.
#[must_use]
pub fn json_lines(text: &[u8]) -> Vec<Value> {
    let lines = String::from_utf8_lossy(text);
    lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

const APPLICANTS: &str = include_str!("../../crates/xtask/demo/applicants.csv");
