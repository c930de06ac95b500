//! Each kind of key pair in every command, checked with `openssl`, `ssh-keygen`, PyJWT, jwcrypto, jose and
//! Python's cryptography.

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::{
    TestEnv, field, jose, oracle,
    pairs::{self, ALL, Pair},
    token,
};

token::on_both_tokens!(
    exports_the_public_key_in_every_format,
    signs_messages_and_digests,
    altered_signatures_and_other_algorithms_are_refused,
    jwts_verify_after_a_rotation,
    imports_private_keys_in_every_format,
    works_in_batches_and_components,
);

fn make(env: &TestEnv, script: &str) {
    env.shell(&format!("set -e; {{ {script}; }} 2>&1")).exits(0);
}

fn exports_the_public_key_in_every_format(env: &TestEnv) {
    for Pair { name, aliases, key_type, family, bits, curve, algorithm, jwk, is_classic, .. } in
        pairs::all(env)
    {
        let key = env.create(name, name);
        assert_eq!((&key["keyType"], &key["algorithm"]), (&json!(key_type), &json!(family)));
        assert_eq!((&key["bits"], &key["curve"]), (&json!(bits), &json!(curve)));
        assert_eq!(key["usage"], json!(["sign", "verify"]));
        let show = |form: &str| env.run(["key", "show", "--label", name, form]);
        let pem = show("--pem").success();
        env.write("der", show("--der").success().stdout);
        if *is_classic {
            env.write("pem", pem.text());
            assert_eq!(env.read("der"), oracle::der_of(env, &env.file("pem")));
            env.write("ssh", show("--ssh").success().text());
            oracle::tool(env, "ssh-keygen", &["-l", "-f", "ssh"]);
            assert_eq!(oracle::pyca(env, &["ssh", "ssh"]).text(), pem.text());
        } else {
            show("--ssh").fails(2).saying("have no OpenSSH form");
        }
        let shown = show("--jwk").success().json();
        assert_eq!((&shown["alg"], field(&shown, jwk.0).len()), (&json!(algorithm), jwk.1));
        for alias in *aliases {
            assert_eq!(env.create(alias, alias)["keyType"], *key_type);
        }
        let listed = env.run(["key", "list", "--algorithm", name, "--json"]).success().json();
        assert_eq!(listed.as_array().map(Vec::len), Some(1 + aliases.len()));
    }
}

fn signs_messages_and_digests(env: &TestEnv) {
    env.write("small", "pay 10 EUR to Alice\n");
    env.write("empty", "");
    env.write("large", vec![7; 1_000_000]);
    env.write("sums", vec![7; 48]);
    for Pair { name, algorithm, signature, digest, .. } in pairs::all(env) {
        env.create(name, name);
        let public = env.public_key(name);
        for input in ["small", "empty", "large"] {
            let sign = format!("sign --label {name} --in {input} --encoding binary --out sig");
            env.run(sign.split(' ')).success();
            assert!(oracle::accepts(env, algorithm, &public, "sig", input), "{name} {input}");
            if algorithm.starts_with("ES") {
                env.run(format!("{sign} --ecdsa p1363").split(' ')).success();
            }
            assert_eq!(env.read("sig").len(), *signature);
            for key in [format!("--label {name}"), format!("--public-key {public}")] {
                env.run(format!("verify {key} --signature sig --in {input}").split(' ')).success();
                env.run(format!("verify {key} --signature sig --in {public}").split(' ')).fails(3);
            }
        }
        let sign = format!("sign --label {name} --digest");
        if let Some(digest) = digest {
            make(env, &format!("openssl dgst -{digest} -binary small > digest; head -c 31 digest > short"));
            env.run(format!("{sign} --in digest --encoding binary --out sig").split(' ')).success();
            assert!(oracle::accepts(env, algorithm, &public, "sig", "small"));
            env.run(format!("verify --label {name} --digest --signature sig --in digest").split(' '))
                .success();
            env.run(format!("{sign} --in short").split(' ')).fails(2).saying(" bytes");
        } else {
            let refused = format!("{algorithm} signs the data itself, not a digest");
            env.run(format!("{sign} --in sums").split(' ')).fails(2).saying(&refused);
            let verify = format!("verify --label {name} --digest --signature sig --in sums");
            env.run(verify.split(' ')).fails(2).saying(&refused);
        }
        env.run(["sign", "--label", name, "--algorithm", "ES256", "--in", "small"]).fails(2).saying("P-256");
    }
}

