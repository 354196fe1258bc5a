//! From an order to a card in a holder's hand: the desk's conversation, with cards pulled out wherever it hurts.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use card_firmware_sim::{Image, SimCard, example_transport_keys};
use card_host::relay::{self, Blame, FromDesk, PinDigits, ToDesk};
use card_host::{Batch, EXAMPLE_KEYS, IssuerKeys, carry, present, verify_pin};
use card_protocol::{Pin, Serial};
use credential::region::Region;
use credential::time::Date;
use issuance::actor::Actor;
use issuance::audit::first_broken;
use issuance::card::Stage;
use issuance::card_job;
use issuance::certificate::Certificate;
use issuance::id::CertificateId;
use issuance::officer::Officer;
use issuance::register::{CardQuery, CardTally, Register, StoreError};
use issuance::standing::enter;
use issuance::status_change::{Reason, Standing};
use issuance::text::Text;
use issuance_server::card_desk::{CardDesk, Service};

use super::office::{Seeded, act, approved, at, issue, issuer_key, key, officer, on_both, with_issuer};

#[test]
fn a_blank_card_becomes_the_holders_in_at_most_six_messages() {
    on_both(|register| {
        let certificate = certificates(register, 1)[0];
        order(register, certificate);
        let mut desk = Desk::new();
        let mut card = blank(1);
        let ToDesk::Issued { certificate: of, round_trips, left, holder, .. } =
            desk.make(register, &mut card)
        else {
            panic!("issued")
        };
        assert_eq!((of, left), (certificate.get(), 0));
        assert!(round_trips <= 6, "{round_trips}");
        assert_eq!(holder, "𠮷***", "masked");
        let shown = present(&mut card, &[3; 16]).unwrap();
        let job = &register.card_jobs_of(certificate).unwrap()[0];
        assert!(matches!(job.stage, Stage::Issued(..)));
        assert_eq!(job.pass().unwrap().bytes, shown.pass);
        let letter = std::fs::read_to_string(desk.letters.path().join("1.txt")).unwrap();
        let digits = letter.split_whitespace().find(|word| Pin::parse(word).is_ok()).unwrap();
        verify_pin(&mut card, &Pin::parse(digits).unwrap()).unwrap();
        let indices: Vec<_> =
            register.credentials(certificate).unwrap().iter().map(|one| one.index).collect();
        assert!(!indices.contains(&job.pass().unwrap().index), "an index of its own");
        assert_eq!(register.taken_count(issuer_key().kid), Ok(3));
        assert!(register.is_taken(issuer_key().kid, job.pass().unwrap().index).unwrap());
        assert_eq!(first_broken(register.audit_rows(0, usize::MAX).unwrap()), None);
    });
}

#[test]
fn a_card_pulled_at_any_command_goes_on_and_signs_one_pass_only() {
    on_both(|register| {
        let certificates = certificates(register, 40);
        for (pulled_after, certificate) in certificates.into_iter().enumerate() {
            order(register, certificate);
            let mut card = blank(pulled_after as u8);
            // The service is restarted as well: nothing of the first run is remembered but rows.
            let first = Desk::new().make_until(register, &mut card, Some(pulled_after));
            let mut desk = Desk::new();
            if first.is_none() {
                card.power_off();
                card.power_on();
                assert!(matches!(desk.make(register, &mut card), ToDesk::Issued { .. }), "{pulled_after}");
            }
            let jobs = register.card_jobs_of(certificate).unwrap();
            assert!(matches!(jobs[0].stage, Stage::Issued(..)), "{pulled_after}");
            assert_eq!(jobs[0].pass().unwrap().bytes, present(&mut card, &[1; 16]).unwrap().pass);
        }
        let taken = register.taken_count(issuer_key().kid).unwrap();
        assert_eq!(taken, 3 * 40, "no second index for a second run");
    });
}

#[test]
fn in_a_stack_a_card_put_back_later_finds_its_own_job() {
    on_both(|register| {
        let certificates = certificates(register, 2);
        certificates.iter().for_each(|certificate| order(register, *certificate));
        let (mut first, mut second) = (blank(1), blank(2));
        let mut desk = Desk::new();
        assert!(desk.make_until(register, &mut first, Some(9)).is_none());
        let ToDesk::Issued { certificate, left: 1, .. } = desk.make(register, &mut second) else { panic!() };
        assert_eq!(certificate, certificates[1].get());
        let ToDesk::Issued { certificate, left: 0, .. } = desk.make(register, &mut first) else { panic!() };
        assert_eq!(certificate, certificates[0].get());
        assert_eq!(blame(&desk.make(register, &mut blank(3))), Blame::NoJob);
    });
}

