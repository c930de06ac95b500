//! Two machines change one key, and one of them is stopped before each of its calls in turn (a sample of them without `./dev
//! test full`). What the other does meanwhile is neither lost nor duplicated. They share no lock, because their runtime
//! directories differ.

use std::collections::BTreeSet;

use crate::support::{
    TestEnv,
    fault::{Call, sample, take_calls},
    field,
    machine::{Stopped, on},
    oracle,
    output::Output,
    token,
};

token::on_both_tokens!(
    a_rotation_within_a_rotation,
    a_rotation_within_the_first_rotation_of_a_key_without_a_record,
    a_rotation_within_a_disabling,
    a_disabling_within_a_rotation,
    a_revocation_within_an_enabling,
    a_revocation_within_a_renaming,
    a_deletion_within_a_rotation,
    a_deletion_within_a_revocation,
    a_repair_within_a_rotation,
    two_rotations_that_stop_in_turn,
    a_creation_within_a_creation,
    a_rotation_within_a_promotion,
    a_restoration_within_a_deletion_of_a_version,
);

fn words<'line>(command: &'line str, label: &'line str) -> Vec<&'line str> {
    [&command.split(' ').collect::<Vec<_>>(), &["--label", label, "--json"][..]].concat()
}

fn before<'env>(env: &'env TestEnv, machine: &str, call: usize, command: &str, label: &str) -> Stopped<'env> {
    Stopped::before_call(env, machine, call, &words(command, label))
}

/// The calls of a command that runs alone, and the number of the first call after the login.
#[track_caller]
fn calls(env: &TestEnv, command: &str) -> (usize, Vec<Call>) {
    env.create("alone", "ec-p256");
    on(env, "one").run(words(command, "alone")).success();
    let calls = take_calls(env);
    let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
    (login + 2, calls)
}

/// Asserts that each rotation created a version or failed with `KEY_CONFLICT`, and that at least one created a version.
#[track_caller]
fn every_reported_version_exists(env: &TestEnv, label: &str, rotations: &[Output], when: &str) {
    let mut made = Vec::new();
    for output in rotations {
        if output.status.success() {
            made.push(field(&output.json(), "ckaId").to_owned());
        } else {
            assert_eq!(field(&output.error(), "code"), "KEY_CONFLICT", "{when}\n{output}");
        }
    }
    let versions = env.run(words("key versions", label)).success().json();
    let known: Vec<_> =
        versions.as_array().expect("an array").iter().map(|version| field(version, "ckaId")).collect();
    assert!(!made.is_empty(), "{when}: neither rotated");
    assert_eq!(known.len(), 1 + made.len(), "{when}: made {made:?}, known {known:?}");
    assert!(made.iter().all(|id| known.contains(&id.as_str())), "{when}: made {made:?}, known {known:?}");
}

#[track_caller]
fn doctor_finds_no_problems(env: &TestEnv) {
    env.run(["doctor", "--json"]).success();
}

pub(crate) fn a_rotation_within_a_rotation(env: &TestEnv) {
    let (first, calls) = calls(env, "key rotate");
    for call in sample(&calls, first) {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = before(env, "one", call, "key rotate", &label);
        let inner = on(env, "two").run(words("key rotate", &label)).success();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        every_reported_version_exists(env, &label, &[inner, outer.resume()], &when);
    }
    doctor_finds_no_problems(env);
}

/// Starts after the call that stores the record, which the rotation needs.
fn a_rotation_within_the_first_rotation_of_a_key_without_a_record(env: &TestEnv) {
    let make = |label: &str, id: usize| {
        let id = format!("{id:02x}");
        let pair = ["--keypairgen", "--key-type", "EC:prime256v1", "--usage-sign"];
        oracle::pkcs11_tool(env, &[&pair[..], &["--label", label, "--id", &id]].concat());
    };
    // The first record of the embedded token is created together with the key for record MACs.
    env.create("first", "ec-p256");
    make("alone", 0);
    on(env, "one").run(words("key rotate", "alone")).success();
    let calls = take_calls(env);
    let stored = calls.iter().position(|call| call.function == "C_CreateObject").expect("a record") + 1;
    for call in sample(&calls, stored + 1) {
        let label = format!("k{call}");
        make(&label, call);
        let outer = before(env, "one", call, "key rotate", &label);
        let inner = on(env, "two").run(words("key rotate", &label)).success();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        every_reported_version_exists(env, &label, &[inner, outer.resume()], &when);
    }
}

