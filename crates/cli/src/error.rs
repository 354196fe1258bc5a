//! Why a command ended without a result, as facts; told in one language with the next step.

use std::io;
use std::path::{Path, PathBuf};

use crate::language::{Language, say};

/// One cause a variant.
#[derive(Debug)]
pub(crate) enum Error {
    /// The reader of our output went away.
    OutputClosed,
    /// Standard output takes no more.
    Output { kind: io::ErrorKind },
    /// A file or folder could not be read.
    Reading { path: PathBuf, kind: io::ErrorKind },
    /// A file could not be written.
    Writing { path: PathBuf, kind: io::ErrorKind },
    /// A file is larger than such a file can be.
    TooLarge { path: PathBuf, limit: usize },
    /// A file that must be new is there.
    WouldOverwrite { path: PathBuf },
}

impl Error {
    pub(crate) fn reading(path: &Path, error: &io::Error) -> Self {
        Self::Reading { path: path.into(), kind: error.kind() }
    }

    pub(crate) fn writing(path: &Path, error: &io::Error) -> Self {
        Self::Writing { path: path.into(), kind: error.kind() }
    }

    /// What happened, and what to do.
    pub(crate) fn say(&self, language: Language) -> String {
        match self {
            Self::OutputClosed => say!(language, "输出已关闭。", "The output was closed."),
            Self::Output { kind } => {
                say!(language, "无法输出：{}。", "Cannot write the output: {}.", io_reason(*kind, language))
            }
            Self::Reading { path, kind } => {
                say!(
                    language,
                    "无法读取 {}：{}。",
                    "Cannot read {}: {}.",
                    path.display(),
                    io_reason(*kind, language)
                )
            }
            Self::Writing { path, kind } => {
                say!(
                    language,
                    "无法写入 {}：{}。",
                    "Cannot write {}: {}.",
                    path.display(),
                    io_reason(*kind, language)
                )
            }
            Self::TooLarge { path, limit } => {
                say!(
                    language,
                    "{} 超过 {limit} 字节，不会是这种文件。",
                    "{} has more than {limit} bytes and cannot be such a file.",
                    path.display()
                )
            }
            Self::WouldOverwrite { path } => {
                say!(
                    language,
                    "{} 已存在，不会覆盖；请换一个文件名。",
                    "{} exists and is not overwritten; choose another name.",
                    path.display()
                )
            }
        }
    }
}

/// The system's reason in a word or two.
pub(crate) fn io_reason(kind: io::ErrorKind, language: Language) -> String {
    match kind {
        io::ErrorKind::NotFound => say!(language, "没有这个文件", "no such file"),
        io::ErrorKind::PermissionDenied => say!(language, "没有权限", "permission denied"),
        io::ErrorKind::IsADirectory => say!(language, "这是一个文件夹", "it is a folder"),
        io::ErrorKind::StorageFull => say!(language, "磁盘已满", "the disk is full"),
        io::ErrorKind::ReadOnlyFilesystem => say!(language, "磁盘只读", "the disk is read-only"),
        other => say!(language, "系统报告 {other}", "{other}"),
    }
}
