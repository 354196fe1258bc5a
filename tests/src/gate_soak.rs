//! A soak: a realistic mix at a steady rate, while bundles change under the gate. Each decision is held against an
//! oracle that knows how every presentation was made and nothing of how the gate decides.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use credential::UnixTime;
use credential::delta::Delta;
use credential::grant::Grant;
use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::sign1::Content;
use credential::status_list::{Status, StatusIndex};
use serde_json::Value;

use crate::authority::{Authority, Key, region};
use crate::running_gate::{RunningGate, Site, authority_of_today, code, pass_of_today, sign_at, wall_clock};

/// What is asked of a soak.
pub struct Plan {
    /// The program that becomes the gate.
    pub program: PathBuf,
    /// An empty folder.
    pub folder: PathBuf,
    /// How long.
    pub lasts: Duration,
    /// Presentations a second.
    pub rate: f64,
    /// Of the dice.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Decisions by what was shown.
    pub shown: HashMap<&'static str, u32>,
    /// Bundles that came into force, whole or as a delta.
    pub bundles: u32,
    /// Bad updates that were refused, each with its reason.
    pub refused_updates: u32,
    /// From the scanner's line feed to the decision read back.
    pub latencies: Vec<Duration>,
    /// What the oracle would have said otherwise.
    pub disagreements: Vec<String>,
}

/// Runs it.
#[must_use]
pub fn run(plan: &Plan) -> Tally {
    let mut soak = Soak::new(plan);
    let start = now();
    let pause = Duration::from_secs_f64(1.0 / plan.rate);
    let mut due = start;
    while start.elapsed() < plan.lasts {
        soak.publish_now_and_then();
        soak.present();
        due += pause;
        std::thread::sleep(due.saturating_duration_since(now()));
    }
    soak.tally
}

struct Soak {
    authority: Authority,
    gate: RunningGate,
    offered: PathBuf,
    dice: Dice,
    /// Statuses of each version that was ever offered.
    history: HashMap<u64, HashMap<u32, Status>>,
    bundles: Vec<Vec<u8>>,
    /// Offered, but not in force as far as the gate said.
    awaited: Option<Awaited>,
    last_offer: Instant,
    in_force: u64,
    /// When the gate let each index in last, by our own watch.
    admitted: HashMap<u32, Instant>,
    /// Who was let in last, with a companion who may follow.
    group: Option<u32>,
    next_index: u32,
    tally: Tally,
}

enum Awaited {
    Version(u64),
    Refusal,
}

/// What somebody shows, and what it really is.
struct Shown {
    what: &'static str,
    text: String,
    truth: Truth,
}

/// What the oracle knows of a presentation.
enum Truth {
    /// A code that no bundle changes: always this refusal.
    Never(u64),
    /// A pass of ours; its status and its last ride decide.
    Pass { index: u32 },
}

impl Soak {
    fn new(plan: &Plan) -> Self {
        let authority = authority_of_today();
        let offered = plan.folder.join("offered.dcb");
        let settings = format!(
            "place = \"220104\"\n[rules]\nreplay_seconds = {REPLAY_SECONDS}\ncompanion_seconds = {REPLAY_SECONDS}\n\
             [input]\nstdin = true\n[bundle]\nfile = \"{}\"",
            offered.display()
        );
        let site = Site::new(&plan.folder, &authority, &settings);
        let gate = site.start(&plan.program);
        gate.next("started").expect("the gate starts");
        Self {
            history: HashMap::from([(1, HashMap::new())]),
            bundles: vec![authority.bundle()],
            authority,
            gate,
            offered,
            dice: Dice(plan.seed),
            awaited: None,
            last_offer: now(),
            in_force: 1,
            admitted: HashMap::new(),
            group: None,
            next_index: 0,
            tally: Tally::default(),
        }
    }

    fn present(&mut self) {
        let shown = self.draw();
        let sent = now();
        self.gate.scan(&shown.text);
        let Some(decision) = self.decision() else {
            self.tally.disagreements.push(format!("{}: no decision", shown.what));
            return;
        };
        self.tally.latencies.push(sent.elapsed());
        *self.tally.shown.entry(shown.what).or_default() += 1;
        let expected = self.expected(&shown.truth, &decision);
        let said = match decision["refusal"].as_u64() {
            Some(number) => format!("refused {number}"),
            None => format!("admitted as {}", decision["as"].as_str().unwrap_or_default()),
        };
        if said != expected {
            self.tally.disagreements.push(format!("{}: {said}, expected {expected}: {decision}", shown.what));
        }
        if let (true, Truth::Pass { index }) = (said.starts_with("admitted"), &shown.truth) {
            let companion = said.ends_with("companion");
            self.group = (is_accompanied(*index) && !companion).then_some(*index);
            self.admitted.insert(*index, now());
        }
    }

