//! The gate without its wires: what happened and when goes in, what to do comes out.
//! `on` reads no clock, file or port, so a test tells a week at a gate in a few lines.
//!
//! Who may pass is said by `verifier`. Here are the rules of the place: the barrier opens only for what the journal
//! holds durably; a pass shown twice is a replay; a companion comes directly after the holder; quotas; and how old
//! a bundle may be where no network is.

use credential::grant::Grant;
use credential::policy_pack::{Attention, Price, Quota};
use credential::purpose::Purpose;
use credential::region::Region;
use verifier::policy::Unconfirmed;
use verifier::{Accepted, Bundle, Check, Facts, Possession, Refusal, Staleness, Unverified, read_qr_text};

use crate::decision::{Admission, Decision, Outcome};
use crate::entry::{Entry, PassId, Verdict};
use crate::moment::Moment;
use crate::presence::{Presence, Who};
use crate::quota::Uses;
use crate::warning::{Warning, Watch};

/// The rules of one place.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// What the gate lets people in for.
    pub purpose: Purpose,
    /// Where it stands; `None` takes every pass to hold here.
    pub place: Option<Region>,
    /// What a policy pack may do whose sources nobody confirmed.
    pub unconfirmed: Unconfirmed,
    /// How long a pass that was let in is a replay.
    pub replay_seconds: u64,
    /// How soon a companion must follow.
    pub companion_seconds: u64,
    /// How long a card that was let in may not come again. Its proof is fresh each time, so it is no copy: within
    /// these seconds it was handed back over the barrier, or still lies on the reader.
    pub card_seconds: u64,
    /// Whether a card's holder pays with a ride of the card's own counter.
    pub rides: bool,
    /// How often each pass is let in here, beside what policies say.
    pub quota: Option<Quota>,
    /// A bundle older than this is warned of.
    pub warn_after_seconds: u64,
    /// A bundle older than this is not relied on.
    pub refuse_after_seconds: u64,
}

/// What happened.
pub enum Event<'e> {
    /// A scanner read a line: a code, half a code, or anything else.
    Scan(&'e str),
    /// A card was tapped and answered the reader's challenge.
    Card {
        /// The pass that it shows.
        pass: &'e [u8],
        /// What it signed, with the challenge inside.
        message: &'e [u8],
        /// Its signature.
        signature: &'e [u8; 64],
    },
    /// A card shows no pass: it is out of use, foreign, or was torn away.
    NoPass(Refusal),
    /// What became of the last [`Action::Debit`].
    Debited(Debited<'e>),
    /// What became of the last [`Action::Journal`].
    Journaled(Journaled),
    /// A newer bundle was verified and kept.
    Bundle(Box<Bundle>),
    /// Some seconds passed.
    Tick,
}

/// What a card did when it was asked for a ride.
#[derive(Clone, Copy, Debug)]
pub enum Debited<'e> {
    /// It took one off its counter, and signed what is left.
    Taken {
        /// What it signed, with the gate's second challenge inside.
        message: &'e [u8],
        /// Its signature.
        signature: &'e [u8; 64],
    },
    /// None is left.
    NoneLeft,
    /// It left the reader: whether the ride was taken is not known, and nobody gets in.
    TornAway,
}

/// Whether the journal holds a line for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journaled {
    /// It does, also after a power cut.
    Durably,
    /// It does not: no room, no disk.
    Failed,
}

/// What to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Take a ride off the card that was shown, then say so with [`Event::Debited`].
    Debit,
    /// Make this line durable, then say so with [`Event::Journaled`]. Nothing opens before.
    Journal(Entry),
    /// Keep this line too; nobody waits for it.
    Note(Entry),
    /// Open the barrier for one person.
    Open,
    /// Tell the outside: light, tone, screen, log.
    Report(Decision),
    /// Tell those who run the gate.
    Warn(Warning),
}

/// One gate.
pub struct Gate {
    rules: Rules,
    bundle: Option<Box<Bundle>>,
    presence: Presence,
    uses: Uses,
    watch: Watch,
    pending: Option<Pending>,
}

/// Who will get in if something still comes right.
enum Pending {
    /// The card's ride.
    Ride { admission: Admission, pass: Vec<u8> },
    /// The line in the journal.
    Line(Admission),
}

/// What was shown decides what showing it again means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Code,
    Card,
}

/// A refusal, and of whom if that is certain.
struct Refused {
    pass: Option<PassId>,
    refusal: Refusal,
}

