//! Credentials that are well-formed and yet refused.

use credential::certificate::Certificate;
use credential::grant::Grant;
use credential::pass::Pass;
use credential::purpose::Purpose;
use credential::qr_text::QrText;
use credential::sign1::Content;
use credential::status_list::{Status, StatusIndex};
use credential::trust_list::{KeyState, Role};
use credential::{Kind, UnixTime};
use verifier::Refusal;

use super::{Question, Setting, Vector};
use crate::authority::{DAY, INDEX, Key, NOW, SIGNED, certificate, pass, region};

pub(super) fn all() -> Vec<Vector> {
    [texts(), issuers(), times(), statuses(), questions(), freshness()].into_iter().flatten().collect()
}

fn certificate_in(setting: &Setting) -> Question {
    setting.shown(setting.authority.issue(certificate().encode()))
}

fn pass_in(setting: &Setting) -> Question {
    setting.shown(setting.authority.issue(pass().encode()))
}

fn texts() -> Vec<Vector> {
    let standard = Setting::standard();
    let digits = QrText::new(standard.authority.issue(pass().encode())).to_text()[4..].to_owned();
    let no_credential = [
        ("empty_text", String::new(), "Nothing was read."),
        ("web_address", "https://example.org/".into(), "A link to somewhere else."),
        ("link_with_path", format!("https://zhengka.example/x#{digits}"), "Only `https://HOST/#` digits."),
        ("link_without_tls", format!("http://zhengka.example/#{digits}"), "Only https."),
        ("rotating_code", format!("DP1:{digits}"), "Another scheme."),
        ("bare_digits", digits.clone(), "Digits without a scheme."),
    ];
    let malformed = [
        ("digits_too_large", "DC1:999".into(), "Three digits are one byte, and 999 fits none."),
        (
            "digits_of_no_length",
            format!("DC1:{}", &digits[..digits.len() - 1]),
            "A tail of 4 digits is no bytes.",
        ),
        ("digits_with_space", format!("DC1:{} {}", &digits[..17], &digits[17..]), "A space inside."),
        ("digits_full_width", "DC1:００３".into(), "Full-width digits of an input method."),
        ("no_digits", "DC1:".to_owned() + "12a", "A letter."),
    ];
    let too_long = [
        ("text_too_long", "0".repeat(7090), "No QR code holds 7090 digits."),
        ("bytes_too_long", QrText::new(vec![0; 2049]).to_text(), "2049 bytes: no credential is that long."),
    ];
    let told = |stories: &[(&'static str, String, &'static str)], refusal| {
        let tell = |(name, text, about): &(&'static str, String, &'static str)| {
            standard.scanned(text.as_str()).refuse(refusal, *name, about)
        };
        stories.iter().map(tell).collect::<Vec<_>>()
    };
    [
        told(&no_credential, Refusal::NotACredential),
        told(&malformed, Refusal::Malformed),
        told(&too_long, Refusal::TooLong),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn issuers() -> Vec<Vector> {
    let standard = Setting::standard();
    let stranger = Key::named("somebody else").sign1(certificate().encode(), Content::Credential);
    let retired = Setting::changed("issuer_retired_long_ago", |a| {
        a.trusted_issuer().state = KeyState::Retired { since: certificate().issued };
    });
    let compromised = Setting::changed("issuer_compromised", |a| {
        a.trusted_issuer().state = KeyState::Compromised { since: SIGNED };
    });
    let over = Setting::changed("issuer_time_over", |a| a.trusted_issuer().not_after = certificate().issued);
    let early = Setting::changed("issuer_not_yet", |a| a.trusted_issuer().not_before = NOW.plus_seconds(1));
    let no_issuer =
        Setting::changed("issuer_without_role", |a| a.trusted_issuer().roles = vec![Role::Policy]);
    let elsewhere = Setting::changed("issuer_of_liaoning", |a| {
        a.trusted_issuer().regions = vec![region(21)];
        let status = a.status_key.kid();
        a.trusted(status).regions = vec![region(0)];
    });
    let prefecture = Setting::changed("issuer_of_changchun", |a| {
        a.trusted_issuer().regions = vec![region(2201)];
    });
    let only_passes = Setting::changed("issuer_of_passes", |a| a.trusted_issuer().kinds = vec![Kind::Pass]);
    let only_certificates =
        Setting::changed("issuer_of_certificates", |a| a.trusted_issuer().kinds = vec![Kind::Certificate]);
    let (not_trusted, out) = (Refusal::IssuerNotTrusted, Refusal::OutOfScope);
    vec![
        standard.shown(stranger).refuse(
            Refusal::UnknownIssuer,
            "unknown_issuer",
            "A key that nobody listed.",
        ),
        certificate_in(&retired).refuse(
            not_trusted,
            "retired_when_issued",
            "Issued in the second in which the key retired: no longer in its time.",
        ),
        certificate_in(&compromised).refuse(
            not_trusted,
            "compromised",
            "Issued before the key was known to be stolen; but a thief writes any date, so nothing counts.",
        ),
        pass_in(&compromised).refuse(not_trusted, "compromised_pass", "A pass of a stolen key."),
        certificate_in(&over).refuse(not_trusted, "issued_at_not_after", "The key's time ends at not_after."),
        certificate_in(&early).refuse(
            not_trusted,
            "issued_before_not_before",
            "The key's time had not begun.",
        ),
        pass_in(&early).refuse(not_trusted, "pass_before_not_before", "The key's time has not begun now."),
        pass_in(&no_issuer).refuse(not_trusted, "no_issuer_role", "A policy key issues no pass."),
        certificate_in(&elsewhere).refuse(out, "other_province", "An issuer of Liaoning, a county of Jilin."),
        pass_in(&prefecture).refuse(
            out,
            "pass_wider_than_issuer",
            "Changchun may not sign a pass that holds in all of Jilin.",
        ),
        certificate_in(&only_passes).refuse(out, "kind_certificate", "A key that may sign passes only."),
        pass_in(&only_certificates).refuse(out, "kind_pass", "A key that may sign certificates only."),
    ]
}

fn times() -> Vec<Vector> {
    let standard = Setting::standard();
    let early = Certificate { issued: NOW.plus_seconds(301), ..certificate() };
    let last = UnixTime::from_seconds(certificate().expires.as_seconds());
    vec![
        standard.shown(standard.authority.issue(early.encode())).refuse(
            Refusal::NotYetInForce,
            "issued_in_the_future",
            "Five minutes and a second ahead of the clock; five minutes are tolerated.",
        ),
        certificate_in(&standard).at(last).refuse(
            Refusal::Expired,
            "expired",
            "The second of exp is too late.",
        ),
        pass_in(&standard).at(pass().expires).refuse(
            Refusal::Expired,
            "expired_pass",
            "The same for a pass.",
        ),
    ]
}

fn statuses() -> Vec<Vector> {
    let with = |name, status| Setting::changed(name, |a| a.set_status(INDEX, status));
    let revoked = with("revoked", Status::Invalid);
    let suspended = with("suspended", Status::Suspended);
    let specific = with("status_3", Status::Specific);
    let without = Setting::changed("without_status", |a| a.status.clear());
    let old = Setting::changed("old_status", |a| a.status[0].expires = NOW);
    let standard = Setting::standard();
    let past = Pass { status: StatusIndex::new(4096), ..pass() };
    vec![
        certificate_in(&revoked).refuse(Refusal::Revoked, "revoked", "Status 1, INVALID."),
        pass_in(&revoked).refuse(Refusal::Revoked, "revoked_pass", "Status 1, INVALID."),
        pass_in(&specific).refuse(Refusal::Revoked, "status_without_meaning", "Status 3: in doubt, refuse."),
        certificate_in(&suspended).refuse(Refusal::Suspended, "suspended", "Status 2, SUSPENDED."),
        pass_in(&without).refuse(Refusal::StatusUnknown, "no_status_list", "No list for this issuer."),
        standard.shown(standard.authority.issue(past.encode())).refuse(
            Refusal::StatusUnknown,
            "status_index_past_the_end",
            "Index 4096 of a list that has 4096 entries.",
        ),
        pass_in(&old).refuse(Refusal::StatusTooOld, "status_list_expired", "The list expired this second."),
        pass_in(&old).stale_at_most(3599).refuse(
            Refusal::StatusTooOld,
            "status_list_older_than_accepted",
            "The caller accepts 3599 seconds, the list was signed 3600 ago.",
        ),
    ]
}

fn questions() -> Vec<Vector> {
    let standard = Setting::standard();
    let card = Key::named("card");
    let bound = Pass { holder_key: Some(card.public()), ..pass() };
    let bound = || standard.shown(standard.authority.issue(bound.encode()));
    let companion = Pass { grants: vec![Grant::CompanionOne], ..pass() };
    let changchun = Pass { jurisdiction: region(2201), ..pass() };
    let changchun = || standard.shown(standard.authority.issue(changchun.encode()));
    let (message, stranger) = (b"a fresh challenge of the reader", Key::named("another card"));
    vec![
        pass_in(&standard).asking(Purpose::Park).refuse(
            Refusal::NotEntitled,
            "no_grant",
            "A transit pass at a park.",
        ),
        pass_in(&standard).asking(Purpose::Office).refuse(
            Refusal::NotEntitled,
            "pass_at_office",
            "An office asks for a certificate: no grant answers it.",
        ),
        standard.shown(standard.authority.issue(companion.encode())).asking(Purpose::Transit).refuse(
            Refusal::NotEntitled,
            "companion_alone",
            "Bringing a companion entitles to no ride of one's own.",
        ),
        changchun().in_place(region(2202)).refuse(
            Refusal::OtherJurisdiction,
            "other_prefecture",
            "A pass of Changchun in the city of Jilin.",
        ),
        changchun().in_place(region(22)).refuse(
            Refusal::OtherJurisdiction,
            "wider_place",
            "A pass of Changchun for something that holds in the whole province.",
        ),
        certificate_in(&standard).asking(Purpose::Transit).refuse(
            Refusal::CannotDecide,
            "certificate_at_gate",
            "What a certificate entitles to is said by a policy, and the bundle has none.",
        ),
        bound().refuse(
            Refusal::PossessionRequired,
            "no_proof",
            "The pass names a key, a copy proves nothing.",
        ),
        bound().proving(message, stranger.sign(message)).refuse(
            Refusal::PossessionFailed,
            "proof_by_another_key",
            "Another card signed the challenge.",
        ),
        bound().proving(message, card.sign(b"an earlier challenge")).refuse(
            Refusal::PossessionFailed,
            "proof_of_another_challenge",
            "The right card signed something else.",
        ),
        pass_in(&standard).proving(message, card.sign(message)).refuse(
            Refusal::PossessionFailed,
            "proof_without_key",
            "The pass names no key that the proof could be checked with.",
        ),
    ]
}

fn freshness() -> Vec<Vector> {
    let stale = Setting::changed("stale_snapshot", |a| a.expires = NOW);
    let old_trust = Setting::changed("old_trust_list", |a| {
        a.trust.expires = UnixTime::from_seconds(NOW.as_seconds() - DAY);
    });
    let standard = Setting::standard();
    let behind = UnixTime::from_seconds(SIGNED.as_seconds() - 301);
    vec![
        pass_in(&stale).refuse(
            Refusal::BundleExpired,
            "snapshot_expired",
            "The snapshot expired this second.",
        ),
        pass_in(&stale).stale_at_most(3599).refuse(
            Refusal::BundleExpired,
            "snapshot_older_than_accepted",
            "The caller accepts 3599 seconds, the snapshot was signed 3600 ago.",
        ),
        pass_in(&old_trust).stale_at_most(DAY - 1).refuse(
            Refusal::BundleExpired,
            "trust_list_expired",
            "The trust list expired a day ago; a fresh snapshot does not keep it alive.",
        ),
        pass_in(&standard).at(behind).refuse(
            Refusal::ClockBehind,
            "clock_behind",
            "The clock is more than five minutes behind the newest signature.",
        ),
    ]
}
