//! The vectors of tests/vectors/credential: the files are what the stories make,
//! and the verifier answers each file with its first line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use credential::UnixTime;
use credential::cbor::Reader;
use credential::certificate::Certificate;
use credential::pass::Pass;
use credential::purpose::Purpose;
use credential::region::Region;
use credential::status_list::{StatusIndex, StatusList};
use credential::time::Date;
use credential::trust_list::RootSet;
use tests::authority::{certificate, pass};
use tests::seeds;
use tests::vectors::{files, folder};
use verifier::policy::Unconfirmed;
use verifier::{Bundle, Check, Possession, Refusal, Staleness, State, read_qr_text, verify};

#[test]
fn the_files_are_what_the_stories_make() {
    let made = files();
    let there = text_files(folder());
    let names = |of: &BTreeMap<PathBuf, String>| of.keys().cloned().collect::<BTreeSet<_>>();
    let either: Vec<_> = names(&there).symmetric_difference(&names(&made)).cloned().collect();
    assert!(either.is_empty(), "missing or left over: {either:?}; {REWRITE}");
    for (path, content) in &made {
        assert!(there[path] == *content, "{} differs; {REWRITE}", path.display());
    }
}

#[test]
fn the_seeds_of_the_fuzz_targets_are_what_is_made() {
    for (path, made) in seeds::files() {
        let there = fs::read(seeds::folder().join(&path));
        assert!(there.is_ok_and(|there| there == made), "{}: {REWRITE}", path.display());
    }
}

