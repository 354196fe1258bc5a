//! Who was let in just now: a pass shown again within the window is a copy or was handed back (refusal 63),
//! unless it is the companion, who comes directly after the holder and shows the same pass.

use std::collections::HashMap;

use crate::entry::{Entry, PassId, Verdict};
use crate::moment::{Moment, Uptime};

/// Who passes with a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Its holder.
    Holder,
    /// Whom the holder may bring.
    Companion,
}

/// The passes let in during the window.
pub struct Presence {
    window_seconds: u64,
    companion_seconds: u64,
    admitted: HashMap<PassId, Uptime>,
    last: Option<Group>,
}

/// The holder let in last, with those who may still follow.
struct Group {
    pass: PassId,
    at: Uptime,
    companions_left: u8,
}

impl Presence {
    /// Nobody yet. A window of 0 seconds refuses nobody, 0 seconds for companions admit none.
    #[must_use]
    pub fn new(window_seconds: u64, companion_seconds: u64) -> Self {
        Self { window_seconds, companion_seconds, admitted: HashMap::new(), last: None }
    }

    /// Who would pass with this pass now; `None` for a replay.
    #[must_use]
    pub fn who(&self, pass: PassId, now: Uptime) -> Option<Who> {
        self.who_within(self.window_seconds, pass, now)
    }

    /// The same within a shorter window: nobody is remembered for longer than the usual one.
    #[must_use]
    pub fn who_within(&self, window_seconds: u64, pass: PassId, now: Uptime) -> Option<Who> {
        let follows = |group: &Group| {
            group.pass == pass && group.companions_left > 0 && now.is_within(self.companion_seconds, group.at)
        };
        if self.last.as_ref().is_some_and(follows) {
            return Some(Who::Companion);
        }
        let replayed = self.admitted.get(&pass).is_some_and(|at| now.is_within(window_seconds, *at));
        (!replayed).then_some(Who::Holder)
    }

    /// Remembers that somebody was let in.
    pub fn admit(&mut self, pass: PassId, who: Who, companions: u8, now: Uptime) {
        self.admitted.insert(pass, now);
        match (who, &mut self.last) {
            (Who::Companion, Some(group)) => group.companions_left = group.companions_left.saturating_sub(1),
            _ => self.last = Some(Group { pass, at: now, companions_left: companions }),
        }
    }

    /// Remembers from the journal who was let in before a restart. No companion follows across one.
    pub fn restore(&mut self, entry: &Entry, now: Moment) {
        if matches!(entry.verdict, Verdict::Holder | Verdict::Counted | Verdict::Companion) {
            self.admitted.insert(entry.pass, now.uptime_of(entry.time));
        }
    }

    /// What a fresh journal must begin with, so that a copy is known after a restart too.
    /// As companions, whose lines restore who was here and count for nothing else.
    pub fn carried(&self, now: Moment) -> impl Iterator<Item = Entry> {
        let recent = move |at: &Uptime| now.uptime.is_within(self.window_seconds, *at);
        self.admitted.iter().filter(move |(_, at)| recent(at)).map(move |(pass, at)| Entry {
            time: now.clock_of(*at),
            pass: *pass,
            verdict: Verdict::Companion,
        })
    }

    /// Forgets those whose window is over.
    pub fn forget_old(&mut self, now: Uptime) {
        self.admitted.retain(|_, at| now.is_within(self.window_seconds, *at));
    }
}
