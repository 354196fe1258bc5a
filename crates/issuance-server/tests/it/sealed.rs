//! A register full of people, as a file: nothing in it names one of them, and other keys open nothing.

use std::fs;
use std::path::{Path, PathBuf};

use credential::number::IdentityNumber;
use credential::region::Region;
use credential::time::Date;
use issuance::card_job;
use issuance::casework::{self, NewCase};
use issuance::person::{Guardian, Particulars};
use issuance::register::{CertificateStore, OfficeStore, PersonQuery, PersonStore, StoreError};
use issuance::step::Action;
use issuance::text::{Phone, Text};
use issuance_server::personal::Personal;
use issuance_server::personal_keys::PersonalKeys;
use issuance_server::sqlite::SqliteRegister;

use super::office::{act, approved, case, issue, key, personal, run, sqlite, step};

const NAME: &str = "买买提·艾山江";
const GUARDIAN: &str = "古丽巴哈尔";
const ADDRESS: &str = "胜利南街四百零五号院";
const PHONE: &str = "13904310077";
const GUARDIAN_PHONE: &str = "13500001234";
const GROUP: &str = "维吾尔族";

fn somebody() -> NewCase {
    let mut case = case(0);
    case.applicant.identity = number();
    case.applicant.particulars = Particulars {
        name: Text::parse(NAME).unwrap(),
        ethnic_group: Text::parse(GROUP).ok(),
        address: Text::parse(ADDRESS).ok(),
        phone: Phone::parse(PHONE).ok(),
        guardian: Some(Guardian {
            name: Text::parse(GUARDIAN).unwrap(),
            relation: Text::parse("母亲").unwrap(),
            phone: Phone::parse(GUARDIAN_PHONE).ok(),
        }),
    };
    case
}

fn number() -> IdentityNumber {
    IdentityNumber::from_first_17(22_010_419_570_613_201).unwrap()
}

/// Through every table that holds people: filed, assessed, issued, on a card, and one more case that waits.
fn filled(path: &Path) -> SqliteRegister {
    let mut register = sqlite(path);
    let id =
        act(&mut register, "clerk", "2026-11-02", |r, a| casework::submit(r, &somebody(), a)).unwrap().id;
    step(&mut register, "clerk", "2026-11-02", id, Action::Accept);
    approved(&mut register, 1);
    let issued = issue(&mut register, &key()).unwrap().issued;
    let operator = issuance::officer::Roles::new(&[issuance::officer::Role::CardOperator]);
    let clerk = super::office::officer(&register, "clerk").id;
    register
        .change_officer(clerk, operator, true, &super::office::entry(issuance::audit::Subject::Register))
        .unwrap();
    act(&mut register, "clerk", "2026-11-11", |r, a| card_job::order(r, issued[0].certificate, a)).unwrap();
    register
}

/// The file with whatever lies beside it.
fn raw(path: &Path) -> Vec<u8> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    ["", "-wal", "-shm"].iter().filter_map(|suffix| fs::read(beside(suffix)).ok()).flatten().collect()
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[test]
fn the_raw_file_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let register = filled(&path);
    let open = raw(&path);
    drop(register);
    let closed = raw(&path);
    assert!(
        holds(&open, b"card_job") && open.len() > closed.len(),
        "the log beside the file was looked at too"
    );
    let holder = case(1).applicant;
    let digits = number().expose();
    let born = number().birth_date().to_string();
    let compact = &digits[6..14];
    let (other, other_born) = (holder.identity.expose(), holder.identity.birth_date().to_string());
    let other_name = holder.particulars.name.expose().to_owned();
    let first_17 = number().first_17().to_be_bytes();
    let words = [
        NAME,
        GUARDIAN,
        ADDRESS,
        PHONE,
        GUARDIAN_PHONE,
        GROUP,
        "母亲",
        &digits,
        &born,
        compact,
        &other,
        &other_born,
        &other_name,
        "样例街",
    ];
    for bytes in [open, closed] {
        for word in words.iter().map(|word| word.as_bytes()).chain([&first_17[..]]) {
            assert!(!holds(&bytes, word), "{}", String::from_utf8_lossy(word));
        }
        // Limb 2 and hearing 3, as a certificate's payload and a step would have them.
        assert!(
            !holds(&bytes, &[0x82, 0x18, 42, 13])
                && !holds(&bytes, b"[42,13]")
                && !holds(&bytes, b"components\":")
        );
    }
}

