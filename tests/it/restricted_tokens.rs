//! Tokens that allow less than SoftHSM, one rule at a time: what is made, named and refused there. The matrix of all commands is
//! in `restricted_matrix`.

use std::{fs, path::PathBuf};

use crate::support::{
    TestEnv,
    fault::{module, own_and_foreign_pair, ruled},
    field,
    oracle::{self, pkcs11_tool},
    path_text, token,
};

/// What the token does not destroy is named, never denied.
#[test]
fn objects_that_stay_are_named() {
    let env = token::softhsm();
    let rules = "label-reads-as-id C_DestroyObject=0x1b";
    let create = ["key", "create", "--label", "new", "--algorithm", "ec-p256"];
    let failed = ruled(&env, rules).run(create).fails(6).saying("did not destroy its");
    assert!(!failed.stderr_text().contains("nothing was left"), "{failed}");
}

/// A schedule is refused where the token makes no new versions.
#[test]
fn a_schedule_that_cannot_be_kept() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let update = ["key", "update", "--label", "web", "--auto-rotate", "on"];
    ruled(&env, "card").run(update).fails(6).saying("refused a new version of key \"web\"");
    ruled(&env, "small-hsm").run(update).success();
    let create = ["key", "create", "--label", "new", "--algorithm", "ec-p256", "--auto-rotate"];
    for rules in ["unique-labels no-data-objects", "label-reads-as-id"] {
        let ruled = |args: &[&str]| ruled(&env, rules).run([args, &["--records", "records"]].concat());
        ruled(&create).success();
        ruled(&["key", "delete", "--label", "new", "--yes"]).success();
    }
}

/// Where a label is taken once, a later version has its own, which follows a new name of the key; the key is used, listed and
/// selected as everywhere.
#[test]
fn versions_with_labels_of_their_own() {
    let mut env = token::softhsm();
    let records = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records));
    let ruled = |args: &[&str]| ruled(&env, "unique-labels no-data-objects").run(args);
    env.write("message", "m");
    ruled(&["key", "create", "--label", "web", "--algorithm", "ec-p256"]).success();
    ruled(&["sign", "--label", "web", "--in", "message", "--out", "old"]).success();
    for _ in 0..2 {
        ruled(&["key", "rotate", "--label", "web"]).success();
    }
    let labels = |env: &TestEnv| {
        let listed = pkcs11_tool(env, &["--list-objects", "--type", "privkey"]);
        let listed = listed.text();
        let mut labels: Vec<_> = listed
            .lines()
            .filter_map(|line| Some(line.trim().strip_prefix("label:")?.trim().to_owned()))
            .collect();
        labels.sort();
        labels
    };
    assert_eq!(labels(&env), ["web", "web-v2", "web-v3"]);
    assert_eq!(env.labels(), ["web"]);
    ruled(&["key", "update", "--label", "web", "--rename", "shop"]).success();
    assert_eq!(labels(&env), ["shop", "shop-v2", "shop-v3"]);
    assert_eq!(env.keys()[0]["version"], 3);
    ruled(&["sign", "--label", "shop", "--in", "message", "--out", "new"]).success();
    for (version, signature) in [("1", "old"), ("3", "new")] {
        let verify = ["verify", "--label", "shop", "--key-version", version, "--in", "message"];
        ruled(&[&verify[..], &["--signature", signature]].concat()).success();
    }
    // The URI has the label of the version's objects.
    let uri = env.keys()[0]["uri"].as_str().expect("a URI").to_owned();
    assert!(uri.contains("object=shop-v3"), "{uri}");
    ruled(&["sign", "--uri", &uri, "--in", "message", "--out", "by-uri"]).success();
    let doctor = ruled(&["doctor", "--json"]).json();
    let codes: Vec<_> =
        doctor["findings"].as_array().expect("findings").iter().map(|one| &one["code"]).collect();
    assert!(!codes.iter().any(|code| *code == "OTHER_LABEL" || *code == "STRAY_OBJECT"), "{doctor}");
    ruled(&["key", "delete", "--label", "shop", "--yes"]).success();
    assert_eq!(labels(&env), [""; 0]);
}

/// The label of a later version may be taken by a key of another name. Then nothing is made.
#[test]
fn the_label_of_a_version_is_taken() {
    let mut env = token::softhsm();
    let records = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records));
    for label in ["web", "web-v2"] {
        env.create(label, "ec-p256");
    }
    let rotate = ["key", "rotate", "--label", "web"];
    ruled(&env, "unique-labels no-data-objects").run(rotate).fails(8).saying("needs the label \"web-v2\"");
    assert_eq!(env.labels(), ["web", "web-v2"]);
    assert_eq!(env.keys()[0]["version"], 1);
}

