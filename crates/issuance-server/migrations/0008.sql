-- Where the audit ends, under a key kept outside the file: rows cut off its end leave a whole chain behind.
CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seal BLOB    NOT NULL
) STRICT;
