//! Public keys in files: every format for every command that reads one; a JWK's restrictions; short RSA keys; curves.

use crate::support::{TestEnv, oracle, token};

token::on_both_tokens!(every_command_reads_every_public_key_format);

fn make(env: &TestEnv, script: &str) {
    env.shell(&format!("set -e; {{ {script}; }} 2>&1")).exits(0);
}

/// Converts the public key `NAME.pem` to every format, as files `NAME.FORM`; returns their names.
fn forms(env: &TestEnv, name: &str) -> Vec<String> {
    make(
        env,
        &format!(
            "openssl pkey -pubin -in {name}.pem -outform DER -out {name}.der
             openssl req -new -x509 -newkey rsa:2048 -noenc -keyout ca.key -subj /CN=ca -out ca.crt
             openssl x509 -new -force_pubkey {name}.pem -subj /CN={name} -CA ca.crt -CAkey ca.key -out {name}.crt
             openssl x509 -in {name}.crt -outform DER -out {name}.cer
             (openssl x509 -in {name}.crt -text; echo bye) > {name}.text
             (echo '# mine'; ssh-keygen -i -m PKCS8 -f {name}.pem) > {name}.ssh
             sed 's/$/\\r/' {name}.pem > {name}.dos"
        ),
    );
    env.write(&format!("{name}.jwk"), env.run(["key", "show", "--label", name, "--jwk"]).success().stdout);
    env.write(&format!("{name}.shown"), env.run(["key", "show", "--label", name, "--ssh"]).success().stdout);
    let mut forms = vec!["pem", "der", "crt", "cer", "text", "ssh", "dos", "jwk", "shown"];
    if name == "rsa" {
        make(env, "openssl rsa -pubin -in rsa.pem -RSAPublicKey_out -out rsa.pkcs1");
        forms.push("pkcs1");
    }
    forms.into_iter().map(|form| format!("{name}.{form}")).collect()
}

fn every_command_reads_every_public_key_format(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.create("ec", "ec-p256");
    env.run(["key", "create", "--label", "goes", "--algorithm", "aes-256", "--exportable"]).success();
    env.public_key("rsa");
    env.public_key("ec");
    env.write("data", "payload");
    env.run(["sign", "--label", "rsa", "--in", "data", "--out", "rsa.sig"]).success();
    env.run(["sign", "--label", "ec", "--in", "data", "--out", "ec.sig"]).success();
    let jwt = env.run(["jwt", "sign", "--label", "ec", "--ttl", "5m"]).success().line().to_owned();
    for file in forms(env, "ec") {
        env.run(["verify", "--public-key", &file, "--signature", "ec.sig", "--in", "data"]).success();
        env.run(["verify", "--public-key", &file, "--signature", "rsa.sig", "--in", "data"]).exits(3);
        env.run(["jwt", "verify", "--public-key", &file, &jwt]).success();
        env.run(["encrypt", "--public-key", &file, "--in", "data"]).fails(7).saying("cannot encrypt");
        env.run(["key", "wrap", "--label", "goes", "--wrapping-key", &file]).fails(7);
    }
    env.run(["key", "wrap", "--label", "goes", "--wrapping-key", "rsa.pem", "--out", "wrapped"]).success();
    env.delete("goes");
    for file in forms(env, "rsa") {
        env.run(["verify", "--public-key", &file, "--signature", "rsa.sig", "--in", "data"]).success();
        env.run(["encrypt", "--public-key", &file, "--in", "data", "--out", "sealed"]).success();
        assert_eq!(env.run(["decrypt", "--in", "sealed"]).success().stdout, b"payload");
        env.run(["key", "unwrap", "--in", "wrapped", "--label", "goes", "--exportable"]).success();
        env.run(["key", "wrap", "--label", "goes", "--wrapping-key", &file, "--out", "wrapped"]).success();
        env.delete("goes");
    }
}

