//! `-vv` shows the function, return value and duration of every PKCS#11 call, but never an argument.

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    token,
};

token::on_both_tokens!(
    every_call_to_the_module_is_shown,
    a_failed_call_is_shown_with_its_return_value,
    calls_are_shown_only_at_vv,
);

/// The name and return value of each call in the output.
fn shown(stderr: &str) -> Vec<(String, String)> {
    let call = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            [name, rv, time, "ms"] if name.starts_with("C_") => {
                time.parse::<f64>().expect("a time in milliseconds");
                Some((name.to_owned(), rv.to_owned()))
            }
            _ => None,
        }
    };
    stderr.lines().filter_map(call).collect()
}

fn every_call_to_the_module_is_shown(env: &TestEnv) {
    env.create("web", "ec-p256");
    let pin = std::fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("the PIN");
    for args in [
        vec!["sign", "--label", "web", "-vv"],
        vec!["key", "list", "-vv"],
        vec!["-vv", "key", "rotate", "--label", "web"],
    ] {
        let output = watched(env).run(&args).success();
        let said = output.stderr_text();
        let shown = shown(&said);
        let made: Vec<_> = take_calls(env).into_iter().map(|call| call.function).collect();
        // The fault module logs the functions of its list, not how the list was obtained.
        let is_entry = |name: &String| ["C_GetInterface", "C_GetFunctionList"].contains(&name.as_str());
        let names: Vec<_> =
            shown.iter().map(|(name, _)| name.clone()).filter(|name| !is_entry(name)).collect();
        assert_eq!(names, made, "{args:?}");
        assert!(!said.contains(pin.trim_end()), "{args:?}");
    }
}

fn a_failed_call_is_shown_with_its_return_value(env: &TestEnv) {
    env.create("web", "ec-p256");
    let failed =
        watched(env).with("KMSCTL_FAULT", "C_Sign:1+ fail-before 0x6").run(["sign", "--label", "web", "-vv"]);
    let said = failed.fails(6).stderr_text();
    let expected = ("C_Sign".to_owned(), "CKR_FUNCTION_FAILED".to_owned());
    assert!(shown(&said).contains(&expected), "{said}");
    env.write("wrong", "not-the-pin");
    let said = env.run(["sign", "--label", "web", "-vv", "--pin-file", "wrong"]).fails(5).stderr_text();
    assert!(shown(&said).contains(&("C_Login".to_owned(), "CKR_PIN_INCORRECT".to_owned())), "{said}");
    assert!(!said.contains("not-the-pin"));
}

fn calls_are_shown_only_at_vv(env: &TestEnv) {
    env.create("web", "ec-p256");
    for args in [
        &["sign", "--label", "web", "-v"][..],
        &["sign", "--label", "web"],
        &["sign", "--label", "web", "-vv", "--json"],
    ] {
        let said = env.run(args).success().stderr_text();
        assert!(shown(&said).is_empty(), "{args:?}: {said}");
    }
}
