//! Requests that a restricted token does not take: each refusal names what in the request may be the reason.

use std::path::PathBuf;

use crate::support::{
    TestEnv,
    fault::{module, ruled},
    oracle::{self, pkcs11_tool},
    output::Output,
    path_text, token,
};

const CREATE: [&str; 5] = ["key", "create", "--algorithm", "ec-p256", "--label"];

/// A run on a cloud service with these numbers in the profile.
fn cloud(env: &TestEnv, attributes: &str, args: &[&str]) -> Output {
    let (module, at) = (module(), "config add-profile x --replace --key-attributes");
    let add = [&["--module", path_text(&module)], &at.split(' ').collect::<Vec<_>>()[..], &[attributes]];
    env.run(add.concat()).success();
    ruled(env, "cloud-keys").with("KMSCTL_FAULT_PIN", token::PIN).run([&["--profile", "x"], args].concat())
}

#[track_caller]
fn nothing_is_left(env: &TestEnv) {
    assert_eq!(pkcs11_tool(env, &["--list-objects"]).text(), "");
}

#[test]
fn what_the_request_has_is_named() {
    let env = token::softhsm();
    let long = "a".repeat(45);
    let create = |rules: &str, more: &[&str]| {
        ruled(&env, rules).with("KMSCTL_FAULT_PIN", token::PIN).run([&CREATE[..], more].concat())
    };
    create("small-hsm", &[&long]).fails(6).saying("the reason may be the label, which has 45 bytes");
    let both = create("small-hsm", &[&long, "--id", "010203"]).fails(6);
    assert!(both.stderr_text().contains("45 bytes") && both.stderr_text().contains("`--id`"), "{both}");
    let id = create("small-hsm", &["web", "--id", "010203"]).fails(6).saying("the reason may be `--id`");
    assert!(!id.stderr_text().contains("letters"), "{id}");
    // Nothing in the request can be the reason, or the token makes no keys at all.
    for rules in ["C_GenerateKeyPair=0x13", "sign-only"] {
        let plain = create(rules, &["web", "--exportable"]).fails(6);
        let is_named = plain.stderr_text().contains("the reason may be");
        assert_eq!(is_named, rules != "sign-only", "{plain}");
    }
    let plain = create("C_GenerateKeyPair=0x13", &["web"]).fails(6);
    assert!(!plain.stderr_text().contains("the reason may be"), "{plain}");
    nothing_is_left(&env);
}

#[test]
fn what_a_cloud_service_does_not_take_is_named() {
    let env = token::softhsm();
    let create = |more: &[&str]| {
        cloud(&env, "ec-p256:0x8001e101=12, rsa-3072:0x8001e101=5", &[&CREATE[..], more].concat())
    };
    create(&["a b"]).fails(6).saying("only letters, digits, - and _");
    create(&["web", "--id", "01"]).fails(6).saying("the reason may be `--id`");
    let other = ["key", "create", "--label", "web", "--algorithm"];
    let by_profile = |algorithm: &str| {
        cloud(&env, "ec-p256:0x8001e101=12, rsa-3072:0x8001e101=5", &[&other[..], &[algorithm]].concat())
    };
    by_profile("ec-p521").fails(6).saying("`key-attributes` in the profile has no entry for ec-p521");
    let wrong = by_profile("rsa-3072").fails(6);
    let text = "`key-attributes` gives rsa-3072 a number that makes rsa-2048";
    assert_eq!(wrong.stderr_text().matches(text).count(), 1, "{wrong}");
    assert!(!wrong.stderr_text().contains("securely"), "{wrong}");
    // No key of the service can leave it, whatever a template says.
    create(&["web", "--exportable"]).fails(6).saying("leave out `--exportable`");
    nothing_is_left(&env);
}

#[test]
fn an_import_and_a_rotation_name_the_label() {
    let env = token::softhsm();
    let (long, records) = ("a".repeat(38), env.path("records"));
    let on = |rules: &str| ruled(&env, rules).with("KMSCTL_RECORDS", path_text(&records));
    let generate = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key.pem"];
    oracle::tool(&env, "openssl", &generate).success();
    let import = ["key", "import", "--in", "key.pem", "--label"];
    on("label-length=20").run([&import[..], &[&long]].concat()).fails(6).saying("which has 38 bytes");
    nothing_is_left(&env);
    let unique = "unique-labels label-length=40 no-data-objects";
    on(unique).run([&CREATE[..], &[&long]].concat()).success();
    let rotated = on(unique).run(["key", "rotate", "--label", &long]).fails(6);
    rotated.saying("the reason may be the label, which has 41 bytes");
    on(unique)
        .run([&CREATE[..], &[&long, "--allow-duplicate-label"]].concat())
        .fails(6)
        .saying("--allow-dup");
}

/// Where label and CKA_ID are one name, `--id` asks for another name; that has nothing to do with security.
#[test]
fn one_name_for_label_and_id() {
    let env = token::softhsm();
    for rules in ["label-is-id", "label-reads-as-id"] {
        let create = [&CREATE[..], &["web", "--id", "01"]].concat();
        let refused = ruled(&env, rules).run(create).fails(6).saying("keeps one name for label and CKA_ID");
        let text = refused.stderr_text();
        assert!(text.contains("leave out `--id`") && !text.contains("securely"), "{refused}");
        nothing_is_left(&env);
    }
}

