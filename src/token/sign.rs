//! Signatures: hashed here, signed by the plainest mechanism that the token has.

use cryptoki::mechanism::{
    Mechanism, MechanismType,
    rsa::{PkcsMgfType, PkcsPssParams},
};
use cryptoki_sys as ck;

use super::{
    error::{Error, Result},
    session::{Handle, Session},
};
use crate::{
    encoding::digest_info,
    model::{Hash, Padding, SignatureAlgorithm},
};

/// Room for a signature, in bytes: of the largest RSA key, 16384 bits, and of any curve.
const LARGEST_RSA: usize = 2048;
const LARGEST_EC: usize = 256;

/// What is signed: always the digest, and the data itself where it is at hand, for tokens that insist on hashing.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    pub digest: &'a [u8],
    pub data: Option<&'a [u8]>,
}

impl Session {
    /// Signs. RSA signatures come as the modulus-long block, ECDSA as r‖s (PKCS#11, section 2.3.1).
    pub fn sign(&self, key: Handle, algorithm: SignatureAlgorithm, message: &Message<'_>) -> Result<Vec<u8>> {
        let (plain, hashing) = mechanisms(algorithm);
        let input = match algorithm {
            SignatureAlgorithm::Rsa(Padding::Pkcs1, hash) => {
                digest_info(hash, message.digest).map_err(|_| Error::new("C_Sign", ck::CKR_DATA_LEN_RANGE))?
            }
            SignatureAlgorithm::Rsa(Padding::Pss, _) | SignatureAlgorithm::Ecdsa => message.digest.to_vec(),
        };
        let room = match algorithm {
            SignatureAlgorithm::Rsa(..) => LARGEST_RSA,
            SignatureAlgorithm::Ecdsa => LARGEST_EC,
        };
        let sign = |mechanism, input: &[u8]| self.library.sign(self.handle, mechanism, key.0, input, room);
        match (sign(&plain, &input), message.data) {
            (Err(error), Some(data)) if error.lacks_mechanism() => sign(&hashing, data),
            (result, _) => result,
        }
    }

    /// HMAC-SHA-256 under a generic secret key: 32 bytes.
    pub fn hmac_sha256(&self, key: Handle, data: &[u8]) -> Result<Vec<u8>> {
        self.library.sign(self.handle, &Mechanism::Sha256Hmac, key.0, data, 32)
    }
}

/// The mechanism that takes a digest, and the one that hashes by itself.
fn mechanisms(algorithm: SignatureAlgorithm) -> (Mechanism<'static>, Mechanism<'static>) {
    match algorithm {
        SignatureAlgorithm::Rsa(Padding::Pkcs1, hash) => {
            let hashing = match hash {
                Hash::Sha256 => Mechanism::Sha256RsaPkcs,
                Hash::Sha384 => Mechanism::Sha384RsaPkcs,
                Hash::Sha512 => Mechanism::Sha512RsaPkcs,
            };
            (Mechanism::RsaPkcs, hashing)
        }
        SignatureAlgorithm::Rsa(Padding::Pss, hash) => {
            let parameters = pss(hash);
            let hashing = match hash {
                Hash::Sha256 => Mechanism::Sha256RsaPkcsPss(parameters),
                Hash::Sha384 => Mechanism::Sha384RsaPkcsPss(parameters),
                Hash::Sha512 => Mechanism::Sha512RsaPkcsPss(parameters),
            };
            (Mechanism::RsaPkcsPss(parameters), hashing)
        }
        SignatureAlgorithm::Ecdsa => (Mechanism::Ecdsa, Mechanism::EcdsaSha256),
    }
}

/// MGF1 with the same hash, a salt as long as the digest (RFC 7518, section 3.5).
fn pss(hash: Hash) -> PkcsPssParams {
    let (hash_alg, mgf) = match hash {
        Hash::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        Hash::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        Hash::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
    };
    PkcsPssParams { hash_alg, mgf, s_len: (hash.len() as u64).into() }
}
