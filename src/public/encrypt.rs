//! RSA-OAEP (RFC 8017, section 7.1.1) with SHA-256, MGF1-SHA-256 and an empty label.

use rsa::{Oaep, RsaPublicKey, rand_core::OsRng, traits::PublicKeyParts};
use sha2::Sha256;

use super::Error;
use crate::algorithm::PublicKey;

/// What OAEP with SHA-256 takes of a block: two digests and two bytes.
const OVERHEAD: usize = 2 * 32 + 2;

/// The most bytes that a key encrypts at once: 190 for RSA-2048, 446 for RSA-4096. `None` if it cannot encrypt.
pub fn max_plaintext(key: &PublicKey) -> Option<usize> {
    key.to_rsa().as_ref().map(room)
}

/// The key, if it is fit to encrypt with: RSA of at least 2,048 bits. Decrypting is not asked for that.
pub fn require_encryption(key: &PublicKey) -> Result<RsaPublicKey, Error> {
    let rsa = key.to_rsa().ok_or(Error::CannotEncrypt { kind: key.kind() })?;
    match key.kind().too_short() {
        Some(bits) => Err(Error::ShortKey { bits }),
        None => Ok(rsa),
    }
}

/// One RSA block, as long as the modulus.
pub fn encrypt_oaep(key: &PublicKey, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let rsa = require_encryption(key)?;
    let limit = room(&rsa);
    if plaintext.len() > limit {
        return Err(Error::PlaintextTooLong { length: plaintext.len(), limit });
    }
    rsa.encrypt(&mut OsRng, Oaep::new::<Sha256>(), plaintext).map_err(|error| Error::Rsa(error.to_string()))
}

fn room(key: &RsaPublicKey) -> usize {
    key.size().saturating_sub(OVERHEAD)
}

#[cfg(test)]
mod tests {
    use rsa::{
        RsaPrivateKey,
        pkcs8::{DecodePrivateKey, EncodePublicKey},
    };

    use super::*;
    use crate::algorithm::sample::fixture;

    const RSA: &str = include_str!("../../tests/fixtures/keys/rsa-2048.pkcs8.pem");
    const EC: &[u8] = fixture!(ec "pub.pem");

    #[test]
    fn the_private_key_reads_it_back_up_to_the_limit() {
        let private = RsaPrivateKey::from_pkcs8_pem(RSA).expect("a fixture");
        let key = PublicKey::read(private.to_public_key().to_public_key_der().expect("DER").as_bytes())
            .expect("a key");
        assert_eq!(max_plaintext(&key), Some(190));
        for length in [0, 1, 190] {
            let plaintext = vec![0xa5; length];
            let block = encrypt_oaep(&key, &plaintext).expect("within the limit");
            assert_eq!(block.len(), 256);
            assert_eq!(private.decrypt(Oaep::new::<Sha256>(), &block), Ok(plaintext));
        }
        let error = Error::PlaintextTooLong { length: 191, limit: 190 };
        assert_eq!(encrypt_oaep(&key, &[0; 191]), Err(error));
        assert_ne!(encrypt_oaep(&key, b"same"), encrypt_oaep(&key, b"same"), "the seed is random");
    }

    #[test]
    fn a_short_key_may_not() {
        for (bits, fits) in [(1024usize, false), (2040, false), (2047, false), (2048, true)] {
            let top = 0xff >> ((8 - bits % 8) % 8);
            let modulus: Vec<u8> = std::iter::once(top).chain(vec![0xff; bits.div_ceil(8) - 1]).collect();
            let key = PublicKey::from_rsa(&modulus, &[1, 0, 1]).expect("within the limits");
            assert_eq!(encrypt_oaep(&key, b"secret").is_ok(), fits, "{bits}");
        }
    }

    #[test]
    fn an_ec_key_cannot() {
        let key = PublicKey::read(EC).expect("a fixture");
        assert_eq!(max_plaintext(&key), None);
        assert!(matches!(encrypt_oaep(&key, b""), Err(Error::CannotEncrypt { .. })));
    }
}
