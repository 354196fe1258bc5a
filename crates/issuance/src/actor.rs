//! Who acts, when and from where: the first argument of every use case that leaves a trace.

use credential::time::UnixTime;

use crate::audit::{Deed, Entry, Subject};
use crate::officer::Officer;
use crate::text::Line;

/// An officer at work.
#[derive(Clone, Debug)]
pub struct Actor<'a> {
    /// Who.
    pub officer: &'a Officer,
    /// When.
    pub now: UnixTime,
    /// From where: `command`, `console 203.0.113.7`, `api CLIENT`.
    pub origin: &'a Line,
}

impl Actor<'_> {
    /// The audit row of a deed.
    #[must_use]
    pub fn entry(&self, deed: Deed, subject: Subject) -> Entry {
        let Self { officer, now, origin } = self;
        Entry { at: *now, who: officer.id, origin: (*origin).clone(), deed, subject, reason: None }
    }

    /// The same with the code of a reason.
    #[must_use]
    pub fn entry_because(&self, deed: Deed, subject: Subject, reason: &'static str) -> Entry {
        Entry { reason: Line::parse(reason).ok(), ..self.entry(deed, subject) }
    }
}
