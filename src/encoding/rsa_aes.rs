//! Wrapping for `CKM_RSA_AES_KEY_WRAP` (PKCS#11 3.1, section 6.1.24): an AES-256 key under RSA-OAEP without a label, then
//! the key itself under that AES key (RFC 5649).

use rsa::{Oaep, rand_core::OsRng};
use sha1::Sha1;
use sha2::Sha256;

use super::{Error, kwp_wrap};
use crate::{algorithm::PublicKey, secret::Secret};

const WHAT: &str = "the wrapping key";

/// The hash of OAEP and of its MGF1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OaepHash {
    Sha256,
    /// The only hash that SoftHSM supports. As safe as SHA-256 here: OAEP does not rely on collision resistance.
    Sha1,
}

impl OaepHash {
    fn padding(self) -> Oaep {
        match self {
            Self::Sha256 => Oaep::new::<Sha256>(),
            Self::Sha1 => Oaep::new::<Sha1>(),
        }
    }
}

/// Wraps `plain` under the AES key `between`, which must not be used again, and that key under an RSA key.
pub fn rsa_aes_wrap(
    key: &PublicKey,
    hash: OaepHash,
    between: &Secret,
    plain: &Secret,
) -> Result<Vec<u8>, Error> {
    let other = || Error::Unsupported(format!("wrapping under a key of {}", key.kind()));
    let rsa = key.to_rsa().ok_or_else(other)?;
    let mut wrapped = rsa
        .encrypt(&mut OsRng, hash.padding(), between.expose())
        .map_err(|error| Error::malformed(WHAT, error.to_string()))?;
    wrapped.extend(kwp_wrap(between, plain.expose())?);
    Ok(wrapped)
}

#[cfg(test)]
mod tests {
    use rsa::{
        RsaPrivateKey,
        pkcs8::{DecodePrivateKey, EncodePublicKey},
    };

    use super::*;
    use crate::algorithm::sample::fixture;
    use crate::encoding::kwp_unwrap;

    const RSA: &str = include_str!("../../tests/fixtures/keys/rsa-2048.pkcs8.pem");
    const EC: &[u8] = fixture!(ec "pub.pem");

    #[test]
    fn the_private_key_opens_both_parts() {
        let private = RsaPrivateKey::from_pkcs8_pem(RSA).expect("a fixture");
        let key = PublicKey::read(private.to_public_key().to_public_key_der().expect("DER").as_bytes())
            .expect("a key");
        let (between, plain) = (Secret::new(vec![3; 32]), Secret::new(b"a key of some length".to_vec()));
        let wrapped = rsa_aes_wrap(&key, OaepHash::Sha256, &between, &plain).expect("wrapped");
        let (block, rest) = wrapped.split_at(256);
        assert_eq!(private.decrypt(Oaep::new::<Sha256>(), block).as_deref(), Ok(between.expose()));
        assert_eq!(kwp_unwrap(&between, rest).expect("unwrapped").expose(), plain.expose());
        let other = rsa_aes_wrap(&key, OaepHash::Sha1, &between, &plain).expect("wrapped");
        assert!(private.decrypt(Oaep::new::<Sha256>(), &other[..256]).is_err(), "another hash");
        assert_eq!(&other[256..], rest);
        let ec = PublicKey::read(EC).expect("a fixture");
        assert!(rsa_aes_wrap(&ec, OaepHash::Sha256, &between, &plain).is_err());
    }
}
