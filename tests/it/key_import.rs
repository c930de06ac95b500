//! `key import`: files of every common tool, checked with openssl; refused files leave nothing behind.

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(
    imports_files_of_openssl_and_ssh_keygen,
    encrypted_files_need_their_passphrase,
    imports_secret_keys_in_four_encodings,
    bad_input_is_refused_and_leaves_nothing,
    if_not_exists_compares_the_key,
);

/// Makes key files in the working directory with common tools.
fn make(env: &TestEnv, script: &str) {
    let made = env.shell(&format!("set -e; {{ {script}; }} 2>/dev/null")).success();
    assert_eq!(made.text(), "");
}

fn imports_files_of_openssl_and_ssh_keygen(env: &TestEnv) {
    make(
        env,
        "openssl genrsa -out pkcs8.key 2048
         openssl genrsa -traditional -out pkcs1.key 4096
         openssl ecparam -name prime256v1 -genkey -out sec1.key
         openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out genpkey.key
         openssl pkey -in pkcs8.key -outform DER -out pkcs8-der.key
         openssl ec -in sec1.key -outform DER -out sec1-der.key
         (printf '\\357\\273\\277'; sed 's/$/\\r/' sec1.key) > windows.key
         ssh-keygen -q -t rsa -b 2048 -m PKCS8 -N '' -f ssh.key",
    );
    env.write("message", "signed by an imported key");
    for name in ["pkcs8", "pkcs1", "sec1", "genpkey", "pkcs8-der", "sec1-der", "windows", "ssh"] {
        let file = format!("{name}.key");
        env.run(["key", "import", "--label", name, "--in", &file]).success();
        make(env, &format!("openssl pkey -in {file} -pubout -out {name}.pub"));
        let public = format!("{name}.pub");
        let shown = env.run(["key", "show", "--label", name, "--pem"]).success().stdout;
        assert_eq!(shown, env.read(&public), "{name}");
        env.run(["sign", "--label", name, "--in", "message", "--encoding", "binary", "--out", "signature"])
            .success();
        let algorithm =
            if ["sec1", "genpkey", "sec1-der", "windows"].contains(&name) { "ES256" } else { "RS256" };
        assert!(oracle::accepts(env, algorithm, &public, "signature", "message"), "{name}");
        let details = env.run(["key", "show", "--label", name]).success();
        for line in ["Sensitive:    yes", "Extractable:  no", "Origin:       imported"] {
            assert!(details.text().contains(line), "{name}: {}", details.text());
        }
        env.delete(name);
    }
}

fn encrypted_files_need_their_passphrase(env: &TestEnv) {
    make(
        env,
        "openssl genrsa -out plain.key 2048
         openssl pkcs8 -topk8 -in plain.key -passout pass:right -out new.key
         openssl pkcs8 -topk8 -v2 des3 -in plain.key -passout pass:right -out old.key
         openssl pkcs8 -topk8 -scrypt -in plain.key -passout pass:right -outform DER -out scrypt.key
         openssl genrsa -aes256 -passout pass:right -out genrsa.key 2048
         openssl genrsa -traditional -aes256 -passout pass:right -out pkcs1.key 2048
         openssl rsa -traditional -des3 -in plain.key -passout pass:right -out des3.key
         openssl ecparam -name prime256v1 -genkey -noout | openssl ec -aes192 -passout pass:right -out sec1.key
         openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes128 -pass pass:right -out genpkey.key",
    );
    env.write("right", "right\n");
    env.write("wrong", "wrong\n");
    for name in ["new", "old", "scrypt", "genrsa", "pkcs1", "des3", "sec1", "genpkey"] {
        let file = format!("{name}.key");
        let with = |passphrase| {
            env.run(["key", "import", "--label", name, "--in", &file, "--passphrase-file", passphrase])
        };
        with("wrong").fails(2).saying("the passphrase does not decrypt");
        assert!(!env.labels().iter().any(|label| label == name));
        with("right").success();
        // The imported key is the one in the file.
        let public = env.shell(&format!("openssl pkey -in {file} -passin pass:right -pubout")).success();
        let shown = env.run(["key", "show", "--label", name, "--pem"]).success();
        assert_eq!(shown.stdout, public.stdout, "{name}");
        env.delete(name);
    }
    env.run(["key", "import", "--label", "asked", "--in", "new.key", "--no-input"])
        .fails(2)
        .saying("passphrase");
    env.shell("kmsctl key import --label by-fd --in new.key --passphrase-fd 3 3< right").success();
    assert_eq!(env.labels(), ["by-fd"]);
}

