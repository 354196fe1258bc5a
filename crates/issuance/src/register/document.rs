//! The documents of a case: added, shown, taken out.

use super::Stored;
use crate::audit::Entry;
use crate::document::{Document, NewDocument};
use crate::id::{ApplicationId, DocumentId};
use crate::removal::Removal;

/// Storage of documents.
pub trait DocumentStore {
    /// Adds a document to a case. Refuses the same picture of the same kind twice, a case after its review, and an
    /// officer who acts in it as anything but a clerk.
    fn add_document(&mut self, document: &NewDocument, audit: &Entry) -> Stored<Document>;
    /// Takes a document out of its case, and its picture with it. Refuses one that is not there, a case after its
    /// review, and an officer who acts in it as anything but a clerk.
    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()>;
    /// What was taken out of a case, oldest first.
    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>>;
    /// The documents of a case, oldest first.
    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>>;
    /// One document.
    fn document(&self, id: DocumentId) -> Stored<Option<Document>>;
    /// Its picture; a broken row where that is not the one that was added.
    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>>;
}
