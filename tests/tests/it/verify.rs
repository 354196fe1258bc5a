//! A credential is shown to a verifier: every refusal that it can meet, one story each.
//! What a bundle is refused for stands in `bundle_install`.

use credential::grant::Grant;
use credential::purpose::Purpose;
use credential::qr_text::QrText;
use credential::sign1::Content;
use credential::status_list::{Bits, Status, StatusIndex, StatusList};
use credential::trust_list::{KeyState, Role};
use credential::{Kind, PublicKey, UnixTime};
use tests::authority::{
    Authority, DAY, HOUR, INDEX, Key, NOW, SIGNED, certificate, check, components, pass, region,
};
use verifier::{Check, Facts, Possession, Refusal, Staleness, Unverified, read_qr_text, verify};

fn ago(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(NOW.as_seconds() - seconds)
}

fn certificate_of(authority: &Authority) -> Vec<u8> {
    authority.issue(certificate().encode())
}

fn pass_of(authority: &Authority) -> Vec<u8> {
    authority.issue(pass().encode())
}

// ── accepted ──

#[test]
fn a_certificate_without_a_purpose_shows_the_name_and_nothing_else() {
    let authority = Authority::new();
    let bytes = certificate_of(&authority);
    let bundle = authority.installed();
    let accepted = verify(&bytes, &bundle, &check()).unwrap();
    assert!(matches!(accepted.facts, Facts::Holder { name: "欧阳示例" }));
    assert_eq!((accepted.kid, accepted.status), (authority.issuer.kid(), INDEX));
    assert_eq!((accepted.kind, accepted.expires), (Kind::Certificate, certificate().expires));
    assert_eq!((accepted.bundle_age_seconds, accepted.possession_proven), (HOUR, false));
    assert!(!format!("{accepted:?}").contains("欧阳"), "a verdict in a log names nobody");
}

#[test]
fn an_office_sees_the_whole_certificate() {
    let authority = Authority::new();
    let bytes = certificate_of(&authority);
    let office = Check { purpose: Some(Purpose::Office), ..check() };
    let accepted = verify(&bytes, &authority.installed(), &office).unwrap();
    let Facts::Office(shown) = &accepted.facts else { panic!("an office gets a certificate") };
    assert!(*shown == certificate());
    assert!(!format!("{accepted:?}").contains("欧阳"));
}

