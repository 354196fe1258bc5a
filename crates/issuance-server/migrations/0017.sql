-- Papers that were taken out of a case before its review. The picture goes; that it was there, who took it out and why
-- stays. Whoever added or removed a paper does nothing else in the case.
CREATE TABLE removed_document (
    number         INTEGER PRIMARY KEY,
    document_id    INTEGER NOT NULL,
    application_id INTEGER NOT NULL REFERENCES application (id),
    kind           TEXT    NOT NULL,
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    size           INTEGER NOT NULL,
    added_by       INTEGER NOT NULL REFERENCES officer (id),
    added_at       INTEGER NOT NULL,
    reason         TEXT    NOT NULL CHECK (reason IN ('unreadable', 'wrong_paper', 'other_person', 'superseded')),
    removed_by     INTEGER NOT NULL REFERENCES officer (id),
    removed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_document_of ON removed_document (application_id);
CREATE INDEX removed_document_by_id ON removed_document (document_id);

CREATE TRIGGER removed_document_stays BEFORE UPDATE ON removed_document
BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER removed_document_is_kept BEFORE DELETE ON removed_document
BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER removed_document_was_there BEFORE INSERT ON removed_document
WHEN EXISTS (SELECT 1 FROM removed_document WHERE number = NEW.number)
  OR NOT EXISTS (SELECT 1 FROM document
    WHERE id = NEW.document_id AND application_id = NEW.application_id AND kind = NEW.kind AND digest = NEW.digest
      AND size = NEW.size AND added_by = NEW.added_by AND added_at = NEW.added_at)
BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER document_goes_before_the_review BEFORE INSERT ON removed_document
WHEN coalesce((SELECT state FROM application WHERE id = NEW.application_id), '') NOT IN
    ('submitted', 'evidence_wanted', 'accepted', 'half_assessed', 'assessed', 'disputed', 'noticed')
BEGIN SELECT RAISE(ABORT, 'document comes before the review'); END;
CREATE TRIGGER document_is_removed_by_a_clerk BEFORE INSERT ON removed_document
WHEN EXISTS (SELECT 1 FROM duty WHERE application_id = NEW.application_id AND officer_id = NEW.removed_by
             AND duty <> 'entry')
  OR NOT EXISTS (SELECT 1 FROM officer WHERE id = NEW.removed_by AND ',' || roles || ',' LIKE '%,clerk,%')
BEGIN SELECT RAISE(ABORT, 'duty.application_id, duty.officer_id'); END;

DROP TRIGGER document_is_kept;
CREATE TRIGGER document_is_kept BEFORE DELETE ON document
WHEN NOT EXISTS (SELECT 1 FROM removed_document
    WHERE document_id = OLD.id AND application_id = OLD.application_id AND kind = OLD.kind AND digest = OLD.digest
      AND added_by = OLD.added_by AND added_at = OLD.added_at)
BEGIN SELECT RAISE(ABORT, 'document stays'); END;
DROP TRIGGER whoever_added_documents_is_a_clerk;
CREATE TRIGGER whoever_added_documents_is_a_clerk BEFORE INSERT ON duty
WHEN NEW.duty <> 'entry' AND (EXISTS (
    SELECT 1 FROM document WHERE application_id = NEW.application_id AND added_by = NEW.officer_id)
  OR EXISTS (SELECT 1 FROM removed_document WHERE application_id = NEW.application_id
    AND (added_by = NEW.officer_id OR removed_by = NEW.officer_id)))
BEGIN SELECT RAISE(ABORT, 'duty.application_id, duty.officer_id'); END;
