//! Days at a gate, told to its state machine: no file, no clock, no wire.

use credential::UnixTime;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::pass::Pass;
use credential::policy_pack::{
    self, Attention, Benefit, Citation, Companions, Condition, Confirmed, Effective, Period, PolicyPack,
    Price, Quota, Rule, Section, Term, Title,
};
use credential::purpose::Purpose;
use credential::qr_text::QrText;
use credential::sign1::Content;
use credential::snapshot::Version;
use credential::status_list::{Status, StatusIndex};
use credential::time::Date;
use gate::decision::{Decision, Outcome};
use gate::entry::{Entry, PassId, Verdict};
use gate::gate::{Action, Debited, Event, Gate, Journaled, Rules};
use gate::moment::{Moment, Uptime};
use gate::presence::Who;
use gate::settings::Settings;
use gate::warning::Warning;
use tests::authority::{Authority, DAY, HOUR, INDEX, Key, NOW, SIGNED, pass, region};
use verifier::Refusal;

/// A gate and a clock that runs as told. The journal always works, unless told otherwise.
struct Story {
    authority: Authority,
    gate: Gate,
    now: Moment,
    millis: i64,
    journal: Vec<Entry>,
    disk_is_full: bool,
    warnings: Vec<Warning>,
}

/// What somebody at the gate sees.
#[derive(Debug, PartialEq)]
enum Seen {
    Opened(Who),
    Stayed(Refusal),
}

impl Story {
    fn with(rules: Rules, authority: Authority) -> Self {
        let now = Moment::new(NOW, Uptime::from_millis(0));
        let gate = Gate::new(rules, Some(authority.installed()), &[], now);
        let (journal, warnings) = (vec![], vec![]);
        Self { authority, gate, now, millis: 0, journal, disk_is_full: false, warnings }
    }

    fn usual() -> Self {
        Self::with(rules(), Authority::new())
    }

    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.millis += seconds as i64 * 1000;
        self.now = Moment::new(self.now.clock.plus_seconds(seconds), Uptime::from_millis(self.millis));
        self.on_tick()
    }

    fn set_clock(&mut self, clock: UnixTime) -> &mut Self {
        self.now.clock = clock;
        self.on_tick()
    }

    fn on_tick(&mut self) -> &mut Self {
        let actions = self.gate.on(Event::Tick, self.now);
        assert!(self.perform(actions).is_none());
        self
    }

    fn install(&mut self, change: impl FnOnce(&mut Authority)) -> &mut Self {
        change(&mut self.authority);
        let actions = self.gate.on(Event::Bundle(Box::new(self.authority.installed())), self.now);
        assert!(self.perform(actions).is_none());
        self
    }

    fn show(&mut self, pass: &Pass) -> Seen {
        let text = QrText::new(self.authority.issue(pass.encode())).to_text();
        self.scan(&text)
    }

    fn scan(&mut self, text: &str) -> Seen {
        let actions = self.gate.on(Event::Scan(text), self.now);
        self.decide(actions)
    }

    fn decide(&mut self, actions: Vec<Action>) -> Seen {
        match self.perform(actions).expect("a scan leads to a decision").outcome {
            Outcome::Admitted(admission) => Seen::Opened(admission.who),
            Outcome::Refused { refusal, .. } => Seen::Stayed(refusal),
        }
    }

    /// Does what the gate says, as the daemon does. Checks what holds for every action, whatever the story.
    fn perform(&mut self, actions: Vec<Action>) -> Option<Decision> {
        let (mut decision, mut opened) = (None, false);
        for action in actions {
            match action {
                Action::Journal(entry) => {
                    let journaled = if self.disk_is_full { Journaled::Failed } else { Journaled::Durably };
                    if journaled == Journaled::Durably {
                        self.journal.push(entry);
                    }
                    let next = self.gate.on(Event::Journaled(journaled), self.now);
                    opened = next.contains(&Action::Open);
                    assert_eq!(opened, journaled == Journaled::Durably, "opens if and only if it is on disk");
                    decision = self.perform_after_journal(next);
                }
                Action::Note(entry) => self.journal.push(entry),
                Action::Debit => panic!("a ride is taken where none was to be"),
                Action::Open => panic!("the barrier opens before the journal holds the line"),
                Action::Report(reported) => decision = Some(reported),
                Action::Warn(warning) => self.warnings.push(warning),
            }
        }
        assert_eq!(opened, decision.as_ref().is_some_and(Decision::is_admitted));
        decision
    }

    fn perform_after_journal(&mut self, actions: Vec<Action>) -> Option<Decision> {
        let mut decision = None;
        for action in actions {
            match action {
                Action::Report(reported) => decision = Some(reported),
                Action::Warn(warning) => self.warnings.push(warning),
                Action::Note(entry) => self.journal.push(entry),
                Action::Open => {}
                Action::Journal(_) | Action::Debit => panic!("one line a decision"),
            }
        }
        decision
    }

    /// Kills the gate and starts it again with what its journal holds.
    fn restart(&mut self) -> &mut Self {
        self.millis = 0;
        self.now.uptime = Uptime::from_millis(0);
        self.gate = Gate::new(rules(), Some(self.authority.installed()), &self.journal, self.now);
        self
    }
}

