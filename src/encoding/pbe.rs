//! Passphrase-based decryption: PBES2 (RFC 8018, section 6.2) and the schemes of PKCS#12 (RFC 7292, appendix C). The latter
//! are weak; kmsctl reads them and never writes them.

use cbc::{
    Decryptor,
    cipher::{BlockCipher, BlockDecryptMut, InnerIvInit, KeyInit, block_padding::Pkcs7},
};
use des::{TdesEde2, TdesEde3};
use pkcs8::{
    ObjectIdentifier,
    der::{Decode, Tag, Tagged, asn1::AnyRef},
    pkcs5::{
        self,
        pbes2::{self, EncryptionScheme, Kdf, Pbkdf2Params, Pbkdf2Prf},
    },
    spki::AlgorithmIdentifierRef,
};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use rc2::Rc2;
use sha1::Sha1;
use zeroize::Zeroizing;

use super::{
    Error, Form,
    content::{elements, form_of_der},
    error::PRIVATE_KEY as WHAT,
};
use crate::secret::Secret;

/// Limits against hostile files. OpenSSL writes 2,048 rounds or 16 MiB; some users raise that a hundredfold.
pub(super) const MAX_ROUNDS: u32 = 10_000_000;
const MAX_SCRYPT_BYTES: u64 = 1 << 28;
const MAX_SCRYPT_LANES: u16 = 16;
/// The supported PRFs of PBKDF2.
const HASHES: [Pbkdf2Prf; 5] = [
    Pbkdf2Prf::HmacWithSha1,
    Pbkdf2Prf::HmacWithSha224,
    Pbkdf2Prf::HmacWithSha256,
    Pbkdf2Prf::HmacWithSha384,
    Pbkdf2Prf::HmacWithSha512,
];
/// Length of the IV of every PKCS#12 cipher in bytes.
const IV_LEN: usize = 8;

/// A passphrase in the two forms that schemes use.
pub(super) struct Password {
    /// As it was given.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// In big-endian UTF-16 with a terminating zero (RFC 7292, appendix B.1).
    pub(super) wide: Zeroizing<Vec<u8>>,
}

impl Password {
    /// The encodings of a passphrase, in the order in which they are tried. No passphrase means the empty one, which some
    /// programs encode without the terminating zero. Old programs treat each byte as a character.
    pub(super) fn readings(passphrase: Option<&Secret>) -> Vec<Self> {
        let bytes = passphrase.map(Secret::expose).unwrap_or_default();
        let of = |units: &mut dyn Iterator<Item = u16>| Self {
            bytes: bytes.to_vec().into(),
            wide: Zeroizing::new(units.chain([0]).flat_map(u16::to_be_bytes).collect()),
        };
        let mut readings = Vec::new();
        if let Ok(text) = std::str::from_utf8(bytes) {
            readings.push(of(&mut text.encode_utf16()));
        }
        if !bytes.is_ascii() {
            readings.push(of(&mut bytes.iter().copied().map(u16::from)));
        }
        if bytes.is_empty() {
            readings.push(Self { bytes: Zeroizing::default(), wide: Zeroizing::default() });
        }
        readings
    }
}

