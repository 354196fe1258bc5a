//! What a desk tells: plain lines for the clerk, or one JSON object a line. And the tally of the shift.

use std::collections::BTreeMap;

use card_host::relay::Blame;
use card_host::{HostError, Waiting};
use serde_json::{Value, json};

use crate::command::Exit;
use crate::error::Error;
use crate::output::{Output, Paint};
use bilingual::say;

/// The clerk's window.
pub(crate) struct News<'o> {
    output: &'o mut Output,
    json: bool,
    /// What is waited for, so that it is said once.
    waiting: Option<String>,
    written: usize,
    /// Refusals by the name of their cause, each with what was said first.
    refused: BTreeMap<String, (usize, Said)>,
}

/// A sentence in both languages.
#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// A card that is done.
pub(crate) struct Done {
    pub(crate) job: i64,
    pub(crate) certificate: i64,
    pub(crate) card: String,
    pub(crate) holder: String,
    pub(crate) round_trips: u32,
    pub(crate) left: usize,
}

impl<'o> News<'o> {
    pub(crate) fn new(output: &'o mut Output, json: bool) -> Self {
        Self { output, json, waiting: None, written: 0, refused: BTreeMap::new() }
    }

    /// What the desk waits for; said once until something else happens.
    pub(crate) fn waiting(&mut self, waiting: &Waiting) -> Result<(), Error> {
        let (name, reader) = match waiting {
            Waiting::ForReader => ("reader", None),
            Waiting::ForCard { reader } => ("card", Some(reader)),
            Waiting::CardMute { reader } => ("mute_card", Some(reader)),
            Waiting::InUse { reader } => ("other_program", Some(reader)),
        };
        let said = Said { zh: waiting.zh(), en: waiting.to_string() };
        self.wait_for(name, &said, json!({ "event": "waiting", "for": name, "reader": reader }))
    }

    /// The machine's reader service does not run.
    pub(crate) fn waiting_for_service(&mut self) -> Result<(), Error> {
        let said = Said::of(&HostError::NoService);
        self.wait_for("service", &said, json!({ "event": "waiting", "for": "service" }))
    }

    /// The card is done with, and lies there still.
    pub(crate) fn waiting_for_removal(&mut self, reader: &str) -> Result<(), Error> {
        let said = Said { zh: "请取下卡片。".into(), en: "Take the card off.".into() };
        self.wait_for("removal", &said, json!({ "event": "waiting", "for": "removal", "reader": reader }))
    }

    /// The issuer gives no answer for now.
    pub(crate) fn waiting_for_issuer(&mut self, why: &Error) -> Result<(), Error> {
        let said = Said::of_error(why);
        self.wait_for("issuer", &said, json!({ "event": "waiting", "for": "issuer" }))
    }

    /// A batch is on its way.
    pub(crate) fn stage(&mut self, said: &Said) -> Result<(), Error> {
        self.waiting = None;
        let text = self.pick(said);
        let line = format!("    {}", self.output.painted(Paint::Faint, &text));
        self.tell(json!({ "event": "stage" }), said, &line)
    }

    /// The way to the card broke: the same card again, and it goes on.
    pub(crate) fn broken(&mut self, reason: &str, said: &Said) -> Result<(), Error> {
        self.waiting = None;
        let line = self.output.painted(Paint::Careful, &format!("↻ {}", self.pick(said)));
        self.tell(json!({ "event": "broken", "reason": reason }), said, &line)
    }

    /// One more card written, with the tally so far.
    pub(crate) fn issued(&mut self, done: &Done) -> Result<(), Error> {
        self.waiting = None;
        self.written += 1;
        let Done { job, certificate, card, holder, round_trips, left } = done;
        let said = Said {
            zh: format!(
                "已写好：{holder} · 证 #{certificate} · 卡 {card} · 本次 {} 张，待制 {left} 张",
                self.written
            ),
            en: format!(
                "written: {holder} · certificate #{certificate} · card {card} · {} in this shift, {left} wait",
                self.written
            ),
        };
        let line = self.output.painted(Paint::Good, &format!("✔ {}", self.pick(&said)));
        let facts = json!({
            "event": "issued", "job": job, "certificate": certificate, "card": card, "holder": holder,
            "round_trips": round_trips, "left": left, "written": self.written,
        });
        self.tell(facts, &said, &line)
    }

    /// A PIN counts again.
    pub(crate) fn unblocked(&mut self, card: &str) -> Result<(), Error> {
        self.waiting = None;
        self.written += 1;
        let said = Said {
            zh: format!("密码已解锁：卡 {card}"),
            en: format!("the PIN is unblocked: card {card}"),
        };
        let line = self.output.painted(Paint::Good, &format!("✔ {}", self.pick(&said)));
        self.tell(json!({ "event": "unblocked", "card": card }), &said, &line)
    }

