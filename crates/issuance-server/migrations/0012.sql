-- Programs that use the API, each in the name of one officer; and what their writes were answered with.

CREATE TABLE api_client (
  id            INTEGER PRIMARY KEY,
  officer       INTEGER NOT NULL REFERENCES officer (id),
  name          TEXT    NOT NULL,
  scopes        TEXT    NOT NULL CHECK (scopes <> ''),
  -- The token itself is with the program only.
  token_sha256  BLOB    NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
  added_by      INTEGER NOT NULL REFERENCES officer (id),
  added_at      INTEGER NOT NULL,
  expires_at    INTEGER NOT NULL CHECK (expires_at > added_at),
  revoked_at    INTEGER
) STRICT;

-- A token is made once, for good or until it is revoked: nobody hands one that exists to another officer.
CREATE TRIGGER api_client_stays BEFORE UPDATE ON api_client
WHEN OLD.revoked_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.officer <> OLD.officer OR NEW.scopes <> OLD.scopes
  OR NEW.token_sha256 <> OLD.token_sha256 OR NEW.expires_at <> OLD.expires_at
BEGIN SELECT RAISE(ABORT, 'API client stays'); END;
CREATE TRIGGER api_client_is_kept BEFORE DELETE ON api_client
BEGIN SELECT RAISE(ABORT, 'API client stays'); END;

-- One row a write, for a day: the same request is answered with the same answer and does nothing more.
CREATE TABLE api_answer (
  client        INTEGER NOT NULL REFERENCES api_client (id),
  idempotency   TEXT    NOT NULL CHECK (length(idempotency) BETWEEN 1 AND 64),
  at            INTEGER NOT NULL,
  -- The digest of the request, the status and the body; sealed, for both tell of people.
  answer        BLOB    NOT NULL,
  PRIMARY KEY (client, idempotency)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_answer_by_age ON api_answer (at);
