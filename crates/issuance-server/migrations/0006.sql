-- What a hand with SQL could still do. A shell leaves foreign keys off unless told otherwise, and INSERT OR REPLACE
-- removes rows without asking the triggers of DELETE: so each rule stands here as a trigger that needs neither.
-- Whoever removes a trigger is found by `faults`, which compares the schema with what the program would make.

-- Officers and people: who they are stays.
CREATE TRIGGER officer_stays BEFORE UPDATE OF id, login ON officer
WHEN NEW.id <> OLD.id OR NEW.login <> OLD.login BEGIN SELECT RAISE(ABORT, 'officer stays'); END;
CREATE TRIGGER service_holds_no_power BEFORE UPDATE ON officer
WHEN OLD.id = 0 BEGIN SELECT RAISE(ABORT, 'officer stays'); END;
CREATE TRIGGER officer_is_kept BEFORE DELETE ON officer BEGIN SELECT RAISE(ABORT, 'officer stays'); END;
CREATE TRIGGER officer_is_new BEFORE INSERT ON officer
WHEN EXISTS (SELECT 1 FROM officer WHERE id = NEW.id OR login = NEW.login)
BEGIN SELECT RAISE(ABORT, 'officer.login'); END;
CREATE TRIGGER person_stays BEFORE UPDATE OF id, lookup, identity ON person
WHEN NEW.id <> OLD.id OR NEW.lookup <> OLD.lookup OR NEW.identity <> OLD.identity
BEGIN SELECT RAISE(ABORT, 'person stays'); END;
CREATE TRIGGER person_is_kept BEFORE DELETE ON person BEGIN SELECT RAISE(ABORT, 'person stays'); END;
CREATE TRIGGER person_is_new BEFORE INSERT ON person
WHEN EXISTS (SELECT 1 FROM person WHERE id = NEW.id OR lookup = NEW.lookup)
BEGIN SELECT RAISE(ABORT, 'person stays'); END;

-- A case is what was entered; it moves by steps, and what is closed stays closed.
CREATE TRIGGER application_stays
BEFORE UPDATE OF id, person_id, kind, route, born, home, desk, earlier_id, suffix, source ON application
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
CREATE TRIGGER application_moves_by_steps BEFORE UPDATE ON application
WHEN NEW.steps < OLD.steps OR NEW.state <> OLD.state AND NEW.steps = OLD.steps
  OR OLD.state IN ('issued', 'refused', 'withdrawn') AND (NEW.state <> OLD.state OR NEW.steps <> OLD.steps)
BEGIN SELECT RAISE(ABORT, 'application moves by steps'); END;
CREATE TRIGGER particulars_are_amended_early BEFORE UPDATE OF particulars ON application
WHEN NEW.particulars <> OLD.particulars AND OLD.state NOT IN ('submitted', 'evidence_wanted')
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
CREATE TRIGGER application_is_kept BEFORE DELETE ON application
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
CREATE TRIGGER application_is_new BEFORE INSERT ON application
WHEN EXISTS (SELECT 1 FROM application WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'application stays'); END;
CREATE TRIGGER one_open_application_is_kept BEFORE INSERT ON application
WHEN NEW.state NOT IN ('issued', 'refused', 'withdrawn') AND EXISTS (
    SELECT 1 FROM application WHERE person_id = NEW.person_id AND state NOT IN ('issued', 'refused', 'withdrawn'))
BEGIN SELECT RAISE(ABORT, 'application.person_id'); END;
CREATE TRIGGER application_source_is_new BEFORE INSERT ON application
WHEN NEW.source IS NOT NULL AND EXISTS (SELECT 1 FROM application WHERE source = NEW.source)
BEGIN SELECT RAISE(ABORT, 'application.source'); END;

-- One duty an officer a case, and only a duty that the officer's powers allow.
CREATE TRIGGER one_duty_an_officer BEFORE INSERT ON duty
WHEN EXISTS (SELECT 1 FROM duty WHERE application_id = NEW.application_id AND officer_id = NEW.officer_id)
BEGIN SELECT RAISE(ABORT, 'duty.application_id, duty.officer_id'); END;
CREATE TRIGGER duty_needs_power BEFORE INSERT ON duty
WHEN NEW.duty <> 'signing' AND NOT EXISTS (
    SELECT 1 FROM duty WHERE application_id = NEW.application_id AND officer_id = NEW.officer_id) AND NOT EXISTS (
    SELECT 1 FROM officer WHERE id = NEW.officer_id AND ',' || roles || ',' LIKE '%,' || CASE NEW.duty
        WHEN 'entry' THEN 'clerk' WHEN 'assessment' THEN 'assessor' WHEN 'approval' THEN 'approver'
        ELSE 'reviewer' END || ',%')
