//! Keys of other programs with the CKA_ID of a key: PKCS#11 does not keep CKA_IDs unique. No command takes one for the other,
//! in whatever order the token lists them, and none destroys what is not proven to be the key.

use crate::support::{DAY, START, TestEnv, fault::watched, field, oracle::pkcs11_tool, token};

token::on_both_tokens!(
    a_key_with_the_same_id_outlives_a_deletion,
    a_key_with_the_same_id_outlives_the_deletion_of_a_version,
    a_key_with_the_same_id_outlives_a_killed_deletion,
    a_key_with_the_same_id_and_label_changes_nothing,
    a_key_with_the_id_of_a_version_is_not_destroyed_by_a_rotation,
    versions_that_an_old_record_lacks_are_kept,
);

pub(crate) const ALGORITHMS: [&str; 2] = ["aes-256", "ec-p256"];

/// Another program makes a key.
pub(crate) fn plant(env: &TestEnv, algorithm: &str, label: &str, id: &str) {
    let named = ["--label", label, "--id", id];
    let kind: &[&str] = match algorithm {
        "aes-256" => &["--keygen", "--key-type", "AES:32", "--sensitive", "--private"],
        _ => &["--keypairgen", "--key-type", "EC:prime256v1", "--usage-sign"],
    };
    pkcs11_tool(env, &[kind, &named[..]].concat());
}

/// Creates `data`, and another program's `label` with its CKA_ID, which the token lists before or after it.
fn with_rival(env: &TestEnv, algorithm: &str, label: &str, is_first: bool) -> String {
    if is_first {
        plant(env, algorithm, label, "beef");
    }
    let create = format!("key create --label data --allow-duplicate-label --json --algorithm {algorithm}");
    let id = field(&env.run(create.split(' ')).success().json(), "ckaId").to_owned();
    if is_first {
        for kind in if algorithm == "aes-256" { &["secrkey"][..] } else { &["privkey", "pubkey"] } {
            pkcs11_tool(env, &["--set-id", &id, "--type", kind, "--id", "beef"]);
        }
    } else {
        plant(env, algorithm, label, &id);
    }
    id
}

/// The private, public and secret objects with a label.
pub(crate) fn count(env: &TestEnv, label: &str) -> usize {
    let listed = pkcs11_tool(env, &["--list-objects"]);
    listed.text().lines().filter(|line| line.split_whitespace().eq(["label:", label])).count()
}

pub(crate) const fn halves(algorithm: &str) -> usize {
    if matches!(algorithm.as_bytes(), b"aes-256") { 1 } else { 2 }
}

fn remove(env: &TestEnv, algorithm: &str, label: &str) {
    for kind in if algorithm == "aes-256" { &["secrkey"][..] } else { &["privkey", "pubkey"] } {
        pkcs11_tool(env, &["--delete-object", "--type", kind, "--label", label]);
    }
}

fn a_key_with_the_same_id_outlives_a_deletion(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        for (line, is_first) in [
            ("key delete --label data", false),
            ("key delete --label data", true),
            ("key purge --label data", false),
            ("key purge --due --trust-clock", true),
        ] {
            let when = format!("{algorithm} {line} {is_first}");
            let id = with_rival(env, algorithm, "backup", is_first);
            if line.contains("purge") {
                env.on_day(0, "key revoke --label data --after 1").success();
            }
            // The user may mean either.
            env.run(["key", "delete", "--id", &id, "--yes"]).fails(4);
            let done = env
                .with("KMSCTL_TEST_NOW", (START + 2 * DAY).to_string())
                .run(line.split(' ').chain(["--yes", "--json"]))
                .success();
            let listed = done.text().matches(&format!("\"{id}\"")).count();
            assert!(listed >= halves(algorithm), "{when}\n{done}");
            assert_eq!((count(env, "data"), count(env, "backup")), (0, halves(algorithm)), "{when}");
            remove(env, algorithm, "backup");
        }
    }
}

fn a_key_with_the_same_id_outlives_the_deletion_of_a_version(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        with_rival(env, algorithm, "backup", true);
        env.run("key rotate --label data".split(' ')).success();
        env.run("key delete --label data --key-version 1 --yes".split(' ')).success();
        let left = (count(env, "data"), count(env, "backup"));
        assert_eq!(left, (halves(algorithm), halves(algorithm)), "{algorithm}");
        env.delete("data");
        remove(env, algorithm, "backup");
    }
}

/// The second run finds only the other key under the CKA_ID.
fn a_key_with_the_same_id_outlives_a_killed_deletion(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        for call in 2..=halves(algorithm) + 2 {
            with_rival(env, algorithm, "backup", false);
            let killed = watched(env)
                .with("KMSCTL_FAULT", format!("C_DestroyObject:{call} kill-before"))
                .run("key delete --label data --yes".split(' '));
            assert_eq!(killed.status.code(), None, "{algorithm} {call}: not killed\n{killed}");
            env.run("key delete --label data --yes".split(' ')).success();
            let left = (count(env, "data"), count(env, "backup"));
            assert_eq!(left, (0, halves(algorithm)), "{algorithm} {call}");
            remove(env, algorithm, "backup");
        }
    }
}

