//! Two machines change one key, and one of them is stopped before each of its calls in turn (a sample of them without `./dev
//! test full`). What the other does meanwhile is neither lost nor duplicated.

use std::collections::BTreeSet;

use crate::support::{
    TestEnv,
    fault::{Call, sample, take_calls},
    field,
    machine::{Ended, Stopped, Within, on, words},
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

const CREATE: &str = "key create --algorithm ec-p256 --label @ --json";
const ROTATE: &str = "key rotate --label @ --json";
const DISABLE: &str = "key disable --label @";

/// Asserts that each rotation created a version or failed with `KEY_CONFLICT`, and that at least one created a version.
#[track_caller]
fn every_reported_version_exists(env: &TestEnv, label: &str, rotations: &[&Output], when: &str) {
    let mut made = Vec::new();
    for output in rotations {
        if output.status.success() {
            made.push(field(&output.json(), "ckaId").to_owned());
        } else {
            assert_eq!(field(&output.error(), "code"), "KEY_CONFLICT", "{when}\n{output}");
        }
    }
    let versions = versions(env, label);
    let known: Vec<_> =
        versions.as_array().expect("an array").iter().map(|version| field(version, "ckaId")).collect();
    assert!(!made.is_empty(), "{when}: neither rotated");
    assert_eq!(known.len(), 1 + made.len(), "{when}: made {made:?}, known {known:?}");
    assert!(made.iter().all(|id| known.contains(&id.as_str())), "{when}: made {made:?}, known {known:?}");
}

fn versions(env: &TestEnv, label: &str) -> serde_json::Value {
    env.run(["key", "versions", "--label", label, "--json"]).success().json()
}

fn run(env: &TestEnv, line: &str, label: &str) {
    env.run(words(line, label)).success();
}

fn create(env: &TestEnv) -> impl Fn(&str) {
    |label| drop(env.create(label, "ec-p256"))
}

#[track_caller]
fn doctor_finds_no_problems(env: &TestEnv) {
    env.run(["doctor", "--json"]).success();
}

pub(crate) fn a_rotation_within_a_rotation(env: &TestEnv) {
    Within::new(env, ROTATE, ROTATE).run(create(env), |ended| {
        assert!(ended.inner.status.success(), "{}", ended.when());
        every_reported_version_exists(env, &ended.label, &[&ended.inner, &ended.outer], &ended.when());
    });
    doctor_finds_no_problems(env);
}

/// Starts after the call that stores the record, which the rotation needs.
fn a_rotation_within_the_first_rotation_of_a_key_without_a_record(env: &TestEnv) {
    let make = |label: &str| {
        let id = format!("{:02x}", label.trim_start_matches('k').parse::<u8>().unwrap_or(0));
        let pair = ["--keypairgen", "--key-type", "EC:prime256v1", "--usage-sign"];
        oracle::pkcs11_tool(env, &[&pair[..], &["--label", label, "--id", &id]].concat());
    };
    // The first record of the embedded token is created together with the key for record MACs.
    env.create("first", "ec-p256");
    let recorded = |calls: &[Call]| {
        calls.iter().position(|call| call.function == "C_CreateObject").expect("a record") + 2
    };
    Within::new(env, ROTATE, ROTATE).from(recorded).run(make, |ended| {
        assert!(ended.inner.status.success(), "{}", ended.when());
        every_reported_version_exists(env, &ended.label, &[&ended.inner, &ended.outer], &ended.when());
    });
}

/// The second run may complete the key of the first, may find it complete, or creates another one before there is any. Every
/// key that is reported as created exists, has a record, and works.
fn a_creation_within_a_creation(env: &TestEnv) {
    env.write("message", "m");
    // The first record of the embedded token is created together with the key for record MACs.
    env.create("first", "ec-p256");
    Within::new(env, CREATE, CREATE).from(|_| 1).run(
        |_| (),
        |ended| {
            let when = ended.when();
            assert!(matches!(ended.inner.status.code(), Some(0 | 8)), "{when}");
            let made: Vec<_> = [&ended.inner, &ended.outer]
                .into_iter()
                .filter(|output| output.status.success())
                .map(|output| field(&output.json(), "ckaId").to_owned())
                .collect();
            assert!(!made.is_empty(), "neither created a key {when}");
            let keys: Vec<_> =
                env.keys().into_iter().filter(|key| field(key, "label") == ended.label).collect();
            assert!(keys.iter().all(|key| key["registerDate"].is_u64()), "{keys:?} {when}");
            // If a module does not show what another process wrote (SoftHSM), both may record the same key.
            let made: BTreeSet<_> = made.into_iter().collect();
            assert_eq!(keys.len(), made.len(), "{when}");
            for id in made {
                env.run(["sign", "--id", &id, "--in", "message"]).success();
            }
        },
    );
    env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
    let left = env.run(["doctor"]).exits_any(&[0, 3]);
    assert!(!left.text().contains("its record") && !left.text().contains("interrupted"), "{left}");
}

/// Two machines that create the first record of a token at once may create two keys for record MACs. Both are valid.
#[test]
fn two_first_records_at_once() {
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
        let outer = Stopped::before_call(&env, "one", call, &words(CREATE, "a"));
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
    let key = env.run(["key", "show", "--label", label, "--json"]).success().json();
    let version = key["version"].as_u64().expect("a number");
    (field(&key, "status").to_owned(), version, key["isEnforcedByToken"] == true)
}

/// Whichever of the two rotates: the key is disabled, and has a second version if the rotation says so.
#[track_caller]
fn is_disabled(env: &TestEnv, Ended { label, .. }: &Ended<'_>, rotation: &Output, when: &str) {
    assert!(matches!(rotation.status.code(), Some(0 | 7)), "{when}");
    let rotated = u64::from(rotation.status.success());
    assert_eq!(state(env, label), ("DISABLE".to_owned(), 1 + rotated, true), "{when}");
}

fn a_rotation_within_a_disabling(env: &TestEnv) {
    Within::new(env, ROTATE, DISABLE).run(create(env), |ended| {
        assert!(ended.outer.status.success(), "{}", ended.when());
        is_disabled(env, ended, &ended.inner, &ended.when());
    });
    doctor_finds_no_problems(env);
}

fn a_disabling_within_a_rotation(env: &TestEnv) {
    Within::new(env, DISABLE, ROTATE).run(create(env), |ended| {
        assert!(ended.inner.status.success(), "{}", ended.when());
        is_disabled(env, ended, &ended.outer, &ended.when());
    });
    doctor_finds_no_problems(env);
}

/// After a successful revocation no program can use the key.
fn a_revocation_within_an_enabling(env: &TestEnv) {
    let disabled = |label: &str| {
        env.create(label, "ec-p256");
        run(env, DISABLE, label);
    };
    Within::new(env, "key revoke --label @", "key enable --label @").from(|_| 1).run(disabled, |ended| {
        let when = ended.when();
        assert!(ended.inner.status.success(), "{when}");
        assert!(matches!(ended.outer.status.code(), Some(0 | 7)), "{when}");
        assert_eq!(state(env, &ended.label), ("REVOKE".to_owned(), 1, true), "{when}");
    });
    doctor_finds_no_problems(env);
}

/// A revoked key has one label, on its record and on all of its objects.
fn a_revocation_within_a_renaming(env: &TestEnv) {
    const RENAME: &str = "key update --label @ --rename @new";
    let create = |label: &str| run(env, "key create --algorithm ec-p256 --label @ --id @id", label);
    Within::new(env, "key revoke --id @id", RENAME).from(|_| 1).run(create, |ended| {
        let when = ended.when();
        assert!(ended.inner.status.success(), "{when}");
        assert!(matches!(ended.outer.status.code(), Some(0 | 7)), "{when}");
        let shown = env.run(words("key show --id @id --json", &ended.label)).success().json();
        let expected = &words("@ @new", &ended.label)[usize::from(ended.outer.status.success())];
        assert_eq!(
            (field(&shown, "label"), field(&shown, "status")),
            (expected.as_str(), "REVOKE"),
            "{when}"
        );
    });
    doctor_finds_no_problems(env);
}

fn a_deletion_within_a_rotation(env: &TestEnv) {
    Within::new(env, "key delete --yes --label @", ROTATE).run(create(env), |ended| {
        let (when, calls) = (ended.when(), ended.calls);
        // The last object destroyed is the superseded record.
        let decided = calls.iter().rposition(|call| call.function == "C_DestroyObject").expect("destroyed");
        assert!(ended.inner.status.success(), "{when}");
        assert_eq!(env.labels(), ["alone"], "{when}");
        assert!(!ended.outer.status.success() || ended.call > decided + 1, "{when}");
    });
    doctor_finds_no_problems(env);
}

/// The revocation may have found an object of the key, but not its record.
fn a_deletion_within_a_revocation(env: &TestEnv) {
    let create = |label: &str| run(env, "key create --algorithm ec-p256 --label @ --id @id", label);
    Within::new(env, "key delete --yes --label @", "key revoke --id @id").run(create, |ended| {
        assert!(ended.inner.status.success(), "{}", ended.when());
        assert_eq!(env.labels(), ["alone"], "{}", ended.when());
    });
    doctor_finds_no_problems(env);
}

/// The version is promoted once, whichever run does it, and a rotation comes before or after it.
fn a_rotation_within_a_promotion(env: &TestEnv) {
    let staged = |label: &str| {
        env.create(label, "ec-p256");
        run(env, "key rotate --stage --label @", label);
    };
    Within::new(env, "key rotate --label @", "key promote --label @").from(|_| 1).run(staged, |ended| {
        let when = ended.when();
        assert!(ended.outer.status.success() && matches!(ended.inner.status.code(), Some(0 | 7)), "{when}");
        let rotated = u64::from(ended.inner.status.success());
        assert_eq!(state(env, &ended.label).1, 2 + rotated, "{when}");
        run(env, "sign --label @ --in so-pin", &ended.label);
    });
    doctor_finds_no_problems(env);
}

/// Either the version is there and disabled, or it is gone and the restoration failed.
fn a_restoration_within_a_deletion_of_a_version(env: &TestEnv) {
    let revoked = |label: &str| {
        env.create(label, "ec-p256");
        run(env, "key rotate --label @", label);
        run(env, "key revoke --key-version 1 --label @", label);
    };
    let [restore, delete] =
        ["key restore --key-version 1 --label @", "key delete --key-version 1 --yes --label @"];
    Within::new(env, restore, delete).run(revoked, |ended| {
        let when = ended.when();
        // A deletion by command wins over a restoration that came before its decision.
        assert!(ended.outer.status.success(), "{when}");
        assert!(matches!(ended.inner.status.code(), Some(0 | 4 | 7)), "{when}");
        assert_eq!(versions(env, &ended.label).as_array().map(Vec::len), Some(1), "{when}");
    });
    doctor_finds_no_problems(env);
}

/// A rotation alone, and the numbers of its last calls to create and to destroy an object.
fn last_steps(env: &TestEnv) -> (usize, usize) {
    env.create("alone", "ec-p256");
    on(env, "one").run(words(ROTATE, "alone")).success();
    let calls = take_calls(env);
    let of = |name: &str| calls.iter().rposition(|call| call.function == name).expect("called") + 1;
    (of("C_CreateObject"), of("C_DestroyObject"))
}

/// The record that the rotation is about to destroy looks like one that a crash left behind.
fn a_repair_within_a_rotation(env: &TestEnv) {
    let (create, destroy) = last_steps(env);
    for call in [create + 1, destroy] {
        let label = format!("k{call}");
        env.create(&label, "ec-p256");
        let outer = Stopped::before_call(env, "one", call, &words(ROTATE, &label));
        on(env, "two").run(["doctor", "--repair"]).success();
        every_reported_version_exists(env, &label, &[&outer.resume()], &format!("before call {call}"));
    }
    doctor_finds_no_problems(env);
}

/// Both stop at every call that matters, and finish one after the other. A run that stores its record does not see what the
/// other stored since its own last call (SoftHSM), and the other may have looked before that.
fn two_rotations_that_stop_in_turn(env: &TestEnv) {
    let (create, destroy) = last_steps(env);
    for first in [create, create + 1, destroy, destroy + 1] {
        // The second run finds up to three more objects than a run alone: those of the first.
        for second in std::iter::once(create).chain(destroy..=destroy + 4) {
            let label = format!("k{first}-{second}");
            env.create(&label, "ec-p256");
            let one = Stopped::before_call(env, "one", first, &words(ROTATE, &label));
            let two = Stopped::before_call(env, "two", second, &words(ROTATE, &label));
            let when = format!("before calls {first}, {second}");
            every_reported_version_exists(env, &label, &[&one.resume(), &two.resume()], &when);
        }
    }
    doctor_finds_no_problems(env);
}