/// Where labels are unique, the label of a version is taken like that of a key.
#[test]
fn the_label_of_a_later_version() {
    let mut env = token::softhsm();
    let records: PathBuf = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records));
    let on = |args: &[&str]| ruled(&env, "unique-labels no-data-objects").run(args);
    for label in ["a", "b", "zz", "zz-v2"] {
        on(&[&CREATE[..], &[label]].concat()).success();
    }
    let taken = on(&["key", "rotate", "--label", "zz"]).fails(8).saying("--label zz-v2 --rename NEW_LABEL");
    assert!(!taken.stderr_text().contains("--allow-duplicate-label"), "{taken}");
    on(&["key", "rotate", "--label", "a"]).success();
    on(&["key", "update", "--label", "b", "--rename", "a-v2"]).fails(8).saying("\"a-v2\" already exists");
    // The key may be renamed, but not its second version.
    on(&["key", "update", "--label", "a", "--rename", "zz"]).fails(8);
    on(&["key", "delete", "--label", "zz", "--yes"]).success();
    on(&["key", "update", "--label", "a", "--rename", "zz"]).fails(8).saying("\"zz-v2\" already exists");
    assert_eq!(env.labels(), ["a", "b", "zz-v2"]);
}

/// The first refusal is the one that stays when records are in a directory.
#[test]
fn the_final_refusal_comes_first() {
    let env = token::softhsm();
    pkcs11_tool(&env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "web", "--id", "01"]);
    for rules in ["card no-data-objects", "sign-only"] {
        let run = |args: &[&str]| ruled(&env, rules).with("KMSCTL_FAULT_PIN", token::PIN).run(args);
        for more in [&[][..], &["--records", "records"]] {
            let rotate = run(&[&["key", "rotate", "--label", "web"], more].concat()).fails(6);
            rotate.saying("the token refused a new version of key \"web\"");
            let rename =
                run(&[&["key", "update", "--label", "web", "--rename", "x"], more].concat()).fails(6);
            rename.saying("does not allow label \"web\" to be changed");
        }
        let disable = run(&["key", "disable", "--label", "web"]).fails(6);
        disable.saying("`--records DIR`");
    }
}

fn findings(output: &Output) -> Vec<serde_json::Value> {
    output.json()["findings"].as_array().expect("findings").clone()
}

/// One finding for all old versions that a token lets sign; a change of the key names the version that it cannot take out of
/// use.
#[test]
fn old_versions_that_the_token_lets_sign() {
    let env = token::softhsm();
    let on = |args: &[&str]| ruled(&env, "C_SetAttributeValue").run(args);
    on(&[&CREATE[..], &["web"]].concat()).success();
    for _ in 0..3 {
        on(&["key", "rotate", "--label", "web"]).success();
    }
    let doctor = on(&["doctor", "--json"]);
    let more: Vec<_> =
        findings(&doctor).into_iter().filter(|one| one["code"] == "MORE_THAN_RECORDED").collect();
    assert_eq!(more.len(), 1, "{doctor}");
    assert!(more[0]["message"].as_str().expect("a text").contains("versions 1, 2 and 3"), "{doctor}");
    on(&["key", "disable", "--label", "web", "--key-version", "1"]).success();
    let memo = on(&["key", "update", "--label", "web", "--memo", "x"]).success();
    assert!(memo.stderr_text().contains("version"), "{memo}");
    assert!(!memo.stderr_text().contains("kmsctl refuses the key"), "{memo}");
}

#[test]
fn doctor_advises_what_the_token_can_follow() {
    let env = token::softhsm();
    for id in ["01", "02"] {
        pkcs11_tool(&env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "web", "--id", id]);
    }
    let shared = |rules: &str| {
        let found = findings(&ruled(&env, rules).run(["doctor", "--json"]));
        found.into_iter().find(|one| one["code"] == "SHARED_LABEL").expect("a finding")
    };
    assert!(shared("")["remedy"].as_str().expect("a remedy").contains("--rename"));
    let fixed = shared("C_SetAttributeValue");
    assert_eq!(fixed["level"], "info", "{fixed}");
    assert!(!fixed["remedy"].as_str().expect("a remedy").contains("--rename"), "{fixed}");
    let card = ruled(&env, "card").run(["doctor"]);
    assert!(card.text().contains("lets only its administrator make keys"), "{card}");
    assert!(card.text().contains("no enabled key here does it"), "{card}");
}

/// A timer would run a command that the profile refuses.
#[test]
fn no_timer_for_a_token_that_is_only_used() {
    let env = token::softhsm();
    let module = module();
    env.run(["--module", path_text(&module), "config", "add-profile", "x"]).success();
    let place = PathBuf::from(env.variable("XDG_CONFIG_HOME")).join("kmsctl/config.toml");
    let text = std::fs::read_to_string(&place).expect("the profile");
    std::fs::write(&place, format!("{text}mode = \"use\"\n")).expect("the profile");
    let refused = env.run(["--profile", "x", "key", "timer"]).fails(6);
    assert!(refused.stdout.is_empty(), "{refused}");
}
