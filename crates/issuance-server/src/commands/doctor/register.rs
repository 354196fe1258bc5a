//! The register: sound, its audit whole, nothing in it later than now, and a copy of it elsewhere.

use bilingual::say;
use credential::UnixTime;
use issuance::audit::{Deed, Other};
use issuance::register::AuditStore;

use super::DAY_SECONDS;
use super::finding::Findings;
use crate::commands::audit::whole;
use crate::error::Error;
use crate::sqlite::SqliteRegister;

pub(super) fn check(register: &SqliteRegister, found: &mut Findings) -> Result<(), Error> {
    let language = found.language;
    let faults = register.faults()?;
    for fault in &faults {
        found.bad("database", fault.clone());
    }
    if faults.is_empty() {
        found
            .well("database", say!(language, "页、引用和约束完好", "pages, references and guards are sound"));
    }
    match whole(register, &[]) {
        Ok(head) => found.well(
            "audit",
            say!(language, "审计链完整，共 {} 行", "the chain is whole, {} rows", head.number),
        ),
        Err(error) => found.bad("audit", error.say(language)),
    }
    Ok(())
}

/// Somebody got in past every administrator: whoever reads this should know why.
pub(super) fn check_administrators(
    register: &SqliteRegister,
    now: UnixTime,
    found: &mut Findings,
) -> Result<(), Error> {
    let Some(at) = recovered(register, now)? else { return Ok(()) };
    let text = say!(
        found.language,
        "{} 在主机上恢复过管理员；请核实经手人，见审计",
        "an administrator was recovered at the machine on {}; make sure by whom, see the audit",
        at
    );
    found.look("officers", text);
    Ok(())
}

/// When an administrator was last recovered at the machine, as long as it is told of.
pub(crate) fn recovered(register: &SqliteRegister, now: UnixTime) -> Result<Option<UnixTime>, Error> {
    Ok(register.last_recovery()?.filter(|at| now.seconds_since(*at) < TOLD_FOR_SECONDS))
}

/// Nothing was ever done later than now.
pub(super) fn check_clock(
    register: &SqliteRegister,
    now: UnixTime,
    found: &mut Findings,
) -> Result<(), Error> {
    let language = found.language;
    let newest = [register.last_time()?, register.counts()?.last_bundle.map(|(_, at)| at)];
    match newest.into_iter().flatten().max() {
        Some(newest) if newest > now.plus_seconds(CLOCK_SLACK_SECONDS) => {
            let text = say!(
                language,
                "时钟 {} 早于已记录的 {}；先校准时钟再办理",
                "the clock says {}, and something was done at {}; set it right before work goes on",
                now,
                newest
            );
            found.bad("clock", text);
        }
        _ => {
            found.well("clock", say!(language, "{}，不早于任何记录", "{}, not before anything recorded", now))
        }
    }
    Ok(())
}

pub(super) fn check_backup(
    register: &SqliteRegister,
    now: UnixTime,
    found: &mut Findings,
) -> Result<(), Error> {
    let language = found.language;
    match register.last_deed(Deed::Other(Other::BackedUp))? {
        None => {
            found.look("backup", say!(language, "从未备份；运行 backup", "never backed up; run `backup`"))
        }
        Some(at) => {
            let days = now.seconds_since(at) / DAY_SECONDS;
            let text = say!(language, "上次备份在 {} 天前", "backed up {} days ago", days);
            if days > OLD_BACKUP_DAYS { found.look("backup", text) } else { found.well("backup", text) }
        }
    }
    Ok(())
}

/// Two machines may differ a little.
const CLOCK_SLACK_SECONDS: u64 = 60;
/// A quarter: auditors come by within it.
const TOLD_FOR_SECONDS: u64 = 90 * DAY_SECONDS;
const OLD_BACKUP_DAYS: u64 = 7;
