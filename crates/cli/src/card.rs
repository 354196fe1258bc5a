//! The card on a reader: its pass with a fresh proof of its key, its counters, and what lies behind its PIN.
//! Nothing here is believed: the verifier judges the bytes, and the proof that came with them.

use std::path::PathBuf;
use std::time::Duration;

use card_host::{
    CardInReader, HostError, Presented, Readers, WrongCard, present, read_file, read_needs, verify_pin,
};
use card_protocol::{Challenge, Ef, Need, Pin, Rides};
use clap::Args;
use rand_core::TryRng;
use serde::Serialize;
use verifier::{Possession, Refusal};

use crate::durable_file;
use crate::edge;
use crate::error::Error;
use crate::output::Output;
use crate::pin::TypedPin;
use crate::unreadable::Unreadable;
use crate::verdict::NoBytes;
use bilingual::say;

/// What more is wanted of a card than its pass.
#[derive(Args)]
pub(crate) struct CardOptions {
    /// 用持卡人的密码再读证件和照片；从键盘输入且不显示。 ¦ Reads certificate and photo too, with the holder's PIN, typed without an echo.
    #[arg(long, requires = "card")]
    pin: bool,
    /// 照片存为此文件（须不存在）。 ¦ Writes the photo to this file, which must not be there.
    #[arg(long, requires = "pin", value_name = "FILE")]
    photo_out: Option<PathBuf>,
    /// 最多等多少秒放卡。 ¦ How many seconds to wait for a card.
    #[arg(long, requires = "card", value_name = "SECONDS", default_value_t = 60)]
    wait: u64,
}

/// What came off the card, each to be judged.
pub(crate) struct CardSeen {
    pub(crate) seen: Vec<Seen>,
}

/// One credential of the card, or why there is none.
pub(crate) struct Seen {
    pub(crate) label: String,
    pub(crate) found: Result<Signed, NoBytes>,
    pub(crate) card: Option<CardFacts>,
}

/// Signed bytes, and the card's proof where it gave one.
pub(crate) struct Signed {
    pub(crate) bytes: Vec<u8>,
    proof: Option<Presented>,
}

/// What a card says of itself beside its pass; only the transaction counter is signed.
#[derive(Serialize)]
pub(crate) struct CardFacts {
    reader: String,
    transactions: u32,
    rides: RideFacts,
    needs: Vec<&'static str>,
}

#[derive(Serialize)]
struct RideFacts {
    period: u32,
    allowed: u16,
    used: u16,
    left: u16,
}

impl Signed {
    /// For the verifier.
    pub(crate) fn possession(&self) -> Possession<'_> {
        match &self.proof {
            Some(proof) => Possession::Signed { message: &proof.message, signature: &proof.signature },
            None => Possession::StaticCode,
        }
    }
}

impl CardOptions {
    /// Waits for a card on the reader, and reads what is wanted. A reader service that does not run is an error, not a verdict.
    pub(crate) fn read(&self, reader: &str, output: &mut Output) -> Result<CardSeen, Error> {
        let language = output.language();
        let pin = if self.pin { Some(TypedPin::ask_for_present(language)?.to_pin()?) } else { None };
        let mut challenge = Challenge::default();
        edge::rng().try_fill_bytes(&mut challenge).map_err(|_| Error::NoRandomness)?;
        let wanted = Some(reader).filter(|reader| !reader.is_empty());
        let readers = Readers::open().map_err(|error| Error::Card { error })?;
        let waited = readers.wait_for_card(wanted, Duration::from_secs(self.wait), &mut |waiting| {
            output.note(language.pick(waiting.zh(), waiting.to_string()));
        });
        let read = waited.and_then(|mut card| {
            card.with_retries(|card| {
                let pass = pass(card, &challenge)?;
                let behind_pin = pin.as_ref().map(|pin| behind_pin(card, pin));
                Ok((pass, behind_pin))
            })
        });
        let (pass, behind_pin) = match read {
            Ok(read) => read,
            Err(error) => return Ok(CardSeen { seen: vec![Seen::nothing("card", error)] }),
        };
        let mut seen = vec![pass];
        match behind_pin {
            None => {}
            Some(Err(error)) => seen.push(Seen::nothing("card:certificate", error)),
            Some(Ok((certificate, photo))) => {
                let found = Ok(Signed { bytes: certificate, proof: None });
                seen.push(Seen { label: "card:certificate".into(), found, card: None });
                self.keep(&photo, output)?;
            }
        }
        Ok(CardSeen { seen })
    }

