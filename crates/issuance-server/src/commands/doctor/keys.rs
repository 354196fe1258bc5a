//! The keys: closed to others, in the trust list, good for a while yet, and one of them over everything that is sealed.

use std::path::Path;

use bilingual::say;
use credential::UnixTime;
use credential::sign::Sign;
use credential::trust_list::TrustList;

use super::DAY_SECONDS;
use super::finding::Findings;
use crate::command::Context;
use crate::error::Error;
use crate::folder::{self, Folder};
use crate::keys::{self, FileKey, NAMES};
use crate::sqlite::SqliteRegister;
use crate::web::settings::Settings;
use crate::web::tls;

/// There, closed to others, in the trust list, and good for a while yet.
pub(super) fn check(folder: &Folder, now: UnixTime, found: &mut Findings) {
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

pub(super) fn open(folder: &Folder, context: &Context, found: &mut Findings) {
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
pub(super) fn check_tls(config: &Path, now: UnixTime, found: &mut Findings) {
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

/// One key seals everything, or an exchange was cut off.
pub(super) fn check_personal(register: &SqliteRegister, found: &mut Findings) -> Result<(), Error> {
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

/// Four thousand keys take half a megabyte.
const MAX_TRUST_BYTES: u64 = 4 << 20;
/// A ceremony of the roots is called together within a quarter.
const SOON_SECONDS: u64 = 90 * DAY_SECONDS;
