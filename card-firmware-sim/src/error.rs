//! What can go wrong around a simulated card.

use card_applet::store::StoreError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a simulated card or its reader cannot be had.
#[derive(Debug)]
pub enum SimError {
    /// The state file cannot be opened, or another simulator holds it.
    StateFile {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The state file is not a card's memory: its size is wrong.
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        length: u64,
        /// Bytes of a card's memory.
        expected: usize,
    },
    /// The firmware refuses the memory.
    Store(StoreError),
    /// The reader service or its virtual reader is not installed.
    NotInstalled {
        /// The program or file that is missing.
        missing: &'static str,
    },
    /// The reader service did not come up.
    DaemonFailed {
        /// What it said, or the system's reason.
        said: String,
    },
    /// Another program holds the reader service for longer than this one wants to wait.
    DaemonBusy,
    /// The virtual reader could not be reached, or the link to it failed.
    Link(io::Error),
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StateFile { path, source } => write!(f, "无法打开卡片文件 {0}：{1}\ncannot open {0}: {1}", path.display(), source),
            Self::NotAnImage { path, length, expected } => write!(
                f,
                "{0} 不是卡片文件（{length} 字节，应为 {expected} 字节）\n{0} is not a card: {length} bytes instead of {expected}",
                path.display()
            ),
            Self::Store(error) => write!(f, "卡片存储不可用：{error:?}\nthe card's memory is unusable: {error:?}"),
            Self::NotInstalled { missing } => write!(
                f,
                "缺少 {missing}，请先运行：{0}\n{missing} is missing, install it: {0}",
                crate::INSTALL
            ),
            Self::DaemonFailed { said } => write!(f, "读卡服务没有启动：{said}\nthe reader service did not start: {said}"),
            Self::DaemonBusy => f.write_str(
                "读卡服务正被另一个测试占用\nthe reader service is held by another test; wait for it or stop it",
            ),
            Self::Link(error) => write!(f, "连不上虚拟读卡器：{error}\nthe virtual reader cannot be reached: {error}"),
        }
    }
}

impl std::error::Error for SimError {}

impl From<StoreError> for SimError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
