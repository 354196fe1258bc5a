//! A register with an office in it, for either kind of register, and a program to run.

use std::convert::Infallible;
use std::path::Path;
use std::process::{Command, Output};

use credential::disability::{Component, Components};
use credential::number::{IdentityNumber, Reissue};
use credential::region::Region;
use credential::time::{Date, UnixTime};
use issuance::actor::Actor;
use issuance::audit::{Deed, Entry, Other, Subject};
use issuance::calendar::Calendar;
use issuance::casework::{self, NewCase};
use issuance::grants::{Grants, Unconfirmed};
use issuance::id::{ApplicationId, OfficerId};
use issuance::issuing::{Batch, Cursor, Issuer, issue_batch};
use issuance::kind::{Kind, Route};
use issuance::memory::InMemory;
use issuance::office::OfficeKind;
use issuance::officer::{Login, Officer, Role, Roles};
use issuance::person::{Applicant, Particulars};
use issuance::pilot::{Feature, Pilot};
use issuance::register::{IssuerKey, NewOffice, NewOfficer, OfficeStore, Opening, Register};
use issuance::rehearsal::Rehearsal;
use issuance::signer::{KeyInMemory, Signer};
use issuance::step::{Action, Sheet};
use issuance::text::Text;
use issuance_server::personal::Personal;
use issuance_server::personal_keys::PersonalKeys;
use issuance_server::sqlite::SqliteRegister;

/// Runs a story on both registers.
pub(super) fn on_both(story: impl Fn(&mut dyn Register)) {
    let mut twin = InMemory::new();
    staff(&mut twin);
    story(&mut twin);
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = sqlite(&folder.path().join("r.sqlite"));
    story(&mut sqlite);
    assert!(sqlite.faults().unwrap().is_empty());
}

pub(super) fn sqlite(path: &Path) -> SqliteRegister {
    let mut register = SqliteRegister::create(path, personal()).unwrap();
    staff(&mut register);
    register
}

/// The keys of every demonstration, so that the program opens what a test made, and the other way round.
pub(super) fn personal() -> Personal {
    Personal::new(&PersonalKeys::example())
}

fn staff(register: &mut dyn Register) {
    let region = Region::from_code(22).unwrap();
    let office = NewOffice { kind: OfficeKind::Province, region, name: Text::parse("残联").unwrap() };
    let office = register.add_office(&office, &entry(Subject::Register)).unwrap();
    for (login, role) in [
        ("clerk", Role::Clerk),
        ("reviewer", Role::Reviewer),
        ("approver", Role::Approver),
        ("doctor-1", Role::Assessor),
        ("doctor-2", Role::Assessor),
    ] {
        let officer = NewOfficer {
            login: Login::parse(login).unwrap(),
            name: Text::parse("某某").unwrap(),
            office,
            roles: Roles::new(&[role]),
        };
        register.add_officer(&officer, &entry(Subject::Register)).unwrap();
    }
    register.add_issuer_key(&issuer_key(), &entry(Subject::Register)).unwrap();
    switch(register, Feature::SmartCard, 22, true);
}

pub(super) fn switch(register: &mut dyn Register, feature: Feature, region: u64, is_on: bool) {
    let (changed_by, changed_at) = (officer(register, "clerk").id, at("2026-11-01"));
    let region = Region::from_code(region).unwrap();
    let pilot = Pilot { feature, region, is_on, changed_by, changed_at };
    register.switch_pilot(&pilot, &entry(Subject::Register)).unwrap();
}

pub(super) fn entry(subject: Subject) -> Entry {
    Entry {
        at: at("2026-11-01"),
        who: OfficerId::SERVICE,
        origin: Text::parse("test").unwrap(),
        deed: Deed::Other(Other::Initialised),
        subject,
        reason: None,
    }
}

pub(super) fn at(day: &str) -> UnixTime {
    Date::parse(day).unwrap().start_in_china().plus_seconds(9 * 3600)
}

pub(super) fn officer(register: &dyn Register, login: &str) -> Officer {
    register.officer_by_login(&Login::parse(login).unwrap()).unwrap().unwrap()
}

