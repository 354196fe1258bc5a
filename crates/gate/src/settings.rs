//! The settings file. Every field may be left out, and what is left out is the careful choice: no input, no output,
//! no quota, no unconfirmed policy. Only the purpose must be named. Unknown fields are errors with line and column.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use credential::policy_pack::{Period, Quota};
use credential::purpose::Purpose;
use credential::region::Region;
use verifier::policy::Unconfirmed;

use crate::decision::Signs;
use crate::error::Error;
use crate::gate::Rules;
use document::Document;

mod document;

/// The settings of one gate, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of state, bundle and journal.
    pub folder: PathBuf,
    /// What the gate calls itself; spreads the questions of many gates over time.
    pub device: String,
    /// Who gets in.
    pub rules: Rules,
    /// Where codes come from.
    pub input: Input,
    /// What opens.
    pub barrier: Barrier,
    /// Names of lights and tones.
    pub signs: Signs,
    /// Where bundles come from.
    pub updates: Updates,
    /// The journal moves aside at this size.
    pub journal_max_bytes: u64,
}

/// Where codes come from.
#[derive(Clone, Debug)]
pub struct Input {
    /// Lines on standard input; when it ends and nothing else is read, the gate stops.
    pub stdin: bool,
    /// Serial scanners and FIFOs, as files. Set a terminal's speed with `stty`.
    pub files: Vec<PathBuf>,
    /// Scanners that type, `/dev/input/event*`; taken for this gate alone.
    pub keyboards: Vec<PathBuf>,
    /// Controllers connect here, send a code a line and get a line back.
    pub tcp: Option<SocketAddr>,
    /// Card readers, each by its name or a part of it.
    pub readers: Vec<String>,
    /// A camera puts pictures here.
    pub frames: Option<PathBuf>,
    /// V4L2 cameras, `/dev/video*`. Refused by a gate that was built without the feature `camera`.
    pub cameras: Vec<PathBuf>,
    /// A scanner that is silent for so long has ended its line.
    pub pause_millis: i64,
}

/// What opens.
#[derive(Clone, Debug)]
pub struct Barrier {
    /// File, terminal or FIFO that gets the command.
    pub to: Option<PathBuf>,
    /// Written, with a line feed, when somebody gets in.
    pub open: String,
    /// Written when not; nothing if empty.
    pub stay: String,
    /// The value file of a GPIO line: 1 to open, 0 after the pulse.
    pub gpio: Option<PathBuf>,
    /// How long the line stays at 1.
    pub pulse: Duration,
}

/// Where bundles come from.
#[derive(Clone, Debug)]
pub struct Updates {
    /// The whole bundle; deltas are expected beside it.
    pub url: Option<String>,
    /// A file that is taken whenever it changes, as on a stick.
    pub file: Option<PathBuf>,
    /// How often the server is asked.
    pub every: Duration,
}

impl Settings {
    /// Reads TOML.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document: Document = toml::from_str(text).map_err(|error| problem(error.to_string().trim()))?;
        document.check()
    }
}

impl Document {
    fn check(self) -> Result<Settings, Error> {
        let Self { folder, device, purpose, place, demo, rules, input, barrier, signs, bundle, journal } =
            self;
        let named = Purpose::from_name(&purpose).ok_or_else(|| {
            let known: Vec<_> = Purpose::ALL.iter().map(|purpose| purpose.name()).collect();
            problem(&format!("purpose = \"{purpose}\"：必须是 must be one of {}", known.join(" ")))
        })?;
        let place = given(&place).map(|place| {
            Region::parse(place)
                .map_err(|_| problem(&format!("place = \"{place}\"：地区代码有误 no region code")))
        });
        if rules.warn_after_hours > rules.refuse_after_hours {
            return Err(problem("rules.warn_after_hours > rules.refuse_after_hours"));
        }
        if !(MIN_JOURNAL_KIB..=MAX_JOURNAL_KIB).contains(&journal.max_kib) {
            return Err(problem(&format!("journal.max_kib：{MIN_JOURNAL_KIB} - {MAX_JOURNAL_KIB}")));
        }
        if !cfg!(feature = "camera") && !input.cameras.is_empty() {
            return Err(problem(
                "input.cameras：本程序未含摄像头功能，请用 --features camera 编译，或用 input.frames。 built without the feature camera; build with it, or use input.frames",
            ));
        }
        Ok(Settings {
            folder,
            device,
            rules: Rules {
                purpose: named,
                place: place.transpose()?,
                unconfirmed: if demo { Unconfirmed::Demo } else { Unconfirmed::Refuse },
                replay_seconds: rules.replay_seconds,
                companion_seconds: rules.companion_seconds,
                card_seconds: rules.card_seconds.min(rules.replay_seconds),
                rides: rules.rides,
                quota: given(&rules.quota).map(quota).transpose()?,
                warn_after_seconds: rules.warn_after_hours.saturating_mul(3600),
                refuse_after_seconds: rules.refuse_after_hours.saturating_mul(3600),
            },
            input: Input {
                stdin: input.stdin,
                files: input.files,
                keyboards: input.keyboards,
                tcp: given(&input.tcp).map(address).transpose()?,
                readers: readers(input.readers)?,
                frames: given(&input.frames).map(PathBuf::from),
                cameras: input.cameras,
                pause_millis: input.pause_millis.into(),
            },
            barrier: Barrier {
                to: given(&barrier.to).map(PathBuf::from),
                open: barrier.open,
                stay: barrier.stay,
                gpio: given(&barrier.gpio).map(PathBuf::from),
                pulse: Duration::from_millis(barrier.pulse_millis),
            },
            signs: Signs {
                light_admitted: signs.light_admitted,
                light_refused: signs.light_refused,
                tone_admitted: signs.tone_admitted,
                tone_refused: signs.tone_refused,
            },
            updates: Updates {
                url: given(&bundle.url).map(str::to_owned),
                file: given(&bundle.file).map(PathBuf::from),
                every: Duration::from_secs(bundle.every_minutes.saturating_mul(60)),
            },
            journal_max_bytes: journal.max_kib * 1024,
        })
    }
}

