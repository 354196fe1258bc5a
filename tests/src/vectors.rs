//! The vectors of tests/vectors/credential: one file a story, the expected outcome in its first line.
//! They are made here from the invented authority; the README beside them describes the format for other languages.

mod accepted;
mod altered;
mod bundles;
mod envelope;
mod malformed;
mod policies;
mod refused;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use credential::purpose::Purpose;
use credential::qr_text::QrText;
use credential::region::Region;
use credential::trust_list::RootSet;
use credential::{UnixTime, number::CertificateNumber};
use verifier::policy::Unconfirmed;
use verifier::{Accepted, Bundle, Check, Facts, Possession, Refusal, Staleness, State, verify};

use crate::authority::{Authority, NOW};

/// One story.
pub struct Vector {
    name: String,
    expected: Expected,
    about: &'static str,
    root: RootSet,
    before: Vec<BundleFile>,
    bundle: BundleFile,
    shown: Option<Shown>,
}

/// What the verifier must answer.
#[derive(Clone, Copy)]
enum Expected {
    Accept,
    Refuse(Refusal),
}

/// A bundle that several stories may use; its file is bundle/NAME.hex.
#[derive(Clone)]
struct BundleFile {
    name: String,
    bytes: Vec<u8>,
}

/// What is shown to the verifier after the bundle was installed.
#[derive(Clone)]
struct Shown {
    input: Input,
    now: UnixTime,
    purpose: Option<Purpose>,
    place: Option<Region>,
    staleness: Staleness,
    proof: Option<(Vec<u8>, [u8; 64])>,
}

#[derive(Clone)]
enum Input {
    Text(String),
    Bytes(Vec<u8>),
}

/// An authority and the name of its bundle.
struct Setting {
    name: &'static str,
    authority: Authority,
}

/// Every file of the folder with its content, by its path inside the folder.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for vector in all() {
        for bundle in vector.before.iter().chain([&vector.bundle]) {
            let path = PathBuf::from(bundle.path());
            let content = format!("{}\n", hex::encode(&bundle.bytes));
            let before = files.insert(path, content.clone());
            assert!(before.is_none_or(|before| before == content), "two bundles are called {}", bundle.name);
        }
        let before = files.insert(vector.path(), vector.to_text());
        assert!(before.is_none(), "two stories are called {}", vector.name);
    }
    files
}

/// Where the files are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/credential"))
}

/// An authority whose bundle has a policy pack with several rules.
#[must_use]
pub fn fares() -> Authority {
    policies::fares().authority
}

fn all() -> impl Iterator<Item = Vector> {
    let parts =
        [accepted::all(), refused::all(), altered::all(), malformed::all(), bundles::all(), policies::all()];
    parts.into_iter().flatten()
}

impl Vector {
    fn path(&self) -> PathBuf {
        match self.expected {
            Expected::Accept => format!("accept/{}.txt", self.name).into(),
            Expected::Refuse(refusal) => format!("refuse/{}_{}.txt", refusal.number(), self.name).into(),
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |line: String| writeln!(text, "{line}").expect("a string grows");
        let (Expected::Accept, Some(shown)) = (self.expected, &self.shown) else {
            line(match self.expected {
                Expected::Accept => "accept bundle".into(),
                Expected::Refuse(refusal) => format!("refuse {refusal}"),
            });
            self.write_question(&mut line);
            return text;
        };
        let bundle = self.install().expect("the bundle of an accepted credential installs");
        let bytes = shown.bytes();
        let accepted = verify(&bytes, &bundle, &shown.check()).expect("an accepted credential is accepted");
        line(format!("accept {}", accepted.kind));
        self.write_question(&mut line);
        write_answer(&accepted, line);
        text
    }

    fn write_question(&self, line: &mut impl FnMut(String)) {
        line(format!("# {}", self.about));
        line(
            "# Made by tests/src/vectors.rs: invented people, keys from fixed seeds, a hand-set time.".into(),
        );
        line(format!("root: {}", hex::encode(self.root.to_bytes())));
        self.before.iter().for_each(|bundle| line(format!("before: {}", bundle.path())));
        line(format!("bundle: {}", self.bundle.path()));
        if let Some(shown) = &self.shown {
            shown.write(line);
        }
    }

    fn install(&self) -> Result<Bundle, Refusal> {
        let mut state = State::pinned(self.root.clone());
        for earlier in &self.before {
            Bundle::install(&earlier.bytes, &mut state)?;
        }
        Bundle::install(&self.bundle.bytes, &mut state)
    }
}

/// What the verdict says, for the other language to compare.
fn write_answer(accepted: &Accepted<'_>, mut line: impl FnMut(String)) {
    line(format!("kid: {}", accepted.kid));
    line(format!("status_index: {}", accepted.status.as_u32()));
    line(format!("expires: {}", accepted.expires));
    line(format!("possession_proven: {}", accepted.possession_proven));
    line(format!("bundle_age_seconds: {}", accepted.bundle_age_seconds));
    if let Some(award) = &accepted.award {
        line(format!("award: {} {}", award.pack, award.version));
        let grants: Vec<String> =
            award.benefit.grants.iter().map(|grant| grant.number().to_string()).collect();
        line(format!("award_grants: {}", grants.join(" ")));
    }
    match &accepted.facts {
        Facts::Pass { jurisdiction, grants } => {
            line(format!("jurisdiction: {jurisdiction}"));
            let grants: Vec<String> = grants.iter().map(|grant| grant.number().to_string()).collect();
            line(format!("grants: {}", grants.join(" ")));
        }
        Facts::Holder { name } => line(format!("name: {name}")),
        Facts::Office(certificate) => {
            line(format!("name: {}", certificate.name));
            let number = certificate.number().map(CertificateNumber::expose);
            line(format!("number: {}", number.as_deref().unwrap_or("none")));
            let components = certificate.components.as_slice().iter().map(|c| c.code().to_string());
            line(format!("components: {}", components.collect::<Vec<_>>().join(" ")));
            line(format!("county: {}", certificate.county));
        }
    }
}

impl Shown {
    fn write(&self, line: &mut impl FnMut(String)) {
        let Self { input, now, purpose, place, staleness, proof } = self;
        line(format!("now: {now}"));
        line(format!("purpose: {}", purpose.map_or("none", Purpose::name)));
        line(format!("place: {}", place.map_or_else(|| "none".into(), |place| place.to_string())));
        line(match staleness {
            Staleness::RefuseStale => "stale: refuse".into(),
            Staleness::AcceptStale { at_most_seconds } => format!("stale: accept {at_most_seconds}"),
        });
        if let Some((message, signature)) = proof {
            line(format!("proof_message: {}", hex::encode(message)));
            line(format!("proof_signature: {}", hex::encode(signature)));
        }
        match input {
            // Of what JSON and Rust escape, only CR and LF occur.
            Input::Text(text) => line(format!("text: {text:?}")),
            Input::Bytes(bytes) => line(format!("hex: {}", hex::encode(bytes))),
        }
    }

