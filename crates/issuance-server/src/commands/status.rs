//! `status`: how many stand where; suspend, lift, revoke with a second officer, replace after a loss, renew.

use clap::{Args, Subcommand};
use credential::number::Reissue;
use credential::region::Region;
use credential::time::Date;
use issuance::casework::{self, NewCase};
use issuance::id::ChangeId;
use issuance::kind::{Kind, Route};
use issuance::person::Applicant;
use issuance::register::{ChangeQuery, Register};
use issuance::standing;
use issuance::status_change::{Change, Outcome, Reason, StatusChange};
use issuance::step::Action;
use serde::Serialize;

use crate::command::{Context, Desk, Exit};
use crate::commands::list::person_of;
use crate::commands::show::find;
use crate::error::Error;
use crate::output::Output;
use bilingual::say;

/// Arguments of `status`.
#[derive(Args)]
pub(crate) struct Status {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// 冻结：overdue_six_months、data_conflict、suspected_death、suspected_fraud。 ¦ Suspends: overdue_six_months, data_conflict, suspected_death, suspected_fraud.
    Suspend(Enter),
    /// 解除冻结：cleared、made_good。 ¦ Lifts a suspension: cleared, made_good.
    Lift(Enter),
    /// 注销（须另一人 confirm）：death、no_longer_qualifies、voluntary、fraud、overdue_one_year。 ¦ Revokes, once a second officer confirms: death, no_longer_qualifies, voluntary, fraud, overdue_one_year.
    Revoke(Enter),
    /// 确认注销（批准人）。 ¦ Confirms a revocation; an approver does.
    Confirm(Decide),
    /// 驳回注销（批准人）。 ¦ Drops a revocation; an approver does.
    Drop(Decide),
    /// 待确认的注销。 ¦ Revocations that wait for a second officer.
    Waiting,
    /// 遗失补领：旧证即时注销，新证待审核批准。 ¦ After a loss: the old one is revoked at once, the new one awaits review and approval.
    Replace(Follow),
    /// 换领：待审核批准。 ¦ Renews; awaits review and approval.
    Renew(Follow),
}

#[derive(Args)]
struct Enter {
    /// 证件编号或完整证号。 ¦ Number of the row, or the whole number on the face.
    certificate: String,
    /// 理由代码。 ¦ Code of the reason.
    #[arg(long)]
    reason: String,
    /// 生效日期，默认今天。 ¦ From which day on it holds; today unless given.
    #[arg(long, value_name = "DATE")]
    effective: Option<String>,
}

#[derive(Args)]
struct Decide {
    /// 变更编号。 ¦ Number of the change.
    change: ChangeId,
}

#[derive(Args)]
struct Follow {
    /// 证件编号或完整证号。 ¦ Number of the row, or the whole number on the face.
    certificate: String,
}

impl Status {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        let Some(what) = self.what else { return summary(&register, output) };
        if matches!(what, What::Waiting) {
            return waiting(&register, output);
        }
        let desk = context.desk(&register)?;
        match what {
            What::Suspend(enter) => enter.run(Change::Suspend, &mut register, &desk, output),
            What::Lift(enter) => enter.run(Change::Lift, &mut register, &desk, output),
            What::Revoke(enter) => enter.run(Change::Revoke, &mut register, &desk, output),
            What::Confirm(decide) => decide.run(true, &mut register, &desk, output),
            What::Drop(decide) => decide.run(false, &mut register, &desk, output),
            What::Replace(follow) => follow.replace(&mut register, &desk, output),
            What::Renew(follow) => follow.renew(&mut register, &desk, output),
            What::Waiting => waiting(&register, output),
        }
    }
}

impl Enter {
    fn run(
        self,
        change: Change,
        register: &mut dyn Register,
        desk: &Desk,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let reason = Reason::parse(&self.reason).filter(|reason| reason.of() == change);
        let reason = reason.ok_or(Error::Argument { name: "--reason" })?;
        let effective = match &self.effective {
            None => desk.now.date_in_china(),
            Some(text) => Date::parse(text).map_err(|_| Error::Argument { name: "--effective" })?,
        };
        let certificate = find(register, &self.certificate)?;
        let (id, change) = standing::enter(register, certificate.id, reason, effective, &desk.actor())?;
        print(id, &change, output)?;
        Ok(Exit::Good)
    }
}

impl Decide {
    fn run(
        self,
        agrees: bool,
        register: &mut dyn Register,
        desk: &Desk,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let change = standing::decide(register, self.change, agrees, &desk.actor())?;
        print(self.change, &change, output)?;
        Ok(Exit::Good)
    }
}

impl Follow {
    fn replace(self, register: &mut dyn Register, desk: &Desk, output: &mut Output) -> Result<Exit, Error> {
        let certificate = find(register, &self.certificate)?;
        let today = desk.now.date_in_china();
        let filed = casework::report_loss(register, certificate.id, today, &desk.actor())?;
        case(filed.id, output)
    }

