//! Round trips: on a network HSM each PKCS#11 call is one, so commands have a budget. `pkcs11-spy` of OpenSC counts.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::{TestEnv, path_text, token};

/// The calls of one run by name, as a module between kmsctl and SoftHSM saw them.
#[track_caller]
fn calls(env: &TestEnv, args: &[&str]) -> BTreeMap<String, usize> {
    let log = env.path("spy.log");
    drop(fs::remove_file(&log));
    let output = env
        .with("KMSCTL_MODULE", spy())
        .with("PKCS11SPY", token::softhsm_module())
        .with("PKCS11SPY_OUTPUT", path_text(&log))
        .run(args)
        .success();
    let log =
        fs::read_to_string(&log).unwrap_or_else(|error| panic!("the log of pkcs11-spy: {error}\n{output}"));
    let mut calls = BTreeMap::new();
    // A call begins with a line such as `12: C_Login`.
    for name in log.lines().filter_map(|line| line.split_once(": C_")).filter(|(number, _)| is_number(number))
    {
        *calls.entry(format!("C_{}", name.1)).or_default() += 1;
    }
    calls
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn spy() -> &'static str {
    [
        "/usr/lib/x86_64-linux-gnu/pkcs11/pkcs11-spy.so",
        "/usr/lib/aarch64-linux-gnu/pkcs11/pkcs11-spy.so",
        "/usr/lib64/pkcs11/pkcs11-spy.so",
        "/usr/lib/pkcs11/pkcs11-spy.so",
        "/usr/lib64/pkcs11-spy.so",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())
    .expect("pkcs11-spy is not installed: `./dev test` installs it with OpenSC")
}

fn sum(calls: &BTreeMap<String, usize>) -> usize {
    calls.values().sum()
}

fn of(calls: &BTreeMap<String, usize>, name: &str) -> usize {
    calls.get(name).copied().unwrap_or_default()
}

fn world() -> TestEnv {
    let env = token::softhsm();
    env.create("rsa", "rsa-2048");
    for label in ["a", "b", "c", "d"] {
        env.create(label, "ec-p256");
    }
    env.write("message", "m");
    env
}

#[test]
fn signing_by_label() {
    let env = world();
    for (label, algorithm) in [("rsa", "RS256"), ("rsa", "PS256"), ("c", "ES256")] {
        let calls = calls(&env, &["sign", "--label", label, "--algorithm", algorithm, "--in", "message"]);
        assert!(sum(&calls) <= 24, "{} calls: {calls:#?}", sum(&calls));
        assert_eq!(of(&calls, "C_Login"), 1, "{calls:#?}");
        assert_eq!(of(&calls, "C_Sign"), 1, "{calls:#?}");
    }
}

/// The cost of signing is that of one key, however many others there are, and of one hash, however long the input.
#[test]
fn signing_does_not_grow_with_the_token_or_the_input() {
    let env = world();
    let sign = ["sign", "--label", "c", "--in", "message"];
    let few = calls(&env, &sign);
    for index in 0..12 {
        env.create(&format!("more-{index}"), "ec-p256");
    }
    env.write("message", vec![1; 3_000_000]);
    assert_eq!(few, calls(&env, &sign));
}

#[test]
fn listing() {
    let env = world();
    let calls = calls(&env, &["key", "list"]);
    // Five pairs and a record for each.
    let objects = 15;
    let reads = of(&calls, "C_GetAttributeValue");
    assert!(reads <= 2 * objects, "{reads} reads of {objects} objects: {calls:#?}");
    assert!(of(&calls, "C_FindObjects") <= 4, "{calls:#?}");
}

#[test]
fn public_keys_cost_no_login() {
    let env = world();
    env.run(["sign", "--label", "c", "--in", "message", "--out", "sig"]).success();
    for args in [
        vec!["key", "show", "--label", "c", "--pem"],
        vec!["verify", "--label", "c", "--in", "message", "--signature", "sig"],
        vec!["random", "32"],
    ] {
        let calls = calls(&env, &args);
        assert_eq!(of(&calls, "C_Login"), 0, "{args:?}: {calls:#?}");
        assert!(sum(&calls) <= 14, "{args:?}: {calls:#?}");
    }
}

/// Where the public objects do not tell enough, the login comes in the session that is open.
#[test]
fn the_module_is_started_once() {
    let env = world();
    env.create("aes", "aes-256");
    env.run(["sign", "--label", "c", "--in", "message", "--out", "sig"]).success();
    env.run(["key", "rotate", "--label", "c"]).success();
    for args in [
        &["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"][..],
        &["datakey", "--label", "aes", "--out", "sealed"],
        &["verify", "--label", "c", "--in", "message", "--signature", "sig"],
        &["key", "show", "--label", "c", "--key-version", "1", "--pem"],
    ] {
        let calls = calls(&env, args);
        for name in ["C_Initialize", "C_OpenSession", "C_Login"] {
            assert_eq!(of(&calls, name), 1, "{args:?}: {calls:#?}");
        }
    }
}

/// Beyond finding the key: a nonce and two calls to encrypt, two to decrypt; nothing of the token for RSA.
#[test]
fn encryption() {
    let env = world();
    env.create("aes", "aes-256");
    env.write("message", vec![7; 1024]);
    let encrypting = calls(&env, &["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"]);
    let spent = |calls: &BTreeMap<String, usize>, names: &[&str]| -> usize {
        names.iter().map(|name| of(calls, name)).sum()
    };
    let work = ["C_GenerateRandom", "C_EncryptInit", "C_Encrypt", "C_DecryptInit", "C_Decrypt"];
    assert_eq!(spent(&encrypting, &work), 3, "{encrypting:#?}");
    assert!(sum(&encrypting) <= 34, "{} calls: {encrypting:#?}", sum(&encrypting));
    let decrypting = calls(&env, &["decrypt", "--in", "sealed", "--out", "opened"]);
    assert_eq!(spent(&decrypting, &work), 2, "{decrypting:#?}");
    let rsa = calls(&env, &["encrypt", "--label", "rsa", "--in", "message", "--out", "sealed"]);
    assert_eq!(spent(&rsa, &work) + of(&rsa, "C_Login"), 0, "{rsa:#?}");
}
