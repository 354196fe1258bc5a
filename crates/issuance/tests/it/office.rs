//! An office with everybody in it, and a person who applies.

use std::convert::Infallible;

use credential::disability::{Component, Components};
use credential::number::{IdentityNumber, Reissue};
use credential::region::Region;
use credential::time::{Date, UnixTime};
use issuance::actor::Actor;
use issuance::calendar::Calendar;
use issuance::casework::{self, NewCase};
use issuance::id::{ApplicationId, OfficeId, OfficerId};
use issuance::kind::{Kind, Route};
use issuance::memory::InMemory;
use issuance::office::{Office, OfficeKind};
use issuance::officer::{Login, Officer, Role, Roles};
use issuance::person::{Applicant, Guardian, Particulars};
use issuance::step::{Action, Sheet};
use issuance::text::{Line, Text};
use issuance::{Error, application::Filed};

/// Everybody in Chaoyang district, with a clock set by hand.
pub(super) struct World {
    pub(super) register: InMemory,
    pub(super) now: UnixTime,
    pub(super) calendar: Calendar,
    origin: Line,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            register: InMemory::new(),
            now: at("2026-11-02"),
            calendar: Calendar::shipped().unwrap(),
            origin: Text::parse("test").unwrap(),
        }
    }

    pub(super) fn on(&mut self, day: &str) -> &mut Self {
        self.now = at(day);
        self
    }

    pub(super) fn act<T>(
        &mut self,
        officer: &Officer,
        what: impl FnOnce(&mut InMemory, &Actor<'_>) -> T,
    ) -> T {
        let origin = self.origin.clone();
        what(&mut self.register, &Actor { officer, now: self.now, origin: &origin })
    }

    pub(super) fn submit(&mut self, case: &NewCase) -> Result<Filed, Error> {
        self.act(&clerk(), |register, actor| casework::submit(register, case, actor))
    }

    pub(super) fn step(&mut self, id: ApplicationId, by: &Officer, action: Action) -> Result<Filed, Error> {
        self.act(by, |register, actor| casework::take_step(register, id, action, actor))
    }

    pub(super) fn notice(
        &mut self,
        id: ApplicationId,
        by: &Officer,
        posted: Option<Date>,
    ) -> Result<Filed, Error> {
        let calendar = self.calendar.clone();
        self.act(by, |register, actor| casework::post_or_waive_notice(register, id, posted, &calendar, actor))
    }

    /// From the form to the approval, everybody doing their part.
    pub(super) fn approved(&mut self, case: &NewCase, codes: &[u64]) -> ApplicationId {
        self.on("2026-11-02");
        let id = self.submit(case).unwrap().id;
        self.step(id, &clerk(), Action::Accept).unwrap();
        self.step(id, &doctor(1), Action::Assess(sheet(codes))).unwrap();
        self.step(id, &doctor(2), Action::Countersign).unwrap();
        self.notice(id, &clerk(), Some(day("2026-11-02"))).unwrap();
        self.on("2026-11-10");
        self.step(id, &reviewer(), Action::Review).unwrap();
        self.step(id, &approver(), Action::Approve).unwrap();
        id
    }
}

pub(super) fn at(text: &str) -> UnixTime {
    day(text).start_in_china().plus_seconds(9 * 3600)
}

pub(super) fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub(super) fn sheet(codes: &[u64]) -> Sheet {
    let list = codes.iter().map(|code| Component::from_code(*code).unwrap()).collect();
    Sheet { components: Components::new(list).unwrap(), signed_on: day("2026-11-02") }
}

pub(super) fn officer(id: i64, login: &str, kind: OfficeKind, region: u64, roles: &[Role]) -> Officer {
    Officer {
        id: OfficerId::from_stored(id),
        login: Login::parse(login).unwrap(),
        name: Text::parse("某某").unwrap(),
        office: Office {
            id: OfficeId::from_stored(region as i64),
            kind,
            region: Region::from_code(region).unwrap(),
            name: Text::parse("某单位").unwrap(),
        },
        roles: Roles::new(roles),
        active: true,
    }
}

pub(super) fn clerk() -> Officer {
    officer(1, "clerk", OfficeKind::County, 220_104, &[Role::Clerk])
}

pub(super) fn doctor(n: i64) -> Officer {
    officer(10 + n, "doctor", OfficeKind::Hospital, 2201, &[Role::Assessor])
}

pub(super) fn reviewer() -> Officer {
    officer(2, "reviewer", OfficeKind::County, 220_104, &[Role::Reviewer])
}

pub(super) fn approver() -> Officer {
    officer(3, "approver", OfficeKind::County, 220_104, &[Role::Approver])
}

pub(super) fn committee() -> Officer {
    officer(4, "committee", OfficeKind::Prefecture, 2201, &[Role::Reviewer])
}

/// One person who may do everything: duties must hold even then.
pub(super) fn one_for_all() -> Officer {
    officer(9, "everybody", OfficeKind::Prefecture, 22, &Role::ALL)
}

pub(super) fn case(born: u64) -> NewCase {
    NewCase {
        kind: Kind::New,
        route: Route::Assessed,
        applicant: Applicant {
            identity: IdentityNumber::from_first_17(220_104 * 100_000_000_000 + born * 1000 + 991).unwrap(),
            home: Region::from_code(220_104).unwrap(),
            particulars: Particulars {
                name: Text::parse("王小明").unwrap(),
                ethnic_group: None,
                address: None,
                phone: None,
                guardian: None,
            },
        },
        follows: None,
        suffix: Reissue::Never,
    }
}

pub(super) fn guardian() -> Guardian {
    Guardian { name: Text::parse("王母").unwrap(), relation: Text::parse("母亲").unwrap(), phone: None }
}

/// SplitMix64: the same numbers each run. For tests only.
pub(super) struct Seeded(pub(super) u64);

impl rand_core::TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Seeded {}
