//! Why a command ended without a result, as facts; told in one language with the next step.

use std::io;
use std::path::{Path, PathBuf};

use card_host::HostError;
use credential::{Kid, Malformed};
use keystore::KeyError;

use verifier::Refusal;

use crate::command::Exit;
use crate::trust::TrustError;
use bilingual::{Language, say};

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
    /// A text file that is no UTF-8.
    NotUtf8 { path: PathBuf },
    /// A key file gives no key.
    Key { path: PathBuf, cause: KeyError },
    /// There is no passphrase, or one that is too short.
    Passphrase { cause: KeyError },
    /// A new passphrase was typed in two ways.
    PassphrasesDiffer,
    /// The system gives no randomness.
    NoRandomness,
    /// There is no folder for this user's data, and no path was given.
    NoDataFolder,
    /// Nobody said which roots to trust.
    NoRoot { path: PathBuf },
    /// A file is not what its place says.
    NotSuchAFile { path: PathBuf, wanted: Wanted, cause: Malformed },
    /// The memory of the verifier is torn or altered.
    StateDamaged { path: PathBuf, cause: Malformed },
    /// The memory of the verifier began with other roots.
    OtherPin { path: PathBuf },
    /// Example keys stand in the chain of trust, outside a demo.
    ExampleTrust { kid: Kid },
    /// A description of a trust list is no such TOML file.
    Description { path: PathBuf, cause: Box<toml::de::Error> },
    /// A rule of the trust ceremony.
    Trust(TrustError),
    /// The verifier does not take a trust list.
    NotTrusted { path: PathBuf, refusal: Refusal },
    /// The machine's card readers cannot be used at all.
    Card { error: HostError },
    /// A PIN is not six digits, or none was typed.
    NotAPin,
    /// A new PIN was typed in two ways.
    PinsDiffer,
    /// A PIN was chosen, and it was not said for whom.
    PinWithoutJob,
    /// There is no issuer's folder at that place.
    NoIssuerFolder { path: PathBuf },
    /// The issuer's program cannot be started.
    NoIssuerProgram { path: PathBuf, kind: io::ErrorKind },
    /// The issuer's program ended.
    IssuerGone,
    /// The issuer's answer is none that this desk knows: one of the two is older.
    IssuerUnclear,
    /// The issuer cannot be reached.
    IssuerOutOfReach,
    /// The issuer answered with a problem (RFC 9457).
    IssuerRefuses { status: u16, title: String, detail: String },
    /// A desk that reaches its issuer by HTTPS has no token.
    NoToken,
}

/// What a file should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A pinned root file.
    Roots,
    /// A trust list, signed or not.
    TrustList,
    /// A root holder's signature.
    Signature,
    /// A bundle.
    Bundle,
}

impl Wanted {
    fn name(self, language: Language) -> &'static str {
        match self {
            Self::Roots => language.pick("根密钥文件", "root file"),
            Self::TrustList => language.pick("信任名单", "trust list"),
            Self::Signature => language.pick("签名文件", "signature file"),
            Self::Bundle => language.pick("核验包", "bundle"),
        }
    }
}

impl Error {
    pub(crate) fn reading(path: &Path, error: &io::Error) -> Self {
        Self::Reading { path: path.into(), kind: error.kind() }
    }

    pub(crate) fn writing(path: &Path, error: &io::Error) -> Self {
        Self::Writing { path: path.into(), kind: error.kind() }
    }

