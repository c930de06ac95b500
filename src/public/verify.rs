//! Verifying a signature over a digest, or over a message that is signed whole.

use ossl::pkey::EvpPkey;

use super::Error;
use crate::algorithm::{PublicKey, SignatureAlgorithm, WholeMessage};

/// A public key made ready to verify: what is the same for all signatures is computed once.
#[derive(Debug)]
pub struct VerifyingKey {
    public: PublicKey,
    /// `None` if OpenSSL does not take the key: only EdDSA signatures are verified without it.
    key: Option<EvpPkey>,
}

impl VerifyingKey {
    pub fn new(key: &PublicKey) -> Self {
        Self { public: key.clone(), key: key.to_openssl().ok() }
    }

    /// Whether `signature` is valid for `covered`: the digest, or the message if the algorithm signs it whole. A malformed
    /// signature is not valid; only a mismatch (an algorithm of another key type, a digest of another length) is an error.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        covered: &[u8],
        signature: &[u8],
    ) -> Result<bool, Error> {
        let Some(hash) = algorithm.hash() else {
            let message = self.whole_message(algorithm, Some(signature))?;
            return Ok(message.is_some_and(|mut message| {
                message.update(covered);
                self.verifies(message, signature)
            }));
        };
        if covered.len() != hash.len() {
            return Err(Error::DigestLength { hash, algorithm, length: covered.len() });
        }
        self.require(algorithm)?;
        let kind = self.public.kind();
        Ok(self.key.as_ref().is_some_and(|key| kind.verifies(key, algorithm, covered, signature)))
    }

    /// Starts to verify a message of any size that is signed whole. `None` if the signature has to be known first.
    pub fn whole_message(
        &self,
        algorithm: SignatureAlgorithm,
        signature: Option<&[u8]>,
    ) -> Result<Option<WholeMessage>, Error> {
        self.require(algorithm)?;
        let message = self.public.whole_message(signature);
        if self.key.is_none() && message.as_ref().is_some_and(WholeMessage::needs_openssl) {
            return Err(Error::NotInOpenSsl { kind: self.public.kind() });
        }
        Ok(message)
    }

    /// Whether the signature is valid for a message from [`Self::whole_message`] that was read to its end.
    pub fn verifies(&self, message: WholeMessage, signature: &[u8]) -> bool {
        self.public.kind().is_signature(signature) && message.verifies(self.key.as_ref(), signature)
    }

    fn require(&self, algorithm: SignatureAlgorithm) -> Result<(), Error> {
        let kind = self.public.kind();
        if algorithm.fits(kind) { Ok(()) } else { Err(Error::AlgorithmMismatch { algorithm, kind }) }
    }
}

