//! Secret keys, and public keys alone, that anyone can store on a token without the PIN: no command uses them, whatever
//! selects them.

use crate::{
    planted::{make_files, plant},
    support::{TestEnv, field, oracle::pkcs11_tool, token::on_both_tokens},
};

on_both_tokens!(
    a_planted_aes_key_is_not_used,
    a_planted_hmac_key_is_not_used,
    a_planted_key_is_not_used_under_the_old_label_of_a_renamed_one,
    a_planted_key_is_not_found_by_a_tag,
    a_replaced_version_is_not_used_whatever_selects_it,
    a_replaced_companion_makes_no_nonces,
    a_private_key_of_another_tool_is_used,
    a_public_key_alone_verifies_nothing,
    a_version_that_may_not_judge_is_blamed,
);

/// Stores a secret key with a value that the attacker knows, which the token lets do everything.
fn plant_secret(env: &TestEnv, is_mac: bool, (label, id): (&str, &str), more: &[&str]) {
    let write = ["--write-object", "evil-aes", "--type", "secrkey", "--label", label, "--id", id];
    // Without a key type pkcs11-tool stores a generic secret.
    let uses: &[&str] = if is_mac { &["--usage-sign"] } else { &["--key-type", "AES:32", "--usage-decrypt"] };
    pkcs11_tool(env, &[&write[..], uses, more].concat());
}

fn refuses(env: &TestEnv, lines: &[&str]) {
    for line in lines {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "KEY_UNPROVEN", "{line}: {refused}");
        let message = field(&refused.error(), "message").to_owned();
        assert!(message.contains("without the PIN"), "{line}: {message}");
        assert!(!refused.text().contains("plaintext"), "{line}: {refused}");
    }
}

const AES_LINES: [&str; 5] = [
    "encrypt --label k --in message",
    "encrypt --label k --in message --format age",
    "datakey --label k",
    "key update --label k --memo m",
    "key rotate --label k",
];
const HMAC_LINES: [&str; 6] = [
    "sign --label k --in message",
    "verify --label k --in message --signature forged",
    "jwt sign --label k --sub a --ttl 5m",
    "jwt verify --label k --in token",
    "key update --label k --memo m",
    "key rotate --label k",
];

/// Makes a MAC and a JWT with the attacker's key.
fn forge(env: &TestEnv) {
    let script = r#"
        key=$(od -An -tx1 -v evil-aes | tr -d ' \n')
        mac() { openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary; }
        url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
        mac < message > forged
        input=$(printf '{"alg":"HS256"}' | url).$(printf '{"sub":"root","exp":9999999999}' | url)
        printf '%s.%s' "$input" "$(printf %s "$input" | mac | url)" > token"#;
    env.shell(script).success();
}

fn batch_refuses(env: &TestEnv, op: &str) {
    env.write("requests", format!("{{\"op\":\"{op}\",\"label\":\"k\",\"data\":\"bQ==\"}}\n"));
    let answer = env.run("batch --in requests".split(' '));
    assert!(answer.text().contains("KEY_UNPROVEN"), "{answer}");
}

fn a_planted_aes_key_is_not_used(env: &TestEnv) {
    make_files(env);
    plant_secret(env, false, ("k", "8888888888"), &[]);
    refuses(env, &AES_LINES);
    refuses(env, &["encrypt --id 8888888888 --in message"]);
    batch_refuses(env, "encrypt");
    env.run("key delete --label k --yes".split(' ')).success();
}

fn a_planted_hmac_key_is_not_used(env: &TestEnv) {
    make_files(env);
    forge(env);
    plant_secret(env, true, ("k", "9999999991"), &[]);
    refuses(env, &HMAC_LINES);
    batch_refuses(env, "sign");
}

/// While a key has the label, a planted one changes nothing; once it has another label, the planted one is not it.
fn a_planted_key_is_not_used_under_the_old_label_of_a_renamed_one(env: &TestEnv) {
    make_files(env);
    forge(env);
    for (algorithm, is_mac, lines) in [("hmac-256", true, &HMAC_LINES[..]), ("aes-256", false, &AES_LINES)] {
        env.create("k", algorithm);
        plant_secret(env, is_mac, ("k", "9999999992"), &[]);
        if is_mac {
            env.run("sign --label k --in message".split(' ')).success();
            env.run("verify --label k --in message --signature forged".split(' ')).fails(3);
        } else {
            env.run("encrypt --label k --in message".split(' ')).success();
        }
        env.run("key update --label k --rename k2".split(' ')).success();
        refuses(env, lines);
        for label in ["k", "k2"] {
            env.run(["key", "delete", "--label", label, "--yes"]).success();
        }
    }
}