BEGIN SELECT RAISE(ABORT, 'duty needs its power'); END;
CREATE TRIGGER step_needs_duty BEFORE INSERT ON step
WHEN NOT EXISTS (
    SELECT 1 FROM duty
    WHERE application_id = NEW.application_id AND officer_id = NEW.officer_id AND duty = NEW.duty)
BEGIN SELECT RAISE(ABORT, 'step needs its duty'); END;
CREATE TRIGGER step_follows BEFORE INSERT ON step
WHEN NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM step WHERE application_id = NEW.application_id)
  OR NEW.at < (SELECT at FROM step WHERE application_id = NEW.application_id ORDER BY number DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'step follows'); END;

-- A certificate is its application's, and signed when all of it is.
CREATE TRIGGER certificate_follows_application BEFORE INSERT ON certificate
WHEN NEW.signed <> 0 OR NEW.standing <> 'valid' OR NOT EXISTS (
    SELECT 1 FROM application
    WHERE id = NEW.application_id AND person_id = NEW.person_id AND home = NEW.county)
BEGIN SELECT RAISE(ABORT, 'certificate follows its application'); END;
CREATE TRIGGER certificate_is_new BEFORE INSERT ON certificate
WHEN EXISTS (SELECT 1 FROM certificate WHERE id = NEW.id OR application_id = NEW.application_id)
BEGIN SELECT RAISE(ABORT, 'certificate.application_id'); END;
CREATE TRIGGER certificate_number_stays BEFORE UPDATE OF id ON certificate
BEGIN SELECT RAISE(ABORT, 'certificate stays'); END;
CREATE TRIGGER certificate_is_signed_whole BEFORE UPDATE OF signed ON certificate
WHEN NEW.signed <> OLD.signed AND (NEW.signed = 0
  OR NOT EXISTS (SELECT 1 FROM credential WHERE certificate_id = OLD.id)
  OR EXISTS (SELECT 1 FROM credential WHERE certificate_id = OLD.id AND signature IS NULL))
BEGIN SELECT RAISE(ABORT, 'certificate is signed whole'); END;
CREATE TRIGGER credential_is_new BEFORE INSERT ON credential
WHEN NEW.signature IS NOT NULL
  OR (SELECT signed FROM certificate WHERE id = NEW.certificate_id) IS NOT 0
  OR EXISTS (SELECT 1 FROM credential WHERE certificate_id = NEW.certificate_id AND kind = NEW.kind)
