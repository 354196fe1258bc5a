//! The register in one SQLite file: WAL, every commit on the disk before it is answered, foreign keys on.
//! Each method of the port is one transaction; the modules below it hold the SQL beside the rows it reads.

mod answer;
mod audit;
mod card;
mod case;
mod certificate;
mod client;
mod document;
mod error;
mod office;
mod pass;
mod person;
mod pilot;
mod schema;
mod sealed_anew;
mod status_change;

use std::path::Path;

use credential::key::Kid;
use credential::number::IdentityNumber;
use credential::region::Region;
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use issuance::application::Filed;
use issuance::audit::{Deed, Entry, Row};
use issuance::card::{CardJob, CardSerial, Stage};
use issuance::certificate::{Certificate, SignedCredential};
use issuance::document::{Document, NewDocument};
use issuance::id::{
    ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, OfficeId, OfficerId, PersonId,
};
use issuance::issuing::{Prepared, Signed};
use issuance::office::Office;
use issuance::officer::{Login, Officer, Roles};
use issuance::pass_exchange::{Exchange, PreparedPass};
use issuance::person::Person;
use issuance::pilot::{Pilot, Pilots};
use issuance::register::{
    AuditQuery, CardQuery, CardTally, CaseQuery, CertificateQuery, ChangeQuery, Counts, Digest, EndingQuery,
    IssuerKey, NewOffice, NewOfficer, Opening, PersonQuery, PreparedRow, Register, StoreError, Stored,
};
use issuance::removal::Removal;
use issuance::status_change::{Standing, StatusChange};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::personal::Personal;
pub(crate) use error::said;
use error::stored;
pub use sealed_anew::Place;

/// The register's file, open.
pub struct SqliteRegister {
    connection: Connection,
    personal: Personal,
}

impl SqliteRegister {
    /// Makes a new file. Refuses one that exists.
    pub fn create(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        if path.exists() {
            return Err(StoreError::Rule("a new register"));
        }
        Self::start(stored(Connection::open_with_flags(path, flags))?, personal)
    }

    /// Opens a file that `create` made, and brings its schema forward. A missing file is an error.
    pub fn open(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        Self::start(stored(Connection::open_with_flags(path, flags))?, personal)
    }

    /// Opens a copy to look at, without writing to it.
    pub fn open_read_only(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = stored(Connection::open_with_flags(path, flags))?;
        schema::known(&connection)?;
        schema::prove_keys(&connection, &personal, false)?;
        Ok(Self { connection, personal })
    }

    /// Copies the register into a new file while it is in use.
    pub fn back_up(&self, to: &Path) -> Stored<()> {
        let mut target = stored(Connection::open(to))?;
        let backup = stored(rusqlite::backup::Backup::new(&self.connection, &mut target))?;
        stored(backup.run_to_completion(ALL_PAGES, std::time::Duration::ZERO, None))?;
        drop(backup);
        // One file that stands by itself: no write-ahead log beside it.
        stored(target.pragma_update(None, "journal_mode", "DELETE"))
    }

    /// A digest over every row of every table, in order: equal for equal registers, whatever their pages look like.
    pub fn digest(&self) -> Stored<Digest> {
        schema::digest(&self.connection)
    }

    /// What SQLite says about the file's own health; empty when all is well.
    pub fn faults(&self) -> Stored<Vec<String>> {
        schema::faults(&self.connection)
    }

    /// Number and hash of the last audit row. An error where rows were cut off the end.
    pub fn audit_end(&self) -> Stored<(i64, Digest)> {
        audit::end(&self.connection, &self.personal)
    }

    /// The number of the last certificate, if there is one.
    pub fn last_certificate(&self) -> Stored<Option<i64>> {
        office::number(&self.connection, "SELECT id FROM certificate ORDER BY id DESC LIMIT 1", [])
    }

