//! Check values of AES keys, as custodians of key components compare them: three bytes that identify a key without
//! revealing it.

use aes::{
    Aes256,
    cipher::{BlockEncrypt, KeyInit, generic_array::GenericArray},
};

use crate::secret::Secret;

/// Length of an AES-256 key in bytes.
pub const AES_KEY_LEN: usize = 32;
/// Length of an AES block in bytes.
pub const AES_BLOCK: usize = 16;
/// Length of a check value in bytes (ANSI X9.24-1).
pub const CHECK_VALUE_LEN: usize = 3;

/// How a check value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckMethod {
    /// AES-ECB of a zero block: PKCS#11's `CKA_CHECK_VALUE`.
    Ecb,
    /// CMAC of a zero block (ANSI X9.24-1-2017, annex A), as newer payment HSMs compute it.
    Cmac,
}

impl CheckMethod {
    pub const ALL: [Self; 2] = [Self::Ecb, Self::Cmac];

    /// The check value of an AES-256 key; `None` for other lengths.
    pub fn compute(self, key: &Secret) -> Option<[u8; CHECK_VALUE_LEN]> {
        if key.len() != AES_KEY_LEN {
            return None;
        }
        let cipher = Aes256::new_from_slice(key.expose()).ok()?;
        let encrypt = |block: [u8; AES_BLOCK]| {
            let mut block = GenericArray::from(block);
            cipher.encrypt_block(&mut block);
            <[u8; AES_BLOCK]>::from(block)
        };
        let zeros = encrypt([0; AES_BLOCK]);
        let block = match self {
            Self::Ecb => zeros,
            // For one whole block, CMAC masks it with the first subkey and encrypts it (NIST SP 800-38B, section 6.2).
            Self::Cmac => encrypt(doubled(zeros)),
        };
        block.first_chunk().copied()
    }
}

/// Multiplication by x in GF(2^128) (NIST SP 800-38B, section 6.1).
fn doubled(block: [u8; AES_BLOCK]) -> [u8; AES_BLOCK] {
    let number = u128::from_be_bytes(block);
    let reduction = 0x87 * (number >> 127);
    (number << 1 ^ reduction).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn values(hex: &str) -> [Option<String>; 2] {
        let key = Secret::new(HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal"));
        CheckMethod::ALL.map(|method| method.compute(&key).map(|value| HEXLOWER.encode(&value)))
    }

    /// Expected values: `openssl enc -aes-256-ecb` and `openssl mac -cipher AES-256-CBC CMAC` of sixteen zero bytes.
    #[test]
    fn values_are_those_of_openssl() {
        let expected = |ecb: &str, cmac: &str| [Some(ecb.to_owned()), Some(cmac.to_owned())];
        assert_eq!(
            values("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            expected("f29000", "377822")
        );
        assert_eq!(
            values("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            expected("4bf85f", "5955e9")
        );
        assert_eq!(
            values("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
            expected("e568f6", "1a0b2d")
        );
        assert_eq!(values("00"), [None, None]);
    }
}
