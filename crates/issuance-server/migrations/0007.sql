-- Columns with people's facts are sealed from here on; the keys are kept outside the file. For each key that sealed
-- something, a proof that whoever opens the register has it. See `personal.rs`.
CREATE TABLE personal_key (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 255),
    proof  BLOB    NOT NULL
) STRICT;

CREATE TRIGGER personal_key_stays BEFORE UPDATE ON personal_key
BEGIN SELECT RAISE(ABORT, 'personal key stays'); END;
CREATE TRIGGER personal_key_is_kept BEFORE DELETE ON personal_key
BEGIN SELECT RAISE(ABORT, 'personal key stays'); END;
