//! `ec-p384` in every command that takes a key pair, checked with `openssl`, `ssh-keygen`, PyJWT and jose.

use serde_json::{Value, json};

use crate::support::{TestEnv, field, jose, oracle, token};

token::on_both_tokens!(
    exports_the_public_key_in_every_format,
    signs_with_ecdsa_and_sha_384,
    jwts_verify_after_a_rotation,
    imports_private_keys_in_every_format,
    works_in_batches_and_components,
);

fn make(env: &TestEnv, script: &str) {
    env.shell(&format!("set -e; {{ {script}; }} 2>&1")).exits(0);
}

fn exports_the_public_key_in_every_format(env: &TestEnv) {
    let key = env.create("k", "ec-p384");
    assert_eq!((&key["keyType"], &key["algorithm"]), (&json!("ECDSA384"), &json!("ECDSA")));
    assert_eq!((&key["bits"], &key["curve"]), (&json!(384), &json!("secp384r1")));
    assert_eq!(key["usage"], json!(["sign", "verify"]));
    let show = |form: &str| env.run(["key", "show", "--label", "k", form]).success();
    env.write("k.pem", show("--pem").text());
    let described = oracle::describe_public_key(env, show("--pem").text());
    assert!(described.contains("ASN1 OID: secp384r1"), "{described}");
    assert_eq!(show("--der").stdout, oracle::der_of(env, &env.file("k.pem")));
    env.write("k.ssh", show("--ssh").text());
    let pkcs8 = oracle::tool(env, "ssh-keygen", &["-e", "-m", "PKCS8", "-f", "k.ssh"]);
    assert_eq!(pkcs8.text().trim_end(), show("--pem").text().trim_end());
    let jwk = show("--jwk").json();
    assert_eq!((&jwk["crv"], &jwk["alg"]), (&json!("P-384"), &json!("ES384")));
    assert_eq!((field(&jwk, "x").len(), field(&jwk, "y").len()), (64, 64));
    for name in ["P-384", "secp384r1"] {
        assert_eq!(env.create(name, name)["keyType"], "ECDSA384");
    }
    env.run("key delete --label P-384 --yes".split(' ')).success();
    let listed = env.run("key list --algorithm ec-p384 --json".split(' ')).success().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
}

fn signs_with_ecdsa_and_sha_384(env: &TestEnv) {
    env.create("k", "ec-p384");
    let public = env.public_key("k");
    env.write("small", "pay 10 EUR to Alice\n");
    env.write("large", vec![7; 1_100_000]);
    for input in ["small", "large"] {
        let sign = format!("sign --label k --in {input} --encoding binary --out sig");
        env.run(sign.split(' ')).success();
        assert!(oracle::accepts(env, "ES384", &public, "sig", input), "{input}");
        env.run(format!("{sign} --ecdsa p1363").split(' ')).success();
        assert_eq!(env.read("sig").len(), 96);
        for key in ["--label k", &format!("--public-key {public}")] {
            env.run(format!("verify {key} --signature sig --in {input}").split(' ')).success();
            env.run(format!("verify {key} --signature sig --in {public}").split(' ')).fails(3);
        }
    }
    make(env, "openssl dgst -sha384 -binary small > digest; head -c 32 digest > short");
    env.run("sign --label k --digest --in digest --encoding binary --out sig".split(' ')).success();
    assert!(oracle::accepts(env, "ES384", &public, "sig", "small"));
    env.run("verify --label k --digest --signature sig --in digest".split(' ')).success();
    env.run("sign --label k --digest --in short".split(' ')).fails(2).saying("48 bytes");
    env.run("sign --label k --algorithm ES256 --in small".split(' ')).fails(2).saying("a P-256 key");
}

fn jwts_verify_after_a_rotation(env: &TestEnv) {
    env.create("k", "ec-p384");
    let sign = || env.run("jwt sign --label k --ttl 1h".split(' ')).success().line().to_owned();
    let old = sign();
    env.run("key rotate --label k".split(' ')).success();
    let new = sign();
    env.run("jwks --label k --out jwks.json".split(' ')).success();
    for token in [&old, &new] {
        for judge in jose::JUDGES {
            judge.verify(env, "jwks.json", token, "ES384").success();
        }
        env.run(["jwt", "verify", "--label", "k", token]).success();
        env.run(["jwt", "verify", "--jwks", "jwks.json", token]).success();
        env.run(["jwt", "verify", "--jwks", "jwks.json", &jose::with_other_payload(token)]).fails(3);
    }
    env.write("message", "m");
    env.run("sign --label k --format jws --in message --out jws".split(' ')).success();
    env.run("verify --label k --signature jws --in message".split(' ')).success();
}

