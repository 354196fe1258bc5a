//! The port to storage: what casework asks of a register, one method a use case, one transaction each.
//! Audit rows go into the same transaction. Two implementations pass one conformance test: the twin in memory
//! (`memory`) and SQLite in the service. Whatever a method refuses leaves no trace.

use std::fmt;

use credential::key::Kid;
use credential::number::IdentityNumber;
use credential::region::Region;
use credential::sign1::Unsigned;
use credential::status_list::StatusIndex;
use credential::time::{Date, UnixTime};

use crate::application::{Application, Filed};
use crate::audit::{Entry, Row, Subject};
use crate::card::{CardJob, CardSerial, Stage};
use crate::certificate::{Certificate, SignedCredential};
use crate::document::{Document, NewDocument};
use crate::id::{
    ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, OfficeId, OfficerId, PersonId,
};
use crate::issuing::{Prepared, Signed};
use crate::kind::Kind;
use crate::office::{Office, OfficeKind};
use crate::officer::{Login, Officer, Roles};
use crate::pass_exchange::{Exchange, PreparedPass};
use crate::person::{Applicant, Person};
use crate::pilot::{Pilot, Pilots};
use crate::removal::Removal;
use crate::status_change::{Standing, StatusChange};
use crate::text::{Line, Name};
use crate::transition::State;

/// Storage, as casework sees it.
pub trait Register {
    /// Adds an office.
    fn add_office(&mut self, office: &NewOffice, audit: &Entry) -> Stored<OfficeId>;
    /// Every office.
    fn offices(&self) -> Stored<Vec<Office>>;
    /// Adds an officer; refuses a login that is taken.
    fn add_officer(&mut self, officer: &NewOfficer, audit: &Entry) -> Stored<OfficerId>;
    /// Gives an officer other powers, or takes their place in the office away.
    fn change_officer(&mut self, id: OfficerId, roles: Roles, active: bool, audit: &Entry) -> Stored<()>;
    /// Every officer.
    fn officers(&self) -> Stored<Vec<Officer>>;
    /// One officer.
    fn officer(&self, id: OfficerId) -> Stored<Option<Officer>>;
    /// The officer who signs in with this name.
    fn officer_by_login(&self, login: &Login) -> Stored<Option<Officer>>;

    /// Which features are on where.
    fn pilots(&self) -> Stored<Pilots>;
    /// Switches a feature for a region; a later switch of the same two takes the place of the earlier.
    fn switch_pilot(&mut self, pilot: &Pilot, audit: &Entry) -> Stored<()>;

    /// One person.
    fn person(&self, id: PersonId) -> Stored<Option<Person>>;
    /// The person with this identity number.
    fn person_by_identity(&self, identity: IdentityNumber) -> Stored<Option<Person>>;

