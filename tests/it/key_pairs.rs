//! Each kind of key pair in every command, checked with `openssl`, `ssh-keygen`, PyJWT and jose.

use serde_json::{Value, json};

use crate::support::{
    TestEnv, field, jose, oracle,
    pairs::{ALL, Pair},
    token,
};

token::on_both_tokens!(
    exports_the_public_key_in_every_format,
    signs_messages_and_digests,
    jwts_verify_after_a_rotation,
    imports_private_keys_in_every_format,
    works_in_batches_and_components,
);

fn make(env: &TestEnv, script: &str) {
    env.shell(&format!("set -e; {{ {script}; }} 2>&1")).exits(0);
}

fn exports_the_public_key_in_every_format(env: &TestEnv) {
    for Pair { name, aliases, key_type, family, bits, curve, jwk, .. } in ALL {
        let key = env.create(name, name);
        assert_eq!((&key["keyType"], &key["algorithm"]), (&json!(key_type), &json!(family)));
        assert_eq!((&key["bits"], &key["curve"]), (&json!(bits), &json!(curve)));
        assert_eq!(key["usage"], json!(["sign", "verify"]));
        let show = |form: &str| env.run(["key", "show", "--label", name, form]).success();
        env.write("pem", show("--pem").text());
        assert_eq!(show("--der").stdout, oracle::der_of(env, &env.file("pem")));
        env.write("ssh", show("--ssh").text());
        let pkcs8 = oracle::tool(env, "ssh-keygen", &["-e", "-m", "PKCS8", "-f", "ssh"]);
        assert_eq!(pkcs8.text().trim_end(), show("--pem").text().trim_end());
        let shown = show("--jwk").json();
        assert_eq!((&shown["crv"], &shown["alg"]), (&json!(jwk.0), &json!(jwk.1)));
        assert_eq!(field(&shown, "x").len(), jwk.2);
        for alias in *aliases {
            assert_eq!(env.create(alias, alias)["keyType"], *key_type);
        }
        let listed = env.run(["key", "list", "--algorithm", name, "--json"]).success().json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1 + aliases.len()));
    }
}

fn signs_messages_and_digests(env: &TestEnv) {
    env.write("small", "pay 10 EUR to Alice\n");
    env.write("large", vec![7; 1_100_000]);
    for Pair { name, algorithm, signature, digest, .. } in ALL {
        env.create(name, name);
        let public = env.public_key(name);
        for input in ["small", "large"] {
            let sign = format!("sign --label {name} --in {input} --encoding binary --out sig");
            env.run(sign.split(' ')).success();
            assert!(oracle::accepts(env, algorithm, &public, "sig", input), "{name} {input}");
            env.run(format!("{sign} --ecdsa p1363").split(' ')).success();
            assert_eq!(env.read("sig").len(), *signature);
            for key in [format!("--label {name}"), format!("--public-key {public}")] {
                env.run(format!("verify {key} --signature sig --in {input}").split(' ')).success();
                env.run(format!("verify {key} --signature sig --in {public}").split(' ')).fails(3);
            }
        }
        make(env, &format!("openssl dgst -{digest} -binary small > digest; head -c 31 digest > short"));
        let sign = format!("sign --label {name} --digest");
        env.run(format!("{sign} --in digest --encoding binary --out sig").split(' ')).success();
        assert!(oracle::accepts(env, algorithm, &public, "sig", "small"));
        env.run(format!("verify --label {name} --digest --signature sig --in digest").split(' ')).success();
        env.run(format!("{sign} --in short").split(' ')).fails(2).saying(" bytes");
        env.run(["sign", "--label", name, "--algorithm", "ES256", "--in", "small"]).fails(2).saying("P-256");
    }
}

fn jwts_verify_after_a_rotation(env: &TestEnv) {
    for Pair { name, algorithm, .. } in ALL {
        env.create(name, name);
        let sign = || env.run(["jwt", "sign", "--label", name, "--ttl", "1h"]).success().line().to_owned();
        let old = sign();
        env.run(["key", "rotate", "--label", name]).success();
        let new = sign();
        env.run(["jwks", "--label", name, "--out", "jwks.json"]).success();
        for token in [&old, &new] {
            for judge in jose::JUDGES {
                judge.verify(env, "jwks.json", token, algorithm).success();
            }
            env.run(["jwt", "verify", "--label", name, token]).success();
            env.run(["jwt", "verify", "--jwks", "jwks.json", token]).success();
            env.run(["jwt", "verify", "--jwks", "jwks.json", &jose::with_other_payload(token)]).fails(3);
        }
        env.write("message", "m");
        env.run(format!("sign --label {name} --format jws --in message --out jws").split(' ')).success();
        env.run(format!("verify --label {name} --signature jws --in message").split(' ')).success();
    }
}

