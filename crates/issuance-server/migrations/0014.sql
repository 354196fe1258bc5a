-- The keys of people's facts are exchanged while the register is in use. A cell that stays otherwise may be sealed anew: in
-- its own length, under the newest key, and once for each key. Nobody without the keys makes a cell that opens; with the
-- newest key everywhere no cell can be touched at all. A key that seals no cell any more is retired.

DROP TRIGGER step_stays;
CREATE TRIGGER step_stays BEFORE UPDATE ON step
WHEN NEW.application_id <> OLD.application_id OR NEW.number <> OLD.number OR NEW.officer_id <> OLD.officer_id
  OR NEW.duty <> OLD.duty OR NEW.verb <> OLD.verb OR NEW.at <> OLD.at
  OR NOT (length(NEW.facts) = length(OLD.facts) AND substr(NEW.facts, 1, 1) > substr(OLD.facts, 1, 1)
  AND hex(substr(NEW.facts, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'step stays'); END;

DROP TRIGGER certificate_stays;
CREATE TRIGGER certificate_stays BEFORE UPDATE OF person_id, application_id, reissue, county, issued, expires
ON certificate BEGIN SELECT RAISE(ABORT, 'certificate stays'); END;
CREATE TRIGGER certificate_components_stay BEFORE UPDATE OF components ON certificate
WHEN NOT (length(NEW.components) = length(OLD.components) AND substr(NEW.components, 1, 1) > substr(OLD.components, 1, 1)
  AND hex(substr(NEW.components, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'certificate stays'); END;

DROP TRIGGER credential_stays;
CREATE TRIGGER credential_stays BEFORE UPDATE OF certificate_id, kind, kid, status_index, protected
ON credential BEGIN SELECT RAISE(ABORT, 'credential stays'); END;
CREATE TRIGGER credential_payload_stays BEFORE UPDATE OF payload ON credential
WHEN NOT (length(NEW.payload) = length(OLD.payload) AND substr(NEW.payload, 1, 1) > substr(OLD.payload, 1, 1)
  AND hex(substr(NEW.payload, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'credential stays'); END;

DROP TRIGGER person_stays;
CREATE TRIGGER person_stays BEFORE UPDATE OF id, lookup, identity ON person
WHEN NEW.id <> OLD.id OR NEW.lookup <> OLD.lookup OR NEW.identity <> OLD.identity
  AND NOT (length(NEW.identity) = length(OLD.identity) AND substr(NEW.identity, 1, 1) > substr(OLD.identity, 1, 1)
  AND hex(substr(NEW.identity, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'person stays'); END;

DROP TRIGGER application_stays;
CREATE TRIGGER application_stays
BEFORE UPDATE OF id, person_id, kind, route, home, desk, earlier_id, suffix, source ON application
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
-- In hexadecimal: the column is one of text.
CREATE TRIGGER application_birth_stays BEFORE UPDATE OF born ON application
WHEN NOT (length(NEW.born) = length(OLD.born) AND substr(NEW.born, 1, 2) > substr(OLD.born, 1, 2)
  AND upper(substr(NEW.born, 1, 2)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
DROP TRIGGER particulars_are_amended_early;
CREATE TRIGGER particulars_are_amended_early BEFORE UPDATE OF particulars ON application
WHEN NEW.particulars <> OLD.particulars AND OLD.state NOT IN ('submitted', 'evidence_wanted')
  AND NOT (length(NEW.particulars) = length(OLD.particulars) AND substr(NEW.particulars, 1, 1) > substr(OLD.particulars, 1, 1)
  AND hex(substr(NEW.particulars, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'application stays'); END;

DROP TRIGGER document_stays;
CREATE TRIGGER document_stays BEFORE UPDATE ON document
WHEN NEW.id <> OLD.id OR NEW.application_id <> OLD.application_id OR NEW.kind <> OLD.kind
  OR NEW.digest <> OLD.digest OR NEW.size <> OLD.size OR NEW.added_by <> OLD.added_by OR NEW.added_at <> OLD.added_at
  OR NOT (length(NEW.picture) = length(OLD.picture) AND substr(NEW.picture, 1, 1) > substr(OLD.picture, 1, 1)
  AND hex(substr(NEW.picture, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'document stays'); END;

DROP TRIGGER pass_stays;
CREATE TRIGGER pass_stays BEFORE UPDATE OF id, certificate_id, kid, status_index, protected, signature ON pass
WHEN NEW.id <> OLD.id OR NEW.certificate_id <> OLD.certificate_id OR NEW.kid <> OLD.kid
  OR NEW.status_index <> OLD.status_index OR NEW.protected <> OLD.protected OR OLD.signature IS NOT NULL
  OR EXISTS (SELECT 1 FROM withdrawn_pass WHERE kid = OLD.kid AND status_index = OLD.status_index)
BEGIN SELECT RAISE(ABORT, 'pass stays'); END;
CREATE TRIGGER pass_payload_stays BEFORE UPDATE OF payload ON pass
WHEN NEW.payload <> OLD.payload AND NOT (length(NEW.payload) = length(OLD.payload) AND substr(NEW.payload, 1, 1) > substr(OLD.payload, 1, 1)
  AND hex(substr(NEW.payload, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key))
BEGIN SELECT RAISE(ABORT, 'pass stays'); END;

DROP TRIGGER card_job_goes_step_by_step;
CREATE TRIGGER card_job_goes_step_by_step
BEFORE UPDATE OF certificate_id, stage, card, public_key, kid, status_index, protected, signature, issued_at, withdrawn_at
ON card_job
WHEN NEW.stage <> 'withdrawn' AND NEW.stage IS NOT CASE OLD.stage
    WHEN 'ordered' THEN 'begun' WHEN 'begun' THEN 'prepared' WHEN 'prepared' THEN 'signed'
    WHEN 'signed' THEN 'issued' END
  OR OLD.stage = 'withdrawn'
BEGIN SELECT RAISE(ABORT, 'card job goes step by step'); END;
DROP TRIGGER card_job_stays;
CREATE TRIGGER card_job_stays BEFORE UPDATE ON card_job
WHEN NEW.certificate_id <> OLD.certificate_id
  OR OLD.card IS NOT NULL AND NEW.card IS NOT OLD.card
  OR OLD.public_key IS NOT NULL AND (NEW.public_key IS NOT OLD.public_key OR NEW.kid IS NOT OLD.kid
    OR NEW.status_index IS NOT OLD.status_index OR NEW.protected IS NOT OLD.protected)
  OR OLD.signature IS NOT NULL AND NEW.signature IS NOT OLD.signature
  OR OLD.issued_at IS NOT NULL AND NEW.issued_at IS NOT OLD.issued_at
BEGIN SELECT RAISE(ABORT, 'card job stays'); END;
CREATE TRIGGER card_payload_stays BEFORE UPDATE OF payload ON card_job
WHEN OLD.payload IS NOT NULL AND NEW.payload IS NOT OLD.payload
  AND (NEW.payload IS NULL OR NOT (length(NEW.payload) = length(OLD.payload) AND substr(NEW.payload, 1, 1) > substr(OLD.payload, 1, 1)
  AND hex(substr(NEW.payload, 1, 1)) = (SELECT printf('%02X', max(number)) FROM personal_key)))
BEGIN SELECT RAISE(ABORT, 'card job stays'); END;

CREATE TABLE retired_key (
    number INTEGER PRIMARY KEY REFERENCES personal_key (number),
    at     INTEGER NOT NULL
) STRICT;

CREATE TRIGGER retired_key_seals_nothing BEFORE INSERT ON retired_key
WHEN NEW.number >= (SELECT max(number) FROM personal_key)
  OR EXISTS (SELECT 1 FROM retired_key WHERE number = NEW.number)
  OR EXISTS (SELECT 1 FROM person WHERE hex(substr(identity, 1, 1)) = printf('%02X', NEW.number)
    OR hex(substr(particulars, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM application WHERE upper(substr(born, 1, 2)) = printf('%02X', NEW.number)
    OR hex(substr(particulars, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM step WHERE hex(substr(facts, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM certificate WHERE hex(substr(components, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM credential WHERE hex(substr(payload, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM pass WHERE hex(substr(payload, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM card_job WHERE hex(substr(payload, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM document WHERE hex(substr(picture, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM account WHERE hex(substr(second_factor, 1, 1)) = printf('%02X', NEW.number))
  OR EXISTS (SELECT 1 FROM api_answer WHERE hex(substr(answer, 1, 1)) = printf('%02X', NEW.number))
BEGIN SELECT RAISE(ABORT, 'personal key is in use'); END;
CREATE TRIGGER retired_key_stays BEFORE UPDATE ON retired_key
BEGIN SELECT RAISE(ABORT, 'personal key stays'); END;
CREATE TRIGGER retired_key_is_kept BEFORE DELETE ON retired_key
BEGIN SELECT RAISE(ABORT, 'personal key stays'); END;
