-- A term runs in some states and in no others, and moves when the case does: nobody takes a late case out of the list.
CREATE INDEX application_by_term ON application (state, term_from) WHERE term_from IS NOT NULL;

CREATE TRIGGER term_runs_from_the_start BEFORE INSERT ON application
WHEN (NEW.term_from IS NOT NULL)
  <> (NEW.state IN ('noticed', 'disputed') OR NEW.state = 'accepted' AND NEW.route = 'direct')
BEGIN SELECT RAISE(ABORT, 'application.term_from'); END;
CREATE TRIGGER term_moves_with_the_case BEFORE UPDATE ON application
WHEN NEW.steps = OLD.steps AND NEW.term_from IS NOT OLD.term_from
  OR (NEW.term_from IS NOT NULL)
  <> (NEW.state IN ('noticed', 'disputed') OR NEW.state = 'accepted' AND NEW.route = 'direct')
BEGIN SELECT RAISE(ABORT, 'application.term_from'); END;
