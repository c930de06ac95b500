//! Signatures as bytes: the two forms of ECDSA, and reading signatures in any text form.

use std::str::FromStr;

use super::{Error, text::decode_any};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    model::Invalid,
};

const WHAT: &str = "the signature";

/// How the two numbers of an ECDSA signature are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignatureForm {
    /// SEQUENCE of two INTEGERs (RFC 3279, section 2.2.3): OpenSSL, X.509, Java.
    #[default]
    Der,
    /// r ‖ s, each as long as the order (IEEE P1363): PKCS#11, JOSE, WebCrypto.
    P1363,
}

impl SignatureForm {
    pub const ALL: [Self; 2] = [Self::Der, Self::P1363];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Der => "der",
            Self::P1363 => "p1363",
        }
    }

    /// Converts a signature from a token to this form. Signatures other than ECDSA have one form.
    pub fn write(self, algorithm: SignatureAlgorithm, raw: Vec<u8>) -> Result<Vec<u8>, Error> {
        let der = algorithm.to_der(&raw)?;
        Ok(der.filter(|_| self == Self::Der).unwrap_or(raw))
    }
}

impl FromStr for SignatureForm {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|form| form.name().eq_ignore_ascii_case(text)).ok_or_else(|| {
            Invalid::new(format!("unknown form of an ECDSA signature {text:?}: use der or p1363"))
        })
    }
}

/// Reads a signature by a key of this kind in binary, hexadecimal, base64 or base64url, whichever gives a valid form.
pub fn read_signature(input: &[u8], kind: KeyKind) -> Result<Vec<u8>, Error> {
    decode_any(input, WHAT, |bytes| kind.is_signature(bytes))
}

#[cfg(test)]
mod tests {
    use super::{super::Encoding, *};
    use crate::algorithm::{
        PublicKey,
        sample::{CURVE, fixture},
    };

    const DER: &[u8] = include_bytes!("../../tests/fixtures/keys/es256.sig");

    fn key(pem: &[u8]) -> PublicKey {
        PublicKey::read(pem).expect("a fixture")
    }

    #[test]
    fn the_two_forms_convert_into_each_other() {
        let raw = CURVE.to_p1363(DER).expect("a signature by OpenSSL");
        assert_eq!(raw.len(), 64);
        assert_eq!(CURVE.to_der(&raw), Ok(DER.to_vec()));
        assert_eq!(SignatureForm::P1363.write(SignatureAlgorithm::ES256, raw.clone()), Ok(raw.clone()));
        assert_eq!(
            "DER".parse::<SignatureForm>().expect("a name").write(SignatureAlgorithm::ES256, raw),
            Ok(DER.to_vec())
        );
    }

    #[test]
    fn der_is_strict() {
        let raw = [&[0u8; 31][..], &[1], &[0; 31], &[0x80]].concat();
        let der = CURVE.to_der(&raw).expect("small numbers");
        assert_eq!(der, [0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x02, 0x00, 0x80]);
        for loose in [
            &[0x30, 0x81, 0x07, 0x02, 0x01, 0x01, 0x02, 0x02, 0x00, 0x80][..], // long form of a short length
            &[0x30, 0x08, 0x02, 0x02, 0x00, 0x01, 0x02, 0x02, 0x00, 0x80],     // leading zero
            &[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x80],                 // negative
            &[0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x02, 0x00, 0x80, 0x00],     // trailing byte
            &[0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01],                 // r = 0
            &[0x30, 0x80, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00, 0x00],     // indefinite length
        ] {
            assert!(CURVE.to_p1363(loose).is_err(), "{loose:02x?}");
        }
        for out_of_range in [[0u8; 64].as_slice(), &[0xff; 64], &[1; 63], &[1; 65], &[]] {
            assert!(CURVE.to_der(out_of_range).is_err(), "{out_of_range:02x?}");
        }
    }

    #[test]
    fn a_signature_is_read_in_any_form() {
        let ec = key(fixture!(ec "pub.pem"));
        let rsa = key(include_bytes!("../../tests/fixtures/keys/rsa-2048.pub.pem"));
        let raw = CURVE.to_p1363(DER).expect("a signature by OpenSSL");
        let rs256: &[u8] = include_bytes!("../../tests/fixtures/keys/rs256.sig");
        for (key, signature) in [(&ec, DER), (&ec, &raw), (&rsa, rs256)] {
            for encoding in Encoding::ALL {
                let given = encoding.encode(signature);
                assert_eq!(read_signature(&given, key.kind()), Ok(signature.to_vec()), "{encoding:?}");
                if encoding != Encoding::Binary {
                    let with_newline = [&given[..], b"\n"].concat();
                    assert_eq!(
                        read_signature(&with_newline, key.kind()),
                        Ok(signature.to_vec()),
                        "{encoding:?}"
                    );
                }
            }
            assert!(read_signature(&signature[1..], key.kind()).is_err());
        }
    }

    proptest::proptest! {
        #[test]
        fn conversion_is_inverse_and_never_panics(bytes in proptest::collection::vec(0u8.., 0..80)) {
            if let Ok(raw) = CURVE.to_p1363(&bytes) {
                proptest::prop_assert_eq!(CURVE.to_der(&raw), Ok(bytes.clone()));
            }
            if let Ok(der) = CURVE.to_der(&bytes) {
                proptest::prop_assert_eq!(CURVE.to_p1363(&der), Ok(bytes));
            }
        }

        #[test]
        fn raw_signatures_convert(bytes in proptest::collection::vec(0u8..0xff, 64)) {
            if let Ok(der) = CURVE.to_der(&bytes) {
                proptest::prop_assert!((8..=72).contains(&der.len()));
                proptest::prop_assert_eq!(CURVE.to_p1363(&der), Ok(bytes));
            }
        }
    }
}