    /// People by name or birth date, within a region.
    fn people(&self, query: &PersonQuery<'_>) -> Stored<Vec<Person>>;

    /// Files a case, and the person if they are new. Refuses a second open case of one person.
    fn file(&mut self, opening: &Opening<'_>, audit: &[Entry]) -> Stored<Filed>;
    /// One case.
    fn application(&self, id: ApplicationId) -> Stored<Option<Filed>>;
    /// Every case of a person, oldest first.
    fn applications_of(&self, person: PersonId) -> Stored<Vec<Filed>>;
    /// The case that is open for a person.
    fn open_application(&self, person: PersonId) -> Stored<Option<ApplicationId>>;
    /// The case that came from this line of a file.
    fn application_by_source(&self, source: &Digest) -> Stored<Option<ApplicationId>>;
    /// Cases by where they stand, oldest first.
    fn applications(&self, query: &CaseQuery) -> Stored<Vec<Filed>>;
    /// Adds the steps after the first `known` ones (and amended particulars).
    /// Refuses if somebody else has added a step since.
    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()>;

    /// Adds a document to a case. Refuses the same picture of the same kind twice, a case after its review, and an
    /// officer who acts in it as anything but a clerk.
    fn add_document(&mut self, document: &NewDocument, audit: &Entry) -> Stored<Document>;
    /// Takes a document out of its case, and its picture with it. Refuses one that is not there, a case after its
    /// review, and an officer who acts in it as anything but a clerk.
    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()>;
    /// What was taken out of a case, oldest first.
    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>>;
    /// The documents of a case, oldest first.
    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>>;
    /// One document.
    fn document(&self, id: DocumentId) -> Stored<Option<Document>>;
    /// Its picture; a broken row where that is not the one that was added.
    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>>;

    /// One certificate.
    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>>;
    /// A person's certificates, oldest first.
    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>>;
    /// Signed certificates of a region, by number of the row.
    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>>;
    /// The counties of a region that issued certificates which are not revoked, by code.
    fn counties(&self, region: Region) -> Stored<Vec<Region>>;
    /// Signed certificates of a county that are not revoked and end within a span, those that end first at the head.
    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>>;
    /// How many of a county end from a time on, and before another.
    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64>;
    /// The signed credentials of a certificate, without passes that were withdrawn.
    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>>;

    /// Takes an issuer's key into use, with the size of its status list. Refuses another size later.
    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()>;
    /// Every issuer key ever used, with its list.
    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>>;
    /// How many indices of a key's list are taken.
    fn taken_count(&self, kid: Kid) -> Stored<u64>;
    /// Whether an index is taken.
    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool>;
    /// Approved cases of which nothing was prepared yet, after a case.
    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>>;
    /// Stores the bytes that will be signed, all or none. Refuses an index that is taken and a case
    /// that has a certificate already.
    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>>;
    /// What was prepared and not signed, after a certificate.
    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>>;
    /// Stores signatures, closes the cases, makes their particulars the person's, and revokes what they
    /// supersede; all or none.
    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()>;

    /// Passes that were prepared and not signed, oldest first.
    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>>;
    /// Stores the bytes of passes that will be signed, all or none. Refuses an index that is taken, and a certificate
    /// that is not signed or is revoked.
    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()>;
    /// Stores the signatures of passes and withdraws those that they follow; all or none.
    /// Refuses what was signed or withdrawn since.
    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()>;

    /// Enters a change of status, and files a case with it where one follows (a loss).
    /// Refuses if the certificate no longer stands where the caller saw it.
    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)>;
    /// The second officer's word on a change.
    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()>;
    /// One change.
    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>>;
    /// The changes of a certificate, oldest first.
    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>>;
    /// The changes that wait for a second officer.
    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>>;
    /// Every index of a key whose certificate is not valid.
    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>>;

    /// Adds a job for a card. Refuses a second one while the first is not withdrawn.
    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob>;
    /// One card job.
    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>>;
    /// The job that this card is bound to, open or closed: a card serves once.
    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>>;
    /// The card jobs of a certificate, oldest first.
    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>>;
    /// Card jobs of a region.
    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>>;
    /// How many card jobs of a region stand where; issued ones are counted from a time on.
    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally>;
    /// Valid certificates of a region, not expired by then, for which no card was ordered; the latest first.
    /// Looks at the latest certificates only; see [`LATEST`].
    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>>;
    /// One step forward. Refuses if the job no longer stands where the caller saw it, a card or an index that is
    /// taken, and a step that skips one.
    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()>;
    /// Withdraws a card, so that its index is not valid from now on, and orders the next; both or none.
    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob>;

    /// The version of the last bundle; 0 before the first.
    fn last_bundle_version(&self) -> Stored<u32>;
    /// Notes that a bundle was published. Refuses a version that does not grow.
    fn publish(&mut self, version: u32, sha256: &Digest, audit: &Entry) -> Stored<()>;

    /// Adds an audit row on its own: for what was read.
    fn note(&mut self, audit: &Entry) -> Stored<()>;
    /// Adds many at once.
    fn note_all(&mut self, audit: &[Entry]) -> Stored<()>;
    /// Audit rows after a number.
    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>>;
    /// Audit rows about a subject or by an officer, oldest first.
    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>>;
    /// How many stand where.
    fn counts(&self) -> Stored<Counts>;
}

/// The result of a register.
pub type Stored<T> = Result<T, StoreError>;

/// A SHA-256 digest.
pub type Digest = [u8; 32];

/// An office before the register numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffice {
    /// What kind of place.
    pub kind: OfficeKind,
    /// The region it serves.
    pub region: Region,
    /// Its name.
    pub name: Line,
}

