//! The snapshot: which parts belong together, by name, version and digest (PROFILE.md, section 5; TUF, snapshot role).
//! It makes a bundle whole: no part can be swapped for an older or a foreign one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::key::Kid;
use crate::text;
use crate::time::UnixTime;

/// The version of a part or of a snapshot. Lower than one seen before means rollback.
/// 32 bits last for 136 years at one a second; a larger number is refused, not believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u32);

impl Version {
    /// From its number.
    #[must_use]
    pub const fn new(version: u32) -> Self {
        Self(version)
    }

    /// Its number.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// By how much it is higher than an earlier one; 0 if it is not.
    #[must_use]
    pub const fn steps_since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        u32::try_from(reader.uint()?).map(Self).map_err(|_| Malformed::OutOfRange("version"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a part of a bundle is: `trust`, `status/KID`, `policy/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartName {
    /// The trust list.
    Trust,
    /// The status list of an issuer key.
    Status(Kid),
    /// A policy pack.
    Policy(String),
}

impl PartName {
    /// From its text.
    pub fn parse(name: &str) -> Result<Self, Malformed> {
        match name.split_once('/') {
            None if name == "trust" => Ok(Self::Trust),
            Some(("status", kid)) => Kid::parse(kid).map(Self::Status),
            Some(("policy", policy)) => {
                text::check(policy, "policy name").map(|p| Self::Policy(p.to_string()))
            }
            _ => Err(Malformed::OutOfRange("part name")),
        }
    }
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trust => f.write_str("trust"),
            Self::Status(kid) => write!(f, "status/{kid}"),
            Self::Policy(name) => write!(f, "policy/{name}"),
        }
    }
}

/// One part, as the snapshot names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: PartName,
    /// Its version.
    pub version: Version,
    /// SHA-256 of its signed bytes.
    pub sha256: [u8; 32],
    /// For a status list: what it inflates to, so that nothing larger is unpacked
    /// and a delta can be checked against the same words.
    pub unpacked: Option<Unpacked>,
}

/// Size and digest of an unpacked status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// In bytes.
    pub length: u32,
    /// SHA-256 of the packed bits before compression.
    pub sha256: [u8; 32],
}

impl Unpacked {
    /// Of these bytes.
    #[must_use]
    pub fn of(packed: &[u8]) -> Self {
        Self { length: u32::try_from(packed.len()).unwrap_or(u32::MAX), sha256: sha256(packed) }
    }
}

/// The payload of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Grows with every snapshot.
    pub version: Version,
    /// When it was signed: the bundle's age counts from here.
    pub issued: UnixTime,
    /// From this moment on the bundle is stale.
    pub expires: UnixTime,
    /// Sorted by name, none twice.
    pub parts: Vec<Part>,
}

impl Snapshot {
    /// Decodes the payload.
    pub fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        Reader::whole(payload, |reader| {
            let mut map = reader.map()?;
            let snapshot = Self {
                version: map.required(VERSION, Version::read)?,
                issued: map.required(ISSUED, Reader::uint).map(UnixTime::from_seconds)?,
                expires: map.required(EXPIRES, Reader::uint).map(UnixTime::from_seconds)?,
                parts: map.required(PARTS, |r| r.list(1, MAX_PARTS, Part::read))?,
            };
            map.end()?;
            if snapshot.expires <= snapshot.issued {
                return Err(Malformed::OutOfRange("expires"));
            }
            if !snapshot.parts.is_sorted_by(|a, b| a.name < b.name) {
                return Err(Malformed::NotCanonical("parts"));
            }
            Ok(snapshot)
        })
    }

    /// Encodes the payload, parts sorted by name.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { version, issued, expires, parts } = self;
        let mut sorted: Vec<&Part> = parts.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let writer =
            Writer::new().map(4).int(VERSION).uint(version.as_u32()).int(ISSUED).uint(issued.as_seconds());
        let writer = writer.int(EXPIRES).uint(expires.as_seconds()).int(PARTS);
        writer.list(&sorted, |w, part| part.write(w)).finish()
    }

    /// The part with this name.
    #[must_use]
    pub fn part(&self, name: &PartName) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == *name)
    }
}

impl Part {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let items = reader.array()?;
        let (name, version) = (PartName::parse(reader.text()?)?, Version::read(reader)?);
        let sha256 = *reader.array_of_bytes()?;
        let unpacked = match items {
            3 => None,
            5 => Some(Unpacked { length: reader.uint32()?, sha256: *reader.array_of_bytes()? }),
            _ => return Err(Malformed::WrongLength),
        };
        if matches!(name, PartName::Status(_)) != unpacked.is_some() {
            return Err(Malformed::WrongLength);
        }
        Ok(Self { name, version, sha256, unpacked })
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { name, version, sha256, unpacked } = self;
        let writer = writer.array(if unpacked.is_some() { 5 } else { 3 });
        let writer = writer.text(&format!("{name}")).uint(version.as_u32()).bytes(sha256);
        writer.with(*unpacked, |w, unpacked| w.uint(unpacked.length).bytes(&unpacked.sha256))
    }
}

/// SHA-256 of a part.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

const VERSION: i64 = 1;
const ISSUED: i64 = 2;
const EXPIRES: i64 = 3;
const PARTS: i64 = 4;
/// 34 provinces with ten years of issuer keys, and a policy pack for each prefecture.
const MAX_PARTS: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn part(name: PartName) -> Part {
        let unpacked = matches!(name, PartName::Status(_)).then(|| Unpacked::of(&[0; 8]));
        Part { name, version: Version::new(4), sha256: [7; 32], unpacked }
    }

    fn snapshot(parts: Vec<Part>) -> Snapshot {
        Snapshot {
            version: Version::new(9),
            issued: UnixTime::from_seconds(10),
            expires: UnixTime::from_seconds(20),
            parts,
        }
    }

    #[test]
    fn a_snapshot_reads_back_with_its_parts_sorted() {
        let (trust, policy) = (part(PartName::Trust), part(PartName::Policy("transit".into())));
        let status = part(PartName::Status(Kid::new([1; 4])));
        let made = snapshot(vec![policy.clone(), status.clone(), trust.clone()]);
        let read = Snapshot::decode(&made.encode()).unwrap();
        assert_eq!(read.parts, [trust, status, policy]);
    }

    #[test]
    fn a_part_named_twice_or_without_a_known_name_is_refused() {
        let twice = snapshot(vec![part(PartName::Trust), part(PartName::Trust)]);
        assert_eq!(Snapshot::decode(&twice.encode()), Err(Malformed::NotCanonical("parts")));
        for name in ["", "Trust", "status/0", "status/0000000G", "policy/", "other/x"] {
            assert!(PartName::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_version_that_jumps_to_the_end_is_refused() {
        let writer =
            Writer::new().map(4).int(1).uint(u64::MAX).int(2).uint(1u64).int(3).uint(2u64).int(4).array(0);
        assert_eq!(Snapshot::decode(&writer.finish()), Err(Malformed::OutOfRange("version")));
    }
}
