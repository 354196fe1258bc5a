//! `doctor`: what an operator looks at before a problem becomes one. One line a finding, the next step beside it; exit
//! code 1 where something is bad, 0 where all is well or only worth a look.

use std::path::{Path, PathBuf};

use clap::Args;
use credential::UnixTime;
use credential::sign::Sign;
use credential::time::Date;
use credential::trust_list::TrustList;
use issuance::audit::{Deed, Other};
use issuance::calendar::Calendar;
use issuance::register::AuditStore;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::commands::audit::whole;
use crate::error::Error;
use crate::folder::{self, Folder};
use crate::keys::{self, FileKey, NAMES};
use crate::output::Output;
use crate::sqlite::SqliteRegister;
use crate::web::settings::Settings;
use crate::web::tls;
use bilingual::{Language, say};

/// Arguments of `doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
    /// 同时用口令打开签发密钥。 ¦ Opens the signing keys too; asks for their passphrases.
    #[arg(long)]
    open_keys: bool,
    /// 同时检查 serve 的设置文件及其中的 TLS 证书。 ¦ Checks the settings of `serve` too, and the TLS certificate they name.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Doctor {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut found = Findings { language: output.language(), list: Vec::new() };
        let now = context.now()?;
        check_keys(&folder, now, &mut found);
        if self.open_keys {
            open_keys(&folder, context, &mut found);
        }
        if let Some(config) = &self.config {
            check_tls(config, now, &mut found);
        }
        check_disk(&folder, &context.dir, &mut found);
        check_calendar(now, &mut found)?;
        match folder.register() {
            Err(error) => found.bad("database", error.say(found.language)),
            Ok(register) => {
                check_database(&register, &mut found)?;
                check_personal_keys(&register, &mut found)?;
                check_administrators(&register, now, &mut found)?;
                check_clock(&register, now, &mut found)?;
                check_backup(&register, now, &mut found)?;
            }
        }
        for finding in &found.list {
            let Finding { area, level, text } = finding;
            output.either(finding, format_args!("{} {area:9} {text}", level.sign()))?;
        }
        let worst = found.list.iter().map(|finding| finding.level).max();
        Ok(if worst == Some(Level::Bad) { Exit::Refused } else { Exit::Good })
    }
}

/// There, closed to others, in the trust list, and good for a while yet.
fn check_keys(folder: &Folder, now: UnixTime, found: &mut Findings) {
    let language = found.language;
    let trust = folder::read(&folder.trust_list(), MAX_TRUST_BYTES).ok();
    let trust = trust.and_then(|bytes| TrustList::decode(Sign::parse(&bytes).ok()?.payload()).ok());
    if trust.is_none() {
        found.bad(
            "keys",
            say!(
                language,
                "没有可读的信任名单；运行 bundle trust",
                "no readable trust list; run `bundle trust`"
            ),
        );
    }
    for name in NAMES {
        closed(&folder.key(name), found);
        let public = match keys::public(folder, name) {
            Ok(public) => public,
            Err(error) => {
                found.bad("keys", error.say(language));
                continue;
            }
        };
        if keystore::is_example(public.kid) && !folder.settings().demo {
            found.bad("keys", say!(language, "{} 是示例密钥", "{} is an example key", name));
        }
        let Some(trust) = &trust else { continue };
        match trust.key(public.kid) {
            None => {
                found.bad("keys", say!(language, "{} 不在信任名单中", "{} is not in the trust list", name))
            }
            Some(key) if key.not_after <= now => found.bad(
                "keys",
                say!(
                    language,
                    "{} 已于 {} 到期；轮换密钥",
                    "{} ended on {}; rotate it",
                    name,
                    key.not_after.date_in_china()
                ),
            ),
            Some(key) if key.not_after <= now.plus_seconds(SOON_SECONDS) => found.look(
                "keys",
                say!(language, "{} 将于 {} 到期", "{} ends on {}", name, key.not_after.date_in_china()),
            ),
            Some(key) => found.well(
                "keys",
                say!(
                    language,
                    "{} {} 有效至 {}",
                    "{} {} good until {}",
                    name,
                    public.kid,
                    key.not_after.date_in_china()
                ),
            ),
        }
    }
    closed(&folder.personal_keys(), found);
    if folder.card_keys().exists() {
        closed(&folder.card_keys(), found);
    } else {
        found.look("keys", say!(language, "没有卡片密钥，不能制卡", "no card keys: cards cannot be written"));
    }
}

