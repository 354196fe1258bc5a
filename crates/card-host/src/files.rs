//! What the issuer wants on a card: the content of its files and the first PIN.

use crate::HostError;
use card_protocol::{Ef, Needs, Pin, Rides, Writer, dgi};
use std::fmt;

/// The files of one card. Credentials are bytes here; whoever signed them answers for them.
pub struct CardFiles {
    /// EF.PASS, with the card's own key in it.
    pub pass: Vec<u8>,
    /// EF.CERT.
    pub certificate: Vec<u8>,
    /// EF.PHOTO; empty where there is none.
    pub photo: Vec<u8>,
    /// EF.NEEDS.
    pub needs: Needs,
    /// EF.RIDES, at the beginning of its period.
    pub rides: Rides,
    /// The holder's PIN; `None` leaves the one the card has, or none.
    pub pin: Option<Pin>,
}

impl CardFiles {
    /// Each file with its bytes, as it will be read back.
    pub(crate) fn contents(&self) -> Result<Vec<(Ef, Vec<u8>)>, HostError> {
        let Self { pass, certificate, photo, needs, rides, pin: _ } = self;
        let mut buffer = [0; 16];
        let contents = vec![
            (Ef::Pass, pass.clone()),
            (Ef::Certificate, certificate.clone()),
            (Ef::Photo, photo.clone()),
            (Ef::Needs, needs.write(&mut buffer)?.to_vec()),
            (Ef::Rides, rides.to_bytes().to_vec()),
        ];
        match contents.iter().find(|(ef, content)| content.len() > ef.capacity()) {
            Some((ef, content)) => Err(HostError::FileTooLong { ef: *ef, length: content.len() }),
            None => Ok(contents),
        }
    }

    /// The data groupings of STORE DATA, with the update counter that makes them valid once.
    pub(crate) fn groupings(&self, update_counter: u32) -> Result<Vec<u8>, HostError> {
        let contents = self.contents()?;
        let mut groupings =
            vec![0; contents.iter().map(|(_, content)| content.len() + 5).sum::<usize>() + 64];
        let mut writer = Writer::new(&mut groupings);
        let pin = self.pin.as_ref().map(|pin| (dgi::PIN, pin.expose_block().to_vec()));
        let counter = (dgi::UPDATE_COUNTER, update_counter.to_be_bytes().to_vec());
        let files = contents.into_iter().map(|(ef, content)| (ef.file_id(), content));
        for (tag, content) in files.chain(pin).chain([counter]) {
            let length = u16::try_from(content.len()).map_err(|_| card_protocol::Error::BufferFull)?;
            dgi::put_head(&mut writer, tag, length)?;
            writer.put(&content)?;
        }
        let length = writer.len();
        groupings.truncate(length);
        Ok(groupings)
    }
}

impl fmt::Debug for CardFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pass, certificate, photo, .. } = self;
        write!(
            f,
            "CardFiles(pass {}, certificate {}, photo {} bytes)",
            pass.len(),
            certificate.len(),
            photo.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> CardFiles {
        CardFiles {
            pass: vec![0x42; 106],
            certificate: b"the holder's name".to_vec(),
            photo: Vec::new(),
            needs: Needs::NONE,
            rides: Rides { period: 202_611, allowed: 60, used: 0 },
            pin: Some(Pin::parse("135790").unwrap()),
        }
    }

    #[test]
    fn files_print_their_lengths_alone() {
        assert_eq!(format!("{:?}", files()), "CardFiles(pass 106, certificate 17, photo 0 bytes)");
    }

    #[test]
    fn a_file_larger_than_its_place_is_refused_by_name() {
        let files = CardFiles { pass: vec![0; 513], ..files() };
        assert_eq!(files.groupings(1), Err(HostError::FileTooLong { ef: Ef::Pass, length: 513 }));
    }

    #[test]
    fn every_file_the_pin_and_the_counter_become_groupings() {
        let groupings = files().groupings(1).unwrap();
        assert_eq!(groupings[..3], [0xDC, 0x01, 106]);
        assert!(groupings.ends_with(&[0xDC, 0x20, 4, 0, 0, 0, 1]));
        let mut block = &groupings[..];
        let mut reader = dgi::Groupings::default();
        let mut tags = Vec::new();
        while let Some(piece) = reader.next(&mut block) {
            if let dgi::Piece::Head { tag, .. } = piece {
                tags.push(tag);
            }
        }
        assert_eq!(tags, [0xDC01, 0xDC02, 0xDC03, 0xDC04, 0xDC05, dgi::PIN, dgi::UPDATE_COUNTER]);
    }
}