fn altered_signatures_and_other_algorithms_are_refused(env: &TestEnv) {
    env.write("message", "m");
    for Pair { name, algorithm, .. } in pairs::all(env) {
        env.create(name, name);
        let public = env.public_key(name);
        env.run(["sign", "--label", name, "--in", "message", "--encoding", "binary", "--out", "sig"])
            .success();
        let good = env.read("sig");
        let flipped = |at: usize| {
            let mut changed = good.clone();
            changed[at] ^= 1;
            changed
        };
        for (bad, has_form) in [
            (good[1..].to_vec(), false),
            (good[..good.len() - 1].to_vec(), false),
            ([&good[..], &[0]].concat(), false),
            (flipped(good.len() / 3), true),
            (flipped(good.len() - 1), true),
        ] {
            env.write("bad", &bad);
            for key in [["--label", name], ["--public-key", &public]] {
                let verify = |signature: &str| {
                    env.run(["verify", key[0], key[1], "--in", "message", "--signature", signature])
                };
                let output = verify("bad").fails(3);
                if !has_form {
                    output.saying(&format!("holds no {name} signature"));
                    let text = BASE64.encode(&bad);
                    let output = verify(&text).fails(3).saying(&format!("holds no {name} signature"));
                    assert!(output.stderr.len() < 400, "{output}");
                    let output =
                        verify(&format!("{text}.")).fails(2).saying("is neither a file nor a signature");
                    assert!(output.stderr.len() < 400, "{output}");
                }
            }
        }
        let other = if *algorithm == "EdDSA" { "ES384" } else { "EdDSA" };
        let saying = format!("; this key is {name}: use {algorithm}");
        for command in ["sign", "verify --signature sig"] {
            let line = format!("{command} --label {name} --in message --algorithm {other}");
            env.run(line.split(' ')).fails(2).saying(&saying);
        }
        let offline =
            format!("verify --signature sig --public-key {public} --in message --algorithm {other}");
        env.run(offline.split(' ')).fails(2).saying(&saying);
        for command in ["jwks", "jwt sign --ttl 1h"] {
            env.run(format!("{command} --label {name} --algorithm {other}").split(' '))
                .fails(2)
                .saying(&saying);
        }
    }
}

fn jwts_verify_after_a_rotation(env: &TestEnv) {
    for Pair { name, algorithm, judges, .. } in pairs::all(env) {
        env.create(name, name);
        let sign = || env.run(["jwt", "sign", "--label", name, "--ttl", "1h"]).success().line().to_owned();
        let old = sign();
        env.run(["key", "rotate", "--label", name]).success();
        let new = sign();
        env.run(["jwks", "--label", name, "--out", "jwks.json"]).success();
        for token in [&old, &new] {
            for judge in *judges {
                judge.verify(env, "jwks.json", token, algorithm).success();
            }
            env.run(["jwt", "verify", "--label", name, token]).success();
            env.run(["jwt", "verify", "--jwks", "jwks.json", token]).success();
            env.run(["jwt", "verify", "--jwks", "jwks.json", &jose::with_other_payload(token)]).fails(3);
        }
        env.write("message", "m");
        for detached in ["", " --detached"] {
            let sign = format!("sign --label {name} --format jws{detached} --in message --out jws");
            env.run(sign.split(' ')).success();
            env.run(format!("verify --label {name} --signature jws --in message").split(' ')).success();
            env.run(format!("verify --label {name} --signature jws --in jwks.json").split(' ')).fails(3);
        }
    }
}

fn imports_private_keys_in_every_format(env: &TestEnv) {
    for pair @ Pair { name, algorithm, .. } in pairs::all(env) {
        let forms = pair.make(env);
        assert!(forms.len() > 3, "{forms:?}");
        env.write("right", "right");
        env.write("message", "m");
        let expected = env.shell("sed '/^-/d' public | base64 -d | sha256sum | cut -c1-64").success();
        for form in forms {
            let line = format!("key import --label {form} --in {form} --passphrase-file right --json");
            let key = env.run(line.split(' ')).success().json();
            assert_eq!(field(&key, "fingerprint"), expected.text().trim(), "{name} {form}");
            let sign = format!("sign --label {form} --in message --encoding binary --out sig");
            env.run(sign.split(' ')).success();
            assert!(oracle::accepts(env, algorithm, "public", "sig", "message"), "{name} {form}");
            env.run(format!("key delete --label {form} --yes").split(' ')).success();
        }
        for form in ["public", "crt"].into_iter().filter(|form| env.file(form).exists()) {
            let verify = format!("verify --public-key {form} --signature sig --in message");
            env.run(verify.split(' ')).success();
        }
    }
}

