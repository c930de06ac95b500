//! The signature algorithm is a property of the key: it is set once, shown, published, and the only one for its JWTs.

use serde_json::json;

use crate::support::{TestEnv, field, jose, token};

token::on_both_tokens!(
    can_be_set_at_creation_and_later,
    jwts_use_no_other_algorithm,
    every_command_uses_it,
    unsuitable_algorithms_are_refused,
);

fn header(env: &TestEnv, token: &str) -> serde_json::Value {
    env.run(["jwt", "decode", token, "--json"]).success().json()["header"].clone()
}

fn jwt(env: &TestEnv, label: &str) -> String {
    env.run(["jwt", "sign", "--label", label, "--ttl", "5m"]).success().line().to_owned()
}

fn can_be_set_at_creation_and_later(env: &TestEnv) {
    let create = ["key", "create", "--label", "pss", "--algorithm", "rsa-2048", "--signature-algorithm"];
    let key = env.run([&create[..], &["ps256", "--json"]].concat()).success().json();
    assert_eq!(field(&key, "signatureAlgorithm"), "PS256");
    // If none was set, text output shows the default and JSON omits the field.
    for (label, algorithm, default) in [("rsa", "rsa-2048", "RS256"), ("ec", "ec-p256", "ES256")] {
        assert_eq!(env.create(label, algorithm).get("signatureAlgorithm"), None);
        let shown = env.run(["key", "show", "--label", label]).success();
        assert!(
            shown
                .text()
                .lines()
                .any(|line| line.trim_start().starts_with("JWT alg:") && line.ends_with(default)),
            "{shown}"
        );
    }
    let create = ["key", "create", "--label", "enc", "--algorithm", "rsa-2048", "--usage", "encrypt,decrypt"];
    let key = env.run([&create[..], &["--json"]].concat()).success().json();
    assert_eq!(key.get("signatureAlgorithm"), None);
    env.write("key.pem", include_bytes!("../fixtures/keys/rsa-2048.pkcs8.pem"));
    let import =
        ["key", "import", "--label", "imported", "--in", "key.pem", "--signature-algorithm", "PS384"];
    env.run(import).success();
    let shown = |label: &str| env.run(["key", "show", "--label", label, "--json"]).success().json();
    assert_eq!(shown("imported")["signatureAlgorithm"], "PS384");
    let text = env.run(["key", "show", "--label", "imported"]).success();
    assert!(text.text().contains("PS384"), "{text}");
    for algorithm in ["PS512", "RS384", "RS256"] {
        env.run(["key", "update", "--label", "imported", "--signature-algorithm", algorithm]).success();
        assert_eq!(shown("imported")["signatureAlgorithm"], algorithm);
        assert_eq!(header(env, &jwt(env, "imported"))["alg"], algorithm);
    }
    // Rotating, renaming and changing the memo keep it.
    env.run(["key", "rotate", "--label", "pss"]).success();
    env.run(["key", "update", "--label", "pss", "--rename", "renamed", "--memo", "m"]).success();
    assert_eq!(shown("renamed")["signatureAlgorithm"], "PS256");
    let listed = env.keys();
    let of = |label: &str| listed.iter().find(|key| field(key, "label") == label).expect("listed");
    assert_eq!(of("renamed")["signatureAlgorithm"], "PS256");
    assert_eq!(header(env, &jwt(env, "renamed"))["alg"], "PS256");
}

fn jwts_use_no_other_algorithm(env: &TestEnv) {
    env.create("it's", "rsa-2048");
    env.create("ec", "ec-p256");
    let sign = |label: &str, algorithm: &str| {
        env.run(["jwt", "sign", "--label", label, "--ttl", "5m", "--algorithm", algorithm])
    };
    for other in ["PS256", "RS512"] {
        let refused = sign("it's", other).fails(7).saying("signs JWTs with RS256 only");
        // The hint's command works as printed.
        let text = refused.stderr_text();
        let command = text.split('`').nth(1).expect("a command");
        assert!(command.ends_with(&format!("--signature-algorithm {other}")), "{command}");
        env.shell(command).success();
        sign("it's", other).success();
        let refused = sign("it's", "RS256").fails(7);
        assert_eq!(header(env, &jwt(env, "it's"))["alg"], other, "{refused}");
        env.run(["key", "update", "--label", "it's", "--signature-algorithm", "RS256"]).success();
    }
    sign("it's", "RS256").success();
    sign("ec", "ES256").success();
    sign("ec", "RS256").fails(2);
    let line =
        "{\"op\":\"jwt-sign\",\"label\":\"it's\",\"algorithm\":\"PS256\",\"claims\":{},\"ttl\":\"5m\"}\n";
    let answer = env.run_with_stdin(line, ["batch"]);
    assert!(answer.text().contains("KEY_USAGE") && !answer.text().contains("\"token\""), "{answer}");
}

