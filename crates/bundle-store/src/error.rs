//! What can go wrong with a verifier's memory; each text says what stays in force and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use credential::Malformed;
use credential::snapshot::Version;
use verifier::Refusal;

/// One cause a variant.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder was never made ready (operator).
    #[error("{} 中没有状态文件，请先用根密钥文件初始化。 no state in this folder: make it with `init` and the file of roots.", folder.display())]
    NotInitialised {
        /// The folder.
        folder: PathBuf,
    },
    /// `init` would forget marks (operator).
    #[error("{} 中已有状态，不会被覆盖。 this folder has a state already; it is not overwritten.", folder.display())]
    AlreadyInitialised {
        /// The folder.
        folder: PathBuf,
    },
    /// Torn or altered. Never taken for an empty one, or a rollback would pass (operator).
    #[error("{} 已损坏（{cause}）。请核实原因后重新初始化。 damaged ({cause}). Find out why, then `init` in an empty folder.", path.display())]
    StateDamaged {
        /// The state file.
        path: PathBuf,
        /// What is wrong with it.
        cause: Malformed,
    },
    /// Another program uses the folder (operator).
    #[error("{} 正被另一程序使用。 in use by another program.", folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The file does not verify; the bundle in force stays (authority).
    #[error("{refusal}: {}  {}", refusal.zh(), refusal.en())]
    Refused {
        /// Why.
        refusal: Refusal,
    },
    /// The delta starts elsewhere; the bundle in force stays, the whole bundle always helps (operator).
    #[error(
        "差分包基于版本 {wanted}，本机为 {ours}，请用完整核验包。 the delta starts from snapshot {wanted}, in force is {ours}: take the whole bundle."
    )]
    OtherBase {
        /// Where it starts.
        wanted: Version,
        /// Where we are.
        ours: Version,
    },
    /// The file is no delta that can be applied (authority).
    #[error(
        "差分包无法应用（{cause}），请用完整核验包。 the delta cannot be applied ({cause}): take the whole bundle."
    )]
    BadDelta {
        /// Why.
        cause: Malformed,
    },
    /// The system refused: no room, no permission, no such place (operator).
    #[error("{}无法{}：{source}。 cannot {}.", path.display(), doing.zh(), doing.en())]
    Io {
        /// What was being done.
        doing: Doing,
        /// To which file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The server did not answer with a bundle (operator).
    #[error("下载失败：{source}。 download failed.")]
    Download {
        /// The client's words.
        source: Box<ureq::Error>,
    },
}

/// What was being done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Reading it.
    Read,
    /// Writing it.
    Write,
}

impl Error {
    pub(crate) fn io(doing: Doing, path: &Path, source: io::Error) -> Self {
        Self::Io { doing, path: path.into(), source }
    }
}

impl Doing {
    fn zh(self) -> &'static str {
        match self {
            Self::Read => "读取",
            Self::Write => "写入",
        }
    }

    fn en(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { refusal }
    }
}