/// What was learnt is kept in the profile beside everything else, and replaced when it is learnt again.
#[test]
fn facts_are_kept_in_the_profile() {
    let env = token::softhsm();
    let learn = |rules: &str| ruled(&env, rules).run(["--profile", "x", "--json", "config", "learn"]);
    let place = PathBuf::from(env.variable("XDG_CONFIG_HOME")).join("kmsctl/config.toml");
    let profile = format!("# mine\n[profile.x] # the HSM\nmodule = {:?} # here\n", path_text(&module()));
    env.run(["config", "add-profile", "x", "--slot", "1"]).success();
    fs::write(&place, &profile).expect("the profile");
    let learnt = learn("unique-labels-hsm").success().json();
    assert_eq!(learnt["changed"], true, "{learnt}");
    let text = fs::read_to_string(&place).expect("the profile");
    let facts = "template=full-private sessions=read-write label=apart labels=unique uses=changeable records=in-files iv=of-token";
    let (before, after) = text.split_once("learnt = \"slot=").expect("what was learnt");
    assert_eq!(before, profile);
    assert!(after.ends_with(&format!(" {facts}\"\n")), "{text}");
    assert_eq!(learn("unique-labels-hsm").success().json()["changed"], false);
    learn("").success();
    let text = fs::read_to_string(&place).expect("the profile");
    assert!(
        text.starts_with(&profile) && text.contains("sessions=read-only") && text.contains("labels=shared"),
        "{text}"
    );
    assert_eq!(pkcs11_tool(&env, &["--list-objects"]).text(), "", "something was left");
    // Facts of one token are not written into the profile of another.
    ruled(&env, "").run(["--profile", "x", "--slot", "7", "config", "learn"]).fails(6);
    let module = module();
    ruled(&env, "")
        .run(["--profile", "x", "--module", path_text(&module), "config", "learn"])
        .fails(2)
        .saying("does not name the token");
    ruled(&env, "").run(["config", "learn"]).fails(2).saying("no profile");
    fs::write(&place, format!("{profile}learnt = \"sessions=often\"\n")).expect("the profile");
    env.run(["--profile", "x", "key", "list"]).fails(2).saying("is not a fact about a token");
}

/// On a token that does not change attributes `doctor` has no advice to change them, and it names record files that nothing but
/// their directory protects.
#[test]
fn doctor_gives_no_advice_that_cannot_be_followed() {
    let mut env = token::softhsm();
    let records = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records));
    env.create("web", "ec-p256");
    let fixed = "C_SetAttributeValue";
    ruled(&env, fixed).run(["key", "disable", "--label", "web"]).success();
    let findings = |rules: &str| {
        let doctor = ruled(&env, rules).run(["doctor", "--json"]).json();
        doctor["findings"].as_array().expect("findings").clone()
    };
    let of = |findings: &[serde_json::Value], code: &str| {
        findings.iter().find(|one| one["code"] == code).cloned().unwrap_or_default()
    };
    let usable = of(&findings(fixed), "USABLE_THOUGH_FORBIDDEN");
    assert_eq!((&usable["level"], &usable["repairable"]), (&"info".into(), &false.into()), "{usable}");
    assert!(usable["remedy"].is_null(), "{usable}");
    // Another token changes them.
    let usable = of(&findings(""), "USABLE_THOUGH_FORBIDDEN");
    assert_eq!((&usable["level"], &usable["repairable"]), (&"error".into(), &false.into()), "{usable}");
    assert!(field(&usable, "remedy").contains("kmsctl key disable --label web"), "{usable}");
    assert!(of(&findings(""), "RECORD_WITHOUT_MAC").is_null());

    let env = token::softhsm();
    let without_mac = "card";
    pkcs11_tool(
        &env,
        &["--keygen", "--key-type", "AES:32", "--label", "box", "--id", "01", "--private", "--sensitive"],
    );
    let disable = ["key", "disable", "--label", "box", "--records", "records"];
    ruled(&env, without_mac).run(disable).success();
    let doctor = ruled(&env, without_mac).run(["doctor", "--records", "records", "--json"]).json();
    let bare = of(doctor["findings"].as_array().expect("findings"), "RECORD_WITHOUT_MAC");
    assert_eq!(bare["level"], "info", "{doctor}");
}