/// [`VerifyingKey::verify`] for one signature.
pub fn verify(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    covered: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    VerifyingKey::new(key).verify(algorithm, covered, signature)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use rsa::{BigUint, traits::PublicKeyParts};
    use serde_json::json;

    use super::*;
    use crate::algorithm::sample::{CURVE, fixture};

    const INPUT: &[u8] = fixture!("input");

    fn rsa() -> PublicKey {
        PublicKey::read(fixture!("rsa-2048.pub.pem")).expect("a fixture")
    }

    fn ec() -> PublicKey {
        PublicKey::read(fixture!(ec "pub.pem")).expect("a fixture")
    }

    fn good(key: &PublicKey, name: &str, input: &[u8], signature: &[u8]) -> bool {
        let algorithm: SignatureAlgorithm = name.parse().expect("a name");
        verify(key, algorithm, &algorithm.covered(input), signature).expect("a fitting key")
    }

    #[test]
    fn signatures_by_openssl_are_good_under_their_own_algorithm_only() {
        let signatures = [
            ("RS256", fixture!("rs256.sig")),
            ("RS384", fixture!("rs384.sig")),
            ("RS512", fixture!("rs512.sig")),
            ("PS256", fixture!("ps256.sig")),
            ("PS384", fixture!("ps384.sig")),
            ("PS512", fixture!("ps512.sig")),
        ];
        for (made_with, signature) in signatures {
            for (name, _) in signatures {
                assert_eq!(good(&rsa(), name, INPUT, signature), name == made_with, "{made_with} as {name}");
            }
            assert!(!good(&rsa(), made_with, b"other input", signature));
        }
        assert!(good(&ec(), "ES256", INPUT, fixture!("es256.sig")));
        assert!(!good(&ec(), "ES256", b"other input", fixture!("es256.sig")));
    }

    #[test]
    fn ecdsa_is_good_in_both_forms() {
        let raw = CURVE.to_p1363(fixture!("es256.sig")).expect("a fixture");
        assert!(good(&ec(), "ES256", INPUT, &raw));
        let swapped = [&raw[32..], &raw[..32]].concat();
        assert!(!good(&ec(), "ES256", INPUT, &swapped));
    }

    #[test]
    fn a_salt_of_another_length_is_not_good() {
        assert!(!good(&rsa(), "PS256", INPUT, fixture!("ps256-salt-20.sig")));
    }

    #[test]
    fn a_signature_has_one_form_only() {
        let key = rsa().to_rsa().expect("an RSA key");
        for (name, signature) in [("RS256", fixture!("rs256.sig")), ("PS256", fixture!("ps256.sig"))] {
            let shorter = &signature[1..];
            let longer = [&[0], signature].concat();
            let beyond_the_modulus = (BigUint::from_bytes_be(signature) + key.n()).to_bytes_be();
            for bad in [shorter, &longer, &beyond_the_modulus, &[], &[0; 256], &[0xff; 256]] {
                assert!(!good(&rsa(), name, INPUT, bad), "{name} of {} bytes", bad.len());
            }
        }
    }

    #[test]
    fn questions_that_make_no_sense_are_errors() {
        let digest = [0; 32];
        assert!(matches!(
            verify(&ec(), "RS256".parse().expect("a name"), &digest, &[]),
            Err(Error::AlgorithmMismatch { .. })
        ));
        assert!(matches!(
            verify(&rsa(), SignatureAlgorithm::ES256, &digest, &[]),
            Err(Error::AlgorithmMismatch { .. })
        ));
        assert!(matches!(
            verify(&rsa(), "RS512".parse().expect("a name"), &digest, &[]),
            Err(Error::DigestLength { length: 32, .. })
        ));
    }

    #[test]
    fn the_examples_of_rfc_7515() {
        let payload =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let rs256 = json!({"kty": "RSA", "e": "AQAB",
            "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
                  T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB\
                  dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia\
                  GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
        let rs256_signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W\
                  2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07\
                  Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6\
                  LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
        let es256 = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        let es256_signature =
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        for (name, header, jwk, signature) in [
            ("RS256", "eyJhbGciOiJSUzI1NiJ9", rs256, rs256_signature),
            ("ES256", "eyJhbGciOiJFUzI1NiJ9", es256, es256_signature),
        ] {
            let key = PublicKey::read(jwk.to_string().as_bytes()).expect("the RFC's key");
            let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).expect("the RFC's signature");
            assert!(good(&key, name, format!("{header}.{payload}").as_bytes(), &signature), "{name}");
            assert!(!good(&key, name, format!("{header}.{payload}A").as_bytes(), &signature), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_flipped_bit_makes_it_bad(at in 0usize..256, bit in 0u8..8) {
            for (name, signature) in [("RS256", fixture!("rs256.sig")), ("PS256", fixture!("ps256.sig"))] {
                let mut bad = signature.to_vec();
                bad[at] ^= 1 << bit;
                proptest::prop_assert!(!good(&rsa(), name, INPUT, &bad));
            }
        }

        #[test]
        fn no_signature_makes_it_panic(signature in proptest::collection::vec(0u8.., 0..300)) {
            proptest::prop_assert!(!good(&ec(), "ES256", INPUT, &signature));
            proptest::prop_assert!(!good(&rsa(), "PS256", INPUT, &signature));
        }
    }
}
