//! The stage of the demo: its folder, its programs, and the table of what came out.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::run::root;

/// Where the scenes play.
pub(crate) struct Stage {
    dir: PathBuf,
    programs: PathBuf,
    rows: Vec<Row>,
    /// Held as long as a demo plays in the usual folder.
    _alone: Option<File>,
}

struct Row {
    what: String,
    wanted: Outcome,
    found: Outcome,
}

/// What a verifier answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Accepted.
    Accepted,
    /// Refused, by number and name.
    Refused(u64, String),
    /// No code was found in the picture.
    Unreadable,
}

impl Stage {
    /// In a folder of its own, which must be empty; or in the usual one, where the last demo is cleared away.
    pub(crate) fn new(dir: Option<PathBuf>) -> Result<Self> {
        let programs = programs()?;
        let (dir, alone) = match dir {
            Some(dir) => (dir, None),
            None => usual(&programs)?,
        };
        fs::create_dir_all(&dir).with_context(|| format!("建立目录 making {}", dir.display()))?;
        ensure!(
            fs::read_dir(&dir)?.next().is_none(),
            "{} 不为空 is not empty; name another folder",
            dir.display()
        );
        for name in FILES {
            fs::copy(root().join("crates/xtask/demo").join(name), dir.join(name))?;
        }
        Ok(Self { dir: dir.canonicalize()?, programs, rows: Vec::new(), _alone: alone })
    }

    /// A file or folder of the demo.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Announces a scene.
    pub(crate) fn scene(&self, zh: &str, en: &str) {
        println!("\n━━ {zh}\n   {en}");
    }

    /// Says one sentence.
    pub(crate) fn say(&self, text: &str) {
        println!("   {text}");
    }

    /// `zhengka-issuer --demo --dir issuer ...`, which must end with this exit code; shows the command and its last lines.
    pub(crate) fn issuer(&self, arguments: &[&str], exit: i32) -> Result<Vec<String>> {
        self.show("zhengka-issuer", &[&["--demo", "--dir", "issuer"], arguments].concat(), exit)
    }

    /// The same with `--json`; shows the command only.
    pub(crate) fn issuer_json(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let arguments = [&["--demo", "--dir", "issuer", "--json"], arguments].concat();
        println!("   $ zhengka-issuer {}", arguments.join(" "));
        let output = self.program("zhengka-issuer", &arguments)?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        json_lines(&output)
    }