/// The ciphertext of another token's key, which the attacker stores here: what it says is not authentic.
fn a_planted_key_is_not_found_by_a_tag(env: &TestEnv) {
    make_files(env);
    plant_secret(env, false, ("k", "8888888899"), &["--private"]);
    for (format, file) in [("text", "text"), ("age", "envelope")] {
        let line = format!("encrypt --label k --in message --format {format} --out {file}");
        env.run(line.split(' ')).success();
    }
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--label", "k"]);
    plant_secret(env, false, ("k", "8888888899"), &[]);
    env.create("other", "aes-256");
    for file in ["text", "envelope"] {
        refuses(
            env,
            &[&format!("decrypt --in {file} --out new"), &format!("decrypt --label k --in {file} --out new")],
        );
        refuses(env, &[&format!("reencrypt --in {file} --out new")]);
    }
}

/// Another user of the PIN exchanged a secret key for one that they know: no version of it judges, opens or seals.
fn a_replaced_version_is_not_used_whatever_selects_it(env: &TestEnv) {
    make_files(env);
    forge(env);
    let replace = |label: &str, is_mac, number: usize| {
        let listed = env.run(["key", "versions", "--label", label, "--json"]).success().json();
        let versions = listed.as_array().or_else(|| listed["versions"].as_array()).expect("versions");
        let is_it = |version: &&serde_json::Value| version["version"] == number;
        let id = field(versions.iter().find(is_it).expect("the version"), "ckaId").to_owned();
        pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", &id]);
        plant_secret(env, is_mac, (label, &id), &["--private", "--sensitive"]);
    };
    let refuses = |lines: &[&str]| {
        for line in lines {
            let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
            assert_eq!(field(&refused.error(), "code"), "KEY_REPLACED", "{line}: {refused}");
        }
    };
    for (label, algorithm) in [("mac", "hmac-256"), ("old", "aes-256"), ("new", "aes-256")] {
        env.create(label, algorithm);
        if algorithm == "aes-256" {
            for format in ["text", "age"] {
                let line =
                    format!("encrypt --label {label} --in message --format {format} --out {label}.{format}");
                env.run(line.split(' ')).success();
            }
        }
        env.run(["key", "rotate", "--label", label]).success();
    }
    replace("mac", true, 1);
    replace("old", false, 1);
    replace("new", false, 2);
    refuses(&[
        "verify --label mac --in message --signature forged",
        "verify --label mac --key-version 1 --in message --signature forged",
        "decrypt --label old --in old.text",
        "decrypt --label old --in old.age --out new",
        "decrypt --in old.text",
        "reencrypt --in old.age --out sealed",
        "reencrypt --in new.text --out sealed",
        "reencrypt --in new.age --out sealed",
        "encrypt --label new --in message",
    ]);
    env.write("requests", r#"{"op":"verify","label":"mac","data":"bQ==","signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}"#);
    let answer = env.run("batch --in requests".split(' '));
    assert!(answer.text().contains("KEY_REPLACED"), "{answer}");
    env.run("jwt verify --label mac --in token".split(' ')).fails(3);
    // The other versions work.
    env.run("sign --label mac --in message --out good".split(' ')).success();
    env.run("verify --label mac --in message --signature good".split(' ')).success();
    env.run("decrypt --in new.text".split(' ')).success();
}

/// Who knows the key that makes the nonces of a convergent key can test guesses of the plaintext.
fn a_replaced_companion_makes_no_nonces(env: &TestEnv) {
    make_files(env);
    env.run("key create --label k --algorithm aes-256 --convergent".split(' ')).success();
    env.run("encrypt --label k --in message --context c --out sealed".split(' ')).success();
    let record = pkcs11_tool(env, &["--list-objects", "--type", "secrkey"]);
    let ids = record.text().lines().filter_map(|line| line.trim().strip_prefix("ID:"));
    let key = env.run(["key", "show", "--label", "k", "--json"]).success().json();
    let own = field(&key, "ckaId").to_owned();
    let id = ids.map(str::trim).find(|id| *id != own).expect("a companion").to_owned();
    pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", &id]);
    plant_secret(env, true, ("k", &id), &["--private", "--sensitive"]);
    for line in ["encrypt --label k --in message --context c", "reencrypt --in sealed --out new --context c"]
    {
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "KEY_REPLACED", "{line}: {refused}");
    }
    env.run(["doctor"]).exits(3).showing("HMAC companion key");
}

