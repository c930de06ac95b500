//! Attributes of other programs: long, not UTF-8, unreadable or missing. Keys with them are shown, selected and used, and
//! unreadable attributes are never replaced.

use serde_json::Value;

use crate::support::{TestEnv, fault::watched, field, oracle::pkcs11_tool, token};

token::on_both_tokens!(
    long_ids_and_labels_are_read_completely,
    large_rsa_keys_are_usable,
    an_id_that_cannot_be_read_is_not_replaced,
    a_key_without_an_id_gets_one,
    wrong_attribute_lengths_are_tolerated,
);

fn keypair(env: &TestEnv, kind: &str, label: &str, id: &str) {
    pkcs11_tool(env, &["--keypairgen", "--key-type", kind, "--label", label, "--id", id, "--usage-sign"]);
}

/// Asserts that `pkcs11-tool` sees the CKA_ID.
#[track_caller]
fn assert_stored(env: &TestEnv, kind: &str, id: &str) {
    let listed = pkcs11_tool(env, &["--list-objects", "--type", kind]);
    assert!(listed.text().contains(id), "{id} is gone\n{listed}");
}

fn by_id(env: &TestEnv, id: &str) -> Value {
    env.run(["key", "show", "--id", id, "--json"]).success().json()
}

fn long_ids_and_labels_are_read_completely(env: &TestEnv) {
    env.write("message", "m");
    for length in [70, 71, 80, 100] {
        let id = "c3".repeat(length);
        let label = "l".repeat(length);
        keypair(env, "EC:prime256v1", &label, &id);
        let listed = env.keys().into_iter().find(|key| key["label"] == label.as_str()).expect("listed");
        assert_eq!(field(&listed, "ckaId"), id, "{length}");
        assert_eq!(field(&by_id(env, &id), "label"), label);
        for select in [["--id", &id], ["--label", &label], ["--uri", field(&listed, "uri")]] {
            let args = [&["sign", "--in", "message", "--out", "signature"], &select[..]].concat();
            env.run(&args).success();
            let args = [&["verify", "--in", "message", "--signature", "signature"], &select[..]].concat();
            env.run(&args).success();
        }
        env.run(["key", "update", "--label", &label, "--memo", "x"]).success();
        assert_eq!(field(&by_id(env, &id), "memo"), "x", "the record does not belong to the key");
        assert_stored(env, "privkey", &id);
    }
    let long = "x".repeat(600);
    keypair(env, "EC:prime256v1", &long, "0badcafe");
    assert_eq!(field(&by_id(env, "0badcafe"), "label"), long);
}

fn large_rsa_keys_are_usable(env: &TestEnv) {
    // Generated once by openssl: that takes up to a minute.
    let made = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/prepared/rsa-8192.pem");
    crate::support::oracle::tool(env, "openssl", &["pkey", "-in", made, "-outform", "DER", "-out", "k.der"]);
    pkcs11_tool(
        env,
        &["--write-object", "k.der", "--type", "privkey", "--label", "big", "--id", "b16b", "--usage-sign"],
    );
    crate::support::oracle::tool(
        env,
        "openssl",
        &["pkey", "-inform", "DER", "-in", "k.der", "-pubout", "-outform", "DER", "-out", "p.der"],
    );
    pkcs11_tool(
        env,
        &["--write-object", "p.der", "--type", "pubkey", "--label", "big", "--id", "b16b", "--usage-sign"],
    );
    let key = by_id(env, "b16b");
    assert_eq!((&key["bits"], &key["algorithm"]), (&8192.into(), &"RSA".into()));
    env.write("message", "m");
    env.run(["sign", "--label", "big", "--in", "message", "--out", "signature"]).success();
    env.run(["verify", "--label", "big", "--in", "message", "--signature", "signature"]).success();
}

/// An unreadable CKA_ID is not empty. A record needs the CKA_ID, so changes may fail, but must not replace it.
fn an_id_that_cannot_be_read_is_not_replaced(env: &TestEnv) {
    let id = "d4".repeat(80);
    keypair(env, "EC:prime256v1", "web", &id);
    for lie in ["0x102#18446744073709551615", "0x102#99999999999"] {
        for change in ["update --memo x", "rotate", "disable"] {
            let args = [vec!["key"], change.split(' ').collect(), vec!["--label", "web"]].concat();
            watched(env).with("KMSCTL_FAULT_LIES", lie).run(&args).exits_any(&[0, 4, 6, 7]);
        }
    }
    for kind in ["privkey", "pubkey"] {
        assert_stored(env, kind, &id);
    }
}

