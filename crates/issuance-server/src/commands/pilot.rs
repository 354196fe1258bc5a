//! `pilot list`, `pilot switch`: which features are on in which regions.

use clap::Subcommand;
use credential::region::Region;
use issuance::pilot::{self, Feature};
use issuance::register::Register;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::output::Output;
use crate::region_name;
use bilingual::{Language, say};

/// Subcommands of `pilot`.
#[derive(Subcommand)]
pub(crate) enum PilotVerbs {
    /// 各地区的开通情况；未设置的地区按默认。 ¦ Lists the switches; a region without one has the default.
    List,
    /// 在一个地区开通或关闭一项功能（由管理员），立即生效。 ¦ Switches a feature for a region, at once; an administrator does.
    Switch {
        /// 功能：qr_code、smart_card、documents。 ¦ The feature: qr_code, smart_card, documents.
        feature: String,
        /// 行政区划代码，2、4 或 6 位。 ¦ The region's code, of 2, 4 or 6 digits.
        region: String,
        /// 开通 on，关闭 off。 ¦ `on` or `off`.
        state: String,
    },
}

impl PilotVerbs {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let mut register = context.folder()?.register()?;
        match self {
            Self::List => list(&register, output),
            Self::Switch { feature, region, state } => {
                let feature = Feature::parse(&feature).ok_or(Error::Argument { name: "FEATURE" })?;
                let region = Region::parse(&region).map_err(|_| Error::Argument { name: "REGION" })?;
                let is_on = match state.as_str() {
                    "on" => true,
                    "off" => false,
                    _ => return Err(Error::Argument { name: "STATE" }),
                };
                let desk = context.desk(&register)?;
                pilot::switch(&mut register, feature, region, is_on, &desk.actor())?;
                show(feature, region, is_on, output)?;
                Ok(Exit::Good)
            }
        }
    }
}

fn list(register: &dyn Register, output: &mut Output) -> Result<Exit, Error> {
    for feature in Feature::ALL {
        show(*feature, Region::NATION, feature.is_on_by_default(), output)?;
    }
    for pilot in register.pilots()?.0 {
        show(pilot.feature, pilot.region, pilot.is_on, output)?;
    }
    Ok(Exit::Good)
}

fn show(feature: Feature, region: Region, is_on: bool, output: &mut Output) -> Result<(), Error> {
    let language = output.language();
    let name = match region {
        Region::NATION => say!(language, "其他地区（默认）", "elsewhere (default)"),
        region => region_name::whole(region).unwrap_or_default(),
    };
    let row = Row { feature: feature.as_str(), region: region.code(), name: &name, on: is_on };
    let said = match language {
        Language::Zh => feature.zh(),
        Language::En => feature.as_str(),
    };
    let state = match is_on {
        true => say!(language, "已开通", "on"),
        false => say!(language, "未开通", "off"),
    };
    output.either(&row, format_args!("{:6} {name}  {said}  {state}", region.code()))
}

#[derive(Serialize)]
struct Row<'a> {
    feature: &'static str,
    region: u32,
    name: &'a str,
    on: bool,
}