#[test]
fn files_without_exactly_one_public_key_are_refused() {
    let env = TestEnv::new();
    make(
        &env,
        "openssl genrsa -out rsa.key 2048; openssl pkey -in rsa.key -pubout -out rsa.pem
         openssl req -new -key rsa.key -subj /CN=x -out rsa.csr
         openssl req -new -x509 -key rsa.key -subj /CN=x -out rsa.crt
         openssl pkcs12 -export -inkey rsa.key -in rsa.crt -passout pass: -out rsa.p12
         cat rsa.pem rsa.crt > two.pem; cat rsa.crt rsa.crt > chain.pem; cat rsa.key rsa.pem > both.pem
         ssh-keygen -q -t ed25519 -N '' -f ed25519; openssl ecparam -name secp224r1 -genkey -noout -out p224.key
         openssl pkey -in p224.key -pubout -out p224.pem; openssl ecparam -name brainpoolP256r1 -genkey -noout -out bp.key
         openssl pkey -in bp.key -pubout -out bp.pem; openssl genpkey -algorithm ed448 -out ed448.key
         openssl pkey -in ed448.key -pubout -out ed448.pem
         iconv -t UTF-16 rsa.pem > utf-16; base64 -w0 rsa.pem > base64; : > empty
         ssh-keygen -e -m RFC4716 -f ed25519.pub > ssh2",
    );
    env.write("data", "payload");
    for (file, why) in [
        ("rsa.key", "found a private key (PKCS#8)"),
        ("rsa.csr", "found a certificate request"),
        ("rsa.p12", "found a PKCS#12 container"),
        ("two.pem", "a public key, then a certificate"),
        ("chain.pem", "a certificate, then a certificate"),
        ("both.pem", "a private key (PKCS#8), then a public key"),
        ("ed448.pem", "Ed448"),
        ("ed25519", "OpenSSH"),
        ("p224.pem", "secp224r1"),
        ("bp.pem", "brainpoolP256r1"),
        ("utf-16", "iconv -f UTF-16 -t UTF-8 utf-16"),
        ("base64", "base64 -d base64"),
        ("ssh2", "ssh-keygen -i"),
        ("empty", "empty"),
    ] {
        for command in [
            &["verify", "--signature", "AAAA", "--in", "data", "--public-key", file][..],
            &["encrypt", "--in", "data", "--public-key", file],
        ] {
            env.run(command).fails(2).saying(why);
        }
    }
}