/// An officer before the register numbers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOfficer {
    /// What they sign in with.
    pub login: Login,
    /// What colleagues see.
    pub name: Name,
    /// Where they work.
    pub office: OfficeId,
    /// What they may do.
    pub roles: Roles,
}

/// A case before the register numbers it.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Whose; added if the identity number is new.
    pub applicant: &'a Applicant,
    /// The case with the steps taken so far.
    pub application: &'a Application,
    /// The line of a file it came from, so that the line counts once.
    pub source: Option<Digest>,
}

/// Which cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseQuery {
    /// Standing here; anywhere if `None`.
    pub state: Option<State>,
    /// Of this kind; any if `None`.
    pub kind: Option<Kind>,
    /// Whose home or desk lies in this region.
    pub region: Region,
    /// With their latest step taken before this time; at any time if `None`.
    pub before: Option<UnixTime>,
    /// After this case.
    pub after: Option<ApplicationId>,
    /// At most so many.
    pub limit: usize,
}

impl CaseQuery {
    /// Every case of a region, from the first on.
    #[must_use]
    pub const fn all(region: Region, limit: usize) -> Self {
        Self { state: None, kind: None, region, before: None, after: None, limit }
    }
}

/// Which changes of status, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Of certificates that counties of this region issued.
    pub region: Region,
    /// After this change.
    pub after: Option<ChangeId>,
    /// At most so many.
    pub limit: usize,
}

/// Which people: all that is asked for must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonQuery<'a> {
    /// With this name, whole.
    pub name: Option<&'a Name>,
    /// Born on this day.
    pub born: Option<Date>,
    /// At home in this region.
    pub region: Region,
    /// At most so many.
    pub limit: usize,
}

/// Which audit rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditQuery {
    /// About this.
    About(Subject),
    /// By an officer, from a time until before another.
    By(OfficerId, UnixTime, UnixTime),
}

/// Which certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateQuery {
    /// Standing here; anywhere if `None`.
    pub standing: Option<Standing>,
    /// Issued by a county in this region.
    pub region: Region,
    /// After this one.
    pub after: Option<CertificateId>,
    /// At most so many.
    pub limit: usize,
}

/// Which certificates that end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndingQuery {
    /// Issued by this county.
    pub county: Region,
    /// At this time or later.
    pub from: UnixTime,
    /// Before this time.
    pub until: UnixTime,
    /// After the one with this end and number.
    pub after: Option<(UnixTime, CertificateId)>,
    /// At most so many.
    pub limit: usize,
}

/// Which card jobs: of certificates that a county in the region issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardQuery {
    /// The region.
    pub region: Region,
    /// Those issued at this time or later, the latest first; those that still have to be written, oldest first, if
    /// `None`.
    pub issued_since: Option<UnixTime>,
    /// Of those that still have to be written, the ones after this.
    pub after: Option<CardJobId>,
    /// At most so many.
    pub limit: usize,
}

/// How many card jobs stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardTally {
    /// Nobody has begun.
    pub waiting: u64,
    /// A card is bound and not finished.
    pub in_work: u64,
    /// Issued since the time that was asked for.
    pub issued: u64,
}

/// So many certificates are looked at for those without a card: a good month of a whole province, so that a desk's
/// page never reads all of ten years.
pub const LATEST: i64 = 20_000;

/// An issuer's key and its status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerKey {
    /// The key's id.
    pub kid: Kid,
    /// How many entries its list has: fixed when the key comes into use.
    pub list_size: u32,
}

