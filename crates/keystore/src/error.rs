//! Why a key file gives no key.

use core::fmt;

use credential::Kid;

/// One cause a variant. None says more of the key than its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// Neither an age file nor a plain key: the operator chose another file.
    NotAKeyFile,
    /// The passphrase does not open the file, or the file was altered.
    WrongPassphrase,
    /// The file asks for more work than a key file of ours: somebody else made it.
    TooMuchWork,
    /// What the file holds is no key line, or its seed and its key id disagree.
    BadKeyLine,
    /// A key that is not an example lies unencrypted: encrypt it first.
    Unencrypted(Kid),
    /// An example key, whose seed the whole world knows, outside a demo.
    ExampleKey(Kid),
    /// The passphrase has fewer characters than [`crate::MIN_PASSPHRASE_CHARS`].
    ShortPassphrase,
    /// No passphrase was given.
    NoPassphrase,
    /// Encrypting failed for want of randomness or memory.
    NotSealed,
    /// Not `DCP1:KID:64 hex digits`, or the key id is not that of the key.
    BadPublicLine,
}

impl KeyError {
    /// One plain sentence in Chinese.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::NotAKeyFile => "不是密钥文件。".into(),
            Self::WrongPassphrase => "口令不对，或密钥文件被改动。".into(),
            Self::TooMuchWork => "密钥文件要求的运算量过大，不是本系统生成的。".into(),
            Self::BadKeyLine => "密钥文件内容有误：种子与编号不符。".into(),
            Self::Unencrypted(kid) => {
                format!("密钥 {kid} 未加密；请先运行 zhengka keys encrypt。")
            }
            Self::ExampleKey(kid) => {
                format!("密钥 {kid} 是公开的示例密钥，只能在 --demo 下使用。")
            }
            Self::ShortPassphrase => format!("口令至少 {} 个字符。", crate::MIN_PASSPHRASE_CHARS),
            Self::NoPassphrase => "没有给出口令。".into(),
            Self::NotSealed => "加密失败。".into(),
            Self::BadPublicLine => "不是公钥行（DCP1:编号:64 位十六进制），或编号与公钥不符。".into(),
        }
    }
}

/// In English.
impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAKeyFile => f.write_str("This is not a key file."),
            Self::WrongPassphrase => f.write_str("The passphrase is wrong, or the key file was altered."),
            Self::TooMuchWork => {
                f.write_str("The key file asks for too much work: this system did not make it.")
            }
            Self::BadKeyLine => f.write_str("The key file is wrong inside: seed and key id disagree."),
            Self::Unencrypted(kid) => {
                write!(f, "Key {kid} is not encrypted; run `zhengka keys encrypt` first.")
            }
            Self::ExampleKey(kid) => {
                write!(f, "Key {kid} is a public example key; it works with --demo only.")
            }
            Self::ShortPassphrase => {
                write!(f, "A passphrase has at least {} characters.", crate::MIN_PASSPHRASE_CHARS)
            }
            Self::NoPassphrase => f.write_str("No passphrase was given."),
            Self::NotSealed => f.write_str("Encrypting failed."),
            Self::BadPublicLine => f.write_str(
                "This is no public key line (DCP1:KID:64 hex digits), or its id is another key's.",
            ),
        }
    }
}

impl core::error::Error for KeyError {}