#[test]
fn a_wrong_card_is_named_and_nothing_is_written() {
    on_both(|register| {
        let certificates = certificates(register, 2);
        order(register, certificates[0]);
        let mut desk = Desk::new();
        let mut card = blank(1);
        desk.make(register, &mut card);
        order(register, certificates[1]);
        let ToDesk::Refused { zh, blame: Blame::Card, .. } = desk.make(register, &mut card) else { panic!() };
        assert!(zh.contains("已经发证"), "{zh}");
        let open = CardQuery { region: Region::NATION, issued_since: None, after: None, limit: 9 };
        let wanted = register.card_jobs(&open).unwrap()[0].id;
        assert!(desk.make_until(register, &mut blank(2), Some(9)).is_none(), "begun with card 2");
        let begin = FromDesk::Begin { job: Some(wanted.get()), pin: None };
        let ToDesk::Refused { zh, .. } = desk.talk(register, begin, &mut blank(3), None).unwrap() else {
            panic!()
        };
        assert!(zh.contains("请放回原来的卡"), "{zh}");
        let foreign =
            format!("transport {}\nissue {}\nupdate {1}\nread {1}\n", "ab".repeat(48), "cd".repeat(16));
        desk.desk = CardDesk::new(IssuerKeys::parse(&foreign).unwrap(), 60, desk.letters.path().into());
        assert_eq!(
            blame(&desk.make(register, &mut blank(2))),
            Blame::Card,
            "another issuer's transport keys"
        );
    });
}

#[test]
fn a_lost_card_is_revoked_at_the_report_and_the_certificate_is_not() {
    on_both(|register| {
        let certificate = certificates(register, 1)[0];
        order(register, certificate);
        let mut desk = Desk::new();
        desk.make(register, &mut blank(1));
        let lost = register.card_jobs_of(certificate).unwrap()[0].pass().unwrap().index;
        assert_eq!(register.not_valid(issuer_key().kid), Ok(vec![]));
        at_desk(register, |register, actor| card_job::replace(register, certificate, actor)).unwrap();
        assert_eq!(register.not_valid(issuer_key().kid), Ok(vec![(lost, Standing::Revoked)]));
        assert_eq!(register.certificate(certificate).unwrap().unwrap().standing, Standing::Valid);
        let ToDesk::Issued { .. } = desk.make(register, &mut blank(2)) else { panic!("the replacement") };
        assert_eq!(register.not_valid(issuer_key().kid).unwrap().len(), 1);
        assert!(matches!(register.card_jobs_of(certificate).unwrap()[0].stage, Stage::Withdrawn(Some(_), _)));
    });
}

#[test]
fn a_suspended_certificate_takes_its_card_along_and_gets_none() {
    on_both(|register| {
        let certificates = certificates(register, 2);
        order(register, certificates[0]);
        order(register, certificates[1]);
        let mut desk = Desk::new();
        desk.make(register, &mut blank(1));
        let pass = register.card_jobs_of(certificates[0]).unwrap()[0].pass().unwrap().index;
        for certificate in certificates.iter().copied() {
            let day = Date::parse("2026-11-10").unwrap();
            act(register, "clerk", "2026-11-10", |r, a| {
                enter(r, certificate, Reason::SuspectedDeath, day, a)
            })
            .unwrap();
        }
        let suspended = register.not_valid(issuer_key().kid).unwrap();
        assert!(suspended.contains(&(pass, Standing::Suspended)));
        assert_eq!(
            blame(&desk.make(register, &mut blank(2))),
            Blame::NoJob,
            "nothing waits that may be made"
        );
        let refused = at_desk(register, |register, actor| card_job::order(register, certificates[0], actor));
        assert_eq!(refused, Err(issuance::Error::NotInForce { certificate: certificates[0] }));
    });
}

