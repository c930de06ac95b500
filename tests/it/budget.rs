//! Call budgets: on a network HSM each PKCS#11 call is a round trip. OpenSC's `pkcs11-spy` counts them.

use std::{collections::BTreeMap, fs, path::Path};

use crate::support::{
    DAY, START, TestEnv,
    fault::{module, take_calls, watched},
    oracle, path_text,
    token::{self, on_both_tokens},
};

/// The number of calls of one run by function, as `pkcs11-spy` between kmsctl and SoftHSM logs them.
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

fn prepared() -> TestEnv {
    let env = token::softhsm();
    env.create("rsa", "rsa-2048");
    for label in ["a", "b", "c", "d"] {
        env.create(label, "ec-p256");
    }
    env.write("message", "m");
    env
}

/// The maximum number of PKCS#11 calls of each command, including `C_GetInterface` and `C_Finalize`. The commands run in
/// this order on one token with five key pairs and an AES key.
#[rustfmt::skip]
const BUDGET: &[(&[&str], usize)] = &[
    (&["token", "list"], 6),
    (&["token", "show"], 8),
    (&["random", "32"], 9),
    (&["key", "list"], 38),
    (&["key", "list", "--all"], 38),
    (&["key", "show", "--label", "c"], 16),
    (&["key", "show", "--label", "c", "--pem"], 16),
    (&["key", "show", "--label", "aes", "--kcv"], 20),
    (&["key", "versions", "--label", "c"], 16),
    (&["jwks", "--label", "c"], 16),
    (&["sign", "--label", "rsa", "--algorithm", "RS256", "--in", "message"], 18),
    (&["sign", "--label", "rsa", "--algorithm", "PS256", "--in", "message"], 18),
    (&["sign", "--label", "c", "--in", "message", "--out", "signature"], 18),
    (&["sign", "--label", "c", "--in", "message", "--in", "p256.pem", "--in", "requests", "--jobs", "1", "--json"], 22),
    (&["verify", "--label", "c", "--in", "message", "--signature", "signature"], 16),
    (&["jwt", "sign", "--label", "c", "--sub", "alice", "--ttl", "15m"], 18),
    (&["encrypt", "--label", "rsa", "--in", "message", "--out", "sealed-rsa"], 16),
    (&["decrypt", "--in", "sealed-rsa"], 23),
    (&["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"], 20),
    (&["encrypt", "--label", "aes", "--in", "message", "--format", "age", "--out", "envelope"], 20),
    (&["decrypt", "--in", "sealed"], 23),
    (&["decrypt", "--in", "envelope", "--out", "opened"], 23),
    (&["datakey", "--label", "aes"], 21),
    (&["inspect", "--in", "sealed"], 29),
    (&["batch", "--in", "requests", "--jobs", "1"], 36),
    (&["key", "create", "--label", "new", "--algorithm", "ec-p256"], 37),
    (&["key", "create", "--label", "new-rsa", "--algorithm", "rsa-2048"], 37),
    (&["key", "create", "--label", "new-aes", "--algorithm", "aes-256", "--convergent"], 56),
    (&["key", "import", "--label", "imported", "--in", "p256.pem"], 47),
    (&["key", "update", "--label", "new", "--memo", "for the web"], 23),
    (&["key", "rotate", "--label", "new"], 31), // Two calls stop the older version from signing.
    (&["key", "rotate", "--label", "aes"], 34),
    (&["reencrypt", "--in", "sealed", "--out", "sealed"], 32), // Compares the newest version with its record.
    (&["key", "disable", "--label", "new"], 31),
    (&["key", "enable", "--label", "new"], 31),
    (&["key", "revoke", "--label", "new"], 43), // Reads the records of all keys, where nothing confirms the clock.
    (&["key", "restore", "--label", "new"], 25),
    (&["key", "rotate", "--due"], 53),
    (&["key", "delete", "--label", "new", "--yes"], 55), // Marks the record, and looks again at the end.
    (&["doctor"], 126), // Tries each pair that nothing else vouches for.
];