fn rules() -> Rules {
    Settings::parse("purpose = \"transit\"\nplace = \"220104\"").unwrap().rules
}

fn with_quota(count: u32, per: Period) -> Rules {
    Rules { quota: Some(Quota { count, per }), replay_seconds: 60, ..rules() }
}

/// A pass without a companion.
fn alone(index: u32) -> Pass {
    let mut pass = Pass { status: StatusIndex::new(index), ..pass() };
    pass.grants.truncate(1);
    pass
}

/// A pass with one.
fn accompanied(index: u32) -> Pass {
    Pass { status: StatusIndex::new(index), ..pass() }
}

const HOLDER: Seen = Seen::Opened(Who::Holder);
const COMPANION: Seen = Seen::Opened(Who::Companion);
const REPLAYED: Seen = Seen::Stayed(Refusal::Replayed);

#[test]
fn a_copy_shown_within_the_window_is_refused_and_the_holder_rides_again_after_it() {
    let mut story = Story::usual();
    assert_eq!(story.show(&alone(1)), HOLDER);
    assert_eq!(story.show(&alone(1)), REPLAYED);
    assert_eq!(story.wait(599).show(&alone(1)), REPLAYED);
    assert_eq!(story.show(&alone(2)), HOLDER, "somebody else is not concerned");
    assert_eq!(story.wait(1).show(&alone(1)), HOLDER);
}

#[test]
fn a_companion_passes_directly_after_the_holder_and_only_one_does() {
    let mut story = Story::usual();
    assert_eq!(story.show(&accompanied(1)), HOLDER);
    assert_eq!(story.scan("half a co"), Seen::Stayed(Refusal::NotACredential));
    assert_eq!(story.show(&accompanied(1)), COMPANION, "a misread in between is nobody");
    assert_eq!(story.show(&accompanied(1)), REPLAYED);
}

#[test]
fn a_companion_who_comes_after_somebody_else_or_too_late_is_a_copy() {
    let mut story = Story::usual();
    assert_eq!(story.show(&accompanied(1)), HOLDER);
    assert_eq!(story.show(&alone(2)), HOLDER);
    assert_eq!(story.show(&accompanied(1)), REPLAYED);
    assert_eq!(story.show(&accompanied(3)), HOLDER);
    assert_eq!(story.wait(30).show(&accompanied(3)), REPLAYED);
}

#[test]
fn a_restart_forgets_no_copy_and_admits_no_late_companion() {
    let mut story = Story::usual();
    assert_eq!(story.show(&accompanied(1)), HOLDER);
    assert_eq!(story.restart().show(&accompanied(1)), REPLAYED);
    assert_eq!(story.wait(600).show(&accompanied(1)), HOLDER);
}

