//! What a wrap file or a component file goes through: truncated, changed, or of an earlier release.

use serde_json::json;

use crate::support::{TestEnv, field, judge, oracle, token};

token::on_both_tokens!(
    a_truncated_file_is_refused,
    a_changed_file_gives_the_same_key_or_none,
    a_changed_component_gives_the_same_key_or_none,
    the_hint_for_an_old_file_repeats_the_options,
    an_imported_key_can_keep_the_tag_of_an_earlier_release,
    a_file_of_a_newer_release_says_so,
);

const UNWRAP: [&str; 4] = ["key", "unwrap", "--in", "sent"];

/// The file of an AES key with two versions.
fn sent(env: &TestEnv) -> String {
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    env.run("key create --label data --algorithm aes-256 --exportable --memo m".split(' ')).success();
    env.run("key rotate --label data".split(' ')).success();
    let wrap = "key wrap --label data --all-versions --wrapping-key receiver.pem";
    let text = env.run(wrap.split(' ')).success().text().to_owned();
    env.delete("data");
    text
}

fn a_truncated_file_is_refused(env: &TestEnv) {
    let text = sent(env);
    let details = text.find("-----BEGIN KMSCTL KEY DETAILS").expect("details");
    let headers = ["--label", "data", "--usage", "encrypt,decrypt"];
    for cut in
        [details, details - 1, details - 40, details + 20, details + 200, text.len() - 2, text.len() - 40]
    {
        env.write("sent", &text[..cut]);
        for more in [&[][..], &headers] {
            let refused = env.run([&UNWRAP[..], &["--json"], more].concat()).fails(3);
            let error = refused.error();
            assert_eq!(field(&error, "code"), "NOT_AUTHENTIC", "cut at {cut}");
            assert!(field(&error, "message").contains("cannot unwrap"), "{error}");
        }
    }
    env.write("sent", &text[..details]);
    env.run(UNWRAP).fails(3).saying("it is truncated");
    assert_eq!(env.labels(), ["receiver"]);
}

fn a_file_of_a_newer_release_says_so(env: &TestEnv) {
    env.write("receiver.key", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    env.run("key import --label receiver --in receiver.key".split(' ')).success();
    env.public_key("receiver");
    env.run("key create --label data --algorithm aes-256 --exportable".split(' ')).success();
    let wrap = "key wrap --label data --wrapping-key receiver.pem";
    let text = env.run(wrap.split(' ')).success().text().to_owned();
    env.delete("data");
    env.write("sent", text.replace("Format: 2", "Format: 3"));
    env.run(UNWRAP).fails(2).saying("format \"3\" of wrapped keys is not supported");
    env.write("wrapped", &text);
    env.write("newer.py", NEWER);
    for (from, to, why) in [
        ("\"schema\":3", "\"schema\":99", "schema 99 of its record is not supported"),
        ("\"format\":1", "\"format\":9", "its format 9 is not supported"),
        ("\"schema\":3", "\"schema\": 3", ""),
    ] {
        judge::python(env, &["newer.py", from, to]).success();
        let unwrapped = env.run(UNWRAP);
        if why.is_empty() {
            unwrapped.success()
        } else {
            unwrapped.fails(2).saying(why)
        };
    }
}

/// Changes the details of a file whose recipient's private key is at hand.
const NEWER: &str = r#"
import base64, sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding, aes_key_wrap_with_padding
receiver = serialization.load_pem_private_key(open("receiver.key", "rb").read(), None)
text = open("wrapped").read()
body = "".join(text.split("\n\n", 1)[1].split("-----END")[0].split())
oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
between = receiver.decrypt(base64.b64decode(body)[:256], oaep)
mark = "-----BEGIN KMSCTL KEY DETAILS-----\n"
head, details = text.split(mark)
details = base64.b64decode("".join(details.split("-----END")[0].split()))
details = aes_key_unwrap_with_padding(between, details)
old, new = (argument.encode() for argument in sys.argv[1:])
assert details.count(old) == 1, details
details = base64.b64encode(aes_key_wrap_with_padding(between, details.replace(old, new))).decode()
open("sent", "w").write(head + mark + details + "\n-----END KMSCTL KEY DETAILS-----\n")
"#;

/// Writes a record of another release as its data object.
fn record(env: &TestEnv, label: &str, id: &str) {
    let record = json!({"schema": 2, "identity": format!("id:{id}"), "revision": 1, "label": label,
        "algorithm": "aes-256", "usage": ["encrypt", "decrypt"], "created": 1, "status": "ENABLE",
        "statusSince": 1, "versions": [{"version": 1, "id": id, "status": "ENABLE", "created": 1}]});
    env.write("record", record.to_string());
    let write = ["--write-object", "record", "--type", "data", "--label", label, "--private"];
    oracle::pkcs11_tool(env, &[&write[..], &["--application-label", "kmsctl"]].concat());
}

/// `./dev test full` changes each byte, else a sample is taken.
fn a_changed_file_gives_the_same_key_or_none(env: &TestEnv) {
    let text = sent(env);
    env.write("sent", &text);
    let shown = || env.run("key show --label data --json".split(' ')).success().json();
    let what = |key: &serde_json::Value| {
        json!([key["keyTag"], key["keyId"], key["usage"], key["memo"], key["version"], key["label"]])
    };
    env.run(UNWRAP).success();
    let whole = what(&shown());
    env.delete("data");
    let bytes = text.as_bytes();
    let first = text.find("\n\n").expect("headers");
    let step = if crate::support::is_full() { 1 } else { 41 };
    let places = (0..first).step_by(step.min(13)).chain((first..bytes.len()).step_by(step));
    for at in places {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 7);
        env.write("sent", &changed);
        if env.run(UNWRAP).status.success() {
            assert_eq!(what(&shown()), whole, "byte {at}");
            env.delete("data");
        }
        assert_eq!(env.labels(), ["receiver"], "byte {at}");
    }
}

