//! Somebody with the file and a SQL shell: what the constraints still refuse, and what the audit chain shows.

use issuance::audit::first_broken;
use issuance::register::{AuditStore, CaseStore, CertificateStore, DocumentStore, IssuingStore};
use issuance_server::personal::Cell;
use issuance_server::sqlite::SqliteRegister;
use rusqlite::Connection;

use super::office::{approved, issue, key, personal, reviewed, sqlite};

struct Shell {
    connection: Connection,
    _folder: tempfile::TempDir,
}

fn shell() -> Shell {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    reviewed(&mut register, 0);
    approved(&mut register, 1);
    issue(&mut register, &key()).unwrap();
    reviewed(&mut register, 2);
    drop(register);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    Shell { connection, _folder: folder }
}

#[track_caller]
fn refuses(shell: &Shell, sql: &str, words: &str) {
    let error = shell.connection.execute_batch(sql).expect_err(sql).to_string();
    assert!(error.contains(words), "{sql}: {error}");
}

#[test]
fn nobody_approves_what_they_entered_assessed_or_reviewed() {
    let shell = shell();
    // Case 1 is reviewed: clerk 1, reviewer 2, doctors 4 and 5.
    for officer in [1, 2, 4, 5] {
        refuses(
            &shell,
            &format!("INSERT INTO duty (application_id, officer_id, duty) VALUES (1, {officer}, 'approval')"),
            "duty.application_id, duty.officer_id",
        );
        refuses(
            &shell,
            &format!(
                "INSERT INTO step (application_id, number, officer_id, duty, verb, at, facts)
                 VALUES (1, 6, {officer}, 'approval', 'approve', 1800000000, x'7b7d')"
            ),
            "step needs its duty",
        );
        refuses(
            &shell,
            &format!(
                "INSERT INTO step (application_id, number, officer_id, duty, verb, at, facts)
                 SELECT 1, 6, {officer}, duty, 'approve', 1800000000, x'7b7d' FROM duty
                 WHERE application_id = 1 AND officer_id = {officer}"
            ),
            "CHECK",
        );
    }
    refuses(&shell, "UPDATE duty SET duty = 'approval' WHERE application_id = 1", "duty stays");
    refuses(&shell, "DELETE FROM duty WHERE application_id = 1", "duty stays");
    refuses(&shell, "UPDATE step SET officer_id = 3 WHERE application_id = 1 AND number = 1", "step stays");
    refuses(&shell, "DELETE FROM step WHERE application_id = 1", "step stays");
}

#[test]
fn nothing_is_prepared_for_signing_without_three_officers() {
    let shell = shell();
    let certificate =
        "INSERT INTO certificate (person_id, application_id, components, county, issued, expires)
                       VALUES (1, 1, x'2a', 220104, 1, 2)";
    refuses(&shell, certificate, "certificate needs approval");
    shell
        .connection
        .execute_batch("UPDATE application SET state = 'approved', steps = 6 WHERE id = 1")
        .unwrap();
    refuses(&shell, certificate, "certificate needs approval");
    let index = "INSERT INTO credential (certificate_id, kind, kid, status_index, protected, payload)
                 SELECT 1, 2, kid, status_index, protected, payload FROM credential LIMIT 1";
    refuses(&shell, index, "credential.kid, credential.status_index");
}

#[test]
fn a_state_set_by_hand_is_a_broken_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let id = reviewed(&mut register, 0);
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("UPDATE application SET state = 'approved', steps = 6 WHERE id = 1").unwrap();
    let broken = issuance::register::StoreError::Broken { table: "application", column: "state", row: 1 };
    assert_eq!(register.application(id), Err(broken));
    assert_eq!(register.approved(None, 10), Err(broken), "it is not signed either");
}