#[test]
fn a_pass_shows_the_grants_that_the_purpose_asks_for_and_the_companion() {
    let authority = Authority::new();
    let mut wide = pass();
    wide.grants = vec![Grant::TransitFree, Grant::CompanionOne, Grant::ParkFree, Grant::MedicalAid];
    let (bytes, bundle) = (authority.issue(wide.encode()), authority.installed());
    let grants = |purpose| {
        let accepted = verify(&bytes, &bundle, &Check { purpose, ..check() }).unwrap();
        assert_eq!(accepted.kind, Kind::Pass);
        match accepted.facts {
            Facts::Pass { jurisdiction, grants } if jurisdiction == region(22) => grants,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(grants(Some(Purpose::Transit)), [Grant::TransitFree, Grant::CompanionOne]);
    assert_eq!(grants(Some(Purpose::Park)), [Grant::CompanionOne, Grant::ParkFree]);
    assert_eq!(grants(None), wide.grants);
}

#[test]
fn a_pass_holds_anywhere_inside_its_jurisdiction() {
    let authority = Authority::new();
    let bytes = pass_of(&authority);
    for place in [22, 2201, 220_104] {
        assert_eq!(authority.refusal(&bytes, &Check { place: Some(region(place)), ..check() }), None);
    }
}

#[test]
fn what_a_key_signed_before_it_retired_stays_valid() {
    let retired =
        Authority::new().with(|a| a.trusted_issuer().state = KeyState::Retired { since: ago(HOUR) });
    assert_eq!(retired.refusal(&certificate_of(&retired), &check()), None);
    assert_eq!(retired.refusal(&pass_of(&retired), &check()), None, "a pass lives as long as it says");
}

#[test]
fn what_a_key_signed_before_its_time_ended_stays_valid() {
    let over = Authority::new().with(|a| a.trusted_issuer().not_after = ago(HOUR));
    assert_eq!(over.refusal(&certificate_of(&over), &check()), None);
    assert_eq!(over.refusal(&pass_of(&over), &check()), None);
}

#[test]
fn a_lifted_suspension_is_forgotten() {
    let mut authority = Authority::new().with(|a| a.set_status(INDEX, Status::Suspended));
    let bytes = certificate_of(&authority);
    assert_eq!(authority.refusal(&bytes, &check()), Some(Refusal::Suspended));
    authority.set_status(INDEX, Status::Valid);
    assert_eq!(authority.refusal(&bytes, &check()), None);
}

// ── 10 to 12: what it is ──

#[test]
fn text_of_something_else_is_no_credential() {
    for text in ["", "https://example.org/", "1234567890", "DP1:003", "WIFI:S:home;;"] {
        assert_eq!(read_qr_text(text).err(), Some(Refusal::NotACredential), "{text}");
    }
    let authority = Authority::new();
    for bytes in [&b""[..], b"\xd1\x84", b"hello", b"\x84"] {
        assert_eq!(authority.refusal(bytes, &check()), Some(Refusal::NotACredential));
    }
}

#[test]
fn digits_that_encode_no_bytes_and_bytes_that_are_no_credential_are_malformed() {
    assert_eq!(read_qr_text("DC1:999").err(), Some(Refusal::Malformed));
    let authority = Authority::new();
    for whole in [certificate_of(&authority), pass_of(&authority)] {
        for cut in 1..whole.len() {
            assert_eq!(authority.refusal(&whole[..cut], &check()), Some(Refusal::Malformed), "cut at {cut}");
        }
    }
}

#[test]
fn longer_than_any_credential_is_too_long_whatever_it_is() {
    assert_eq!(read_qr_text(&"0".repeat(7090)).err(), Some(Refusal::TooLong));
    let authority = Authority::new();
    assert_eq!(authority.refusal(&[0; 2049], &check()), Some(Refusal::TooLong));
    assert_eq!(authority.refusal(&[0; 2048], &check()), Some(Refusal::NotACredential));
}

#[test]
fn no_altered_byte_of_a_credential_is_accepted() {
    let authority = Authority::new();
    let bundle = authority.installed();
    for whole in [certificate_of(&authority), pass_of(&authority)] {
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut altered = whole.clone();
                altered[at] ^= 1 << bit;
                assert!(verify(&altered, &bundle, &check()).is_err(), "byte {at}, bit {bit}");
            }
        }
    }
}

// ── 20 to 23: who says so ──

#[test]
fn a_key_that_nobody_listed_is_unknown() {
    let stranger = Key::named("somebody else").sign1(certificate().encode(), Content::Credential);
    assert_eq!(Authority::new().refusal(&stranger, &check()), Some(Refusal::UnknownIssuer));
}

#[test]
fn what_a_key_signed_after_it_retired_is_not_trusted() {
    let exactly = certificate().issued;
    for (since, refusal) in [
        (ago(2 * DAY), Some(Refusal::IssuerNotTrusted)),
        (exactly, Some(Refusal::IssuerNotTrusted)),
        (exactly.plus_seconds(1), None),
    ] {
        let retired = Authority::new().with(|a| a.trusted_issuer().state = KeyState::Retired { since });
        assert_eq!(retired.refusal(&certificate_of(&retired), &check()), refusal, "retired {since}");
    }
}

#[test]
fn nothing_of_a_compromised_key_counts_whatever_date_it_bears() {
    let since = ago(HOUR);
    let stolen = Authority::new().with(|a| a.trusted_issuer().state = KeyState::Compromised { since });
    assert_eq!(stolen.refusal(&certificate_of(&stolen), &check()), Some(Refusal::IssuerNotTrusted));
    assert_eq!(stolen.refusal(&pass_of(&stolen), &check()), Some(Refusal::IssuerNotTrusted));
}

#[test]
fn what_a_key_signed_outside_its_time_is_not_trusted() {
    let issued = certificate().issued;
    for (not_before, not_after, refusal) in [
        (issued, issued.plus_seconds(1), None),
        (issued.plus_seconds(1), NOW, Some(Refusal::IssuerNotTrusted)),
        (ago(9 * DAY), issued, Some(Refusal::IssuerNotTrusted)),
    ] {
        let narrow = Authority::new().with(|a| {
            let key = a.trusted_issuer();
            (key.not_before, key.not_after) = (not_before, not_after);
        });
        assert_eq!(narrow.refusal(&certificate_of(&narrow), &check()), refusal);
    }
}

