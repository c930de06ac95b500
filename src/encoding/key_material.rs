//! A complete key outside a token, for import: a key pair, given by its private half, or the bytes of a secret key.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use pkcs8::der::{Decode, Encode, Header, SliceReader};
use zeroize::Zeroizing;

use super::{AES_BLOCK, CHECK_VALUE_LEN, CheckMethod, Error, SECRET_KEY_LEN, check_value, pem};
use crate::{
    algorithm::{Algorithm, PrivateKey, PublicKey},
    secret::Secret,
};

/// Wiped when dropped.
#[derive(Debug, Clone)]
pub struct KeyMaterial {
    algorithm: Algorithm,
    kind: Kind,
    encoded: Secret,
}

#[derive(Debug, Clone)]
enum Kind {
    Pair { private: PrivateKey, public: PublicKey },
    Secret,
}

impl KeyMaterial {
    pub fn pair(private: PrivateKey) -> Result<Self, Error> {
        let encoded = private.to_pkcs8_der()?;
        let public = private.public_key();
        let other = || Error::UnsupportedKey(format!("a private key of {}", public.kind()));
        let algorithm = public.kind().algorithm().ok_or_else(other)?;
        Ok(Self { algorithm, kind: Kind::Pair { private, public }, encoded })
    }

    /// A key of a secret algorithm, of 32 bytes. All zeros are refused: they are the result of a failed copy, or of a
    /// component joined with itself.
    pub fn secret(algorithm: Algorithm, key: Secret) -> Result<Self, Error> {
        let what = noun(algorithm);
        if key.expose().iter().all(|byte| *byte == 0) {
            return Err(Error::malformed(what, "all its bytes are zero"));
        }
        match key.len() {
            SECRET_KEY_LEN => Ok(Self { algorithm, kind: Kind::Secret, encoded: key }),
            found => Err(Error::malformed(what, format!("it has {found} bytes, not {SECRET_KEY_LEN}"))),
        }
    }

    /// The HMAC key that makes the nonces of a convergent key.
    pub fn companion(key: Secret) -> Result<Self, Error> {
        Self::secret(Algorithm::HMAC_256, key)
    }

    /// The inverse of [`Self::encoded`]. 32 bytes are a secret key, for no PKCS#8 is that short: of `algorithm`, if that is
    /// a secret one, else of AES.
    pub fn from_encoded(encoded: Secret, algorithm: Option<Algorithm>) -> Result<Self, Error> {
        if encoded.len() == SECRET_KEY_LEN {
            let secret = algorithm.filter(|algorithm| algorithm.is_secret());
            Self::secret(secret.unwrap_or(Algorithm::PLAIN_SECRET), encoded)
        } else {
            Self::pair(PrivateKey::read(encoded.expose(), None)?)
        }
    }

    /// Fails if the key is not of the announced algorithm.
    pub fn require(self, announced: Option<Algorithm>) -> Result<Self, Error> {
        match announced {
            Some(announced) if announced != self.algorithm() => {
                Err(Error::OtherAlgorithm { announced, found: self.algorithm().kind() })
            }
            _ => Ok(self),
        }
    }

    /// What `C_UnwrapKey` and key components carry: PKCS#8 without encryption, or the secret key itself.
    pub fn encoded(&self) -> &Secret {
        &self.encoded
    }

    pub fn private_key(&self) -> Option<&PrivateKey> {
        match &self.kind {
            Kind::Pair { private, .. } => Some(private),
            Kind::Secret => None,
        }
    }

    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.kind {
            Kind::Pair { public, .. } => Some(public),
            Kind::Secret => None,
        }
    }

    /// Why a secret key does not look random, if it does not.
    pub fn suspicion(&self) -> Option<&'static str> {
        let key = self.encoded.expose();
        match self.kind {
            Kind::Secret if key.iter().all(|byte| (0x20..0x7f).contains(byte)) => {
                Some("it consists of 32 printable characters, which have far less than 256 bits of entropy")
            }
            Kind::Secret if key.iter().all(|byte| *byte == key[0]) => Some("all its bytes are equal"),
            _ => None,
        }
    }

    /// The check value of a secret key, as tokens compute it.
    pub fn check_value(&self) -> Option<[u8; CHECK_VALUE_LEN]> {
        match self.kind {
            Kind::Secret => CheckMethod::of(self.algorithm).first()?.compute(&self.encoded),
            Kind::Pair { .. } => None,
        }
    }

    /// What identifies a secret key, as a token computes it; `None` for a key pair.
    pub fn check_block(&self) -> Option<[u8; AES_BLOCK]> {
        match self.kind {
            Kind::Secret => check_value::check_block(self.algorithm, &self.encoded),
            Kind::Pair { .. } => None,
        }
    }

    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// What errors call a key of a secret algorithm.
pub(super) fn noun(algorithm: Algorithm) -> &'static str {
    if algorithm.kind().is_mac() { "the HMAC key" } else { "the AES-256 key" }
}