    /// The issuer's answer as text, without showing anything; the command must succeed.
    pub(crate) fn quietly(&self, arguments: &[&str]) -> Result<String> {
        let output = self.program("zhengka-issuer", &[&["--demo", "--dir", "issuer"], arguments].concat())?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Any program; it must end with this exit code.
    pub(crate) fn show(&self, program: &str, arguments: &[&str], exit: i32) -> Result<Vec<String>> {
        println!("   $ {program} {}", arguments.join(" "));
        let output = self.program(program, arguments)?;
        let text = [output.stdout, output.stderr].concat();
        let lines: Vec<String> = String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        if hidden > 0 {
            println!("     … {hidden} 行 lines");
        }
        lines.iter().skip(hidden).for_each(|line| println!("     {line}"));
        if output.status.code() != Some(exit) {
            bail!("{program} 的退出码应为 must exit with {exit}: {}", output.status);
        }
        Ok(lines)
    }

    /// Verifies pictures, texts or folders against a bundle of the demo.
    pub(crate) fn verify(&self, inputs: &[&str], options: &[&str]) -> Result<Vec<Value>> {
        let trust = ["verify", "--demo", "--json", "--root", "issuer/root.dcr"];
        let output = self.program("zhengka", &[&trust[..], options, inputs].concat())?;
        let lines = json_lines(&output)?;
        ensure!(!lines.is_empty(), "zhengka verify: {}", String::from_utf8_lossy(&output.stderr));
        Ok(lines)
    }

    /// Verifies one input and enters the outcome into the table.
    pub(crate) fn expect(
        &mut self,
        what: &str,
        input: &str,
        options: &[&str],
        wanted: Outcome,
    ) -> Result<()> {
        let lines = self.verify(&[input], options)?;
        let found = lines.first().map_or(Outcome::Unreadable, Outcome::of);
        self.enter(what, wanted, found);
        Ok(())
    }

    /// Enters an outcome into the table.
    pub(crate) fn enter(&mut self, what: &str, wanted: Outcome, found: Outcome) {
        let sign = if wanted == found { "✔" } else { "✘" };
        println!("   {sign} {what}: {found}");
        self.rows.push(Row { what: what.to_owned(), wanted, found });
    }

    /// The table, and the commands to try by hand. An error if anything came out otherwise than it must.
    pub(crate) fn close(self) -> Result<()> {
        println!("\n━━ 结果 What came out\n");
        for Row { what, wanted, found } in &self.rows {
            let sign = if wanted == found { "✔" } else { "✘" };
            println!("   {sign} {found:<26} {what}");
        }
        let surprises: Vec<&Row> = self.rows.iter().filter(|row| row.wanted != row.found).collect();
        if let Some(Row { what, wanted, found }) = surprises.first() {
            bail!(
                "{} 项不符，首项 surprises, the first: {what}: {found}, 应为 must be {wanted}",
                surprises.len()
            );
        }
        let (dir, programs) = (self.dir.display(), self.programs.display());
        println!("\n━━ 亲手试试 Try it by hand\n");
        println!("   cd {dir} && export PATH={programs}:$PATH");
        for line in TRY {
            println!("   {line}");
        }
        Ok(())
    }

    /// Where a program is.
    pub(crate) fn program_path(&self, program: &str) -> PathBuf {
        self.programs.join(program)
    }

    /// Runs a program in the folder of the demo.
    pub(crate) fn program<S: AsRef<OsStr>>(&self, program: &str, arguments: &[S]) -> Result<Output> {
        Command::new(self.program_path(program))
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(std::process::Stdio::null())
            .output()
            .with_context(|| format!("运行 running {program}"))
    }
}

impl Outcome {
    /// Of a line of JSON.
    pub(crate) fn of(line: &Value) -> Self {
        match line["verdict"].as_str() {
            Some("accepted") => Self::Accepted,
            Some("refused") => Self::Refused(
                line["refusal"]["number"].as_u64().unwrap_or_default(),
                line["refusal"]["name"].as_str().unwrap_or_default().to_owned(),
            ),
            _ => Self::Unreadable,
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted => f.pad("有效 accepted"),
            Self::Refused(number, name) => f.pad(&format!("拒绝 {number} {name}")),
            Self::Unreadable => f.pad("无法读取 not readable"),
        }
    }
}

/// Shorthand for what must come out.
pub(crate) fn refused(number: u64, name: &str) -> Outcome {
    Outcome::Refused(number, name.to_owned())
}

/// The folder cargo built into, beside this very program.
fn programs() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    this.parent().map(Path::to_path_buf).context("no folder above this program")
}

/// Beside what cargo built, so that nothing piles up and `cargo clean` takes it along.
fn usual(programs: &Path) -> Result<(PathBuf, Option<File>)> {
    let target = programs.parent().context("no folder above the programs")?;
    let lock = File::create(target.join("demo.lock"))?;
    lock.try_lock()
        .context("另一演示正在运行 another demo is running; --dir 指定另一目录 names another folder")?;
    let dir = target.join("demo");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    Ok((dir, Some(lock)))
}

fn json_lines(output: &Output) -> Result<Vec<Value>> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("no JSON: {line}"))).collect()
}

/// What the project ships for the demo.
const FILES: [&str; 3] = ["applicants.csv", "applicants-bad.csv", "applicants-gb18030.csv"];
/// Of a long output only the end is shown.
const SHOWN_LINES: usize = 4;
const TRY: &[&str] = &[
    "zhengka verify --demo --root issuer/root.dcr --bundle today.dcb pictures/000001-pass.png",
    "zhengka verify --demo --root issuer/root.dcr --bundle today.dcb --purpose office photographs",
    "zhengka inspect pictures/000002-certificate.png",
    "zhengka-issuer --demo --dir issuer list --limit 5",
    "zhengka-issuer --demo --dir issuer status",
    "zhengka-issuer --demo --dir issuer audit verify",
];