pub(super) fn act<T>(
    register: &mut dyn Register,
    login: &str,
    day: &str,
    what: impl FnOnce(&mut dyn Register, &Actor<'_>) -> T,
) -> T {
    let officer = officer(register, login);
    let origin = Text::parse("test").unwrap();
    what(register, &Actor { officer: &officer, now: at(day), origin: &origin })
}

pub(super) fn case(n: u64) -> NewCase {
    let (born, sequence) = (19_000_101 + (n / 28 % 100) * 10_000 + n % 28, 991 - n / 2800);
    NewCase {
        kind: Kind::New,
        route: Route::Assessed,
        applicant: Applicant {
            identity: IdentityNumber::from_first_17(220_104 * 100_000_000_000 + born * 1000 + sequence)
                .unwrap(),
            home: Region::from_code(220_104).unwrap(),
            particulars: Particulars {
                name: Text::parse("𠮷王小明").unwrap(),
                ethnic_group: Text::parse("汉族").ok(),
                address: Text::parse("样例街 1 号").ok(),
                phone: None,
                guardian: None,
            },
        },
        follows: None,
        suffix: Reissue::Never,
    }
}

pub(super) fn sheet() -> Sheet {
    let list = [42, 13].map(|code| Component::from_code(code).unwrap()).to_vec();
    Sheet { components: Components::new(list).unwrap(), signed_on: Date::parse("2026-11-02").unwrap() }
}

pub(super) fn approved(register: &mut dyn Register, n: u64) -> ApplicationId {
    let id = reviewed(register, n);
    step(register, "approver", "2026-11-10", id, Action::Approve);
    id
}

pub(super) fn reviewed(register: &mut dyn Register, n: u64) -> ApplicationId {
    let day = "2026-11-02";
    let id = act(register, "clerk", day, |r, a| casework::submit(r, &case(n), a)).unwrap().id;
    let doctors = ["doctor-1", "doctor-2"].map(|login| officer(register, login).id);
    step(register, "clerk", day, id, Action::Accept);
    step(register, "clerk", day, id, Action::Transcribe { sheet: sheet(), doctors });
    let calendar = Calendar::shipped().unwrap();
    let posted = Date::parse(day).ok();
    act(register, "clerk", day, |r, a| casework::post_or_waive_notice(r, id, posted, &calendar, a)).unwrap();
    step(register, "reviewer", "2026-11-10", id, Action::Review);
    id
}

pub(super) fn step(register: &mut dyn Register, login: &str, day: &str, id: ApplicationId, action: Action) {
    act(register, login, day, |r, a| casework::take_step(r, id, action, a)).unwrap();
}

pub(super) fn key() -> KeyInMemory {
    KeyInMemory::from_seed(&[7; 32])
}

pub(super) fn issuer_key() -> IssuerKey {
    IssuerKey { kid: key().public_key().kid(), list_size: 1 << 16 }
}

pub(super) fn issue(register: &mut dyn Register, signer: &dyn Signer) -> Result<Batch, issuance::Error> {
    with_issuer(signer, |issuer, actor, rng| {
        rng.0 = register.audit_rows(0, usize::MAX).unwrap().len() as u64;
        issue_batch(register, issuer, Cursor::default(), 1000, actor, rng)
    })
}

/// Everything that issuing needs besides a register.
pub(super) fn with_issuer<T>(
    signer: &dyn Signer,
    what: impl FnOnce(&Issuer<'_>, &Actor<'_>, &mut Seeded) -> T,
) -> T {
    with_issuer_on("2026-11-10", signer, what)
}

/// The same on another day.
pub(super) fn with_issuer_on<T>(
    day: &str,
    signer: &dyn Signer,
    what: impl FnOnce(&Issuer<'_>, &Actor<'_>, &mut Seeded) -> T,
) -> T {
    let mut rng = Seeded(1);
    let province = Region::from_code(22).unwrap();
    let now = at(day);
    let rehearsal = Rehearsal::new(key().public_key(), issuer_key(), province, now, &mut rng).unwrap();
    let grants = Grants::shipped(Unconfirmed::Count).unwrap();
    let service = InMemory::new().officer(OfficerId::SERVICE).unwrap().unwrap();
    let origin = Text::parse("test").unwrap();
    let actor = Actor { officer: &service, now, origin: &origin };
    what(&Issuer { signer, key: issuer_key(), rehearsal: &rehearsal, grants: &grants }, &actor, &mut rng)
}

/// Takes a register back to what an earlier release knew: whatever later migrations added goes, rows stay.
pub(super) fn as_of_release(raw: &rusqlite::Connection, version: usize) {
    let earlier = rusqlite::Connection::open_in_memory().unwrap();
    for number in 1..=version {
        let path = format!("{}/migrations/{number:04}.sql", env!("CARGO_MANIFEST_DIR"));
        earlier.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
    let objects = |connection: &rusqlite::Connection| -> Vec<(String, String, String)> {
        let sql = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL
                   ORDER BY type DESC";
        let mut all = connection.prepare(sql).unwrap();
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let known = objects(&earlier);
    let is_trigger = |kind: &str| kind == "trigger";
    for (kind, name, _) in objects(raw) {
        // A trigger may have been made anew under its name.
        if is_trigger(&kind) || !known.iter().any(|(_, known, _)| *known == name) {
            raw.execute_batch(&format!("DROP {kind} IF EXISTS {name}")).unwrap();
        }
    }
    for (_, table, _) in known.iter().filter(|(kind, ..)| kind == "table") {
        let columns = |connection: &rusqlite::Connection| -> Vec<String> {
            let sql = "SELECT name FROM pragma_table_info(?1)";
            let mut all = connection.prepare(sql).unwrap();
            all.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let of_then = columns(&earlier);
        for column in columns(raw).iter().filter(|column| !of_then.contains(column)) {
            raw.execute_batch(&format!("ALTER TABLE {table} DROP COLUMN {column}")).unwrap();
        }
    }
    for (_, _, sql) in known.iter().filter(|(kind, ..)| is_trigger(kind)) {
        raw.execute_batch(sql).unwrap();
    }
    raw.pragma_update(None, "user_version", version as i64).unwrap();
}

/// The program, in a demonstration folder, in English.
pub(super) fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhengka-issuer"));
    command.args(["--demo", "--lang", "en", "--dir"]).arg(folder.join("issuer")).args(args);
    command.current_dir(folder);
    command
}

pub(super) fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = program(folder, args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// SplitMix64: the same numbers each run. For tests only.
pub(super) struct Seeded(pub(super) u64);

impl rand_core::TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Seeded {}

/// Approved cases in a demonstration's register, each filed with all its steps at once.
pub(super) fn approved_many(register: &mut dyn Register, cases: impl IntoIterator<Item = NewCase>) {
    filed_many(register, cases, 5);
}

/// Cases with so many steps after the first: three lead to a notice, four to a review, five to an approval.
pub(super) fn filed_many(
    register: &mut dyn Register,
    cases: impl IntoIterator<Item = NewCase>,
    steps: usize,
) -> Vec<ApplicationId> {
    let mut filed = Vec::new();
    let calendar = Calendar::shipped().unwrap();
    let doctors = ["doctor-1", "doctor-2"].map(|login| officer(register, login).id);
    let by = ["clerk", "reviewer", "approver"].map(|login| officer(register, login));
    for case in cases {
        let origin = Text::parse("test").unwrap();
        let actor = Actor { officer: &by[0], now: at("2026-11-02"), origin: &origin };
        let mut application = casework::submit(&mut InMemory::new(), &case, &actor).unwrap().application;
        let posted =
            issuance::application::post_notice(Date::parse("2026-11-02").unwrap(), &calendar).unwrap();
        let taken = [
            (0, "2026-11-02", Action::Accept),
            (0, "2026-11-02", Action::Transcribe { sheet: sheet(), doctors }),
            (0, "2026-11-02", posted),
            (1, "2026-11-10", Action::Review),
            (2, "2026-11-10", Action::Approve),
        ];
        for (who, day, action) in taken.into_iter().take(steps) {
            application.take(&by[who], action, at(day)).unwrap();
        }
        let opening = Opening { applicant: &case.applicant, application: &application, source: None };
        filed.push(register.file(&opening, &[]).unwrap().id);
    }
    filed
}
