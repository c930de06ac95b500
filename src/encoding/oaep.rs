//! EME-OAEP decoding (RFC 8017, section 7.1.2, step 3) with SHA-256, MGF1-SHA-256 and an empty label, for tokens that only
//! do raw RSA (`CKM_RSA_X_509`).
//!
//! Constant time: an attacker must not learn which condition a block fails (Manger's attack), so there is one error and no
//! early exit. The time depends only on the size of the modulus and, for a valid block, on the length of the plaintext.

use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use super::Error;
use crate::secret::Secret;

const HASH: usize = 32;

/// `block` is the result of raw RSA decryption; a token may have dropped its leading zeros. `size` is the length of the
/// modulus in bytes.
pub fn oaep_decode(block: &[u8], size: usize) -> Result<Secret, Error> {
    // The lengths are public.
    let padding = size.checked_sub(block.len()).ok_or(Error::Decryption)?;
    if size < 2 * HASH + 2 {
        return Err(Error::Decryption);
    }
    let mut em = Zeroizing::new(vec![0u8; size]);
    em[padding..].copy_from_slice(block);
    let (first, masked) = em.split_at_mut(1);
    let (seed, db) = masked.split_at_mut(HASH);
    mask(seed, db);
    mask(db, seed);
    let (label_hash, rest) = db.split_at(HASH);

    let mut good = first[0].ct_eq(&0) & label_hash.ct_eq(&Sha256::digest(b""));
    let mut in_padding = Choice::from(1);
    let mut start = 0u32;
    for (position, byte) in (1u32..).zip(rest) {
        let one = byte.ct_eq(&1);
        start.conditional_assign(&position, in_padding & one);
        good &= !in_padding | one | byte.ct_eq(&0);
        in_padding &= !one;
    }
    good &= !in_padding;

    if bool::from(good) {
        let plaintext = rest.get(start as usize..).unwrap_or_default();
        return Ok(Secret::new(plaintext.to_vec()));
    }
    Err(Error::Decryption)
}

/// XORs MGF1-SHA-256 of `seed` (RFC 8017, appendix B.2.1) into `target`.
fn mask(target: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0u32..).zip(target.chunks_mut(HASH)) {
        let block = Sha256::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(block).for_each(|(byte, mask)| *byte ^= mask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EME-OAEP encoding of `message` with the parts that a test may break.
    fn encode(size: usize, first: u8, label: &[u8], separator: &[u8], message: &[u8]) -> Vec<u8> {
        let mut seed = [0x5a; HASH];
        let mut db = Sha256::digest(label).to_vec();
        db.resize(size - 1 - HASH - separator.len() - message.len(), 0);
        db.extend(separator);
        db.extend(message);
        mask(&mut db, &seed);
        mask(&mut seed, &db);
        [&[first], &seed[..], &db].concat()
    }

    fn decoded(block: &[u8]) -> Option<Vec<u8>> {
        oaep_decode(block, 256).ok().map(|secret| secret.expose().to_vec())
    }

    #[test]
    fn valid_blocks_are_decoded() {
        for message in [&b""[..], b"m", &[1; 10], &[0; 190], b"\x00\x01\x00"] {
            assert_eq!(decoded(&encode(256, 0, b"", &[1], message)).as_deref(), Some(message));
        }
    }

    #[test]
    fn dropped_leading_zeros_are_restored() {
        let block = encode(256, 0, b"", &[1], b"message");
        assert_eq!(block[0], 0);
        assert_eq!(decoded(&block[1..]).as_deref(), Some(&b"message"[..]));
    }

    #[test]
    fn every_invalid_block_gives_the_same_error() {
        for bad in [
            encode(256, 1, b"", &[1], b"message"),
            encode(256, 0, b"label", &[1], b"message"),
            encode(256, 0, b"", &[2], b"message"),
            encode(256, 0, b"", &[], b""),
            encode(256, 0, b"", &[2, 1], b"message"),
            vec![0; 256],
            vec![0; 257],
            Vec::new(),
        ] {
            assert_eq!(oaep_decode(&bad, 256).err(), Some(Error::Decryption));
        }
        assert!(oaep_decode(&[0; 65], 65).is_err(), "smaller than any block");
    }

    proptest::proptest! {
        #[test]
        fn a_changed_bit_is_noticed(at in 0usize..256, bit in 0u8..8) {
            let mut block = encode(256, 0, b"", &[1], b"message");
            block[at] ^= 1 << bit;
            proptest::prop_assert_eq!(decoded(&block), None);
        }

        #[test]
        fn never_panics(block in proptest::collection::vec(0u8.., 0..300), size in 0usize..300) {
            let _ = oaep_decode(&block, size);
        }
    }
}
