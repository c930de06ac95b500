//! Every state of a key with every command: what the cloud service allows in that state, and the state afterwards.

use serde_json::Value;

use crate::support::{TestEnv, field, saved::Saved, token};

token::on_both_tokens!(
    changes_in_every_state,
    uses_in_every_state,
    uses_of_versions_in_every_state,
    hints_about_states_work,
);

/// Each state, in the order of the tables' columns, and the command that leads to it.
const STATES: [(&str, &str); 3] = [("ENABLE", ""), ("DISABLE", "disable"), ("REVOKE", "revoke")];

/// The first letter of the key's status, then of each version's own status; `-` if the key does not exist.
fn state(env: &TestEnv, label: &str) -> String {
    let shown = env.run(["key", "show", "--label", label, "--json"]);
    if shown.status.code() == Some(4) {
        return "-".to_owned();
    }
    let versions = env.run(["key", "versions", "--label", label, "--json"]).success().json();
    let letter = |value: &Value, name: &str| field(value, name)[..1].to_owned();
    let versions = versions.as_array().expect("an array").iter().rev();
    let own: String = versions.map(|version| letter(version, "ownStatus")).collect();
    format!("{} {own}", letter(&shown.success().json(), "status"))
}

/// Run on a key with two versions and a rotation period of ten days, ten days after it entered the state.
const CHANGES: [(&str, [&str; 3]); 17] = [
    //                                         ENABLE   DISABLE  REVOKE: an exit code, or the state afterwards
    ("key enable --label k", ["E EE", "E EE", "7"]),
    ("key disable --label k", ["D EE", "D EE", "7"]),
    ("key enable --label k --key-version 1", ["E EE", "7", "7"]),
    ("key disable --label k --key-version 1", ["E DE", "7", "7"]),
    ("key disable --label k --key-version 2", ["7", "7", "7"]),
    ("key enable --label k --key-version 9", ["4", "4", "4"]),
    ("key rotate --label k", ["E EEE", "7", "7"]),
    ("key rotate --due", ["E EEE", "D EEE", "R EE"]),
    ("key revoke --label k", ["R EE", "R EE", "R EE"]),
    ("key restore --label k", ["7", "D EE", "D EE"]),
    ("key update --label k --memo new", ["E EE", "D EE", "7"]),
    ("key update --label k --rename l", ["-", "-", "7"]),
    ("key purge --label k --yes", ["7", "7", "-"]),
    ("key purge --due --yes", ["E EE", "D EE", "-"]),
    ("key delete --label k --yes", ["-", "-", "-"]),
    ("key create --label k --algorithm ec-p256", ["8", "8", "8"]),
    ("key create --label k --algorithm ec-p256 --if-not-exists", ["E EE", "8", "8"]),
];

fn changes_in_every_state(env: &TestEnv) {
    env.on_day(0, "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 5").success();
    env.on_day(0, "key rotate --label k").success();
    let enabled = Saved::of(env);
    for (column, (name, way)) in STATES.into_iter().enumerate() {
        if !way.is_empty() {
            env.on_day(0, &format!("key {way} --label k")).success();
        }
        let (in_state, before) = (Saved::named(env, name), env.keys());
        for (command, expected) in CHANGES {
            let (output, expected) = (env.on_day(5, command), expected[column]);
            if let Ok(code) = expected.parse() {
                output.fails(code);
                assert_eq!(env.keys(), before, "{command} in state {name} changed a key");
            } else {
                output.success();
                assert_eq!(state(env, "k"), expected, "after {command} in state {name}");
            }
            in_state.restore();
        }
        enabled.restore();
    }
}

