//! Key check values, to compare keys without revealing them.

use cryptoki::{mechanism::Mechanism, object::AttributeType};
use cryptoki_sys as ck;

use super::{
    error::{Error, Result},
    session::{Handle, Session},
};
use crate::{
    algorithm::KeyKind,
    encoding::{AES_BLOCK, CHECK_VALUE_LEN},
};

/// Bytes of [`Session::key_check`].
pub const CHECK_LEN: usize = 8;
/// The first block of SHA-256 of `kmsctl key check`. Must not be zero: the encryption of a zero block is GCM's hash
/// subkey.
const CHECK_BLOCK: [u8; AES_BLOCK] =
    [0x45, 0x70, 0x8e, 0x3d, 0x6e, 0xc3, 0xe6, 0x15, 0x16, 0xc6, 0x72, 0x04, 0x91, 0xf1, 0xb0, 0x0d];

impl Session {
    /// Identifies a secret key without revealing it: for an HMAC key [`Self::mac_check`], else the first eight bytes of a
    /// constant block encrypted with AES-ECB. Fails if the key may not be used for that.
    pub fn key_check(&self, kind: KeyKind, key: Handle) -> Result<[u8; CHECK_LEN]> {
        if kind.is_mac() {
            return self.mac_check(key);
        }
        let block = self.encrypt_block(key, CHECK_BLOCK)?;
        block.first_chunk().copied().ok_or(Error::new("C_Encrypt", ck::CKR_ENCRYPTED_DATA_LEN_RANGE))
    }

    /// For an HMAC key: the first eight bytes of the HMAC-SHA-256 of a constant that is used
    /// for nothing else.
    pub fn mac_check(&self, key: Handle) -> Result<[u8; CHECK_LEN]> {
        let mac = self.hmac_sha256(key, b"kmsctl key check\0")?;
        mac.first_chunk().copied().ok_or(Error::new("C_Sign", ck::CKR_SIGNATURE_LEN_RANGE))
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
