//! What an interrupted rotation left is the next version: the next rotation or `doctor --repair` adopts it, whatever kind of key
//! it is, and also if the run that made it is still alive on another machine.

use crate::support::{
    TestEnv,
    fault::{sample, take_calls, watched},
    field, is_full,
    machine::{Stopped, on},
    token,
};

token::on_both_tokens!(
    a_staged_version_is_completed_as_one,
    a_convergent_version_gets_its_companion,
    a_run_that_is_still_alive_loses_its_version,
    a_version_that_lost_is_destroyed,
    a_run_that_fails_destroys_no_adopted_version,
    names_stay_until_a_rotation_is_completed,
);

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[track_caller]
fn killed(env: &TestEnv, fault: &str, line: &str) {
    let output = watched(env).with("KMSCTL_FAULT", fault).run(words(line));
    assert_eq!(output.status.code(), None, "not killed\n{output}");
    take_calls(env);
}

/// The own states of the versions of a key, oldest first.
fn states(env: &TestEnv, label: &str) -> Vec<String> {
    let versions = env.run(["key", "versions", "--label", label, "--json"]).success().json();
    let mut versions = versions.as_array().expect("an array").clone();
    versions.sort_by_key(|version| version["version"].as_u64());
    versions.iter().map(|version| field(version, "ownStatus").to_owned()).collect()
}

fn a_staged_version_is_completed_as_one(env: &TestEnv) {
    for completes in ["key rotate --label web --stage", "doctor --repair"] {
        env.create("web", "ec-p256");
        killed(env, "C_CreateObject:1 kill-before", "key rotate --label web --stage");
        let refused = env.run(words("key rotate --label web --json")).fails(1);
        assert_eq!(field(&refused.error(), "code"), "KEY_CONFLICT");
        assert!(refused.stderr_text().contains("doctor --repair"), "{refused}");
        env.run(words(completes)).success();
        assert_eq!(states(env, "web"), ["ENABLE", "STAGED"], "{completes}");
        env.run(["doctor"]).success();
        env.run(words("key promote --label web")).success();
        env.write("message", "m");
        env.run(words("sign --label web --in message --out sig")).success();
        env.run(words("verify --label web --in message --signature sig --key-version 2")).success();
        env.delete("web");
    }
}

fn a_convergent_version_gets_its_companion(env: &TestEnv) {
    env.write("data", "data");
    let creation = "key create --label index --algorithm aes-256 --convergent";
    for fault in ["C_GenerateKey:2 kill-before", "C_CreateObject:1 kill-before"] {
        env.run(words(creation)).success();
        killed(env, fault, "key rotate --label index");
        env.run(words("key rotate --label index")).success();
        assert_eq!(states(env, "index"), ["ENABLE", "ENABLE"], "{fault}");
        for out in ["one", "two"] {
            env.run(["encrypt", "--label", "index", "--context", "c", "--in", "data", "--out", out])
                .success();
        }
        let sealed = |name: &str| std::fs::read(env.file(name)).expect("a ciphertext");
        assert_eq!(sealed("one"), sealed("two"), "{fault}");
        env.run(["doctor"]).success();
        env.delete("index");
    }
}

/// The run is stopped before it stores its record, and fails in place of destroying the version that is another's by now.
fn a_run_that_is_still_alive_loses_its_version(env: &TestEnv) {
    env.write("message", "m");
    for inner in ["key rotate --label web", "doctor --repair"] {
        env.create("web", "ec-p256");
        let run = on(env, "one").with("KMSCTL_FAULT", "C_CreateObject:1 signal-before 19");
        let outer = Stopped::started(env, &run, &words("key rotate --label web --json"));
        on(env, "two").run(words(inner)).success();
        let outer = outer.resume().fails(1);
        assert_eq!(field(&outer.error(), "code"), "KEY_CONFLICT", "{inner}");
        assert_eq!(states(env, "web"), ["ENABLE", "ENABLE"], "{inner}");
        env.run(words("sign --label web --in message")).success();
        env.run(["doctor"]).success();
        env.delete("web");
    }
}