#[test]
fn every_command_keeps_to_its_budget() {
    let env = prepared();
    env.create("aes", "aes-256");
    env.write("p256.pem", include_bytes!("../fixtures/keys/p256.pkcs8.pem"));
    let request = r#"{"op":"sign","label":"c","algorithm":"ES256","data":"bQ=="}"#;
    env.write("requests", format!("{request}\n").repeat(10));
    let mut wrong = Vec::new();
    for (args, budget) in BUDGET {
        let calls = calls(&env, args);
        if sum(&calls) > *budget {
            wrong.push(format!("{}: {}, more than {budget}: {calls:?}", args.join(" "), sum(&calls)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A key with ten versions costs a bounded number of calls for each on both sides, beside what each command costs.
#[test]
fn moving_a_key_costs_few_calls_a_version() {
    const VERSIONS: usize = 10;
    for env in [token::embedded(), token::softhsm()] {
        env.create("receiver", "rsa-2048");
        env.public_key("receiver");
        let calls = |line: &str| {
            watched(&env).run(line.split(' ')).success();
            take_calls(&env).into_iter().map(|call| call.function).collect::<Vec<_>>()
        };
        for algorithm in ["ec-p256", "rsa-2048", "aes-256", "hmac-256"] {
            let moved = |versions: usize| {
                env.run(["key", "create", "--label", "moved", "--algorithm", algorithm, "--exportable"])
                    .success();
                for _ in 1..versions {
                    env.run(["key", "rotate", "--label", "moved"]).success();
                }
                let wrap = "key wrap --label moved --all-versions --wrapping-key receiver.pem --out wrapped";
                let wrapped = calls(wrap);
                env.delete("moved");
                let unwrapped = calls("key unwrap --in wrapped");
                env.delete("moved");
                [wrapped, unwrapped]
            };
            for (one, ten) in moved(1).iter().zip(moved(VERSIONS)) {
                let each = (ten.len() - one.len()).div_ceil(VERSIONS - 1);
                assert!(each <= 12, "{algorithm}: {each} calls for each version: {ten:#?}");
                assert!(one.len() <= 90, "{algorithm}: {} calls for one version: {one:#?}", one.len());
            }
        }
    }
}

#[test]
fn signing_takes_one_login_and_one_signature() {
    let env = prepared();
    for (label, algorithm) in [("rsa", "RS256"), ("rsa", "PS256"), ("c", "ES256")] {
        let calls = calls(&env, &["sign", "--label", label, "--algorithm", algorithm, "--in", "message"]);
        assert!(sum(&calls) <= 24, "{} calls: {calls:#?}", sum(&calls));
        assert_eq!(of(&calls, "C_Login"), 1, "{calls:#?}");
        assert_eq!(of(&calls, "C_Sign"), 1, "{calls:#?}");
    }
}

/// A key of another program, which has no record. Nothing can be left out: the slots and what token is in each (two: SoftHSM shows
/// an empty one behind the last), a login, one search, each half for the private key and the check of the signature, the signature.
/// `config learn` saves the look at the slots.
#[test]
fn signing_by_label_makes_no_call_too_many() {
    let env = token::softhsm();
    let make =
        ["--keypairgen", "--key-type", "EC:prime256v1", "--label", "web", "--id", "01", "--usage-sign"];
    oracle::pkcs11_tool(&env, &make);
    env.write("message", "m");
    let run = |args: &[&str]| {
        watched(&env).run(args).success();
        take_calls(&env).into_iter().map(|call| call.function).collect::<Vec<_>>()
    };
    let find = ["C_FindObjectsInit", "C_FindObjects", "C_FindObjectsFinal"];
    let halves = ["C_GetAttributeValue"; 2];
    let end = ["C_SignInit", "C_Sign", "C_Finalize"];
    let log_in = ["C_OpenSession", "C_Login"];
    let all = |start: &[&'static str]| [start, &log_in, &find, &halves, &end].concat();
    let sign = ["sign", "--label", "web", "--in", "message"];
    assert_eq!(run(&sign), all(&["C_Initialize", "C_GetSlotList", "C_GetTokenInfo", "C_GetTokenInfo"]));
    let module = module();
    let add = ["config", "add-profile", "x", "--module", path_text(&module), "--token", token::LABEL];
    env.run(add).success();
    watched(&env).run("config learn --profile x".split(' ')).success();
    take_calls(&env);
    let learnt = run(&[&sign[..], &["--profile", "x"]].concat());
    assert_eq!(learnt, all(&["C_Initialize", "C_GetTokenInfo"]));
    assert_eq!(learnt.len(), 12);
}

/// Signing makes the same calls however many other keys there are and however long the input is.
#[test]
fn signing_does_not_grow_with_the_token_or_the_input() {
    let env = prepared();
    let sign = ["sign", "--label", "c", "--in", "message"];
    let few = calls(&env, &sign);
    for index in 0..12 {
        env.create(&format!("more-{index}"), "ec-p256");
    }
    env.write("message", vec![1; 3_000_000]);
    assert_eq!(few, calls(&env, &sign));
}

/// A command on one key makes the same calls however many other keys the token has.
#[test]
fn one_key_among_many_costs_the_same() {
    for env in [token::embedded(), token::softhsm()] {
        env.create("web", "ec-p256");
        env.create("aes", "aes-256");
        env.write("message", "m");
        env.run(["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"]).success();
        let commands = [
            vec!["key", "show", "--label", "web"],
            vec!["key", "show", "--label", "web", "--pem"],
            vec!["key", "versions", "--label", "web"],
            vec!["sign", "--label", "web", "--in", "message"],
            vec!["encrypt", "--label", "aes", "--in", "message"],
            vec!["decrypt", "--in", "sealed"],
            vec!["key", "disable", "--label", "web"],
            vec!["key", "enable", "--label", "web"],
            vec!["key", "update", "--label", "web", "--memo", "m"],
        ];
        let costs = || {
            let cost = |args: &Vec<&str>| {
                watched(&env).run(args).success();
                take_calls(&env).into_iter().map(|call| call.function).collect::<Vec<_>>()
            };
            commands.iter().map(cost).collect::<Vec<_>>()
        };
        let few = costs();
        for index in 0..30 {
            env.create(&format!("more-{index}"), "ec-p256");
        }
        env.run(["key", "update", "--label", "web", "--memo", "another"]).success();
        for ((command, few), many) in commands.iter().zip(few).zip(costs()) {
            assert_eq!(few, many, "{command:?}");
        }
    }
}

#[test]
fn listing_reads_each_object_at_most_twice() {
    let env = prepared();
    let calls = calls(&env, &["key", "list"]);
    // Five key pairs with a record each.
    let objects = 15;
    let reads = of(&calls, "C_GetAttributeValue");
    assert!(reads <= 2 * objects, "{reads} reads of {objects} objects: {calls:#?}");
    assert!(of(&calls, "C_FindObjects") <= 4, "{calls:#?}");
}

/// If no PIN is given. With a PIN, the public key is verified first.
#[test]
fn public_keys_need_no_login() {
    let mut env = prepared();
    env.run(["sign", "--label", "c", "--in", "message", "--out", "sig"]).success();
    env.unset("KMSCTL_PIN_FILE");
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

/// If the public objects are not sufficient, the login uses the session that is already open.
#[test]
fn the_module_is_initialized_once() {
    let env = prepared();
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

/// Besides finding the key: a nonce and two calls to encrypt, two calls to decrypt, and none for RSA.
#[test]
fn encryption_makes_few_calls() {
    let env = prepared();
    env.create("aes", "aes-256");
    env.write("message", vec![7; 1024]);
    let encrypting = calls(&env, &["encrypt", "--label", "aes", "--in", "message", "--out", "sealed"]);
    let spent = |calls: &BTreeMap<String, usize>, names: &[&str]| -> usize {
        names.iter().map(|name| of(calls, name)).sum()
    };
    let work = ["C_GenerateRandom", "C_EncryptInit", "C_Encrypt", "C_DecryptInit", "C_Decrypt"];
    // Two of them check that the key is the one in its record.
    assert!(spent(&encrypting, &work) <= 5, "{encrypting:#?}");
    assert!(sum(&encrypting) <= 34, "{} calls: {encrypting:#?}", sum(&encrypting));
    let decrypting = calls(&env, &["decrypt", "--in", "sealed", "--out", "opened"]);
    assert!(spent(&decrypting, &work) <= 4, "{decrypting:#?}");
    let rsa = calls(&env, &["encrypt", "--label", "rsa", "--in", "message", "--out", "sealed"]);
    assert_eq!(spent(&rsa, &work), 0, "{rsa:#?}");
}

on_both_tokens![a_slow_token_is_read_over_several_sessions];

/// If calls are slow, objects are read in parallel. The result is the same.
fn a_slow_token_is_read_over_several_sessions(env: &TestEnv) {
    // Two secret keys and a record each, 72 objects: eight to measure the delay, and eight for each of eight sessions.
    for index in 0..24 {
        let label = format!("key-{index}");
        env.run(["key", "create", "--label", &label, "--algorithm", "aes-256", "--convergent"]).success();
    }
    let list = |delay: &str| {
        let run = watched(env).with("KMSCTL_FAULT_DELAY_US", delay);
        let listed = run.run(["key", "list", "--json"]).success().stdout;
        let calls = take_calls(env);
        let count = |name: &str| calls.iter().filter(|call| call.function == name).count();
        (listed, count("C_GetAttributeValue"), count("C_OpenSession"), count("C_CloseSession"))
    };
    let (listed, reads, ..) = list("0");
    let (slowly, slow_reads, sessions, closed) = list("1000");
    assert_eq!((slowly, slow_reads), (listed, reads));
    // The last one ends with the module.
    assert_eq!((sessions, closed), (8, 7));
}

/// Reading takes one call per object. Each rotation then takes the same number of calls, however many keys are due.
#[test]
fn rotating_what_is_due_costs_the_same_for_each_key() {
    const KEYS: usize = 12;
    for env in [token::embedded(), token::softhsm()] {
        for index in 0..KEYS {
            let period = if index < 3 { 1 } else { 7 };
            let line = format!(
                "key create --label k{index} --algorithm ec-p256 --auto-rotate --rotation-period {period}"
            );
            env.on_day(0, &line).success();
        }
        // Three objects per key, plus two for each version that the first run creates.
        for (today, due, objects) in [(1, 3, 3 * KEYS), (7, KEYS, 3 * KEYS + 2 * 3)] {
            let run = watched(&env).with("KMSCTL_TEST_NOW", (START + today * DAY).to_string());
            let rotated = run.run("key rotate --due --json".split(' ')).success().json();
            assert_eq!(rotated.as_array().map(Vec::len), Some(due));
            let calls: Vec<_> = take_calls(&env).into_iter().map(|call| call.function).collect();
            let of = |calls: &[String], name: &str| calls.iter().filter(|call| *call == name).count();
            assert_eq!(of(&calls, "C_Login"), 1);
            let mut rotations = calls.split(|call| call == "C_GenerateRandom");
            let start = rotations.next().expect("a start");
            // Plus the key for record MACs on the embedded token.
            assert!(of(start, "C_GetAttributeValue") <= objects + 2, "{start:?}");
            assert!(start.len() <= objects + 30, "{start:?}");
            // After its last call there may be calls that re-read a key because another process had the token in between.
            let costs = rotations.map(|calls| calls.iter().position(|call| call == "C_DestroyObject"));
            let costs: Vec<_> = costs.collect();
            // A MAC takes two calls, and each rotation verifies one and computes one.
            let most = if env.has("KMSCTL_MODULE") { 12 } else { 16 };
            assert!(
                costs.len() == due && costs.iter().all(|cost| cost.is_some_and(|cost| cost <= most)),
                "{costs:?}"
            );
        }
    }
}