impl Gate {
    /// A gate after a start: with the bundle in force, if there is one, and what the journal remembers.
    #[must_use]
    pub fn new(rules: Rules, bundle: Option<Bundle>, journal: &[Entry], now: Moment) -> Self {
        let mut presence = Presence::new(rules.replay_seconds, rules.companion_seconds);
        let mut uses = Uses::default();
        for entry in journal {
            presence.restore(entry, now);
            uses.restore(entry);
        }
        let bundle = bundle.map(Box::new);
        Self { rules, bundle, presence, uses, watch: Watch::default(), pending: None }
    }

    /// What to do about an event.
    pub fn on(&mut self, event: Event<'_>, now: Moment) -> Vec<Action> {
        let warnings = self.watch.look(&self.rules, self.bundle.as_deref(), now);
        let mut actions: Vec<Action> = warnings.into_iter().map(Action::Warn).collect();
        match event {
            Event::Scan(text) => {
                let read = read_qr_text(text).map_err(Refused::from);
                let judged = read
                    .and_then(|code| self.judge(code.as_bytes(), Possession::StaticCode, Shown::Code, now));
                actions.extend(self.admit_or_refuse(judged, now));
            }
            Event::Card { pass, message, signature } => {
                let judged = self.judge(pass, Possession::Signed { message, signature }, Shown::Card, now);
                actions.extend(self.debit_or_decide(judged, pass, now));
            }
            Event::NoPass(refusal) => actions.extend(self.refuse(&refusal.into(), now)),
            Event::Debited(debited) => actions.extend(self.debited(debited, now)),
            Event::Journaled(journaled) => actions.extend(self.conclude(journaled, now)),
            Event::Bundle(bundle) => self.bundle = Some(bundle),
            Event::Tick => self.presence.forget_old(now.uptime),
        }
        actions
    }

    /// What a fresh journal must begin with.
    pub fn carried(&self, now: Moment) -> impl Iterator<Item = Entry> {
        self.presence.carried(now).chain(self.uses.carried(now.clock))
    }

    fn judge(
        &self,
        pass: &[u8],
        possession: Possession<'_>,
        shown: Shown,
        now: Moment,
    ) -> Result<Admission, Refused> {
        let bundle = self.bundle.as_deref().ok_or(Refusal::BundleMissing)?;
        let authentic = Unverified::parse(pass)?.authenticate(bundle, now.clock)?;
        let id = PassId { kid: authentic.kid(), index: authentic.claims().status() };
        let of_this_pass = |refusal| Refused { pass: Some(id), refusal };

        let check = self.check(possession, now);
        let accepted = authentic
            .in_force(bundle, &check)
            .and_then(|pass| pass.not_revoked(bundle, check.now, check.staleness))
            .and_then(|pass| pass.accept(bundle, &check))
            .map_err(of_this_pass)?;
        self.admission(id, &accepted, shown, now).map_err(of_this_pass)
    }

