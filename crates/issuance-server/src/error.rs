//! Why a command ended: what happened and the next step, in Chinese and English.

use std::io;
use std::path::{Path, PathBuf};

use credential::snapshot::Version;
use issuance::applicants_file::{ColumnFault, FileFault, MAX_FILE_BYTES, MAX_LINE_BYTES};
use issuance::register::StoreError;
use keystore::KeyError;
use verifier::Refusal;

use crate::web::start::StartError;
use bilingual::{Language, say};

/// One cause a variant.
#[derive(Debug)]
pub enum Error {
    /// A rule of casework.
    Casework(issuance::Error),
    /// A key file.
    Key {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: KeyError,
    },
    /// No register in the folder.
    NoRegister {
        /// Which folder.
        folder: PathBuf,
    },
    /// There is a register in the folder already.
    RegisterExists {
        /// Which folder.
        folder: PathBuf,
    },
    /// A file or folder.
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// A file that is larger than it may be.
    TooLarge {
        /// Which.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// A line that is longer than it may be.
    LineTooLong {
        /// In bytes.
        limit: usize,
    },
    /// A text file in an encoding that is neither UTF-8 nor GB 18030.
    Encoding {
        /// Which.
        path: PathBuf,
    },
    /// A column of an applicants' file that is not known, stands twice or is missing.
    Column {
        /// As the file names it.
        label: String,
        /// What is wrong with it.
        fault: ColumnFault,
    },
    /// settings.toml has a fault.
    Settings {
        /// Which file.
        path: PathBuf,
    },
    /// A folder made with --demo was opened without it, or the other way round.
    DemoMismatch {
        /// How the folder was made.
        folder_is_demo: bool,
    },
    /// --at outside a demonstration.
    ClockOverride,
    /// An option's text.
    Argument {
        /// Which option.
        name: &'static str,
    },
    /// Nobody with this login.
    NoOfficer {
        /// The login.
        login: String,
    },
    /// The login is taken.
    LoginTaken {
        /// The login.
        login: String,
    },
    /// No certificate with this number.
    NoSuchCertificate,
    /// The trust list or the roots are missing, unreadable, or do not name our keys.
    Trust {
        /// What is wrong.
        fault: TrustFault,
    },
    /// A policy pack that its signature or its scope does not make ours.
    Policy {
        /// Which file.
        path: PathBuf,
        /// The verifier's word.
        refusal: Refusal,
    },
    /// A policy pack older than the adopted one of its name.
    PolicyOlder {
        /// Which pack.
        name: String,
        /// The version in use.
        adopted: Version,
    },
    /// Certificates are prepared by the rules of today and not signed yet.
    PreparedWaits,
    /// The text does not fit a QR code.
    Picture,
    /// A copy is not equal to what it was made from, or is damaged.
    CopyDiffers,
    /// The chain of the audit is broken.
    AuditBroken {
        /// At this row.
        row: i64,
    },
    /// The console did not start.
    Start(StartError),
    /// No one-time password could be stored; the log says why.
    NoPassword,
    /// Card keys that everybody knows, or that lie in clear: for demonstrations.
    CardKeysNotOurs {
        /// Which file.
        path: PathBuf,
    },
    /// A command that a demonstration alone has.
    DemoOnly,
    /// The officer has no authenticator yet.
    NoAuthenticator {
        /// Their login.
        login: String,
    },
    /// The keys of people's facts are not where they belong.
    PersonalKeysMissing {
        /// Where.
        path: PathBuf,
    },
    /// Another program exchanged the keys of people's facts at this very moment.
    KeysExchanged,
    /// Programs work with the keys of before, and would not open what is sealed anew.
    EarlierKeysInUse,
    /// Keys of people's facts that everybody knows, or that lie in clear: for demonstrations.
    PersonalKeysNotOurs {
        /// Which file.
        path: PathBuf,
    },
    /// Whoever read our output went away.
    OutputClosed,
}

/// What is wrong with the trust list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustFault {
    /// There is none yet.
    Missing,
    /// Not what roots sign.
    Unreadable,
    /// Our public keys are not in it.
    OurKeysMissing,
}

