//! The port to storage: what casework asks of a register, one method a use case, one transaction each.
//! Audit rows go into the same transaction. Two implementations pass one conformance test: the twin in memory
//! (`memory`) and SQLite in the service. Whatever a method refuses leaves no trace.

mod audit;
mod card;
mod case;
mod certificate;
mod change;
mod document;
mod issuing;
mod office;
mod person;

pub use audit::{AuditQuery, AuditStore, Counts};
pub use card::{CardQuery, CardStore, CardTally, LATEST};
pub use case::{CaseQuery, CaseStore, Opening, TermQuery};
pub use certificate::{CertificateQuery, CertificateStore, EndingQuery};
pub use change::{ChangeQuery, ChangeStore};
pub use document::DocumentStore;
pub use issuing::{IssuerKey, IssuingStore, PreparedCredential, PreparedRow};
pub use office::{NewOffice, NewOfficer, OfficeStore};
pub use person::{PersonQuery, PersonStore};

/// Storage, as casework sees it: all of its parts behind one door.
pub trait Register:
    OfficeStore
    + PersonStore
    + CaseStore
    + DocumentStore
    + CertificateStore
    + IssuingStore
    + ChangeStore
    + CardStore
    + AuditStore
{
}

/// The result of a register.
pub type Stored<T> = Result<T, StoreError>;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// Why a register did not answer. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else was quicker: look again, then decide.
    Conflict,
    /// A rule that the register itself keeps; its name.
    Rule(&'static str),
    /// A row breaks our own rules: changed by hand, or written by a program with a fault.
    Broken {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row.
        row: i64,
    },
    /// Another program holds the file; try again.
    Busy,
    /// No room left on the disk.
    Full,
    /// People's facts were sealed with other keys than those at hand.
    WrongKey,
    /// A newer program has changed the register's shape.
    Newer {
        /// How far its shape goes.
        schema: usize,
        /// How far this program's goes.
        ours: usize,
    },
    /// Everything else the storage engine says, by its code.
    Engine {
        /// The code of the engine.
        code: i32,
    },
}

impl StoreError {
    /// What happened and what to do.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Conflict => "他人刚刚处理过此件，请刷新后再决定。".into(),
            Self::Rule(name) => format!("登记库拒绝写入（规则 {name}）。"),
            Self::Broken { table, column, row } => {
                format!("登记库数据异常：{table}.{column}，第 {row} 行。请从备份恢复并报告。")
            }
            Self::Busy => "登记库正被其他程序占用，请稍后再试。".into(),
            Self::Full => "磁盘已满，未写入任何内容。请腾出空间后重试。".into(),
            Self::WrongKey => {
                "个人信息密钥不是此登记库的密钥，未读取任何内容。请放回登记库原来的 keys/personal.keys（更换密钥之前的备份：personal.keys.before-N）。"
                    .into()
            }
            Self::Newer { schema, ours } => {
                format!("登记库由更新版本的程序建立（结构 {schema}，本程序 {ours}），未作改动。请升级程序。")
            }
            Self::Engine { code } => format!("登记库错误，代码 {code}。请查看磁盘和文件权限。"),
        }
    }

    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Conflict => "somebody else was quicker; look again, then decide".into(),
            Self::Rule(name) => format!("the register refuses (rule {name})"),
            Self::Broken { table, column, row } => {
                format!("{table}.{column} in row {row} breaks our rules; restore a backup and report it")
            }
            Self::Busy => "another program holds the register; try again".into(),
            Self::Full => "the disk is full and nothing was written; make room and try again".into(),
            Self::WrongKey => "these are not the personal keys of this register, and nothing was read; \
                               put back the keys/personal.keys that belong to it (a backup of before an exchange: personal.keys.before-N)"
                .into(),
            Self::Newer { schema, ours } => {
                format!(
                    "a newer program shaped this register (shape {schema}, ours {ours}); nothing was changed, update the program"
                )
            }
            Self::Engine { code } => format!("storage error, code {code}; look at disk and permissions"),
        }
    }
}

impl From<StoreError> for crate::Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
