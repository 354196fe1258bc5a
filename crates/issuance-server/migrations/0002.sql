-- Accounts, sessions and pilots: the tables of the console beside the register's.
CREATE TABLE account (
  officer            INTEGER PRIMARY KEY REFERENCES officer (id),
  password           TEXT    NOT NULL CHECK (password LIKE '$argon2id$%'),
  password_set_at    INTEGER NOT NULL,
  -- 1 while the password is the one an administrator handed over.
  must_change        INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  -- The shared secret of the authenticator, sealed like every personal column.
  second_factor      BLOB,
  -- 1 once a code of it was typed.
  second_factor_set  INTEGER NOT NULL DEFAULT 0 CHECK (second_factor_set IN (0, 1)),
  -- The 30-second step of the last code that counted: a code counts once.
  last_step          INTEGER,
  failures           INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  locked_until       INTEGER NOT NULL DEFAULT 0,
  CHECK (second_factor_set = 0 OR second_factor IS NOT NULL)
) STRICT;

CREATE TABLE session (
  -- The token itself is in the browser only.
  token_sha256  BLOB    PRIMARY KEY CHECK (length(token_sha256) = 32),
  officer       INTEGER NOT NULL REFERENCES account (officer),
  stage         TEXT    NOT NULL CHECK (stage IN ('code', 'enrol', 'password', 'full')),
  opened_at     INTEGER NOT NULL,
  seen_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of ON session (officer);

CREATE TABLE pilot (
  feature     TEXT    NOT NULL CHECK (feature IN ('qr_code', 'smart_card')),
  -- 0 is everywhere; else a region's code of 2, 4 or 6 digits.
  region      INTEGER NOT NULL,
  is_on       INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  changed_by  INTEGER NOT NULL REFERENCES officer (id),
  changed_at  INTEGER NOT NULL,
  PRIMARY KEY (feature, region)
) STRICT, WITHOUT ROWID;