#[test]
fn signatures_are_masked_in_the_file_and_whole_outside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    approved(&mut register, 1);
    let issued = issue(&mut register, &key()).unwrap().issued;
    let signed = register.credentials(issued[0].certificate).unwrap();
    let bytes = raw(&path);
    for credential in &signed {
        assert!(!holds(&bytes, &credential.bytes[credential.bytes.len() - 64..]), "{}", credential.kind);
    }
    assert_eq!(signed, issued[0].credentials);
}

#[test]
fn people_are_found_by_number_name_and_birth_date_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let register = filled(&folder.path().join("r.sqlite"));
    let person = register.person_by_identity(number()).unwrap().unwrap();
    assert_eq!(person.particulars, somebody().applicant.particulars);
    let (name, region) = (Text::parse(NAME).unwrap(), Region::from_code(22).unwrap());
    let query = PersonQuery { name: Some(&name), born: Date::parse("1957-06-13").ok(), region, limit: 10 };
    assert_eq!(register.people(&query).unwrap(), [person]);
}

#[test]
fn other_keys_and_a_file_of_a_newer_program_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    drop(filled(&path));
    let before = fs::read(&path).unwrap();
    let other = || Personal::new(&PersonalKeys::generate(&mut super::office::Seeded(5)));
    assert_eq!(SqliteRegister::open(&path, other()).err(), Some(StoreError::WrongKey));
    assert_eq!(SqliteRegister::open_read_only(&path, other()).err(), Some(StoreError::WrongKey));
    assert_eq!(fs::read(&path).unwrap(), before);

    let next = PersonalKeys::example().with_next(&mut super::office::Seeded(6)).unwrap();
    let rotated = SqliteRegister::open(&path, Personal::new(&next)).unwrap();
    assert!(
        rotated.person_by_identity(number()).unwrap().is_some(),
        "a new key beside the old one opens all"
    );
    drop(rotated);
    assert_eq!(
        SqliteRegister::open(&path, personal()).err(),
        Some(StoreError::WrongKey),
        "without the new one"
    );

    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 900).unwrap();
    drop(raw);
    let newer = SqliteRegister::open(&path, Personal::new(&next)).err();
    assert!(matches!(newer, Some(StoreError::Newer { schema: 900, .. })), "{newer:?}");
}

#[test]
fn a_cell_moved_to_another_person_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let register = filled(&path);
    let raw = rusqlite::Connection::open(&path).unwrap();
    let swap = "UPDATE person SET particulars = (SELECT particulars FROM person WHERE id = 2) WHERE id = 1";
    assert_eq!(raw.execute(swap, []).unwrap(), 1);
    let broken = StoreError::Broken { table: "person", column: "particulars", row: 1 };
    assert_eq!(register.person_by_identity(number()).err(), Some(broken));
}

#[test]
fn a_missing_key_file_and_one_that_is_no_key_file_are_named_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let keys = path.join("issuer/keys/personal.keys");
    let kept = fs::read(&keys).unwrap();
    let database = fs::read(path.join("issuer/issuer.sqlite")).unwrap();
    fs::remove_file(&keys).unwrap();
    for command in [&["status"][..], &["serve"], &["backup", "b"]] {
        let (code, _, err) = run(path, command);
        assert!(code == 2 && err.contains("personal.keys is missing"), "{err}");
    }
    for (text, words) in [
        ("lookup 00\n".to_owned(), "not a key file"),
        (
            PersonalKeys::generate(&mut super::office::Seeded(5)).expose_text().to_string(),
            "personal keys of this register",
        ),
    ] {
        fs::write(&keys, text).unwrap();
        let (code, _, err) = run(path, &["status"]);
        assert!(code == 2 && err.contains(words), "{err}");
    }
    assert_eq!(fs::read(path.join("issuer/issuer.sqlite")).unwrap(), database);
    fs::write(&keys, kept).unwrap();
    assert_eq!(run(path, &["status"]).0, 0);
}
