//! PINs that kmsctl generates: `kms-pin-` and 56 characters of lower-case base32 (RFC 4648 §6), which are 256 random
//! bits and 24 bits of checksum.
//!
//! They are recognised by their form alone, so nothing about the PIN needs to be stored. The checksum detects a PIN
//! that is cut off or mistyped before it costs a login attempt.

use std::io;

use argon2::password_hash::rand_core::{OsRng, RngCore};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::StoreError;
use crate::secret::Pin;

const PREFIX: &[u8] = b"kms-pin-";
const ENTROPY: usize = 32;
const CHECKSUM: usize = 3;
const TEXT: usize = (ENTROPY + CHECKSUM) * 8 / 5;

/// A new PIN with 256 bits from the operating system.
pub fn generate() -> Result<Pin, StoreError> {
    let mut bytes = Zeroizing::new([0; ENTROPY + CHECKSUM]);
    let (entropy, checksum) = bytes.split_at_mut(ENTROPY);
    fill_random(entropy)?;
    checksum.copy_from_slice(&digest(entropy));
    let mut pin = PREFIX.to_vec();
    // Reserve once: a vector that grows leaves copies of the PIN in freed memory.
    pin.reserve_exact(TEXT);
    pin.resize(PREFIX.len() + TEXT, 0);
    BASE32_NOPAD.encode_mut(bytes.as_slice(), &mut pin[PREFIX.len()..]);
    pin.make_ascii_lowercase();
    Pin::new(pin).map_err(|error| StoreError::io("make", "a PIN")(io::Error::other(error)))
}

/// From the operating system.
pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), StoreError> {
    let failed = StoreError::io("read random bytes from", "the operating system");
    OsRng.try_fill_bytes(bytes).map_err(|error| failed(io::Error::other(error.to_string())))
}

/// Whether kmsctl generated this PIN. Fails if it has the prefix but is not intact.
pub(super) fn recognise(pin: &[u8]) -> Result<bool, StoreError> {
    let Some(text) = pin.strip_prefix(PREFIX) else { return Ok(false) };
    let mut upper = Zeroizing::new([0; TEXT]);
    let mut bytes = Zeroizing::new([0; ENTROPY + CHECKSUM]);
    if text.len() != TEXT || text.iter().any(u8::is_ascii_uppercase) {
        return Err(StoreError::MangledPin);
    }
    upper.copy_from_slice(text);
    upper.make_ascii_uppercase();
    BASE32_NOPAD.decode_mut(upper.as_slice(), bytes.as_mut_slice()).map_err(|_| StoreError::MangledPin)?;
    let (entropy, checksum) = bytes.split_at(ENTROPY);
    if checksum == digest(entropy) { Ok(true) } else { Err(StoreError::MangledPin) }
}

fn digest(entropy: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::new().chain_update(b"kmsctl generated PIN").chain_update(entropy).finalize();
    [digest[0], digest[1], digest[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_pin_is_recognised_and_new_each_time() {
        let (one, two) = (generate().expect("random"), generate().expect("random"));
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.expose().len(), 64);
        assert!(one.expose().is_ascii() && recognise(one.expose()).expect("whole"));
    }

    /// PINs in use must stay recognised. The checksum was computed with Python's hashlib.
    #[test]
    fn the_form_is_fixed() {
        assert!(
            recognise(b"kms-pin-aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp43oxw").expect("whole")
        );
    }

    #[test]
    fn any_changed_missing_or_extra_character_is_detected() {
        let pin = generate().expect("random");
        let pin = pin.expose();
        for index in PREFIX.len()..pin.len() {
            let mut changed = pin.to_vec();
            changed[index] = if pin[index] == b'a' { b'b' } else { b'a' };
            assert!(matches!(recognise(&changed), Err(StoreError::MangledPin)), "changed at {index}");
            assert!(matches!(recognise(&pin[..index]), Err(StoreError::MangledPin)), "cut off at {index}");
        }
        assert!(recognise(&[pin, b"a"].concat()).is_err());
        assert!(recognise(&[PREFIX, pin[PREFIX.len()..].to_ascii_uppercase().as_slice()].concat()).is_err());
    }

    #[test]
    fn a_chosen_pin_is_not_taken_for_a_generated_one() {
        for pin in [&b""[..], b"1234", b"kms-pin", b"KMS-PIN-x", "f\u{fc}r Elise".as_bytes()] {
            assert!(!recognise(pin).expect("another form"));
        }
    }
}