impl Error {
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Self::File { path: path.to_owned(), kind: error.kind() }
    }

    pub(crate) fn applicants(path: &Path, fault: FileFault) -> Self {
        let path = path.to_owned();
        match fault {
            FileFault::Column { label, fault } => Self::Column { label, fault },
            FileFault::LineTooLong => Self::LineTooLong { limit: MAX_LINE_BYTES },
            FileFault::Encoding => Self::Encoding { path },
            FileFault::TooLarge => Self::TooLarge { path, limit: MAX_FILE_BYTES },
            FileFault::Reading(kind) => Self::File { path, kind },
        }
    }

    /// What happened and what to do.
    pub(crate) fn say(&self, language: Language) -> String {
        match self {
            Self::Casework(error) => match language {
                Language::Zh => error.zh(),
                Language::En => error.en(),
            },
            Self::Key { path, error } => match language {
                Language::Zh => format!("{}：{}", path.display(), error.zh()),
                Language::En => format!("{}: {error}", path.display()),
            },
            Self::NoRegister { folder } => say!(
                language,
                "{} 中没有登记库。请先运行 zhengka-issuer init --dir，或用 --dir 指定其他目录。",
                "there is no register in {}; run `zhengka-issuer init --dir`, or name another folder with --dir",
                folder.display()
            ),
            Self::RegisterExists { folder } => say!(
                language,
                "{} 中已有登记库，未改动。请另选目录。",
                "there is a register in {} already, nothing was changed; choose another folder",
                folder.display()
            ),
            Self::File { path, kind } => {
                say!(language, "{}：{}", "{}: {}", path.display(), why(*kind, language))
            }
            Self::TooLarge { path, limit } => say!(
                language,
                "{} 超过 {} MiB，未读取。请分成多个文件。",
                "{} is larger than {} MiB and was not read; split it",
                path.display(),
                limit >> 20
            ),
            Self::LineTooLong { limit } => say!(
                language,
                "有一行超过 {} KiB，到此为止。请检查引号是否成对。",
                "a line is longer than {} KiB; reading stopped there. Look for an unclosed quote.",
                limit >> 10
            ),
            Self::Encoding { path } => say!(
                language,
                "{} 不是 UTF-8 或 GB 18030 文本。请另存为 CSV UTF-8。",
                "{} is neither UTF-8 nor GB 18030; save it as CSV UTF-8",
                path.display()
            ),
            Self::Column { label, fault } => match fault {
                ColumnFault::Unknown => {
                    say!(
                        language,
                        "未知列名“{}”。见 IMPORT.md。",
                        "unknown column `{}`; see IMPORT.md",
                        label
                    )
                }
                ColumnFault::Twice => say!(language, "列名“{}”重复。", "column `{}` stands twice", label),
                ColumnFault::Missing => say!(language, "缺少列“{}”。", "column `{}` is missing", label),
            },
            Self::Settings { path } => {
                say!(language, "{} 格式有误。", "{} has a fault", path.display())
            }
            Self::DemoMismatch { folder_is_demo: true } => say!(
                language,
                "此目录为演示而建（示例密钥）。请加 --demo。",
                "this folder was made for a demonstration, with example keys; add --demo"
            ),
            Self::DemoMismatch { folder_is_demo: false } => say!(
                language,
                "此目录是正式登记库，不能用 --demo 打开。",
                "this folder is a real register and does not open with --demo"
            ),
            Self::ClockOverride => {
                say!(language, "--at 只能与 --demo 一起使用。", "--at works with --demo only")
            }
            Self::Argument { name } => say!(
                language,
                "{} 的值不正确。请看 --help。",
                "the value of {} is not right; see --help",
                name
            ),
            Self::NoOfficer { login } => say!(
                language,
                "没有登录名为 {} 的工作人员。请先运行 officer add。",
                "there is no officer `{}`; add them with `officer add`",
                login
            ),
            Self::LoginTaken { login } => {
                say!(language, "登录名 {} 已被使用。", "the login `{}` is taken", login)
            }
            Self::NoSuchCertificate => {
                say!(
                    language,
                    "没有此证。用 list 查看编号。",
                    "no such certificate; `list` shows the numbers"
                )
            }
            Self::Trust { fault } => match fault {
                TrustFault::Missing => say!(
                    language,
                    "尚无信任名单。请把公钥交根密钥仪式签署，再运行 bundle trust。",
                    "there is no trust list yet; take the public keys to the roots, then run `bundle trust`"
                ),
                TrustFault::Unreadable => say!(
                    language,
                    "信任名单或根文件无法读取，或根签名不足。",
                    "the trust list or the roots cannot be read, or too few roots signed"
                ),
                TrustFault::OurKeysMissing => say!(
                    language,
                    "信任名单中没有本机构的密钥。请用 keys/*.pub 重新签署。",
                    "the trust list does not name our keys; have it signed with keys/*.pub in it"
                ),
            },
            Self::Policy { path, refusal } => say!(
                language,
                "{}：政策包未采用：{}。请核对签名密钥是否在信任名单中、角色为 policy 且覆盖该地区。",
                "{}: the pack is not used: {}; is its key in the trust list, with the role policy, for that region?",
                path.display(),
                language.pick(refusal.zh(), refusal.en())
            ),
            Self::PolicyOlder { name, adopted } => say!(
                language,
                "政策包 {} 已采用版本 {}，不能换成更早的版本。",
                "version {1} of the pack {0} is in use; an older one does not replace it",
                name,
                adopted
            ),
            Self::PreparedWaits => say!(
                language,
                "有证件按现行规则备签、尚未签发。请先运行 issue。",
                "certificates are prepared by the rules of today and not signed yet; run `issue` first"
            ),
            Self::Picture => say!(language, "内容放不进二维码。", "the text does not fit a QR code"),
            Self::CopyDiffers => say!(
                language,
                "副本与原件不一致或已损坏，未采用。",
                "the copy differs from what it was made from, or is damaged; it was not used"
            ),
            Self::AuditBroken { row } => say!(
                language,
                "审计链在第 {} 行断开：该行被改动、删除、插入或移位。请保护现场并报告。",
                "the audit chain breaks at row {}: changed, removed, inserted or moved. Keep everything and report it.",
                row
            ),
            Self::Start(error) => error.to_string(),
            Self::NoPassword => say!(
                language,
                "一次性密码未能保存。请检查登记库后再运行 officer password。",
                "the one-time password could not be stored; look at the register, then run `officer password`"
            ),
            Self::CardKeysNotOurs { path } => say!(
                language,
                "{} 是示例密钥或未加密，只供演示。请用 card-job keys 生成。",
                "{}: example keys, or keys in clear, serve demonstrations only; make your own with card-job keys",
                path.display()
            ),
            Self::DemoOnly => {
                say!(language, "此命令只能与 --demo 一起使用。", "this command works with --demo only")
            }
            Self::NoAuthenticator { login } => say!(
                language,
                "{} 尚未绑定验证器。请先在网页上用一次性密码登录。",
                "{} has no authenticator yet; sign in with the one-time password in a browser first",
                login
            ),
            Self::PersonalKeysMissing { path } => say!(
                language,
                "缺少 {}：没有它，登记库中的个人信息无法读取。未作任何改动；请从密钥备份放回此文件。",
                "{} is missing: without it nobody reads the people in the register. Nothing was changed; \
                 put the file back from the copy of your keys.",
                path.display()
            ),
            Self::KeysExchanged => say!(
                language,
                "个人信息密钥正在更换，请再运行一次。",
                "the personal keys are being exchanged; run it again"
            ),
            Self::EarlierKeysInUse => say!(
                language,
                "新密钥已写入 keys/personal.keys，但仍有程序（如 serve）使用旧密钥，尚未重新加密。\
                 请重启这些程序，再运行 keys rotate。",
                "the new key is in keys/personal.keys, but a program (serve?) still works with the old one, and nothing was \
                 sealed anew. Restart it, then run `keys rotate` again."
            ),
            Self::PersonalKeysNotOurs { path } => say!(
                language,
                "{} 是示例密钥或未加密，只供演示。请放回 init 生成的密钥文件。",
                "{}: example keys, or keys in clear, serve demonstrations only; put back the file that init made",
                path.display()
            ),
            Self::OutputClosed => String::new(),
        }
    }
}

fn why(kind: io::ErrorKind, language: Language) -> String {
    match kind {
        io::ErrorKind::NotFound => language.pick("找不到", "not found").into(),
        io::ErrorKind::PermissionDenied => language.pick("没有权限", "permission denied").into(),
        io::ErrorKind::AlreadyExists => {
            language.pick("已存在，未覆盖", "exists already and was not overwritten").into()
        }
        io::ErrorKind::StorageFull => language.pick("磁盘已满", "the disk is full").into(),
        kind => kind.to_string(),
    }
}

impl From<issuance::Error> for Error {
    fn from(error: issuance::Error) -> Self {
        Self::Casework(error)
    }
}

impl From<StartError> for Error {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Casework(error.into())
    }
}