    fn check(&self) -> Check<'_> {
        let possession = match &self.proof {
            Some((message, signature)) => Possession::Signed { message, signature },
            None => Possession::StaticCode,
        };
        let Self { now, purpose, place, staleness, .. } = *self;
        Check { purpose, place, now, staleness, unconfirmed: Unconfirmed::Refuse, possession }
    }

    fn bytes(&self) -> Vec<u8> {
        match &self.input {
            Input::Text(text) => QrText::parse(text).expect("a text that reads").as_bytes().to_vec(),
            Input::Bytes(bytes) => bytes.clone(),
        }
    }
}

impl BundleFile {
    fn path(&self) -> String {
        format!("bundle/{}.hex", self.name)
    }
}

// The words that the stories are told with.

impl Setting {
    fn standard() -> Self {
        Self { name: "standard", authority: Authority::new() }
    }

    fn changed(name: &'static str, change: impl FnOnce(&mut Authority)) -> Self {
        Self { name, authority: Authority::new().with(change) }
    }

    fn bundle(&self) -> BundleFile {
        BundleFile { name: self.name.into(), bytes: self.authority.bundle() }
    }

    /// Somebody shows these bytes.
    fn shown(&self, bytes: Vec<u8>) -> Question {
        self.asked(Input::Bytes(bytes))
    }

    /// Somebody shows a code with this text.
    fn scanned(&self, text: impl Into<String>) -> Question {
        self.asked(Input::Text(text.into()))
    }

    fn asked(&self, input: Input) -> Question {
        let staleness = Staleness::RefuseStale;
        let shown = Shown { input, now: NOW, purpose: None, place: None, staleness, proof: None };
        Question { root: self.authority.trust.roots.clone(), bundle: self.bundle(), shown }
    }
}

/// A story without its outcome.
struct Question {
    root: RootSet,
    bundle: BundleFile,
    shown: Shown,
}

impl Question {
    fn at(mut self, now: UnixTime) -> Self {
        self.shown.now = now;
        self
    }

    fn asking(mut self, purpose: Purpose) -> Self {
        self.shown.purpose = Some(purpose);
        self
    }

    fn in_place(mut self, place: Region) -> Self {
        self.shown.place = Some(place);
        self
    }

    fn stale_at_most(mut self, at_most_seconds: u64) -> Self {
        self.shown.staleness = Staleness::AcceptStale { at_most_seconds };
        self
    }

    fn proving(mut self, message: &[u8], signature: [u8; 64]) -> Self {
        self.shown.proof = Some((message.to_vec(), signature));
        self
    }

    fn accept(self, name: impl Into<String>, about: &'static str) -> Vector {
        self.outcome(name.into(), about, Expected::Accept)
    }

    fn refuse(self, refusal: Refusal, name: impl Into<String>, about: &'static str) -> Vector {
        self.outcome(name.into(), about, Expected::Refuse(refusal))
    }

    fn outcome(self, name: String, about: &'static str, expected: Expected) -> Vector {
        let Self { root, bundle, shown } = self;
        Vector { name, expected, about, root, before: vec![], bundle, shown: Some(shown) }
    }
}