#[test]
fn signed_bytes_standings_and_audit_rows_stay() {
    let shell = shell();
    refuses(&shell, "UPDATE credential SET payload = x'00'", "credential stays");
    refuses(&shell, "UPDATE credential SET status_index = 1", "credential stays");
    refuses(&shell, "UPDATE credential SET signature = zeroblob(64)", "credential stays");
    refuses(&shell, "DELETE FROM credential", "credential stays");
    refuses(&shell, "UPDATE certificate SET expires = expires + 1", "certificate stays");
    refuses(&shell, "UPDATE certificate SET standing = 'revoked'", "standing needs a change");
    let alone = "INSERT INTO status_change (certificate_id, reason, change, effective, entered_by, entered_at, outcome";
    refuses(
        &shell,
        &format!("{alone}) VALUES (1, 'death', 'revoke', '2026-11-10', 1, 1794268800, 'in_force')"),
        "CHECK",
    );
    let twice = format!(
        "{alone}, decided_by, decided_at) VALUES (1, 'death', 'revoke', '2026-11-10', 1, 1, 'confirmed', 1, 1)"
    );
    refuses(&shell, &twice, "status change is entered");
    let two = twice.replace("'confirmed', 1, 1", "'confirmed', 3, 1");
    refuses(&shell, &two, "status change is entered");
    let waiting = format!("{alone}) VALUES (1, 'death', 'revoke', '2026-11-10', 1, 1794268800, 'waiting')");
    shell.connection.execute_batch(&waiting).unwrap();
    let decide = |by: i64| {
        format!("UPDATE status_change SET outcome = 'confirmed', decided_by = {by}, decided_at = 1794268801")
    };
    for powerless in [0, 2, 4] {
        refuses(&shell, &decide(powerless), "status change is decided");
    }
    shell.connection.execute_batch(&decide(3)).unwrap();
    shell.connection.execute_batch("UPDATE certificate SET standing = 'revoked' WHERE id = 1").unwrap();
    refuses(&shell, "UPDATE certificate SET standing = 'valid' WHERE id = 1", "standing needs a change");
    let lift = format!("{alone}) VALUES (1, 'cleared', 'lift', '2026-11-10', 1, 1794268800, 'in_force')");
    shell.connection.execute_batch(&lift).unwrap();
    refuses(&shell, "UPDATE certificate SET standing = 'valid' WHERE id = 1", "revoked is for good");
    refuses(&shell, "UPDATE audit SET officer_id = 3", "audit stays");
    refuses(&shell, "DELETE FROM audit", "audit stays");
}