#[test]
fn jwk_members_restrict_the_use() {
    let env = token::embedded();
    env.create("rsa", "rsa-2048");
    env.run(["key", "create", "--label", "goes", "--algorithm", "aes-256", "--exportable"]).success();
    env.write("data", "payload");
    let sign = |algorithm: &str| {
        let args = ["sign", "--label", "rsa", "--in", "data", "--algorithm", algorithm, "--out", "sig"];
        env.run(args).success();
    };
    let plain = env.run(["key", "show", "--label", "rsa", "--jwk"]).success().json();
    let with = |members: &str| {
        let mut jwk = plain.clone();
        let members: serde_json::Value = serde_json::from_str(members).expect("JSON");
        let jwk_members = jwk.as_object_mut().expect("an object");
        for name in ["use", "alg", "key_ops"] {
            jwk_members.remove(name);
        }
        jwk_members.extend(members.as_object().expect("an object").clone());
        env.write("key.jwk", jwk.to_string());
    };
    for (members, algorithm, verify, encrypt, wrap) in [
        ("{}", "RS256", 0, 0, 0),
        (r#"{"use":"sig"}"#, "RS256", 0, 7, 7),
        (r#"{"use":"enc"}"#, "RS256", 3, 0, 0),
        (r#"{"key_ops":["verify"]}"#, "RS256", 0, 7, 7),
        (r#"{"key_ops":["encrypt"]}"#, "RS256", 3, 0, 7),
        (r#"{"key_ops":["wrapKey"]}"#, "RS256", 3, 0, 0),
        (r#"{"alg":"RS256"}"#, "RS256", 0, 7, 7),
        (r#"{"alg":"PS384"}"#, "PS384", 0, 7, 7),
        (r#"{"alg":"RSA-OAEP-256"}"#, "RS256", 3, 0, 0),
        (r#"{"alg":"RSA-OAEP"}"#, "RS256", 3, 7, 7),
        (r#"{"use":null}"#, "RS256", 2, 2, 2),
        (r#"{"alg":7}"#, "RS256", 2, 2, 2),
        (r#"{"key_ops":"verify"}"#, "RS256", 2, 2, 2),
    ] {
        with(members);
        sign(algorithm);
        let member = members.split('"').nth(1).unwrap_or_default();
        let verified = env
            .run(["verify", "--public-key", "key.jwk", "--signature", "sig", "--in", "data"])
            .exits(verify);
        let encrypted = env.run(["encrypt", "--public-key", "key.jwk", "--in", "data"]).exits(encrypt);
        let wrapped = env.run(["key", "wrap", "--label", "goes", "--wrapping-key", "key.jwk"]).exits(wrap);
        for output in [verified, encrypted, wrapped] {
            let names_the_member =
                output.status.success() || output.stderr_text().contains(&format!("\"{member}\""));
            assert!(names_the_member, "{members}: {output}");
        }
    }
    with(r#"{"alg":"PS256"}"#);
    sign("RS256");
    let args = ["verify", "--public-key", "key.jwk", "--signature", "sig", "--in", "data"];
    env.run([&args[..], &["--algorithm", "RS256"]].concat()).fails(3).saying("\"alg\" is \"PS256\"");
}

#[test]
fn short_rsa_keys_are_refused_for_encryption() {
    let env = token::softhsm();
    env.run(["key", "create", "--label", "goes", "--algorithm", "aes-256", "--exportable"]).success();
    make(
        &env,
        "for bits in 1024 1536 2047 2048; do openssl genrsa $bits | openssl pkey -pubout -out $bits.pem; done
         ssh-keygen -i -m PKCS8 -f 1024.pem > 1024.ssh",
    );
    env.write("data", "payload");
    for (file, code) in [("1024.pem", 7), ("1024.ssh", 7), ("1536.pem", 7), ("2047.pem", 7), ("2048.pem", 0)]
    {
        let encrypt = env.run(["encrypt", "--public-key", file, "--in", "data"]).exits(code);
        let wrap = env.run(["key", "wrap", "--label", "goes", "--wrapping-key", file]).exits(code);
        for output in [encrypt, wrap] {
            assert_eq!(output.stderr_text().contains("at least 2048"), code != 0, "{output}");
        }
        env.run(["verify", "--public-key", file, "--signature", "data", "--in", "data"]).exits(3);
    }
    // A key that another program made on the token.
    oracle::pkcs11_tool(&env, &["--keypairgen", "--key-type", "RSA:1024", "--id", "77", "--label", "short"]);
    for command in ["encrypt", "datakey"] {
        env.run_with_stdin("payload", [command, "--label", "short"]).fails(7).saying("at least 2048");
    }
}

#[test]
fn unsupported_curves_are_named() {
    let env = token::softhsm();
    for (label, id, kind, name) in
        [("k1", "71", "EC:secp256k1", "secp256k1"), ("bp", "72", "EC:brainpoolP256r1", "brainpoolP256r1")]
    {
        oracle::pkcs11_tool(&env, &["--keypairgen", "--key-type", kind, "--id", id, "--label", label]);
        env.run_with_stdin("data", ["sign", "--label", label]).fails(7).saying(name);
        env.run(["jwks", "--label", label]).exits_any(&[6, 7]).saying(name);
        assert!(env.run(["key", "list"]).success().text().contains(name));
    }
}