/// The second run may complete the key of the first, may find it complete, or creates another one before there is any. Every
/// key that is reported as created exists, has a record, and works.
fn a_creation_within_a_creation(env: &TestEnv) {
    const CREATE: &str = "key create --algorithm ec-p256";
    env.write("message", "m");
    // The first record of the embedded token is created together with the key for record MACs.
    env.create("first", "ec-p256");
    on(env, "one").run(words(CREATE, "alone")).success();
    let calls = take_calls(env);
    for call in sample(&calls, 1) {
        let label = format!("k{call}");
        let outer = before(env, "one", call, CREATE, &label);
        let inner = on(env, "two").run(words(CREATE, &label));
        let (inner, outer) = (inner.exits_any(&[0, 8]), outer.resume());
        let made: Vec<_> = [&inner, &outer]
            .into_iter()
            .filter(|output| output.status.success())
            .map(|output| field(&output.json(), "ckaId").to_owned())
            .collect();
        assert!(!made.is_empty(), "before call {call}: neither created a key\n{inner}\n{outer}");
        let keys: Vec<_> = env.keys().into_iter().filter(|key| field(key, "label") == label).collect();
        assert!(keys.iter().all(|key| key["registerDate"].is_u64()), "before call {call}: {keys:?}");
        // If a module does not show what another process wrote (SoftHSM), both may record the same key.
        let made: BTreeSet<_> = made.into_iter().collect();
        assert_eq!(keys.len(), made.len(), "before call {call}\n{inner}\n{outer}");
        for id in made {
            env.run(["sign", "--id", &id, "--in", "message"]).success();
        }
    }
    env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
    let left = env.run(["doctor"]).exits_any(&[0, 3]);
    assert!(!left.text().contains("its record") && !left.text().contains("interrupted"), "{left}");
}

/// Two machines that create the first record of a token at once may create two keys for record MACs. Both are valid.
#[test]
fn two_first_records_at_once() {
    const CREATE: &str = "key create --algorithm ec-p256";
    let prepared = || {
        let env = token::embedded();
        env.write("message", "m");
        env
    };
    let alone = prepared();
    on(&alone, "one").run(words(CREATE, "a")).success();
    let calls = take_calls(&alone);
    let of_mac = calls.iter().position(|call| call.function == "C_GenerateKey").expect("a key for MACs");
    for call in sample(&calls, of_mac.saturating_sub(5).max(1)) {
        let env = prepared();
        let outer = before(&env, "one", call, CREATE, "a");
        let inner = on(&env, "two").run(words(CREATE, "b"));
        inner.success();
        outer.resume().success();
        for label in ["a", "b"] {
            env.run(["sign", "--label", label, "--in", "message"]).success();
            env.run(["key", "update", "--label", label, "--memo", "m"]).success();
        }
        env.run(["doctor"]).success();
    }
}

fn state(env: &TestEnv, label: &str) -> (String, u64, bool) {
    let key = env.run(words("key show", label)).success().json();
    let version = key["version"].as_u64().expect("a number");
    (field(&key, "status").to_owned(), version, key["isEnforcedByToken"] == true)
}

fn a_rotation_within_a_disabling(env: &TestEnv) {
    let (first, calls) = calls(env, "key disable");
    for call in sample(&calls, first) {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = before(env, "one", call, "key disable", &label);
        let inner = on(env, "two").run(words("key rotate", &label));
        let rotated = u64::from(inner.status.success());
        inner.exits_any(&[0, 7]);
        outer.resume().success();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        assert_eq!(state(env, &label), ("DISABLE".to_owned(), 1 + rotated, true), "{when}");
    }
    doctor_finds_no_problems(env);
}