    fn renew(self, register: &mut dyn Register, desk: &Desk, output: &mut Output) -> Result<Exit, Error> {
        let certificate = find(register, &self.certificate)?;
        let person = person_of(register, certificate.person)?;
        let renewal = NewCase {
            kind: Kind::Renewal,
            route: Route::Direct,
            applicant: Applicant {
                identity: person.identity,
                home: person.home,
                particulars: person.particulars,
            },
            follows: Some(certificate.id),
            suffix: Reissue::Never,
        };
        let filed = casework::submit(register, &renewal, &desk.actor())?;
        casework::take_step(register, filed.id, Action::Accept, &desk.actor())?;
        case(filed.id, output)
    }
}

fn case(id: issuance::id::ApplicationId, output: &mut Output) -> Result<Exit, Error> {
    let text = say!(
        output.language(),
        "申请 #{}：待审核（review）、批准（approve）、签发（issue）",
        "application #{}: awaits review, approve, issue",
        id
    );
    output.either(&CaseRow { application: id.get() }, text)?;
    Ok(Exit::Good)
}

fn summary(register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
    let counts = register.counts()?;
    if output.is_json() {
        let map = |pairs: Vec<(&'static str, u64)>| pairs.into_iter().collect();
        output.object(&Summary {
            applications: map(counts.applications.iter().map(|(s, n)| (s.as_str(), *n)).collect()),
            certificates: map(counts.certificates.iter().map(|(s, n)| (s.as_str(), *n)).collect()),
            credentials: counts.credentials,
            waiting_changes: counts.waiting_changes,
            last_bundle: counts.last_bundle.map(|(version, _)| version),
        })?;
        return Ok(Exit::Good);
    }
    let language = output.language();
    for (state, count) in &counts.applications {
        let name = language.pick(state.zh(), state.as_str());
        output.line(say!(language, "申请 {} {}", "applications {} {}", name, count))?;
    }
    for (standing, count) in &counts.certificates {
        let name = language.pick(standing.zh(), standing.as_str());
        output.line(say!(language, "证件 {} {}", "certificates {} {}", name, count))?;
    }
    output.line(say!(
        language,
        "待确认的注销 {}",
        "revocations that wait for a second officer {}",
        counts.waiting_changes
    ))?;
    if let Some((version, at)) = counts.last_bundle {
        output.line(say!(language, "核验包 {}（{}）", "bundle {} ({})", version, at))?;
    }
    Ok(Exit::Good)
}

fn waiting(register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
    let mut query = ChangeQuery { region: Region::NATION, after: None, limit: AT_ONCE };
    loop {
        let changes = register.waiting_changes(&query)?;
        for (id, change) in &changes {
            print(*id, change, output)?;
        }
        query.after = changes.last().map(|(id, _)| *id);
        if changes.len() < AT_ONCE {
            return Ok(Exit::Good);
        }
    }
}

fn print(id: ChangeId, change: &StatusChange, output: &mut Output) -> Result<(), Error> {
    let outcome = match change.outcome() {
        Outcome::Waiting => "waiting",
        Outcome::InForce => "in_force",
        Outcome::Confirmed(..) => "confirmed",
        Outcome::Dropped(..) => "dropped",
    };
    let row = ChangeRow {
        change: id.get(),
        certificate: change.certificate().get(),
        verb: change.change().as_str(),
        reason: change.reason().as_str(),
        effective: change.effective().to_string(),
        outcome,
    };
    let language = output.language();
    let verb = language.pick(change.change().zh(), row.verb);
    let reason = language.pick(change.reason().zh(), row.reason);
    let next = match change.outcome() {
        Outcome::Waiting => say!(
            language,
            "待另一人确认：status confirm {}",
            "waits for a second officer: status confirm {}",
            id
        ),
        Outcome::Dropped(..) => language.pick("已驳回", "dropped").into(),
        Outcome::InForce | Outcome::Confirmed(..) => language
            .pick("已生效；下一个核验包起见效", "in force; gates learn of it with the next bundle")
            .into(),
    };
    let certificate = row.certificate;
    output.either(&row, format_args!("#{certificate} {verb} {reason} {}  {next}", row.effective))
}

#[derive(Serialize)]
struct CaseRow {
    application: i64,
}

#[derive(Serialize)]
struct ChangeRow {
    change: i64,
    certificate: i64,
    verb: &'static str,
    reason: &'static str,
    effective: String,
    outcome: &'static str,
}

#[derive(Serialize)]
struct Summary {
    applications: std::collections::BTreeMap<&'static str, u64>,
    certificates: std::collections::BTreeMap<&'static str, u64>,
    credentials: u64,
    waiting_changes: u64,
    last_bundle: Option<u32>,
}

/// Changes that are read at once.
const AT_ONCE: usize = 500;