/// Both machines make a version 2: one of them before the other sees it.
fn a_version_that_lost_is_destroyed(env: &TestEnv) {
    env.create("web", "ec-p256");
    let run = on(env, "one").with("KMSCTL_FAULT", "C_GenerateKeyPair:1 signal-before 19");
    let outer = Stopped::started(env, &run, &words("key rotate --label web --json"));
    killed(env, "C_CreateObject:1 kill-before", "key rotate --label web");
    outer.resume().success();
    env.run(["doctor"]).exits(3).showing("a rotation was interrupted");
    env.run(["doctor", "--repair"]).success();
    env.run(["doctor"]).success();
    assert_eq!(states(env, "web"), ["ENABLE", "ENABLE"]);
    assert_eq!(env.keys().len(), 1);
}

/// Wrong signatures: the stopped run fails by itself after its version was adopted. Only on SoftHSM: the embedded token's
/// records have a MAC.
#[test]
fn a_run_that_fails_late_destroys_nothing() {
    let env = token::softhsm();
    env.write("message", "m");
    env.create("web", "ec-p256");
    let run = on(&env, "one")
        .with("KMSCTL_FAULT", "C_Sign:1 signal-before 19")
        .with("KMSCTL_FAULT_LIES", "C_Sign=ffff");
    let outer = Stopped::started(&env, &run, &words("key rotate --label web --json"));
    on(&env, "two").run(words("key rotate --label web")).success();
    let outer = outer.resume().fails(1);
    assert_eq!(field(&outer.error(), "code"), "KEY_CONFLICT");
    env.run(words("sign --label web --in message")).success();
    env.run(["doctor"]).success();
}

/// The token has no room for the record, so the run takes its version back, stopped before each call that it makes for that; the
/// other machine may adopt the version.
fn a_run_that_fails_destroys_no_adopted_version(env: &TestEnv) {
    const FULL: (&str, &str) = ("KMSCTL_FAULT_RULES", "C_CreateObject=0x31");
    env.write("message", "m");
    // `doctor` would make an RSA key each time to try the token with.
    env.create("other", "rsa-2048");
    let rotate = words("key rotate --label web");
    for (algorithm, work) in [("ec-p256", "sign"), ("aes-256", "encrypt")] {
        env.create("web", algorithm);
        on(env, "one").with(FULL.0, FULL.1).run(&rotate).fails(6);
        let calls = take_calls(env);
        let refused = calls.iter().position(|call| call.function == "C_CreateObject").expect("a record");
        for inner in ["doctor --repair", "key rotate --label web"] {
            // The other pairs in `./dev test full`.
            if !is_full() && (algorithm == "aes-256") != inner.starts_with("doctor") {
                continue;
            }
            for call in sample(&calls, refused + 2) {
                env.delete("web");
                env.create("web", algorithm);
                let run = on(env, "one").with(FULL.0, FULL.1);
                let run = run.with("KMSCTL_FAULT", format!("{call} signal-before 19"));
                let outer = Stopped::started(env, &run, &rotate);
                let inner = on(env, "two").run(words(inner)).success();
                let outer = outer.resume().exits_any(&[1, 6]);
                let when = format!("{algorithm}, before call {call}, {:?}\n{inner}{outer}", calls[call - 1]);
                let made = env.run([work, "--label", "web", "--in", "message"]);
                assert!(made.status.success(), "{when}{made}");
                let left = env.run(["doctor"]);
                assert!(left.status.success(), "{when}{left}");
            }
        }
        env.delete("web");
    }
}

/// The label and the CKA_ID of the first version say which key the rotation's objects belong to.
fn names_stay_until_a_rotation_is_completed(env: &TestEnv) {
    env.create("web", "ec-p256");
    for (line, versions) in
        [("key delete --key-version 1 --yes --label web", 2), ("key update --rename other --label web", 4)]
    {
        env.run(words("key rotate --label web")).success();
        killed(env, "C_CreateObject:1 kill-before", "key rotate --label web");
        let refused = env.run(words(line)).fails(1).saying("kmsctl doctor --repair");
        assert!(refused.stderr_text().contains("a rotation of key \"web\" to version"), "{line}: {refused}");
        env.run(words("doctor --repair")).success();
        env.run(words(line)).success();
        env.run(["doctor"]).success();
        let label = if versions == 4 { "other" } else { "web" };
        assert_eq!((states(env, label).len(), env.keys().len()), (versions, 1), "{line}");
    }
}