fn open_keys(folder: &Folder, context: &Context, found: &mut Findings) {
    for name in NAMES {
        match FileKey::open(folder, name, &context.ask()) {
            Ok(_) => found.well("keys", say!(found.language, "{} 可以打开", "{} opens", name)),
            Err(error) => found.bad("keys", error.say(found.language)),
        }
    }
}

/// A key file is its owner's alone.
fn closed(path: &Path, found: &mut Findings) {
    let language = found.language;
    let Ok(facts) = std::fs::metadata(path) else {
        return found.bad("keys", say!(language, "缺少 {}", "{} is missing", path.display()));
    };
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o077 != 0 {
        let text =
            say!(language, "{} 他人可读；chmod 600", "{} is open to others; chmod 600", path.display());
        found.bad("keys", text);
    }
    let _ = facts;
}

/// What `serve` would refuse at its next start, and what it would not warn of before.
fn check_tls(config: &Path, now: UnixTime, found: &mut Findings) {
    let language = found.language;
    let settings = match Settings::load(config) {
        Ok(settings) => settings,
        Err(error) => return found.bad("settings", error.to_string()),
    };
    let Some(tls) = settings.tls else {
        return found.well("settings", say!(language, "可读；不用 TLS", "readable; without TLS"));
    };
    closed(&tls.key, found);
    match tls::check(&tls.certificate, now) {
        Err(error) => found.bad("tls", error.to_string()),
        Ok((until, true)) => {
            found.look("tls", say!(language, "证书将于 {} 到期", "the certificate ends on {}", until))
        }
        Ok((until, false)) => {
            found.well("tls", say!(language, "证书有效至 {}", "the certificate is good until {}", until))
        }
    }
}

fn check_disk(folder: &Folder, dir: &Path, found: &mut Findings) {
    let language = found.language;
    let probe = dir.join(".doctor");
    let written = folder::create(&probe, b"doctor")
        .and_then(|()| std::fs::remove_file(&probe).map_err(|error| Error::file(&probe, &error)));
    if let Err(error) = written {
        found.bad("disk", error.say(language));
    }
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |facts| facts.len());
    let register = size(&folder.register_path());
    match rustix::fs::statvfs(dir) {
        Err(error) => found.bad("disk", error.to_string()),
        Ok(space) => {
            let free = space.f_bavail.saturating_mul(space.f_frsize);
            let text = say!(
                language,
                "可用 {} MiB，登记库 {} MiB",
                "{} MiB free, the register has {} MiB",
                free >> 20,
                register >> 20
            );
            match room(free, register) {
                Level::Bad => found.bad("disk", text),
                Level::Look => found.look("disk", text),
                Level::Well => found.well("disk", text),
            }
        }
    }
    let mut log = folder.register_path().into_os_string();
    log.push("-wal");
    let log = size(Path::new(&log));
    if log > LARGE_LOG_BYTES {
        let text = say!(
            language,
            "预写日志 {} MiB：有长时间的读操作？",
            "the write-ahead log has {} MiB: does somebody read for hours?",
            log >> 20
        );
        found.look("disk", text);
    }
}

/// What the bytes that are left mean to a register of so many: a backup and a restored copy need as much again.
const fn room(free: u64, register: u64) -> Level {
    match free {
        free if free < LEAST_FREE_BYTES => Level::Bad,
        free if free / 2 < register => Level::Look,
        _ => Level::Well,
    }
}