/// Returns the PrivateKeyInfo of an EncryptedPrivateKeyInfo (RFC 5958, section 3). A wrong passphrase gives bad padding or
/// something other than a PrivateKeyInfo.
pub(super) fn decrypt_pkcs8(der: &[u8], passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, Error> {
    let readings = Password::readings(Some(passphrase));
    let mut result = Err(Error::WrongPassphrase);
    for reading in &readings {
        result = decrypt_pkcs8_by(der, reading);
        if result != Err(Error::WrongPassphrase) {
            break;
        }
    }
    result
}

pub(super) fn decrypt_pkcs8_by(der: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = |error| Error::malformed(WHAT, error);
    let outer = AnyRef::from_der(der).map_err(malformed)?;
    let parts = elements(outer.value()).map_err(malformed)?;
    let [algorithm, encrypted] = parts.as_slice() else {
        return Err(Error::malformed(WHAT, "it does not say how it is encrypted"));
    };
    if encrypted.tag() != Tag::OctetString {
        return Err(Error::malformed(WHAT, "its encrypted part is not a string"));
    }
    let info = decrypt(*algorithm, encrypted.value(), password)?;
    if form_of_der(&info) == Ok(Form::Pkcs8) { Ok(info) } else { Err(Error::WrongPassphrase) }
}

/// Decrypts with a PKCS#12 cipher; `None` if the password is wrong.
type Pkcs12Cipher = fn(Derived<'_>, &[u8]) -> Option<Zeroizing<Vec<u8>>>;

/// `algorithm` is an AlgorithmIdentifier.
pub(super) fn decrypt(
    algorithm: AnyRef<'_>,
    encrypted: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let identifier: AlgorithmIdentifierRef<'_> =
        algorithm.decode_as().map_err(|_| Error::malformed(WHAT, "it does not say how it is encrypted"))?;
    let by: Pkcs12Cipher = match identifier.oid {
        pbes2::PBES2_OID => return decrypt_pbes2(identifier.parameters, encrypted, password),
        pkcs12::PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC => {
            |key, data| key.decrypt(data, 24, keyed::<TdesEde3>)
        }
        pkcs12::PKCS_12_PBE_WITH_SHAAND2_KEY_TRIPLE_DES_CBC => {
            |key, data| key.decrypt(data, 16, keyed::<TdesEde2>)
        }
        pkcs12::PKCS_12_PBE_WITH_SHAAND128_BIT_RC2_CBC => {
            |key, data| key.decrypt(data, 16, |key| Some(Rc2::new_with_eff_key_len(key, 128)))
        }
        pkcs12::PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC => {
            |key, data| key.decrypt(data, 5, |key| Some(Rc2::new_with_eff_key_len(key, 40)))
        }
        other => {
            return Err(Error::Unsupported(format!("a private key encrypted with {}", scheme_name(other))));
        }
    };
    let derived = Derived::of(identifier.parameters, password)?;
    by(derived, encrypted).ok_or(Error::WrongPassphrase)
}

fn scheme_name(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.5.1" => "PBES1 (MD2 and DES)",
        "1.2.840.113549.1.5.3" => "PBES1 (MD5 and DES)",
        "1.2.840.113549.1.5.4" => "PBES1 (MD2 and RC2)",
        "1.2.840.113549.1.5.6" => "PBES1 (MD5 and RC2)",
        "1.2.840.113549.1.5.10" => "PBES1 (SHA-1 and DES)",
        "1.2.840.113549.1.5.11" => "PBES1 (SHA-1 and RC2)",
        "1.2.840.113549.3.2" => "RC2",
        "1.2.840.113549.1.12.1.1" | "1.2.840.113549.1.12.1.2" => "RC4",
        _ => return oid,
    };
    name.to_owned()
}

fn keyed<C: KeyInit>(key: &[u8]) -> Option<C> {
    C::new_from_slice(key).ok()
}

/// Derives keys and IVs from a password with the salt and rounds of PKCS12-PBE.
struct Derived<'a> {
    salt: &'a [u8],
    rounds: i32,
    password: &'a Password,
}

impl<'a> Derived<'a> {
    fn of(parameters: Option<AnyRef<'a>>, password: &'a Password) -> Result<Self, Error> {
        let malformed = || Error::malformed(WHAT, "the parameters of its encryption are not valid");
        let parameters = parameters.filter(|any| any.tag() == Tag::Sequence).ok_or_else(malformed)?;
        let parts = elements(parameters.value()).map_err(|_| malformed())?;
        let [salt, rounds] = parts.as_slice() else { return Err(malformed()) };
        let rounds: u32 = rounds.decode_as().map_err(|_| malformed())?;
        Ok(Self { salt: salt.value(), rounds: checked_rounds(rounds)?, password })
    }