#[test]
fn a_forgotten_pin_is_unblocked_with_the_holders_own_choice() {
    on_both(|register| {
        let certificate = certificates(register, 1)[0];
        order(register, certificate);
        let mut desk = Desk::new();
        let mut card = blank(1);
        let pin = || Some(PinDigits::parse("135790").unwrap());
        let made = desk.talk(register, FromDesk::Begin { job: None, pin: pin() }, &mut card, None);
        assert!(matches!(made, Some(ToDesk::Issued { .. })));
        assert!(!desk.letters.path().join("1.txt").exists(), "who chose a PIN needs no letter");
        present(&mut card, &[1; 16]).unwrap();
        for _ in 0..3 {
            assert!(verify_pin(&mut card, &Pin::parse("000001").unwrap()).is_err());
        }
        assert!(verify_pin(&mut card, &Pin::parse("135790").unwrap()).is_err(), "blocked");
        let new = Some(PinDigits::parse("246802").unwrap());
        let unblock = FromDesk::Unblock { certificate: certificate.get(), pin: new };
        let ToDesk::Unblocked { .. } = desk.talk(register, unblock, &mut card, None).unwrap() else {
            panic!()
        };
        present(&mut card, &[1; 16]).unwrap();
        verify_pin(&mut card, &Pin::parse("246802").unwrap()).unwrap();
        let unblock = FromDesk::Unblock { certificate: certificate.get(), pin: None };
        let other = desk.talk(register, unblock, &mut blank(2), None).unwrap();
        assert_eq!(blame(&other), Blame::Card, "somebody else's card");
    });
}

#[test]
fn a_chosen_pin_that_a_finder_tries_first_is_refused_before_the_card_hears_of_it() {
    on_both(|register| {
        let certificate = certificates(register, 1)[0];
        order(register, certificate);
        let row = register.certificate(certificate).unwrap().unwrap();
        let number = register.person(row.person).unwrap().unwrap().identity.expose();
        let (born, last) = (&number[8..14], &number[11..17]);
        let mut desk = Desk::new();
        let mut card = blank(1);
        for pin in ["111111", "123456", "121212", born, last] {
            let begin = FromDesk::Begin { job: None, pin: PinDigits::parse(pin).ok() };
            let said = desk.talk(register, begin, &mut card, None).unwrap();
            assert_eq!(reason(&said), "pin_easily_guessed", "{pin}");
            assert_eq!(blame(&said), Blame::Service, "another card would not help");
        }
        let begin = FromDesk::Begin { job: None, pin: PinDigits::parse("135790").ok() };
        let made = desk.talk(register, begin, &mut card, None);
        assert!(matches!(made, Some(ToDesk::Issued { .. })), "the same card, with another PIN");
        for pin in ["654321", born] {
            let unblock =
                FromDesk::Unblock { certificate: certificate.get(), pin: PinDigits::parse(pin).ok() };
            let said = desk.talk(register, unblock, &mut card, None).unwrap();
            assert_eq!(reason(&said), "pin_easily_guessed", "{pin}");
        }
    });
}

#[test]
fn rows_refuse_a_second_card_a_skipped_step_and_a_stale_view() {
    on_both(|register| {
        let certificates = certificates(register, 2);
        order(register, certificates[0]);
        let again = at_desk(register, |register, actor| card_job::order(register, certificates[0], actor));
        let job = register.card_jobs_of(certificates[0]).unwrap()[0].clone();
        assert_eq!(again, Err(issuance::Error::CardOrdered { job: job.id }));
        let entry = super::office::entry(issuance::audit::Subject::Certificate(certificates[0]));
        assert_eq!(
            register.add_card_job(certificates[0], &entry),
            Err(StoreError::Rule("one card a certificate"))
        );
        let card = issuance::card::CardSerial::new([7; 8]);
        at_desk(register, |register, actor| card_job::begin(register, job.id, card, actor)).unwrap();
        let stale = register.move_card_job(
            &issuance::card::CardJob { stage: Stage::Begun(card), ..job.clone() },
            &Stage::Ordered,
            &entry,
        );
        assert_eq!(stale, Err(StoreError::Conflict));
        order(register, certificates[1]);
        let other = register.card_jobs_of(certificates[1]).unwrap()[0].clone();
        let taken = issuance::card::CardJob { stage: Stage::Begun(card), ..other };
        assert_eq!(
            register.move_card_job(&taken, &Stage::Ordered, &entry),
            Err(StoreError::Rule("card_job.card"))
        );
        let finish = at_desk(register, |r, actor| card_job::finish(r, job.id, card, &[1; 32], actor));
        assert_eq!(finish, Err(issuance::Error::OtherCard { job: job.id }), "nothing was signed for it");
    });
}