/// Case 1 is reviewed, case 2 issued as certificate 1, case 3 reviewed. Officers: clerk 1, reviewer 2, approver 3,
/// doctors 4 and 5. Each line is somebody's short cut, tried as a SQL shell opens the file: without foreign keys.
#[test]
fn no_short_cut_works_without_foreign_keys_and_by_replacing_rows() {
    let shell = shell();
    shell.connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
    let step = "INTO step (application_id, number, officer_id, duty, verb, at, facts) VALUES (1,";
    let duty = "INTO duty (application_id, officer_id, duty) VALUES (1,";
    let case = "INTO application (id, person_id, kind, route, born, home, desk, particulars, state, steps)
                SELECT";
    let certificate = "INTO certificate (person_id, application_id, components, county, issued, expires";
    let change =
        "INTO status_change (certificate_id, reason, change, effective, entered_by, entered_at, outcome";
    let prepared = "INTO credential (certificate_id, kind, kid, status_index, protected, payload, signature)
                    SELECT";
    for (forgery, words) in [
        // Alone: a second duty, a duty without the power for it, a step without a duty, a step out of its turn.
        (format!("INSERT {step} 6, 1, 'approval', 'approve', 1800000000, x'7b7d')"), "step needs its duty"),
        (format!("INSERT OR REPLACE {duty} 1, 'approval')"), "duty.application_id"),
        (format!("INSERT {duty} 4, 'approval')"), "duty.application_id"),
        ("INSERT INTO duty VALUES (2, 6, 'approval')".into(), "duty needs its power"),
        (format!("INSERT OR REPLACE {step} 1, 2, 'review', 'review', 1800000000, x'7b7d')"), "step follows"),
        (format!("INSERT {step} 8, 2, 'review', 'review', 1800000000, x'7b7d')"), "step follows"),
        (format!("INSERT {step} 6, 2, 'review', 'review', 1, x'7b7d')"), "step follows"),
        // An approved or reviewed case becomes somebody else's, or says something else.
        ("UPDATE application SET person_id = 2 WHERE id = 1".into(), "application stays"),
        ("UPDATE application SET home = 220202 WHERE id = 1".into(), "application stays"),
        ("UPDATE application SET earlier_id = 1, kind = 'renewal' WHERE id = 1".into(), "application stays"),
        ("UPDATE application SET particulars = (SELECT x'00') WHERE id = 1".into(), "application stays"),
        ("UPDATE application SET state = 'submitted' WHERE id = 1".into(), "application moves by steps"),
        ("UPDATE application SET state = 'approved', steps = 7 WHERE id = 2".into(), "application moves by"),
        ("DELETE FROM application".into(), "application stays"),
        (format!("INSERT OR REPLACE {case} id, person_id, kind, route, born, home, desk, x'00', state, steps
                  FROM application WHERE id = 1"), "application"),
        (format!("INSERT OR REPLACE {case} 99, person_id, kind, route, born, home, desk, x'00', state, steps
                  FROM application WHERE id = 1"), "application.person_id"),
        ("UPDATE person SET identity = x'00'".into(), "person stays"),
        ("INSERT OR REPLACE INTO person (lookup, identity, home, particulars)
          SELECT lookup, x'00', home, particulars FROM person WHERE id = 1".into(), "person stays"),
        ("DELETE FROM person".into(), "person stays"),
        // Officers change names, or take another's place.
        ("UPDATE officer SET login = 'ghost' WHERE id = 3".into(), "officer stays"),
        ("UPDATE officer SET roles = 'clerk,approver' WHERE id = 0".into(), "officer stays"),
        ("DELETE FROM officer WHERE id = 3".into(), "officer stays"),
        ("INSERT OR REPLACE INTO officer (login, name, office_id, roles)
          VALUES ('approver', 'x', 1, 'approver')".into(), "officer.login"),
        // A certificate for another person or county, a second one, one that is signed by a word only.
        (format!("INSERT {certificate}) VALUES (1, 3, x'2a', 220104, 1, 2)"), "certificate"),
        (format!("INSERT {certificate}, signed) VALUES (1, 1, x'2a', 220104, 1, 2, 1)"), "certificate"),
        (format!("INSERT OR REPLACE {certificate}) VALUES (2, 2, x'2a', 220104, 1, 2)"), "certificate"),
        ("UPDATE certificate SET signed = 0".into(), "certificate is signed whole"),
        (format!("INSERT {prepared} 1, 1, kid, 7, protected, payload, NULL FROM credential LIMIT 1"), "credential stays"),
        (format!("INSERT OR REPLACE {prepared} 1, kind, kid, status_index, protected, x'00', signature
                  FROM credential"), "credential"),
        ("UPDATE issuer_key SET taken = 0".into(), "issuer key stays"),
        ("DELETE FROM issuer_key".into(), "issuer key stays"),
        // Standings: nobody's word, an officer without the power, a reason of another change, a day to come.
        (format!("INSERT {change}) VALUES (1, 'superseded', 'revoke', '2026-11-10', 1, 1794268800, 'in_force')"), "status change is entered"),
        (format!("INSERT {change}) VALUES (1, 'lost', 'revoke', '2026-11-10', 3, 1794268800, 'in_force')"), "status change is entered"),
        (format!("INSERT {change}) VALUES (1, 'cleared', 'revoke', '2026-11-10', 1, 1794268800, 'waiting')"), "status change is entered"),
        (format!("INSERT {change}) VALUES (1, 'death', 'revoke', '2027-11-10', 1, 1794268800, 'waiting')"), "status change is entered"),
        // Cards, bundles and the audit.
        ("INSERT INTO card_job (certificate_id, stage, withdrawn_at) VALUES (1, 'withdrawn', 1)".into(), "card job is ordered"),
        ("INSERT INTO card_job (certificate_id) VALUES (77)".into(), "card job is ordered"),
        ("INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 1".into(), "audit row follows"),
        ("INSERT INTO audit SELECT number + 1000, at, officer_id, origin, deed, subject, subject_id, reason, hash
          FROM audit WHERE number = 1".into(), "audit row follows"),
    ] {
        refuses(&shell, &forgery, words);
    }
    shell.connection.execute_batch("INSERT INTO bundle VALUES (9, zeroblob(32), 1)").unwrap();
    refuses(&shell, "UPDATE bundle SET version = 2", "bundle stays");
    refuses(&shell, "DELETE FROM bundle", "bundle stays");
}

#[test]
fn an_old_suspension_does_not_excuse_a_new_one() {
    let shell = shell();
    for (reason, change, standing) in
        [("data_conflict", "suspend", "suspended"), ("cleared", "lift", "valid")]
    {
        shell
            .connection
            .execute_batch(&format!(
                "INSERT INTO status_change
                   (certificate_id, reason, change, effective, entered_by, entered_at, outcome)
                 VALUES (1, '{reason}', '{change}', '2026-11-10', 1, 1794268800, 'in_force');
                 UPDATE certificate SET standing = '{standing}' WHERE id = 1"
            ))
            .unwrap();
    }
    refuses(&shell, "UPDATE certificate SET standing = 'suspended' WHERE id = 1", "standing needs a change");
}

#[test]
fn no_face_is_changed_after_it_was_reviewed() {
    let shell = shell();
    shell.connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
    let add = |case: i64, kind: &str, digest: u8, by: i64| {
        format!(
            "INSERT OR REPLACE INTO document (application_id, kind, digest, size, picture, added_by, added_at)
             VALUES ({case}, '{kind}', unhex('{}'), 3, x'010203', {by}, 1)",
            format!("{digest:02x}").repeat(32)
        )
    };
    // Case 1 is reviewed, 2 issued; 9 does not exist; case 4 is new.
    for closed in [1, 2, 9] {
        refuses(&shell, &add(closed, "photo", 1, 1), "document comes before the review");
    }
    shell
        .connection
        .execute_batch(
            "INSERT INTO application (person_id, kind, route, born, home, desk, particulars, state, steps)
             SELECT 2, kind, route, born, home, desk, particulars, 'submitted', 1 FROM application WHERE id = 2",
        )
        .unwrap();
    shell.connection.execute_batch(&add(4, "photo", 1, 1)).unwrap();
    refuses(&shell, &add(4, "photo", 1, 1), "document.application_id");
    refuses(&shell, &add(4, "photo", 2, 2), "duty.application_id");
    refuses(&shell, &add(4, "face", 2, 1), "CHECK");
    refuses(&shell, "UPDATE document SET picture = x'00'", "document stays");
    refuses(&shell, "DELETE FROM document", "document stays");
    // Taken out by a clerk who says why, and not otherwise; what is said of it is true and stays.
    let removal = |said: &str| {
        format!(
            "INSERT OR REPLACE INTO removed_document
             SELECT 1, id, application_id, kind, digest, size, added_by, added_at, {said} FROM document"
        )
    };
    refuses(&shell, &removal("'a whim', 1, 2"), "CHECK");
    refuses(&shell, &removal("'superseded', 2, 2"), "duty.application_id");
    let untrue =
        "INSERT INTO removed_document VALUES (1, 1, 4, 'photo', zeroblob(32), 3, 1, 1, 'superseded', 1, 2)";
    refuses(&shell, untrue, "document stays");
    shell.connection.execute_batch("SAVEPOINT taken_out").unwrap();
    shell.connection.execute_batch(&removal("'superseded', 1, 2")).unwrap();
    refuses(&shell, &removal("'unreadable', 1, 2"), "document stays");
    refuses(&shell, "UPDATE removed_document SET reason = 'unreadable'", "document stays");
    refuses(&shell, "DELETE FROM removed_document", "document stays");
    shell.connection.execute_batch("DELETE FROM document").unwrap();
    refuses(&shell, "INSERT INTO duty VALUES (4, 1, 'review')", "duty");
    shell.connection.execute_batch("ROLLBACK TO taken_out; RELEASE taken_out").unwrap();
    let large = "INSERT INTO document (application_id, kind, digest, size, picture, added_by, added_at)
                 VALUES (4, 'photo', zeroblob(32), 12289, x'00', 1, 1)";
    refuses(&shell, large, "CHECK");
    // Whoever brought the face does not review it, whatever powers they get.
    shell.connection.execute_batch("UPDATE officer SET roles = 'clerk,reviewer' WHERE id = 1").unwrap();
    refuses(&shell, "INSERT INTO duty VALUES (4, 1, 'review')", "duty.application_id");
}

#[test]
fn a_picture_that_is_not_the_one_that_was_added_is_a_broken_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let certificate = super::documents::certificate_with_photo(&mut register, b"the face");
    let row = register.certificate(certificate).unwrap().unwrap();
    let photo = issuance::document::photo_of(&register, &row).unwrap().unwrap();
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("DROP TRIGGER document_stays; UPDATE document SET picture = x'00'").unwrap();
    let broken =
        issuance::register::StoreError::Broken { table: "document", column: "picture", row: photo.id.get() };
    assert_eq!(register.picture(photo.id), Err(broken));
    assert!(issuance::document::photo_for_card(&register, &row).is_err(), "nor does a card take it");
}

#[test]
fn a_card_is_not_bound_over_another_row() {
    let shell = shell();
    shell
        .connection
        .execute_batch(
            "INSERT INTO card_job (certificate_id) VALUES (1);
             UPDATE card_job SET stage = 'begun', card = x'0102030405060708' WHERE id = 1;
             UPDATE card_job SET stage = 'withdrawn', withdrawn_at = 1 WHERE id = 1;
             INSERT INTO card_job (certificate_id) VALUES (1)",
        )
        .unwrap();
    let again = "UPDATE OR REPLACE card_job SET stage = 'begun', card = x'0102030405060708' WHERE id = 2";
    refuses(&shell, again, "card_job.card");
    let second = "INSERT OR REPLACE INTO card_job (certificate_id) VALUES (1)";
    refuses(&shell, second, "one_card_a_certificate");
}

#[test]
fn a_guard_that_is_gone_or_reworded_is_told_by_the_health_of_the_file() {
    let faults = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        drop(sqlite(&path));
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        SqliteRegister::open(&path, personal()).unwrap().faults().unwrap()
    };
    assert_eq!(faults(""), Vec::<String>::new());
    assert_eq!(faults("DROP TRIGGER audit_stays"), ["schema: audit_stays"]);
    let reworded = "DROP TRIGGER step_stays; CREATE TRIGGER step_stays BEFORE UPDATE ON step WHEN 0
                    BEGIN SELECT RAISE(ABORT, 'step stays'); END";
    assert_eq!(faults(reworded), ["schema: step_stays"]);
}

#[test]
fn who_removes_the_guards_is_found_by_the_chain() {
    let alter = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sqlite");
        let mut register = sqlite(&path);
        approved(&mut register, 0);
        drop(register);
        let shell = Connection::open(&path).unwrap();
        shell.execute_batch(&format!("DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept; {sql}")).unwrap();
        drop(shell);
        let register = SqliteRegister::open(&path, personal()).unwrap();
        first_broken(register.audit_rows(0, usize::MAX).unwrap())
    };
    assert_eq!(alter(""), None);
    assert_eq!(alter("UPDATE audit SET officer_id = 3 WHERE number = 4"), Some(4));
    assert_eq!(alter("DELETE FROM audit WHERE number = 4"), Some(4));
    assert_eq!(alter("UPDATE audit SET at = at + 1 WHERE number = 2"), Some(2));
}

#[test]
fn prepared_bytes_changed_before_the_signature_are_not_signed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    approved(&mut register, 0);
    let stolen = issuance::signer::KeyInMemory::from_seed(&[9; 32]);
    let batch = issue(&mut register, &stolen).unwrap();
    assert_eq!(batch.failed.len(), 1, "prepared, and not signed by another key");
    let shell = Connection::open(&path).unwrap();
    // Limb 2 becomes limb 1 within the payload that waits: 0x18 0x2a is 42. Only who has the keys can do this.
    let sealed: Vec<u8> =
        shell.query_row("SELECT payload FROM credential WHERE kind = 1", [], |row| row.get(0)).unwrap();
    let cell = Cell::numbered("credential.payload", 1, 1);
    let payload = hex::encode(personal().open(cell, sealed).unwrap());
    assert!(payload.contains("82182a0d"), "{payload}");
    let changed = hex::decode(payload.replace("82182a0d", "8218290d")).unwrap();
    shell.execute_batch("DROP TRIGGER credential_payload_stays").unwrap();
    let update = "UPDATE credential SET payload = ?1 WHERE kind = 1";
    shell.execute(update, [personal().seal(cell, &changed)]).unwrap();
    let batch = issue(&mut register, &key()).unwrap();
    assert!(batch.issued.is_empty());
    assert!(matches!(batch.failed[0].1, issuance::Error::PreparedChanged { .. }), "{:?}", batch.failed);
}

#[test]
fn passes_beside_the_first_take_free_indices_are_signed_once_and_withdrawn_for_good() {
    let shell = shell();
    let pass = |certificate: u32, index: &str| {
        format!(
            "INSERT INTO pass (certificate_id, kid, status_index, protected, payload)
             SELECT {certificate}, kid, {index}, protected, payload FROM credential LIMIT 1"
        )
    };
    let taken = || -> i64 {
        shell.connection.query_row("SELECT taken FROM issuer_key", [], |row| row.get(0)).unwrap()
    };
    refuses(&shell, &pass(1, "status_index"), "credential.kid, credential.status_index");
    refuses(&shell, &pass(99, "5"), "pass stays");
    let before = taken();
    shell.connection.execute_batch(&pass(1, "(SELECT max(status_index) + 1 FROM credential)")).unwrap();
    assert_eq!(taken(), before + 1, "its index is counted");
    refuses(&shell, &pass(1, "(SELECT status_index FROM pass)"), "credential.kid, credential.status_index");
    refuses(&shell, "UPDATE pass SET payload = x'00'", "pass stays");
    shell.connection.execute_batch("UPDATE pass SET signature = zeroblob(64)").unwrap();
    refuses(&shell, "UPDATE pass SET signature = zeroblob(64)", "pass stays");
    refuses(&shell, "DELETE FROM pass", "pass stays");
    let withdraw = |from: &str| {
        format!("INSERT INTO withdrawn_pass (kid, status_index, at) SELECT kid, status_index, 1 FROM {from}")
    };
    refuses(&shell, &withdraw("credential WHERE kind = 1"), "withdrawn pass stays");
    shell.connection.execute_batch(&withdraw("pass")).unwrap();
    refuses(&shell, &withdraw("pass"), "withdrawn pass stays");
    refuses(&shell, "UPDATE withdrawn_pass SET at = 2", "withdrawn pass stays");
    refuses(&shell, "DELETE FROM withdrawn_pass", "withdrawn pass stays");
}