    /// The oracle.
    fn expected(&self, truth: &Truth, decision: &Value) -> String {
        let index = match truth {
            Truth::Never(number) => return format!("refused {number}"),
            Truth::Pass { index } => index,
        };
        let version = decision["snapshot"].as_u64().unwrap_or_default();
        let Some(statuses) = self.history.get(&version) else {
            return format!("a snapshot that was offered, not {version}");
        };
        match statuses.get(index) {
            Some(Status::Suspended) => return "refused 41".to_owned(),
            Some(Status::Invalid) => return "refused 40".to_owned(),
            _ => {}
        }
        let just_rode = self.admitted.get(index).is_some_and(|at| at.elapsed() < REPLAY);
        match (just_rode, self.group == Some(*index)) {
            (true, true) => "admitted as companion".to_owned(),
            (true, false) => "refused 63".to_owned(),
            (false, _) => "admitted as holder".to_owned(),
        }
    }

    /// The next decision; what else the gate says on the way is held against what was offered.
    fn decision(&mut self) -> Option<Value> {
        loop {
            let line = self.gate.any_within(Duration::from_secs(20))?;
            match line["event"].as_str() {
                Some("decision") => return Some(line),
                Some("bundle") => self.came_into_force(line["snapshot"].as_u64().unwrap_or_default()),
                Some("trouble") => self.complained(&line),
                _ => {}
            }
        }
    }

    fn came_into_force(&mut self, version: u64) {
        match self.awaited.take() {
            Some(Awaited::Version(wanted)) if wanted == version => self.tally.bundles += 1,
            _ => self.tally.disagreements.push(format!("snapshot {version} came into force uncalled")),
        }
        self.in_force = version;
    }

    fn complained(&mut self, line: &Value) {
        match self.awaited.take() {
            Some(Awaited::Refusal) => self.tally.refused_updates += 1,
            _ => self.tally.disagreements.push(format!("unexpected: {line}")),
        }
    }

    /// Every few seconds a newer bundle, whole or as a delta, or a bad one. The one before must have had its answer.
    fn publish_now_and_then(&mut self) {
        if self.last_offer.elapsed() < BETWEEN_OFFERS {
            return;
        }
        if self.awaited.is_some() {
            self.tally.disagreements.push("an offered bundle had no answer".to_owned());
        }
        self.last_offer = now();
        match self.dice.below(4) {
            0 => self.offer_a_bad_one(),
            kind => self.offer_the_next(kind == 1),
        }
    }

    fn offer_the_next(&mut self, whole: bool) {
        let version = self.bundles.len() as u64 + 1;
        let mut statuses = self.history[&(version - 1)].clone();
        for _ in 0..CHANGES {
            let index = self.dice.below(PASSES);
            let status = [Status::Valid, Status::Valid, Status::Suspended, Status::Invalid]
                [self.dice.below(4) as usize];
            statuses.insert(index, status);
            self.authority.set_status(StatusIndex::new(index), status);
        }
        self.authority.version += 1;
        sign_at(&mut self.authority, wall_clock());
        let bundle = self.authority.bundle();
        let before = &self.bundles[self.bundles.len() - 1];
        let file =
            if whole { bundle.clone() } else { Delta::between(before, &bundle).expect("both are ours") };
        self.bundles.push(bundle);
        self.history.insert(version, statuses);
        self.awaited = Some(Awaited::Version(version));
        offer(&self.offered, &file);
    }

    fn offer_a_bad_one(&mut self) {
        let newest = &self.bundles[self.bundles.len() - 1];
        let mut bad = newest.clone();
        match self.dice.below(3) {
            // Rollback; in the first round there is nothing to roll back to, so it is torn.
            0 if self.bundles.len() > 1 => bad = self.bundles[self.bundles.len() - 2].clone(),
            1 => {
                let at = self.dice.below(bad.len() as u32) as usize;
                bad[at] ^= 0x20;
            }
            _ => bad.truncate(bad.len() / 2),
        }
        self.awaited = Some(Awaited::Refusal);
        offer(&self.offered, &bad);
    }