fn a_private_key_of_another_tool_is_used(env: &TestEnv) {
    make_files(env);
    forge(env);
    plant_secret(env, false, ("aes", "0a"), &["--private", "--sensitive"]);
    plant_secret(env, true, ("mac", "0b"), &["--private", "--sensitive"]);
    env.run("encrypt --label aes --in message --out sealed".split(' ')).success();
    assert_eq!(env.run("decrypt --in sealed".split(' ')).success().text(), "m");
    env.run("verify --label mac --in message --signature forged".split(' ')).success();
    env.run("key update --label mac --memo mine".split(' ')).success();
}

/// With a login it is known that nothing vouches for it; without one a warning says so, which `-q` does not remove.
fn a_public_key_alone_verifies_nothing(env: &TestEnv) {
    make_files(env);
    plant(env, "evil-ec.der", "pubkey", "release", "0c");
    env.shell("openssl dgst -sha256 -sign evil-ec.pem -out signature message").success();
    for select in ["--label release", "--id 0c"] {
        let line = format!("verify {select} --in message --signature signature");
        if !env.has("KMSCTL_MODULE") {
            // The embedded token does not default CKA_VERIFY to true.
            env.run(line.split(' ')).fails(7);
            continue;
        }
        let refused = env.run(line.split(' ').chain(["--json"])).fails(6);
        assert_eq!(field(&refused.error(), "code"), "PUBLIC_KEY_UNPROVEN", "{refused}");
        let alone = env.without("KMSCTL_PIN_FILE").run(line.split(' ').chain(["-q"])).success();
        assert!(alone.stderr_text().contains("nothing proves"), "{alone}");
    }
    env.shell(
        r#"url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
        input=$(printf '{"alg":"ES256"}' | url).$(printf '{"sub":"root","exp":9999999999}' | url)
        # The two integers of the DER signature, without the leading zeros.
        hex=$(printf %s "$input" | openssl dgst -sha256 -sign evil-ec.pem | openssl asn1parse -inform DER |
            sed -n 's/.*INTEGER *://p' | while read -r one; do printf '%064s' "$one" | tr ' ' 0; done)
        printf '%s.%s' "$input" "$(printf %s "$hex" | xxd -r -p | url)" > token"#,
    )
    .success();
    let refused = env.run("jwt verify --label release --in token --json".split(' ')).exits_any(&[6, 7]);
    let code = if env.has("KMSCTL_MODULE") { "PUBLIC_KEY_UNPROVEN" } else { "KEY_USAGE" };
    assert_eq!(field(&refused.error(), "code"), code, "{refused}");
}

/// Which version signed does not show in a signature: the answer is not that it is invalid.
fn a_version_that_may_not_judge_is_blamed(env: &TestEnv) {
    make_files(env);
    let id = field(&env.create("k", "ec-p256"), "ckaId").to_owned();
    env.run("sign --label k --in message --out signature".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    let verify = |signature: &str| {
        env.run(["verify", "--label", "k", "--in", "message", "--signature", signature, "--json"])
    };
    env.shell("openssl dgst -sha256 -sign evil-ec.pem -out forged message").success();
    env.run("key disable --label k --key-version 1".split(' ')).success();
    assert_eq!(field(&verify("signature").fails(7).error(), "code"), "KEY_DISABLED");
    verify("forged").exits(3);
    env.run("key enable --label k --key-version 1".split(' ')).success();
    pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", &id]);
    assert_eq!(field(&verify("signature").fails(4).error(), "code"), "KEY_INCOMPLETE");
}
