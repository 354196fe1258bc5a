//! A card's PIN: typed without an echo, a new one twice, or one line of standard input. Never an argument.

use std::io::{self, IsTerminal};

use bilingual::Language;
use card_host::HostError;
use card_host::relay::PinDigits;
use card_protocol::Pin;
use zeroize::Zeroizing;

use crate::error::Error;

/// Six digits, kept until the card has them.
pub(crate) struct TypedPin(Zeroizing<String>);

impl TypedPin {
    /// A new PIN: nobody sees what is typed, so it is typed twice.
    pub(crate) fn ask(language: Language) -> Result<Self, Error> {
        let first = Self::read(language.pick("新密码（6 位数字）：", "New PIN (6 digits): "))?;
        if first.digits()?.is_easily_guessed() {
            return Err(Error::Card { error: HostError::PinEasilyGuessed });
        }
        if io::stdin().is_terminal() {
            let second = Self::read(language.pick("再输入一次：", "The same again: "))?;
            if *first.0 != *second.0 {
                return Err(Error::PinsDiffer);
            }
        }
        Ok(first)
    }

    /// A PIN that the card has already.
    pub(crate) fn ask_for_present(language: Language) -> Result<Self, Error> {
        Self::read(language.pick("卡片密码：", "The card's PIN: "))
    }

    /// For the issuer.
    pub(crate) fn digits(&self) -> Result<PinDigits, Error> {
        PinDigits::parse(&self.0).map_err(|_| Error::NotAPin)
    }

    /// For the card.
    pub(crate) fn to_pin(&self) -> Result<Pin, Error> {
        Pin::parse(&self.0).map_err(|_| Error::NotAPin)
    }

    fn read(prompt: &str) -> Result<Self, Error> {
        let mut line = Zeroizing::new(String::new());
        if io::stdin().is_terminal() {
            line = rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| Error::NotAPin)?;
        } else {
            io::stdin().read_line(&mut line).map_err(|_| Error::NotAPin)?;
        }
        let pin = Self(Zeroizing::new(line.trim().to_owned()));
        pin.digits().map(|_| pin)
    }
}
