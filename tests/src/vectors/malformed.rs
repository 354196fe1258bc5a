//! Encodings that this profile has no second form for. Each is signed as it stands,
//! so that nothing but the strict reading can refuse it.

use credential::PublicKey;
use credential::cbor::Writer;
use credential::pass::Pass;
use credential::purpose::Purpose;
use credential::sign1::Content;
use verifier::Refusal;

use super::envelope::{Envelope, from_hex};
use super::{Setting, Vector};
use crate::authority::{Key, certificate, pass};

pub(super) fn all() -> Vec<Vector> {
    [by_hand(), envelopes(), headers(), claims(), certificates(), passes()].into_iter().flatten().collect()
}

/// The honest ones that the others are made of: accepted, so that each refusal below has one cause.
fn by_hand() -> Vec<Vector> {
    let standard = Setting::standard();
    let pass = claimed(&format!("a2 {EXP} {ENTITLEMENT} {JILIN}"));
    let bound = claimed(&format!("a3 {EXP} 08 a1 01 a3 01 01 20 06 21 {} {ENTITLEMENT} {JILIN}", card_x()));
    let certificate = certified(NAME, &format!("84 {NUMBER} 81 18 2a {COUNTY} {INDEX}"));
    let picture = certified(
        &format!("{NAME_AND_TWO} 10 41 00 11 04"),
        &format!("85 {NUMBER} 81 18 2a {COUNTY} {INDEX} 18 63"),
    );
    let challenge = b"a fresh challenge of the reader";
    vec![
        standard.shown(pass).accept("pass_by_hand", "The pass that malformed ones were made of."),
        standard
            .shown(bound)
            .proving(challenge, Key::named("card").sign(challenge))
            .accept("bound_pass_by_hand", "The same with a holder's key."),
        standard
            .shown(certificate)
            .asking(Purpose::Office)
            .accept("certificate_by_hand", "The certificate that malformed ones were made of."),
        standard
            .shown(picture)
            .asking(Purpose::Office)
            .accept("certificate_with_picture_by_hand", "The same with a picture, lost ninety-nine times."),
    ]
}

fn card_x() -> String {
    let PublicKey::Ed25519(x) = Key::named("card").public() else { unreachable!("an Ed25519 key") };
    format!("58 20 {}", hex::encode(x))
}