#[test]
fn a_quota_counts_holders_not_companions_and_survives_a_restart() {
    let mut story = Story::with(with_quota(2, Period::Day), Authority::new());
    let used = Seen::Stayed(Refusal::QuotaUsed);
    for _ in 0..2 {
        assert_eq!(story.show(&accompanied(1)), HOLDER);
        assert_eq!(story.show(&accompanied(1)), COMPANION);
        story.wait(60);
    }
    assert_eq!(story.show(&accompanied(1)), used);
    assert_eq!(story.show(&accompanied(2)), HOLDER);
    let counted = story.journal.iter().filter(|entry| entry.verdict == Verdict::Counted).count();
    assert_eq!(counted, 3);
    story.gate =
        Gate::new(with_quota(2, Period::Day), Some(story.authority.installed()), &story.journal, story.now);
    assert_eq!(story.wait(60).show(&accompanied(1)), used);
    assert_eq!(story.wait(DAY - HOUR).show(&accompanied(1)), HOLDER, "the next day");
}

#[test]
fn what_is_carried_into_a_fresh_journal_keeps_quota_and_copies_known() {
    let daily = with_quota(1, Period::Day);
    let mut story = Story::with(daily, Authority::new());
    story.show(&alone(1));
    let carried: Vec<_> = story.gate.carried(story.now).collect();
    for (rules, wanted) in [(daily, Refusal::QuotaUsed), (Rules { quota: None, ..daily }, Refusal::Replayed)]
    {
        story.gate = Gate::new(rules, Some(story.authority.installed()), &carried, story.now);
        assert_eq!(story.show(&alone(1)), Seen::Stayed(wanted));
    }
}

#[test]
fn a_policy_says_how_often_at_what_price_and_in_what_company() {
    let fares = |count, fen| Term { price: Price::Fen(fen), quota: Some(Quota { count, per: Period::Year }) };
    let benefit = Benefit {
        grants: GrantSet::NONE.with(Grant::TransitReduced),
        terms: vec![fares(1, 200), fares(2, 100)],
        companions: Some(Companions { count: 2, price: Price::Percent(50) }),
        attention: vec![Attention::Escort],
    };
    let authority = Authority::new().with(|a| a.policies = vec![("fares".into(), signed_policy(a, benefit))]);
    let mut story = Story::with(Rules { replay_seconds: 60, ..rules() }, authority);
    let mut ride = |wait| {
        let text = QrText::new(story.authority.issue(alone(1).encode())).to_text();
        story.wait(wait);
        let actions = story.gate.on(Event::Scan(&text), story.now);
        match story.perform(actions).unwrap().outcome {
            Outcome::Admitted(admission) => Ok((admission.who, admission.price.unwrap())),
            Outcome::Refused { refusal, .. } => Err(refusal),
        }
    };
    let (holder, companion) = ((Who::Holder, Price::Fen(100)), (Who::Companion, Price::Percent(50)));
    let day = [0, 1, 1, 1, 60, 60].map(&mut ride);
    let (replayed, used) = (Err(Refusal::Replayed), Err(Refusal::QuotaUsed));
    assert_eq!(day, [Ok(holder), Ok(companion), Ok(companion), replayed, Ok(holder), used]);
}

fn signed_policy(authority: &Authority, benefit: Benefit) -> Vec<u8> {
    let citation = Citation { document: "示例文件".into(), article: "第一条".into() };
    let (when, then) = (Condition::default(), policy_pack::Decision::Entitled(benefit));
    let pack = PolicyPack {
        name: "fares".into(),
        version: Version::new(1),
        issued: SIGNED,
        jurisdiction: region(22),
        confirmed: Confirmed::Yes,
        title: Title { zh: "示例".into(), en: "EXAMPLE".into() },
        effective: Effective::new(Date::new(2020, 1, 1).unwrap(), None).unwrap(),
        sections: vec![Section {
            purpose: Purpose::Transit,
            rules: vec![Rule { citation, when, then, effective: None }],
        }],
        cases: vec![],
    };
    authority.policy_key.sign1(pack.encode(), Content::Policy)
}

#[test]
fn a_ride_that_cannot_be_written_down_is_not_given() {
    let mut story = Story::usual();
    story.disk_is_full = true;
    assert_eq!(story.show(&alone(1)), Seen::Stayed(Refusal::CannotDecide));
    assert_eq!(story.warnings, [Warning::JournalFailed]);
    assert!(story.journal.is_empty());
    story.disk_is_full = false;
    assert_eq!(story.show(&alone(1)), HOLDER, "it was not let in before, so this is no copy");
}

