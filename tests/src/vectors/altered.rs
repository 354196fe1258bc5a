//! Each signed field of a credential, altered under the signature over the honest one.

use credential::certificate::{Certificate, Document, Photo};
use credential::grant::Grant;
use credential::number::{IdentityNumber, Reissue};
use credential::pass::Pass;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use credential::time::Date;
use credential::trust_list::Role;
use verifier::Refusal;

use super::envelope::Envelope;
use super::{Setting, Vector};
use crate::authority::{DAY, Key, certificate, components, pass, region};

pub(super) fn all() -> Vec<Vector> {
    [certificates(), passes(), envelopes()].into_iter().flatten().collect()
}

fn certificates() -> Vec<Vector> {
    let full = Certificate {
        guardian: Some("古丽示例"),
        photo: Some(Photo { bytes: &[1, 2, 3], format: 4 }),
        reissue: Reissue::Numbered(1),
        ..certificate()
    };
    let foreign = Certificate {
        document: Document::Other("EXAMPLE 12345"),
        birth_date: Date::new(1980, 2, 29),
        ..certificate()
    };
    let other_number = IdentityNumber::from_first_17(11_010_519_491_231_004).expect("a number that exists");
    let certificates: Vec<(&str, &Certificate<'_>, Certificate<'_>)> = vec![
        ("exp", &full, Certificate { expires: full.expires.plus_seconds(365 * DAY), ..full.clone() }),
        ("iat", &full, Certificate { issued: full.issued.plus_seconds(60), ..full.clone() }),
        ("name", &full, Certificate { name: "欧阳例示", ..full.clone() }),
        ("guardian", &full, Certificate { guardian: Some("古丽例示"), ..full.clone() }),
        ("guardian_removed", &full, Certificate { guardian: None, ..full.clone() }),
        ("photo", &full, Certificate { photo: Some(Photo { bytes: &[1, 2, 4], format: 4 }), ..full.clone() }),
        (
            "photo_format",
            &full,
            Certificate { photo: Some(Photo { bytes: &[1, 2, 3], format: 1 }), ..full.clone() },
        ),
        ("number", &full, Certificate { document: Document::Identity(other_number), ..full.clone() }),
        ("level", &full, Certificate { components: components(&[41]), ..full.clone() }),
        ("category", &full, Certificate { components: components(&[12]), ..full.clone() }),
        ("component_added", &full, Certificate { components: components(&[42, 13]), ..full.clone() }),
        ("county", &full, Certificate { county: region(220_102), ..full.clone() }),
        ("status_index", &full, Certificate { status: StatusIndex::new(1235), ..full.clone() }),
        ("reissue", &full, Certificate { reissue: Reissue::Numbered(2), ..full.clone() }),
        ("reissue_removed", &full, Certificate { reissue: Reissue::Never, ..full.clone() }),
        ("document", &foreign, Certificate { document: Document::Other("EXAMPLE 12346"), ..foreign.clone() }),
        ("birth_date", &foreign, Certificate { birth_date: Date::new(1950, 2, 28), ..foreign.clone() }),
    ];
    let standard = Setting::standard();
    let tell = |(field, honest, altered): &(&str, &Certificate<'_>, Certificate<'_>)| {
        let bytes = under_the_signature_of(&honest.encode(), altered.encode());
        standard.shown(bytes).refuse(
            Refusal::BadSignature,
            format!("certificate_{field}_altered"),
            "One field of a certificate was altered after signing.",
        )
    };
    certificates.iter().map(tell).collect()
}

fn passes() -> Vec<Vector> {
    let bound = Pass { holder_key: Some(Key::named("card").public()), ..pass() };
    let other_card = Some(Key::named("another card").public());
    let passes: Vec<(&str, Pass)> = vec![
        ("exp", Pass { expires: bound.expires.plus_seconds(DAY), ..bound.clone() }),
        ("cnf", Pass { holder_key: other_card, ..bound.clone() }),
        ("cnf_removed", Pass { holder_key: None, ..bound.clone() }),
        ("jurisdiction", Pass { jurisdiction: region(2201), ..bound.clone() }),
        ("grants", Pass { grants: vec![Grant::TransitFree, Grant::ParkFree], ..bound.clone() }),
        ("grant_added", Pass { grants: [&bound.grants[..], &[Grant::MedicalAid]].concat(), ..bound.clone() }),
        ("status_index", Pass { status: StatusIndex::new(1235), ..bound.clone() }),
    ];
    let standard = Setting::standard();
    let tell = |(field, altered): &(&str, Pass)| {
        let bytes = under_the_signature_of(&bound.encode(), altered.encode());
        standard.shown(bytes).refuse(
            Refusal::BadSignature,
            format!("pass_{field}_altered"),
            "One field of a pass was altered after signing.",
        )
    };
    passes.iter().map(tell).collect()
}

fn under_the_signature_of(honest: &[u8], altered: Vec<u8>) -> Vec<u8> {
    let issuer = Key::named("issuer");
    let signature =
        issuer.sign(&Unsigned::new(issuer.kid(), honest.to_vec(), Content::Credential).to_be_signed());
    Unsigned::new(issuer.kid(), altered, Content::Credential).with_signature(&signature)
}

fn envelopes() -> Vec<Vector> {
    let second = Key::named("second issuer");
    let two = Setting::changed("two_issuers", |a| a.trust.keys.push(second.trusted_for(Role::Issuer)));
    let issuer = &two.authority.issuer;
    let honest = Unsigned::new(issuer.kid(), certificate().encode(), Content::Credential);
    let signature = issuer.sign(&honest.to_be_signed());
    let other_kid = Unsigned::new(second.kid(), certificate().encode(), Content::Credential);
    let as_snapshot = Unsigned::new(issuer.kid(), certificate().encode(), Content::Snapshot);
    let mut flipped = signature;
    flipped[0] ^= 1;
    let mut high = signature;
    add_group_order(&mut high);
    let bad = Refusal::BadSignature;
    vec![
        two.shown(other_kid.with_signature(&signature)).refuse(
            bad,
            "kid_altered",
            "The key id was exchanged for that of another issuer.",
        ),
        two.shown(honest.with_signature(&flipped)).refuse(bad, "signature_altered", "One bit of R."),
        two.shown(honest.with_signature(&high)).refuse(
            bad,
            "signature_s_not_reduced",
            "S plus the order of the group: the same equation, another text. RFC 8032, 5.1.7 refuses it.",
        ),
        two.shown(honest.with_signature(&[0; 64])).refuse(bad, "signature_of_zeros", "Sixty-four zeros."),
        two.shown(honest.with_signature(&issuer.sign(&as_snapshot.to_be_signed()))).refuse(
            bad,
            "signed_as_snapshot",
            "The same payload signed with the header of a snapshot.",
        ),
        two.shown(honest.with_signature(&issuer.sign(honest.payload()))).refuse(
            bad,
            "signed_without_structure",
            "A signature over the bare payload.",
        ),
        two.shown(
            Envelope::new(&certificate().encode()).protected("a2 01 32 04 44 KID").signature(&signature),
        )
        .refuse(bad, "algorithm_altered", "-8 became -19: read the same, but not signed the same."),
    ]
}

/// S + L, little-endian, in place (RFC 8032, section 5.1: the order of the base point).
fn add_group_order(signature: &mut [u8; 64]) {
    let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").expect("hex");
    let mut carry = 0;
    for (byte, addend) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
}