    fn keep(&self, photo: &[u8], output: &mut Output) -> Result<(), Error> {
        let Some(path) = &self.photo_out else { return Ok(()) };
        if photo.is_empty() {
            output.note(output.language().pick("卡内没有照片。", "There is no photo on the card."));
            return Ok(());
        }
        durable_file::create(path, photo)
    }
}

/// The gate's transaction, then the files that anyone may read.
fn pass(card: &mut CardInReader, challenge: &Challenge) -> Result<Seen, HostError> {
    let presented = present(card, challenge)?;
    let rides = Rides::from_slice(&read_file(card, Ef::Rides)?)?;
    let needs = read_needs(card)?;
    let facts = CardFacts {
        reader: card.reader().to_owned(),
        transactions: presented.counter,
        rides: RideFacts {
            period: rides.period,
            allowed: rides.allowed,
            used: rides.used,
            left: rides.left(),
        },
        needs: NEEDS.iter().filter(|(need, ..)| needs.contains(*need)).map(|(_, en, _)| *en).collect(),
    };
    let found = Ok(Signed { bytes: presented.pass.clone(), proof: Some(presented) });
    Ok(Seen { label: "card".into(), found, card: Some(facts) })
}

fn behind_pin(card: &mut CardInReader, pin: &Pin) -> Result<(Vec<u8>, Vec<u8>), HostError> {
    verify_pin(card, pin)?;
    Ok((read_file(card, Ef::Certificate)?, read_file(card, Ef::Photo)?))
}

impl Seen {
    /// A card that was put out of use says so itself; any other gave nothing to judge.
    fn nothing(label: &str, error: HostError) -> Self {
        let why = match error {
            HostError::WrongCard(WrongCard::Blocked { .. }) => NoBytes::Refused(Refusal::Suspended),
            HostError::WrongCard(WrongCard::Terminated) => NoBytes::Refused(Refusal::Revoked),
            error => NoBytes::Unreadable(Unreadable::Card { error }),
        };
        Self { label: label.into(), found: Err(why), card: None }
    }
}

impl CardFacts {
    /// One line: counters, and what service the holder needs.
    pub(crate) fn for_people(&self, output: &mut Output) -> Result<(), Error> {
        let language = output.language();
        let RideFacts { period, allowed, used, left } = self.rides;
        output.line(say!(
            language,
            "    第 {} 次交易 · 乘车 {period}：共 {allowed} 次，已用 {used}，剩 {left}",
            "    transaction {} · rides {period}: {allowed} granted, {used} used, {left} left",
            self.transactions
        ))?;
        if self.needs.is_empty() {
            return Ok(());
        }
        let names = NEEDS.iter().filter(|(_, en, _)| self.needs.contains(en));
        let names: Vec<&str> = names.map(|(_, en, zh)| language.pick(*zh, *en)).collect();
        output.line(say!(
            language,
            "    服务需求：{}",
            "    needs: {}",
            names.join(language.pick("、", ", "))
        ))
    }
}

const NEEDS: [(Need, &str, &str); 4] = [
    (Need::LargePrint, "large print", "大字"),
    (Need::Voice, "voice", "语音"),
    (Need::SignLanguage, "sign language", "手语"),
    (Need::Escort, "escort", "陪护"),
];