#[test]
fn an_answer_of_the_journal_that_nobody_waits_for_opens_nothing() {
    let mut story = Story::usual();
    assert_eq!(story.gate.on(Event::Journaled(Journaled::Durably), story.now), []);
    assert_eq!(story.show(&alone(1)), HOLDER);
    assert_eq!(story.gate.on(Event::Journaled(Journaled::Durably), story.now), []);
}

#[test]
fn without_network_the_gate_works_for_seven_days_and_warns_after_one() {
    let mut story = Story::usual();
    let until = |age: u64| age - story_age();
    story.wait(until(DAY));
    assert_eq!(story.warnings, []);
    story.wait(1);
    assert_eq!(story.warnings, [Warning::BundleAging { hours: 24 }]);
    assert_eq!(story.show(&alone(1)), HOLDER);
    story.wait(6 * DAY - 1);
    assert_eq!(story.show(&alone(1)), HOLDER, "seven days to the second");
    story.wait(1);
    assert_eq!(story.show(&alone(2)), Seen::Stayed(Refusal::StatusTooOld));
    assert_eq!(story.warnings.last(), Some(&Warning::BundleTooOld { hours: 168 }));
    let issued = story.now.clock;
    story.install(|a| {
        (a.issued, a.expires) = (issued, issued.plus_seconds(DAY));
        a.status[0].issued = issued;
        a.status[0].expires = issued.plus_seconds(DAY);
    });
    assert_eq!(story.show(&alone(2)), HOLDER);
}

fn story_age() -> u64 {
    NOW.seconds_since(SIGNED)
}

#[test]
fn a_bundle_that_says_it_lasts_a_year_is_relied_on_for_seven_days_all_the_same() {
    let long = Authority::new().with(|a| {
        a.expires = NOW.plus_seconds(365 * DAY);
        a.status[0].expires = NOW.plus_seconds(365 * DAY);
    });
    let mut story = Story::with(rules(), long);
    story.wait(7 * DAY - story_age());
    assert_eq!(story.show(&alone(1)), HOLDER);
    assert_eq!(story.wait(1).show(&alone(2)), Seen::Stayed(Refusal::BundleExpired));
}

#[test]
fn without_a_bundle_nobody_gets_in_and_the_first_one_opens_the_gate() {
    let mut story = Story::usual();
    story.gate = Gate::new(rules(), None, &[], story.now);
    assert_eq!(story.show(&alone(1)), Seen::Stayed(Refusal::BundleMissing));
    assert_eq!(story.warnings, [Warning::NoBundle]);
    assert_eq!(story.install(|_| {}).show(&alone(1)), HOLDER);
}

#[test]
fn a_revocation_and_a_thaw_take_effect_with_the_bundle_that_brings_them() {
    let mut story = Story::usual();
    let set = |status| move |a: &mut Authority| a.set_status(StatusIndex::new(5), status);
    assert_eq!(story.install(set(Status::Suspended)).show(&alone(5)), Seen::Stayed(Refusal::Suspended));
    assert_eq!(story.install(set(Status::Valid)).show(&alone(5)), HOLDER);
    assert_eq!(story.install(set(Status::Invalid)).show(&alone(5)), Seen::Stayed(Refusal::Revoked));
}

#[test]
fn a_clock_that_jumps_is_reported_and_neither_hides_a_copy_nor_makes_one() {
    let mut story = Story::usual();
    assert_eq!(story.show(&alone(1)), HOLDER);
    story.set_clock(NOW.plus_seconds(2 * HOUR));
    assert_eq!(story.warnings, [Warning::ClockJumped { seconds: 7200 }]);
    assert_eq!(story.show(&alone(1)), REPLAYED, "only ten minutes count, not what the clock says");
    story.set_clock(NOW);
    assert_eq!(story.warnings.last(), Some(&Warning::ClockJumped { seconds: -7200 }));
    assert_eq!(story.wait(600).show(&alone(1)), HOLDER);
}

