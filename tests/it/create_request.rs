//! The Create Key request of a cloud KMS: `key create --request`.

use serde_json::{Value, json};

use crate::support::{TestEnv, field, token};

token::on_both_tokens!(
    the_answer_has_all_thirteen_fields,
    defaults_of_the_smallest_request,
    each_invalid_field_is_named_and_nothing_is_created,
    the_name_is_unique,
    the_other_protection_type_is_refused,
    ids_and_tags_never_change,
    options_create_the_same_key,
);

fn protection(env: &TestEnv) -> &'static str {
    if env.variable_if_set("KMSCTL_MODULE").is_some() { "COMMON_HSM" } else { "BASIC" }
}

fn request(env: &TestEnv, body: &Value) -> crate::support::output::Output {
    env.run_with_stdin(body.to_string(), ["key", "create", "--request", "-"])
}

fn the_answer_has_all_thirteen_fields(env: &TestEnv) {
    let body = json!({"keyName": "Web-key_1", "keyType": "AES256", "memo": "für Web", "isConvergent": true,
                      "isAutoRotation": true, "rotationPeriod": 30, "protectionType": protection(env)});
    let start = 1_800_000_000_123_u64;
    let run = env.with("KMSCTL_TEST_NOW", start.to_string());
    env.write("body.json", body.to_string());
    let answer = run.run(["key", "create", "--request", "body.json"]).success().json();
    assert_eq!(answer["code"], "SUCCESS");
    let data = answer["data"].as_object().expect("an object");
    let names: Vec<_> = data.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "keyId",
            "keyTag",
            "keyName",
            "keyType",
            "status",
            "keystoreId",
            "protectionType",
            "memo",
            "isConvergent",
            "isAutoRotation",
            "rotationPeriod",
            "nextRotationDate",
            "registerDate"
        ]
    );
    assert!(data["keyId"].as_u64().is_some_and(|id| (1..1 << 53).contains(&id)));
    assert!(data["keystoreId"].as_u64().is_some_and(|id| id > 0));
    assert_eq!(field(&answer["data"], "keyTag").len(), 52);
    let day = 24 * 60 * 60 * 1000;
    for (name, value) in [
        ("keyName", json!("Web-key_1")),
        ("keyType", json!("AES256")),
        ("status", json!("ENABLE")),
        ("protectionType", json!(protection(env))),
        ("memo", json!("für Web")),
        ("isConvergent", json!(true)),
        ("isAutoRotation", json!(true)),
        ("rotationPeriod", json!(30)),
        ("registerDate", json!(start)),
        ("nextRotationDate", json!(start + 30 * day)),
    ] {
        assert_eq!(data[name], value, "{name}");
    }
}

fn defaults_of_the_smallest_request(env: &TestEnv) {
    for (key_type, algorithm) in [("RSA2048", "RSA"), ("ECDSA", "ECDSA"), ("AES256", "AES")] {
        let body = json!({"keyName": key_type, "keyType": key_type, "protectionType": protection(env)});
        let answer = request(env, &body).success().json();
        let data = &answer["data"];
        assert_eq!((field(data, "keyType"), field(data, "memo")), (key_type, ""));
        assert_eq!((&data["isConvergent"], &data["isAutoRotation"]), (&json!(false), &json!(false)));
        assert_eq!((&data["rotationPeriod"], &data["nextRotationDate"]), (&Value::Null, &Value::Null));
        let key = env.run(["key", "show", "--label", key_type, "--json"]).success().json();
        assert_eq!(field(&key, "algorithm"), algorithm);
    }
    let body = json!({"keyName": "rotating", "keyType": "ECDSA", "isAutoRotation": true,
                      "protectionType": protection(env)});
    assert_eq!(request(env, &body).success().json()["data"]["rotationPeriod"], 90);
}

fn each_invalid_field_is_named_and_nothing_is_created(env: &TestEnv) {
    let good = json!({"keyName": "web", "keyType": "RSA2048", "protectionType": protection(env)});
    for (name, value) in [
        ("keyName", json!("ab")),
        ("keyName", json!("1ab")),
        ("keyName", Value::Null),
        ("keyType", json!("RSA4096")),
        ("memo", json!("x".repeat(101))),
        ("isConvergent", json!(true)),
        ("isAutoRotation", json!("yes")),
        ("rotationPeriod", json!(90)),
        ("protectionType", json!("HSM")),
        ("keyUsage", json!("SIGN")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        request(env, &body).fails(2).saying(name);
    }
    let mut body = good.clone();
    body["isAutoRotation"] = json!(true);
    body["rotationPeriod"] = json!(731);
    request(env, &body).fails(2).saying("rotationPeriod");
    for body in ["", "[]", "{", "{} {}", "\u{feff}{}", "{\"keyName\":\"abc\",\"keyName\":\"abd\"}"] {
        env.run_with_stdin(body, ["key", "create", "--request", "-"]).fails(2);
    }
    let error = env.run_with_stdin("{}", ["key", "create", "--request", "-", "--json"]).fails(2).error();
    assert_eq!(error["code"], "INVALID_INPUT");
    assert!(field(&error, "message").contains("keyName") && field(&error, "message").contains("keyType"));
    assert!(env.keys().is_empty());
}

fn the_name_is_unique(env: &TestEnv) {
    let body = json!({"keyName": "web", "keyType": "ECDSA", "protectionType": protection(env)});
    request(env, &body).success();
    request(env, &body).fails(8);
    assert_eq!(env.labels(), ["web"]);
}

fn the_other_protection_type_is_refused(env: &TestEnv) {
    let other = if protection(env) == "BASIC" { "COMMON_HSM" } else { "BASIC" };
    let body = json!({"keyName": "web", "keyType": "ECDSA", "protectionType": other});
    request(env, &body).fails(2).saying("protectionType");
    assert!(env.keys().is_empty());
}

fn ids_and_tags_never_change(env: &TestEnv) {
    let body = json!({"keyName": "web", "keyType": "ECDSA", "protectionType": protection(env)});
    let created = request(env, &body).success().json()["data"].clone();
    for line in
        ["key rotate --label web", "key update --label web --rename other", "key disable --label other"]
    {
        env.run(line.split(' ')).success();
    }
    let now = env.run("key show --label other --json".split(' ')).success().json();
    for name in ["keyId", "keyTag", "keystoreId", "registerDate"] {
        assert_eq!(created[name], now[name], "{name}");
    }
}

fn options_create_the_same_key(env: &TestEnv) {
    let line = "key create --label web --algorithm AES256 --memo note --convergent --auto-rotate \
                --rotation-period 30 --json";
    let key = env.run(line.split_whitespace()).success().json();
    assert_eq!((field(&key, "memo"), &key["isConvergent"]), ("note", &json!(true)));
    assert_eq!((&key["rotationPeriod"], &key["isAutoRotation"]), (&json!(30), &json!(true)));
    // The companion key is rotated, renamed and deleted with its key.
    env.run("key rotate --label web".split(' ')).success();
    assert_eq!(
        env.run("key list --all --json".split(' ')).success().json().as_array().map(Vec::len),
        Some(2)
    );
    env.run("key update --label web --rename web2".split(' ')).success();
    let gone = env.run("key delete --label web2 --yes --json".split(' ')).success().json();
    assert_eq!(gone["destroyed"].as_array().map(Vec::len), Some(5), "{gone}");
    assert!(
        env.run("key list --all --json".split(' ')).success().json().as_array().expect("a list").is_empty()
    );
    env.run("key create --label k --algorithm ec-p256 --convergent".split(' ')).fails(2);
}
