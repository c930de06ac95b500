//! `jwks`: a set that others can compare and verify with, during and after a rotation.

use serde_json::Value;

use crate::support::{TestEnv, field, jose, oracle, token};

token::on_both_tokens!(
    a_set_keeps_older_versions_after_a_rotation,
    only_signing_keys_are_listed,
    the_same_keys_give_the_same_bytes,
    a_pair_under_two_labels_is_listed_once,
    a_lost_public_half_is_recovered_or_reported
);

fn key_ids(set: &Value) -> Vec<String> {
    let keys = set["keys"].as_array().expect("a list");
    keys.iter().map(|key| field(key, "kid").to_owned()).collect()
}

fn jwks(env: &TestEnv, args: &[&str]) -> Vec<String> {
    key_ids(&env.run([&["jwks"], args].concat()).success().json())
}

fn thumbprint(env: &TestEnv, label: &str) -> String {
    field(&env.run(["key", "show", "--label", label, "--jwk"]).success().json(), "kid").to_owned()
}

fn a_set_keeps_older_versions_after_a_rotation(env: &TestEnv) {
    env.create("web", "ec-p256");
    let sign = || env.run(["jwt", "sign", "--label", "web", "--ttl", "1h"]).success().line().to_owned();
    let old = sign();
    let first = jwks(env, &["--label", "web"]);
    env.run(["key", "rotate", "--label", "web"]).success();
    let new = sign();
    env.run(["jwks", "--label", "web", "--out", "jwks.json"]).success();
    for judge in jose::JUDGES {
        for token in [&old, &new] {
            judge.verify(env, "jwks.json", token, "ES256").success();
        }
    }
    let both = jwks(env, &[]);
    assert_eq!(both, [thumbprint(env, "web"), first[0].clone()], "the newest first");
    env.run(["key", "disable", "--label", "web", "--key-version", "1"]).success();
    assert_eq!(jwks(env, &["--label", "web"]), both[..1]);
    assert_eq!(jwks(env, &["--label", "web", "--include-disabled"]), both);
    env.run(["key", "disable", "--label", "web"]).success();
    env.run(["jwks", "--label", "web"]).success().saying("no version of key \"web\" is enabled");
    assert_eq!(jwks(env, &["--label", "web", "--include-disabled"]), both);
}

fn only_signing_keys_are_listed(env: &TestEnv) {
    env.create("b", "rsa-2048");
    env.create("a", "ec-p256");
    env.create("data", "aes-256");
    env.run(["key", "create", "--label", "box", "--algorithm", "rsa-2048", "--usage", "encrypt,decrypt"])
        .success();
    let set = env.run(["jwks", "--json"]).success().json();
    let about: Vec<_> =
        set["keys"].as_array().expect("a list").iter().map(|key| (&key["use"], &key["alg"])).collect();
    assert_eq!(
        about,
        [(&"sig".into(), &"ES256".into()), (&"sig".into(), &"RS256".into())],
        "sorted by label"
    );
    for label in ["data", "box"] {
        env.run(["jwks", "--label", label]).fails(7);
    }
    env.run(["jwks", "--label", "nobody"]).fails(4);
    let named = env.run(["jwks", "--label", "b", "--label", "a", "--algorithm", "PS512"]).success().json();
    assert_eq!((&named["keys"][0]["alg"], &named["keys"][1]["alg"]), (&"PS512".into(), &"ES256".into()));
    let by_id = env.run(["jwks", "--label", "a", "--kid", "ckaid"]).success().json();
    assert!(env.keys().iter().any(|key| key["ckaId"] == by_id["keys"][0]["kid"]));
}

fn the_same_keys_give_the_same_bytes(env: &TestEnv) {
    env.create("a", "ec-p256");
    env.create("b", "rsa-2048");
    let once = env.run(["jwks"]).success().silent().stdout;
    assert_eq!(once, env.run(["jwks"]).success().stdout);
    env.run(["jwks", "--out", "set.json"]).success();
    assert_eq!(once, env.read("set.json"));
    let text = String::from_utf8(once).expect("UTF-8");
    assert!(!text.contains("\"d\"") && text.ends_with("}\n"), "{text}");
    let twice = env.run(["jwks", "--label", "a", "--label", "a"]).success().silent().json();
    assert_eq!(key_ids(&twice).len(), 1, "a key that is named twice is listed once");
}

fn a_pair_under_two_labels_is_listed_once(env: &TestEnv) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/p256.pkcs8.pem");
    env.run(["key", "import", "--label", "first", "--in", file]).success();
    // kmsctl imports a key once; another program may have written it again.
    oracle::tool(env, "openssl", &["pkey", "-in", file, "-outform", "DER", "-out", "k.der"]);
    oracle::tool(env, "openssl", &["pkey", "-in", file, "-pubout", "-outform", "DER", "-out", "p.der"]);
    for (file, kind) in [("k.der", "privkey"), ("p.der", "pubkey")] {
        let write = ["--write-object", file, "--type", kind, "--label", "second"];
        oracle::pkcs11_tool(env, &[&write[..], &["--id", "0f0f", "--usage-sign"]].concat());
    }
    let set = env.run(["jwks"]).success().saying("key \"second\" has the same public half as key \"first\"");
    assert_eq!(key_ids(&set.json()).len(), 1);
}

/// Anyone can delete public objects without the PIN. The numbers of a private RSA object, signatures of an EC key and the
/// record of an Ed25519 key give the public key again; those of an older EC version, which no longer signs, do not.
fn a_lost_public_half_is_recovered_or_reported(env: &TestEnv) {
    env.write("message", "m");
    for algorithm in ["rsa-2048", "ec-p256", "ed25519"] {
        env.create(algorithm, algorithm);
        env.public_key(algorithm);
        let lose = |version: u32| {
            let version = version.to_string();
            let show = ["key", "show", "--label", algorithm, "--key-version", &version, "--json"];
            let id = field(&env.run(show).success().json(), "ckaId").to_owned();
            oracle::pkcs11_tool(env, &["--delete-object", "--type", "pubkey", "--id", &id]);
        };
        let whole = jwks(env, &[]);
        lose(1);
        assert_eq!(jwks(env, &[]), whole, "{algorithm}");
        assert_eq!(jwks(env, &["--label", algorithm]), whole, "{algorithm}");
        env.run(["sign", "--label", algorithm, "--in", "message", "--out", "sig"]).success();
        let pem = format!("{algorithm}.pem");
        env.run(["verify", "--public-key", &pem, "--signature", "sig", "--in", "message"]).success();
        env.run(["jwt", "sign", "--label", algorithm, "--ttl", "1m"]).success();
        env.run(["key", "rotate", "--label", algorithm]).success();
        if algorithm == "ec-p256" {
            for named in [&["jwks"][..], &["jwks", "--label", algorithm]] {
                let refused = env.run(named).fails(4).prints_nothing();
                refused.saying("version 1").saying("key disable --key-version 1");
            }
            env.run(["key", "disable", "--key-version", "1", "--label", algorithm]).success();
            assert_eq!(jwks(env, &[]).len(), 1, "{algorithm}");
        } else {
            assert_eq!(jwks(env, &[]).len(), 2, "{algorithm}");
            env.run(["verify", "--label", algorithm, "--signature", "sig", "--in", "message"]).success();
        }
        env.delete(algorithm);
    }
}