/// What waits to be signed, as it was stored.
#[derive(Clone, Debug)]
pub struct PreparedRow {
    /// The certificate, not yet signed.
    pub certificate: Certificate,
    /// Its case.
    pub filed: Filed,
    /// Its holder.
    pub person: Person,
    /// What will be signed.
    pub credentials: Vec<PreparedCredential>,
}

/// The exact bytes of one credential but for its signature.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedCredential {
    /// For offices or for gates.
    pub kind: credential::Kind,
    /// Who is to sign.
    pub kid: Kid,
    /// Its place in the key's status list.
    pub index: StatusIndex,
    /// Protected header and payload.
    pub unsigned: Unsigned,
}

/// The bytes carry a name and a number, so they do not print.
impl fmt::Debug for PreparedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedCredential({} {}/{})", self.kind, self.kid, self.index.as_u32())
    }
}

/// How many stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases by state, states without a case left out.
    pub applications: Vec<(State, u64)>,
    /// Signed certificates by standing, those without left out.
    pub certificates: Vec<(Standing, u64)>,
    /// Signed credentials.
    pub credentials: u64,
    /// Changes that wait for a second officer.
    pub waiting_changes: u64,
    /// When the last bundle was published.
    pub last_bundle: Option<(u32, UnixTime)>,
}

/// Why a register did not answer. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Somebody else was quicker: look again, then decide.
    Conflict,
    /// A rule that the register itself keeps; its name.
    Rule(&'static str),
    /// A row breaks our own rules: changed by hand, or written by a program with a fault.
    Broken {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
        /// Which row.
        row: i64,
    },
    /// Another program holds the file; try again.
    Busy,
    /// No room left on the disk.
    Full,
    /// People's facts were sealed with other keys than those at hand.
    WrongKey,
    /// A newer program has changed the register's shape.
    Newer {
        /// How far its shape goes.
        schema: usize,
        /// How far this program's goes.
        ours: usize,
    },
    /// Everything else the storage engine says, by its code.
    Engine {
        /// The code of the engine.
        code: i32,
    },
}

impl StoreError {
    /// What happened and what to do.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Conflict => "他人刚刚处理过此件，请刷新后再决定。".into(),
            Self::Rule(name) => format!("登记库拒绝写入（规则 {name}）。"),
            Self::Broken { table, column, row } => {
                format!("登记库数据异常：{table}.{column}，第 {row} 行。请从备份恢复并报告。")
            }
            Self::Busy => "登记库正被其他程序占用，请稍后再试。".into(),
            Self::Full => "磁盘已满，未写入任何内容。请腾出空间后重试。".into(),
            Self::WrongKey => {
                "个人信息密钥不是此登记库的密钥，未读取任何内容。请放回登记库原来的 keys/personal.keys（更换密钥之前的备份：personal.keys.before-N）。"
                    .into()
            }
            Self::Newer { schema, ours } => {
                format!("登记库由更新版本的程序建立（结构 {schema}，本程序 {ours}），未作改动。请升级程序。")
            }
            Self::Engine { code } => format!("登记库错误，代码 {code}。请查看磁盘和文件权限。"),
        }
    }

    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Conflict => "somebody else was quicker; look again, then decide".into(),
            Self::Rule(name) => format!("the register refuses (rule {name})"),
            Self::Broken { table, column, row } => {
                format!("{table}.{column} in row {row} breaks our rules; restore a backup and report it")
            }
            Self::Busy => "another program holds the register; try again".into(),
            Self::Full => "the disk is full and nothing was written; make room and try again".into(),
            Self::WrongKey => "these are not the personal keys of this register, and nothing was read; \
                               put back the keys/personal.keys that belong to it (a backup of before an exchange: personal.keys.before-N)"
                .into(),
            Self::Newer { schema, ours } => {
                format!(
                    "a newer program shaped this register (shape {schema}, ours {ours}); nothing was changed, update the program"
                )
            }
            Self::Engine { code } => format!("storage error, code {code}; look at disk and permissions"),
        }
    }
}

impl From<StoreError> for crate::Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
