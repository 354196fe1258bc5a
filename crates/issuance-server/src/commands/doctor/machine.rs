//! The machine: room on its disk, and the holidays that its program knows.

use std::path::Path;

use bilingual::say;
use credential::UnixTime;
use credential::time::Date;
use issuance::calendar::Calendar;

use super::finding::{Findings, Level};
use crate::error::Error;
use crate::folder::{self, Folder};

pub(super) fn check_disk(folder: &Folder, dir: &Path, found: &mut Findings) {
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

pub(super) fn check_calendar(now: UnixTime, found: &mut Findings) -> Result<(), Error> {
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

/// A day of a province's work with its log.
const LEAST_FREE_BYTES: u64 = 512 << 20;
/// Checkpoints keep it at some megabytes.
const LARGE_LOG_BYTES: u64 = 256 << 20;

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