/// Attributes of the profile are part of the template in every form, and wrong ones are refused as what they are.
#[test]
fn attributes_of_the_profile() {
    let env = token::softhsm();
    let module = module();
    let add = |attributes: &str| {
        env.run([
            "--module",
            path_text(&module),
            "config",
            "add-profile",
            "x",
            "--replace",
            "--key-attributes",
            attributes,
        ])
    };
    let create = |rules: &str, algorithm: &str| {
        ruled(&env, rules).run([
            "--profile",
            "x",
            "key",
            "create",
            "--label",
            algorithm,
            "--algorithm",
            algorithm,
        ])
    };
    for bad in ["ec-p256", "ec-p256:1=2", "nothing:0x80000001=1"] {
        add(bad).fails(2);
    }
    add("ec-p256:0x8001e101=12").success();
    create("label-and-algorithm", "ec-p256").success();
    create("label-and-algorithm", "aes-256").fails(6);
    assert_eq!(env.labels(), ["ec-p256"]);
    // The number of another algorithm.
    add("ec-p256:0x8001e101=5").success();
    env.run(["key", "delete", "--label", "ec-p256", "--yes"]).success();
    create("label-and-algorithm", "ec-p256").fails(6);
    assert_eq!(env.labels(), [""; 0]);
}

/// A session key that fails destroys nothing, whose label and CKA_ID are those of a new key.
#[test]
fn a_trial_that_fails_leaves_the_new_key() {
    let env = token::softhsm();
    let create = ["key", "create", "--label", "new", "--algorithm", "ec-p256", "--auto-rotate"];
    // The third pair is the trial for the schedule, after one that shows the rule, and the key.
    let run = ruled(&env, "label-reads-as-id").with("KMSCTL_FAULT", "C_GenerateKeyPair:3 fail-before 0x6");
    run.run(create).success();
    env.write("message", "m");
    env.run(["sign", "--label", "new", "--in", "message"]).success();
}

/// Where a label is taken once, also by data objects, a record is replaced all the same, and keeps the label of its key.
#[test]
fn a_record_is_replaced_where_labels_are_unique() {
    let env = own_and_foreign_pair();
    for label in ["web", "foreign"] {
        let change = |command: &[&str]| {
            ruled(&env, "unique-labels").run([command, &["--label", label]].concat()).success();
            let listed = pkcs11_tool(&env, &["--list-objects", "--type", "data"]);
            let own =
                listed.text().lines().filter(|line| line.trim() == format!("label:          '{label}'"));
            assert_eq!(own.count(), 1, "{command:?}: {}", listed.text());
        };
        change(&["key", "disable"]);
        ruled(&env, "unique-labels").run(["sign", "--label", label, "--in", "message"]).fails(7);
        change(&["key", "enable"]);
        change(&["key", "update", "--memo", "x"]);
        change(&["key", "rotate"]);
        ruled(&env, "unique-labels").run(["sign", "--label", label, "--in", "message"]).success();
        ruled(&env, "unique-labels").run(["key", "delete", "--label", label, "--yes"]).success();
    }
    assert_eq!(pkcs11_tool(&env, &["--list-objects"]).text(), "");
}

/// Each half of a pair reads as if it had the uses of both, and EC keys are made only by a template that forbids nothing
/// (tpm2-pkcs11 1.9): what a half cannot do anyway does not count, and the rest is forbidden afterwards.
#[test]
fn uses_that_a_template_cannot_forbid_are_forbidden_afterwards() {
    let env = token::softhsm();
    let ruled = |args: &[&str]| ruled(&env, "nothing-forbidden uses-of-both-halves").run(args);
    let made = ruled(&["key", "create", "--label", "web", "--algorithm", "ec-p256"]).success();
    assert!(!made.stderr_text().contains("stay TRUE"), "{made}");
    ruled(&["doctor"]).success();
    ruled(&["key", "disable", "--label", "web"]).success();
    ruled(&["doctor"]).success();
    ruled(&["key", "enable", "--label", "web"]).success();
    ruled(&["sign", "--label", "web", "--in", "/etc/hostname"]).success();
    let listed = pkcs11_tool(&env, &["--list-objects", "--type", "privkey"]);
    assert!(listed.text().contains("Usage:      sign\n"), "{listed}");
}

/// An object that is gone is an invalid key handle (tpm2-pkcs11 1.9). A key without a record is destroyed whole.
#[test]
fn an_object_that_is_gone_may_be_an_invalid_key() {
    let env = token::softhsm();
    pkcs11_tool(&env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "theirs", "--id", "77"]);
    env.create("web", "ec-p256");
    for label in ["theirs", "web"] {
        let delete = ["key", "delete", "--label", label, "--yes"];
        let deleted = ruled(&env, "gone-is-key-handle").run(delete).success();
        assert!(deleted.stderr_text().contains("private key, public key"), "{deleted}");
    }
    assert!(env.labels().is_empty());
}

