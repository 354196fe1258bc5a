//! `import`: each line of an applicants' file becomes a case, or a fault with its line, field and rule.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use issuance::applicants_file::{ApplicantsFile, Encoding, FileFault, Line, MAX_FILE_BYTES, Texts};
use issuance::calendar::Calendar;
use issuance::casework::{self, ImportedCase};
use issuance::fault::{Fault, Field, Rule};
use issuance::form::{ApplicantForm, SheetForm, parse_notice};
use issuance::officer::Login;
use issuance::register::Register;
use serde::Serialize;

use crate::command::{Context, Desk, Exit};
use crate::error::Error;
use crate::output::Output;
use bilingual::{Language, say};

/// Arguments of `import`.
#[derive(Args)]
pub(crate) struct Import {
    /// CSV 文件，UTF-8 或 GB 18030；格式见 IMPORT.md。 ¦ A CSV file in UTF-8 or GB 18030; IMPORT.md describes it.
    file: PathBuf,
}

impl Import {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let desk = context.desk(&register)?;
        let calendar = Calendar::shipped()?;
        let mut tally = Tally::default();
        for line in open(&self.file)? {
            let line = line.map_err(|fault| Error::applicants(&self.file, fault))?;
            let number = line.number;
            match take_in(&mut register, line, &calendar, &desk)? {
                Outcome::Filed => tally.filed += 1,
                Outcome::Unchanged => tally.unchanged += 1,
                Outcome::Bad(complaints) => {
                    tally.bad += 1;
                    for complaint in complaints {
                        complaint.print(number, output)?;
                    }
                }
            }
        }
        let Tally { filed, unchanged, bad } = tally;
        let text = say!(
            output.language(),
            "新录入 {}，已有 {}，有误 {}",
            "filed {}, unchanged {}, bad {}",
            filed,
            unchanged,
            bad
        );
        output.either(&tally, text)?;
        Ok(if bad == 0 { Exit::Good } else { Exit::Refused })
    }
}

#[derive(Default, Serialize)]
struct Tally {
    filed: u64,
    unchanged: u64,
    bad: u64,
}

enum Outcome {
    Filed,
    Unchanged,
    Bad(Vec<Complaint>),
}

/// One fault of a line.
struct Complaint {
    field: Option<Field>,
    zh: String,
    en: String,
}

/// Looks at the size, then once through the file for its encoding, then reads it.
fn open(path: &Path) -> Result<ApplicantsFile<File>, Error> {
    let failed = |error: std::io::Error| Error::file(path, &error);
    if std::fs::metadata(path).map_err(failed)?.len() > MAX_FILE_BYTES {
        return Err(Error::applicants(path, FileFault::TooLarge));
    }
    let encoding = Encoding::find(File::open(path).map_err(failed)?);
    let file = File::open(path).map_err(failed)?;
    let opened = encoding.and_then(|encoding| ApplicantsFile::new(file, encoding));
    opened.map_err(|fault| Error::applicants(path, fault))
}

fn take_in(
    register: &mut dyn Register,
    line: Line,
    calendar: &Calendar,
    desk: &Desk,
) -> Result<Outcome, Error> {
    let texts = match line.texts {
        Ok(texts) => texts,
        Err(count) => return Ok(Outcome::Bad(vec![Complaint::of_columns(count)])),
    };
    let case = match read(register, &texts, desk)? {
        Ok(case) => case,
        Err(faults) => return Ok(Outcome::Bad(faults.iter().map(Complaint::of_fault).collect())),
    };
    match casework::import(register, &case, calendar, &desk.actor()) {
        Ok(casework::Import::Filed(_)) => Ok(Outcome::Filed),
        Ok(casework::Import::Unchanged(_)) => Ok(Outcome::Unchanged),
        // The register itself failed: every line after this one would.
        Err(issuance::Error::Store(error)) => Err(error.into()),
        Err(error @ issuance::Error::PowerMissing { .. }) => Err(error.into()),
        Err(error) => Ok(Outcome::Bad(vec![Complaint::of_rule(&error)])),
    }
}

/// Every fault of the line at once, or the typed case.
fn read(
    register: &dyn Register,
    texts: &Texts,
    desk: &Desk,
) -> Result<Result<ImportedCase, Vec<Fault>>, Error> {
    let today = desk.now.date_in_china();
    let (form, sheet) = match (ApplicantForm::parse(texts, today), SheetForm::parse(texts, today)) {
        (Ok(form), Ok(sheet)) => (form, sheet),
        (form, sheet) => {
            let mut faults: Vec<Fault> = form.err().into_iter().chain(sheet.err()).flatten().collect();
            faults.dedup();
            return Ok(Err(faults));
        }
    };
    let born = form.applicant.identity.birth_date();
    let posted = match parse_notice(texts, born, sheet.signed_on, today) {
        Ok(posted) => posted,
        Err(faults) => return Ok(Err(faults)),
    };
    let mut faults = Vec::new();
    let mut doctor = |login: &Login, field| -> Result<_, Error> {
        let officer = casework::assessor(register, login)?;
        if officer.is_none() {
            faults.push(Fault { field, rule: Rule::NotAnAssessor });
        }
        Ok(officer.map(|officer| officer.id))
    };
    let [first, second] = &sheet.doctors;
    let (first, second) = (doctor(first, Field::Doctor1)?, doctor(second, Field::Doctor2)?);
    let (Some(first), Some(second)) = (first, second) else { return Ok(Err(faults)) };
    let source = texts.digest();
    Ok(Ok(ImportedCase { form, sheet, doctors: [first, second], posted, source }))
}

impl Complaint {
    fn of_fault(fault: &Fault) -> Self {
        Self { field: Some(fault.field), zh: fault.zh(), en: fault.en() }
    }

    fn of_rule(error: &issuance::Error) -> Self {
        let field = match error {
            issuance::Error::OtherRegion { .. } => Some(Field::County),
            issuance::Error::ApplicationOpen { .. }
            | issuance::Error::CertificateHeld { .. }
            | issuance::Error::WaitUntil { .. } => Some(Field::IdentityNumber),
            issuance::Error::DutiesNotSeparated { .. } => Some(Field::Doctor1),
            issuance::Error::GuardianRequired => Some(Field::GuardianName),
            issuance::Error::NoticeDates | issuance::Error::CalendarYearUnknown { .. } => {
                Some(Field::NoticePosted)
            }
            _ => None,
        };
        Self { field, zh: error.zh(), en: error.en() }
    }

    fn of_columns(count: usize) -> Self {
        Self {
            field: None,
            zh: format!("有 {count} 列，与标题行不符。请检查逗号和引号。"),
            en: format!("has {count} columns, not as many as the header; look at commas and quotes"),
        }
    }

    fn print(&self, line: u64, output: &mut Output) -> Result<(), Error> {
        let Self { field, zh, en } = self;
        let text = match output.language() {
            Language::Zh => format!("第 {line} 行：{zh}"),
            Language::En => format!("line {line}: {en}"),
        };
        let row = Row { line, field: field.map(Field::key), zh, en };
        output.either(&row, text)
    }
}

#[derive(Serialize)]
struct Row<'a> {
    line: u64,
    field: Option<&'static str>,
    zh: &'a str,
    en: &'a str,
}
