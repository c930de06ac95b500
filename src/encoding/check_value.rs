//! Check values of secret keys, as custodians of key components compare them: three bytes that identify a key without
//! revealing it.

use aes::{
    Aes256,
    cipher::{BlockEncrypt, KeyInit, generic_array::GenericArray},
};

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{algorithm::Algorithm, secret::Secret};

/// Length of an AES-256 or HMAC key in bytes.
pub const SECRET_KEY_LEN: usize = 32;
/// Length of an AES block in bytes.
pub const AES_BLOCK: usize = 16;
/// Length of a check value in bytes (ANSI X9.24-1).
pub const CHECK_VALUE_LEN: usize = 3;

/// What identifies an AES key when it is encrypted with it: the first block of SHA-256 of `kmsctl key check`. Must not be
/// zero: the encryption of a zero block is GCM's hash subkey.
pub const CHECK_BLOCK: [u8; AES_BLOCK] =
    [0x45, 0x70, 0x8e, 0x3d, 0x6e, 0xc3, 0xe6, 0x15, 0x16, 0xc6, 0x72, 0x04, 0x91, 0xf1, 0xb0, 0x0d];

/// What identifies an HMAC key by its MAC; used for nothing else.
pub const CHECK_MESSAGE: &[u8] = b"kmsctl key check\0";

/// What a token computes of [`CHECK_BLOCK`] or [`CHECK_MESSAGE`] with a secret key; `None` for another length than 32 bytes.
pub(super) fn check_block(algorithm: Algorithm, key: &Secret) -> Option<[u8; AES_BLOCK]> {
    if algorithm.kind().is_mac() { mac(key, CHECK_MESSAGE) } else { encrypt_block(key, CHECK_BLOCK) }
}

/// The first bytes of HMAC-SHA-256.
fn mac(key: &Secret, message: &[u8]) -> Option<[u8; AES_BLOCK]> {
    if key.len() != SECRET_KEY_LEN {
        return None;
    }
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key.expose()).ok()?.chain_update(message);
    mac.finalize().into_bytes().first_chunk().copied()
}

/// One block encrypted under an AES-256 key.
fn encrypt_block(key: &Secret, block: [u8; AES_BLOCK]) -> Option<[u8; AES_BLOCK]> {
    if key.len() != SECRET_KEY_LEN {
        return None;
    }
    let mut block = GenericArray::from(block);
    Aes256::new_from_slice(key.expose()).ok()?.encrypt_block(&mut block);
    Some(block.into())
}

/// How a check value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckMethod {
    /// AES-ECB of a zero block: PKCS#11's `CKA_CHECK_VALUE`.
    Ecb,
    /// CMAC of a zero block (ANSI X9.24-1-2017, annex A), as newer payment HSMs compute it.
    Cmac,
    /// HMAC-SHA-256 of 16 zero bytes.
    Hmac,
}

impl CheckMethod {
    /// The methods for secret keys of an algorithm. The first is what a token computes.
    pub fn of(algorithm: Algorithm) -> &'static [Self] {
        if algorithm.kind().is_mac() { &[Self::Hmac] } else { &[Self::Ecb, Self::Cmac] }
    }

    /// The check value of a key of 32 bytes; `None` for other lengths.
    pub fn compute(self, key: &Secret) -> Option<[u8; CHECK_VALUE_LEN]> {
        let zeros = [0; AES_BLOCK];
        let block = match self {
            Self::Hmac => mac(key, &zeros)?,
            Self::Ecb => encrypt_block(key, zeros)?,
            // For one whole block, CMAC masks it with the first subkey and encrypts it (NIST SP 800-38B, section 6.2).
            Self::Cmac => encrypt_block(key, doubled(encrypt_block(key, zeros)?))?,
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

    fn values(hex: &str) -> [Option<String>; 3] {
        let key = Secret::new(HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal"));
        let methods = [CheckMethod::Ecb, CheckMethod::Cmac, CheckMethod::Hmac];
        methods.map(|method| method.compute(&key).map(|value| HEXLOWER.encode(&value)))
    }

    /// Expected values: `openssl enc -aes-256-ecb`, `openssl mac -cipher AES-256-CBC CMAC` and
    /// `openssl mac -digest SHA256 HMAC` of sixteen zero bytes.
    #[test]
    fn values_are_those_of_openssl() {
        let expected =
            |ecb: &str, cmac: &str, hmac: &str| [ecb, cmac, hmac].map(|value| Some(value.to_owned()));
        assert_eq!(
            values("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            expected("f29000", "377822", "ff9212")
        );
        assert_eq!(
            values("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            expected("4bf85f", "5955e9", "a1f809")
        );
        assert_eq!(
            values("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
            expected("e568f6", "1a0b2d", "377f34")
        );
        assert_eq!(values("00"), [None, None, None]);
    }
}
