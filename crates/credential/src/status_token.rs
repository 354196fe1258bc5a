//! Status List Token in CWT form: the claims around a status list.
//! Follows the IETF document, section 5.2. One list for each issuer key; its subject names that key.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::{Reader, Type, Writer};
use crate::error::Malformed;
use crate::key::Kid;
use crate::status_list::StatusList;
use crate::time::UnixTime;

/// The claims of a status list token.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusToken {
    /// Whose credentials the list is about.
    pub issuer: Kid,
    /// When this state of the list was signed.
    pub issued: UnixTime,
    /// From this moment on it is too old.
    pub expires: UnixTime,
    /// After so many seconds a verifier with a network should ask for a newer one.
    pub ttl_seconds: u64,
    /// The statuses.
    pub list: StatusList,
}

impl StatusToken {
    /// Decodes the claims. The list may inflate to `limit` bytes.
    pub fn decode(payload: &[u8], limit: usize) -> Result<Self, Malformed> {
        let claims = Claims::read(payload, limit)?;
        let expires = claims.expires.ok_or(Malformed::MissingKey(EXP))?;
        if expires <= claims.issued {
            return Err(Malformed::OutOfRange("exp"));
        }
        let issuer = claims.subject.strip_prefix(SUBJECT).ok_or(Malformed::OutOfRange("sub"))?;
        Ok(Self {
            issuer: Kid::parse(issuer)?,
            issued: UnixTime::from_seconds(claims.issued),
            expires: UnixTime::from_seconds(expires),
            ttl_seconds: claims.ttl.ok_or(Malformed::MissingKey(TTL))?,
            list: claims.list,
        })
    }

    /// Encodes the claims, keys sorted.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { issuer, issued, expires, ttl_seconds, list } = self;
        let subject: String = format!("{SUBJECT}{issuer}");
        let writer = Writer::new().map(5).int(SUB).text(&subject).int(EXP).uint(expires.as_seconds());
        let writer = writer.int(IAT).uint(issued.as_seconds()).int(STATUS_LIST);
        list.write(writer).int(TTL).uint(*ttl_seconds).finish()
    }
}

/// The claims as the standard has them, before our own rules.
struct Claims<'a> {
    subject: &'a str,
    issued: u64,
    expires: Option<u64>,
    ttl: Option<u64>,
    list: StatusList,
}

impl<'a> Claims<'a> {
    /// Keys in any order, as the standard's own example has them; none twice, unknown ones passed over.
    fn read(payload: &'a [u8], limit: usize) -> Result<Self, Malformed> {
        let (mut subject, mut issued, mut expires, mut ttl, mut list) = (None, None, None, None, None);
        Reader::whole(payload, |reader| {
            let Some(Type::Map) = reader.peek() else { return Err(Malformed::WrongTag) };
            let (_, pairs) = reader.head()?;
            for _ in 0..pairs {
                match reader.int()? {
                    SUB => once(&mut subject, reader.text()?)?,
                    IAT => once(&mut issued, reader.uint()?)?,
                    EXP => once(&mut expires, reader.uint()?)?,
                    TTL => once(&mut ttl, reader.uint()?)?,
                    STATUS_LIST => once(&mut list, StatusList::read(reader, limit)?)?,
                    _ => drop(reader.skip()?),
                }
            }
            Ok(())
        })?;
        Ok(Self {
            subject: subject.ok_or(Malformed::MissingKey(SUB))?,
            issued: issued.ok_or(Malformed::MissingKey(IAT))?,
            expires,
            ttl,
            list: list.ok_or(Malformed::MissingKey(STATUS_LIST))?,
        })
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), Malformed> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed::UnexpectedKey),
    }
}

// RFC 8392, section 3.1; Token Status List, section 13.2.
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const STATUS_LIST: i64 = 65_533;
const TTL: i64 = 65_534;
/// The standard wants a URI; ours names the issuer key and no host.
const SUBJECT: &str = "urn:dc1:status-list:";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status_list::{Bits, MAX_PACKED_BYTES, Status, StatusIndex};

    fn token() -> StatusToken {
        let mut list = StatusList::new(Bits::Two, 100);
        assert!(list.set(StatusIndex::new(7), Status::Suspended));
        StatusToken {
            issuer: Kid::new([1, 2, 3, 4]),
            issued: UnixTime::from_seconds(100),
            expires: UnixTime::from_seconds(200),
            ttl_seconds: 50,
            list,
        }
    }

    #[test]
    fn a_token_reads_back() {
        assert!(StatusToken::decode(&token().encode(), MAX_PACKED_BYTES) == Ok(token()));
    }

    // Token Status List, section 5.2, the CWT example of the IETF draft of 2026-04-20.
    #[test]
    fn the_standards_example_is_read() {
        let payload = "a502782168747470733a2f2f6578616d706c652e636f6d2f7374617475736c697374732f31\
            061a648c5bea041a8898dfea19fffe19a8c019fffda2646269747301636c73744a78dadbb918000217015d";
        let payload = hex::decode(payload).unwrap();
        let claims = Claims::read(&payload, 2).unwrap();
        assert_eq!(claims.subject, "https://example.com/statuslists/1");
        assert_eq!(
            (claims.issued, claims.expires, claims.ttl),
            (1_686_920_170, Some(2_291_720_170), Some(43_200))
        );
        assert_eq!(claims.list.packed(), [0xb9, 0xa3]);
        // Ours must name an issuer key.
        assert_eq!(StatusToken::decode(&payload, 2).err(), Some(Malformed::OutOfRange("sub")));
    }

    #[test]
    fn a_repeated_claim_or_a_lifetime_without_end_is_refused() {
        let once = token().encode();
        let mut twice = Writer::new().map(6).int(IAT).uint(1u64).finish();
        twice.extend_from_slice(&once[1..]);
        assert_eq!(StatusToken::decode(&twice, 100).err(), Some(Malformed::UnexpectedKey));
        let endless = StatusToken { expires: UnixTime::from_seconds(100), ..token() };
        assert_eq!(StatusToken::decode(&endless.encode(), 100).err(), Some(Malformed::OutOfRange("exp")));
    }
}
