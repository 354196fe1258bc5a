//! Programs that speak Chinese or English. Every text is written in both, side by side; the person hears one.
//!
//! ```
//! use bilingual::{Language, say};
//! assert_eq!(say!(Language::Zh, "{} 张图片", "{} pictures", 3), "3 张图片");
//! assert_eq!(Language::En.pick("拒绝", "refused"), "refused");
//! ```
//!
//! Deliberately absent: files of translations. A text without its other language does not compile, or fails a test.

pub mod help;
pub mod language;

pub use language::Language;
