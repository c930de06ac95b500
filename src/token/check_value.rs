//! The key check value by which two people compare an AES key without seeing it.

use cryptoki::{mechanism::Mechanism, object::AttributeType};
use cryptoki_sys as ck;

use super::{
    error::{Error, Result},
    session::{Handle, Session},
};
use crate::encoding::{AES_BLOCK, CHECK_VALUE_LEN};

impl Session {
    /// The first three bytes of a zero block encrypted with AES-ECB, computed in the token: by ECB, or by CBC with a zero
    /// vector, which is the same for one block.
    pub fn check_value(&self, key: Handle) -> Result<[u8; CHECK_VALUE_LEN]> {
        let encrypt = |mechanism: &Mechanism<'_>| {
            self.library.encrypt(self.handle, mechanism, key.0, &[0; AES_BLOCK], AES_BLOCK)
        };
        let block = match encrypt(&Mechanism::AesEcb) {
            Err(error) if error.lacks_mechanism() => encrypt(&Mechanism::AesCbc([0; AES_BLOCK])),
            other => other,
        }?;
        let first = block.first_chunk::<CHECK_VALUE_LEN>().copied();
        first.ok_or(Error::new("C_Encrypt", ck::CKR_ENCRYPTED_DATA_LEN_RANGE))
    }

    /// `CKA_CHECK_VALUE`, where the token has it.
    pub fn stated_check_value(&self, key: Handle) -> Result<Option<[u8; CHECK_VALUE_LEN]>> {
        let attributes = self.read(key, &[AttributeType::CheckValue])?;
        Ok(attributes.bytes(AttributeType::CheckValue).and_then(|bytes| bytes.try_into().ok()))
    }
}
