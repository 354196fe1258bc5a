//! Somebody with the file and a SQL shell: what the constraints still refuse, and what the audit chain shows.

use issuance::audit::first_broken;
use issuance::register::Register;
use issuance_server::personal::Personal;
use issuance_server::sqlite::SqliteRegister;
use rusqlite::Connection;

use super::office::{approved, issue, key, reviewed, sqlite};

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
            "FOREIGN KEY",
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
    shell.connection.execute_batch("UPDATE application SET state = 'approved' WHERE id = 1").unwrap();
    refuses(&shell, certificate, "certificate needs approval");
    let index = "INSERT INTO credential (certificate_id, kind, kid, status_index, protected, payload)
                 SELECT 1, 2, kid, status_index, protected, payload FROM credential LIMIT 1";
    refuses(&shell, index, "UNIQUE");
}

#[test]
fn a_state_set_by_hand_is_a_broken_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let id = reviewed(&mut register, 0);
    let shell = Connection::open(&path).unwrap();
    shell.execute_batch("UPDATE application SET state = 'approved' WHERE id = 1").unwrap();
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
        &format!("{alone}) VALUES (1, 'death', 'revoke', '2026-11-10', 1, 1, 'in_force')"),
        "CHECK",
    );
    let twice = format!(
        "{alone}, decided_by, decided_at) VALUES (1, 'death', 'revoke', '2026-11-10', 1, 1, 'confirmed', 1, 1)"
    );
    refuses(&shell, &twice, "CHECK");
    let two = twice.replace("'confirmed', 1, 1", "'confirmed', 3, 1");
    shell.connection.execute_batch(&two).unwrap();
    shell.connection.execute_batch("UPDATE certificate SET standing = 'revoked' WHERE id = 1").unwrap();
    refuses(&shell, "UPDATE certificate SET standing = 'valid' WHERE id = 1", "standing needs a change");
    let lift = format!("{alone}) VALUES (1, 'cleared', 'lift', '2026-11-10', 1, 1, 'in_force')");
    shell.connection.execute_batch(&lift).unwrap();
    refuses(&shell, "UPDATE certificate SET standing = 'valid' WHERE id = 1", "revoked is for good");
    refuses(&shell, "UPDATE audit SET officer_id = 3", "audit stays");
    refuses(&shell, "DELETE FROM audit", "audit stays");
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
        let register = SqliteRegister::open(&path, Personal::in_clear()).unwrap();
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
    // Limb 2 becomes limb 1 within the payload that waits: 0x18 0x2a is 42.
    shell
        .execute_batch(
            "DROP TRIGGER credential_stays;
             UPDATE credential SET payload = unhex(replace(hex(payload), '82182A0D', '8218290D')) WHERE kind = 1",
        )
        .unwrap();
    assert!(shell.changes() > 0);
    let batch = issue(&mut register, &key()).unwrap();
    assert!(batch.issued.is_empty());
    assert!(matches!(batch.failed[0].1, issuance::Error::PreparedChanged { .. }), "{:?}", batch.failed);
}