    /// This card, or this request, leads nowhere. It counts under the name of its cause.
    pub(crate) fn refused(&mut self, blame: Blame, reason: &str, said: Said) -> Result<(), Error> {
        self.waiting = None;
        let line = self.output.painted(Paint::Bad, &format!("✘ {}", self.pick(&said)));
        self.tell(json!({ "event": "refused", "blame": blame, "reason": reason }), &said, &line)?;
        self.refused.entry(reason.to_owned()).or_insert((0, said)).0 += 1;
        Ok(())
    }

    /// Something to know, that decides nothing.
    pub(crate) fn remark(&mut self, event: &str, said: &Said) -> Result<(), Error> {
        self.waiting = None;
        let line = self.pick(said);
        self.tell(json!({ "event": event }), said, &line)
    }

    /// The tally: how many were written, and how many refused for which reason.
    pub(crate) fn close(&mut self) -> Result<Exit, Error> {
        let refused: usize = self.refused.values().map(|(count, _)| count).sum();
        let written = self.written;
        let counts: BTreeMap<&str, usize> =
            self.refused.iter().map(|(reason, (count, _))| (reason.as_str(), *count)).collect();
        if self.json {
            let facts = json!({ "event": "done", "written": written, "refused": counts });
            self.output.json(&facts)?;
        } else {
            let language = self.output.language();
            self.output.line(say!(
                language,
                "本次共写好 {written} 张，拒绝 {refused} 张。",
                "{written} written, {refused} refused in this shift."
            ))?;
            for (reason, (count, _)) in &self.refused {
                let text = reason_text(reason);
                self.output.line(format_args!("    {count} × {}", language.pick(text.0, text.1)))?;
            }
        }
        self.output.flush()?;
        Ok(if refused == 0 { Exit::Good } else { Exit::Refused })
    }

    fn wait_for(&mut self, what: &str, said: &Said, facts: Value) -> Result<(), Error> {
        if self.waiting.as_deref() == Some(what) {
            return Ok(());
        }
        self.waiting = Some(what.to_owned());
        let line = self.pick(said);
        self.tell(facts, said, &line)
    }

    /// One object with both languages, or one line in the clerk's. Visible at once: a person waits for it.
    fn tell(&mut self, mut facts: Value, said: &Said, line: &str) -> Result<(), Error> {
        if !self.json {
            self.output.line(line)?;
            return self.output.flush();
        }
        facts["message"] = json!({ "zh": said.zh, "en": said.en });
        self.output.json(&facts)
    }

    fn pick(&self, said: &Said) -> String {
        self.output.language().pick(said.zh.clone(), said.en.clone())
    }
}

impl Said {
    pub(crate) fn of(error: &HostError) -> Self {
        Self { zh: error.zh(), en: error.to_string() }
    }

    fn of_error(error: &Error) -> Self {
        use bilingual::Language::{En, Zh};
        Self { zh: error.say(Zh), en: error.say(En) }
    }
}

/// A cause in few words, for the tally; what was said of each card named the card.
fn reason_text(reason: &str) -> (&'static str, &'static str) {
    match reason {
        "unknown_card" => ("不是残疾人证卡", "not a certificate card"),
        "bank_card" => ("银行卡", "bank card"),
        "other_holders" => ("他人的卡", "another holder's card"),
        "not_the_card_begun" => ("不是原来的卡", "not the card begun with"),
        "already_personalised" => ("已发证的卡", "issued already"),
        "blocked" => ("已冻结的卡", "blocked card"),
        "terminated" => ("已注销的卡", "ended card"),
        "blank" => ("空白卡", "blank card"),
        "other_issuer" => ("密钥不符的卡", "another issuer's card"),
        "read_back_differs" | "key_does_not_sign" | "command_refused" | "not_of_the_profile" => {
            ("有故障的卡", "faulty card")
        }
        "file_too_long" => ("资料超过卡片容量", "files larger than the card"),
        _ => ("其他", "other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use card_host::WrongCard;
    use card_protocol::Serial;

    #[test]
    fn every_wrong_card_has_a_few_words_of_its_own() {
        let serial = Serial::new([1; 8]);
        let wrong = [
            WrongCard::Unknown,
            WrongCard::BankCard,
            WrongCard::OtherHolders { serial },
            WrongCard::NotTheCardBegun { expected: serial, found: serial },
            WrongCard::AlreadyPersonalised { serial },
            WrongCard::Blocked { serial },
            WrongCard::Terminated,
            WrongCard::Blank { serial },
            WrongCard::OtherIssuer { serial },
        ];
        let mut texts: Vec<_> = wrong.iter().map(|wrong| reason_text(wrong.name())).collect();
        assert!(texts.iter().all(|text| text.1 != "other"), "{texts:?}");
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), wrong.len());
    }
}