/// `2/day`, `80/month`, `720/year`.
fn quota(text: &str) -> Result<Quota, Error> {
    let (count, per) = text.split_once('/').unwrap_or((text, ""));
    let per = match per {
        "day" => Some(Period::Day),
        "month" => Some(Period::Month),
        "year" => Some(Period::Year),
        _ => None,
    };
    let count = count.parse().ok().filter(|count| *count > 0);
    let quota = count.zip(per).map(|(count, per)| Quota { count, per });
    quota.ok_or_else(|| {
        problem(&format!("rules.quota = \"{text}\"：例如 for example 2/day, 80/month, 720/year"))
    })
}

/// An empty part would be in every name, and a gate built without PC/SC reads no card.
fn readers(names: Vec<String>) -> Result<Vec<String>, Error> {
    if !names.is_empty() && !cfg!(feature = "pcsc") {
        return Err(problem("input.readers：此程序不含读卡器支持 built without the feature pcsc"));
    }
    match names.iter().find(|name| name.is_empty()) {
        Some(_) => Err(problem("input.readers：名称不能为空 a name is empty")),
        None => Ok(names),
    }
}

fn address(text: &str) -> Result<SocketAddr, Error> {
    text.parse().map_err(|_| problem(&format!("input.tcp = \"{text}\"：例如 for example 127.0.0.1:7001")))
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn problem(text: &str) -> Error {
    Error::Settings { problem: text.to_owned() }
}

/// Some hundred lines.
const MIN_JOURNAL_KIB: u64 = 8;
/// A restart reads it all, within a second.
const MAX_JOURNAL_KIB: u64 = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Settings::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_left_out_is_the_careful_choice() {
        let settings = Settings::parse("purpose = \"transit\"").unwrap();
        assert_eq!(settings.rules.unconfirmed, Unconfirmed::Refuse);
        assert_eq!(
            (settings.rules.warn_after_seconds, settings.rules.refuse_after_seconds),
            (86_400, 604_800)
        );
        assert_eq!(settings.rules.quota, None);
        assert!(!settings.input.stdin && settings.input.tcp.is_none() && settings.input.files.is_empty());
        assert!(settings.barrier.to.is_none() && settings.barrier.gpio.is_none());
        assert!(settings.updates.url.is_none() && settings.updates.file.is_none());
    }

    #[test]
    fn an_empty_text_is_the_same_as_none() {
        let text = "purpose = \"park\"\nplace = \"\"\n[rules]\nquota = \"\"\n[input]\ntcp = \"\"\nframes = \"\"\n\
                    [barrier]\nto = \"\"\ngpio = \"\"\n[bundle]\nurl = \"\"\nfile = \"\"\n";
        let settings = Settings::parse(text).unwrap();
        assert!(settings.rules.place.is_none() && settings.input.frames.is_none());
    }

    #[test]
    fn an_error_names_the_field_and_what_it_should_be() {
        assert!(refusal("").contains("purpose"));
        assert!(refusal("purpose = \"ride\"").contains("transit"));
        assert!(refusal("purpose = \"transit\"\nplace = \"2\"").contains("place"));
        assert!(refusal("purpose = \"transit\"\n[rules]\nquota = \"2\"").contains("2/day"));
        assert!(refusal("purpose = \"transit\"\n[rules]\nquota = \"0/day\"").contains("2/day"));
        assert!(
            refusal("purpose = \"transit\"\n[rules]\nwarn_after_hours = 200").contains("warn_after_hours")
        );
        assert!(refusal("purpose = \"transit\"\n[input]\ntcp = \"x\"").contains("127.0.0.1:7001"));
        #[cfg(not(feature = "camera"))]
        assert!(
            refusal("purpose = \"transit\"\n[input]\ncameras = [\"/dev/video0\"]").contains("input.cameras")
        );
        assert!(refusal("purpose = \"transit\"\n[input]\nreaders = [\"\"]").contains("input.readers"));
        assert!(refusal("purpose = \"transit\"\n[journal]\nmax_kib = 1").contains("max_kib"));
        let unknown = refusal("purpose = \"transit\"\n[barrier]\nopne = \"1\"");
        assert!(unknown.contains("opne") && unknown.contains("line 3"), "{unknown}");
    }

    #[test]
    fn every_field_is_read() {
        let text = include_str!("../gate.toml");
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.rules.quota, Some(Quota { count: 4, per: Period::Day }));
        assert_eq!(settings.rules.place, Some(Region::parse("220104").unwrap()));
        assert_eq!(settings.input.tcp.unwrap().port(), 7001);
        assert_eq!((settings.rules.card_seconds, settings.rules.rides), (10, false));
        assert!(settings.input.readers.is_empty());
        assert_eq!(settings.journal_max_bytes, 4 << 20);
    }
}