    fn check<'c>(&self, possession: Possession<'c>, now: Moment) -> Check<'c> {
        let Rules { purpose, place, unconfirmed, refuse_after_seconds, .. } = self.rules;
        Check {
            purpose: Some(purpose),
            place,
            now: now.clock,
            staleness: Staleness::AcceptStale { at_most_seconds: refuse_after_seconds },
            unconfirmed,
            possession,
        }
    }

    /// Refusals 53, 63 and 72, which depend on what this gate saw.
    fn admission(
        &self,
        pass: PassId,
        accepted: &Accepted<'_>,
        shown: Shown,
        now: Moment,
    ) -> Result<Admission, Refusal> {
        let terms = Terms::of(accepted);
        let who = match shown {
            Shown::Code => self.presence.who(pass, now.uptime),
            Shown::Card => self.presence.who_within(self.rules.card_seconds, pass, now.uptime),
        };
        let quotas = || [terms.quota, self.rules.quota].into_iter().flatten();
        let is_counted = who != Some(Who::Companion) && quotas().next().is_some();
        if is_counted && !quotas().all(|quota| self.uses.allow(pass, quota, now.clock)) {
            return Err(Refusal::QuotaUsed);
        }
        let who = who.ok_or(Refusal::Replayed)?;
        // A bundle may be made to last longer than this place wants to rely on it.
        if accepted.bundle_age_seconds > self.rules.refuse_after_seconds {
            return Err(Refusal::BundleExpired);
        }
        let price = match who {
            Who::Holder => terms.price,
            Who::Companion => terms.companion_price,
        };
        let Terms { companions, grants, attention, .. } = terms;
        Ok(Admission { pass, who, is_counted, companions, grants, price, attention })
    }

    /// The companion comes along on the holder's ride.
    fn debit_or_decide(
        &mut self,
        judged: Result<Admission, Refused>,
        pass: &[u8],
        now: Moment,
    ) -> Vec<Action> {
        match judged {
            Ok(admission) if self.rules.rides && admission.who == Who::Holder => {
                self.pending = Some(Pending::Ride { admission, pass: pass.to_vec() });
                vec![Action::Debit]
            }
            judged => self.admit_or_refuse(judged, now),
        }
    }

    /// The card answered: its signature over what is left is judged like the first one, with the same pass's key.
    fn debited(&mut self, debited: Debited<'_>, now: Moment) -> Vec<Action> {
        let Some(Pending::Ride { admission, pass }) = self.pending.take() else { return vec![] };
        let refused = |refusal| Err(Refused { pass: Some(admission.pass), refusal });
        let judged = match debited {
            Debited::Taken { message, signature } => {
                self.judge(&pass, Possession::Signed { message, signature }, Shown::Card, now)
            }
            Debited::NoneLeft => refused(Refusal::QuotaUsed),
            Debited::TornAway => refused(Refusal::PossessionRequired),
        };
        self.admit_or_refuse(judged, now)
    }

    fn admit_or_refuse(&mut self, judged: Result<Admission, Refused>, now: Moment) -> Vec<Action> {
        match judged {
            Ok(admission) => {
                let verdict = match admission.who {
                    Who::Companion => Verdict::Companion,
                    Who::Holder if admission.is_counted => Verdict::Counted,
                    Who::Holder => Verdict::Holder,
                };
                let entry = Entry { time: now.clock, pass: admission.pass, verdict };
                self.pending = Some(Pending::Line(admission));
                vec![Action::Journal(entry)]
            }
            Err(refused) => self.refuse(&refused, now),
        }
    }

    /// The journal answered: open, or refuse as one that cannot account for what it does.
    fn conclude(&mut self, journaled: Journaled, now: Moment) -> Vec<Action> {
        let Some(Pending::Line(admission)) = self.pending.take() else { return vec![] };
        if journaled == Journaled::Failed {
            let refused = Refused { pass: None, refusal: Refusal::CannotDecide };
            return [vec![Action::Warn(Warning::JournalFailed)], self.refuse(&refused, now)].concat();
        }
        self.presence.admit(admission.pass, admission.who, admission.companions, now.uptime);
        if admission.is_counted {
            self.uses.count(admission.pass, now.clock);
        }
        vec![Action::Open, Action::Report(self.decision(Outcome::Admitted(admission), now))]
    }

    fn refuse(&self, refused: &Refused, now: Moment) -> Vec<Action> {
        let Refused { pass, refusal } = *refused;
        let report = Action::Report(self.decision(Outcome::Refused { pass, refusal }, now));
        let note = pass.map(|pass| Entry { time: now.clock, pass, verdict: Verdict::Refused(refusal) });
        [Some(report), note.map(Action::Note)].into_iter().flatten().collect()
    }

    fn decision(&self, outcome: Outcome, now: Moment) -> Decision {
        let bundle = self.bundle.as_deref();
        Decision {
            time: now.clock,
            purpose: self.rules.purpose,
            snapshot: bundle.map(|bundle| bundle.snapshot().version),
            bundle_age_seconds: bundle.map(|bundle| bundle.age_seconds(now.clock)),
            warning: self.watch.standing(),
            outcome,
        }
    }
}

/// What the policies of the bundle, or the grants alone, say about price, count and company.
struct Terms {
    grants: Vec<Grant>,
    price: Option<Price>,
    quota: Option<Quota>,
    companions: u8,
    companion_price: Option<Price>,
    attention: Vec<Attention>,
}

impl Terms {
    fn of(accepted: &Accepted<'_>) -> Self {
        let grants = match &accepted.facts {
            Facts::Pass { grants, .. } => grants.clone(),
            Facts::Holder { .. } | Facts::Office(_) => vec![],
        };
        let Some(award) = &accepted.award else {
            let companions = u8::from(grants.contains(&Grant::CompanionOne));
            return Self {
                grants,
                price: None,
                quota: None,
                companions,
                companion_price: None,
                attention: vec![],
            };
        };
        let benefit = &award.benefit;
        // Of several terms the holder took one, and the gate does not know which: it counts by the most generous.
        let most_generous = benefit.terms.iter().max_by_key(|term| term.quota.map_or(u32::MAX, |q| q.count));
        Self {
            grants,
            price: most_generous.map(|term| term.price),
            quota: most_generous.and_then(|term| term.quota),
            companions: benefit.companions.map_or(0, |companions| companions.count),
            companion_price: benefit.companions.map(|companions| companions.price),
            attention: benefit.attention.clone(),
        }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { pass: None, refusal }
    }
}