fn refused(stories: Vec<(&str, Vec<u8>, &'static str)>, refusal: Refusal) -> Vec<Vector> {
    let standard = Setting::standard();
    let tell = |(name, bytes, about): (&str, _, _)| standard.shown(bytes).refuse(refusal, name, about);
    stories.into_iter().map(tell).collect()
}

fn envelopes() -> Vec<Vector> {
    let honest = Envelope::new(&pass().encode());
    let whole = honest.sign();
    let signature = honest.signed();
    let (protected, payload) = (&honest.protected, &honest.payload);
    let cut = |at: usize| whole[..at].to_vec();
    let pieces = |writer: Writer, end: &[u8]| [&writer.finish()[..], end].concat();
    let body = |writer: Writer| writer.bytes(protected).map(0).bytes(payload).bytes(&signature);
    let [first, second] = [&payload[..4], &payload[4..]];
    let chunked =
        Writer::new().tag(18).array(4).bytes(protected).map(0).raw(&[0x5f]).bytes(first).bytes(second);
    let malformed = vec![
        ("trailing_byte", [&whole[..], &[0]].concat(), "A byte follows the signature."),
        ("cut_in_half", cut(whole.len() / 2), "The end is missing."),
        ("cut_by_one", cut(whole.len() - 1), "The last byte is missing."),
        ("only_the_tag", cut(1), "A tag and nothing else."),
        ("array_of_five", body(Writer::new().tag(18).array(5)).bytes(&[]).finish(), "A fifth element."),
        (
            "array_indefinite",
            pieces(body(Writer::new().tag(18).raw(&[0x9f])), &[0xff]),
            "An array without a length.",
        ),
        ("array_head_long", body(Writer::new().tag(18).raw(&[0x98, 4])).finish(), "4 in two bytes."),
        ("payload_indefinite", chunked.raw(&[0xff]).bytes(&signature).finish(), "A payload in chunks."),
        (
            "payload_length_long",
            pieces(
                Writer::new().tag(18).array(4).bytes(protected).map(0).raw(&[0x59, 0, payload.len() as u8]),
                &[&payload[..], &[0x58, 64], &signature].concat(),
            ),
            "The length of the payload in three bytes.",
        ),
        (
            "payload_detached",
            Writer::new().tag(18).array(4).bytes(protected).map(0).raw(&[0xf6]).bytes(&signature).finish(),
            "The payload is nil.",
        ),
        (
            "protected_as_map",
            Writer::new().tag(18).array(4).raw(protected).map(0).bytes(payload).bytes(&signature).finish(),
            "The protected header is not in a byte string.",
        ),
        ("signature_empty", honest.signature(&[]), "No signature."),
        ("signature_short", honest.signature(&signature[..63]), "63 bytes."),
        ("signature_long", honest.signature(&[&signature[..], &[0]].concat()), "65 bytes."),
        (
            "unprotected_kid",
            Envelope::new(payload).unprotected("a1 04 44 KID").sign(),
            "An unprotected key id.",
        ),
        (
            "unprotected_any",
            Envelope::new(payload).unprotected("a1 18 63 00").sign(),
            "Any unprotected header.",
        ),
        (
            "unprotected_long",
            Envelope::new(payload).unprotected("b8 00").sign(),
            "An empty map in two bytes.",
        ),
        (
            "unprotected_indefinite",
            Envelope::new(payload).unprotected("bf ff").sign(),
            "A map without a length.",
        ),
    ];
    let no_credential = vec![
        ("without_tag", whole[1..].to_vec(), "COSE_Sign1 without its tag."),
        ("tag_long", [&[0xd8, 18], &whole[1..]].concat(), "18 in two bytes."),
        ("cose_sign", [&[0xd8, 98], &whole[1..]].concat(), "The tag of COSE_Sign."),
        ("cwt_tag", [&[0xd8, 61], &whole[..]].concat(), "The tag of CWT around it."),
        ("no_bytes", vec![], "No bytes at all."),
    ];
    [refused(malformed, Refusal::Malformed), refused(no_credential, Refusal::NotACredential)]
        .into_iter()
        .flatten()
        .collect()
}

fn headers() -> Vec<Vector> {
    let with = |hex: &str| Envelope::new(&pass().encode()).protected(hex).sign();
    let snapshot = Key::named("issuer").sign1(pass().encode(), Content::Snapshot);
    refused(
        vec![
            ("header_unsorted", with("a2 04 44 KID 01 27"), "The key id before the algorithm."),
            ("header_repeated", with("a3 01 27 01 27 04 44 KID"), "The algorithm twice."),
            ("header_critical", with("a4 01 27 02 81 18 63 04 44 KID 18 63 00"), "A critical header 99."),
            ("header_unknown", with("a3 01 27 04 44 KID 18 63 00"), "A header 99, not critical."),
            ("header_long_integer", with("a2 01 38 07 04 44 KID"), "-8 in two bytes."),
            ("header_long_key", with("a2 18 01 27 04 44 KID"), "1 in two bytes."),
            ("header_indefinite", with("bf 01 27 04 44 KID ff"), "A map without a length."),
            ("header_trailing", with("a2 01 27 04 44 KID 00"), "A byte follows the map."),
            ("header_empty", with(""), "No protected header."),
            ("header_empty_map", with("a0"), "An empty protected header."),
            ("algorithm_missing", with("a1 04 44 KID"), "No algorithm."),
            ("algorithm_es256", with("a2 01 26 04 44 KID"), "ES256 over an Ed25519 signature."),
            ("algorithm_hmac", with("a2 01 05 04 44 KID"), "A shared secret instead of a key pair."),
            ("algorithm_text", with("a2 01 65 45 64 44 53 41 04 44 KID"), "The algorithm as text."),
            ("kid_missing", with("a1 01 27"), "No key id."),
            ("kid_of_three_bytes", with("a2 01 27 04 43 01 02 03"), "A key id of three bytes."),
            ("kid_of_eight_bytes", with("a2 01 27 04 48 KID KID"), "A key id of eight bytes."),
            (
                "typ_of_snapshot",
                snapshot,
                "The header of a snapshot: a signature over one never passes for another.",
            ),
        ],
        Refusal::Malformed,
    )
}

/// Claims given in hex, signed.
fn claimed(hex: &str) -> Vec<u8> {
    Envelope::new(&from_hex(hex)).sign()
}

/// The pieces of a pass: exp 2031, Jilin, grants 1 and 3, index 1234; and of its private claim's key.
const EXP: &str = "04 1a 74 5e ca 60";
const ENTITLEMENT: &str = "3a 00 01 00 01";
const JILIN: &str = "83 16 82 01 03 19 04 d2";

fn claims() -> Vec<Vector> {
    let pass = |claims: &str| claimed(claims);
    refused(
        vec![
            (
                "claims_trailing",
                pass(&format!("a2 {EXP} {ENTITLEMENT} {JILIN} 00")),
                "A byte follows the claims.",
            ),
            ("claims_unsorted", pass(&format!("a2 {ENTITLEMENT} {JILIN} {EXP}")), "exp comes last."),
            ("claims_repeated", pass(&format!("a3 {EXP} {EXP} {ENTITLEMENT} {JILIN}")), "exp twice."),
            ("claims_unknown", pass(&format!("a3 {EXP} 07 41 00 {ENTITLEMENT} {JILIN}")), "A claim 7 (cti)."),
            ("claims_of_both_kinds", both_kinds(), "A pass inside a certificate."),
            (
                "claims_indefinite",
                pass(&format!("bf {EXP} {ENTITLEMENT} {JILIN} ff")),
                "A map without a length.",
            ),
            ("claims_not_a_map", pass("80"), "An array."),
            ("claims_empty", pass(""), "A payload of no bytes."),
            (
                "claims_text_key",
                pass(&format!("a3 {EXP} {ENTITLEMENT} {JILIN} 61 78 00")),
                "A key that is text.",
            ),
            ("exp_missing", pass(&format!("a1 {ENTITLEMENT} {JILIN}")), "No exp."),
            (
                "exp_float",
                pass(&format!("a2 04 fb 41 dd 17 b2 98 00 00 00 {ENTITLEMENT} {JILIN}")),
                "A float.",
            ),
            (
                "exp_tagged",
                pass(&format!("a2 04 c1 1a 74 5e ca 60 {ENTITLEMENT} {JILIN}")),
                "Tag 1 before it.",
            ),
            ("exp_negative", pass(&format!("a2 04 20 {ENTITLEMENT} {JILIN}")), "Before 1970."),
            ("exp_bignum", pass(&format!("a2 04 c2 44 74 5e ca 60 {ENTITLEMENT} {JILIN}")), "A bignum."),
            (
                "exp_long",
                pass(&format!("a2 04 1b 00 00 00 00 74 5e ca 60 {ENTITLEMENT} {JILIN}")),
                "Four bytes' worth in eight.",
            ),
            (
                "private_key_long",
                pass(&format!("a2 {EXP} 3b 00 00 00 00 00 01 00 01 {JILIN}")),
                "-65538 in nine bytes.",
            ),
        ],
        Refusal::Malformed,
    )
}

fn both_kinds() -> Vec<u8> {
    let whole = certificate().encode();
    let entitlement = &pass().encode()[6 + 1..];
    Envelope::new(&[&[0xa5], &whole[1..], entitlement].concat()).sign()
}

/// A certificate from its two private claims in hex.
fn certified(identity: &str, disability: &str) -> Vec<u8> {
    claimed(&format!("a4 {EXP} 06 1a 6b 04 ba e0 18 a9 {identity} 3a 00 01 00 00 {disability}"))
}

/// `{4: "示例"}`; 17 digits of the standard's example, limb level 2, a county of Changchun, index 1234.
const NAME: &str = "a1 04 66 e7 a4 ba e4 be 8b";
const NAME_AND_TWO: &str = "a3 04 66 e7 a4 ba e4 be 8b";
const NUMBER: &str = "1b 00 27 1e 02 57 11 3d 1a";
const COUNTY: &str = "1a 00 03 5b c8";
const INDEX: &str = "19 04 d2";

fn certificates() -> Vec<Vector> {
    let named = |identity: &str| certified(identity, &format!("84 {NUMBER} 81 18 2a {COUNTY} {INDEX}"));
    let assessed = |disability: &str| certified(NAME, disability);
    let mut swapped = certificate();
    std::mem::swap(&mut swapped.expires, &mut swapped.issued);
    let long_name = format!("a1 04 78 41 {}", "61 ".repeat(65));
    let stories = vec![
        ("exp_before_iat", Envelope::new(&swapped.encode()).sign(), "It expires before it was issued."),
        ("iat_missing", without_iat(), "A certificate without iat."),
        ("name_missing", named("a0"), "No name."),
        ("name_empty", named("a1 04 60"), "A name of no characters."),
        ("name_not_utf8", named("a1 04 62 c3 28"), "Bytes that are no UTF-8."),
        ("name_control", named("a1 04 64 e6 9f 90 0a"), "A line feed after the name."),
        (
            "name_backwards",
            named("a1 04 66 e6 9f 90 e2 80 ae"),
            "A mark that turns the direction of writing.",
        ),
        ("name_spaced", named("a1 04 64 20 e6 9f 90"), "A space before the name."),
        ("name_long", named(&long_name), "65 characters."),
        ("name_indefinite", named("a1 04 7f 63 e6 9f 90 ff"), "A name in chunks."),
        ("name_as_bytes", named("a1 04 43 e6 9f 90"), "A byte string."),
        (
            "birth_date_beside_number",
            named("a2 04 63 e6 9f 90 08 68 31 39 34 39 31 32 33 31"),
            "The number says it already.",
        ),
        ("photo_without_format", named("a2 04 63 e6 9f 90 10 41 00"), "A picture of no format."),
        ("photo_format_unknown", named("a3 04 63 e6 9f 90 10 41 00 11 05"), "Format 5."),
        ("format_without_photo", named("a2 04 63 e6 9f 90 11 04"), "A format of no picture."),
        (
            "number_of_16_digits",
            assessed(&format!("84 1b 00 03 8d 7e a4 c6 80 00 81 18 2a {COUNTY} {INDEX}")),
            "Too few digits.",
        ),
        (
            "number_of_18_digits",
            assessed(&format!("84 1b 01 63 45 78 5d 8a 00 00 81 18 2a {COUNTY} {INDEX}")),
            "Too many digits.",
        ),
        (
            "number_without_date",
            assessed(&format!("84 1b 00 23 86 f2 6f c1 00 00 81 18 2a {COUNTY} {INDEX}")),
            "10000000000000000 was born on no day.",
        ),
        ("components_none", assessed(&format!("84 {NUMBER} 80 {COUNTY} {INDEX}")), "Nothing was assessed."),
        (
            "components_unsorted",
            assessed(&format!("84 {NUMBER} 82 18 2b 0c {COUNTY} {INDEX}")),
            "Level 3 before level 2.",
        ),
        (
            "components_repeated",
            assessed(&format!("84 {NUMBER} 82 18 2a 18 2b {COUNTY} {INDEX}")),
            "Limb twice.",
        ),
        (
            "component_category_7",
            assessed(&format!("84 {NUMBER} 81 18 48 {COUNTY} {INDEX}")),
            "72: 7 is for the face only.",
        ),
        (
            "component_level_5",
            assessed(&format!("84 {NUMBER} 81 18 2d {COUNTY} {INDEX}")),
            "45: there are four levels.",
        ),
        (
            "component_large",
            assessed(&format!("84 {NUMBER} 81 19 01 2a {COUNTY} {INDEX}")),
            "298: 42 and 256.",
        ),
        ("county_of_prefecture", assessed(&format!("84 {NUMBER} 81 18 2a 19 08 99 {INDEX}")), "2201."),
        (
            "county_of_seven_digits",
            assessed(&format!("84 {NUMBER} 81 18 2a 1a 00 21 95 d0 {INDEX}")),
            "2201040.",
        ),
        (
            "index_too_large",
            assessed(&format!("84 {NUMBER} 81 18 2a {COUNTY} 1b 00 00 00 01 00 00 00 00")),
            "2 to the 32nd.",
        ),
        ("reissue_100", assessed(&format!("85 {NUMBER} 81 18 2a {COUNTY} {INDEX} 18 64")), "B100."),
        (
            "reissue_null",
            assessed(&format!("85 {NUMBER} 81 18 2a {COUNTY} {INDEX} f6")),
            "Null instead of absent.",
        ),
        ("disability_of_three", assessed(&format!("83 {NUMBER} 81 18 2a {COUNTY}")), "No status index."),
        (
            "disability_of_six",
            assessed(&format!("86 {NUMBER} 81 18 2a {COUNTY} {INDEX} 01 01")),
            "A sixth element.",
        ),
    ];
    refused(stories, Refusal::Malformed)
}

fn without_iat() -> Vec<u8> {
    claimed(&format!("a3 {EXP} 18 a9 {NAME} 3a 00 01 00 00 84 {NUMBER} 81 18 2a {COUNTY} {INDEX}"))
}

fn passes() -> Vec<Vector> {
    let entitled = |entitlement: &str| claimed(&format!("a2 {EXP} {ENTITLEMENT} {entitlement}"));
    let bound = |key: &str| claimed(&format!("a3 {EXP} 08 {key} {ENTITLEMENT} {JILIN}"));
    let x = "58 20 ".to_owned() + &"11 ".repeat(32);
    let honest = Pass { holder_key: None, ..pass() };
    let stories = vec![
        (
            "pass_with_iat",
            claimed(&format!("a3 {EXP} 06 1a 6b 04 ba e0 {ENTITLEMENT} {JILIN}")),
            "A pass says no date of issue.",
        ),
        ("pass_with_name", with_name(&honest), "A pass says no name."),
        ("grants_none", entitled("83 16 80 19 04 d2"), "It entitles to nothing."),
        ("grants_unsorted", entitled("83 16 82 03 01 19 04 d2"), "3 before 1."),
        ("grants_repeated", entitled("83 16 82 01 01 19 04 d2"), "1 twice."),
        ("grant_unknown", entitled("83 16 81 11 19 04 d2"), "Grant 17 has no meaning yet."),
        ("grant_zero", entitled("83 16 81 00 19 04 d2"), "Grant 0."),
        ("jurisdiction_of_three_digits", entitled("83 18 dc 81 01 19 04 d2"), "220."),
        ("entitlement_of_two", entitled("82 16 81 01"), "No status index."),
        ("entitlement_of_four", entitled("84 16 81 01 19 04 d2 00"), "A fourth element."),
        ("cnf_empty", bound("a0"), "A proof of possession without a key."),
        ("cnf_kid", bound("a1 03 41 00"), "A key by its name only."),
        ("cnf_other_curve", bound(&format!("a1 01 a3 01 01 20 04 21 {x}")), "X25519."),
        (
            "cnf_spare_parameter",
            bound(&format!("a1 01 a4 01 01 20 06 21 {x} 22 f5")),
            "An Ed25519 key with a y.",
        ),
        ("cnf_private_key", bound(&format!("a1 01 a4 01 01 20 06 21 {x} 23 {x}")), "A private key."),
        ("cnf_x_short", bound("a1 01 a3 01 01 20 06 21 41 11"), "An x of one byte."),
        (
            "cnf_y_uncompressed",
            bound(&format!("a1 01 a4 01 02 20 01 21 {x} 22 {x}")),
            "y in full: one key, one form.",
        ),
    ];
    refused(stories, Refusal::Malformed)
}

fn with_name(pass: &Pass) -> Vec<u8> {
    let payload = pass.encode();
    let identity = from_hex(&format!("18 a9 {NAME}"));
    let exp = 1 + from_hex(EXP).len();
    assert_eq!(payload[0], 0xa2, "exp and entitlement");
    Envelope::new(&[&[0xa3], &payload[1..exp], &identity, &payload[exp..]].concat()).sign()
}