fn imports_private_keys_in_every_format(env: &TestEnv) {
    for Pair { name, algorithm, generate, traditional, .. } in ALL {
        make(
            env,
            &format!(
                "rm -f *; {generate} -out pkcs8
                 openssl pkcs8 -topk8 -passout pass:right -in pkcs8 -out encrypted
                 openssl pkey -in pkcs8 -outform DER -out der
                 openssl req -new -x509 -key pkcs8 -subj /CN=k -out crt
                 openssl pkcs12 -export -inkey pkcs8 -in crt -passout pass:right -out p12
                 openssl pkey -in pkcs8 -pubout -out public; printf right > right"
            ),
        );
        make(env, traditional);
        let expected =
            env.shell("openssl pkey -pubin -in public -outform DER | sha256sum | cut -c1-64").success();
        env.write("message", "m");
        let forms = env.shell("ls | grep -v -e public -e crt -e right -e message").success();
        for form in forms.text().lines() {
            let line = format!("key import --label {form} --in {form} --passphrase-file right --json");
            let key = env.run(line.split(' ')).success().json();
            assert_eq!(field(&key, "fingerprint"), expected.text().trim(), "{name} {form}");
            let sign = format!("sign --label {form} --in message --encoding binary --out sig");
            env.run(sign.split(' ')).success();
            assert!(oracle::accepts(env, algorithm, "public", "sig", "message"), "{name} {form}");
            env.run(format!("key delete --label {form} --yes").split(' ')).success();
        }
        for form in ["public", "crt"] {
            let verify = format!("verify --public-key {form} --signature sig --in message");
            env.run(verify.split(' ')).success();
        }
    }
}

fn works_in_batches_and_components(env: &TestEnv) {
    for Pair { name, generate, .. } in ALL {
        make(env, &format!("rm -rf *; {generate} -out k.pem"));
        env.run("component split --in k.pem --shares 3 --threshold 2 --out-dir parts".split(' ')).success();
        let parts = env.shell("ls parts/* | head -2 | xargs printf -- '--component %s '").success();
        let import = format!("key import --label {name} {}", parts.text().trim());
        env.run(import.split(' ')).success();
        env.write("message", "m");
        let line = json!({"op": "sign", "label": name, "data": "bQ==", "ecdsa": "p1363"}).to_string();
        let answer: Value = env.run_with_stdin(format!("{line}\n"), ["batch"]).success().json();
        let signature = field(&answer["result"], "signature");
        env.run(["verify", "--label", name, "--signature", signature, "--in", "message"]).success();
        let other =
            json!({"op": "verify", "label": name, "data": "bg==", "signature": signature}).to_string();
        env.run_with_stdin(format!("{other}\n"), ["batch"]).exits(3);
    }
}

#[test]
fn wraps_and_unwraps_between_tokens() {
    let (from, to) = (token::embedded(), token::softhsm());
    to.create("receiver", "rsa-2048");
    from.write("receiver.pem", to.run("key show --label receiver --pem".split(' ')).success().stdout);
    for Pair { name, .. } in ALL {
        from.run(["key", "create", "--label", name, "--algorithm", name, "--exportable"]).success();
        let wrap = format!("key wrap --label {name} --wrapping-key receiver.pem --out wrapped");
        from.run(wrap.split(' ')).success();
        to.write("wrapped", from.read("wrapped"));
        to.run("key unwrap --in wrapped".split(' ')).success();
        let shown = |env: &TestEnv| env.run(["key", "show", "--label", name, "--pem"]).success().stdout;
        assert_eq!(shown(&from), shown(&to));
    }
}

/// SoftHSM's private key object has no CKA_EC_POINT: kmsctl recovers the public key from two signatures.
#[test]
fn a_lost_public_key_is_recovered_from_signatures() {
    let env = token::softhsm();
    let key = env.create("k", "ec-p384");
    oracle::pkcs11_tool(&env, &["--delete-object", "--type", "pubkey", "--id", field(&key, "ckaId")]);
    let repaired = env.run(["doctor", "--repair"]).success();
    assert!(repaired.text().contains("restored the public key"), "{repaired}");
    let shown = env.run("key show --label k --json".split(' ')).success().json();
    assert_eq!(shown["fingerprint"], key["fingerprint"]);
    let report = env.run("doctor --json".split(' ')).success().json();
    assert!(report.to_string().contains("ECDSA signatures, P-384"), "{report:#}");
}

#[test]
fn points_off_the_curve_and_other_curves_are_refused() {
    let env = TestEnv::new();
    env.write("k.pem", include_bytes!("../fixtures/keys/p384.pkcs8.pem"));
    make(&env, "openssl pkey -in k.pem -pubout -outform DER -out k.der; printf m > message");
    let der = env.read("k.der");
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = der.clone();
        change(&mut changed);
        env.write("changed", changed);
        env.run("verify --public-key changed --signature AAAA --in message".split(' ')).fails(2)
    };
    with(&|der| *der.last_mut().expect("a byte") ^= 1).saying("not on the curve P-384");
    // Changes the last byte of the curve's OID: secp224r1 (1.3.132.0.33).
    let at = der.windows(5).position(|bytes| bytes == [0x2b, 0x81, 0x04, 0x00, 0x22]).expect("its OID");
    with(&|der| der[at + 4] = 0x21).saying("the elliptic curve secp224r1");
}