    /// When a deed was last done.
    pub fn last_deed(&self, deed: Deed) -> Stored<Option<UnixTime>> {
        let sql = "SELECT at FROM audit WHERE deed = ?1 ORDER BY number DESC LIMIT 1";
        let at = office::number(&self.connection, sql, [deed.to_stored()])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// When an administrator was last recovered at the machine.
    pub fn last_recovery(&self) -> Stored<Option<UnixTime>> {
        // The word stands in the statement, so that the index over these rows alone answers it.
        let sql = "SELECT at FROM audit WHERE deed = 'administrator_recovered' ORDER BY number DESC LIMIT 1";
        let at = office::number(&self.connection, sql, [])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// When the newest row of the audit was written, by the clock of then.
    pub fn last_time(&self) -> Stored<Option<UnixTime>> {
        let at =
            office::number(&self.connection, "SELECT max(at) FROM audit HAVING max(at) IS NOT NULL", [])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// For reading the console's tables, which stand beside the register's in one file.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How columns with people's facts are sealed.
    pub(crate) fn personal(&self) -> &Personal {
        &self.personal
    }

    /// A change of the console's tables and the audit rows it asks for: all of it, or none.
    pub(crate) fn change<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Personal, &mut Vec<Entry>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = stored(self.connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
        let mut entries = Vec::new();
        let value = work(&transaction, &self.personal, &mut entries)?;
        audit::append(&transaction, &self.personal, &entries, None)?;
        stored(transaction.commit())?;
        Ok(value)
    }

    /// Several uses of the register as one: all of them are on the disk when this returns, or none.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        stored(self.connection.execute_batch("BEGIN IMMEDIATE"))?;
        let whole = Whole(self);
        let value = work(whole.0)?;
        stored(whole.0.connection.execute_batch("COMMIT"))?;
        Ok(value)
    }

    fn start(mut connection: Connection, personal: Personal) -> Stored<Self> {
        schema::configure(&mut connection)?;
        schema::migrate(&mut connection, &personal)?;
        schema::prove_keys(&connection, &personal, true)?;
        Ok(Self { connection, personal })
    }

    /// One transaction: all of it is on the disk when this returns, or none. Inside a larger one, a part of that.
    fn write<T>(
        &mut self,
        audit: &[Entry],
        work: impl FnOnce(&Connection, &Personal) -> Stored<(T, Option<ApplicationId>)>,
    ) -> Stored<T> {
        if !self.connection.is_autocommit() {
            let part = stored(self.connection.savepoint())?;
            let (value, about) = work(&part, &self.personal)?;
            audit::append(&part, &self.personal, audit, about)?;
            stored(part.commit())?;
            return Ok(value);
        }
        let transaction = stored(self.connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
        let (value, about) = work(&transaction, &self.personal)?;
        audit::append(&transaction, &self.personal, audit, about)?;
        stored(transaction.commit())?;
        Ok(value)
    }
}

/// A larger transaction: whatever ends it early, a refusal or a panic, undoes it.
struct Whole<'a>(&'a mut SqliteRegister);

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // The connection is dropped with its transaction where even this fails.
            let _ = self.0.connection.execute_batch("ROLLBACK");
        }
    }
}

