-- Finding people by name and birth date.
-- Tags pass through `personal.rs`; what stands here tells nobody a name.
ALTER TABLE person ADD COLUMN name_tag BLOB;
ALTER TABLE person ADD COLUMN born_tag BLOB;
CREATE INDEX person_by_name ON person (name_tag);
CREATE INDEX person_by_birth ON person (born_tag);
CREATE INDEX application_of_person ON application (person_id);
