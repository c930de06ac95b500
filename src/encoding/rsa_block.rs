//! The plaintext of an RSA-OAEP block: the data of a text, or the file key of an envelope. OAEP with an empty label does not
//! distinguish them, so the plaintext has to.
//!
//! ```text
//! text              the data, which has neither of the two forms below
//! rsa-oaep-sha256-2 "kmsctl:envelope:" (16 bytes) ‖ file key (16) ‖ SHA-256 of the associated data (32)
//! rsa-oaep-sha256   file key (16) ‖ SHA-256 of the associated data (32)
//! ```
//!
//! The last form comes from earlier releases and has no marker. Checking the hash would need the context, which `decrypt` of
//! a text does not have. So 48 bytes that are not readable text count as an envelope's: a random file key and a hash look
//! like text with a probability below 2^-60.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::FILE_KEY_LEN;
use crate::secret::Secret;

const MARK: &[u8; 16] = b"kmsctl:envelope:";
const HASH_LEN: usize = 32;

/// The plaintext of the block that wraps a file key.
pub fn envelope_block(file_key: &[u8; FILE_KEY_LEN], associated_data: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&MARK[..], file_key, &Sha256::digest(associated_data)].concat())
}

/// The file key, if the block has the hash of this associated data.
pub fn open_envelope_block(plaintext: &[u8], associated_data: &[u8]) -> Option<Secret> {
    open_old_envelope_block(plaintext.strip_prefix(MARK)?, associated_data)
}

/// Like [`open_envelope_block`], for a block of an earlier release.
pub fn open_old_envelope_block(plaintext: &[u8], associated_data: &[u8]) -> Option<Secret> {
    let (file_key, hash) = plaintext.split_at_checked(FILE_KEY_LEN)?;
    let same = bool::from(hash.ct_eq(&Sha256::digest(associated_data)));
    same.then(|| Secret::new(file_key.to_vec()))
}

/// Whether this plaintext is a text rather than the file key of an envelope, of this or an earlier release.
pub fn may_be_text(plaintext: &[u8]) -> bool {
    let is_readable = || {
        std::str::from_utf8(plaintext)
            .is_ok_and(|text| text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')))
    };
    !plaintext.starts_with(MARK) && (plaintext.len() != FILE_KEY_LEN + HASH_LEN || is_readable())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; FILE_KEY_LEN] = [7; FILE_KEY_LEN];

    fn old_block(associated_data: &[u8]) -> Vec<u8> {
        [&KEY[..], &Sha256::digest(associated_data)].concat()
    }

    #[test]
    fn each_form_opens_only_as_itself() {
        let (new, old) = (envelope_block(&KEY, b"age:v1:tag:"), old_block(b"age:v1:tag:"));
        let opened = |opened: Option<Secret>| opened.map(|key| key.expose().to_vec());
        assert_eq!(opened(open_envelope_block(&new, b"age:v1:tag:")), Some(KEY.to_vec()));
        assert_eq!(opened(open_old_envelope_block(&old, b"age:v1:tag:")), Some(KEY.to_vec()));
        assert_eq!(opened(open_envelope_block(&old, b"age:v1:tag:")), None);
        assert_eq!(opened(open_old_envelope_block(&new, b"age:v1:tag:")), None);
        for other in [b"age:v1:tag:context".as_slice(), b"age:v2:tag:", b"kms:v1:tag:", b""] {
            assert_eq!(opened(open_envelope_block(&new, other)), None);
            assert_eq!(opened(open_old_envelope_block(&old, other)), None);
        }
        assert!(!may_be_text(&new) && !may_be_text(&old));
    }

    #[test]
    fn other_plaintexts_are_text() {
        for text in [
            b"".as_slice(),
            b"secret",
            &[0; 32],
            &[0; 47],
            &[0; 49],
            &[0xff; 64],
            b"kmsctl:envelope",
            b"a password of exactly forty-eight characters....",
            "ä".repeat(24).as_bytes(),
        ] {
            assert!(may_be_text(text), "{text:?}");
        }
        for block in [&[0; 48][..], &[0xff; 48], b"kmsctl:envelope:", b"kmsctl:envelope: and anything"] {
            assert!(!may_be_text(block), "{block:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_envelope_block_is_not_text(file_key: [u8; FILE_KEY_LEN], data: Vec<u8>) {
            proptest::prop_assert!(!may_be_text(&envelope_block(&file_key, &data)));
        }
    }
}