fn a_changed_component_gives_the_same_key_or_none(env: &TestEnv) {
    env.write("key", (1..33).collect::<Vec<u8>>());
    let split = "component split --in key --algorithm aes-256 --shares 2 --out-dir parts";
    env.run(split.split(' ')).success();
    let join = "key import --label data --component parts/component-1-of-2.pem --component changed --json";
    let part = env.read("parts/component-2-of-2.pem");
    env.write("changed", &part);
    let tag = env.run(join.split(' ')).success().json()["keyTag"].clone();
    env.delete("data");
    let step = if crate::support::is_full() { 1 } else { 17 };
    for at in (0..part.len()).step_by(step) {
        let mut changed = part.clone();
        changed[at] ^= 1 << (at % 7);
        env.write("changed", &changed);
        let joined = env.run(join.split(' '));
        if joined.status.success() {
            assert_eq!(joined.json()["keyTag"], tag, "byte {at}");
            env.delete("data");
        }
        env.write("changed", &part[..at]);
        env.run(join.split(' ')).fails(2);
    }
    assert!(env.labels().is_empty());
}

fn the_hint_for_an_old_file_repeats_the_options(env: &TestEnv) {
    let text = sent(env);
    let old = text.split("-----BEGIN KMSCTL KEY DETAILS").next().expect("a block").replace("Format: 2\n", "");
    env.write("sent", old);
    let more = ["--exportable", "--memo", "it's here", "--auto-rotate", "--usage=decrypt"];
    let refused = env.run([&UNWRAP[..], &more].concat()).fails(2);
    let hint = refused.stderr_text();
    let command = hint.split('`').find(|part| part.starts_with("kmsctl ")).expect("a command");
    env.shell(command).success();
    let key = env.run("key show --label data --json".split(' ')).success().json();
    let found = json!([key["memo"], key["usage"], key["isAutoRotation"]]);
    assert_eq!(found, json!(["it's here", ["decrypt"], true]), "{command}");
    env.run("key wrap --label data --wrapping-key receiver.pem".split(' ')).success();
}

/// Its tag follows from token and CKA_ID, which no component file has.
fn an_imported_key_can_keep_the_tag_of_an_earlier_release(env: &TestEnv) {
    env.write("key", (1..33).collect::<Vec<u8>>());
    let import = "key import --label old --in key --algorithm aes-256 --json";
    let new = env.run(import.split(' ')).success().json();
    let id = field(&new, "ckaId");
    let other = token::softhsm();
    other.write("key", env.read("key"));
    other
        .run(["key", "import", "--label", "old", "--in", "key", "--algorithm", "aes-256", "--id", id])
        .success();
    oracle::pkcs11_tool(&other, &["--delete-object", "--type", "data", "--label", "old"]);
    record(&other, "old", id);
    let old = other.run("key show --label old --json".split(' ')).success().json();
    assert_ne!(old["keyTag"], new["keyTag"]);
    let text = other.run_with_stdin("secret", "encrypt --label old --context c".split(' ')).success();
    env.delete("old");
    let (tag, number) = (field(&old, "keyTag"), old["keyId"].to_string());
    let both = format!("{tag}:{number}");
    let again = env.run(import.split(' ').chain(["--key-tag", &both])).success().json();
    assert_eq!((&again["keyTag"], &again["keyId"]), (&old["keyTag"], &old["keyId"]));
    let opened = env.run_with_stdin(text.line(), "decrypt --context c".split(' ')).success();
    assert_eq!(opened.text(), "secret");
    let second = import.replace("--label old", "--label second");
    env.run(second.split(' ').chain(["--key-tag", tag])).fails(8);
    env.delete("old");
    let alone = env.run(import.split(' ').chain(["--key-tag", tag])).success().json();
    assert_eq!(alone["keyTag"], old["keyTag"]);
    // The tag of a public key is no other key's.
    env.write("pair", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    let pair = env.run("key import --label pair --in pair --json".split(' ')).success().json();
    env.delete("pair");
    env.delete("old");
    env.run(import.split(' ').chain(["--key-tag", field(&pair, "keyTag")]))
        .fails(2)
        .saying("another public key");
    for bad in ["x", &format!("{tag}:0"), &format!("{tag}:{}", 1_u64 << 53), &format!("{tag}:")] {
        env.run(import.split(' ').chain(["--key-tag", bad])).fails(2);
    }
    assert!(env.labels().is_empty());
}