#[test]
fn the_photo_that_was_approved_is_on_the_card_and_reads_back() {
    on_both(|register| {
        let photo: Vec<u8> = (0..12 * 1024_u32).map(|n| ((n * n) >> 3) as u8).collect();
        let certificate = super::documents::certificate_with_photo(register, &photo);
        order(register, certificate);
        let mut desk = Desk::new();
        let pin = Some(PinDigits::parse("135790").unwrap());
        let mut card = blank(1);
        let made = desk.talk(register, FromDesk::Begin { job: None, pin }, &mut card, None);
        assert!(matches!(made, Some(ToDesk::Issued { .. })));
        present(&mut card, &[1; 16]).unwrap();
        verify_pin(&mut card, &Pin::parse("135790").unwrap()).unwrap();
        let read = card_host::read_file(&mut card, card_protocol::Ef::Photo).unwrap();
        assert_eq!(read, photo);
    });
}

#[test]
fn a_region_without_the_pilot_gets_no_card_by_any_way() {
    use issuance::pilot::Feature;
    on_both(|register| {
        let certificate = certificates(register, 1)[0];
        let county = Region::from_code(220_104).unwrap();
        let off = Err(issuance::Error::FeatureOff { feature: Feature::SmartCard, region: county });
        super::office::switch(register, Feature::SmartCard, 2201, false);
        let refused = at_desk(register, |register, actor| card_job::order(register, certificate, actor));
        assert_eq!(refused, off, "the prefecture's switch counts before the province's");
        super::office::switch(register, Feature::SmartCard, 220_104, true);
        order(register, certificate);
        super::office::switch(register, Feature::SmartCard, 220_104, false);
        assert_eq!(at_desk(register, |r, actor| card_job::replace(r, certificate, actor)), off);
        assert_eq!(register.card_jobs_of(certificate).unwrap().len(), 1);
    });
}

#[test]
fn a_region_without_qr_codes_hands_none_out() {
    use issuance::pilot::Feature;
    on_both(|register| {
        let id = certificates(register, 1)[0];
        let certificate = register.certificate(id).unwrap().unwrap();
        assert_eq!(issuance::reading::codes(register, &certificate).unwrap().len(), 2);
        super::office::switch(register, Feature::QrCode, 22, false);
        let off = issuance::Error::FeatureOff { feature: Feature::QrCode, region: certificate.county };
        assert_eq!(issuance::reading::codes(register, &certificate).unwrap_err(), off);
    });
}

#[test]
fn a_desk_sees_the_cards_of_its_region_and_counts_those_of_its_day() {
    on_both(|register| {
        let certificates = certificates(register, 3);
        let (home, elsewhere) = (Region::parse("220104").unwrap(), Region::parse("220102").unwrap());
        let (today, tomorrow) = (at("2026-11-10"), at("2026-11-11"));
        let ids = |list: Vec<Certificate>| list.iter().map(|one| one.id).collect::<Vec<_>>();
        let without = |register: &dyn Register, region| ids(register.without_card(region, today, 9).unwrap());
        assert_eq!(without(register, home), [certificates[2], certificates[1], certificates[0]]);
        assert_eq!(register.without_card(home, today, 1).map(ids), Ok(vec![certificates[2]]));
        assert_eq!(ids(register.without_card(home, at("2046-01-01"), 9).unwrap()), [], "expired by then");
        order(register, certificates[0]);
        order(register, certificates[1]);
        let mut desk = Desk::new();
        assert!(desk.make_until(register, &mut blank(1), Some(9)).is_none());
        desk.make(register, &mut blank(2));
        let tally = |waiting, in_work, issued| Ok(CardTally { waiting, in_work, issued });
        let since = today.date_in_china().start_in_china();
        assert_eq!(register.card_tally(home, since), tally(0, 1, 1));
        assert_eq!(register.card_tally(home, tomorrow), tally(0, 1, 0));
        assert_eq!(register.card_tally(elsewhere, since), tally(0, 0, 0));
        let jobs = |region, issued_since| {
            let query = CardQuery { region, issued_since, after: None, limit: 9 };
            let found = register.card_jobs(&query).unwrap();
            found.iter().map(|job| job.certificate).collect::<Vec<_>>()
        };
        assert_eq!(
            (jobs(home, None), jobs(home, Some(since))),
            (vec![certificates[0]], vec![certificates[1]])
        );
        assert_eq!((jobs(elsewhere, None), jobs(elsewhere, Some(since))), (vec![], vec![]));
        assert_eq!(jobs(home, Some(tomorrow)), []);
        assert_eq!(without(register, home), [certificates[2]]);
        assert_eq!(without(register, elsewhere), []);
    });
}

/// Each desk draws other numbers.
static DESKS: AtomicU64 = AtomicU64::new(1000);

