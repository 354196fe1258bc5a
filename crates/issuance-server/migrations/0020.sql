-- A tag of where an applicant lives, by which others from there are counted; the program puts it in after this.
ALTER TABLE application ADD COLUMN dwelling BLOB CHECK (length(dwelling) = 16);
