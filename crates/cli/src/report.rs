//! A verdict told: one JSON object a line for programs, a few plain lines for people.
//! The JSON names are public interface; fields that are not known are null.

use credential::Kind;
use credential::grant::Grant;
use credential::policy_pack::Confirmed;
use credential::purpose::Purpose;
use credential::region::Region;
use serde::Serialize;
use verifier::{Award, Refusal};

use crate::card::CardFacts;
use crate::error::Error;
use crate::holder::{Holder, Office};
use crate::next_step::next_step;
use crate::output::{Output, Paint};
use crate::time::say_age;
use crate::verdict::{Claimed, Judged, Shown, Verdict};
use bilingual::{Language, say};

/// What a verdict is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    /// Path, `stdin:3`, `card`.
    pub(crate) label: &'a str,
    /// What a card said beside its pass.
    pub(crate) card: Option<&'a CardFacts>,
}

/// The line of one input.
#[derive(Serialize)]
pub(crate) struct Line<'a> {
    input: &'a str,
    verdict: &'static str,
    refusal: Option<Named>,
    unreadable: Option<&'static str>,
    message: Message,
    kind: Option<String>,
    kid: Option<String>,
    status_index: Option<u32>,
    bundle_age_seconds: Option<u64>,
    bytes: Option<usize>,
    modules: Option<u32>,
    expires: Option<String>,
    jurisdiction: Option<String>,
    grants: Option<Vec<&'static str>>,
    holder: Option<&'a Holder>,
    award: Option<Awarded<'a>>,
    possession_proven: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<&'a CardFacts>,
    purpose: Option<&'static str>,
    place: Option<String>,
    demo: bool,
}

#[derive(Serialize)]
struct Named {
    number: u8,
    name: &'static str,
}

/// What a policy pack awards, and on whose word.
#[derive(Serialize)]
struct Awarded<'a> {
    pack: &'a str,
    version: u32,
    confirmed: bool,
    document: &'a str,
    article: &'a str,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    zh: String,
    en: String,
}

impl<'a> Line<'a> {
    pub(crate) fn new(
        about: About<'a>,
        judged: &'a Judged,
        purpose: Option<Purpose>,
        place: Option<Region>,
        demo: bool,
    ) -> Self {
        let Judged { verdict, bytes, modules, claimed, bundle_age_seconds } = judged;
        let shown = match verdict {
            Verdict::Accepted(shown) => Some(shown),
            _ => None,
        };
        let message = |language| match verdict {
            Verdict::Accepted(_) => say!(language, "有效。", "Accepted."),
            Verdict::Refused(refusal) => language.pick(refusal.zh(), refusal.en()).to_owned(),
            Verdict::Unreadable(why) => why.say(language),
        };
        let is_pass = claimed.is_some_and(|claimed| claimed.kind == Kind::Pass);
        Self {
            input: about.label,
            verdict: match verdict {
                Verdict::Accepted(_) => "accepted",
                Verdict::Refused(_) => "refused",
                Verdict::Unreadable(_) => "unreadable",
            },
            refusal: match verdict {
                Verdict::Refused(refusal) => Some(Named { number: refusal.number(), name: refusal.name() }),
                _ => None,
            },
            unreadable: match verdict {
                Verdict::Unreadable(why) => Some(why.name()),
                _ => None,
            },
            message: Message { zh: message(Language::Zh), en: message(Language::En) },
            kind: claimed.map(|claimed| claimed.kind.to_string()),
            kid: claimed.map(|claimed| claimed.kid.to_string()),
            status_index: claimed.map(|claimed| claimed.status_index),
            bundle_age_seconds: *bundle_age_seconds,
            bytes: *bytes,
            modules: *modules,
            expires: shown.map(|shown| shown.expires.to_string()),
            jurisdiction: shown.and_then(|shown| shown.jurisdiction).map(|region| region.to_string()),
            grants: shown
                .filter(|_| is_pass)
                .map(|shown| shown.grants.iter().map(|grant| grant.name()).collect()),
            holder: shown.and_then(|shown| shown.holder.as_ref()),
            award: shown.and_then(|shown| shown.award.as_ref()).map(Awarded::new),
            possession_proven: shown.map(|shown| shown.possession_proven),
            card: about.card,
            purpose: purpose.map(Purpose::name),
            place: place.map(|place| place.to_string()),
            demo,
        }
    }
}

impl<'a> Awarded<'a> {
    fn new(award: &'a Award) -> Self {
        Self {
            pack: &award.pack,
            version: award.version.as_u32(),
            confirmed: award.confirmed == Confirmed::Yes,
            document: &award.citation.document,
            article: &award.citation.article,
            message: Message { zh: award.zh().to_string(), en: award.en().to_string() },
        }
    }
}

