//! `zhengka verify`: pictures, texts, folders or the card on a reader in, one verdict each out.
//! Exit 0: all accepted; 1: at least one refused; 2: at least one not readable, whatever the others are.

use std::path::PathBuf;
use std::thread;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use credential::UnixTime;
use credential::purpose::Purpose;
use credential::region::Region;
use verifier::policy::Unconfirmed;
use verifier::{Bundle, Check, Possession, Refusal, Staleness};

use crate::card::CardOptions;
use crate::command::Exit;
use crate::edge;
use crate::error::Error;
use crate::input::{Input, Source};
use crate::output::Output;
use crate::report::{self, About};
use crate::trust_base::TrustFiles;
use crate::verdict::{Judged, Verdict, judge, judge_bytes};
use bilingual::say;

/// What to verify, against what, and how to say it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// 图片（PNG、JPEG、WebP）、文本、文件夹，或 -（标准输入）。 ¦ Pictures (PNG, JPEG, WebP), texts, folders, or - for standard input.
    #[arg(required_unless_present = "card", conflicts_with = "card", value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// 核验读卡器上的卡（可写读卡器名称或其一部分）：卡片当场证明不是复制。
    /// ¦ Verifies the card on a reader (its name or a part of it): the card proves that it is no copy.
    #[arg(long, value_name = "READER", num_args = 0..=1, default_missing_value = "")]
    card: Option<String>,
    #[command(flatten)]
    card_options: CardOptions,
    #[command(flatten)]
    trust: TrustFiles,
    /// 用途；不写则只问真伪和效力。 ¦ What for; without it only whether it is genuine and in force.
    #[arg(long, value_parser = purposes())]
    purpose: Option<Purpose>,
    /// 地区代码（0、2、4 或 6 位），例如 220104。 ¦ Where: a region code of 0, 2, 4 or 6 digits, such as 220104.
    #[arg(long, value_name = "REGION", value_parser = region)]
    place: Option<Region>,
    /// 按此时间判断（RFC 3339）；默认现在。 ¦ Judge as of this time (RFC 3339); else now.
    #[arg(long, value_name = "RFC3339", value_parser = crate::time::parse)]
    at: Option<UnixTime>,
    /// 接受过期的核验包，最多这么旧：90m、24h、7d。 ¦ Accept an out-of-date bundle up to this age: 90m, 24h, 7d.
    #[arg(long, value_name = "AGE", value_parser = crate::time::parse_age)]
    accept_stale: Option<u64>,
    /// 每行输出一个 JSON 对象。 ¦ Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let bundle = self.trust.open()?;
        if let Some(reader) = &self.card {
            return self.verify_card(reader, &bundle, output);
        }
        let sources = Source::of_arguments(&self.inputs);
        let progress = output.progress(sources.len());
        let mut tally = Tally::default();
        for group in groups(&sources) {
            let read = read_all(group, |input| {
                let judged = self.judge(&input, &bundle);
                tally.count(&judged.verdict);
                let about = About { label: &input.label, card: None };
                progress.suspend(|| self.report(about, &judged, output))
            });
            read?;
            progress.inc(group.len() as u64);
        }
        progress.finish_and_clear();
        if !self.json && tally.all() > 1 {
            output.line(tally.say(output))?;
        }
        Ok(tally.exit())
    }

    /// The pass with its proof, then, behind the PIN, the certificate: a verdict each.
    fn verify_card(
        &self,
        reader: &str,
        bundle: &Result<Bundle, Refusal>,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let mut tally = Tally::default();
        let shown = self.card_options.read(reader, output)?;
        for one in &shown.seen {
            let judged = match &one.found {
                Ok(signed) => judge_bytes(&signed.bytes, bundle, &self.check(signed.possession())),
                Err(verdict) => Judged::without_bytes(*verdict, bundle, self.now()),
            };
            tally.count(&judged.verdict);
            let about = About { label: &one.label, card: one.card.as_ref() };
            self.report(about, &judged, output)?;
        }
        Ok(tally.exit())
    }

    fn judge(&self, input: &Input, bundle: &Result<Bundle, Refusal>) -> Judged {
        judge(input, bundle, &self.check(Possession::StaticCode))
    }

    fn now(&self) -> UnixTime {
        self.at.unwrap_or_else(edge::now)
    }

    fn check<'c>(&self, possession: Possession<'c>) -> Check<'c> {
        let staleness = match self.accept_stale {
            Some(at_most_seconds) => Staleness::AcceptStale { at_most_seconds },
            None => Staleness::RefuseStale,
        };
        let unconfirmed = if self.trust.demo { Unconfirmed::Demo } else { Unconfirmed::Refuse };
        let (purpose, place, now) = (self.purpose, self.place, self.now());
        Check { purpose, place, now, staleness, unconfirmed, possession }
    }

    fn report(&self, about: About<'_>, judged: &Judged, output: &mut Output) -> Result<(), Error> {
        if self.json {
            return output.json(&report::Line::new(about, judged, self.purpose, self.place, self.trust.demo));
        }
        report::for_people(about, judged, self.trust.demo, output)
    }
}

