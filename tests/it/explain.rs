//! `kmsctl explain` describes every error. It needs no token, home or valid configuration.

use crate::support::TestEnv;

#[test]
fn a_code_is_explained_with_causes_and_remedies() {
    let env = TestEnv::new();
    let output = env.run(["explain", "KEY_NOT_FOUND"]).success().silent();
    for part in ["KEY_NOT_FOUND, exit 4\n", "\nUsual causes:\n", "\nWhat to do:\n", "kmsctl key list"] {
        assert!(output.text().contains(part), "{part}: {}", output.text());
    }
    let output = env.run(["explain", "ckr_pin_locked", "--json"]).success().json();
    assert_eq!(
        (&output["kind"], &output["exit"], &output["code"]),
        (&"ckr".into(), &5.into(), &"PIN_LOCKED".into())
    );
    let exit = env.run(["explain", "5", "--json"]).success().json();
    assert!(exit["related"].as_array().expect("codes").contains(&"PIN_INCORRECT".into()), "{exit}");
}

#[test]
fn the_code_in_an_error_can_be_explained() {
    let env = TestEnv::new();
    let error = env.run(["key", "list", "--json"]).fails(6).error();
    let code = error["code"].as_str().expect("a code");
    let entry = env.run(["explain", code, "--json"]).success().json();
    assert_eq!(entry["exit"], error["exit"]);
}

#[test]
fn all_codes_are_listed_and_each_is_explained() {
    let env = TestEnv::new();
    let all = env.run(["explain", "--json"]).success().json();
    let all = all.as_array().expect("an array");
    assert!(all.len() > 30);
    for entry in [&all[0], &all[all.len() - 1]] {
        let _ = env.run(["explain", entry["code"].as_str().expect("a code")]).success();
    }
    let table = env.run(["explain"]).success();
    assert_eq!(table.text().lines().count(), all.len() + 1);
}

#[test]
fn a_misspelt_code_gets_a_suggestion() {
    let env = TestEnv::new();
    let _ = env.run(["explain", "KEY_NOT_FUND"]).fails(2).saying("did you mean KEY_NOT_FOUND?");
    let _ = env.run(["explain", "nonsense"]).fails(2).saying("`kmsctl explain` lists");
}

#[test]
fn a_broken_configuration_does_not_matter() {
    let env = TestEnv::new();
    let config = env.write("broken.toml", "no toml [");
    let _ = env.with("KMSCTL_CONFIG", config).run(["explain", "3"]).success();
}
