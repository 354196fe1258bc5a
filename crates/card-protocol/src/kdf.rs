//! AES-CMAC (NIST SP 800-38B) and the key derivation made of it (NIST SP 800-108, counter mode).

use crate::{Key, Secret};
use aes::Aes128;
use cmac::{Cmac, KeyInit as _, Mac as _};
use zeroize::Zeroize as _;

/// CMAC over the parts, one after the other.
pub(crate) fn cmac<'p>(key: &Key, parts: impl IntoIterator<Item = &'p [u8]>) -> [u8; 16] {
    let mut mac = Cmac::<Aes128>::new(key.expose().into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Fixed input as SP 800-108, 5 has it: label, a zero byte, length in bits, then the counter, then the context.
pub(crate) fn derive<const N: usize>(key: &Key, label: &[u8], context: &[&[u8]]) -> Secret<N> {
    let [.., high, low] = N.saturating_mul(8).to_be_bytes();
    Secret::filled(|out| counter_mode(key, &[label, &[0, high, low]], context, out))
}

/// Counter mode with a counter of one byte that stands between `before` and `after`; at most 255 blocks.
fn counter_mode(key: &Key, before: &[&[u8]], after: &[&[u8]], out: &mut [u8]) {
    for (counter, block) in (1..=u8::MAX).zip(out.chunks_mut(16)) {
        let mut derived = cmac(key, before.iter().chain([&&[counter][..]]).chain(after).copied());
        for (place, byte) in block.iter_mut().zip(derived) {
            *place = byte;
        }
        derived.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn lines(file: &'static str) -> impl Iterator<Item = Vec<Vec<u8>>> {
        file.lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').map(|field| hex::decode(field.trim_matches('-')).unwrap()).collect())
    }

    fn key(bytes: &[u8]) -> Key {
        Key::new(bytes.try_into().unwrap())
    }

    #[test]
    fn cmac_gives_what_nist_gives() {
        let mut count = 0;
        for fields in lines(include_str!("../tests/vectors/cmac.txt")) {
            assert_eq!(cmac(&key(&fields[0]), [&fields[1][..]]).to_vec(), fields[2]);
            count += 1;
        }
        assert_eq!(count, 4);
    }

    #[test]
    fn key_derivation_gives_what_nist_gives() {
        let mut count = 0;
        for fields in lines(include_str!("../tests/vectors/kdf.txt")) {
            let mut out = vec![0; fields[3].len()];
            counter_mode(&key(&fields[0]), &[&fields[1]], &[&fields[2]], &mut out);
            assert_eq!(out, fields[3]);
            count += 1;
        }
        assert_eq!(count, 40);
    }

    #[test]
    fn the_fixed_input_is_label_zero_length_counter_context() {
        let key = key(&[3; 16]);
        let derived: Secret<16> = derive(&key, b"DC1-ENC", &[b"con", b"text"]);
        assert!(derived.is(&cmac(&key, [&b"DC1-ENC"[..], &[0, 0, 128, 1], b"context"])));
    }
}