BEGIN SELECT RAISE(ABORT, 'credential stays'); END;
CREATE TRIGGER credential_index_is_new BEFORE INSERT ON credential
WHEN EXISTS (SELECT 1 FROM credential WHERE kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;
CREATE TRIGGER issuer_key_is_new BEFORE INSERT ON issuer_key
WHEN EXISTS (SELECT 1 FROM issuer_key WHERE kid = NEW.kid)
BEGIN SELECT RAISE(ABORT, 'issuer key stays'); END;
CREATE TRIGGER issuer_key_stays BEFORE UPDATE ON issuer_key
WHEN NEW.kid <> OLD.kid OR NEW.list_size <> OLD.list_size OR NEW.taken < OLD.taken
BEGIN SELECT RAISE(ABORT, 'issuer key stays'); END;
CREATE TRIGGER issuer_key_is_kept BEFORE DELETE ON issuer_key
BEGIN SELECT RAISE(ABORT, 'issuer key stays'); END;

-- A change of status is entered by a clerk, waits where it takes two, and is decided by an approver.
CREATE TRIGGER status_change_is_entered BEFORE INSERT ON status_change
WHEN NEW.outcome NOT IN ('waiting', 'in_force')
  OR EXISTS (SELECT 1 FROM status_change WHERE id = NEW.id)
  OR NEW.effective > date(NEW.entered_at, 'unixepoch', '+8 hours')
  OR NEW.change <> CASE
        WHEN NEW.reason IN ('death', 'no_longer_qualifies', 'voluntary', 'fraud', 'overdue_one_year', 'lost',
            'superseded') THEN 'revoke'
        WHEN NEW.reason IN ('overdue_six_months', 'data_conflict', 'suspected_death', 'suspected_fraud')
            THEN 'suspend'
        WHEN NEW.reason IN ('cleared', 'made_good') THEN 'lift'
        ELSE '' END
  OR (NEW.reason = 'superseded') <> (NEW.entered_by = 0)
  OR NEW.entered_by <> 0 AND NOT EXISTS (
        SELECT 1 FROM officer WHERE id = NEW.entered_by AND ',' || roles || ',' LIKE '%,clerk,%')
BEGIN SELECT RAISE(ABORT, 'status change is entered'); END;
CREATE TRIGGER status_change_is_decided BEFORE UPDATE ON status_change
WHEN NEW.id <> OLD.id OR NEW.effective <> OLD.effective OR NEW.entered_at <> OLD.entered_at
  OR NEW.outcome NOT IN ('confirmed', 'dropped') OR NEW.decided_at < NEW.entered_at
  OR NOT EXISTS (
        SELECT 1 FROM officer WHERE id = NEW.decided_by AND ',' || roles || ',' LIKE '%,approver,%')
BEGIN SELECT RAISE(ABORT, 'status change is decided'); END;
-- An old suspension does not excuse a new one.
CREATE TRIGGER standing_needs_latest_change BEFORE UPDATE OF standing ON certificate
WHEN NEW.standing <> OLD.standing AND NEW.standing <> 'revoked'
  AND (SELECT change FROM status_change
       WHERE certificate_id = NEW.id AND outcome IN ('in_force', 'confirmed') AND change <> 'revoke'
       ORDER BY id DESC LIMIT 1) IS NOT CASE NEW.standing WHEN 'suspended' THEN 'suspend' ELSE 'lift' END
BEGIN SELECT RAISE(ABORT, 'standing needs a change'); END;

-- A card begins with its order, for a certificate in force.
CREATE TRIGGER card_job_is_ordered BEFORE INSERT ON card_job
WHEN NEW.stage <> 'ordered' OR EXISTS (SELECT 1 FROM card_job WHERE id = NEW.id)
  OR NOT EXISTS (SELECT 1 FROM certificate
                 WHERE id = NEW.certificate_id AND signed = 1 AND standing = 'valid')
BEGIN SELECT RAISE(ABORT, 'card job is ordered'); END;
CREATE TRIGGER one_card_is_kept BEFORE INSERT ON card_job
WHEN EXISTS (SELECT 1 FROM card_job WHERE certificate_id = NEW.certificate_id AND stage <> 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'one_card_a_certificate'); END;
CREATE TRIGGER card_serves_once BEFORE UPDATE ON card_job
WHEN EXISTS (SELECT 1 FROM card_job WHERE id <> OLD.id AND card = NEW.card)
BEGIN SELECT RAISE(ABORT, 'card_job.card'); END;
CREATE TRIGGER card_key_serves_once BEFORE UPDATE ON card_job
WHEN NEW.id <> OLD.id OR EXISTS (SELECT 1 FROM card_job WHERE id <> OLD.id AND public_key = NEW.public_key)
BEGIN SELECT RAISE(ABORT, 'card job stays'); END;
CREATE TRIGGER card_index_serves_once BEFORE UPDATE ON card_job
WHEN EXISTS (SELECT 1 FROM card_job WHERE id <> OLD.id AND kid = NEW.kid AND status_index = NEW.status_index)
BEGIN SELECT RAISE(ABORT, 'credential.kid, credential.status_index'); END;

-- Versions of bundles only grow, and rows of the audit follow one another.
CREATE TRIGGER bundle_stays BEFORE UPDATE ON bundle BEGIN SELECT RAISE(ABORT, 'bundle stays'); END;
CREATE TRIGGER bundle_is_kept BEFORE DELETE ON bundle BEGIN SELECT RAISE(ABORT, 'bundle stays'); END;
CREATE TRIGGER audit_follows BEFORE INSERT ON audit
WHEN NEW.number <> 1 + (SELECT coalesce(max(number), 0) FROM audit)
BEGIN SELECT RAISE(ABORT, 'audit row follows'); END;