#[test]
fn a_pass_of_a_key_whose_time_has_not_come_is_not_trusted() {
    for (not_before, refusal) in [(NOW, None), (NOW.plus_seconds(1), Some(Refusal::IssuerNotTrusted))] {
        let early = Authority::new().with(|a| a.trusted_issuer().not_before = not_before);
        assert_eq!(early.refusal(&pass_of(&early), &check()), refusal);
    }
}

#[test]
fn a_listed_key_that_is_no_issuers_issues_nothing() {
    let authority = Authority::new().with(|a| {
        let key = a.trusted_issuer();
        key.roles = vec![Role::Policy];
    });
    assert_eq!(authority.refusal(&pass_of(&authority), &check()), Some(Refusal::IssuerNotTrusted));
}

#[test]
fn an_issuer_of_another_region_or_of_a_wider_one_is_out_of_scope() {
    for (regions, certificate_refusal, pass_refusal) in [
        (vec![21], Some(Refusal::OutOfScope), Some(Refusal::OutOfScope)),
        (vec![], Some(Refusal::OutOfScope), Some(Refusal::OutOfScope)),
        // Changchun may sign for its counties, and no pass for the province.
        (vec![2201], None, Some(Refusal::OutOfScope)),
        (vec![2202], Some(Refusal::OutOfScope), Some(Refusal::OutOfScope)),
        (vec![21, 22], None, None),
        (vec![0], None, None),
    ] {
        let authority = Authority::new().with(|a| {
            a.trusted_issuer().regions = regions.iter().map(|code| region(*code)).collect();
            let status = a.status_key.kid();
            a.trusted(status).regions = vec![region(0)];
        });
        assert_eq!(
            authority.refusal(&certificate_of(&authority), &check()),
            certificate_refusal,
            "{regions:?}"
        );
        assert_eq!(authority.refusal(&pass_of(&authority), &check()), pass_refusal, "{regions:?}");
    }
}

#[test]
fn an_issuer_of_the_other_kind_is_out_of_scope() {
    let passes = Authority::new().with(|a| a.trusted_issuer().kinds = vec![Kind::Pass]);
    assert_eq!(passes.refusal(&certificate_of(&passes), &check()), Some(Refusal::OutOfScope));
    assert_eq!(passes.refusal(&pass_of(&passes), &check()), None);
    let certificates = Authority::new().with(|a| a.trusted_issuer().kinds = vec![Kind::Certificate]);
    assert_eq!(certificates.refusal(&pass_of(&certificates), &check()), Some(Refusal::OutOfScope));
    assert_eq!(certificates.refusal(&certificate_of(&certificates), &check()), None);
}

#[test]
fn a_heavier_level_written_over_the_signed_one_is_a_bad_signature() {
    let authority = Authority::new();
    let honest = certificate_of(&authority);
    let mut heavier = certificate();
    heavier.components = components(&[41]);
    let forged = with_signature_of(&honest, &authority.issue(heavier.encode()));
    assert_eq!(authority.refusal(&forged, &check()), Some(Refusal::BadSignature));
}

#[test]
fn a_signature_over_a_snapshot_is_none_over_a_credential() {
    let authority = Authority::new();
    let elsewhere = authority.issuer.sign1(certificate().encode(), Content::Snapshot);
    let forged = with_signature_of(&elsewhere, &certificate_of(&authority));
    assert_eq!(authority.refusal(&forged, &check()), Some(Refusal::BadSignature));
}

#[test]
fn the_signature_is_looked_at_before_the_claims_are_believed() {
    let over =
        Authority::new().with(|a| a.trusted_issuer().state = KeyState::Retired { since: ago(9 * DAY) });
    let mut forged = certificate_of(&over);
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(over.refusal(&forged, &check()), Some(Refusal::BadSignature));
}

/// The second one's protected header and payload under the first one's signature.
fn with_signature_of(signed: &[u8], claims: &[u8]) -> Vec<u8> {
    let signature = &signed[signed.len() - 64..];
    [&claims[..claims.len() - 64], signature].concat()
}

// ── 30, 31: when ──

#[test]
fn a_certificate_from_the_future_is_not_yet_in_force_but_clocks_may_differ_by_five_minutes() {
    let authority = Authority::new();
    for (ahead, refusal) in [(300, None), (301, Some(Refusal::NotYetInForce))] {
        let mut early = certificate();
        early.issued = NOW.plus_seconds(ahead);
        assert_eq!(authority.refusal(&authority.issue(early.encode()), &check()), refusal, "{ahead} s");
    }
}

