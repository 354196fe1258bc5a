//! The twin: documents.

use super::InMemory;
use crate::audit::Entry;
use crate::document::{Document, NewDocument, must_take_documents};
use crate::duty::Duty;
use crate::id::{ApplicationId, DocumentId, OfficerId};
use crate::register::{DocumentStore, StoreError, Stored};
use crate::removal::Removal;

impl InMemory {
    /// Papers come and go until the review, by an officer who is nothing but a clerk in the case.
    pub(super) fn papers_are_open(&self, application: ApplicationId, officer: OfficerId) -> Stored<()> {
        let case = self.cases.iter().find(|filed| filed.id == application);
        let case = &case.ok_or(StoreError::Rule("foreign key"))?.application;
        must_take_documents(case).map_err(|_| StoreError::Rule("documents come before the review"))?;
        match case.duties().of(officer).is_some_and(|held| held != Duty::Entry) {
            true => Err(StoreError::Rule("one duty an officer a case")),
            false => Ok(()),
        }
    }
}

impl DocumentStore for InMemory {
    fn add_document(&mut self, new: &NewDocument, audit: &Entry) -> Stored<Document> {
        self.papers_are_open(new.application, new.added_by)?;
        let same = |(known, _): &(Document, _)| {
            (known.application, known.kind, known.digest) == (new.application, new.kind, new.digest)
        };
        if self.documents.iter().any(same) {
            return Err(StoreError::Rule("document.digest"));
        }
        let NewDocument { application, kind, digest, picture, added_by, added_at } = new.clone();
        // Nothing that was removed gives its number to another.
        let known = self.documents.iter().map(|(document, _)| document.id.get());
        let removed = self.removals.iter().map(|removal| removal.document.id.get());
        let id = DocumentId::from_stored(known.chain(removed).max().unwrap_or(0) + 1);
        let document = Document { id, application, kind, digest, size: picture.len(), added_by, added_at };
        self.documents.push((document.clone(), picture));
        self.log(audit.clone());
        Ok(document)
    }

    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()> {
        self.papers_are_open(removal.document.application, removal.removed_by)?;
        let at = self.documents.iter().position(|(document, _)| *document == removal.document);
        self.documents.remove(at.ok_or(StoreError::Rule("documents stay"))?);
        self.removals.push(removal.clone());
        self.log(audit.clone());
        Ok(())
    }

    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>> {
        let of = |removal: &&Removal| removal.document.application == application;
        Ok(self.removals.iter().filter(of).cloned().collect())
    }

    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>> {
        let of = |(document, _): &&(Document, _)| document.application == application;
        Ok(self.documents.iter().filter(of).map(|(document, _)| document.clone()).collect())
    }

    fn document(&self, id: DocumentId) -> Stored<Option<Document>> {
        let found = self.documents.iter().find(|(document, _)| document.id == id);
        Ok(found.map(|(document, _)| document.clone()))
    }

    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>> {
        let found = self.documents.iter().find(|(document, _)| document.id == id);
        Ok(found.map(|(_, picture)| picture.clone()))
    }
}