#[test]
#[ignore = "rewrites the files"]
fn rewrite_the_vectors() {
    for (path, content) in seeds::files() {
        let path = seeds::folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    for old in text_files(folder()).keys() {
        fs::remove_file(folder().join(old)).unwrap();
    }
    for (path, content) in files() {
        let path = folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

const REWRITE: &str = "to rewrite the files: cargo test -p tests --test it -- --ignored rewrite_the_vectors";

#[test]
fn the_verifier_answers_each_file_with_its_first_line() {
    let mut wrong = vec![];
    for (path, content) in stories() {
        let story = Story::parse(&content);
        let verdict = story.verdict();
        if verdict != story.expected {
            wrong.push(format!("{}: {verdict}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_refusal_that_bytes_can_cause_has_a_file() {
    let told: BTreeSet<String> =
        stories().values().map(|content| content.lines().next().unwrap().to_owned()).collect();
    // Counted, timed and stored things: the gate's and the caller's refusals.
    let by_callers =
        [Refusal::QuotaUsed, Refusal::PresentationTooOld, Refusal::Replayed, Refusal::BundleMissing];
    for refusal in Refusal::ALL.iter().filter(|refusal| !by_callers.contains(refusal)) {
        assert!(told.contains(&format!("refuse {refusal}")), "no file for {refusal}");
    }
}

/// Taken apart whole, so that a new field does not compile until it is named here, and then wants its file.
#[test]
fn every_signed_field_of_a_credential_has_a_file_in_which_it_was_altered() {
    let Certificate {
        expires: _,
        issued: _,
        name: _,
        birth_date: _,
        guardian: _,
        photo: _,
        document: _,
        components: _,
        county: _,
        status: _,
        reissue: _,
    } = certificate();
    let of_certificate = [
        "exp",
        "iat",
        "name",
        "birth_date",
        "guardian",
        "photo",
        "document",
        "number",
        "level",
        "category",
        "county",
        "status_index",
        "reissue",
    ];
    let Pass { expires: _, holder_key: _, jurisdiction: _, grants: _, status: _ } = pass();
    let of_pass = ["exp", "cnf", "jurisdiction", "grants", "status_index"];
    let stories = stories();
    let fields = of_certificate.map(|field| format!("certificate_{field}")).into_iter();
    for field in fields.chain(of_pass.map(|field| format!("pass_{field}"))) {
        let path = PathBuf::from(format!("refuse/23_{field}_altered.txt"));
        let first = stories.get(&path).and_then(|content| content.lines().next());
        assert_eq!(first, Some(&*format!("refuse {}", Refusal::BadSignature)), "{}", path.display());
    }
}

fn stories() -> BTreeMap<PathBuf, String> {
    text_files(folder())
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "txt"))
        .collect()
}

/// Every vector file under the folder by its path inside it; the README and what other formats need are not ours.
fn text_files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for kind in ["accept", "refuse", "bundle"] {
        let Ok(entries) = fs::read_dir(folder.join(kind)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let content = fs::read_to_string(&path).unwrap();
            files.insert(Path::new(kind).join(path.file_name().unwrap()), content);
        }
    }
    files
}

/// A file, read as the README says, without the code that wrote it.
struct Story<'f> {
    expected: &'f str,
    fields: Vec<(&'f str, &'f str)>,
}

impl<'f> Story<'f> {
    fn parse(content: &'f str) -> Self {
        let mut lines = content.lines();
        let expected = lines.next().unwrap();
        let fields = lines.filter(|line| !line.starts_with('#')).map(|line| line.split_once(": ").unwrap());
        Self { expected, fields: fields.collect() }
    }

    fn verdict(&self) -> String {
        self.answer().unwrap_or_else(|refusal| format!("refuse {refusal}"))
    }

    fn answer(&self) -> Result<String, Refusal> {
        let root = RootSet::from_slice(&unhex(self.field("root").unwrap())).unwrap();
        let mut state = State::pinned(root);
        for earlier in self.fields.iter().filter(|(name, _)| *name == "before") {
            Bundle::install(&bundle(earlier.1), &mut state).expect("an earlier bundle installs");
        }
        let bundle = Bundle::install(&bundle(self.field("bundle").unwrap()), &mut state)?;
        let Some(now) = self.field("now") else { return Ok("accept bundle".into()) };
        let bytes = match (self.field("text"), self.field("hex")) {
            (Some(text), None) => {
                read_qr_text(&serde_json::from_str::<String>(text).unwrap())?.as_bytes().to_vec()
            }
            (None, Some(hex)) => unhex(hex),
            _ => panic!("either text or hex"),
        };
        let proof = self.field("proof_message").map(|message| {
            let signature: [u8; 64] = unhex(self.field("proof_signature").unwrap()).try_into().unwrap();
            (unhex(message), signature)
        });
        let check = Check {
            purpose: self.named("purpose").map(|name| Purpose::from_name(name).unwrap()),
            place: self.named("place").map(|code| Region::parse(code).unwrap()),
            now: time(now),
            staleness: self.staleness(),
            unconfirmed: Unconfirmed::Refuse,
            possession: match &proof {
                Some((message, signature)) => Possession::Signed { message, signature },
                None => Possession::StaticCode,
            },
        };
        verify(&bytes, &bundle, &check).map(|accepted| format!("accept {}", accepted.kind))
    }

    fn staleness(&self) -> Staleness {
        match self.field("stale").unwrap().split_once(' ') {
            Some(("accept", seconds)) => Staleness::AcceptStale { at_most_seconds: seconds.parse().unwrap() },
            _ => Staleness::RefuseStale,
        }
    }

    fn field(&self, name: &str) -> Option<&'f str> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value)
    }

    fn named(&self, name: &str) -> Option<&'f str> {
        self.field(name).filter(|value| *value != "none")
    }
}

fn bundle(path: &str) -> Vec<u8> {
    unhex(fs::read_to_string(folder().join(path)).unwrap().trim_end())
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// `2026-11-24T06:00:00Z`.
fn time(text: &str) -> UnixTime {
    let (date, clock) = text.strip_suffix('Z').unwrap().split_once('T').unwrap();
    let units: Vec<u64> = clock.split(':').map(|unit| unit.parse().unwrap()).collect();
    let days = Date::parse(date).unwrap().to_days();
    UnixTime::from_seconds(days * 86_400 + units[0] * 3600 + units[1] * 60 + units[2])
}

#[test]
fn the_status_lists_of_the_standard_are_read_and_broken_ones_refused() {
    let lists = folder().parent().unwrap().join("status_list");
    for (path, content) in text_files(&lists) {
        let story = Story::parse(&content);
        let limit = story.field("length").unwrap().parse().unwrap();
        let bytes = unhex(story.field("hex").unwrap());
        let read = Reader::whole(&bytes, |reader| StatusList::read(reader, limit));
        assert_eq!(read.is_ok(), story.expected == "accept status-list", "{}", path.display());
        let Ok(list) = read else { continue };
        assert_eq!((list.bits() as u8).to_string(), story.field("bits").unwrap());
        assert_eq!(list.packed().len(), limit);
        let mut named: BTreeMap<u32, u8> = BTreeMap::new();
        for entry in story.field("entries").unwrap().split(' ') {
            let (index, status) = entry.split_once('=').unwrap();
            named.insert(index.parse().unwrap(), status.parse().unwrap());
        }
        for index in 0..u32::try_from(list.capacity()).unwrap() {
            let status = list.get(StatusIndex::new(index)).unwrap();
            assert_eq!(status as u8, named.get(&index).copied().unwrap_or(0), "{} {index}", path.display());
        }
    }
}
