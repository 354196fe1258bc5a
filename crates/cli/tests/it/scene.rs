//! A folder of its own for each story, and the program run in it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use credential::qr_text::QrText;
use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::Value;
use tempfile::TempDir;

/// A folder in which `zhengka` runs.
pub(crate) struct Scene {
    folder: TempDir,
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `zhengka` with these arguments, in English.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Ran {
        self.run_with(args, b"")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_with<S: AsRef<OsStr>>(&self, args: &[S], stdin: &[u8]) -> Ran {
        let mut child = self
            .command()
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end before it has read all.
        let _ = child.stdin.take().unwrap().write_all(stdin);
        Ran::new(&child.wait_with_output().unwrap())
    }

    /// The program, without anything of the machine's own settings.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhengka"));
        command.current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.path("home")).env("LC_ALL", "en_US.UTF-8");
        command
    }
}

impl Ran {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let code = output.status.code().expect("ended by itself");
        Self { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The lines of a `--json` run.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
    }

    /// The refusal numbers of a `--json` run, 0 for accepted and -1 for unreadable.
    pub(crate) fn verdicts(&self) -> Vec<i64> {
        let number = |line: &Value| match line["verdict"].as_str().unwrap() {
            "accepted" => 0,
            "unreadable" => -1,
            _ => line["refusal"]["number"].as_i64().unwrap(),
        };
        self.json().iter().map(number).collect()
    }
}

/// `DC1:` digits.
pub(crate) fn text(credential: &[u8]) -> String {
    QrText::new(credential.to_vec()).to_text()
}

/// A printed code with its quiet zone, five pixels a module.
pub(crate) fn printed(text: &str) -> GrayImage {
    const QUIET: u32 = 4;
    const PIXELS: u32 = 5;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let modules = code.width() as u32;
    let side = (modules + 2 * QUIET) * PIXELS;
    GrayImage::from_fn(side, side, |x, y| {
        let (column, row) = ((x / PIXELS).wrapping_sub(QUIET), (y / PIXELS).wrapping_sub(QUIET));
        let inside = column < modules && row < modules;
        let dark = inside && code[(column as usize, row as usize)] == Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    })
}
