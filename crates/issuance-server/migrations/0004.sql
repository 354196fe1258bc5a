-- Cards: one job a card, one live card a certificate. A stage is never skipped, a chip serves one job for ever, and
-- a status index belongs to one credential, be it on paper or on a card.

CREATE TABLE card_job (
    id             INTEGER PRIMARY KEY,
    certificate_id INTEGER NOT NULL REFERENCES certificate (id),
    stage          TEXT    NOT NULL DEFAULT 'ordered'
        CHECK (stage IN ('ordered', 'begun', 'prepared', 'signed', 'issued', 'withdrawn')),
    card           BLOB    UNIQUE CHECK (length(card) = 8),
    public_key     BLOB    UNIQUE CHECK (length(public_key) = 32),
    kid            BLOB    REFERENCES issuer_key (kid),
    status_index   INTEGER CHECK (status_index >= 0),
    protected      BLOB,
    payload        BLOB,
    signature      BLOB    CHECK (length(signature) = 64),
    issued_at      INTEGER,
    withdrawn_at   INTEGER,
    UNIQUE (kid, status_index),
    CHECK (CASE stage
        WHEN 'ordered' THEN card IS NULL
        WHEN 'begun' THEN card IS NOT NULL AND status_index IS NULL
        WHEN 'prepared' THEN status_index IS NOT NULL AND signature IS NULL
        WHEN 'signed' THEN signature IS NOT NULL AND issued_at IS NULL
        WHEN 'issued' THEN issued_at IS NOT NULL
        ELSE withdrawn_at IS NOT NULL
    END),
    CHECK ((withdrawn_at IS NULL) = (stage <> 'withdrawn')),
    CHECK (public_key IS NULL OR card IS NOT NULL),
    CHECK ((public_key IS NULL) = (status_index IS NULL)),
    CHECK ((kid IS NULL) = (status_index IS NULL)),
    CHECK ((protected IS NULL) = (status_index IS NULL)),
    CHECK ((payload IS NULL) = (status_index IS NULL)),
    CHECK (signature IS NULL OR status_index IS NOT NULL),
    CHECK (issued_at IS NULL OR signature IS NOT NULL)
) STRICT;

CREATE UNIQUE INDEX one_card_a_certificate ON card_job (certificate_id) WHERE stage <> 'withdrawn';
CREATE INDEX card_job_of ON card_job (certificate_id);
CREATE INDEX card_job_open ON card_job (id) WHERE stage NOT IN ('issued', 'withdrawn');

CREATE TRIGGER card_job_goes_step_by_step BEFORE UPDATE ON card_job
WHEN NEW.stage <> 'withdrawn' AND NEW.stage IS NOT CASE OLD.stage
    WHEN 'ordered' THEN 'begun' WHEN 'begun' THEN 'prepared' WHEN 'prepared' THEN 'signed'
    WHEN 'signed' THEN 'issued' END
  OR OLD.stage = 'withdrawn'
BEGIN SELECT RAISE(ABORT, 'card job goes step by step'); END;

CREATE TRIGGER card_job_stays BEFORE UPDATE ON card_job
WHEN NEW.certificate_id <> OLD.certificate_id
  OR OLD.card IS NOT NULL AND NEW.card IS NOT OLD.card
  OR OLD.public_key IS NOT NULL AND (NEW.public_key IS NOT OLD.public_key OR NEW.kid IS NOT OLD.kid
    OR NEW.status_index IS NOT OLD.status_index OR NEW.protected IS NOT OLD.protected
    OR NEW.payload IS NOT OLD.payload)
  OR OLD.signature IS NOT NULL AND NEW.signature IS NOT OLD.signature
  OR OLD.issued_at IS NOT NULL AND NEW.issued_at IS NOT OLD.issued_at
BEGIN SELECT RAISE(ABORT, 'card job stays'); END;

CREATE TRIGGER card_job_is_kept BEFORE DELETE ON card_job
BEGIN SELECT RAISE(ABORT, 'card job stays'); END;

-- The unique keys of two tables do not see each other.
CREATE TRIGGER card_index_is_free BEFORE UPDATE OF status_index ON card_job
WHEN NEW.status_index IS NOT OLD.status_index
  AND EXISTS (SELECT 1 FROM credential WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;
CREATE TRIGGER credential_index_is_free BEFORE INSERT ON credential
WHEN EXISTS (SELECT 1 FROM card_job WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;
CREATE TRIGGER card_index_is_counted AFTER UPDATE OF status_index ON card_job
WHEN OLD.status_index IS NULL AND NEW.status_index IS NOT NULL
BEGIN UPDATE issuer_key SET taken = taken + 1 WHERE kid = NEW.kid; END;
