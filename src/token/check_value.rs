//! Key check values, to compare keys without revealing them.

use cryptoki::{mechanism::Mechanism, object::AttributeType};
use cryptoki_sys as ck;

use super::{
    error::{Error, Result},
    session::{Handle, Session},
};
use crate::{
    algorithm::KeyKind,
    encoding::{AES_BLOCK, CHECK_BLOCK, CHECK_MESSAGE, CHECK_VALUE_LEN},
};

/// Bytes of [`Session::key_check`].
pub const CHECK_LEN: usize = 8;

/// The part of a check block that a record keeps.
pub fn first_of(block: &[u8; AES_BLOCK]) -> [u8; CHECK_LEN] {
    std::array::from_fn(|at| block[at])
}

impl Session {
    /// Identifies a secret key without revealing it: the first eight bytes of [`Self::key_check_block`].
    pub fn key_check(&self, kind: KeyKind, key: Handle) -> Result<[u8; CHECK_LEN]> {
        Ok(first_of(&self.key_check_block(kind, key)?))
    }

    /// A constant that is used for nothing else: for an HMAC key the first half of its HMAC-SHA-256, else a block
    /// encrypted with AES-ECB. Fails if the key may not be used for that. The tag of a new key follows from it.
    pub fn key_check_block(&self, kind: KeyKind, key: Handle) -> Result<[u8; AES_BLOCK]> {
        if kind.is_mac() {
            let mac = self.hmac_sha256(key, CHECK_MESSAGE)?;
            return mac.first_chunk().copied().ok_or(Error::new("C_Sign", ck::CKR_SIGNATURE_LEN_RANGE));
        }
        let block = self.encrypt_block(key, CHECK_BLOCK)?;
        block.first_chunk().copied().ok_or(Error::new("C_Encrypt", ck::CKR_ENCRYPTED_DATA_LEN_RANGE))
    }

    fn encrypt_block(&self, key: Handle, block: [u8; AES_BLOCK]) -> Result<Vec<u8>> {
        let encrypt = |mechanism: &Mechanism<'_>| {
            self.library.encrypt(self.handle, mechanism, key.0, &block, AES_BLOCK)
        };
        match encrypt(&Mechanism::AesEcb) {
            Err(error) if error.lacks_mechanism() => encrypt(&Mechanism::AesCbc([0; AES_BLOCK])),
            other => other,
        }
    }

    /// The first three bytes of a zero block's HMAC-SHA-256 or AES-ECB encryption, computed in the token: with ECB, or with
    /// CBC and a zero IV, which is the same for one block.
    pub fn check_value(&self, kind: KeyKind, key: Handle) -> Result<[u8; CHECK_VALUE_LEN]> {
        let zeros = [0; AES_BLOCK];
        let block =
            if kind.is_mac() { self.hmac_sha256(key, &zeros) } else { self.encrypt_block(key, zeros) }?;
        let first = block.first_chunk::<CHECK_VALUE_LEN>().copied();
        first.ok_or(Error::new("C_Encrypt", ck::CKR_ENCRYPTED_DATA_LEN_RANGE))
    }

    /// `CKA_CHECK_VALUE`, if the token has it.
    pub fn stated_check_value(&self, key: Handle) -> Result<Option<[u8; CHECK_VALUE_LEN]>> {
        let attributes = self.read(key, &[AttributeType::CheckValue])?;
        Ok(attributes.bytes(AttributeType::CheckValue).and_then(|bytes| bytes.try_into().ok()))
    }
}
