//! Slows down guessing of PINs by an attacker who has copied the store.
//!
//! kryoptic protects the token's master key with 1,000 rounds of PBKDF2 over the PIN, of which a graphics card computes
//! millions per second. So the token receives the Argon2id hash (RFC 9106) of a chosen PIN instead. Salt and costs
//! belong to the store and never change, so changing a PIN remains one atomic step of the token.

use std::io;

use crate::token::UserType;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64URL_NOPAD;
use zeroize::{Zeroize, Zeroizing};

use super::{StoreError, generated_pin::fill_random};
use crate::secret::Pin;

const HASH: usize = 32;

/// Salt and costs of one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretching {
    pub(super) salt: Vec<u8>,
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Stretching {
    /// For a new store: a random salt, and OWASP's recommended costs, about 20 ms.
    pub(super) fn random() -> Result<Self, StoreError> {
        let mut salt = vec![0; 16];
        fill_random(&mut salt)?;
        Ok(Self { salt, memory_kib: 19 * 1024, passes: 2, lanes: 1 })
    }

    /// Checks the costs, which come from a file: too low ones would make a copied store cheap to attack once the next
    /// PIN is set, too high ones would exhaust memory or time.
    pub(super) fn accept(self) -> Result<Self, String> {
        let within = |what, value: u64, least, most| match value {
            _ if (least..=most).contains(&value) => Ok(()),
            _ => Err(format!("the PIN stretching's {what} is {value}, not {least} to {most}")),
        };
        within("salt length", self.salt.len() as u64, 16, 64)?;
        within("memory in KiB", self.memory_kib.into(), 19 * 1024, 1024 * 1024)?;
        within("number of passes", self.passes.into(), 2, 16)?;
        within("number of lanes", self.lanes.into(), 1, 16)?;
        Ok(self)
    }

    /// The PIN that the token receives: 43 characters of base64url.
    pub(super) fn stretch(&self, whose: UserType, pin: &Pin) -> Result<Pin, StoreError> {
        let failed = |error| StoreError::io("stretch the PIN with", "Argon2id")(error);
        let refused = |error: argon2::Error| failed(io::Error::other(error.to_string()));
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH)).map_err(refused)?;
        let mut memory = Memory(Vec::new());
        memory
            .0
            .try_reserve_exact(params.block_count())
            .map_err(|_| failed(io::ErrorKind::OutOfMemory.into()))?;
        memory.0.resize(params.block_count(), Block::new());

        // SO and user get different hashes for equal PINs.
        let owner: &[u8] = if matches!(whose, UserType::SecurityOfficer) { b"so" } else { b"user" };
        let salt = [self.salt.as_slice(), owner].concat();
        let mut hash = Zeroizing::new([0; HASH]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(pin.expose(), &salt, hash.as_mut_slice(), &mut memory.0)
            .map_err(refused)?;
        let mut text = vec![0; BASE64URL_NOPAD.encode_len(HASH)];
        BASE64URL_NOPAD.encode_mut(hash.as_slice(), &mut text);
        Pin::new(text).map_err(|error| failed(io::Error::other(error)))
    }
}

/// Argon2's working memory, wiped on drop: the hash can be derived from its last block.
struct Memory(Vec<Block>);

impl Drop for Memory {
    fn drop(&mut self) {
        for block in &mut self.0 {
            block.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(text: &str) -> Pin {
        Pin::new(text.into()).expect("a PIN")
    }

    fn fixed() -> Stretching {
        Stretching { salt: b"0123456789abcdef".to_vec(), memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }

    /// A changed result would lock every user out of existing stores. The value is that of the reference
    /// implementation: `printf 'my PIN 1' | argon2 0123456789abcdefuser -id -t 2 -k 19456 -p 1 -l 32 -r`.
    #[test]
    fn the_stretched_pin_matches_the_reference_implementation() {
        let stretched = fixed().stretch(UserType::User, &pin("my PIN 1")).expect("stretched");
        assert_eq!(stretched.expose_str(), "zWbvWpJMDY5M7s1fD89x4y1aNm3LwiV0DHOVXV27xT8");
    }

    #[test]
    fn pin_salt_role_and_costs_all_count() {
        let stretch = |stretching: &Stretching, whose, text| {
            stretching.stretch(whose, &pin(text)).expect("stretched").expose().to_vec()
        };
        let usual = stretch(&fixed(), UserType::User, "12345678");
        assert_eq!(usual, stretch(&fixed(), UserType::User, "12345678"));
        assert_eq!(usual.len(), 43);
        assert_ne!(usual, stretch(&fixed(), UserType::SecurityOfficer, "12345678"));
        assert_ne!(usual, stretch(&fixed(), UserType::User, "12345679"));
        assert_ne!(usual, stretch(&Stretching { passes: 3, ..fixed() }, UserType::User, "12345678"));
        assert_ne!(usual, stretch(&Stretching::random().expect("random"), UserType::User, "12345678"));
    }

    #[test]
    fn costs_out_of_bounds_are_refused() {
        let hostile = [
            Stretching { memory_kib: 1024 * 1024 + 1, ..fixed() },
            Stretching { memory_kib: 8, ..fixed() },
            Stretching { passes: u32::MAX, ..fixed() },
            Stretching { passes: 1, ..fixed() },
            Stretching { lanes: 0, ..fixed() },
            Stretching { lanes: 17, ..fixed() },
            Stretching { salt: vec![0; 15], ..fixed() },
            Stretching { salt: vec![0; 1 << 20], ..fixed() },
        ];
        for stretching in hostile {
            assert!(stretching.clone().accept().is_err(), "{stretching:?}");
        }
        assert_eq!(fixed().accept(), Ok(fixed()));
    }
}
