//! `drill`: restores a copy into a folder of its own, as on an empty machine, and proves that it answers as the original
//! did. The register in use is not touched, and the folder goes afterwards.

use std::path::PathBuf;

use clap::Args;
use credential::region::Region;
use issuance::audit::Subject;
use issuance::register::{
    AuditQuery, AuditStore, CardStore, CaseQuery, CaseStore, CertificateQuery, CertificateStore, ChangeQuery,
    ChangeStore, Digest, IssuingStore, OfficeStore, PersonStore,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::command::{Context, Exit};
use crate::commands::backup::{check, report};
use crate::error::Error;
use crate::folder;
use crate::output::Output;
use crate::sqlite::SqliteRegister;

/// Arguments of `drill`.
#[derive(Args)]
pub(crate) struct Drill {
    /// 备份文件。 ¦ The copy.
    file: PathBuf,
    /// backup 打印的摘要。 ¦ The digest that `backup` printed.
    #[arg(long, value_name = "SHA256")]
    expect: Option<String>,
    /// backup 打印的答问摘要。 ¦ The digest of answers that `backup` printed.
    #[arg(long, value_name = "SHA256")]
    answers: Option<String>,
    /// 临时目录所在；默认为系统临时目录。 ¦ Where the folder is made; the system's temporary folder if not said.
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
}

impl Drill {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let here = context.folder()?;
        let copy = check(&self.file, &here)?;
        let said = |said: Option<String>, found: &Digest| said.is_none_or(|said| said == hex::encode(found));
        if !said(self.expect, &copy.digest) || !said(self.answers, &copy.answers) {
            return Err(Error::CopyDiffers);
        }
        let empty = Empty::make(&self.place.unwrap_or_else(std::env::temp_dir))?;
        let restored = empty.0.join("issuer.sqlite");
        SqliteRegister::open_read_only(&self.file, here.personal()?)?.back_up(&restored)?;
        // Opened as the service would: log, schema and keys.
        drop(SqliteRegister::open(&restored, here.personal()?)?);
        let proof = check(&restored, &here)?;
        if proof.answers != copy.answers || proof.head != copy.head {
            return Err(Error::CopyDiffers);
        }
        report(
            &proof,
            "演练完成：恢复的登记库逐字节作答一致",
            "drilled: the restored register answers byte for byte",
            output,
        )
    }
}

/// A folder that goes when the drill ends, whatever its end.
struct Empty(PathBuf);

impl Empty {
    fn make(place: &std::path::Path) -> Result<Self, Error> {
        let path = place.join(format!("zhengka-drill-{}", std::process::id()));
        if path.exists() {
            return Err(Error::File { path, kind: std::io::ErrorKind::AlreadyExists });
        }
        folder::private_folder(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A digest over what a register answers to a set of questions: counts, offices, officers, keys, the first and the last
/// cases and certificates with their people, their signed bytes, their cards and their audit. Facts of people are read
/// through the keys, so that a copy nobody can read does not pass.
pub(crate) fn answers(register: &SqliteRegister) -> Result<Digest, Error> {
    let mut hash = Sha256::new();
    let mut note = |question: &str, answer: String| {
        for text in [question, &answer] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
    };
    note("counts", format!("{:?}", register.counts()?));
    note("offices", format!("{:?}", register.offices()?));
    note("officers", format!("{:?}", register.officers()?));
    note("keys", format!("{:?}", register.issuer_keys()?));
    for key in register.issuer_keys()? {
        note(
            "status list",
            format!("{:?} {:?}", register.taken_count(key.kid)?, register.not_valid(key.kid)?),
        );
    }
    let waiting = ChangeQuery { region: Region::NATION, after: None, limit: ASKED };
    note("changes", format!("{:?}", register.waiting_changes(&waiting)?));
    let query = CaseQuery::all(Region::NATION, ASKED);
    for filed in register.applications(&query)? {
        note("case", format!("{} {:?}", filed.id, filed.application.state()));
        let about = AuditQuery::About(Subject::Application(filed.id));
        note("audit of the case", format!("{:?}", register.audit_of(&about, ASKED)?));
    }
    let mut query = CertificateQuery { standing: None, region: Region::NATION, after: None, limit: ASKED };
    let mut questions = register.certificates(&query)?;
    if let Some(last) = register.last_certificate()? {
        query.after = Some(issuance::id::CertificateId::from_stored((last - ASKED as i64).max(0)));
        questions.extend(register.certificates(&query)?);
    }
    for certificate in questions {
        let Some(person) = register.person(certificate.person)? else { continue };
        let found = register.person_by_identity(person.identity)?.map(|found| found.id);
        let facts = json!({
            "number": certificate.number(person.identity).expose(),
            "name": person.particulars.name.expose(),
            "address": person.particulars.address.as_ref().map(|text| text.expose()),
            "home": person.home.code(),
            "expires": certificate.expires.as_seconds(),
            "standing": certificate.standing.as_str(),
        });
        note("certificate", facts.to_string());
        note("found by number", format!("{found:?}"));
        for credential in register.credentials(certificate.id)? {
            note("credential", hex::encode(&credential.bytes));
        }
        note("cards", format!("{:?}", register.card_jobs_of(certificate.id)?));
        note("changes", format!("{:?}", register.changes_of(certificate.id)?));
    }
    Ok(hash.finalize().into())
}

/// Of each kind: a drill takes seconds with a province's register too.
const ASKED: usize = 200;