fn works_in_batches_and_components(env: &TestEnv) {
    for pair @ Pair { name, algorithm, digest, .. } in pairs::all(env) {
        pair.make(env);
        env.run("component split --in pkcs8 --shares 3 --threshold 2 --out-dir parts".split(' ')).success();
        let parts = env.shell("ls parts/* | head -2 | xargs printf -- '--component %s '").success();
        let import = format!("key import --label {name} {}", parts.text().trim());
        env.run(import.split(' ')).success();
        env.write("message", "m");
        let line = json!({"op": "sign", "label": name, "data": "bQ=="});
        let mut formed = line.clone();
        formed["ecdsa"] = "p1363".into();
        let is_ecdsa = algorithm.starts_with("ES");
        let answer = env.run_with_stdin(format!("{formed}\n"), ["batch"]).exits(i32::from(!is_ecdsa)).json();
        assert_eq!(answer["error"].is_null(), is_ecdsa, "{answer}");
        let one_shot = ["sign", "--label", name, "--in", "message", "--ecdsa", "p1363"];
        env.run(one_shot).exits(if is_ecdsa { 0 } else { 2 });
        let line = if is_ecdsa { formed } else { line };
        let answer: Value = env.run_with_stdin(format!("{line}\n"), ["batch"]).success().json();
        let signature = field(&answer["result"], "signature");
        env.run(["verify", "--label", name, "--signature", signature, "--in", "message"]).success();
        let other =
            json!({"op": "verify", "label": name, "data": "bg==", "signature": signature}).to_string();
        env.run_with_stdin(format!("{other}\n"), ["batch"]).exits(3);
        let jwt = json!({"op": "jwt-sign", "label": name, "claims": {}, "ttl": 60}).to_string();
        let answer: Value = env.run_with_stdin(format!("{jwt}\n"), ["batch"]).success().json();
        assert_eq!(answer["result"]["algorithm"], *algorithm);
        let digested = json!({"op": "sign", "label": name, "digest": "bQ=="}).to_string();
        let answer: Value = env.run_with_stdin(format!("{digested}\n"), ["batch"]).exits(1).json();
        let why = if digest.is_some() { "bytes, not 1" } else { "not a digest" };
        assert!(field(&answer["error"], "message").contains(why), "{answer}");
    }
}

#[test]
fn wraps_and_unwraps_between_tokens() {
    let (from, to) = (token::embedded(), token::softhsm());
    to.create("receiver", "rsa-2048");
    from.write("receiver.pem", to.run("key show --label receiver --pem".split(' ')).success().stdout);
    for Pair { name, is_classic, .. } in ALL {
        let made = from.run(["key", "create", "--label", name, "--algorithm", name, "--exportable"]);
        let wrap = format!("key wrap --label {name} --wrapping-key receiver.pem --out wrapped");
        if !is_classic {
            // Kryoptic 1.5 wraps no ML-DSA keys.
            made.fails(6).saying(&format!("cannot wrap {name} keys")).saying("CKR_FUNCTION_NOT_SUPPORTED");
            continue;
        }
        made.success();
        from.run(wrap.split(' ')).success();
        to.write("wrapped", from.read("wrapped"));
        to.run("key unwrap --in wrapped".split(' ')).success();
        let shown = |env: &TestEnv| env.run(["key", "show", "--label", name, "--pem"]).success().stdout;
        assert_eq!(shown(&from), shown(&to));
    }
}

/// SoftHSM 2.6 wraps no Ed25519 keys, not even those that other programs made extractable.
#[test]
fn a_key_that_the_token_cannot_wrap_is_refused_with_a_way_out() {
    let env = token::softhsm();
    env.create("receiver", "rsa-2048");
    env.public_key("receiver");
    let generate = ["--keypairgen", "--key-type", "EC:edwards25519", "--label", "foreign", "--id", "01"];
    oracle::pkcs11_tool(&env, &[&generate[..], &["--extractable", "--sensitive"]].concat());
    env.run("key wrap --label foreign --wrapping-key receiver.pem".split(' '))
        .fails(6)
        .saying("this token cannot wrap keys of this kind")
        .saying("import it on both");
}