fn check_calendar(now: UnixTime, found: &mut Findings) -> Result<(), Error> {
    let language = found.language;
    let calendar = Calendar::shipped()?;
    let year = now.date_in_china().year();
    for (year, ours) in [(year, true), (year + 1, false)] {
        let Some(first) = Date::new(year, 1, 1) else { continue };
        let text = match calendar.is_working_day(first) {
            Ok(_) => {
                found.well(
                    "calendar",
                    say!(language, "{} 年的工作日已知", "the working days of {} are known", year),
                );
                continue;
            }
            Err(_) => say!(
                language,
                "{} 年的放假安排未知；国务院公布后更新程序",
                "the holidays of {} are not known; update when the State Council has published them",
                year
            ),
        };
        // The notice for a year comes in November of the one before.
        if ours { found.bad("calendar", text) } else { found.look("calendar", text) }
    }
    Ok(())
}

fn check_database(register: &SqliteRegister, found: &mut Findings) -> Result<(), Error> {
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

/// One key seals everything, or an exchange was cut off.
fn check_personal_keys(register: &SqliteRegister, found: &mut Findings) -> Result<(), Error> {
    let (language, newest) = (found.language, register.personal().newest_key());
    let in_use = register.personal().current_key();
    if in_use < newest {
        let text = say!(
            language,
            "个人信息密钥 {} 尚未启用：仍有程序（如 serve）只认得密钥 {}；重启它，再运行 keys rotate",
            "personal key {} waits: a program (serve?) knows no key after {}; restart it, then run `keys rotate`",
            newest,
            in_use
        );
        found.look("keys", text);
        return Ok(());
    }
    let earlier: u64 =
        register.cells_by_key()?.into_iter().filter(|(key, _)| *key != newest).map(|(_, cells)| cells).sum();
    if earlier > 0 || register.has_earlier_keys()? {
        let text = say!(
            language,
            "个人信息密钥更换未完成，仍有 {} 项使用旧密钥；运行 keys rotate",
            "an exchange of the personal keys was cut off, {} cells are under an earlier one; run `keys rotate`",
            earlier
        );
        found.look("keys", text);
    } else {
        found.well(
            "keys",
            say!(language, "个人信息全部由密钥 {} 加密", "personal key {} seals everything", newest),
        );
    }
    Ok(())
}

/// Somebody got in past every administrator: whoever reads this should know why.
fn check_administrators(register: &SqliteRegister, now: UnixTime, found: &mut Findings) -> Result<(), Error> {
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
fn check_clock(register: &SqliteRegister, now: UnixTime, found: &mut Findings) -> Result<(), Error> {
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

fn check_backup(register: &SqliteRegister, now: UnixTime, found: &mut Findings) -> Result<(), Error> {
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

struct Findings {
    language: Language,
    list: Vec<Finding>,
}

impl Findings {
    fn well(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Well, text });
    }

    fn look(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Look, text });
    }

    fn bad(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Bad, text });
    }
}

#[derive(Serialize)]
struct Finding {
    area: &'static str,
    level: Level,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Well,
    Look,
    Bad,
}

impl Level {
    const fn sign(self) -> char {
        match self {
            Self::Well => '✓',
            Self::Look => '!',
            Self::Bad => '✕',
        }
    }
}

/// Four thousand keys take half a megabyte.
const MAX_TRUST_BYTES: u64 = 4 << 20;
/// A ceremony of the roots is called together within a quarter.
const SOON_SECONDS: u64 = 90 * DAY_SECONDS;
/// A day of a province's work with its log.
const LEAST_FREE_BYTES: u64 = 512 << 20;
/// Checkpoints keep it at some megabytes.
const LARGE_LOG_BYTES: u64 = 256 << 20;
/// Two machines may differ a little.
const CLOCK_SLACK_SECONDS: u64 = 60;
/// A quarter: auditors come by within it.
const TOLD_FOR_SECONDS: u64 = 90 * DAY_SECONDS;
const OLD_BACKUP_DAYS: u64 = 7;
const DAY_SECONDS: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_looked_at_before_it_is_full() {
        let (mebibyte, province) = (1 << 20, 3 << 30);
        let told = [511, 512, 6 * 1024 - 1, 6 * 1024].map(|free| room(free * mebibyte, province));
        assert_eq!(told, [Level::Bad, Level::Look, Level::Look, Level::Well]);
        assert_eq!(room(512 * mebibyte, 0), Level::Well, "a new register");
    }
}