/// `@` stands for the state. An older version of each key made the files `ec-@.sig`, `rsa-@.sig`, `rsa-@.txt`, `aes-@.txt`
/// and `ec-@.jwt`.
const USES: [(&str, [i32; 3]); 25] = [
    //                                                        ENABLE DISABLE REVOKE
    ("sign --label ec-@ --in message", [0, 7, 7]),
    ("sign --label rsa-@ --in message --algorithm PS256", [0, 7, 7]),
    ("verify --label ec-@ --signature ec-@.sig --in message", [0, 7, 7]),
    ("verify --label rsa-@ --signature rsa-@.sig --in message", [0, 7, 7]),
    ("verify --public-key ec-@.pem --signature ec-@.sig --in message", [0, 0, 0]),
    ("encrypt --label aes-@ --in message", [0, 7, 7]),
    ("encrypt --label rsa-@ --in message", [0, 7, 7]),
    ("encrypt --label aes-@ --in message --format age", [0, 7, 7]),
    ("decrypt --in aes-@.txt", [0, 7, 7]),
    ("decrypt --in rsa-@.txt", [0, 7, 7]),
    ("reencrypt --in aes-@.txt", [0, 7, 7]),
    ("reencrypt --in aes-@.txt --check", [3, 3, 3]),
    ("inspect --in aes-@.txt", [0, 0, 0]),
    ("datakey --label aes-@", [0, 7, 7]),
    ("jwks --label ec-@", [0, 0, 0]),
    ("jwt sign --label ec-@ --claim a=b", [0, 7, 7]),
    ("jwt verify --label ec-@ --in ec-@.jwt", [0, 7, 7]),
    ("key wrap --label aes-@ --wrapping-key rsa-@.pem", [0, 7, 7]),
    ("key show --label ec-@", [0, 0, 0]),
    ("key show --label ec-@ --pem", [0, 0, 0]),
    ("key show --label aes-@ --kcv", [0, 7, 7]),
    ("key versions --label ec-@", [0, 0, 0]),
    ("key rotate --label ec-@ --dry-run", [0, 7, 7]),
    ("key list --label ec-@", [0, 0, 0]),
    ("key rotate --due --check", [0, 0, 0]),
];

fn uses_in_every_state(env: &TestEnv) {
    env.write("message", "m");
    for (state, way) in STATES {
        for (kind, algorithm) in [("ec", "ec-p256"), ("rsa", "rsa-2048"), ("aes", "aes-256")] {
            let label = format!("{kind}-{state}");
            let create = ["key", "create", "--exportable", "--label", &label, "--algorithm", algorithm];
            env.run(create).success();
            let line = |line: &str| drop(env.run(line.replace('@', &label).split(' ')).success());
            if kind != "aes" {
                line("sign --label @ --in message --out @.sig");
                env.public_key(&label);
            }
            if kind != "ec" {
                line("encrypt --label @ --in message --out @.txt");
            }
            if kind == "ec" {
                line("jwt sign --label @ --claim a=b --out @.jwt");
            }
            line("key rotate --label @");
            if !way.is_empty() {
                line(&format!("key {way} --label @"));
            }
        }
    }
    let before = env.keys();
    for (command, expected) in USES {
        for ((state, _), code) in STATES.into_iter().zip(expected) {
            let output = env.run(command.replace('@', state).split(' '));
            assert_eq!(output.status.code(), Some(code), "{output}");
            assert!(code != 7 || output.stdout.is_empty(), "a refused command printed data: {output}");
        }
    }
    let published = |state: &str| {
        let set = env.run(["jwks", "--label", &format!("ec-{state}"), "--json"]).success().json();
        set["keys"].as_array().expect("keys").len()
    };
    assert_eq!(STATES.map(|(state, _)| published(state)), [2, 0, 0]);
    assert_eq!(env.keys(), before);
}