#[test]
fn a_token_without_ml_dsa_says_so_before_anything_is_made() {
    let env = token::softhsm();
    for pair @ Pair { name, .. } in ALL.iter().filter(|pair| !pair.is_classic) {
        let create = ["key", "create", "--label", name, "--algorithm", name];
        env.run(create).fails(6);
        pair.make(&env);
        env.run(["key", "import", "--label", name, "--in", "pkcs8"]).fails(6);
        assert_eq!(env.labels(), [""; 0]);
        // What needs no token works.
        env.run(["key", "import", "--check", "--in", "pkcs8"]).success();
    }
    let objects = oracle::pkcs11_tool(&env, &["--list-objects"]);
    assert_eq!(objects.text(), "", "{objects}");
}

#[test]
fn malformed_keys_and_signatures_are_refused_by_name() {
    let env = TestEnv::new();
    env.write("message", "m");
    let spki = |algorithm: &[u8], key: &[u8]| {
        let tagged = |tag: u8, content: &[u8]| {
            let [high, low] = u16::try_from(content.len()).expect("short").to_be_bytes();
            let length: &[u8] = if high > 0 { &[0x82, high, low] } else { &[low] };
            [&[tag], length, content].concat()
        };
        let algorithm = [&[0x30, u8::try_from(algorithm.len()).expect("short")], algorithm].concat();
        let key = tagged(0x03, &[&[0], key].concat());
        env.write("public", tagged(0x30, &[algorithm, key].concat()));
        env.run("verify --public-key public --signature AAAA --in message".split(' ')).fails(2)
    };
    let ed25519 = |key: [u8; 32]| spki(b"\x06\x03\x2b\x65\x70", &key);
    let with = |first: u8, rest: u8, last: u8| {
        let mut key = [rest; 32];
        (key[0], key[31]) = (first, last);
        key
    };
    // y = 1 and y = 0 are of small order; p + 1 and p are the same, not reduced; y = 2 is on no point.
    for (key, why) in [
        (with(1, 0, 0), "small order"),
        (with(0, 0, 0), "small order"),
        (with(0xee, 0xff, 0x7f), "not canonical"),
        (with(0xed, 0xff, 0x7f), "not canonical"),
        (with(1, 0, 0x80), "not canonical"),
        (with(2, 0, 0), "not on the curve"),
    ] {
        ed25519(key).saying(why);
    }
    spki(b"\x06\x03\x2b\x65\x70", &[7; 31]).saying("32 bytes, not 31");
    spki(b"\x06\x03\x2b\x65\x70\x05\x00", &with(3, 0, 0)).saying("has parameters");
    for (last, name, length) in [(17, "ML-DSA-44", 1312), (18, "ML-DSA-65", 1952), (19, "ML-DSA-87", 2592)] {
        let oid = [b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03", &[last][..]].concat();
        for wrong in [length - 1, length + 1, 0] {
            spki(&oid, &vec![7; wrong]).saying(&format!("a public key of {name} has {length} bytes"));
        }
    }
    for (last, name, length) in [(2, "ML-KEM-768", 1184), (3, "ML-KEM-1024", 1568)] {
        let oid = [b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04", &[last][..]].concat();
        for wrong in [length - 1, length + 1, 0] {
            spki(&oid, &vec![7; wrong]).saying(&format!("a public key of {name} has {length} bytes"));
        }
        // Its coefficients are not reduced (FIPS 203, section 7.2).
        spki(&oid, &vec![0xff; length]).saying(&format!("it is not one of {name}"));
    }
    env.write("jwk", json!({"kty": "AKP", "pub": "AAAA", "priv": "AAAA"}).to_string());
    env.run("key import --check --in jwk".split(' ')).fails(2).saying("no member \"alg\"");
    env.write("jwk", json!({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "priv": "AAAA"}).to_string());
    env.run("key import --check --in jwk".split(' '))
        .fails(2)
        .saying("a seed of ML-DSA-65 has 32 bytes, not 3");
    env.write("jwk", json!({"kty": "OKP", "crv": "Ed448", "x": "AAAA", "d": "AAAA"}).to_string());
    env.run("key import --check --in jwk".split(' ')).fails(2).saying("Ed448");
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
