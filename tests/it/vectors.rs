//! Project Wycheproof's vectors: signatures and RSA blocks made to break verifiers and decoders.

use kmsctl::{
    encoding::{self, Hasher, PrivateKey, PublicKey},
    model::{Hash, Padding, SignatureAlgorithm},
    public,
};
use rsa::{BigUint, traits::PrivateKeyParts, traits::PublicKeyParts};
use serde_json::Value;

/// Calls `check` for each test with its group, and counts how many there were.
fn each(file: &str, mut check: impl FnMut(&Value, &Value)) -> usize {
    let path = format!("{}/tests/fixtures/wycheproof/{file}_test.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("vectors");
    let vectors: Value = serde_json::from_str(&text).expect("JSON");
    let mut count = 0;
    for group in vectors["testGroups"].as_array().expect("groups") {
        for test in group["tests"].as_array().expect("tests") {
            check(group, test);
            count += 1;
        }
    }
    assert_eq!(vectors["numberOfTests"], count);
    count
}

fn bytes(value: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(value.as_str().expect("text").as_bytes()).expect("hexadecimal")
}

/// Every signature is judged as the vectors say. "Acceptable" ones, which a verifier may take, are refused.
fn verify_all(file: &str, key: &str, algorithm: SignatureAlgorithm) -> usize {
    each(file, |group, test| {
        let key = PublicKey::from_spki_der(&bytes(&group[key])).expect("a public key");
        let digest = Hasher::digest(algorithm.hash(), &bytes(&test["msg"]));
        let answer = public::verify(&key, algorithm, &digest, &bytes(&test["sig"])).expect("a fitting key");
        assert_eq!(answer, test["result"] == "valid", "{file} {}: {}", test["tcId"], test["comment"]);
    })
}

#[test]
fn ecdsa_signatures_in_der() {
    assert_eq!(verify_all("ecdsa_secp256r1_sha256", "publicKeyDer", SignatureAlgorithm::ES256), 484);
}

#[test]
fn ecdsa_signatures_in_p1363() {
    assert_eq!(verify_all("ecdsa_secp256r1_sha256_p1363", "publicKeyDer", SignatureAlgorithm::ES256), 262);
}

#[test]
fn rsa_signatures_in_pkcs_1() {
    let rs256 = SignatureAlgorithm::rsa(Padding::Pkcs1, Hash::Sha256);
    assert_eq!(verify_all("rsa_signature_2048_sha256", "publicKeyDer", rs256), 259);
}

#[test]
fn rsa_signatures_in_pss() {
    let ps256 = SignatureAlgorithm::rsa(Padding::Pss, Hash::Sha256);
    assert_eq!(verify_all("rsa_pss_2048_sha256_mgf1_32", "publicKeyDer", ps256), 108);
}

/// Raw RSA, which is a token's part, and then our decoding. kmsctl's label is empty, so that a block with another
/// label must be refused, too.
#[test]
fn rsa_blocks_in_oaep() {
    assert_eq!(oaep("rsa_oaep_2048_sha256_mgf1sha256"), 37);
    assert_eq!(oaep("rsa_oaep_4096_sha256_mgf1sha256"), 37);
}

fn oaep(file: &str) -> usize {
    each(file, |group, test| {
        let key = PrivateKey::read(&bytes(&group["privateKeyPkcs8"]), None).expect("a private key");
        let PrivateKey::Rsa(key) = key else { panic!("an RSA key") };
        let (given, number) = (bytes(&test["ct"]), BigUint::from_bytes_be(&bytes(&test["ct"])));
        let fits = given.len() == key.size() && number < *key.n();
        let block = number.modpow(key.d(), key.n()).to_bytes_be();
        let plaintext = encoding::oaep_decode(&block, key.size()).ok().filter(|_| fits);
        let good = test["result"] == "valid" && test["label"] == "";
        let expected = good.then(|| bytes(&test["msg"]));
        assert_eq!(plaintext.map(|secret| secret.expose().to_vec()), expected, "{}", test["comment"]);
    })
}
