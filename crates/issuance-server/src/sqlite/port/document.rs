//! The port: documents.

use issuance::audit::Entry;
use issuance::document::{Document, NewDocument};
use issuance::id::{ApplicationId, DocumentId};
use issuance::register::{DocumentStore, Stored};
use issuance::removal::Removal;

use crate::sqlite::{SqliteRegister, document};

impl DocumentStore for SqliteRegister {
    fn add_document(&mut self, document: &NewDocument, audit: &Entry) -> Stored<Document> {
        self.write(std::slice::from_ref(audit), |tx, personal| {
            Ok((document::add(tx, personal, document)?, None))
        })
    }

    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((document::remove(tx, removal)?, None)))
    }

    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>> {
        document::removed_from(&self.connection, application)
    }

    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>> {
        document::of(&self.connection, application)
    }

    fn document(&self, id: DocumentId) -> Stored<Option<Document>> {
        document::find(&self.connection, id)
    }

    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>> {
        document::picture(&self.connection, &self.personal, id)
    }
}
