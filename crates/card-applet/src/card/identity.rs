//! SELECT, GET DATA, GET STATUS: what the card says of itself, so that our hosts and GlobalPlatform tools find their
//! way. None of it is secret, and none of it names the holder.

use super::{Card, Selection, Volatile};
use crate::platform::Platform;
use crate::request::Scope;
use card_protocol::{
    AID, Error, Fci, LifeCycle, MAX_DATA, MIN_PARTIAL_AID, SECURITY_DOMAIN, StatusWord, Writer, object, tlv,
};

/// What the card takes and gives in one data field.
const LONGEST: u16 = MAX_DATA as u16;

impl<P: Platform> Card<P> {
    /// SELECT by name: ours or the security domain's, by at least five bytes of it; no name is the latter.
    pub(super) fn select(&mut self, name: &[u8], out: &mut Writer<'_>) -> Result<StatusWord, StatusWord> {
        let named = |aid: &[u8]| name.len() >= MIN_PARTIAL_AID && aid.starts_with(name);
        let selection = if named(&AID) {
            Selection::Application
        } else if named(&SECURITY_DOMAIN) || name.is_empty() {
            Selection::SecurityDomain
        } else {
            return Err(StatusWord::NOT_FOUND);
        };
        self.volatile = Volatile { selection, ..Volatile::default() };
        let life_cycle = self.state.status.life_cycle;
        if selection == Selection::SecurityDomain {
            written(put_security_domain(out))?;
            return Ok(StatusWord::OK);
        }
        written(Fci { life_cycle, max_data: LONGEST }.put(out))?;
        Ok(match life_cycle {
            LifeCycle::Blocked | LifeCycle::Terminated => StatusWord::DEACTIVATED,
            _ => StatusWord::OK,
        })
    }

    pub(super) fn get_data(&self, tag: u16, out: &mut Writer<'_>) -> Result<(), StatusWord> {
        let status = &self.state.status;
        written(match tag {
            object::SERIAL => tlv::put(out, tag, self.store.birth().serial.as_bytes()),
            object::CARD_RECOGNITION => object::put_card_recognition(out),
            object::KEY_INFORMATION => status.put_key_information(out),
            object::PROFILE_VERSION => tlv::put(out, tag, &card_protocol::PROFILE_VERSION),
            object::LIFE_CYCLE => tlv::put(out, tag, &[status.life_cycle.as_u8()]),
            object::STATUS => tlv::put(out, tag, &status.to_bytes()),
            object::PUBLIC_KEY => return self.read_public_key(out),
            _ => return Err(StatusWord::REFERENCE_NOT_FOUND),
        })
    }

    /// GET STATUS: `E3 { 4F AID, 9F70 state, C5 privileges }` of the one entry there is.
    pub(super) fn get_status(
        &self,
        scope: Scope,
        name: &[u8],
        out: &mut Writer<'_>,
    ) -> Result<(), StatusWord> {
        let life_cycle = self.state.status.life_cycle;
        let (aid, state, privileges): (&[u8], u8, u8) = match scope {
            Scope::SecurityDomain => (&SECURITY_DOMAIN, card_state(life_cycle), 0x80),
            Scope::Applications => (&AID, life_cycle.as_u8(), 0x00),
        };
        if !aid.starts_with(name) {
            return Err(StatusWord::REFERENCE_NOT_FOUND);
        }
        written(tlv::put_nested(out, 0xE3, |entry| {
            tlv::put(entry, 0x4F, aid)?;
            tlv::put(entry, 0x9F70, &[state])?;
            tlv::put(entry, 0xC5, &[privileges, 0, 0])
        }))
    }
}

/// The state of the whole card (GlobalPlatform 2.3.1, table 11-6) that goes with the application's.
const fn card_state(life_cycle: LifeCycle) -> u8 {
    const INITIALIZED: u8 = 0x07;
    const SECURED: u8 = 0x0F;
    const TERMINATED: u8 = 0xFF;
    match life_cycle {
        LifeCycle::Blank => INITIALIZED,
        LifeCycle::Keyed | LifeCycle::Active | LifeCycle::Blocked => SECURED,
        LifeCycle::Terminated => TERMINATED,
    }
}

fn put_security_domain(out: &mut Writer<'_>) -> Result<(), Error> {
    tlv::put_nested(out, 0x6F, |fci| {
        tlv::put(fci, 0x84, &SECURITY_DOMAIN)?;
        tlv::put_nested(fci, 0xA5, |own| tlv::put(own, 0x9F65, &LONGEST.to_be_bytes()))
    })
}

/// No answer is longer than its buffer.
fn written(outcome: Result<(), Error>) -> Result<(), StatusWord> {
    outcome.map_err(|_| StatusWord::WRONG_LENGTH)
}
