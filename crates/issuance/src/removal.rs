//! A paper taken out of its case before the review: unreadable, sent by mistake, somebody else's. Its picture is gone
//! for good. That it was there, who took it out and why stays, and neither who added it nor who removed it acts in
//! another duty of the case. What was reviewed stays as it was seen.

use credential::time::UnixTime;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::document::{Document, must_keep_papers};
use crate::id::{DocumentId, OfficerId};
use crate::register::Register;
use crate::words::words;

words! {
    /// Why a paper was taken out.
    RemovalReason {
        /// Too dark, cut off, not sharp.
        Unreadable "unreadable" "看不清楚";
        /// Another kind of paper than it was said to be, or one that the case does not need.
        WrongPaper "wrong_paper" "材料种类不符";
        /// It is about somebody else.
        OtherPerson "other_person" "他人材料";
        /// A better or newer one is there.
        Superseded "superseded" "已有更清晰或更新的材料";
    }
}

/// A document that was taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// What it was.
    pub document: Document,
    /// Why.
    pub reason: RemovalReason,
    /// Who took it out.
    pub removed_by: OfficerId,
    /// When.
    pub removed_at: UnixTime,
}

impl Removal {
    /// Whether an officer added it or took it out.
    #[must_use]
    pub fn was_handled_by(&self, officer: OfficerId) -> bool {
        self.document.added_by == officer || self.removed_by == officer
    }
}

/// Takes a document out of its case.
pub fn remove(
    register: &mut dyn Register,
    id: DocumentId,
    reason: RemovalReason,
    actor: &Actor<'_>,
) -> Result<Removal, Error> {
    let document = register.document(id)?.ok_or(Error::NoDocument { document: id })?;
    let case = document.application;
    let filed = register.application(case)?.ok_or(Error::NoApplication { application: case })?;
    must_keep_papers(&filed, actor)?;
    let removal = Removal { document, reason, removed_by: actor.officer.id, removed_at: actor.now };
    let deed = Deed::Other(Other::DocumentRemoved);
    let audit = actor.entry_because(deed, Subject::Application(case), reason.as_str());
    register.remove_document(&removal, &audit)?;
    Ok(removal)
}
