-- The day that the legal term of a case counts from, in days since 1970: what is late is found in that order, and nothing
-- else is opened. Where a notice runs, its last day is sealed; the program puts it in after this.
ALTER TABLE application ADD COLUMN term_from INTEGER;
UPDATE application SET term_from = (
    SELECT (at + 8 * 3600) / 86400 FROM step WHERE application_id = application.id AND number = application.steps)
WHERE state IN ('noticed', 'disputed') OR state = 'accepted' AND route = 'direct';
