//! Decrypting EncryptedPrivateKeyInfo (RFC 5208, section 6; PBES2 of RFC 8018, section 6.2).

use pkcs8::{
    EncryptedPrivateKeyInfo, ObjectIdentifier, SecretDocument,
    der::{Decode, Tag, Tagged, asn1::AnyRef},
    pkcs5::{self, pbes2::Kdf},
    spki::AlgorithmIdentifierRef,
};
use zeroize::Zeroizing;

use super::{Error, form::elements, private_key::WHAT};
use crate::secret::Secret;

const PBES2: ObjectIdentifier = pkcs5::pbes2::PBES2_OID;

/// What a hostile file may ask for at most. OpenSSL writes 2,048 rounds or 16 MiB; people raise that a hundredfold.
const MAX_ROUNDS: u32 = 10_000_000;
const MAX_SCRYPT_BYTES: u64 = 1 << 28;
const MAX_SCRYPT_LANES: u16 = 16;

/// Gives the PrivateKeyInfo. That the passphrase is wrong shows in the padding or in what comes out being no DER.
pub(super) fn decrypt(der: &[u8], passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, Error> {
    require_pbes2(der)?;
    let info = EncryptedPrivateKeyInfo::from_der(der)
        .map_err(|_| Error::Unsupported("the way in which the private key is encrypted".to_owned()))?;
    if let pkcs5::EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm {
        require_bearable(&parameters.kdf)?;
    }
    let document: SecretDocument = info.decrypt(passphrase.expose()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::UnsupportedAlgorithm { oid }) => {
            Error::Unsupported(format!("a private key encrypted with {oid}"))
        }
        pkcs8::Error::EncryptedPrivateKey(pkcs5::Error::AlgorithmParametersInvalid { oid }) => {
            Error::malformed(WHAT, format!("the parameters of its encryption {oid} are not valid"))
        }
        _ => Error::WrongPassphrase,
    })?;
    Ok(document.to_bytes())
}

/// Names the obsolete schemes, which the parser knows as "malformed" only.
fn require_pbes2(der: &[u8]) -> Result<(), Error> {
    let outer = AnyRef::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
    let parts = elements(outer.value()).map_err(|error| Error::malformed(WHAT, error))?;
    let algorithm: AlgorithmIdentifierRef<'_> = parts
        .first()
        .filter(|part| part.tag() == Tag::Sequence)
        .and_then(|part| part.decode_as().ok())
        .ok_or_else(|| Error::malformed(WHAT, "it does not say how it is encrypted"))?;
    if algorithm.oid == PBES2 {
        return Ok(());
    }
    Err(Error::Unsupported(format!(
        "a private key encrypted otherwise than by PBES2 (here {})",
        algorithm.oid
    )))
}

fn require_bearable(kdf: &Kdf<'_>) -> Result<(), Error> {
    let bearable = match kdf {
        Kdf::Pbkdf2(params) => params.iteration_count <= MAX_ROUNDS,
        Kdf::Scrypt(params) => {
            let bytes = params.cost_parameter.saturating_mul(128 * u64::from(params.block_size));
            bytes <= MAX_SCRYPT_BYTES && params.parallelization <= MAX_SCRYPT_LANES
        }
        _ => false,
    };
    if bearable {
        Ok(())
    } else {
        Err(Error::Unsupported("so costly a derivation of the key's encryption".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::{Pbkdf2Params, Pbkdf2Prf, ScryptParams};

    use super::*;

    #[test]
    fn a_derivation_that_would_take_for_ever_is_refused() {
        let pbkdf2 = |iteration_count| {
            Kdf::Pbkdf2(Pbkdf2Params {
                salt: &[],
                iteration_count,
                key_length: None,
                prf: Pbkdf2Prf::HmacWithSha256,
            })
        };
        assert!(require_bearable(&pbkdf2(MAX_ROUNDS)).is_ok());
        assert!(require_bearable(&pbkdf2(MAX_ROUNDS + 1)).is_err());
        let scrypt = |cost_parameter, block_size, parallelization| {
            Kdf::Scrypt(ScryptParams {
                salt: &[],
                cost_parameter,
                block_size,
                parallelization,
                key_length: None,
            })
        };
        assert!(require_bearable(&scrypt(1 << 18, 8, 16)).is_ok());
        assert!(require_bearable(&scrypt(1 << 19, 8, 1)).is_err());
        assert!(require_bearable(&scrypt(u64::MAX, u16::MAX, 1)).is_err());
        assert!(require_bearable(&scrypt(1 << 14, 8, 17)).is_err());
    }
}
