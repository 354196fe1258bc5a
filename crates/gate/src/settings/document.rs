//! The settings file as it is written: TOML tables, and what holds for each field that is left out.

use std::path::PathBuf;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    pub(super) folder: PathBuf,
    pub(super) device: String,
    pub(super) purpose: String,
    pub(super) place: String,
    pub(super) demo: bool,
    pub(super) rules: RulesTable,
    pub(super) input: InputTable,
    pub(super) barrier: BarrierTable,
    pub(super) signs: SignsTable,
    pub(super) bundle: BundleTable,
    pub(super) journal: JournalTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RulesTable {
    pub(super) replay_seconds: u64,
    pub(super) companion_seconds: u64,
    pub(super) card_seconds: u64,
    pub(super) rides: bool,
    pub(super) quota: String,
    pub(super) warn_after_hours: u64,
    pub(super) refuse_after_hours: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct InputTable {
    pub(super) stdin: bool,
    pub(super) files: Vec<PathBuf>,
    pub(super) keyboards: Vec<PathBuf>,
    pub(super) tcp: String,
    pub(super) readers: Vec<String>,
    pub(super) frames: String,
    pub(super) cameras: Vec<PathBuf>,
    pub(super) pause_millis: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BarrierTable {
    pub(super) to: String,
    pub(super) open: String,
    pub(super) stay: String,
    pub(super) gpio: String,
    pub(super) pulse_millis: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SignsTable {
    pub(super) light_admitted: String,
    pub(super) light_refused: String,
    pub(super) tone_admitted: String,
    pub(super) tone_refused: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct BundleTable {
    pub(super) url: String,
    pub(super) file: String,
    pub(super) every_minutes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct JournalTable {
    pub(super) max_kib: u64,
}

impl Default for Document {
    fn default() -> Self {
        Self {
            folder: "/var/lib/zhengka-gate".into(),
            device: String::new(),
            purpose: String::new(),
            place: String::new(),
            demo: false,
            rules: RulesTable::default(),
            input: InputTable::default(),
            barrier: BarrierTable::default(),
            signs: SignsTable::default(),
            bundle: BundleTable::default(),
            journal: JournalTable::default(),
        }
    }
}

impl Default for RulesTable {
    fn default() -> Self {
        Self {
            // Longer than a queue, shorter than an errand.
            replay_seconds: 600,
            companion_seconds: 30,
            // A card that lies still on the reader, or is handed back over the barrier.
            card_seconds: 10,
            rides: false,
            quota: String::new(),
            warn_after_hours: 24,
            refuse_after_hours: 7 * 24,
        }
    }
}

impl Default for InputTable {
    fn default() -> Self {
        let none = Vec::new;
        let (tcp, frames) = (String::new(), String::new());
        // The slowest keyboard wedge pauses some 50 ms between two characters.
        Self {
            stdin: false,
            files: none(),
            keyboards: none(),
            tcp,
            readers: Vec::new(),
            frames,
            cameras: none(),
            pause_millis: 500,
        }
    }
}

impl Default for BarrierTable {
    fn default() -> Self {
        let empty = String::new;
        Self { to: empty(), open: "OPEN".into(), stay: empty(), gpio: empty(), pulse_millis: 500 }
    }
}

impl Default for SignsTable {
    fn default() -> Self {
        // Never red, never a buzzer: whoever is refused is not put on show.
        let [light_admitted, light_refused] = ["green", "amber"].map(str::to_owned);
        let [tone_admitted, tone_refused] = ["one", "two"].map(str::to_owned);
        Self { light_admitted, light_refused, tone_admitted, tone_refused }
    }
}

impl Default for BundleTable {
    fn default() -> Self {
        Self { url: String::new(), file: String::new(), every_minutes: 60 }
    }
}

impl Default for JournalTable {
    fn default() -> Self {
        Self { max_kib: 4096 }
    }
}