/// A record of an earlier release has no bindings.
#[test]
fn nothing_is_destroyed_if_the_record_proves_nothing() {
    let env = &token::softhsm();
    for algorithm in ALGORITHMS {
        env.create("data", algorithm);
        let read = ["--read-object", "--type", "data", "--label", "data", "-o", "record"];
        pkcs11_tool(env, &read);
        let mut record: serde_json::Value =
            serde_json::from_slice(&std::fs::read(env.file("record")).expect("a record")).expect("JSON");
        let text = record.to_string();
        assert!(text.contains("spkiSha256") || text.contains("checkValue"), "{text}");
        for version in record["versions"].as_array_mut().expect("versions") {
            let version = version.as_object_mut().expect("an object");
            version.retain(|name, _| !["binding", "spkiSha256", "checkValue"].contains(&name.as_str()));
        }
        env.write("record", record.to_string());
        pkcs11_tool(env, &["--delete-object", "--type", "data", "--label", "data"]);
        let write = ["--write-object", "record", "--type", "data", "--label", "data", "--private"];
        pkcs11_tool(env, &[&write[..], &["--application-label", "kmsctl"]].concat());
        let id = field(&env.keys()[0], "ckaId").to_owned();
        plant(env, algorithm, "backup", &id);
        env.run("key delete --label data --yes".split(' ')).exits_any(&[4, 6]);
        let left = (count(env, "data"), count(env, "backup"));
        assert_eq!(left, (halves(algorithm), halves(algorithm)), "{algorithm}");
        remove(env, algorithm, "backup");
        env.delete("data");
        assert_eq!(count(env, "data"), 0);
    }
}

fn a_key_with_the_same_id_and_label_changes_nothing(env: &TestEnv) {
    env.write("message", "m");
    for algorithm in ALGORITHMS {
        for label in ["data", "backup"] {
            for is_first in [false, true] {
                with_rival(env, algorithm, label, is_first);
                let use_it = if algorithm == "aes-256" { "encrypt" } else { "sign" };
                for line in [
                    format!("{use_it} --label data --in message"),
                    "key rotate --label data".to_owned(),
                    format!("{use_it} --label data --in message"),
                    "key disable --label data".to_owned(),
                    "key enable --label data".to_owned(),
                    "key revoke --label data".to_owned(),
                    "key delete --label data --yes".to_owned(),
                ] {
                    let output = env.run(line.split(' '));
                    assert!(output.status.success(), "{algorithm} {label} {is_first} {line}\n{output}");
                }
                assert_eq!(count(env, label), halves(algorithm), "{algorithm} {label} {is_first}");
                remove(env, algorithm, label);
            }
        }
    }
}

fn a_key_with_the_id_of_a_version_is_not_destroyed_by_a_rotation(env: &TestEnv) {
    for algorithm in ALGORITHMS {
        env.create("data", algorithm);
        env.run("key rotate --label data".split(' ')).success();
        let id = field(&env.keys()[0], "ckaId").to_owned();
        plant(env, algorithm, "data", &id);
        env.run(["doctor", "--repair"]).exits_any(&[0, 3]);
        assert_eq!(count(env, "data"), 3 * halves(algorithm), "{algorithm}");
        env.run("key rotate --label data".split(' ')).success();
        assert_eq!(count(env, "data"), 4 * halves(algorithm), "{algorithm}");
        env.delete("data");
        assert_eq!(count(env, "data"), halves(algorithm), "{algorithm}");
        remove(env, algorithm, "data");
    }
}

/// The record of before a rotation is put back on the token, as from a backup.
fn versions_that_an_old_record_lacks_are_kept(env: &TestEnv) {
    env.write("message", "m");
    env.create("data", "aes-256");
    let read = |file: &str| {
        pkcs11_tool(env, &["--read-object", "--type", "data", "--label", "data", "-o", file]);
    };
    let put_back = |file: &str| {
        pkcs11_tool(env, &["--delete-object", "--type", "data", "--label", "data"]);
        let write = ["--write-object", file, "--type", "data", "--label", "data", "--private"];
        pkcs11_tool(env, &[&write[..], &["--application-label", "kmsctl"]].concat());
    };
    read("old");
    env.run("key rotate --label data".split(' ')).success();
    env.run("encrypt --label data --in message --out sealed".split(' ')).success();
    read("new");
    for line in ["doctor --repair", "key rotate --label data", "key rotate --label data --stage"] {
        put_back("old");
        env.run(line.split(' ')).exits_any(&[0, 1, 3]);
        put_back("new");
        assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "m", "{line}");
    }
}
