-- Papers and photos of cases. Pictures pass through `personal.rs`; the digest says that a picture is still the one
-- that was reviewed. Added until the review, by a clerk who is nothing else in the case, and kept.
CREATE TABLE document (
    id             INTEGER PRIMARY KEY,
    application_id INTEGER NOT NULL REFERENCES application (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('identity_card', 'household_register', 'guardian_proof',
        'assessment_form', 'medical_record', 'residence_proof', 'portrait', 'photo')),
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    size           INTEGER NOT NULL CHECK (size BETWEEN 1 AND 2097152),
    picture        BLOB    NOT NULL,
    added_by       INTEGER NOT NULL REFERENCES officer (id),
    added_at       INTEGER NOT NULL,
    UNIQUE (application_id, kind, digest),
    -- EF.PHOTO of a card.
    CHECK (kind <> 'photo' OR size <= 12288)
) STRICT;

CREATE TRIGGER document_stays BEFORE UPDATE ON document BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER document_is_kept BEFORE DELETE ON document BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER document_is_new BEFORE INSERT ON document
WHEN EXISTS (SELECT 1 FROM document WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'document stays'); END;
CREATE TRIGGER document_is_added_once BEFORE INSERT ON document
WHEN EXISTS (SELECT 1 FROM document
             WHERE application_id = NEW.application_id AND kind = NEW.kind AND digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'document.application_id, document.kind'); END;
CREATE TRIGGER document_comes_before_the_review BEFORE INSERT ON document
WHEN coalesce((SELECT state FROM application WHERE id = NEW.application_id), '') NOT IN
    ('submitted', 'evidence_wanted', 'accepted', 'half_assessed', 'assessed', 'disputed', 'noticed')
  OR (SELECT count(*) FROM document WHERE application_id = NEW.application_id) >= 40
BEGIN SELECT RAISE(ABORT, 'document comes before the review'); END;
CREATE TRIGGER document_is_added_by_a_clerk BEFORE INSERT ON document
WHEN EXISTS (SELECT 1 FROM duty WHERE application_id = NEW.application_id AND officer_id = NEW.added_by
             AND duty <> 'entry')
  OR NOT EXISTS (SELECT 1 FROM officer WHERE id = NEW.added_by AND ',' || roles || ',' LIKE '%,clerk,%')
BEGIN SELECT RAISE(ABORT, 'duty.application_id, duty.officer_id'); END;
CREATE TRIGGER whoever_added_documents_is_a_clerk BEFORE INSERT ON duty
WHEN NEW.duty <> 'entry' AND EXISTS (
    SELECT 1 FROM document WHERE application_id = NEW.application_id AND added_by = NEW.officer_id)
BEGIN SELECT RAISE(ABORT, 'duty.application_id, duty.officer_id'); END;
