//! A whole key outside a token, on its way in: a key pair by its private half, or the bytes of an AES-256 key.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use pkcs8::der::{Decode, Encode, Header, SliceReader};
use zeroize::Zeroizing;

use super::{AES_KEY_LEN, CHECK_VALUE_LEN, CheckMethod, Error, pem};
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
    Aes,
}

impl KeyMaterial {
    pub fn pair(private: PrivateKey) -> Result<Self, Error> {
        let encoded = private.to_pkcs8_der()?;
        let public = private.public_key();
        let other = || Error::Unsupported(format!("a private key of {}", public.kind()));
        let algorithm = public.kind().algorithm().ok_or_else(other)?;
        Ok(Self { algorithm, kind: Kind::Pair { private, public }, encoded })
    }

    /// `key` must have 32 bytes, and not all of them zero: that is what a failed copy leaves, or a component that was joined
    /// with itself.
    pub fn aes(key: Secret) -> Result<Self, Error> {
        if key.expose().iter().all(|byte| *byte == 0) {
            return Err(Error::malformed(AES, "all its bytes are zero"));
        }
        match key.len() {
            AES_KEY_LEN => Ok(Self { algorithm: Algorithm::AES_256, kind: Kind::Aes, encoded: key }),
            found => Err(Error::malformed(AES, format!("it has {found} bytes, not {AES_KEY_LEN}"))),
        }
    }

    /// The inverse of [`Self::encoded`]: 32 bytes are an AES key, for no PKCS#8 is so short.
    pub fn from_encoded(encoded: Secret) -> Result<Self, Error> {
        if encoded.len() == AES_KEY_LEN {
            Self::aes(encoded)
        } else {
            Self::pair(PrivateKey::read(encoded.expose(), None)?)
        }
    }

    /// Refuses a key of another algorithm than the one that was announced.
    pub fn require(self, announced: Option<Algorithm>) -> Result<Self, Error> {
        match announced {
            Some(announced) if announced != self.algorithm() => {
                Err(Error::OtherAlgorithm { announced, found: self.algorithm().kind() })
            }
            _ => Ok(self),
        }
    }

    /// What `C_UnwrapKey` and key components carry: PKCS#8 without encryption, or the AES key itself.
    pub fn encoded(&self) -> &Secret {
        &self.encoded
    }

    pub fn private_key(&self) -> Option<&PrivateKey> {
        match &self.kind {
            Kind::Pair { private, .. } => Some(private),
            Kind::Aes => None,
        }
    }

    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.kind {
            Kind::Pair { public, .. } => Some(public),
            Kind::Aes => None,
        }
    }

    /// Why the bytes of an AES key look as if they were not made at random.
    pub fn suspicion(&self) -> Option<&'static str> {
        let key = self.encoded.expose();
        match self.kind {
            Kind::Aes if key.iter().all(|byte| (0x20..0x7f).contains(byte)) => {
                Some("it consists of 32 printable characters, which have far less than 256 bits of entropy")
            }
            Kind::Aes if key.iter().all(|byte| *byte == key[0]) => Some("all its bytes are equal"),
            _ => None,
        }
    }

    /// The check value of an AES key as tokens compute it.
    pub fn check_value(&self) -> Option<[u8; CHECK_VALUE_LEN]> {
        match self.kind {
            Kind::Aes => CheckMethod::Ecb.compute(&self.encoded),
            Kind::Pair { .. } => None,
        }
    }

    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

const AES: &str = "the AES-256 key";

/// Exactly 32 bytes as they are, or as hexadecimal, base64 or base64url, where white space does not count.
pub(super) fn read_aes(bytes: &[u8]) -> Result<Secret, Error> {
    if pem::is_pem(bytes) {
        return Err(Error::malformed(AES, "found PEM, which holds other keys"));
    }
    let text: Zeroizing<Vec<u8>> =
        Zeroizing::new(bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect());
    let decoded = match text.len() {
        // An AES-128 key in hexadecimal is as long as an AES-256 key in bytes, and would be half of one.
        32 if text.iter().all(u8::is_ascii_hexdigit) => {
            return Err(Error::malformed(AES, "32 hexadecimal digits are 128 bits"));
        }
        64 => HEXLOWER_PERMISSIVE.decode(&text).ok(),
        43 => BASE64_NOPAD.decode(&text).or_else(|_| BASE64URL_NOPAD.decode(&text)).ok(),
        44 => BASE64.decode(&text).or_else(|_| BASE64URL.decode(&text)).ok(),
        _ => None,
    };
    match decoded.map(Secret::new) {
        Some(key) => Ok(key),
        None if bytes.len() == AES_KEY_LEN => Ok(Secret::new(bytes.to_vec())),
        None => Err(Error::malformed(AES, "neither 32 bytes nor 32 bytes in hexadecimal or base64")),
    }
}

/// A private key's PKCS#8 without the one to seven zero bytes that fill it up to whole blocks; `None` where there are
/// none, and for the bytes of an AES key.
pub fn pkcs8_without_zeros(padded: &[u8]) -> Option<&[u8]> {
    if padded.len() == AES_KEY_LEN {
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

    fn read(bytes: &[u8], announced: Option<Algorithm>) -> Result<KeyMaterial, Error> {
        KeyFile::read(bytes, announced, None).map(|file| file.material)
    }

    fn aes(bytes: &[u8]) -> Result<Vec<u8>, Error> {
        read(bytes, Some(Algorithm::AES_256)).map(|key| key.encoded().expose().to_vec())
    }

    const RSA: &[u8] = include_bytes!("../../tests/fixtures/keys/rsa-2048.pkcs1.pem");
    const EC: &[u8] = include_bytes!("../../tests/fixtures/keys/p256.sec1.pem");

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
        assert_eq!(aes(&[b'\n'; 32]), Ok(vec![b'\n'; 32]), "white space is a key like any other");
    }

    #[test]
    fn other_lengths_are_no_aes_256_key() {
        for bytes in [&[7; 31][..], &[7; 33], b"", b"00112233445566778899aabbccddeeff", &[b'0'; 63], RSA] {
            assert!(aes(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn the_announced_algorithm_must_be_the_keys_own() {
        assert_eq!(read(RSA, None).map(|key| key.algorithm()), Ok(Algorithm::RSA_2048));
        assert_eq!(read(EC, Some(Algorithm::EC_P256)).map(|key| key.algorithm()), Ok(Algorithm::EC_P256));
        let error = read(RSA, Some(Algorithm::RSA_4096)).map(|key| key.algorithm()).expect_err("refused");
        assert_eq!(error.to_string(), "the key is RSA 2048, not rsa-4096");
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
    fn the_encoding_leads_back_to_the_key() {
        for bytes in [RSA, EC] {
            let key = read(bytes, None).expect("a fixture");
            let again = KeyMaterial::from_encoded(key.encoded().clone()).expect("the same key");
            assert_eq!(again.public_key(), key.public_key());
        }
    }
}