impl Register for SqliteRegister {
    fn add_office(&mut self, office: &NewOffice, audit: &Entry) -> Stored<OfficeId> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((office::add_office(tx, office)?, None)))
    }

    fn offices(&self) -> Stored<Vec<Office>> {
        office::offices(&self.connection)
    }

    fn add_officer(&mut self, officer: &NewOfficer, audit: &Entry) -> Stored<OfficerId> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((office::add_officer(tx, officer)?, None)))
    }

    fn change_officer(&mut self, id: OfficerId, roles: Roles, active: bool, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((office::change_officer(tx, id, roles, active)?, None))
        })
    }

    fn officers(&self) -> Stored<Vec<Officer>> {
        office::officers(&self.connection)
    }

    fn officer(&self, id: OfficerId) -> Stored<Option<Officer>> {
        office::officer(&self.connection, id)
    }

    fn officer_by_login(&self, login: &Login) -> Stored<Option<Officer>> {
        office::officer_by_login(&self.connection, login)
    }

    fn pilots(&self) -> Stored<Pilots> {
        pilot::load(&self.connection)
    }

    fn switch_pilot(&mut self, pilot: &Pilot, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((pilot::save(tx, pilot)?, None)))
    }

    fn person(&self, id: PersonId) -> Stored<Option<Person>> {
        person::find(&self.connection, &self.personal, id)
    }

    fn person_by_identity(&self, identity: IdentityNumber) -> Stored<Option<Person>> {
        person::find_by_identity(&self.connection, &self.personal, identity)
    }

    fn people(&self, query: &PersonQuery<'_>) -> Stored<Vec<Person>> {
        person::search(&self.connection, &self.personal, query)
    }

    fn file(&mut self, opening: &Opening<'_>, audit: &[Entry]) -> Stored<Filed> {
        self.write(audit, |tx, personal| {
            let filed = case::file(tx, personal, opening)?;
            let about = Some(filed.id);
            Ok((filed, about))
        })
    }

    fn application(&self, id: ApplicationId) -> Stored<Option<Filed>> {
        case::find(&self.connection, &self.personal, id)
    }

    fn applications_of(&self, person: PersonId) -> Stored<Vec<Filed>> {
        case::of_person(&self.connection, &self.personal, person)
    }

    fn open_application(&self, person: PersonId) -> Stored<Option<ApplicationId>> {
        case::open_of(&self.connection, person)
    }

    fn application_by_source(&self, source: &Digest) -> Stored<Option<ApplicationId>> {
        case::by_source(&self.connection, &self.personal, source)
    }

    fn applications(&self, query: &CaseQuery) -> Stored<Vec<Filed>> {
        case::list(&self.connection, &self.personal, query)
    }

    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((case::add_steps(tx, personal, filed, known)?, None)))
    }

    fn add_document(&mut self, document: &NewDocument, audit: &Entry) -> Stored<Document> {
        self.write(std::slice::from_ref(audit), |tx, personal| {
            Ok((document::add(tx, personal, document)?, None))
        })
    }

    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((document::remove(tx, removal)?, None)))
    }

    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>> {
        document::removed_from(&self.connection, application)
    }

    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>> {
        document::of(&self.connection, application)
    }

    fn document(&self, id: DocumentId) -> Stored<Option<Document>> {
        document::find(&self.connection, id)
    }

    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>> {
        document::picture(&self.connection, &self.personal, id)
    }

    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>> {
        certificate::find(&self.connection, &self.personal, id)
    }

    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>> {
        certificate::of_person(&self.connection, &self.personal, person)
    }

    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>> {
        certificate::list(&self.connection, &self.personal, query)
    }

    fn counties(&self, region: Region) -> Stored<Vec<Region>> {
        certificate::counties(&self.connection, region)
    }

    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>> {
        certificate::ending(&self.connection, &self.personal, query)
    }

    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64> {
        certificate::count_ending(&self.connection, county, from, until)
    }

    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>> {
        certificate::credentials(&self.connection, &self.personal, certificate)
    }

    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()> {
        match self.issuer_keys()?.iter().find(|known| known.kid == key.kid) {
            Some(known) if known == key => Ok(()),
            Some(_) => Err(StoreError::Rule("issuer_key.list_size")),
            None => self.write(std::slice::from_ref(audit), |tx, _| {
                Ok((certificate::add_issuer_key(tx, key)?, None))
            }),
        }
    }

    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>> {
        certificate::issuer_keys(&self.connection)
    }

    fn taken_count(&self, kid: Kid) -> Stored<u64> {
        certificate::taken_count(&self.connection, kid)
    }

    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool> {
        certificate::is_taken(&self.connection, kid, index)
    }

    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>> {
        case::approved(&self.connection, &self.personal, after, limit)
    }

    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>> {
        self.write(audit, |tx, personal| Ok((certificate::prepare(tx, personal, batch)?, None)))
    }

    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>> {
        certificate::prepared(&self.connection, &self.personal, after, limit)
    }

    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| {
            for signed in batch {
                let filed = signed.filed();
                certificate::sign(tx, personal, signed)?;
                case::add_steps(tx, personal, filed, filed.application.steps().len().saturating_sub(1))?;
                person::update(tx, personal, filed)?;
                if let Some(change) = signed.supersedes() {
                    status_change::supersede(tx, change)?;
                }
            }
            Ok(((), None))
        })
    }

    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>> {
        pass::prepared(&self.connection, &self.personal, limit)
    }

    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((pass::prepare(tx, personal, batch)?, None)))
    }

    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((pass::exchange(tx, personal, batch)?, None)))
    }

    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)> {
        self.write(audit, |tx, personal| {
            let id = status_change::enter(tx, change, seen)?;
            let filed = follows.map(|opening| case::file(tx, personal, opening)).transpose()?;
            let about = filed.as_ref().map(|filed| filed.id);
            Ok(((id, filed), about))
        })
    }

    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((status_change::decide(tx, id, change, seen)?, None))
        })
    }

    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>> {
        status_change::find(&self.connection, id)
    }

    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>> {
        status_change::of(&self.connection, certificate)
    }

    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>> {
        status_change::waiting(&self.connection, query)
    }

    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>> {
        certificate::not_valid(&self.connection, kid)
    }

    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((card::add(tx, certificate)?, None)))
    }

    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>> {
        card::find(&self.connection, &self.personal, id)
    }

    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>> {
        card::by_card(&self.connection, &self.personal, card)
    }

    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>> {
        card::of_certificate(&self.connection, &self.personal, certificate)
    }

    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>> {
        card::list(&self.connection, &self.personal, query)
    }

    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally> {
        card::tally(&self.connection, region, since)
    }

    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>> {
        certificate::without_card(&self.connection, &self.personal, region, now, limit)
    }

    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, personal| {
            Ok((card::advance(tx, personal, job, seen)?, None))
        })
    }

    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob> {
        self.write(audit, |tx, personal| {
            card::advance(tx, personal, withdrawn, seen)?;
            Ok((card::add(tx, withdrawn.certificate)?, None))
        })
    }

    fn last_bundle_version(&self) -> Stored<u32> {
        certificate::last_bundle(&self.connection).map(|last| last.map_or(0, |(version, _)| version))
    }

    fn publish(&mut self, version: u32, sha256: &Digest, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((certificate::publish(tx, version, sha256, audit.at)?, None))
        })
    }

    fn note(&mut self, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |_, _| Ok(((), None)))
    }

    fn note_all(&mut self, audit: &[Entry]) -> Stored<()> {
        self.write(audit, |_, _| Ok(((), None)))
    }

    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>> {
        audit::rows(&self.connection, after, limit)
    }

    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>> {
        audit::find(&self.connection, query, limit)
    }

    fn counts(&self) -> Stored<Counts> {
        Ok(Counts {
            applications: case::counts(&self.connection)?,
            certificates: certificate::counts(&self.connection)?,
            credentials: certificate::count_signed(&self.connection)?,
            waiting_changes: status_change::count_waiting(&self.connection)?,
            last_bundle: certificate::last_bundle(&self.connection)?,
        })
    }
}

/// In one read, which sees the register as of one instant and holds up no writer. Between two reads a busy register would
/// change, and the copy would begin anew each time.
const ALL_PAGES: std::ffi::c_int = std::ffi::c_int::MAX;
