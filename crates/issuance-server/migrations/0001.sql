-- Everything a province registers. Rules of casework that a program with a fault, or a hand with SQL, could
-- break are repeated here: one duty an officer a case, append-only steps and audit, approval before signature,
-- two officers for what cannot be undone, one index for one credential.
-- Times are seconds since 1970, dates are 2026-11-24, regions are codes. Columns of type BLOB that hold people's
-- facts pass through `personal.rs` on the way in and out.

CREATE TABLE office (
    id     INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL CHECK (kind IN ('province', 'prefecture', 'county', 'township', 'hospital')),
    region INTEGER NOT NULL CHECK (region BETWEEN 0 AND 999999),
    name   TEXT    NOT NULL
) STRICT;

CREATE TABLE officer (
    id        INTEGER PRIMARY KEY,
    login     TEXT    NOT NULL UNIQUE,
    name      TEXT    NOT NULL,
    office_id INTEGER NOT NULL REFERENCES office (id),
    roles     TEXT    NOT NULL,
    active    INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

-- The service itself signs; it holds no power.
INSERT INTO office (id, kind, region, name) VALUES (0, 'province', 0, '签发服务');
INSERT INTO officer (id, login, name, office_id, roles) VALUES (0, 'service', '签发服务', 0, '');

CREATE TABLE person (
    id          INTEGER PRIMARY KEY,
    lookup      BLOB    NOT NULL UNIQUE,
    identity    BLOB    NOT NULL,
    home        INTEGER NOT NULL,
    particulars BLOB    NOT NULL
) STRICT;

CREATE TABLE application (
    id          INTEGER PRIMARY KEY,
    person_id   INTEGER NOT NULL REFERENCES person (id),
    kind        TEXT    NOT NULL,
    route       TEXT    NOT NULL CHECK (route IN ('assessed', 'direct')),
    born        TEXT    NOT NULL,
    home        INTEGER NOT NULL,
    desk        INTEGER NOT NULL,
    earlier_id  INTEGER REFERENCES certificate (id),
    suffix      INTEGER CHECK (suffix BETWEEN 0 AND 99),
    particulars BLOB    NOT NULL,
    source      BLOB    UNIQUE,
    state       TEXT    NOT NULL,
    steps       INTEGER NOT NULL CHECK (steps > 0)
) STRICT;

CREATE UNIQUE INDEX one_open_application ON application (person_id)
    WHERE state NOT IN ('issued', 'refused', 'withdrawn');
CREATE INDEX application_by_state ON application (state, id);

-- The primary key is the separation of duties: in one case an officer has one duty.
CREATE TABLE duty (
    application_id INTEGER NOT NULL REFERENCES application (id),
    officer_id     INTEGER NOT NULL REFERENCES officer (id),
    duty           TEXT    NOT NULL
        CHECK (duty IN ('entry', 'assessment', 'settlement', 'review', 'approval', 'signing')),
    PRIMARY KEY (application_id, officer_id),
    UNIQUE (application_id, officer_id, duty),
    CHECK ((duty = 'signing') = (officer_id = 0))
) STRICT, WITHOUT ROWID;

CREATE TABLE step (
    application_id INTEGER NOT NULL,
    number         INTEGER NOT NULL CHECK (number > 0),
    officer_id     INTEGER NOT NULL,
    duty           TEXT    NOT NULL,
    verb           TEXT    NOT NULL,
    at             INTEGER NOT NULL,
    facts          BLOB    NOT NULL,
    PRIMARY KEY (application_id, number),
    FOREIGN KEY (application_id, officer_id, duty) REFERENCES duty (application_id, officer_id, duty),
    CHECK (CASE
        WHEN verb IN ('assess', 'countersign', 'disagree') THEN duty = 'assessment'
        WHEN verb = 'settle' THEN duty = 'settlement'
        WHEN verb IN ('review', 'send_back') THEN duty = 'review'
        WHEN verb IN ('approve', 'return') THEN duty = 'approval'
        WHEN verb = 'issue' THEN duty = 'signing'
        WHEN verb = 'refuse' THEN duty IN ('entry', 'review', 'approval')
        ELSE duty = 'entry'
    END)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER duty_stays BEFORE UPDATE ON duty BEGIN SELECT RAISE(ABORT, 'duty stays'); END;
CREATE TRIGGER duty_is_kept BEFORE DELETE ON duty BEGIN SELECT RAISE(ABORT, 'duty stays'); END;
CREATE TRIGGER step_stays BEFORE UPDATE ON step BEGIN SELECT RAISE(ABORT, 'step stays'); END;
CREATE TRIGGER step_is_kept BEFORE DELETE ON step BEGIN SELECT RAISE(ABORT, 'step stays'); END;

CREATE TABLE certificate (
    id             INTEGER PRIMARY KEY,
    person_id      INTEGER NOT NULL REFERENCES person (id),
    application_id INTEGER NOT NULL UNIQUE REFERENCES application (id),
    components     BLOB    NOT NULL,
    reissue        INTEGER CHECK (reissue BETWEEN 0 AND 99),
    county         INTEGER NOT NULL,
    issued         INTEGER NOT NULL,
    expires        INTEGER NOT NULL CHECK (expires > issued),
    standing       TEXT    NOT NULL DEFAULT 'valid' CHECK (standing IN ('valid', 'suspended', 'revoked')),
    signed         INTEGER NOT NULL DEFAULT 0 CHECK (signed IN (0, 1))
) STRICT;

CREATE INDEX certificate_of_person ON certificate (person_id);
CREATE INDEX certificate_not_valid ON certificate (standing) WHERE standing <> 'valid';
CREATE INDEX certificate_unsigned ON certificate (id) WHERE signed = 0;

-- Nothing is prepared for signing without three officers: entry, review, approval.
CREATE TRIGGER certificate_needs_approval BEFORE INSERT ON certificate
WHEN (SELECT state FROM application WHERE id = NEW.application_id) IS NOT 'approved'
  OR (SELECT count(DISTINCT duty) FROM step
      WHERE application_id = NEW.application_id
        AND (verb = 'submit' OR verb = 'review' OR verb = 'approve')) < 3
BEGIN SELECT RAISE(ABORT, 'certificate needs approval'); END;

CREATE TRIGGER certificate_stays BEFORE UPDATE OF person_id, application_id, components, reissue, county, issued, expires
ON certificate BEGIN SELECT RAISE(ABORT, 'certificate stays'); END;
CREATE TRIGGER certificate_is_kept BEFORE DELETE ON certificate
BEGIN SELECT RAISE(ABORT, 'certificate stays'); END;

CREATE TABLE issuer_key (
    kid       BLOB    PRIMARY KEY CHECK (length(kid) = 4),
    list_size INTEGER NOT NULL CHECK (list_size BETWEEN 1 AND 67108864),
    -- How many indices are taken; counted here, for counting millions of rows takes longer than signing.
    taken     INTEGER NOT NULL DEFAULT 0 CHECK (taken BETWEEN 0 AND list_size)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    certificate_id INTEGER NOT NULL REFERENCES certificate (id),
    kind           INTEGER NOT NULL CHECK (kind IN (1, 2)),
    kid            BLOB    NOT NULL REFERENCES issuer_key (kid),
    status_index   INTEGER NOT NULL CHECK (status_index >= 0),
    protected      BLOB    NOT NULL,
    payload        BLOB    NOT NULL,
    signature      BLOB    CHECK (length(signature) = 64),
    PRIMARY KEY (certificate_id, kind),
    UNIQUE (kid, status_index)
) STRICT;

CREATE TRIGGER credential_takes_an_index AFTER INSERT ON credential
BEGIN UPDATE issuer_key SET taken = taken + 1 WHERE kid = NEW.kid; END;
CREATE TRIGGER credential_stays BEFORE UPDATE OF certificate_id, kind, kid, status_index, protected, payload
ON credential BEGIN SELECT RAISE(ABORT, 'credential stays'); END;
CREATE TRIGGER credential_is_signed_once BEFORE UPDATE OF signature ON credential
WHEN OLD.signature IS NOT NULL BEGIN SELECT RAISE(ABORT, 'credential stays'); END;
CREATE TRIGGER credential_is_kept BEFORE DELETE ON credential
BEGIN SELECT RAISE(ABORT, 'credential stays'); END;

CREATE TABLE status_change (
    id             INTEGER PRIMARY KEY,
    certificate_id INTEGER NOT NULL REFERENCES certificate (id),
    reason         TEXT    NOT NULL,
    change         TEXT    NOT NULL CHECK (change IN ('suspend', 'lift', 'revoke')),
    effective      TEXT    NOT NULL,
    entered_by     INTEGER NOT NULL REFERENCES officer (id),
    entered_at     INTEGER NOT NULL,
    outcome        TEXT    NOT NULL CHECK (outcome IN ('waiting', 'in_force', 'confirmed', 'dropped')),
    decided_by     INTEGER REFERENCES officer (id),
    decided_at     INTEGER,
    -- What cannot be undone takes two; a lost paper and a superseded one are dead by themselves.
    CHECK (decided_by IS NULL OR decided_by <> entered_by),
    CHECK ((outcome IN ('confirmed', 'dropped')) = (decided_by IS NOT NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (change <> 'revoke' OR outcome <> 'in_force' OR reason IN ('lost', 'superseded'))
) STRICT;

CREATE INDEX status_change_of ON status_change (certificate_id);
CREATE INDEX status_change_waiting ON status_change (id) WHERE outcome = 'waiting';

CREATE TRIGGER status_change_stays BEFORE UPDATE ON status_change
WHEN OLD.outcome <> 'waiting' OR NEW.certificate_id <> OLD.certificate_id OR NEW.reason <> OLD.reason
  OR NEW.change <> OLD.change OR NEW.entered_by <> OLD.entered_by
BEGIN SELECT RAISE(ABORT, 'status change stays'); END;
CREATE TRIGGER status_change_is_kept BEFORE DELETE ON status_change
BEGIN SELECT RAISE(ABORT, 'status change stays'); END;

CREATE TRIGGER revoked_is_for_good BEFORE UPDATE OF standing ON certificate
WHEN OLD.standing = 'revoked' AND NEW.standing <> 'revoked'
BEGIN SELECT RAISE(ABORT, 'revoked is for good'); END;
CREATE TRIGGER standing_needs_change BEFORE UPDATE OF standing ON certificate
WHEN NEW.standing <> OLD.standing AND NOT EXISTS (
    SELECT 1 FROM status_change
    WHERE certificate_id = NEW.id AND outcome IN ('in_force', 'confirmed')
      AND change = CASE NEW.standing WHEN 'revoked' THEN 'revoke' WHEN 'suspended' THEN 'suspend' ELSE 'lift' END)
BEGIN SELECT RAISE(ABORT, 'standing needs a change'); END;

CREATE TABLE bundle (
    version INTEGER PRIMARY KEY CHECK (version BETWEEN 1 AND 4294967295),
    sha256  BLOB    NOT NULL CHECK (length(sha256) = 32),
    at      INTEGER NOT NULL
) STRICT;

CREATE TRIGGER bundle_version_grows BEFORE INSERT ON bundle
WHEN NEW.version <= (SELECT max(version) FROM bundle)
BEGIN SELECT RAISE(ABORT, 'bundle version grows'); END;

CREATE TABLE audit (
    number     INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    origin     TEXT    NOT NULL,
    deed       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    subject_id INTEGER NOT NULL,
    reason     TEXT,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_by_subject ON audit (subject, subject_id);
CREATE INDEX audit_by_officer ON audit (officer_id, at);

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit stays'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit stays'); END;