/// The big word first, then why, then what to do.
pub(crate) fn for_people(
    about: About<'_>,
    judged: &Judged,
    demo: bool,
    output: &mut Output,
) -> Result<(), Error> {
    let language = output.language();
    let (paint, word) = match &judged.verdict {
        Verdict::Accepted(_) => (Paint::Good, language.pick("✔ 有效", "✔ ACCEPTED")),
        Verdict::Refused(_) => (Paint::Bad, language.pick("✘ 拒绝", "✘ REFUSED")),
        Verdict::Unreadable(_) => (Paint::Careful, language.pick("? 无法读取", "? NOT READABLE")),
    };
    let demo = if demo { language.pick("  [演示 DEMO]", "  [DEMO]") } else { "" };
    output.line(format_args!("{}  {}{demo}", output.painted(paint, word), about.label))?;
    match &judged.verdict {
        Verdict::Accepted(shown) => accepted(shown, judged, output),
        Verdict::Refused(refusal) => refused(*refusal, judged, output),
        Verdict::Unreadable(why) => output.line(format_args!("    {}", why.say(language))),
    }?;
    match about.card {
        Some(card) => card.for_people(output),
        None => Ok(()),
    }
}

fn accepted(shown: &Shown, judged: &Judged, output: &mut Output) -> Result<(), Error> {
    let language = output.language();
    let kind = judged.claimed.map(|claimed| kind_name(claimed.kind, language)).unwrap_or_default();
    let expires = shown.expires.date_in_china();
    let mut facts = vec![kind.to_owned(), say!(language, "有效期至 {expires}", "until {expires}")];
    if let Some(region) = shown.jurisdiction {
        facts.push(say!(language, "地区 {region}", "region {region}"));
    }
    output.line(format_args!("    {}", facts.join(" · ")))?;
    if !shown.grants.is_empty() {
        let names: Vec<&str> = shown.grants.iter().map(|grant| grant_name(*grant, language)).collect();
        output.line(format_args!("    {}", names.join(language.pick("；", "; "))))?;
    }
    if let Some(award) = &shown.award {
        output.line(format_args!("    {}", language.pick(award.zh().to_string(), award.en().to_string())))?;
    }
    if let Some(holder) = &shown.holder {
        output.line(say!(language, "    持证人：{}", "    Holder: {}", holder.name))?;
        if let Some(office) = &holder.office {
            for fact in office_facts(office, language) {
                output.line(format_args!("    {fact}"))?;
            }
        }
    }
    if !shown.possession_proven {
        let hint = say!(
            language,
            "静态码可能是复印件：请核对姓名、照片或证件原件。",
            "A static code may be a copy: compare the name, the photo or the original document."
        );
        output.line(format_args!("    {}", output.painted(Paint::Careful, &hint)))?;
    }
    age(judged, output)
}

fn refused(refusal: Refusal, judged: &Judged, output: &mut Output) -> Result<(), Error> {
    let language = output.language();
    let why = language.pick(refusal.zh(), refusal.en());
    output.line(say!(language, "    {why}（{refusal}）", "    {why} ({refusal})"))?;
    output.line(say!(language, "    下一步：{}", "    Next: {}", next_step(refusal, language)))?;
    if let Some(Claimed { kid, kind, status_index }) = judged.claimed {
        let kind = kind_name(kind, language);
        let line = say!(
            language,
            "{kind} · 密钥 {kid} · 序号 {status_index}",
            "{kind} · key {kid} · index {status_index}"
        );
        output.line(format_args!("    {}", output.painted(Paint::Faint, &line)))?;
    }
    age(judged, output)
}

fn age(judged: &Judged, output: &mut Output) -> Result<(), Error> {
    let Some(seconds) = judged.bundle_age_seconds else { return Ok(()) };
    let language = output.language();
    let age = say_age(seconds, language);
    let line = say!(language, "核验包签发于 {age}前", "The bundle is {age} old");
    output.line(format_args!("    {}", output.painted(Paint::Faint, &line)))
}

fn office_facts(office: &Office, language: Language) -> Vec<String> {
    let components: Vec<&str> =
        office.components.iter().map(|part| language.pick(part.zh.as_str(), part.en.as_str())).collect();
    let document = office.number.as_ref().or(office.other_document.as_ref());
    [
        document.map(|document| say!(language, "证号：{document}", "Number: {document}")),
        Some(say!(language, "类别等级：{}", "Assessed: {}", components.join(language.pick("、", ", ")))),
        Some(say!(language, "出生日期：{}", "Born: {}", office.birth_date)),
        office.guardian.as_ref().map(|guardian| say!(language, "监护人：{guardian}", "Guardian: {guardian}")),
        Some(say!(language, "签发日期：{}", "Issued: {}", office.issued)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn grant_name(grant: Grant, language: Language) -> &'static str {
    language.pick(grant.zh(), grant.en())
}

fn kind_name(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::Certificate => language.pick("残疾人证", "certificate"),
        Kind::Pass => language.pick("通行凭证", "pass"),
    }
}
