//! NIST's own answers for FIPS 203 and 204 (ACVP): keys from seeds, and decapsulations, implicit rejection included. `./dev test`
//! fetches them. ACVP's signatures of this revision are by ML-DSA without the context string, which no mechanism offers.

use std::fs;

use data_encoding::HEXUPPER_PERMISSIVE;
use kmsctl::algorithm::PublicKey;
use serde_json::Value;

use crate::{
    ml_kem::{expanded, read, tagged, text},
    support::{field, token},
};

/// The groups of one set of vectors, and their tests, with the parameter sets that kmsctl has.
fn groups(name: &str) -> Vec<(Value, u8)> {
    let path =
        format!("{}/target/judges/acvp/vectors/{name}/internalProjection.json", env!("CARGO_MANIFEST_DIR"));
    let set: Value = serde_json::from_slice(&fs::read(path).expect("vectors")).expect("JSON");
    let groups = set["testGroups"].as_array().expect("groups").iter();
    groups.filter_map(|group| Some((group.clone(), last_of_oid(field(group, "parameterSet"))?))).collect()
}

fn last_of_oid(set: &str) -> Option<u8> {
    match set {
        "ML-DSA-44" => Some(17),
        "ML-DSA-65" => Some(18),
        "ML-DSA-87" => Some(19),
        "ML-KEM-768" => Some(2),
        "ML-KEM-1024" => Some(3),
        _ => None,
    }
}

fn bytes(object: &Value, name: &str) -> Vec<u8> {
    HEXUPPER_PERMISSIVE.decode(field(object, name).as_bytes()).expect("hexadecimal")
}

/// AlgorithmIdentifier under 2.16.840.1.101.3.4.
fn algorithm(last: u8) -> Vec<u8> {
    let arc = if last < 17 { 4 } else { 3 };
    tagged(0x30, &tagged(0x06, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, arc, last]))
}

/// PKCS#8 with this content of `privateKey`.
fn pkcs8(last: u8, key: &[u8]) -> Vec<u8> {
    tagged(0x30, &[vec![2, 1, 0], algorithm(last), tagged(0x04, key)].concat())
}

fn spki(last: u8, key: &[u8]) -> Vec<u8> {
    tagged(0x30, &[algorithm(last), tagged(0x03, &[&[0], key].concat())].concat())
}

#[test]
fn keys_from_seeds() {
    for (name, seeds, [public, private], sets) in [
        ("ML-DSA-keyGen-FIPS204", &["seed"][..], ["pk", "sk"], 3),
        ("ML-KEM-keyGen-FIPS203", &["d", "z"], ["ek", "dk"], 2),
    ] {
        let groups = groups(name);
        assert_eq!(groups.len(), sets, "{name}");
        for (group, last) in groups {
            let tests = group["tests"].as_array().expect("tests");
            assert_eq!(tests.len(), 25, "{name}");
            for test in tests {
                let seed: Vec<u8> = seeds.iter().flat_map(|part| bytes(test, part)).collect();
                let key = pkcs8(last, &tagged(0x80, &seed));
                let expected = PublicKey::read(&spki(last, &bytes(test, public)));
                assert!(expected.is_ok() && read(&key) == expected, "{name} {}", test["tcId"]);
                assert_eq!(expanded(&key), bytes(test, private), "{name} {}", test["tcId"]);
            }
        }
    }
}

/// By the embedded token, which gets the expanded key: these keys have no seed.
#[test]
fn decapsulations() {
    let (env, mut rejected) = (token::embedded(), 0);
    let groups = groups("ML-KEM-encapDecap-FIPS203");
    for (group, last) in groups.iter().filter(|(group, _)| group["function"] == "decapsulation") {
        env.write("key", pkcs8(*last, &tagged(0x04, &bytes(group, "dk"))));
        let made = env.run("key import --label k --in key --json".split(' ')).success().json();
        let tests = group["tests"].as_array().expect("tests");
        assert_eq!(tests.len(), 10);
        for test in tests {
            rejected += u32::from(field(test, "reason").starts_with("modif"));
            let sealed = text(field(&made, "keyTag"), &bytes(test, "c"), &bytes(test, "k"), b"known");
            let opened = env.run_with_stdin(sealed, ["decrypt"]).success();
            assert_eq!(opened.stdout, b"known", "{}: {}", test["tcId"], test["reason"]);
        }
        env.delete("k");
    }
    assert!(rejected > 2, "{rejected}");
}