#[test]
fn a_clock_behind_what_was_signed_stops_the_gate_until_it_is_set() {
    let mut story = Story::usual();
    story.set_clock(UnixTime::from_seconds(0));
    assert!(story.warnings.contains(&Warning::ClockBehind));
    let stopped = story.show(&alone(1));
    assert!(matches!(stopped, Seen::Stayed(Refusal::IssuerNotTrusted | Refusal::ClockBehind)), "{stopped:?}");
    story.set_clock(UnixTime::from_seconds(SIGNED.as_seconds() - 301));
    assert_eq!(story.show(&alone(1)), Seen::Stayed(Refusal::ClockBehind));
    assert_eq!(story.set_clock(NOW).show(&alone(1)), HOLDER);
}

#[test]
fn a_bundle_that_goes_stale_during_the_day_stops_nobody_before_the_limit() {
    let mut story = Story::usual();
    story.wait(DAY + HOUR);
    assert_eq!(story.show(&alone(1)), HOLDER, "it expired an hour ago");
    let strict = Rules { warn_after_seconds: 0, refuse_after_seconds: 0, ..rules() };
    let mut story = Story::with(strict, Authority::new());
    assert_eq!(story.show(&alone(1)), Seen::Stayed(Refusal::BundleExpired));
}

#[test]
fn garbage_half_codes_and_foreign_codes_are_refused_and_never_journaled() {
    let mut story = Story::usual();
    let code = QrText::new(story.authority.issue(alone(1).encode())).to_text();
    let stranger = QrText::new(Key::named("stranger").sign1(alone(1).encode(), Content::Credential));
    for (text, wanted) in [
        ("", Refusal::NotACredential),
        ("6901234567892", Refusal::NotACredential),
        ("DC1:\u{fffd}", Refusal::Malformed),
        (&code[..code.len() / 2], Refusal::Malformed),
        (&"9".repeat(7090), Refusal::TooLong),
        (&stranger.to_text(), Refusal::UnknownIssuer),
    ] {
        assert_eq!(story.scan(text), Seen::Stayed(wanted), "{text:.20}");
    }
    assert!(story.journal.is_empty(), "who floods the scanner does not fill the journal");
    story.install(|a| a.set_status(INDEX, Status::Invalid));
    assert_eq!(story.show(&accompanied(INDEX.as_u32())), Seen::Stayed(Refusal::Revoked));
    let pass = PassId { kid: story.authority.issuer.kid(), index: INDEX };
    assert_eq!(story.journal, [Entry { time: NOW, pass, verdict: Verdict::Refused(Refusal::Revoked) }]);
}

#[test]
fn a_card_must_prove_that_it_is_the_one() {
    let card = Key::named("card");
    let mut story = Story::usual();
    let tapped = Pass { holder_key: Some(card.public()), ..alone(1) };
    assert_eq!(story.show(&tapped), Seen::Stayed(Refusal::PossessionRequired));
    let (bytes, message) = (story.authority.issue(tapped.encode()), b"challenge and answer");
    let mut tap = |key: &Key| {
        let signature = key.sign(message);
        let event = Event::Card { pass: &bytes, message, signature: &signature };
        let actions = story.gate.on(event, story.now);
        story.decide(actions)
    };
    assert_eq!(tap(&Key::named("clone")), Seen::Stayed(Refusal::PossessionFailed));
    assert_eq!(tap(&card), HOLDER);
}

/// A holder's card at a gate that takes rides.
struct Rider {
    story: Story,
    card: Key,
    pass: Vec<u8>,
}

impl Rider {
    fn new(of: Pass) -> Self {
        let card = Key::named("card");
        let story = Story::with(Rules { rides: true, ..rules() }, Authority::new());
        let pass = story.authority.issue(Pass { holder_key: Some(card.public()), ..of }.encode());
        Self { story, card, pass }
    }

    /// Shows the card: the gate wants a ride, or has decided.
    fn tap(&mut self) -> Result<(), Seen> {
        let signature = self.card.sign(b"first challenge");
        let event = Event::Card { pass: &self.pass, message: b"first challenge", signature: &signature };
        let actions = self.story.gate.on(event, self.story.now);
        if actions == [Action::Debit] { Ok(()) } else { Err(self.story.decide(actions)) }
    }