fn a_key_without_an_id_gets_one(env: &TestEnv) {
    pkcs11_tool(env, &["--keygen", "--key-type", "AES:32", "--label", "plain", "--private"]);
    env.run(["key", "update", "--label", "plain", "--memo", "x"]).success();
    let key = env.run(["key", "show", "--label", "plain", "--json"]).success().json();
    assert_eq!(field(&key, "ckaId").len(), 32);
}

fn wrong_attribute_lengths_are_tolerated(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("rsa", "rsa-2048");
    for attribute in ["0x3", "0x102", "0x120", "0x181", "0x100", "0x40000600"] {
        for length in ["0", "9", "3000", "18446744073709551614"] {
            let lie = format!("{attribute}#{length}");
            for args in [vec!["key", "list", "--json"], vec!["sign", "--label", "web"]] {
                watched(env).with("KMSCTL_FAULT_LIES", &lie).run(&args).exits_any(&[0, 3, 4, 6, 7]);
            }
        }
    }
    assert_eq!(env.labels(), ["rsa", "web"]);
}

/// SoftHSM and other tokens accept labels of any bytes.
#[test]
fn labels_that_are_not_utf8_are_shown_and_selected() {
    let env = token::softhsm();
    env.write("message", "m");
    // Latin-1, and bytes that are invalid in UTF-8.
    for (index, (label, shown, hex)) in
        [(&b"schl\xfcssel"[..], "schl\\xfcssel", "7363686cfc7373656c"), (b"\xff\xfe", "\\xff\\xfe", "fffe")]
            .into_iter()
            .enumerate()
    {
        let id = format!("aa0{index}");
        raw_keypair(&env, label, &id);
        let listed = env.keys().into_iter().find(|key| key["ckaId"] == id.as_str()).expect("listed");
        assert_eq!(field(&listed, "label"), shown);
        for select in [["--id", &id], ["--label-hex", hex], ["--uri", field(&listed, "uri")]] {
            let args = [&["sign", "--in", "message", "--out", "signature"], &select[..]].concat();
            env.run(&args).success();
        }
        env.run(["key", "update", "--label-hex", hex, "--memo", "noted"]).success();
        let shown = env.run(["key", "show", "--label-hex", hex, "--json"]).success().json();
        assert_eq!(field(&shown, "memo"), "noted");
        env.run(["key", "update", "--label-hex", hex, "--memo", "again"]).success();
        assert_eq!(field(&by_id(&env, &id), "memo"), "again");
        env.run(["sign", "--label-hex", "00"]).fails(4);
        env.run(["sign", "--label-hex", "0g"]).fails(2);
        env.run(["doctor"]).exits_any(&[0, 3]);
    }
}

/// `pkcs11-tool` accepts any bytes in its arguments except NUL.
fn raw_keypair(env: &TestEnv, label: &[u8], id: &str) {
    use std::os::unix::ffi::OsStrExt;
    let module = token::softhsm_module();
    let mut command = env.command("pkcs11-tool", ["--module"]);
    command.arg(module).args(["--token-label", token::LABEL, "--login", "--pin", token::PIN]);
    command.args(["--keypairgen", "--key-type", "EC:prime256v1", "--usage-sign", "--id", id, "--label"]);
    command.arg(std::ffi::OsStr::from_bytes(label));
    crate::support::process::run(command, b"", env.root()).success();
}

/// CKA_IDs longer than `pkcs11-tool` can set.
#[test]
fn longer_ids_are_read_completely() {
    let env = token::softhsm();
    env.write("message", "m");
    for length in [101, 128] {
        let id = "e5".repeat(length);
        let label = format!("long-{length}");
        let module = token::softhsm_module();
        let mut command = env.command("p11tool", ["--provider"]);
        command.arg(module).args([
            "--login",
            "--generate-privkey",
            "ecdsa",
            "--curve",
            "secp256r1",
            "--batch",
        ]);
        command.args(["--label", &label, "--id", &id, "--outfile", "public.pem", "pkcs11:token=test"]);
        command.env("GNUTLS_PIN", token::PIN);
        crate::support::process::run(command, b"", env.root()).success();
        assert_eq!(field(&by_id(&env, &id), "label"), label);
        env.run(["sign", "--id", &id, "--in", "message"]).success();
        env.run(["key", "update", "--label", &label, "--memo", "noted"]).success();
        assert_eq!(field(&by_id(&env, &id), "memo"), "noted");
    }
}