#[test]
fn a_credential_ends_with_the_second_it_names() {
    let authority = Authority::new();
    for (expires, refusal) in [(NOW, Some(Refusal::Expired)), (NOW.plus_seconds(1), None)] {
        let (mut certificate, mut pass) = (certificate(), pass());
        (certificate.expires, pass.expires) = (expires, expires);
        assert_eq!(authority.refusal(&authority.issue(certificate.encode()), &check()), refusal);
        assert_eq!(authority.refusal(&authority.issue(pass.encode()), &check()), refusal);
    }
}

// ── 40 to 43: still ──

#[test]
fn a_revoked_or_suspended_credential_is_refused_and_its_neighbours_are_not() {
    let neighbours = [INDEX.as_u32() - 1, INDEX.as_u32() + 1].map(StatusIndex::new);
    for (status, refusal) in [
        (Status::Invalid, Refusal::Revoked),
        (Status::Suspended, Refusal::Suspended),
        // The profile gives status 3 no meaning: in doubt, refuse.
        (Status::Specific, Refusal::Revoked),
    ] {
        let authority = Authority::new().with(|a| a.set_status(INDEX, status));
        assert_eq!(authority.refusal(&certificate_of(&authority), &check()), Some(refusal));
        assert_eq!(authority.refusal(&pass_of(&authority), &check()), Some(refusal));
        for status in neighbours {
            let mut neighbour = pass();
            neighbour.status = status;
            assert_eq!(authority.refusal(&authority.issue(neighbour.encode()), &check()), None);
        }
    }
}

#[test]
fn a_list_of_one_bit_revokes_as_well() {
    let authority = Authority::new().with(|a| {
        a.status[0].list = StatusList::new(Bits::One, 4096);
        a.set_status(INDEX, Status::Invalid);
    });
    assert_eq!(authority.refusal(&pass_of(&authority), &check()), Some(Refusal::Revoked));
}

#[test]
fn without_a_list_for_the_issuer_or_past_its_end_the_status_is_unknown() {
    let without = Authority::new().with(|a| a.status.clear());
    assert_eq!(without.refusal(&pass_of(&without), &check()), Some(Refusal::StatusUnknown));
    let authority = Authority::new();
    for (index, refusal) in [(4095, None), (4096, Some(Refusal::StatusUnknown))] {
        let mut last = pass();
        last.status = StatusIndex::new(index);
        assert_eq!(authority.refusal(&authority.issue(last.encode()), &check()), refusal);
    }
}

#[test]
fn another_issuers_list_says_nothing_about_this_one() {
    let authority = Authority::new().with(|a| {
        let other = Key::named("second issuer");
        a.trust.keys.push(other.trusted_for(Role::Issuer));
        a.status[0].issuer = other.kid();
    });
    assert_eq!(authority.refusal(&pass_of(&authority), &check()), Some(Refusal::StatusUnknown));
}

#[test]
fn an_expired_status_list_is_too_old_unless_the_caller_named_an_age() {
    let old = Authority::new().with(|a| {
        a.status[0].issued = ago(2 * DAY);
        a.status[0].expires = NOW;
    });
    let refusal = |staleness| old.refusal(&pass_of(&old), &Check { staleness, ..check() });
    assert_eq!(refusal(Staleness::RefuseStale), Some(Refusal::StatusTooOld));
    assert_eq!(refusal(Staleness::AcceptStale { at_most_seconds: 2 * DAY - 1 }), Some(Refusal::StatusTooOld));
    assert_eq!(refusal(Staleness::AcceptStale { at_most_seconds: 2 * DAY }), None);
    let fresh = Authority::new().with(|a| a.status[0].expires = NOW.plus_seconds(1));
    assert_eq!(fresh.refusal(&pass_of(&fresh), &check()), None);
}

#[test]
fn revoked_in_an_old_list_is_still_revoked() {
    let old = Authority::new().with(|a| {
        a.status[0].expires = NOW;
        a.set_status(INDEX, Status::Invalid);
    });
    assert_eq!(old.refusal(&pass_of(&old), &check()), Some(Refusal::Revoked));
}

// ── 50 to 52: entitled ──

