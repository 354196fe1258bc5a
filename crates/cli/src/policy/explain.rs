//! `zhengka policy explain`: one sentence for a clerk.

use std::path::PathBuf;

use clap::Args;
use credential::disability::Component;
use credential::grant::Grant;
use credential::levels::Levels;
use credential::policy_pack::{MAX_AGE, Subject};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::time::Date;
use serde::Serialize;
use verifier::policy::{Policies, Question, Unconfirmed};

use super::{checked, shipped, words};
use crate::command::Exit;
use crate::edge;
use crate::error::Error;
use crate::output::Output;

/// Of whom, for what, where and when.
#[derive(Args)]
pub(crate) struct Explain {
    /// TOML 文件；默认用随附的规则。 ¦ TOML files; else the packs that come with this program.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 用途，如 transit、park、subsidy.care。 ¦ What for, such as transit, park, subsidy.care.
    #[arg(long, value_parser = purpose)]
    purpose: Purpose,
    /// 残疾类别和等级，如 "视力 1"；可重复。 ¦ What was assessed, such as "visual 1"; may be repeated.
    #[arg(long, value_name = "COMPONENT", value_parser = component)]
    components: Vec<Component>,
    /// 凭证上的权益，如 transit.free；可重复。 ¦ Grants of a pass, such as transit.free; may be repeated.
    #[arg(long, value_name = "GRANT", value_parser = grant)]
    grants: Vec<Grant>,
    /// 周岁。 ¦ Age in full years.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=i64::from(MAX_AGE)))]
    age: Option<u8>,
    /// 户籍地行政区划代码。 ¦ Code of the home county.
    #[arg(long, value_name = "REGION", value_parser = region)]
    residence: Option<Region>,
    /// 证件过期的天数。 ¦ Days since the credential expired.
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    days_expired: u16,
    /// 核验所在地；默认为户籍地，再默认为全国。 ¦ Where; else the home county, else the nation.
    #[arg(long, value_name = "REGION", value_parser = region)]
    place: Option<Region>,
    /// 日期，如 2026-11-24；默认今天。 ¦ The day, such as 2026-11-24; else today.
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
    /// 演示：未核对原文的规则也参与判断。 ¦ Demo: packs that nobody confirmed decide too.
    #[arg(long)]
    demo: bool,
    /// 输出 JSON。 ¦ Prints JSON.
    #[arg(long)]
    json: bool,
}

/// The answer for other programs.
#[derive(Serialize)]
struct Answer {
    /// 0, or the number of the refusal.
    outcome: u8,
    pack: Option<String>,
    version: Option<u32>,
    confirmed: Option<bool>,
    grants: Vec<&'static str>,
    zh: String,
    en: String,
}

impl Explain {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut packs = vec![];
        for file in &self.files {
            let Some(pack) = checked(file, output)? else { return Ok(Exit::Refused) };
            packs.push(pack);
        }
        let policies = Policies::new(if self.files.is_empty() { shipped::packs() } else { packs });
        let outcome = policies.decide(&self.subject(), &self.question());
        if self.json {
            let pack = outcome.ground().map(|ground| ground.pack);
            let granted = outcome.benefit().map(|benefit| benefit.grants).unwrap_or_default();
            output.json(&Answer {
                outcome: outcome.refusal().map_or(0, verifier::Refusal::number),
                pack: pack.map(|pack| pack.name.clone()),
                version: pack.map(|pack| pack.version.as_u32()),
                confirmed: pack.map(|pack| pack.confirmed == credential::policy_pack::Confirmed::Yes),
                grants: granted.iter().map(Grant::name).collect(),
                zh: outcome.zh().to_string(),
                en: outcome.en().to_string(),
            })?;
        } else {
            output.line(output.language().pick(outcome.zh().to_string(), outcome.en().to_string()))?;
        }
        Ok(if outcome.refusal().is_none() { Exit::Good } else { Exit::Refused })
    }

    fn subject(&self) -> Subject {
        Subject {
            levels: self.components.iter().copied().fold(Levels::NONE, Levels::with),
            grants: self.grants.iter().copied().collect(),
            age: self.age,
            residence: self.residence,
            days_expired: self.days_expired,
        }
    }

    fn question(&self) -> Question {
        Question {
            purpose: self.purpose,
            place: self.place.or(self.residence).unwrap_or(Region::NATION),
            on: self.on.unwrap_or_else(|| edge::now().date_in_china()),
            unconfirmed: if self.demo { Unconfirmed::Demo } else { Unconfirmed::Refuse },
        }
    }
}

fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::from_name(text).ok_or_else(|| one_of(Purpose::ALL.iter().map(|purpose| purpose.name())))
}

fn grant(text: &str) -> Result<Grant, String> {
    Grant::from_name(text).ok_or_else(|| one_of(Grant::ALL.iter().map(|grant| grant.name())))
}

fn component(text: &str) -> Result<Component, String> {
    words::component(text).ok_or_else(|| "写作 write \"视力 1\", \"visual 1\"".into())
}

fn region(text: &str) -> Result<Region, String> {
    Region::parse(text).map_err(|_| "写作 write 0, 22, 2201, 220104".into())
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).map_err(|_| "写作 write 2026-11-24".into())
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("可用 known: {}", names.collect::<Vec<_>>().join(" "))
}
