-- Finding people by name and birth date and the papers of a case.
-- Tags pass through `personal.rs`; what stands here tells nobody a name.
ALTER TABLE person ADD COLUMN name_tag BLOB;
ALTER TABLE person ADD COLUMN born_tag BLOB;
CREATE INDEX person_by_name ON person (name_tag);
CREATE INDEX person_by_birth ON person (born_tag);
CREATE INDEX application_of_person ON application (person_id);

-- Pictures as they were drawn anew here: no file of a client, no name of a client.
CREATE TABLE document (
    id             INTEGER PRIMARY KEY,
    application_id INTEGER NOT NULL REFERENCES application (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('identity', 'photo', 'guardian', 'medical', 'residence')),
    added_by       INTEGER NOT NULL REFERENCES officer (id),
    added_at       INTEGER NOT NULL,
    picture        BLOB    NOT NULL
) STRICT;
CREATE INDEX document_of ON document (application_id, id);