/// Reads exactly 32 bytes: raw, or as hexadecimal, base64 or base64url with any white space.
pub(super) fn read_secret(bytes: &[u8], what: &'static str) -> Result<Secret, Error> {
    if pem::is_pem(bytes) {
        return Err(Error::malformed(what, "found PEM, which holds other keys"));
    }
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
    let decoded = match text.len() {
        // A key of 128 bits in hexadecimal is as long as a raw one of 256 bits.
        32 if text.iter().all(u8::is_ascii_hexdigit) => {
            return Err(Error::malformed(what, "32 hexadecimal digits are 128 bits"));
        }
        64 => HEXLOWER_PERMISSIVE.decode(&text).ok(),
        43 => BASE64_NOPAD.decode(&text).or_else(|_| BASE64URL_NOPAD.decode(&text)).ok(),
        44 => BASE64.decode(&text).or_else(|_| BASE64URL.decode(&text)).ok(),
        _ => None,
    };
    match decoded.map(Secret::new) {
        Some(key) => Ok(key),
        None if bytes.len() == SECRET_KEY_LEN => Ok(Secret::new(bytes.to_vec())),
        None => Err(Error::malformed(what, "neither 32 bytes nor 32 bytes in hexadecimal or base64")),
    }
}

/// Strips the one to seven zero bytes that pad PKCS#8 to whole blocks. `None` if there are none, and for the bytes of a
/// secret key.
pub fn pkcs8_without_zeros(padded: &[u8]) -> Option<&[u8]> {
    if padded.len() == SECRET_KEY_LEN {
        return None;
    }
    let header = Header::decode(&mut SliceReader::new(padded).ok()?).ok()?;
    let length = usize::try_from((header.encoded_len().ok()? + header.length).ok()?).ok()?;
    let (exact, rest) = padded.split_at_checked(length)?;
    let is_padding = (1..8).contains(&rest.len()) && rest.iter().all(|byte| *byte == 0);
    is_padding.then_some(exact)
}

#[cfg(test)]
mod tests {
    use super::{super::KeyFile, *};
    use crate::algorithm::sample::{self, fixture};

    fn read(bytes: &[u8], announced: Option<Algorithm>) -> Result<KeyMaterial, Error> {
        KeyFile::read(bytes, announced, None).map(|file| file.material)
    }

    fn aes(bytes: &[u8]) -> Result<Vec<u8>, Error> {
        read(bytes, Some(Algorithm::AES_256)).map(|key| key.encoded().expose().to_vec())
    }

    const RSA: &[u8] = include_bytes!("../../tests/fixtures/keys/rsa-2048.pkcs1.pem");
    const EC: &[u8] = fixture!(ec "sec1.pem");

    #[test]
    fn an_aes_key_has_four_forms() {
        let key: Vec<u8> = (200..232).collect();
        let forms = [
            key.clone(),
            HEXLOWER_PERMISSIVE.encode(&key).into_bytes(),
            (HEXLOWER_PERMISSIVE.encode(&key).to_uppercase() + "\r\n").into_bytes(),
            (BASE64.encode(&key) + "\n").into_bytes(),
            BASE64URL_NOPAD.encode(&key).into_bytes(),
        ];
        for form in forms {
            assert_eq!(aes(&form).as_ref(), Ok(&key), "{form:?}");
        }
        assert_eq!(aes(&[b'\n'; 32]), Ok(vec![b'\n'; 32]), "raw white space is a valid key");
    }

    #[test]
    fn other_lengths_are_refused() {
        for bytes in [&[7; 31][..], &[7; 33], b"", b"00112233445566778899aabbccddeeff", &[b'0'; 63], RSA] {
            assert!(aes(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_announced_algorithm_must_match() {
        assert_eq!(read(RSA, None).map(|key| key.algorithm()), Ok(Algorithm::RSA_2048));
        assert_eq!(read(EC, Some(sample::EC)).map(|key| key.algorithm()), Ok(sample::EC));
        let error = read(RSA, Some(Algorithm::RSA_4096)).map(|key| key.algorithm()).expect_err("refused");
        assert_eq!(error.to_string(), "the key is rsa-2048, not rsa-4096");
    }

    #[test]
    fn zeros_after_a_private_key_are_padding() {
        let key = read(EC, None).expect("a fixture").encoded().expose().to_vec();
        for zeros in 1..8 {
            let padded = [key.as_slice(), &[0; 8][..zeros]].concat();
            assert_eq!(pkcs8_without_zeros(&padded), Some(key.as_slice()));
        }
        let with = |rest: &[u8]| [key.as_slice(), rest].concat();
        for other in [with(&[]), with(&[0; 8]), with(&[0, 1]), key[..20].to_vec(), [0x30; 32].to_vec()] {
            assert_eq!(pkcs8_without_zeros(&other), None);
        }
    }

    #[test]
    fn encoding_a_key_is_reversible() {
        for bytes in [RSA, EC] {
            let key = read(bytes, None).expect("a fixture");
            let again = KeyMaterial::from_encoded(key.encoded().clone(), None).expect("the same key");
            assert_eq!(again.public_key(), key.public_key());
        }
    }
}
