//! The certificate: what an office may see of a disability (PROFILE.md, section 2).
//! Lives in the chip behind the PIN, in the holder's phone and on the A4 document; a gate never gets it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::cbor::{Reader, Type, Writer};
use crate::disability::{Component, Components};
use crate::error::Malformed;
use crate::number::{CertificateNumber, IdentityNumber, Reissue};
use crate::region::Region;
use crate::status_list::StatusIndex;
use crate::text;
use crate::time::{Date, UnixTime};

/// The claims of a certificate. Texts are borrowed from the signed bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// From this moment on it is no longer valid.
    pub expires: UnixTime,
    /// When it was issued.
    pub issued: UnixTime,
    /// Full name as the identity card writes it.
    pub name: &'a str,
    /// Only where the document number does not carry it.
    pub birth_date: Option<Date>,
    /// Name of the guardian, if there is one.
    pub guardian: Option<&'a str>,
    /// A small face picture.
    pub photo: Option<Photo<'a>>,
    /// The identity number, or another document.
    pub document: Document<'a>,
    /// What was assessed.
    pub components: Components,
    /// Six-digit code of the issuing county.
    pub county: Region,
    /// Index in the issuer key's status list.
    pub status: StatusIndex,
    /// Whether and how often the paper was lost before.
    pub reissue: Reissue,
}

/// A face picture and its format (claim 169, keys 16 and 17).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Photo<'a> {
    /// The encoded picture.
    pub bytes: &'a [u8],
    /// 0 PNG, 1 JPEG, 2 JPEG 2000, 3 AVIF, 4 WebP.
    pub format: u8,
}

/// What identifies the holder on paper.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Document<'a> {
    /// A GB 11643 number; on the wire its first 17 digits.
    Identity(IdentityNumber),
    /// Another document, as text.
    Other(&'a str),
}

impl<'a> Certificate<'a> {
    /// Decodes the payload of a certificate.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Malformed> {
        Reader::whole(payload, |reader| {
            let mut map = reader.map()?;
            let expires = map.required(EXP, Reader::uint).map(UnixTime::from_seconds)?;
            let issued = map.required(IAT, Reader::uint).map(UnixTime::from_seconds)?;
            let identity = map.required(IDENTITY, Identity::read)?;
            let disability = map.required(DISABILITY, Disability::read)?;
            map.end()?;
            if expires <= issued {
                return Err(Malformed::OutOfRange("exp"));
            }
            let Identity { name, birth_date, guardian, photo } = identity;
            let Disability { document, components, county, status, reissue } = disability;
            // One fact, one place: the identity number carries the birth date.
            if matches!(document, Document::Identity(_)) && birth_date.is_some() {
                return Err(Malformed::NotCanonical("birth date"));
            }
            Ok(Self {
                expires,
                issued,
                name,
                birth_date,
                guardian,
                photo,
                document,
                components,
                county,
                status,
                reissue,
            })
        })
    }

    /// Encodes the payload. The texts must have passed [`text::check`]; [`Self::decode`] refuses them otherwise.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self {
            expires,
            issued,
            name,
            birth_date,
            guardian,
            photo,
            document,
            components,
            county,
            status,
            reissue,
        } = self;
        let writer =
            Writer::new().map(4).int(EXP).uint(expires.as_seconds()).int(IAT).uint(issued.as_seconds());
        // The name, and what is there of birth date, guardian, photo and its format.
        let keys = [true, birth_date.is_some(), guardian.is_some(), photo.is_some(), photo.is_some()];
        let writer = writer.int(IDENTITY).map(keys.iter().filter(|there| **there).count());
        let writer = writer
            .int(NAME)
            .text(name)
            .with(*birth_date, |w, date| w.int(BIRTH_DATE).text(&compact(date)))
            .with(*guardian, |w, guardian| w.int(GUARDIAN).text(guardian))
            .with(*photo, |w, photo| w.int(PHOTO).bytes(photo.bytes).int(PHOTO_FORMAT).uint(photo.format));
        let writer = writer.int(DISABILITY).array(if reissue.code().is_some() { 5 } else { 4 });
        let writer = match document {
            Document::Identity(number) => writer.uint(number.first_17()),
            Document::Other(text) => writer.text(text),
        };
        writer
            .list(components.as_slice(), |w, component| w.uint(component.code()))
            .uint(county.code())
            .uint(status.as_u32())
            .with(reissue.code(), Writer::uint)
            .finish()
    }

    /// The number on the face, derived from what is signed. `None` for holders without an identity number.
    #[must_use]
    pub fn number(&self) -> Option<CertificateNumber> {
        let Document::Identity(identity) = self.document else { return None };
        let Self { components, reissue, .. } = self;
        Some(CertificateNumber::new(identity, components.face_category(), components.level(), *reissue))
    }
}

/// Nothing of a person prints by accident.
impl fmt::Debug for Certificate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("status", &self.status).finish_non_exhaustive()
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Document(hidden)")
    }
}

impl fmt::Debug for Photo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} bytes)", self.bytes.len())
    }
}

struct Identity<'a> {
    name: &'a str,
    birth_date: Option<Date>,
    guardian: Option<&'a str>,
    photo: Option<Photo<'a>>,
}