fn a_disabling_within_a_rotation(env: &TestEnv) {
    let (first, calls) = calls(env, "key rotate");
    for call in sample(&calls, first) {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = before(env, "one", call, "key rotate", &label);
        on(env, "two").run(words("key disable", &label)).success();
        let outer = outer.resume().exits_any(&[0, 7]);
        let rotated = u64::from(outer.status.success());
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        assert_eq!(state(env, &label), ("DISABLE".to_owned(), 1 + rotated, true), "{when}\n{outer}");
    }
    doctor_finds_no_problems(env);
}

/// After a successful revocation no program can use the key.
fn a_revocation_within_an_enabling(env: &TestEnv) {
    env.create("alone", "ec-p256");
    env.run(["key", "disable", "--label", "alone"]).success();
    on(env, "one").run(words("key enable", "alone")).success();
    let calls = take_calls(env);
    for call in sample(&calls, 1) {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        env.run(["key", "disable", "--label", &label]).success();
        let outer = before(env, "one", call, "key enable", &label);
        on(env, "two").run(words("key revoke", &label)).success();
        let outer = outer.resume().exits_any(&[0, 7]);
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        assert_eq!(state(env, &label), ("REVOKE".to_owned(), 1, true), "{when}\n{outer}");
    }
    doctor_finds_no_problems(env);
}

/// A revoked key has one label, on its record and on all of its objects.
fn a_revocation_within_a_renaming(env: &TestEnv) {
    const RENAME: &str = "key update --rename";
    env.create("alone", "ec-p256");
    on(env, "one").run(words(&format!("{RENAME} other"), "alone")).success();
    let calls = take_calls(env);
    for call in sample(&calls, 1) {
        let label = format!("k{call}");
        let id = field(&env.create(&label, "ec-p256"), "ckaId").to_owned();
        let outer = before(env, "one", call, &format!("{RENAME} n{call}"), &label);
        on(env, "two").run(["key", "revoke", "--id", &id]).success();
        let outer = outer.resume().exits_any(&[0, 7]);
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        let shown = env.run(["key", "show", "--id", &id, "--json"]).success().json();
        let expected = if outer.status.success() { format!("n{call}") } else { label };
        assert_eq!(
            (field(&shown, "label"), field(&shown, "status")),
            (expected.as_str(), "REVOKE"),
            "{when}\n{outer}"
        );
    }
    doctor_finds_no_problems(env);
}

fn a_deletion_within_a_rotation(env: &TestEnv) {
    let (first, calls) = calls(env, "key rotate");
    // The last object destroyed is the superseded record.
    let decided = calls.iter().rposition(|call| call.function == "C_DestroyObject").expect("destroyed") + 1;
    for call in sample(&calls, first) {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = before(env, "one", call, "key rotate", &label);
        on(env, "two").run(words("key delete --yes", &label)).success();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        let outer = outer.resume();
        assert_eq!(env.labels(), ["alone"], "{when}\n{outer}");
        assert!(!outer.status.success() || call > decided, "{when}\n{outer}");
    }
    doctor_finds_no_problems(env);
}

/// The revocation may have found an object of the key, but not its record.
fn a_deletion_within_a_revocation(env: &TestEnv) {
    let (first, calls) = calls(env, "key revoke");
    for call in sample(&calls, first) {
        let id = field(&env.create("k", "ec-p256"), "ckaId").to_owned();
        let outer = Stopped::before_call(env, "one", call, &["key", "revoke", "--id", &id]);
        on(env, "two").run(words("key delete --yes", "k")).success();
        let outer = outer.resume();
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        assert_eq!(env.labels(), ["alone"], "{when}\n{outer}");
    }
    doctor_finds_no_problems(env);
}