    /// The mix at a gate: mostly people with good passes, then everything else.
    fn draw(&mut self) -> Shown {
        let recent = self.recent();
        match (self.dice.below(100), recent) {
            (0..8, Some(index)) => self.of_ours("copied", index),
            (8..18, _) if self.group.is_some() => self.of_ours("companion", self.group.unwrap_or_default()),
            (18..23, _) => self.never("expired", 31, |pass| pass.expires = wall_clock()),
            (23..27, _) => self.never("other province", 51, |pass| pass.jurisdiction = region(2202)),
            (27..31, _) => self.never("other grant", 50, |pass| pass.grants = vec![Grant::ParkFree]),
            (31..36, _) => self.spoiled(),
            (36..40, _) => self.half(),
            (40..44, _) => self.garbage(),
            (44..47, _) => self.stranger(),
            _ => {
                let index = self.unused();
                self.of_ours("good, revoked or suspended", index)
            }
        }
    }

    fn of_ours(&self, what: &'static str, index: u32) -> Shown {
        Shown { what, text: code(&self.authority, &ours(index)), truth: Truth::Pass { index } }
    }

    fn never(&self, what: &'static str, refusal: u64, change: impl FnOnce(&mut Pass)) -> Shown {
        let mut pass = ours(NEVER_LISTED);
        change(&mut pass);
        Shown { what, text: code(&self.authority, &pass), truth: Truth::Never(refusal) }
    }

    fn spoiled(&mut self) -> Shown {
        let mut bytes = self.authority.issue(ours(NEVER_LISTED).encode());
        let last = bytes.len() - 1 - self.dice.below(60) as usize;
        bytes[last] ^= 1;
        Shown { what: "altered", text: QrText::new(bytes).to_text(), truth: Truth::Never(23) }
    }

    fn half(&mut self) -> Shown {
        let whole = code(&self.authority, &ours(NEVER_LISTED));
        // At a multiple of 17 digits, so that the digits are well-formed and the structure is not.
        let kept = 4 + 17 * (1 + self.dice.below(10) as usize);
        Shown { what: "half a code", text: whole[..kept].to_owned(), truth: Truth::Never(11) }
    }

    fn garbage(&mut self) -> Shown {
        let length = 1 + self.dice.below(300);
        let text = (0..length).map(|_| char::from(b'!' + self.dice.below(90) as u8)).collect();
        Shown { what: "garbage", text, truth: Truth::Never(10) }
    }

    fn stranger(&self) -> Shown {
        let bytes = Key::named("stranger").sign1(ours(NEVER_LISTED).encode(), Content::Credential);
        Shown { what: "unknown issuer", text: QrText::new(bytes).to_text(), truth: Truth::Never(20) }
    }

    /// Somebody let in well within the window. Not near its end, where both answers would be right.
    fn recent(&mut self) -> Option<u32> {
        let recent: Vec<u32> = self
            .admitted
            .iter()
            .filter(|(index, at)| at.elapsed() < REPLAY / 2 && self.group != Some(**index))
            .map(|(index, _)| *index)
            .collect();
        (!recent.is_empty()).then(|| recent[self.dice.below(recent.len() as u32) as usize])
    }

    /// Somebody who was not let in for longer than the window, and then some.
    fn unused(&mut self) -> u32 {
        loop {
            self.next_index = (self.next_index + 1) % PASSES;
            let rested = |at: &Instant| at.elapsed() > REPLAY * 2;
            if self.admitted.get(&self.next_index).is_none_or(rested) {
                return self.next_index;
            }
        }
    }
}

/// Every third pass admits a companion.
fn is_accompanied(index: u32) -> bool {
    index.is_multiple_of(3)
}

fn ours(index: u32) -> Pass {
    let mut pass = pass_of_today(index);
    if is_accompanied(index) {
        pass.grants.push(Grant::CompanionOne);
    }
    // The same bytes each time the pass is shown.
    pass.expires = UnixTime::from_seconds(pass.expires.as_seconds() / 1_000_000 * 1_000_000);
    pass
}

/// Whole or not at all, as a careful sender does.
fn offer(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("part");
    fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path)).expect("the folder is ours");
}

#[expect(clippy::disallowed_methods, reason = "a soak lasts real time")]
fn now() -> Instant {
    Instant::now()
}

/// SplitMix64: the same story for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % u64::from(limit)) as u32
    }
}

const REPLAY_SECONDS: u64 = 6;
const REPLAY: Duration = Duration::from_secs(REPLAY_SECONDS);
/// The gate looks at the file once a second.
const BETWEEN_OFFERS: Duration = Duration::from_millis(2500);
/// Indices of our passes in the list of 4096.
const PASSES: u32 = 4000;
/// Of those whose status no bundle changes.
const NEVER_LISTED: u32 = 4050;
/// Status changes a bundle.
const CHANGES: u32 = 200;