fn imports_private_keys_in_every_format(env: &TestEnv) {
    make(
        env,
        "openssl ecparam -name secp384r1 -genkey -noout -out sec1
         openssl pkcs8 -topk8 -nocrypt -in sec1 -out pkcs8
         openssl pkcs8 -topk8 -passout pass:right -in sec1 -out encrypted
         openssl ec -in sec1 -outform DER -out der
         openssl ec -in sec1 -param_enc explicit -out explicit
         openssl req -new -x509 -key sec1 -subj /CN=k -out crt
         openssl pkcs12 -export -inkey sec1 -in crt -passout pass:right -out p12
         cp sec1 openssh; chmod 600 openssh; ssh-keygen -q -p -N '' -f openssh
         openssl pkey -in sec1 -pubout -out public; printf right > right",
    );
    let expected =
        env.shell("openssl pkey -pubin -in public -outform DER | sha256sum | cut -c1-64").success();
    env.write("message", "m");
    for form in ["sec1", "pkcs8", "encrypted", "der", "explicit", "p12", "openssh"] {
        let line = format!("key import --label {form} --in {form} --passphrase-file right --json");
        let key = env.run(line.split(' ')).success().json();
        assert_eq!(field(&key, "fingerprint"), expected.text().trim(), "{form}");
        env.run(format!("sign --label {form} --in message --encoding binary --out sig").split(' ')).success();
        assert!(oracle::accepts(env, "ES384", "public", "sig", "message"), "{form}");
        env.run(format!("key delete --label {form} --yes").split(' ')).success();
    }
    for form in ["public", "crt"] {
        env.run(format!("verify --public-key {form} --signature sig --in message").split(' ')).success();
    }
}

fn works_in_batches_and_components(env: &TestEnv) {
    env.write("k.pem", include_bytes!("../fixtures/keys/p384.pkcs8.pem"));
    env.run("component split --in k.pem --shares 3 --threshold 2 --out-dir parts".split(' ')).success();
    let parts = env.shell("ls parts/* | head -2 | xargs printf -- '--component %s '").success();
    let import = format!("key import --label k {}", parts.text().trim());
    env.run(import.split(' ')).success();
    env.write("message", "m");
    let line = json!({"op": "sign", "label": "k", "data": "bQ==", "ecdsa": "p1363"}).to_string();
    let answer: Value = env.run_with_stdin(format!("{line}\n"), ["batch"]).success().json();
    let signature = field(&answer["result"], "signature");
    env.run(["verify", "--label", "k", "--signature", signature, "--in", "message"]).success();
    let other = json!({"op": "verify", "label": "k", "data": "bg==", "signature": signature}).to_string();
    env.run_with_stdin(format!("{other}\n"), ["batch"]).exits(3);
}

#[test]
fn wraps_and_unwraps_between_tokens() {
    let (from, to) = (token::embedded(), token::softhsm());
    to.create("receiver", "rsa-2048");
    from.write("receiver.pem", to.run("key show --label receiver --pem".split(' ')).success().stdout);
    from.run("key create --label k --algorithm ec-p384 --exportable".split(' ')).success();
    from.run("key wrap --label k --wrapping-key receiver.pem --out wrapped".split(' ')).success();
    to.write("wrapped", from.read("wrapped"));
    to.run("key unwrap --in wrapped".split(' ')).success();
    let shown = |env: &TestEnv| env.run("key show --label k --pem".split(' ')).success().stdout;
    assert_eq!(shown(&from), shown(&to));
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
    // Changes the last byte of the curve's OID: secp521r1 (1.3.132.0.35).
    let at = der.windows(5).position(|bytes| bytes == [0x2b, 0x81, 0x04, 0x00, 0x22]).expect("its OID");
    with(&|der| der[at + 4] = 0x23).saying("the elliptic curve secp521r1");
}