/// The version is promoted once, whichever run does it, and a rotation comes before or after it.
fn a_rotation_within_a_promotion(env: &TestEnv) {
    let staged = |label: &str| {
        env.create(label, "ec-p256");
        env.run(["key", "rotate", "--stage", "--label", label]).success();
    };
    staged("alone");
    on(env, "one").run(words("key promote", "alone")).success();
    let calls = take_calls(env);
    for call in sample(&calls, 1) {
        let label = format!("k{call}");
        staged(&label);
        let outer = before(env, "one", call, "key promote", &label);
        let inner = on(env, "two").run(words("key rotate", &label)).exits_any(&[0, 7]);
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        let outer = outer.resume();
        assert!(outer.status.success(), "{when}\n{outer}");
        let rotated = u64::from(inner.status.success());
        assert_eq!(state(env, &label).1, 2 + rotated, "{when}\n{inner}\n{outer}");
        env.run(["sign", "--label", &label, "--in", "so-pin"]).success();
    }
    doctor_finds_no_problems(env);
}

/// Either the version is there and disabled, or it is gone and the restoration failed.
fn a_restoration_within_a_deletion_of_a_version(env: &TestEnv) {
    const DELETE: &str = "key delete --key-version 1 --yes";
    let revoked = |label: &str| {
        env.create(label, "ec-p256");
        env.run(["key", "rotate", "--label", label]).success();
        env.run(["key", "revoke", "--key-version", "1", "--label", label]).success();
    };
    revoked("alone");
    on(env, "one").run(words(DELETE, "alone")).success();
    let calls = take_calls(env);
    // A process that stops in an earlier call may hold a lock of the module, for which the other would wait forever.
    let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
    for call in sample(&calls, login + 2) {
        let label = format!("k{call}");
        revoked(&label);
        let outer = before(env, "one", call, DELETE, &label);
        let inner = on(env, "two").run(words("key restore --key-version 1", &label)).exits_any(&[0, 4, 7]);
        let when = format!("before call {call}, {:?}", calls[call - 1]);
        // A deletion by command wins over a restoration that came before its decision.
        outer.resume().success();
        let versions = env.run(words("key versions", &label)).success().json();
        assert_eq!(versions.as_array().map(Vec::len), Some(1), "{when}\n{inner}\n{versions}");
    }
    doctor_finds_no_problems(env);
}

/// The record that the rotation is about to destroy looks like one that a crash left behind.
fn a_repair_within_a_rotation(env: &TestEnv) {
    let (_, calls) = calls(env, "key rotate");
    let of = |name: &str| calls.iter().rposition(|call| call.function == name).expect("called") + 1;
    for call in [of("C_CreateObject") + 1, of("C_DestroyObject")] {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = before(env, "one", call, "key rotate", &label);
        on(env, "two").run(["doctor", "--repair"]).success();
        every_reported_version_exists(env, &label, &[outer.resume()], &format!("before call {call}"));
    }
    doctor_finds_no_problems(env);
}

/// Both stop at every call that matters, and finish one after the other. A run that stores its record does not see what the
/// other stored since its own last call (SoftHSM), and the other may have looked before that.
fn two_rotations_that_stop_in_turn(env: &TestEnv) {
    let (_, calls) = calls(env, "key rotate");
    let of = |name: &str| calls.iter().rposition(|call| call.function == name).expect("called") + 1;
    let (create, destroy) = (of("C_CreateObject"), of("C_DestroyObject"));
    for first in [create, create + 1, destroy, destroy + 1] {
        // The second run finds up to three more objects than a run alone: those of the first.
        for second in std::iter::once(create).chain(destroy..=destroy + 4) {
            let label = format!("k{first}-{second}");
            env.create(&label, "ec-p256");
            let one = before(env, "one", first, "key rotate", &label);
            let two = before(env, "two", second, "key rotate", &label);
            let when = format!("before calls {first}, {second}");
            every_reported_version_exists(env, &label, &[one.resume(), two.resume()], &when);
        }
    }
    doctor_finds_no_problems(env);
}