/// How many of each.
#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    unreadable: usize,
}

impl Tally {
    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Accepted(_) => self.accepted += 1,
            Verdict::Refused(_) => self.refused += 1,
            Verdict::Unreadable(_) => self.unreadable += 1,
        }
    }

    fn all(&self) -> usize {
        self.accepted + self.refused + self.unreadable
    }

    fn exit(&self) -> Exit {
        match self {
            Self { unreadable: 1.., .. } => Exit::Unreadable,
            Self { refused: 1.., .. } => Exit::Refused,
            _ => Exit::Good,
        }
    }

    fn say(&self, output: &Output) -> String {
        let Self { accepted, refused, unreadable } = self;
        say!(
            output.language(),
            "共 {}：有效 {accepted}，拒绝 {refused}，无法读取 {unreadable}。",
            "{} in all: {accepted} accepted, {refused} refused, {unreadable} not readable.",
            self.all()
        )
    }
}

/// Files are read side by side, as many as there are processors; standard input alone, as it comes.
fn groups(sources: &[Source]) -> impl Iterator<Item = &[Source]> {
    let side_by_side = thread::available_parallelism().map_or(1, usize::from);
    let alike = |a: &Source, b: &Source| !matches!(a, Source::Stdin) && !matches!(b, Source::Stdin);
    sources.chunk_by(alike).flat_map(move |alike| alike.chunks(side_by_side))
}

/// Reads a group and hands out what it holds, in its order.
fn read_all(group: &[Source], mut take: impl FnMut(Input) -> Result<(), Error>) -> Result<(), Error> {
    if let [only] = group {
        return only.read(take);
    }
    let read = |source: &Source| {
        let mut inputs = Vec::new();
        let collect = |input| -> Result<(), std::convert::Infallible> {
            inputs.push(input);
            Ok(())
        };
        let Ok(()) = source.read(collect);
        inputs
    };
    let all: Vec<Vec<Input>> = thread::scope(|scope| {
        let running: Vec<_> = group.iter().map(|source| scope.spawn(move || read(source))).collect();
        running.into_iter().map(|one| one.join().unwrap_or_default()).collect()
    });
    all.into_iter().flatten().try_for_each(&mut take)
}

fn purposes() -> impl TypedValueParser<Value = Purpose> {
    let names = Purpose::ALL.iter().map(|purpose| PossibleValue::new(purpose.name()).help(purpose.zh()));
    PossibleValuesParser::new(names).try_map(|name| Purpose::from_name(&name).ok_or("purpose"))
}

fn region(text: &str) -> Result<Region, credential::Malformed> {
    Region::parse(text)
}

const EXAMPLES: &str = "\
退出码：0 全部有效；1 至少一份被拒绝；2 至少一份无法读取，或用法有误。\n\
例：\n  \
  zhengka verify 照片.jpg\n  \
  zhengka verify --purpose transit --place 2201 DC1:0123…\n  \
  zhengka verify --bundle 核验包.dcb --root 根.dcr --state 状态/ --json 文件夹/\n  \
  扫码枪 | zhengka verify --json -\n  \
  zhengka verify --card --pin --photo-out 照片.jpg\
 ¦ \
Exit codes: 0 all accepted; 1 at least one refused; 2 at least one not readable, or wrong usage.\n\
Examples:\n  \
  zhengka verify photo.jpg\n  \
  zhengka verify --purpose transit --place 2201 DC1:0123...\n  \
  zhengka verify --bundle bundle.dcb --root root.dcr --state state/ --json folder/\n  \
  scanner | zhengka verify --json -\n  \
  zhengka verify --card --pin --photo-out photo.jpg";
