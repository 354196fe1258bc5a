//! The twin in memory: the same port, the same rules, no disk. For tests of casework and of the port itself;
//! what SQLite does must be what this does.

mod audit;
mod card;
mod case;
mod certificate;
mod change;
mod document;
mod issuing;
mod office;
mod person;

use std::collections::{HashMap, HashSet};

use credential::key::Kid;
use credential::status_list::StatusIndex;
use credential::time::UnixTime;

use crate::application::Filed;
use crate::audit::{BEFORE_THE_FIRST, Entry, Row, Subject, link};
use crate::card::CardJob;
use crate::certificate::{Certificate, SignedCredential};
use crate::document::Document;
use crate::id::{ApplicationId, CertificateId};
use crate::office::Office;
use crate::officer::Officer;
use crate::person::Person;
use crate::pilot::Pilot;
use crate::register::{Digest, IssuerKey, PreparedCredential, Register};
use crate::removal::Removal;
use crate::status_change::StatusChange;

/// A register that forgets everything.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    offices: Vec<Office>,
    officers: Vec<Officer>,
    pilots: Vec<Pilot>,
    people: Vec<Person>,
    cases: Vec<Filed>,
    documents: Vec<(Document, Vec<u8>)>,
    removals: Vec<Removal>,
    sources: HashMap<Digest, ApplicationId>,
    certificates: Vec<Certificate>,
    prepared: HashMap<CertificateId, Vec<PreparedCredential>>,
    signed: HashMap<CertificateId, Vec<SignedCredential>>,
    keys: Vec<IssuerKey>,
    taken: HashSet<(Kid, StatusIndex)>,
    changes: Vec<StatusChange>,
    cards: Vec<CardJob>,
    /// Passes beside the first, in the order in which they were prepared.
    passes: Vec<(CertificateId, PreparedCredential, Option<SignedCredential>)>,
    /// Passes that no longer count: of withdrawn cards, and followed by others.
    withdrawn: Vec<(Kid, StatusIndex)>,
    bundles: Vec<(u32, UnixTime)>,
    audit: Vec<Row>,
}

impl Register for InMemory {}

impl InMemory {
    /// Empty, but for the service itself as an officer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn log(&mut self, entry: Entry) {
        let previous = self.audit.last().map_or(BEFORE_THE_FIRST, |row| row.hash);
        let number = self.audit.len() as i64 + 1;
        self.audit.push(Row { number, hash: link(&previous, number, &entry), entry });
    }

    fn log_about(&mut self, audit: &[Entry], about: Option<ApplicationId>) {
        for entry in audit {
            let mut entry = entry.clone();
            if let (Subject::Register, Some(id)) = (entry.subject, about) {
                entry.subject = Subject::Application(id);
            }
            self.log(entry);
        }
    }
}

fn waits(change: &StatusChange) -> bool {
    change.outcome() == crate::status_change::Outcome::Waiting
}