impl<'a> Identity<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let name = map.required(NAME, |r| text::read(r, "name"))?;
        let birth_date = map.optional(BIRTH_DATE, |r| Date::parse_compact(r.text()?))?;
        let guardian = map.optional(GUARDIAN, |r| text::read(r, "guardian"))?;
        let bytes = map.optional(PHOTO, Reader::bytes)?;
        let photo = match bytes {
            Some(bytes) => Some(Photo { bytes, format: map.required(PHOTO_FORMAT, read_photo_format)? }),
            None => None,
        };
        map.end()?;
        Ok(Self { name, birth_date, guardian, photo })
    }
}

struct Disability<'a> {
    document: Document<'a>,
    components: Components,
    county: Region,
    status: StatusIndex,
    reissue: Reissue,
}

impl<'a> Disability<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let items = reader.array()?;
        let document = match reader.peek() {
            Some(Type::Text) => Document::Other(text::read(reader, "document")?),
            _ => Document::Identity(IdentityNumber::from_first_17(reader.uint()?)?),
        };
        let components =
            reader.list(1, 6, |r| Component::from_code(r.uint()?)).and_then(Components::from_sorted)?;
        let county = Region::county(reader.uint()?)?;
        let status = StatusIndex::read(reader)?;
        let reissue = match items {
            4 => Reissue::Never,
            5 => Reissue::from_code(Some(reader.uint()?))?,
            _ => return Err(Malformed::WrongLength),
        };
        Ok(Self { document, components, county, status, reissue })
    }
}

fn read_photo_format(reader: &mut Reader<'_>) -> Result<u8, Malformed> {
    match reader.uint()? {
        format @ 0..=4 => Ok(format as u8),
        _ => Err(Malformed::OutOfRange("photo format")),
    }
}

fn compact(date: Date) -> String {
    alloc::format!("{:04}{:02}{:02}", date.year(), date.month(), date.day())
}

// CWT claims, RFC 8392, section 3.1; claim 169 and its keys, MOSIP identity map; ours are in the private range.
pub(crate) const EXP: i64 = 4;
const IAT: i64 = 6;
const IDENTITY: i64 = 169;
const DISABILITY: i64 = -65_537;
const NAME: i64 = 4;
const BIRTH_DATE: i64 = 8;
const GUARDIAN: i64 = 15;
const PHOTO: i64 = 16;
const PHOTO_FORMAT: i64 = 17;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::{format, vec};

    pub(crate) fn certificate(name: &str) -> Certificate<'_> {
        Certificate {
            expires: UnixTime::from_seconds(2_111_000_000),
            issued: UnixTime::from_seconds(1_795_500_000),
            name,
            birth_date: None,
            guardian: None,
            photo: None,
            document: Document::Identity(IdentityNumber::parse("11010519491231002X").unwrap()),
            components: Components::new(vec![Component::from_code(42).unwrap()]).unwrap(),
            county: Region::county(220_104).unwrap(),
            status: StatusIndex::new(700_001),
            reissue: Reissue::Never,
        }
    }

    #[test]
    fn every_shape_reads_back() {
        let plain = certificate("欧阳建国");
        let full = Certificate {
            guardian: Some("阿依夏木"),
            photo: Some(Photo { bytes: &[1, 2, 3], format: 4 }),
            components: Components::new(vec![
                Component::from_code(13).unwrap(),
                Component::from_code(42).unwrap(),
            ])
            .unwrap(),
            reissue: Reissue::Numbered(2),
            ..plain.clone()
        };
        let foreign = Certificate {
            birth_date: Date::new(1980, 2, 29),
            document: Document::Other("H1234567890"),
            reissue: Reissue::Unnumbered,
            ..plain.clone()
        };
        for certificate in [plain, full, foreign] {
            assert!(Certificate::decode(&certificate.encode()).as_ref() == Ok(&certificate));
        }
    }

    #[test]
    fn the_number_on_the_face_is_derived() {
        let one = certificate("某");
        assert_eq!(one.number().unwrap().expose(), "11010519491231002X42");
        assert_eq!(format!("{one:?}"), "Certificate { status: StatusIndex(700001), .. }");
    }

    #[test]
    fn claims_that_contradict_themselves_are_refused() {
        let plain = certificate("某");
        let refused = |certificate: &Certificate<'_>| Certificate::decode(&certificate.encode()).err();
        let dated = Certificate { birth_date: Date::new(1980, 1, 1), ..plain.clone() };
        assert_eq!(refused(&dated), Some(Malformed::NotCanonical("birth date")));
        let late = Certificate { expires: plain.issued, ..plain.clone() };
        assert_eq!(refused(&late), Some(Malformed::OutOfRange("exp")));
        for name in ["", " 某", "某\n", "某\u{202e}", &"某".repeat(65)] {
            assert_eq!(refused(&certificate(name)), Some(Malformed::BadText("name")));
        }
        let prefecture = Certificate { county: Region::from_code(2201).unwrap(), ..plain };
        assert_eq!(refused(&prefecture), Some(Malformed::OutOfRange("county")));
    }
}
