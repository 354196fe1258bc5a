-- Passes beside the first: for a narrower place, and made anew when the policy packs change. A pass that another one
-- follows, or that nobody is entitled to any more, is withdrawn: its index is revoked, its certificate is not.

CREATE TABLE pass (
    id             INTEGER PRIMARY KEY,
    certificate_id INTEGER NOT NULL REFERENCES certificate (id),
    kid            BLOB    NOT NULL REFERENCES issuer_key (kid),
    status_index   INTEGER NOT NULL CHECK (status_index >= 0),
    protected      BLOB    NOT NULL,
    payload        BLOB    NOT NULL,
    signature      BLOB    CHECK (length(signature) = 64),
    UNIQUE (kid, status_index)
) STRICT;

CREATE INDEX pass_of ON pass (certificate_id);
CREATE INDEX pass_unsigned ON pass (id) WHERE signature IS NULL;

CREATE TABLE withdrawn_pass (
    kid          BLOB    NOT NULL,
    status_index INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (kid, status_index)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER pass_is_new BEFORE INSERT ON pass
WHEN NEW.signature IS NOT NULL OR EXISTS (SELECT 1 FROM pass WHERE id = NEW.id)
  OR NOT EXISTS (SELECT 1 FROM certificate
                 WHERE id = NEW.certificate_id AND signed = 1 AND standing <> 'revoked')
BEGIN SELECT RAISE(ABORT, 'pass stays'); END;
CREATE TRIGGER pass_stays BEFORE UPDATE ON pass
WHEN NEW.id <> OLD.id OR NEW.certificate_id <> OLD.certificate_id OR NEW.kid <> OLD.kid
  OR NEW.status_index <> OLD.status_index OR NEW.protected <> OLD.protected OR NEW.payload <> OLD.payload
  OR OLD.signature IS NOT NULL
  OR EXISTS (SELECT 1 FROM withdrawn_pass WHERE kid = OLD.kid AND status_index = OLD.status_index)
BEGIN SELECT RAISE(ABORT, 'pass stays'); END;
CREATE TRIGGER pass_is_kept BEFORE DELETE ON pass BEGIN SELECT RAISE(ABORT, 'pass stays'); END;
CREATE TRIGGER pass_takes_an_index AFTER INSERT ON pass
BEGIN UPDATE issuer_key SET taken = taken + 1 WHERE kid = NEW.kid; END;

-- The unique keys of three tables do not see each other.
CREATE TRIGGER pass_index_is_free BEFORE INSERT ON pass
WHEN EXISTS (SELECT 1 FROM pass WHERE kid = NEW.kid AND status_index = NEW.status_index)
  OR EXISTS (SELECT 1 FROM credential WHERE kid = NEW.kid AND status_index = NEW.status_index)
  OR EXISTS (SELECT 1 FROM card_job WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;
CREATE TRIGGER credential_index_is_no_pass BEFORE INSERT ON credential
WHEN EXISTS (SELECT 1 FROM pass WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;
CREATE TRIGGER card_index_is_no_pass BEFORE UPDATE OF status_index ON card_job
WHEN NEW.status_index IS NOT OLD.status_index
  AND EXISTS (SELECT 1 FROM pass WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;

CREATE TRIGGER withdrawn_pass_is_a_pass BEFORE INSERT ON withdrawn_pass
WHEN EXISTS (SELECT 1 FROM withdrawn_pass WHERE kid = NEW.kid AND status_index = NEW.status_index)
  OR NOT EXISTS (
    SELECT 1 FROM pass WHERE kid = NEW.kid AND status_index = NEW.status_index
    UNION ALL
    SELECT 1 FROM credential
    WHERE kid = NEW.kid AND status_index = NEW.status_index AND kind = 2 AND signature IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'withdrawn pass stays'); END;
CREATE TRIGGER withdrawn_pass_stays BEFORE UPDATE ON withdrawn_pass
BEGIN SELECT RAISE(ABORT, 'withdrawn pass stays'); END;
CREATE TRIGGER withdrawn_pass_is_kept BEFORE DELETE ON withdrawn_pass
BEGIN SELECT RAISE(ABORT, 'withdrawn pass stays'); END;
