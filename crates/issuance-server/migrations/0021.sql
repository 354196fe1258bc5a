-- The way to others from one dwelling, and to the open cases of a county, which are few beside its closed ones.
CREATE INDEX application_by_dwelling ON application (dwelling) WHERE dwelling IS NOT NULL;
CREATE INDEX open_application_by_home ON application (home) WHERE state NOT IN ('issued', 'refused', 'withdrawn');
-- Nobody moves a relative out of sight.
CREATE TRIGGER dwelling_stays_with_the_particulars BEFORE UPDATE OF dwelling ON application
WHEN NEW.dwelling IS NOT OLD.dwelling AND NEW.particulars = OLD.particulars
BEGIN SELECT RAISE(ABORT, 'application.dwelling'); END;
