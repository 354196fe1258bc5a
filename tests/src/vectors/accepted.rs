//! Credentials that every implementation accepts.

use credential::certificate::{Certificate, Document, Photo};
use credential::grant::Grant;
use credential::number::Reissue;
use credential::pass::Pass;
use credential::purpose::Purpose;
use credential::qr_text::QrText;
use credential::status_list::{Bits, StatusIndex, StatusList};
use credential::time::Date;
use credential::trust_list::KeyState;

use super::envelope::Envelope;
use super::{Setting, Vector};
use crate::authority::{DAY, Key, NOW, SIGNED, certificate, components, pass, region};

pub(super) fn all() -> Vec<Vector> {
    [certificates(), passes(), settings()].into_iter().flatten().collect()
}

fn certificates() -> Vec<Vector> {
    let standard = Setting::standard();
    let shown = |certificate: Certificate<'_>| {
        standard.shown(standard.authority.issue(certificate.encode())).asking(Purpose::Office)
    };
    let code = QrText::new(standard.authority.issue(certificate().encode()));
    let full = Certificate {
        name: "阿卜杜热合曼·示例艾力",
        guardian: Some("古丽示例"),
        photo: Some(Photo { bytes: &[0x52, 0x49, 0x46, 0x46], format: 4 }),
        components: components(&[51, 13, 42]),
        reissue: Reissue::Numbered(12),
        ..certificate()
    };
    let foreign = Certificate {
        document: Document::Other("EXAMPLE 12345"),
        birth_date: Date::new(1980, 2, 29),
        reissue: Reissue::Unnumbered,
        ..certificate()
    };
    let farthest = Certificate { status: StatusIndex::new(4095), ..certificate() };
    vec![
        standard.scanned(code.to_text()).accept(
            "certificate_without_purpose",
            "Without a purpose a certificate shows the name and nothing else.",
        ),
        standard.scanned(code.to_link("zhengka.example")).asking(Purpose::Office).accept(
            "certificate_as_link",
            "The text of a printed code is a link; the digits stand in its fragment.",
        ),
        standard
            .scanned(format!("  {}\r\n", code.to_text().to_lowercase()))
            .accept("certificate_as_scanned", "What scanners add, and a lower-case scheme, is tolerated."),
        shown(certificate()).accept("certificate_at_office", "An office sees all of it."),
        shown(full).accept(
            "certificate_with_everything",
            "Guardian, photo, three components (category 7 on the face), the twelfth replacement.",
        ),
        shown(foreign).accept(
            "certificate_of_other_document",
            "No identity number: the birth date stands in the claims, and a bare B follows the number.",
        ),
        shown(farthest).accept("last_status_index", "The last index that the status list has."),
    ]
}

fn passes() -> Vec<Vector> {
    let standard = Setting::standard();
    let shown = |pass: Pass| standard.shown(standard.authority.issue(pass.encode()));
    let wide = Pass {
        grants: vec![Grant::TransitReduced, Grant::CompanionOne, Grant::ParkFree, Grant::RailSeat],
        ..pass()
    };
    let county = Pass { jurisdiction: region(220_104), ..pass() };
    let card = Key::named("card");
    let bound = Pass { holder_key: Some(card.public()), ..pass() };
    let challenge = b"a fresh challenge of the reader";
    let code = QrText::new(standard.authority.issue(pass().encode()));
    vec![
        standard
            .scanned(code.to_text())
            .asking(Purpose::Transit)
            .in_place(region(220_104))
            .accept("pass_at_gate", "A static pass for all of Jilin, shown at a gate in Changchun."),
        shown(wide.clone()).accept("pass_without_purpose", "Without a purpose all grants are shown."),
        shown(wide)
            .asking(Purpose::Park)
            .accept("pass_at_park", "The purpose sees the grants that answer it, and the companion."),
        shown(county)
            .in_place(region(220_104))
            .accept("pass_of_county", "A pass holds in the county that it names."),
        shown(bound)
            .proving(challenge, card.sign(challenge))
            .accept("pass_with_proof", "The pass names a key, and somebody signed the challenge with it."),
    ]
}

fn settings() -> Vec<Vector> {
    let certificate_in = |setting: &Setting| setting.shown(setting.authority.issue(certificate().encode()));
    let pass_in = |setting: &Setting| setting.shown(setting.authority.issue(pass().encode()));
    let retired = Setting::changed("issuer_retired_since", |a| {
        a.trusted_issuer().state = KeyState::Retired { since: SIGNED };
    });
    let stale = Setting::changed("stale", |a| {
        a.expires = NOW;
        a.status[0].expires = NOW;
    });
    let one_bit = Setting::changed("one_bit_status", |a| a.status[0].list = StatusList::new(Bits::One, 4096));
    let standard = Setting::standard();
    let new_number = Envelope::new(&certificate().encode()).protected("a2 01 32 04 44 KID");
    vec![
        certificate_in(&retired)
            .accept("issued_before_retirement", "What a key signed before it retired stays valid."),
        pass_in(&retired).accept("pass_of_retired_issuer", "A pass lives as long as it says."),
        pass_in(&stale).stale_at_most(DAY).accept(
            "stale_but_young_enough",
            "Bundle and status list have expired; the caller accepts a day.",
        ),
        pass_in(&one_bit).accept("one_bit_status", "A status list of one bit, which knows no suspension."),
        standard.shown(new_number.sign()).accept(
            "algorithm_ed25519",
            "Algorithm -19 (Ed25519, RFC 9864) reads as -8 (EdDSA); the header is signed as it came.",
        ),
    ]
}