/// A token that makes no session keys, whose keys list their mechanisms (tpm2-pkcs11): they show what it does.
#[test]
fn doctor_tries_keys_that_are_restricted_to_mechanisms() {
    let env = token::softhsm();
    let mechanisms = "RSA-PKCS,RSA-PKCS-PSS,RSA-PKCS-OAEP";
    let pair = ["--keypairgen", "--key-type", "RSA:2048", "--label", "theirs", "--id", "77"];
    pkcs11_tool(&env, &[&pair[..], &["--allowed-mechanisms", mechanisms]].concat());
    let doctor = ruled(&env, "C_GenerateKeyPair=0xb5").run(["doctor", "--json"]).json();
    let result = |of: &str| {
        let found = doctor["mechanisms"].as_array().expect("mechanisms").iter().find(|one| one["use"] == of);
        found.unwrap_or_else(|| panic!("{of}: {doctor}"))["result"].clone()
    };
    assert_eq!(result("RSA signatures, PKCS #1"), "works", "{doctor}");
    assert_eq!(result("RSA signatures, PSS"), "works", "{doctor}");
    assert_eq!(result("ECDSA signatures, P-256"), "untried", "{doctor}");
}

/// tpm2-pkcs11 1.9 reads the parameters of a mechanism when the digest of a streamed message is signed.
#[test]
fn parameters_of_a_mechanism_outlive_its_start() {
    let env = token::softhsm();
    env.create("web", "rsa-2048");
    env.write("message", vec![0; 100_000]);
    let sign = ["sign", "--label", "web", "--algorithm", "PS256", "--in", "message", "--out", "signature"];
    ruled(&env, "reads-parameters-late").run(sign).success();
}

/// A token that stores no `CKA_OBJECT_ID` (openCryptoki) refuses a key that it has, too.
#[test]
fn a_key_that_is_present_without_object_ids() {
    let env = token::softhsm();
    let ruled = |args: &[&str]| ruled(&env, "no-object-ids").run(args);
    oracle::tool(&env, "openssl", &["genrsa", "-out", "key.pem", "2048"]);
    let import = |label| ["key", "import", "--label", label, "--in", "key.pem"];
    ruled(&import("web")).success();
    ruled(&import("shop")).fails(8).saying("this key is already on the token: \"web\"");
    assert_eq!(env.labels(), ["web"]);
    ruled(&["doctor"]).success();
}

/// A day's work with the full life of a key, on each kind that allows it: `doctor` warns of nothing that kmsctl has made, and no list
/// has the key that authenticates records.
#[test]
fn a_days_work_leaves_nothing_to_warn_of() {
    let attributes = r#"key-attributes = "ec-p256:0x8001e101=12, hmac-256:0x8001e101=32""#;
    for (rules, profile) in
        [("cloud-keys", attributes), ("unique-labels-hsm", ""), ("small-hsm", ""), ("label-is-id", "")]
    {
        let mut env = token::softhsm();
        let module = module();
        env.set("KMSCTL_FAULT_PIN", token::PIN);
        let place = PathBuf::from(env.variable("XDG_CONFIG_HOME")).join("kmsctl/config.toml");
        env.run(["config", "add-profile", "x", "--module", path_text(&module)]).success();
        let text = fs::read_to_string(&place).expect("the profile");
        fs::write(&place, format!("{text}records = \"records\"\n{profile}\n")).expect("the profile");
        let run = |line: &str| {
            let run = ruled(&env, rules);
            let run = if rules == "cloud-keys" { run.without("KMSCTL_PIN_FILE") } else { run };
            run.run(line.split(' ').chain(["--profile", "x"]))
        };
        env.write("message", "m");
        run("key create --label app --algorithm ec-p256").success();
        run("sign --label app --in message --out signature").success();
        run("key rotate --label app").success();
        let label = match run("key update --label app --rename shop").status.code() {
            Some(0) => "shop",
            _ => "app",
        };
        for line in [
            "key update --label LABEL --memo x --auto-rotate",
            "verify --label LABEL --in message --signature signature",
            "key disable --label LABEL",
            "key enable --label LABEL",
            "sign --label LABEL --in message",
            "jwt sign --label LABEL --sub a --ttl 5m",
        ] {
            run(&line.replace("LABEL", label)).success();
        }
        let listed = run("key list --json").success().json();
        let labels: Vec<_> = listed.as_array().expect("keys").iter().map(|key| &key["label"]).collect();
        assert_eq!(labels, [label], "{rules}");
        let doctor = run("doctor --json").success().json();
        let mut findings = doctor["findings"].as_array().expect("findings").iter();
        assert!(findings.all(|one| one["level"] == "info"), "{rules}: {doctor:#}");
    }
}
