//! Where fuzzing starts from: honest inputs of each target in tests/fuzz, by its path in tests/fuzz/seeds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use credential::bundle::Bundle as Parts;
use credential::certificate::{Certificate, Document, Photo};
use credential::delta::Delta;
use credential::number::Reissue;
use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::sign1::{Content, Sign1};
use credential::status_list::{Status, StatusIndex};
use credential::time::Date;
use credential::{cbor::Reader, cbor::Writer};
use verifier::Bundle;

use crate::authority::{Authority, Key, certificate, components, pass};
use crate::vectors::fares;

/// Every file of the folder.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, Vec<u8>> {
    let authority = Authority::new();
    let fares = fares();
    let mut seeds = Seeds::default();
    for (name, payload) in payloads() {
        let bytes = authority.issue(payload.clone());
        seeds.add("qr_text", name, QrText::new(bytes.clone()).to_text().into_bytes());
        seeds.add("sign1", name, bytes.clone());
        seeds.add("bundle", name, bytes);
        seeds.add("insider", name, [&[0], &payload[..]].concat());
        seeds.add("claims", name, payload);
    }
    let link = QrText::new(authority.issue(pass().encode())).to_link("zhengka.example");
    seeds.add("qr_text", "link", format!(" {link}\r\n").into_bytes());

    let file = fares.bundle();
    let parts = Parts::parse(&file).expect("our own");
    let payload = |bytes, content| Sign1::parse(bytes, content).expect("our own").payload().to_vec();
    let snapshot = payload(parts.snapshot, Content::Snapshot);
    let status = payload(parts.status_lists[0], Content::StatusList);
    let policy = payload(parts.policies[0], Content::Policy);
    seeds.add("sign1", "snapshot", parts.snapshot.to_vec());
    seeds.add("sign1", "status", parts.status_lists[0].to_vec());
    seeds.add("sign1", "policy", parts.policies[0].to_vec());
    seeds.add("sign1", "trust", parts.trust_list.to_vec());
    seeds.add("lists", "snapshot", snapshot.clone());
    seeds.add("lists", "trust", authority.trust.encode());
    seeds.add("lists", "roots", authority.trust.roots.to_bytes());
    seeds.add("status_list", "token", status.clone());
    seeds.add("status_list", "list", authority.status[0].list.write(Writer::new()).finish());
    seeds.add("insider", "trust", [&[1], &authority.trust.encode()[..]].concat());
    seeds.add("insider", "status", [&[2], &status[..]].concat());
    seeds.add("insider", "policy", [&[3], &policy[..]].concat());
    seeds.add("insider", "snapshot", [&[4], &authority.parts().snapshot.encode()[..]].concat());
    seeds.add("policy_pack", "fares", policy);
    seeds.add("bundle", "standard", authority.bundle());
    seeds.add("delta", "daily", daily_delta());
    seeds.add("state", "after_one", state_content(&authority));
    for (name, choice, commands) in CONVERSATIONS {
        let bytes: Vec<Vec<u8>> = commands.iter().map(|hex| hex::decode(hex).expect("hex")).collect();
        seeds.add("apdu", name, bytes[0].clone());
        // Whoever has a channel uses it.
        let through = if choice[1] & 0x03 == 0 { 0 } else { 0x8000 };
        let framed =
            |command: &Vec<u8>| [&(command.len() as u16 | through).to_be_bytes(), &command[..]].concat();
        seeds.add("applet", name, choice.iter().copied().chain(bytes.iter().flat_map(framed)).collect());
    }
    seeds.0
}

/// Where the files are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds"))
}

#[derive(Default)]
struct Seeds(BTreeMap<PathBuf, Vec<u8>>);

impl Seeds {
    fn add(&mut self, target: &str, name: &str, bytes: Vec<u8>) {
        self.0.insert(Path::new(target).join(name), bytes);
    }
}

fn payloads() -> Vec<(&'static str, Vec<u8>)> {
    let full = Certificate {
        guardian: Some("古丽示例"),
        photo: Some(Photo { bytes: &[1, 2, 3], format: 4 }),
        components: components(&[42, 13]),
        reissue: Reissue::Numbered(1),
        ..certificate()
    };
    let foreign = Certificate {
        document: Document::Other("EXAMPLE 12345"),
        birth_date: Date::new(1980, 2, 29),
        ..certificate()
    };
    let bound = Pass { holder_key: Some(Key::named("card").public()), ..pass() };
    vec![
        ("certificate", certificate().encode()),
        ("full", full.encode()),
        ("foreign", foreign.encode()),
        ("pass", pass().encode()),
        ("bound_pass", bound.encode()),
    ]
}

/// From the base that the target `delta` knows.
fn daily_delta() -> Vec<u8> {
    let base = Authority::new().bundle();
    let new = Authority::new().with(|a| {
        a.version = 2;
        for index in [7, 700, 4000] {
            a.set_status(StatusIndex::new(index), Status::Suspended);
        }
    });
    Delta::between(&base, &new.bundle()).expect("two bundles")
}

fn state_content(authority: &Authority) -> Vec<u8> {
    let mut state = authority.pinned();
    Bundle::install(&authority.bundle(), &mut state).expect("an untouched bundle installs");
    let file = state.to_bytes();
    let content = Reader::whole(&file, |reader| {
        reader.array_of(2)?;
        reader.bytes()?;
        reader.bytes()
    });
    content.expect("our own").to_vec()
}

/// A card and who speaks to it, as the target `applet` chooses them; then what is said.
const CONVERSATIONS: &[(&str, [u8; 2], &[&str])] = &[
    ("select", [0, 0], &["00a4040007f044434152440100"]),
    (
        "read",
        [2, 0],
        &[
            "00a4040007f044434152440100",
            "00b0810000",
            "00ca9f7f00",
            "002000010826999999ffffffff",
            "00b0820000",
            "8050300008010203040506070800",
        ],
    ),
    (
        "gate",
        [0x82, 0],
        &[
            "00a4040007f044434152440100",
            "00b0810000",
            "00880000100102030405060708090a0b0c0d0e0f1000",
            "80340000100102030405060708090a0b0c0d0e0f1000",
        ],
    ),
    ("office", [0x82, 0x43], &["00b0820000", "00b0830000", "80cadf3000"]),
    ("nosy_office", [0x82, 0x33], &["00b0820000", "00b0830000"]),
    ("kiosk", [2, 0x42], &["80e2000006dc0403820103", "80e2800107dc200400000004", "002c0301", "80f0409f00"]),
    ("issuer", [1, 0x41], &["0047800000", "80e2800007dc200400000001", "80f0401f00"]),
    ("maker", [0, 0x41], &["80d8000101310000", "80caff2100"]),
    ("ended", [4, 0], &["00a4040007f044434152440100", "00b0860000", "00b0810000"]),
];