#[test]
fn a_pass_without_the_grant_does_not_entitle_and_a_companion_alone_rides_nowhere() {
    let authority = Authority::new();
    let bytes = pass_of(&authority);
    for purpose in Purpose::ALL {
        let refusal = authority.refusal(&bytes, &Check { purpose: Some(*purpose), ..check() });
        let expected = (*purpose != Purpose::Transit).then_some(Refusal::NotEntitled);
        assert_eq!(refusal, expected, "{}", purpose.name());
    }
    let mut companion = pass();
    companion.grants = vec![Grant::CompanionOne];
    let transit = Check { purpose: Some(Purpose::Transit), ..check() };
    let refusal = authority.refusal(&authority.issue(companion.encode()), &transit);
    assert_eq!(refusal, Some(Refusal::NotEntitled));
}

#[test]
fn a_pass_does_not_hold_elsewhere_nor_in_a_place_wider_than_its_own() {
    let authority = Authority::new();
    let mut local = pass();
    local.jurisdiction = region(2201);
    let bytes = authority.issue(local.encode());
    for (place, refusal) in [
        (Some(220_104), None),
        (Some(2202), Some(Refusal::OtherJurisdiction)),
        (Some(22), Some(Refusal::OtherJurisdiction)),
        (Some(0), Some(Refusal::OtherJurisdiction)),
        (None, None),
    ] {
        assert_eq!(authority.refusal(&bytes, &Check { place: place.map(region), ..check() }), refusal);
    }
}

#[test]
fn a_certificate_at_a_gate_cannot_be_decided_without_a_policy() {
    let authority = Authority::new();
    let transit = Check { purpose: Some(Purpose::Transit), ..check() };
    assert_eq!(authority.refusal(&certificate_of(&authority), &transit), Some(Refusal::CannotDecide));
}

// ── 60, 61: the original ──

#[test]
fn a_pass_that_names_a_key_wants_it_proven_and_is_accepted_when_it_is() {
    let (authority, card) = (Authority::new(), Key::named("card"));
    let mut bound = pass();
    bound.holder_key = Some(card.public());
    let (bytes, bundle) = (authority.issue(bound.encode()), authority.installed());
    let challenge = b"a fresh challenge";
    let proof =
        |signature| Check { possession: Possession::Signed { message: challenge, signature }, ..check() };

    assert_eq!(verify(&bytes, &bundle, &check()).err(), Some(Refusal::PossessionRequired));
    let right = card.sign(challenge);
    assert!(verify(&bytes, &bundle, &proof(&right)).unwrap().possession_proven);
    let replayed = card.sign(b"an earlier challenge");
    assert_eq!(verify(&bytes, &bundle, &proof(&replayed)).err(), Some(Refusal::PossessionFailed));
    let another_card = Key::named("another card").sign(challenge);
    assert_eq!(verify(&bytes, &bundle, &proof(&another_card)).err(), Some(Refusal::PossessionFailed));

    let static_pass = pass_of(&authority);
    let refusal = verify(&static_pass, &bundle, &proof(&right)).err();
    assert_eq!(refusal, Some(Refusal::PossessionFailed), "a static pass names no key to prove with");
}

#[test]
fn a_weak_or_unreadable_holder_key_proves_nothing() {
    let authority = Authority::new();
    // The neutral element: under it a signature of zeros would verify any message with a lenient check.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut lenient = [0; 64];
    lenient[0] = 1;
    for key in [
        PublicKey::Ed25519(neutral),
        PublicKey::Ed25519([2; 32]),
        PublicKey::P256 { x: [1; 32], y_is_odd: true },
    ] {
        let mut weak = pass();
        weak.holder_key = Some(key);
        let proof =
            Check { possession: Possession::Signed { message: b"any", signature: &lenient }, ..check() };
        let refusal = authority.refusal(&authority.issue(weak.encode()), &proof);
        assert_eq!(refusal, Some(Refusal::PossessionFailed));
    }
}

// ── 72, 74: with what knowledge ──

#[test]
fn an_expired_bundle_is_refused_unless_the_caller_named_an_age() {
    let authority = Authority::new();
    let bytes = pass_of(&authority);
    let tomorrow = NOW.plus_seconds(DAY);
    let fresh_list = Authority::new().with(|a| a.status[0].expires = tomorrow.plus_seconds(DAY));
    let refusal = |now, staleness| fresh_list.refusal(&bytes, &Check { now, staleness, ..check() });
    let age = DAY + HOUR;
    assert_eq!(refusal(ago_of(tomorrow, 1), Staleness::RefuseStale), None);
    assert_eq!(refusal(tomorrow, Staleness::RefuseStale), Some(Refusal::BundleExpired));
    assert_eq!(
        refusal(tomorrow, Staleness::AcceptStale { at_most_seconds: age - 1 }),
        Some(Refusal::BundleExpired)
    );
    assert_eq!(refusal(tomorrow, Staleness::AcceptStale { at_most_seconds: age }), None);
}

