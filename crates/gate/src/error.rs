//! Why the gate does not start. Once it runs, it reports and goes on.

use std::io;
use std::path::{Path, PathBuf};

use crate::entry::BadLine;

/// One cause a variant.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// State or bundle (operator).
    #[error(transparent)]
    Store(#[from] bundle_store::Error),
    /// The settings cannot be read or do not make sense (operator).
    #[error("设置有误：{problem}。 settings.")]
    Settings {
        /// Field and rule, or line and column.
        problem: String,
    },
    /// A file or device that the settings name (operator).
    #[error("{}：{source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// The journal cannot be opened (operator).
    #[error("日志 {} 无法打开：{source}。 the journal cannot be opened.", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A line was altered after it was written (operator).
    #[error("日志 {} 第 {line} 行已损坏（{cause:?}）。请保存该文件查明原因，移走后重新启动（本期次数将重新计算）。 line {line} of the journal is damaged: keep the file, find out why, move it away and start again; quotas then begin anew.", path.display())]
    JournalDamaged {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// How.
        cause: BadLine,
    },
}

impl Error {
    pub(crate) fn journal(path: &Path, source: io::Error) -> Self {
        Self::Journal { path: path.into(), source }
    }

    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
