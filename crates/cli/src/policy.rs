//! `zhengka policy`: packs that people write in TOML, checked, compiled, signed and explained.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use credential::policy_pack::{MAX_PACK_BYTES, PolicyPack};
use credential::sign1::{Content, Unsigned};

use crate::command::Exit;
use crate::durable_file;
use crate::error::Error;
use crate::open_key::KeyFile;
use crate::output::{Output, Paint};
use bilingual::say;

mod check;
mod explain;
mod fault;
mod fields;
mod reach;
mod shipped;
mod show;
mod source;
mod words;

#[cfg(test)]
mod tests;

/// What to do with packs.
#[derive(Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Policy {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 检查规则文件：未知键、轮不到的规则、重叠、缺出处、案例。 ¦ Checks packs: unknown keys, unreachable rules, overlaps, missing sources, cases.
    #[command(after_help = EXAMPLES)]
    Check(Check),
    /// 编译为 CBOR，未签名。 ¦ Compiles a pack to CBOR, unsigned.
    #[command(after_help = EXAMPLES)]
    Compile(Compile),
    /// 检查、编译并用政策密钥签名。 ¦ Checks, compiles and signs a pack with a policy key.
    #[command(after_help = EXAMPLES)]
    Sign(Sign),
    /// 用一句话说明某人为何符合或不符合。 ¦ Tells in one sentence why somebody is entitled or not.
    #[command(after_help = EXAMPLES)]
    Explain(explain::Explain),
}

/// Which packs to check.
#[derive(Args)]
struct Check {
    /// TOML 文件。 ¦ TOML files.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// 每个错误一行 JSON。 ¦ One JSON object for each fault.
    #[arg(long)]
    json: bool,
}

/// What to compile, and where to.
#[derive(Args)]
struct Compile {
    /// TOML 文件。 ¦ A TOML file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 写入的文件；默认换扩展名为 .cbor。 ¦ File to write; else the same name with .cbor.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to sign, and with which key.
#[derive(Args)]
struct Sign {
    /// TOML 文件。 ¦ A TOML file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    key: KeyFile,
    /// 写入的文件；默认换扩展名为 .dcp。 ¦ File to write; else the same name with .dcp.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Policy {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        match self.command {
            Command::Check(check) => check.run(output),
            Command::Compile(compile) => compile.run(output),
            Command::Sign(sign) => sign.run(output),
            Command::Explain(explain) => explain.run(output),
        }
    }
}

impl Check {
    fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut exit = Exit::Good;
        for path in &self.files {
            let toml = durable_file::read_text(path, MAX_TOML_BYTES)?;
            match check::check(&toml) {
                Ok(_) if self.json => {}
                Ok(pack) => output.line(summary(&pack, output))?,
                Err(faults) => {
                    report(&faults, path, &toml, self.json, output)?;
                    exit = Exit::Refused;
                }
            }
        }
        Ok(exit)
    }
}

impl Compile {
    fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let Some(pack) = checked(&self.file, output)? else { return Ok(Exit::Refused) };
        let out = self.out.unwrap_or_else(|| self.file.with_extension("cbor"));
        write(&out, &pack.encode(), output)
    }
}

impl Sign {
    fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let Some(pack) = checked(&self.file, output)? else { return Ok(Exit::Refused) };
        let key = self.key.open(output.language())?;
        let unsigned = Unsigned::new(key.public().kid, pack.encode(), Content::Policy);
        let signed = unsigned.with_signature(&key.sign(&unsigned.to_be_signed()));
        let out = self.out.unwrap_or_else(|| self.file.with_extension("dcp"));
        write(&out, &signed, output)
    }
}

/// The pack, or its faults on the screen.
fn checked(path: &Path, output: &mut Output) -> Result<Option<PolicyPack>, Error> {
    let toml = durable_file::read_text(path, MAX_TOML_BYTES)?;
    match check::check(&toml) {
        Ok(pack) => Ok(Some(pack)),
        Err(faults) => report(&faults, path, &toml, false, output).map(|()| None),
    }
}

fn write(path: &Path, bytes: &[u8], output: &mut Output) -> Result<Exit, Error> {
    durable_file::replace(path, bytes)?;
    let length = bytes.len();
    let line =
        say!(output.language(), "已写入 {}，{length} 字节。", "Wrote {}, {length} bytes.", path.display());
    output.line(line)?;
    Ok(Exit::Good)
}

fn report(
    faults: &[fault::Fault],
    path: &Path,
    toml: &str,
    json: bool,
    output: &mut Output,
) -> Result<(), Error> {
    let file = path.display().to_string();
    for fault in faults {
        if json {
            output.json(&show::FaultJson::of(fault, &file, toml))?;
        } else {
            output.line(show::picture(fault, &file, toml, output.language(), output.is_coloured()))?;
            output.line("")?;
        }
    }
    Ok(())
}

fn summary(pack: &PolicyPack, output: &Output) -> String {
    let PolicyPack { name, version, sections, cases, .. } = pack;
    let rules: usize = sections.iter().map(|section| section.rules.len()).sum();
    let cases = cases.len();
    let good = output.painted(Paint::Good, output.language().pick("无误", "good"));
    let counts = say!(
        output.language(),
        "{name} 第 {version} 版：{rules} 条规则，{cases} 个案例，{good}",
        "{name} version {version}: {rules} rules, {cases} cases, {good}"
    );
    if pack.confirmed == credential::policy_pack::Confirmed::Yes {
        return counts;
    }
    let careful = output.language().pick("未核对原文，仅供演示", "not confirmed, for demonstration only");
    format!("{counts}  {}", output.painted(Paint::Careful, careful))
}

/// Text takes several times the bytes of what it compiles to.
const MAX_TOML_BYTES: usize = 8 * MAX_PACK_BYTES;

const EXAMPLES: &str = "\
例：\n  \
  zhengka policy check crates/cli/policies/*.toml\n  \
  zhengka policy explain --purpose transit --components \"视力 1\" --place 220104 --demo\n  \
  zhengka policy sign fares.toml --key policy.key\
 ¦ \
Examples:\n  \
  zhengka policy check crates/cli/policies/*.toml\n  \
  zhengka policy explain --purpose transit --components \"visual 1\" --place 220104 --demo\n  \
  zhengka policy sign fares.toml --key policy.key";