/// A desk, its folder of letters, and the service behind it.
struct Desk {
    desk: CardDesk,
    letters: tempfile::TempDir,
    rng: Seeded,
}

impl Desk {
    fn new() -> Self {
        let letters = tempfile::tempdir().unwrap();
        let keys = IssuerKeys::parse(EXAMPLE_KEYS).unwrap();
        let rng = Seeded(DESKS.fetch_add(1, Ordering::Relaxed));
        Self { desk: CardDesk::new(keys, 60, letters.path().into()), letters, rng }
    }

    fn make(&mut self, register: &mut dyn Register, card: &mut SimCard) -> ToDesk {
        self.make_until(register, card, None).unwrap()
    }

    fn make_until(
        &mut self,
        register: &mut dyn Register,
        card: &mut SimCard,
        pulled_after: Option<usize>,
    ) -> Option<ToDesk> {
        self.talk(register, FromDesk::Begin { job: None, pin: None }, card, pulled_after)
    }

    /// Carries messages to and fro until there is an end, or the card is pulled after so many commands.
    fn talk(
        &mut self,
        register: &mut dyn Register,
        mut said: FromDesk,
        card: &mut SimCard,
        pulled_after: Option<usize>,
    ) -> Option<ToDesk> {
        let mut left = pulled_after.unwrap_or(usize::MAX);
        loop {
            // Through the text, as a pipe would carry it.
            let line = serde_json::to_string(&said).unwrap();
            let said_again = serde_json::from_str(&line).unwrap();
            let answer = with_issuer(&key(), |issuer, actor, _| {
                let officer = operator(actor);
                let actor = Actor { officer: &officer, ..actor.clone() };
                let mut service = Service { register, issuer, actor: &actor };
                self.desk.hear(said_again, &mut service, &mut self.rng)
            });
            let ToDesk::Send { commands, .. } = &answer else { return Some(answer) };
            let commands = relay::batch(commands).unwrap();
            for command in commands.commands().iter().take(left) {
                if left < commands.commands().len() {
                    carry(card, &Batch::new(vec![command.clone()])).unwrap();
                }
            }
            if left < commands.commands().len() {
                return None;
            }
            left -= commands.commands().len();
            said = FromDesk::answers(&carry(card, &commands).unwrap());
        }
    }
}

fn blame(told: &ToDesk) -> Blame {
    let ToDesk::Refused { blame, .. } = told else { panic!("{told:?}") };
    *blame
}

fn reason(told: &ToDesk) -> &str {
    let ToDesk::Refused { reason, .. } = told else { panic!("{told:?}") };
    reason
}

/// The service's office, with the power to make cards.
fn operator(actor: &Actor<'_>) -> Officer {
    Officer {
        roles: issuance::officer::Roles::new(&[issuance::officer::Role::CardOperator]),
        ..actor.officer.clone()
    }
}

fn at_desk<T>(register: &mut dyn Register, what: impl FnOnce(&mut dyn Register, &Actor<'_>) -> T) -> T {
    let origin = Text::parse("test").unwrap();
    let clerk = officer(register, "clerk");
    let actor = Actor { officer: &clerk, now: at("2026-11-10"), origin: &origin };
    let officer = operator(&actor);
    what(register, &Actor { officer: &officer, ..actor })
}

fn order(register: &mut dyn Register, certificate: CertificateId) {
    at_desk(register, |register, actor| card_job::order(register, certificate, actor)).unwrap();
}

fn certificates(register: &mut dyn Register, count: u64) -> Vec<CertificateId> {
    for n in 0..count {
        approved(register, n);
    }
    issue(register, &key()).unwrap().issued.iter().map(|issued| issued.certificate).collect()
}

fn blank(n: u8) -> SimCard {
    let serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 0, n]);
    let mut card = SimCard::manufacture(Image::in_memory(), serial, example_transport_keys()).unwrap();
    card.power_on();
    card
}

#[test]
fn a_register_of_the_last_release_takes_cards() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("r.sqlite");
    let mut register = super::office::sqlite(path);
    let certificate = certificates(&mut register, 1)[0];
    drop(register);
    let raw = rusqlite::Connection::open(path).unwrap();
    super::office::as_of_release(&raw, 3);
    drop(raw);
    let personal = super::office::personal();
    let mut register = issuance_server::sqlite::SqliteRegister::open(path, personal).unwrap();
    order(&mut register, certificate);
    assert!(matches!(Desk::new().make(&mut register, &mut blank(1)), ToDesk::Issued { .. }));
}