    fn decrypt<C: BlockCipher + BlockDecryptMut>(
        &self,
        encrypted: &[u8],
        key_length: usize,
        cipher: impl Fn(&[u8]) -> Option<C>,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let derive = |kind, length| {
            Zeroizing::new(derive_key::<Sha1>(&self.password.wide, self.salt, kind, self.rounds, length))
        };
        let cipher = cipher(&derive(Pkcs12KeyType::EncryptionKey, key_length))?;
        let iv = derive(Pkcs12KeyType::Iv, IV_LEN);
        let decryptor = Decryptor::inner_iv_slice_init(cipher, &iv).ok()?;
        let mut plain = Zeroizing::new(encrypted.to_vec());
        let length = decryptor.decrypt_padded_mut::<Pkcs7>(&mut plain).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}

/// Fails if a number of rounds is above [`MAX_ROUNDS`].
pub(super) fn checked_rounds(rounds: u32) -> Result<i32, Error> {
    i32::try_from(rounds).ok().filter(|_| rounds <= MAX_ROUNDS).ok_or_else(too_costly)
}

fn too_costly() -> Error {
    Error::Unsupported("so costly a derivation of the key's encryption".to_owned())
}

/// Parses the parameters itself: the crate's parser requires a NULL after the OID of the hash, which GnuTLS and NSS omit,
/// and panics if the IV of 3DES is too short.
fn decrypt_pbes2(
    parameters: Option<AnyRef<'_>>,
    encrypted: &[u8],
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = || Error::malformed(WHAT, "the parameters of its encryption are not valid");
    let parameters = parameters.filter(|any| any.tag() == Tag::Sequence).ok_or_else(malformed)?;
    let parts = elements(parameters.value()).map_err(|_| malformed())?;
    let [derivation, cipher] = parts.as_slice() else { return Err(malformed()) };
    let derivation: AlgorithmIdentifierRef<'_> = derivation.decode_as().map_err(|_| malformed())?;
    let kdf = match derivation.oid {
        pbes2::PBKDF2_OID => Kdf::Pbkdf2(pbkdf2_parameters(derivation.parameters).ok_or_else(malformed)?),
        pbes2::SCRYPT_OID => Kdf::try_from(derivation).map_err(|_| malformed())?,
        other => return Err(Error::Unsupported(format!("a private key encrypted by way of {other}"))),
    };
    require_affordable(&kdf)?;
    let cipher: AlgorithmIdentifierRef<'_> = cipher.decode_as().map_err(|_| malformed())?;
    let iv = cipher.parameters.filter(|iv| iv.tag() == Tag::OctetString);
    let iv: &[u8] = iv.as_ref().map_or(&[], |iv| iv.value());
    let encryption = match cipher.oid {
        pbes2::AES_128_CBC_OID => iv.try_into().ok().map(|iv| EncryptionScheme::Aes128Cbc { iv }),
        pbes2::AES_192_CBC_OID => iv.try_into().ok().map(|iv| EncryptionScheme::Aes192Cbc { iv }),
        pbes2::AES_256_CBC_OID => iv.try_into().ok().map(|iv| EncryptionScheme::Aes256Cbc { iv }),
        pbes2::DES_EDE3_CBC_OID => iv.try_into().ok().map(|iv| EncryptionScheme::DesEde3Cbc { iv }),
        other => {
            return Err(Error::Unsupported(format!("a private key encrypted with {}", scheme_name(other))));
        }
    };
    let parameters = pbes2::Parameters { kdf, encryption: encryption.ok_or_else(malformed)? };
    parameters.decrypt(&*password.bytes, encrypted).map(Zeroizing::new).map_err(|error| match error {
        pkcs5::Error::AlgorithmParametersInvalid { .. } => malformed(),
        _ => Error::WrongPassphrase,
    })
}

/// PBKDF2-params (RFC 8018, appendix A.2). The default PRF is HMAC-SHA-1.
pub(super) fn pbkdf2_parameters(parameters: Option<AnyRef<'_>>) -> Option<Pbkdf2Params<'_>> {
    let parts = elements(parameters.filter(|any| any.tag() == Tag::Sequence)?.value()).ok()?;
    let (salt, rest) = parts.split_first().filter(|(salt, _)| salt.tag() == Tag::OctetString)?;
    let (rounds, rest) = rest.split_first()?;
    let (length, rest) = match rest {
        [length, rest @ ..] if length.tag() == Tag::Integer => (Some(length.decode_as().ok()?), rest),
        rest => (None, rest),
    };
    let prf = match rest {
        [] => Pbkdf2Prf::HmacWithSha1,
        [prf] => {
            let prf = prf.decode_as::<AlgorithmIdentifierRef<'_>>().ok()?.oid;
            *HASHES.iter().find(|known| known.oid() == prf)?
        }
        _ => return None,
    };
    let rounds = rounds.decode_as().ok()?;
    Some(Pbkdf2Params { salt: salt.value(), iteration_count: rounds, key_length: length, prf })
}

fn require_affordable(kdf: &Kdf<'_>) -> Result<(), Error> {
    let is_affordable = match kdf {
        Kdf::Pbkdf2(params) => params.iteration_count <= MAX_ROUNDS,
        Kdf::Scrypt(params) => {
            let bytes = params.cost_parameter.saturating_mul(128 * u64::from(params.block_size));
            bytes <= MAX_SCRYPT_BYTES && params.parallelization <= MAX_SCRYPT_LANES
        }
        _ => false,
    };
    if is_affordable { Ok(()) } else { Err(too_costly()) }
}

#[cfg(test)]
mod tests {
    use pkcs8::pkcs5::pbes2::ScryptParams;

    use super::*;

    #[test]
    fn a_too_costly_derivation_is_refused() {
        let pbkdf2 = |iteration_count| {
            Kdf::Pbkdf2(Pbkdf2Params {
                salt: &[],
                iteration_count,
                key_length: None,
                prf: Pbkdf2Prf::HmacWithSha256,
            })
        };
        assert!(require_affordable(&pbkdf2(MAX_ROUNDS)).is_ok());
        assert!(require_affordable(&pbkdf2(MAX_ROUNDS + 1)).is_err());
        let scrypt = |cost_parameter, block_size, parallelization| {
            Kdf::Scrypt(ScryptParams {
                salt: &[],
                cost_parameter,
                block_size,
                parallelization,
                key_length: None,
            })
        };
        assert!(require_affordable(&scrypt(1 << 18, 8, 16)).is_ok());
        assert!(require_affordable(&scrypt(1 << 19, 8, 1)).is_err());
        assert!(require_affordable(&scrypt(u64::MAX, u16::MAX, 1)).is_err());
        assert!(require_affordable(&scrypt(1 << 14, 8, 17)).is_err());
    }
}