    /// What the caller of the program learns: a rule of the ceremony is a refusal, all else is wrong usage.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Trust(_) | Self::NotTrusted { .. } => Exit::Refused,
            _ => Exit::Unreadable,
        }
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
            Self::NotUtf8 { path } => {
                say!(language, "{} 不是 UTF-8 文本。", "{} is not UTF-8 text.", path.display())
            }
            Self::Key { path, cause } => {
                let why = language.pick(cause.zh(), cause.to_string());
                say!(language, "{}：{why}", "{}: {why}", path.display())
            }
            Self::Passphrase { cause } => language.pick(cause.zh(), cause.to_string()),
            Self::PassphrasesDiffer => {
                say!(language, "两次输入的口令不同。", "The two passphrases are different.")
            }
            Self::NoRandomness => {
                say!(language, "系统没有可用的随机数。", "The system gives no randomness.")
            }
            Self::NoDataFolder => say!(
                language,
                "没有用户数据文件夹（XDG_DATA_HOME 或 HOME）；请用 --bundle 和 --root 指定文件。",
                "There is no folder for user data (XDG_DATA_HOME or HOME); name the files with --bundle and --root."
            ),
            Self::NoRoot { path } => say!(
                language,
                "没有根密钥文件 {}；请用 --root 指定发证机关当面交付的文件。",
                "There is no root file {}; name with --root the one that the authority handed over.",
                path.display()
            ),
            Self::NotSuchAFile { path, wanted, cause } => say!(
                language,
                "{} 不是{}（{cause}）。",
                "{} is no {} ({cause}).",
                path.display(),
                wanted.name(language)
            ),
            Self::StateDamaged { path, cause } => say!(
                language,
                "核验状态文件 {} 已损坏（{cause}）。请从备份恢复；没有备份时，先向发证机关取得最新核验包，再由负责人删除此文件。",
                "The state file {} is damaged ({cause}). Restore it from a backup; without one, fetch the newest \
                 bundle from the authority first, then let whoever is responsible remove this file.",
                path.display()
            ),
            Self::OtherPin { path } => say!(
                language,
                "状态文件 {} 是用另一组根密钥建立的。若根密钥确已更换，请换一个 --state 文件夹；否则请用原来的根密钥文件。",
                "The state file {} began with other roots. If the roots were replaced on purpose, use another \
                 --state folder; else use the root file it began with.",
                path.display()
            ),
            Self::ExampleTrust { kid } => say!(
                language,
                "信任名单含公开的示例密钥 {kid}，人人可伪造；仅演示时可加 --demo。",
                "The chain of trust has the public example key {kid}, with which anybody can forge; for a demo, add --demo."
            ),
            Self::Description { path, cause } => {
                say!(language, "{} 有误：\n{cause}", "{} is wrong:\n{cause}", path.display())
            }
            Self::Trust(error) => error.say(language),
            Self::NotTrusted { path, refusal } => {
                let why = language.pick(refusal.zh(), refusal.en());
                say!(language, "{}：{why}（{refusal}）", "{}: {why} ({refusal})", path.display())
            }
            Self::Card { error } => language.pick(error.zh(), error.to_string()),
            Self::NotAPin => say!(language, "密码须为 6 位数字。", "A PIN has six digits."),
            Self::PinsDiffer => say!(language, "两次输入的密码不同。", "The two PINs are different."),
            Self::PinWithoutJob => say!(
                language,
                "自选密码只属于一位持卡人：请用 --job 指明制卡任务。",
                "A chosen PIN belongs to one holder: name the card job with --job."
            ),
            Self::NoIssuerFolder { path } => say!(
                language,
                "没有发证数据目录 {}；请用 --issuer 指定目录，或 https:// 开头的网址。",
                "There is no issuer's folder {}; name it with --issuer, or an address that begins with https://.",
                path.display()
            ),
            Self::NoIssuerProgram { path, kind } => say!(
                language,
                "无法启动 {}：{}。请把 zhengka-issuer 放在 zhengka 旁边或加入 PATH。",
                "Cannot start {}: {}. Put zhengka-issuer beside zhengka, or on the PATH.",
                path.display(),
                io_reason(*kind, language)
            ),
            Self::IssuerGone => say!(
                language,
                "发证服务已退出，原因见上。没有写完的卡，以后放回即可续办。",
                "The issuer's program ended; its reason stands above. A card that was not finished goes on later."
            ),
            Self::IssuerUnclear => say!(
                language,
                "发证服务的应答无法识别；请更新 zhengka 与 zhengka-issuer 到同一版本。",
                "The issuer's answer is not understood; bring zhengka and zhengka-issuer to the same version."
            ),
            Self::IssuerOutOfReach => say!(
                language,
                "无法连接发证服务，稍后自动重试。请检查网络和 --issuer 网址。",
                "The issuer cannot be reached; it is asked again. Check the network and the address of --issuer."
            ),
            Self::IssuerRefuses { status: status @ (401 | 403), title, detail } => say!(
                language,
                "发证服务不接受此令牌（{status} {title}）。{detail}请向管理员要一个新令牌。",
                "The issuer does not accept this token ({status} {title}). {detail} Ask the operator for another."
            ),
            Self::IssuerRefuses { status, title, detail } => say!(
                language,
                "发证服务报告 {status}：{title} {detail}",
                "The issuer answers {status}: {title} {detail}"
            ),
            Self::NoToken => say!(
                language,
                "没有令牌；请用 --token-file 指定文件，或设置 ZHENGKA_TOKEN。",
                "There is no token; name a file with --token-file, or set ZHENGKA_TOKEN."
            ),
        }
    }
}

impl From<TrustError> for Error {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
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