    fn debited(&mut self, debited: Debited<'_>) -> Seen {
        let actions = self.story.gate.on(Event::Debited(debited), self.story.now);
        self.story.decide(actions)
    }

    fn pay(&mut self, key: &Key) -> Seen {
        let signature = key.sign(b"second challenge");
        self.debited(Debited::Taken { message: b"second challenge", signature: &signature })
    }
}

#[test]
fn a_ride_is_taken_off_the_card_before_anything_opens() {
    let mut rider = Rider::new(alone(1));
    assert_eq!(rider.tap(), Ok(()));
    assert!(rider.story.journal.is_empty(), "nothing is accounted for before the card has paid");
    assert_eq!(rider.pay(&Key::named("card")), HOLDER);
    let again = Key::named("card").sign(b"second challenge");
    let twice = Debited::Taken { message: b"second challenge", signature: &again };
    assert_eq!(rider.story.gate.on(Event::Debited(twice), rider.story.now), [], "one payment opens once");
}

#[test]
fn a_card_without_rides_a_forged_payment_and_a_torn_card_open_nothing() {
    let mut rider = Rider::new(alone(1));
    for (debited, wanted) in
        [(Debited::NoneLeft, Refusal::QuotaUsed), (Debited::TornAway, Refusal::PossessionRequired)]
    {
        assert_eq!(rider.tap(), Ok(()));
        assert_eq!(rider.debited(debited), Seen::Stayed(wanted));
    }
    assert_eq!(rider.tap(), Ok(()));
    assert_eq!(rider.pay(&Key::named("clone")), Seen::Stayed(Refusal::PossessionFailed));
    let actions = rider.story.gate.on(Event::NoPass(Refusal::Suspended), rider.story.now);
    assert_eq!(rider.story.decide(actions), Seen::Stayed(Refusal::Suspended), "a blocked card");
}

#[test]
fn a_fresh_proof_is_no_copy_but_a_card_handed_back_at_once_is_refused() {
    let mut rider = Rider::new(alone(1));
    assert_eq!(rider.tap(), Ok(()));
    assert_eq!(rider.pay(&Key::named("card")), HOLDER);
    rider.story.wait(9);
    assert_eq!(rider.tap(), Err(Seen::Stayed(Refusal::Replayed)));
    rider.story.wait(1);
    assert_eq!(rider.tap(), Ok(()), "the next ride");
    assert_eq!(rider.pay(&Key::named("card")), HOLDER);
}

#[test]
fn a_companion_rides_on_the_holders_ride() {
    let mut rider = Rider::new(accompanied(1));
    assert_eq!(rider.tap(), Ok(()));
    assert_eq!(rider.pay(&Key::named("card")), HOLDER);
    assert_eq!(rider.tap(), Err(Seen::Opened(Who::Companion)));
}

#[test]
fn the_screen_says_the_same_to_everybody_who_is_refused_and_no_line_holds_a_code() {
    let mut story = Story::usual();
    story.install(|a| a.set_status(StatusIndex::new(9), Status::Invalid));
    let signs = Settings::parse("purpose = \"transit\"").unwrap().signs;
    let mut screens = vec![];
    for pass in [alone(9), Pass { expires: NOW, ..alone(1) }] {
        let code = QrText::new(story.authority.issue(pass.encode())).to_text();
        let actions = story.gate.on(Event::Scan(&code), story.now);
        let json = story.perform(actions).unwrap().to_json(&signs);
        assert!(!json.contains(&code[4..40]));
        let line: serde_json::Value = serde_json::from_str(&json).unwrap();
        screens.push(["light", "tone", "screen_zh", "screen_en"].map(|field| line[field].clone()));
        assert_eq!(line["kid"], story.authority.issuer.kid().to_string());
    }
    assert_eq!(screens[0], screens[1]);
    assert_eq!(screens[0], ["amber", "two", "请走人工通道", "please use the staffed lane"]);
}