fn every_command_uses_it(env: &TestEnv) {
    env.create("rsa", "rsa-2048");
    env.run(["key", "update", "--label", "rsa", "--signature-algorithm", "PS384"]).success();
    env.write("data", "some data");
    let set = env.run(["jwks", "--label", "rsa", "--out", "set.json"]).success().silent();
    assert!(set.stdout.is_empty());
    let token = jwt(env, "rsa");
    for judge in jose::JUDGES {
        judge.verify(env, "set.json", &token, "PS384").success();
    }
    env.run(["jwt", "verify", "--jwks", "set.json", &token]).success();
    env.run(["jwt", "verify", "--label", "rsa", &token]).success();
    let signed = env.run(["sign", "--label", "rsa", "--in", "data", "--json"]).success().json();
    assert_eq!(field(&signed, "algorithm"), "PS384");
    let signature = format!("--signature={}", field(&signed, "signature"));
    let verified =
        env.run(["verify", "--label", "rsa", &signature, "--in", "data", "--json"]).success().json();
    assert_eq!(field(&verified, "algorithm"), "PS384");
    // `sign` accepts any algorithm of the key type, for JWS too.
    for form in [&[][..], &["--format", "jws"]] {
        let sign = ["sign", "--label", "rsa", "--in", "data", "--algorithm", "RS256", "--json"];
        let signed = env.run([&sign[..], form].concat()).success().json();
        assert_eq!(field(&signed, "algorithm"), "RS256");
    }
    let several = env.run(["sign", "--label", "rsa", "--in", "data", "--in", "data", "--json"]);
    assert!(several.success().text().contains("PS384"));
    let lines = "{\"op\":\"sign\",\"label\":\"rsa\",\"data\":\"aGk=\"}\n\
                 {\"op\":\"jwt-sign\",\"label\":\"rsa\",\"claims\":{},\"ttl\":\"5m\"}\n";
    let answers = env.run_with_stdin(lines, ["batch"]).success();
    assert_eq!(answers.text().matches("\"algorithm\":\"PS384\"").count(), 2, "{answers}");
    // A set for another algorithm does not verify the JWTs; `jwks` warns about that.
    let other = ["jwks", "--label", "rsa", "--algorithm", "RS256", "--out", "other.json"];
    env.run(other).success().saying("signs JWTs with PS384");
    env.run(["jwt", "verify", "--jwks", "other.json", &token]).fails(3);
    // The record is not visible without a login, so the set has no "alg".
    let open = env.without("KMSCTL_PIN_FILE").run(["jwks", "--label", "rsa", "--no-input"]);
    if open.status.success() {
        assert_eq!(open.json()["keys"][0].get("alg"), None, "{open}");
    }
    assert_eq!(env.run(["jwks", "--label", "rsa"]).success().json()["keys"][0]["alg"], json!("PS384"));
}

fn unsuitable_algorithms_are_refused(env: &TestEnv) {
    let create = |algorithm: &str, more: &[&str]| {
        env.run([&["key", "create", "--label", "new", "--algorithm", algorithm], more].concat())
    };
    create("rsa-2048", &["--signature-algorithm", "ES256"]).fails(2).saying("ES256 needs a P-256 key");
    create("ec-p256", &["--signature-algorithm", "RS256"]).fails(2).saying("use ES256");
    create("aes-256", &["--signature-algorithm", "RS256"]).fails(2);
    create("rsa-2048", &["--signature-algorithm", "HS256"]).fails(2);
    create("rsa-2048", &["--signature-algorithm", "none"]).fails(2);
    create("rsa-2048", &["--signature-algorithm", "PS256", "--usage", "encrypt,decrypt"]).fails(2);
    assert!(env.keys().is_empty());
    env.create("ec", "ec-p256");
    env.create("aes", "aes-256");
    env.run(["key", "create", "--label", "enc", "--algorithm", "rsa-2048", "--usage", "encrypt,decrypt"])
        .success();
    let update = |label: &str, algorithm: &str| {
        env.run(["key", "update", "--label", label, "--signature-algorithm", algorithm])
    };
    update("ec", "PS256").fails(2).saying("cannot sign with PS256");
    update("aes", "PS256").fails(2);
    update("enc", "PS256").fails(7);
    update("ec", "ES256").success();
}