fn imports_secret_keys_in_four_encodings(env: &TestEnv) {
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    env.write("raw", (0..32).collect::<Vec<u8>>());
    env.write("hex", format!("{hex}\n"));
    env.write("base64", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    env.write("base64url", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    // From `openssl enc -aes-256-ecb` and `openssl mac -digest SHA256 HMAC` of sixteen zero bytes.
    for (algorithm, kcv) in [("aes-256", "f29000"), ("hmac-256", "ff9212")] {
        for form in ["raw", "hex", "base64", "base64url"] {
            let label = format!("{algorithm} {form}");
            let import = ["key", "import", "--label", &label, "--in", form, "--algorithm", algorithm];
            env.run(import.into_iter().chain(["--kcv", kcv])).success();
            let shown = env.run(["key", "show", "--label", &label, "--kcv"]).success();
            assert_eq!(shown.text(), format!("{kcv}\n"), "{label}");
            env.delete(&label);
        }
    }
    let jwk = |alg: &str| {
        format!(r#"{{"kty":"oct","alg":"{alg}","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}}"#)
    };
    for (alg, key_type, other) in [("HS256", "HMAC256", "aes-256"), ("A256GCM", "AES256", "hmac-256")] {
        env.write("jwk", jwk(alg));
        env.run(["key", "import", "--label", "no", "--in", "jwk", "--algorithm", other])
            .fails(2)
            .saying("not");
        let imported = env.run(["key", "import", "--label", alg, "--in", "jwk", "--json"]).success().json();
        assert_eq!(field(&imported, "keyType"), key_type);
    }
    env.write("jwk", jwk("HS512"));
    env.run(["key", "import", "--label", "no", "--in", "jwk"]).fails(2).saying("HS512");
    env.write("jwk", r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODw"}"#);
    env.run(["key", "import", "--label", "no", "--in", "jwk"]).fails(2).saying("128 bits");
    env.write("jwk", jwk("HS256").replace(r#""alg":"HS256","#, ""));
    let unannounced = env.run(["key", "import", "--label", "no", "--in", "jwk"]).fails(2);
    assert!(!unannounced.stderr_text().contains("PEM"), "{unannounced}");
    env.run(["key", "import", "--label", "no", "--in", "raw", "--algorithm", "aes-256", "--kcv", "f29001"])
        .fails(2)
        .saying("f29000");
    env.run(["key", "import", "--label", "no", "--in", "raw"]).fails(2).saying("`--algorithm aes-256`");
    env.run(["key", "import", "--label", "no", "--in", "raw", "--algorithm", "rsa-2048"])
        .fails(2)
        .saying("neither PEM nor DER");
    env.write("raw", [0; 32]);
    env.run(["key", "import", "--label", "no", "--in", "raw", "--algorithm", "aes-256"])
        .fails(2)
        .saying("all its bytes are zero");
}

fn bad_input_is_refused_and_leaves_nothing(env: &TestEnv) {
    make(
        env,
        "openssl genrsa -out good.key 2048
         openssl pkey -in good.key -pubout -out public.key
         openssl req -new -x509 -key good.key -subj /CN=x -out certificate.key
         openssl genrsa -out small.key 1024
         openssl genrsa -out odd.key 3000
         openssl ecparam -name secp224r1 -genkey -noout -out p224.key
         openssl genpkey -algorithm ED448 -out ed448.key
         cat good.key good.key > several.key
         openssl pkey -in good.key -outform DER -out trailing.key; echo x >> trailing.key
         head -c 1000000 /dev/urandom > noise.key
         : > empty.key",
    );
    for (name, why) in [
        ("public", "found a public key"),
        ("certificate", "found a certificate"),
        ("small", "1024 bits"),
        ("odd", "3000 bits"),
        ("p224", "secp224r1"),
        ("ed448", "Ed448"),
        ("several", "found several: a private key (PKCS#8), then a private key (PKCS#8)"),
        ("trailing", "fills the input exactly"),
        ("noise", "too large"),
        ("empty", "empty"),
    ] {
        let file = format!("{name}.key");
        env.run(["key", "import", "--label", name, "--in", &file]).fails(2).saying(why);
    }
    env.run(["key", "import", "--label", "other", "--in", "good.key", "--algorithm", "rsa-4096"])
        .fails(2)
        .saying("rsa-2048, not rsa-4096");
    assert!(env.labels().is_empty());
}

fn if_not_exists_compares_the_key(env: &TestEnv) {
    make(env, "openssl genrsa -out one.key 2048; openssl genrsa -out two.key 2048");
    let import = |file: &str, more: &[&str]| {
        env.run([&["key", "import", "--label", "web", "--in", file], more].concat())
    };
    import("one.key", &[]).success();
    import("one.key", &[]).fails(8).saying("already exists");
    import("one.key", &["--if-not-exists"]).success();
    import("two.key", &["--if-not-exists"]).fails(8).saying("a different key");
    assert_eq!(env.labels(), ["web"]);
}