#[test]
fn a_fresh_snapshot_does_not_keep_an_expired_trust_list_alive() {
    let stale = |expired_for| Authority::new().with(|a| a.trust.expires = ago(expired_for));
    let week = Staleness::AcceptStale { at_most_seconds: 7 * DAY };
    for (expired_for, staleness, refusal) in [
        (0, Staleness::RefuseStale, Some(Refusal::BundleExpired)),
        (0, week, None),
        (7 * DAY, week, None),
        (7 * DAY + 1, week, Some(Refusal::BundleExpired)),
    ] {
        let authority = stale(expired_for);
        let refused = authority.refusal(&pass_of(&authority), &Check { staleness, ..check() });
        assert_eq!(refused, refusal, "expired for {expired_for} s");
    }
}

#[test]
fn a_clock_behind_the_newest_signature_is_reported() {
    let authority = Authority::new();
    let bytes = pass_of(&authority);
    for (behind, refusal) in [(300, None), (301, Some(Refusal::ClockBehind))] {
        let now = ago_of(SIGNED, behind);
        assert_eq!(authority.refusal(&bytes, &Check { now, ..check() }), refusal, "{behind} s");
    }
}

#[test]
fn the_newest_signature_of_an_earlier_bundle_counts_for_the_clock_too() {
    let (newer, older) = (
        Authority::new(),
        Authority::new().with(|a| {
            a.issued = ago(3 * DAY);
            a.status[0].issued = ago(3 * DAY);
        }),
    );
    let mut state = newer.pinned();
    verifier::Bundle::install(&newer.bundle(), &mut state).unwrap();
    let bundle = verifier::Bundle::install(&older.bundle(), &mut state).expect("the versions are equal");
    let refusal = |now| verify(&pass_of(&older), &bundle, &Check { now, ..check() }).err();
    assert_eq!(refusal(ago(DAY)), Some(Refusal::ClockBehind));
    assert_eq!(refusal(NOW), None);
}

fn ago_of(time: UnixTime, seconds: u64) -> UnixTime {
    UnixTime::from_seconds(time.as_seconds() - seconds)
}

// ── the chain ──

#[test]
fn each_step_gives_the_next_and_the_first_fault_in_order_of_the_tens_is_the_one_named() {
    let authority = Authority::new().with(|a| a.set_status(INDEX, Status::Invalid));
    let bundle = authority.installed();
    let bytes = pass_of(&authority);
    let authentic = Unverified::parse(&bytes).unwrap().authenticate(&bundle, NOW).unwrap();
    assert_eq!(authentic.claims().status(), INDEX);
    let in_force = authentic.in_force(&bundle, &check()).unwrap();
    let refusal = in_force.not_revoked(&bundle, NOW, Staleness::RefuseStale).err();
    assert_eq!(refusal, Some(Refusal::Revoked));

    // Everything is wrong with this one; it is asked in the order of the tens.
    let far = NOW.plus_seconds(4000 * DAY);
    let everything = Check { purpose: Some(Purpose::Park), place: Some(region(11)), now: far, ..check() };
    assert_eq!(verify(&bytes, &bundle, &everything).err(), Some(Refusal::Expired));
    let everything = Check { now: NOW, ..everything };
    assert_eq!(verify(&bytes, &bundle, &everything).err(), Some(Refusal::Revoked));
    let valid = Authority::new();
    assert_eq!(valid.refusal(&bytes, &everything), Some(Refusal::OtherJurisdiction));
}

#[test]
fn the_text_of_a_printed_code_and_of_a_gate_lead_to_the_same_verdict() {
    let authority = Authority::new();
    let code = QrText::new(pass_of(&authority));
    for text in [code.to_text(), code.to_link("zhengka.example"), format!("{}\r\n", code.to_text())] {
        let read = read_qr_text(&text).unwrap();
        assert_eq!(authority.refusal(read.as_bytes(), &check()), None);
    }
}