/// The key has three versions, of which the first is disabled; versions 1 and 2 made the files `ec-@.1` to `aes-@.2`.
const VERSION_USES: [(&str, [i32; 3]); 15] = [
    //                                                                   ENABLE DISABLE REVOKE
    ("sign --label ec-@ --in message --key-version 1", [7, 7, 7]),
    // Superseded.
    ("sign --label ec-@ --in message --key-version 2", [7, 7, 7]),
    ("sign --label ec-@ --in message --key-version 3", [0, 7, 7]),
    ("sign --label ec-@ --in message --key-version 9", [4, 4, 4]),
    ("verify --label ec-@ --in message --signature ec-@.1", [7, 7, 7]),
    ("verify --label ec-@ --in message --signature ec-@.2", [0, 7, 7]),
    ("verify --label ec-@ --in message --signature ec-@.1 --key-version 1", [7, 7, 7]),
    ("verify --label ec-@ --in message --signature ec-@.2 --key-version 2", [0, 7, 7]),
    ("verify --label ec-@ --in message --signature ec-@.2 --key-version 3", [3, 7, 7]),
    ("decrypt --in aes-@.1", [7, 7, 7]),
    ("decrypt --in aes-@.2", [0, 7, 7]),
    ("reencrypt --in aes-@.1", [7, 7, 7]),
    ("reencrypt --in aes-@.2", [0, 7, 7]),
    ("key show --label ec-@ --key-version 1 --pem", [0, 0, 0]),
    ("key show --label ec-@ --key-version 9", [4, 4, 4]),
];

fn uses_of_versions_in_every_state(env: &TestEnv) {
    env.write("message", "m");
    for (state, way) in STATES {
        for (kind, algorithm, trace) in [
            ("ec", "ec-p256", "sign --label @ --in message --out"),
            ("aes", "aes-256", "encrypt --label @ --in message --out"),
        ] {
            let label = format!("{kind}-{state}");
            let line = |line: &str| drop(env.run(line.replace('@', &label).split(' ')).success());
            env.create(&label, algorithm);
            for version in 1..=2 {
                line(&format!("{trace} @.{version}"));
                line("key rotate --label @");
            }
            line("key disable --label @ --key-version 1");
            if !way.is_empty() {
                line(&format!("key {way} --label @"));
            }
        }
    }
    for (command, expected) in VERSION_USES {
        for ((state, _), code) in STATES.into_iter().zip(expected) {
            let output = env.run(command.replace('@', state).split(' '));
            assert_eq!(output.status.code(), Some(code), "{output}");
        }
    }
    for ((name, _), expected) in STATES.into_iter().zip(["E DEE", "D DEE", "R DEE"]) {
        assert_eq!(state(env, &format!("ec-{name}")), expected);
    }
}

/// The commands in hints work, and hints name no option that the command does not accept.
fn hints_about_states_work(env: &TestEnv) {
    env.create("key", "aes-256");
    env.create("taken", "aes-256");
    env.write("message", "m");
    env.run("encrypt --label key --in message --out sealed".split(' ')).success();
    env.run("key rotate --label key".split(' ')).success();
    let first =
        field(&env.run("key versions --label key --json".split(' ')).success().json()[1], "ckaId").to_owned();
    env.run("key disable --label key --key-version 1".split(' ')).success().saying(&first[..8]);
    let refused = env.run("decrypt --in sealed --json".split(' ')).fails(7).error();
    let way =
        field(&refused, "hint").trim_matches('`').strip_prefix("kmsctl ").expect("a command").to_owned();
    env.run(way.replace('"', "").split(' ')).success();
    env.run("decrypt --in sealed".split(' ')).success();

    let protection = if env.has("KMSCTL_MODULE") { "COMMON_HSM" } else { "BASIC" };
    env.write(
        "request",
        format!(r#"{{"keyName":"taken","keyType":"AES256","protectionType":"{protection}"}}"#),
    );
    for line in ["key update --label key --rename taken", "key create --request request"] {
        let refused = env.run([line, "--json"].join(" ").split(' ')).fails(8).error();
        assert_eq!(field(&refused, "code"), "KEY_EXISTS", "{line}");
        assert!(!field(&refused, "hint").contains("--"), "{line}: {refused}");
    }
    let scheduled = "key update --label key --auto-rotate on --rotation-period 9";
    env.run(scheduled.split(' ')).success();
    let line = "key update --label key --auto-rotate off --rotation-period 9";
    env.run(line.split(' ')).fails(2).saying("rotated by hand");
}
