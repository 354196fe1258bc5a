//! `zhengka inspect`: what an input is made of, layer by layer, in CBOR diagnostic notation.
//! Verifies nothing, and says so. Personal fields are hidden unless they are asked for.

mod diagnostic;
mod layers;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use credential::bundle::MAX_BUNDLE_BYTES;

use crate::command::Exit;
use crate::durable_file;
use crate::error::Error;
use crate::input::{Found, Input, Source};
use crate::inspect::layers::Layers;
use crate::output::{Output, Paint};
use bilingual::say;

/// What to look into.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Inspect {
    /// 二维码图片或文本、核验包、信任名单、根密钥文件、状态文件、-。 ¦ A picture or text of a code, a bundle, trust list, root file or state file, or -.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// 显示姓名、证号、类别等个人信息。 ¦ Shows name, number, category and other personal fields.
    #[arg(long)]
    expose: bool,
}

impl Inspect {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let mut worst = Exit::Good;
        for argument in &self.inputs {
            match binary_file(argument) {
                Some(bytes) => {
                    let mut layers = Layers::new(output.language(), self.expose);
                    layers.bytes(&bytes?);
                    worst = worst.max(tell(&argument.display().to_string(), layers, output)?);
                }
                None => {
                    for source in Source::of_arguments(std::slice::from_ref(argument)) {
                        source.read(|input| {
                            worst = worst.max(self.inspect(&input, output)?);
                            Ok::<(), Error>(())
                        })?;
                    }
                }
            }
        }
        Ok(worst)
    }

    fn inspect(&self, input: &Input, output: &mut Output) -> Result<Exit, Error> {
        let mut layers = Layers::new(output.language(), self.expose);
        match &input.found {
            Ok(Found { text, modules }) => {
                layers.text(text, *modules);
                tell(&input.label, layers, output)
            }
            Err(why) => {
                output.line(format_args!("══ {}", input.label))?;
                let why = why.say(output.language());
                output.line(format_args!("  {}", output.painted(Paint::Careful, &why)))?;
                Ok(Exit::Unreadable)
            }
        }
    }
}

fn tell(label: &str, layers: Layers, output: &mut Output) -> Result<Exit, Error> {
    output.line(format_args!("══ {label}"))?;
    let exit = if layers.is_faultless() { Exit::Good } else { Exit::Refused };
    for line in layers.into_lines() {
        output.line(line)?;
    }
    let note = say!(output.language(), "以上内容未经核验。", "Nothing above was verified.");
    output.line(format_args!("  {}", output.painted(Paint::Faint, &note)))?;
    Ok(exit)
}

/// The bytes of a file that begins as our binary files do: a short CBOR array, or the tag of a COSE structure.
fn binary_file(argument: &Path) -> Option<Result<Vec<u8>, Error>> {
    let is_file = fs::metadata(argument).is_ok_and(|found| found.is_file());
    if !is_file {
        return None;
    }
    match durable_file::read(argument, MAX_BUNDLE_BYTES) {
        Ok(bytes) if bytes.first().is_some_and(|first| matches!(first, 0x80..=0x88 | 0xd2 | 0xd8)) => {
            Some(Ok(bytes))
        }
        // A picture, a text, or too large: whoever reads those says what is wrong.
        _ => None,
    }
}

const EXAMPLES: &str = "\
退出码：0 结构完好；1 结构有误；2 无法读取。\n\
例：\n  \
  zhengka inspect 照片.jpg\n  \
  zhengka inspect --expose DC1:0123…\n  \
  zhengka inspect bundle.dcb root.dcr state.dcv\
 ¦ \
Exit codes: 0 well-formed; 1 not well-formed; 2 not readable.\n\
Examples:\n  \
  zhengka inspect photo.jpg\n  \
  zhengka inspect --expose DC1:0123...\n  \
  zhengka inspect bundle.dcb root.dcr state.dcv";
