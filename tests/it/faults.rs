//! Call counts, and tokens that fail, die or return wrong answers at any call.

use std::fs;

use crate::support::{
    Run, TestEnv,
    fault::{self, Call, watched},
    field, oracle, process, token,
};

token::on_both_tokens!(
    signing_by_label_takes_few_calls,
    listing_reads_each_object_at_most_twice,
    a_refused_pin_is_tried_once,
    a_failing_call_never_gives_a_wrong_signature,
    a_failed_creation_leaves_no_partial_key,
    a_killed_creation_leaves_no_partial_key,
    a_wrong_signature_from_the_token_is_not_returned,
    absurd_answers_do_no_harm,
    a_search_may_return_fewer_objects_than_requested,
    a_public_key_may_report_that_it_is_not_sensitive,
    a_missing_attribute_may_be_reported_with_any_value,
    a_public_key_may_be_readable_only_after_a_login,
    a_module_may_offer_only_c_get_interface,
    a_token_may_have_no_random_generator,
    a_missing_device_is_reported,
    a_given_pin_takes_precedence_over_a_pin_pad,
    labels_cannot_control_the_terminal,
);

const SIGN: [&str; 9] =
    ["sign", "--label", "web", "--in", "message", "--encoding", "binary", "--out", "out.sig"];
const CREATE: [&str; 6] = ["key", "create", "--label", "web", "--algorithm", "ec-p256"];

/// The calls of a successful run.
#[track_caller]
fn calls(env: &TestEnv, args: &[&str]) -> Vec<Call> {
    watched(env).run(args).success();
    fault::take_calls(env)
}

/// Runs with a fault and returns whether the run succeeded. A failed run must have a documented exit code and an error
/// message, not a panic or a signal.
#[track_caller]
fn survives(env: &TestEnv, fault: &str, args: &[&str]) -> bool {
    let output = watched(env).with("KMSCTL_FAULT", fault).run(args);
    let code = output.status.code().unwrap_or_else(|| panic!("{fault}\n{output}"));
    assert!((0..=8).contains(&code), "{fault}\n{output}");
    assert_eq!(code != 0, output.stderr_text().contains("error: "), "{fault}\n{output}");
    code == 0
}

/// Whether a call changes the token, so that failing after it differs from failing before it.
fn changes_the_token(call: &Call) -> bool {
    !["C_Get", "C_Find", "C_Close", "C_Finalize"].iter().any(|start| call.function.starts_with(start))
}

fn signing_by_label_takes_few_calls(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let calls = calls(env, &SIGN);
    assert!(oracle::accepts(env, "ES256", &env.public_key("web"), "out.sig", "message"));
    assert!(calls.len() <= 24, "{} calls: {calls:#?}", calls.len());
    assert_eq!(calls.first().expect("calls").function, "C_Initialize");
    assert_eq!(calls.last().expect("calls").function, "C_Finalize");
}

fn listing_reads_each_object_at_most_twice(env: &TestEnv) {
    for label in ["one", "two", "three"] {
        env.create(label, "ec-p256");
    }
    let calls = calls(env, &["key", "list"]);
    let reads = calls.iter().filter(|call| call.function == "C_GetAttributeValue").count();
    // A private key, a public key and a record for each label.
    assert!((3..=2 * 9).contains(&reads), "{reads} reads: {calls:#?}");
}

fn a_refused_pin_is_tried_once(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    // CKR_PIN_INCORRECT; the real token never sees the PIN.
    watched(env).with("KMSCTL_FAULT", "C_Login:1 fail-before 0xa0").run(SIGN).fails(5);
    let logins = fault::take_calls(env).into_iter().filter(|call| call.function == "C_Login");
    assert_eq!(logins.map(|call| call.rv).collect::<Vec<_>>(), [Some(0xa0)]);
}

fn a_failing_call_never_gives_a_wrong_signature(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let key = env.public_key("web");
    let count = calls(env, &SIGN).len();
    for number in 1..=count {
        // A device error, a buffer that is never large enough, and what a dead remote returns.
        for what in
            ["fail-before 0x30", "fail-after 0x30", "fail-before 0x150", "fail-before 0xffffffffffffffff"]
        {
            let fault = format!("{number} {what}");
            let succeeded = survives(env, &fault, &SIGN);
            assert_eq!(env.file("out.sig").exists(), succeeded, "{fault}");
            if succeeded {
                assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{fault}");
                fs::remove_file(env.file("out.sig")).expect("removed");
            }
        }
    }
}

/// Asserts that after a failed creation there is no key or one that works, and deletes it.
#[track_caller]
fn no_partial_key_is_left(env: &TestEnv, fault: &str) {
    match env.labels().as_slice() {
        [] => {}
        [one] if one == "web" => {
            let signed = env.run(SIGN);
            assert_eq!(signed.status.code(), Some(0), "{fault}\n{signed}");
            env.run(["key", "delete", "--label", "web", "--yes"]).success();
            assert!(env.labels().is_empty(), "{fault}");
        }
        others => panic!("{fault}: {others:?}"),
    }
}

fn a_failed_creation_leaves_no_partial_key(env: &TestEnv) {
    env.write("message", "m");
    // The first key of the embedded token is created together with the key for record MACs.
    env.run(CREATE).success();
    no_partial_key_is_left(env, "the first");
    let calls = calls(env, &CREATE);
    no_partial_key_is_left(env, "no fault");
    for (number, call) in (1..).zip(&calls) {
        survives(env, &format!("{number} fail-before 0x30"), &CREATE);
        no_partial_key_is_left(env, &format!("{number} before {call:?}"));
        if changes_the_token(call) {
            survives(env, &format!("{number} fail-after 0x30"), &CREATE);
            no_partial_key_is_left(env, &format!("{number} after {call:?}"));
        }
    }
}

fn a_killed_creation_leaves_no_partial_key(env: &TestEnv) {
    env.write("message", "m");
    env.run(CREATE).success();
    no_partial_key_is_left(env, "the first");
    let calls = calls(env, &CREATE);
    no_partial_key_is_left(env, "no fault");
    for (number, call) in (1..).zip(&calls) {
        let output = watched(env).with("KMSCTL_FAULT", format!("{number} kill-before")).run(CREATE);
        assert_eq!(output.status.code(), None, "not killed before {call:?}\n{output}");
        no_partial_key_is_left(env, &format!("killed before call {number}, {call:?}"));
    }
    env.run(CREATE).success();
}

fn a_wrong_signature_from_the_token_is_not_returned(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let output = watched(env).with("KMSCTL_FAULT_LIES", "C_Sign=0102030405060708").run(SIGN);
    assert!(matches!(output.status.code(), Some(1 | 6)), "{output}");
    assert!(!env.file("out.sig").exists());
}

/// A point that is not on the curve. Computing with it unchecked happens in another, weaker group.
const OFF_CURVE: &str = concat!(
    "0x181=044104",
    "0000000000000000000000000000000000000000000000000000000000000001",
    "0000000000000000000000000000000000000000000000000000000000000001"
);

/// An even number of 2048 bits, which is not a product of two odd primes.
fn even_modulus() -> String {
    format!("0x120=c0{}", "00".repeat(255))
}

/// Wrong answers, each with the label of the key whose public key then cannot be shown.
const ABSURDITIES: [(&str, Option<&str>); 17] = [
    // Lengths of CKA_LABEL, CKA_ID, CKA_EC_POINT, CKA_EC_PARAMS, CKA_CLASS, CKA_MODULUS; CKA_MODULUS_BITS.
    ("0x3#18446744073709551615", None),
    ("0x3#1099511627776", None),
    ("0x102#1099511627776", None),
    ("0x181#1099511627776", Some("web")),
    ("0x180#0", Some("web")),
    ("0x0#0", Some("web")),
    ("0x120#0", Some("old")),
    // A gigabyte each: CKA_MODULUS, CKA_EC_POINT, and CKA_VALUE of the record.
    ("0x120#1073741824", Some("old")),
    ("0x181#1073741824", Some("web")),
    ("0x11#1073741824", None),
    ("0x121=ffffffffffffffff", None),
    (OFF_CURVE, Some("web")),
    ("0x181=0441", Some("web")),
    // More handles, slots, mechanisms and bytes than the buffer holds.
    ("C_FindObjects#1000000", Some("web")),
    ("C_GetSlotList#1000000", None),
    ("C_GetMechanismList#1000000", None),
    ("C_Sign#1000000", None),
];

fn absurd_answers_do_no_harm(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("old", "rsa-2048");
    env.write("message", "m");
    let key = env.public_key("web");
    let even = even_modulus();
    for (lie, hidden) in ABSURDITIES.into_iter().chain([(even.as_str(), Some("old"))]) {
        let run = |args: &[&str]| {
            // Limits memory, so that allocating a gigabyte fails.
            let bounded = ["-c", "ulimit -v 1000000; exec kmsctl \"$@\"", "kmsctl"];
            let command =
                watched(env).with("KMSCTL_FAULT_LIES", lie).command("bash", [&bounded[..], args].concat());
            let output = process::run(command, b"", env.root());
            let code = output.status.code().unwrap_or_else(|| panic!("{lie}\n{output}"));
            assert!((0..=8).contains(&code), "{lie}\n{output}");
            output
        };
        run(&["key", "list"]);
        run(&["key", "show", "--label", "old"]);
        if let Some(label) = hidden {
            let args = ["key", "show", "--label", label, "--pem"];
            let shown = run(&args);
            // The private half may give the public key; what the lie says is never shown.
            let right = if shown.status.success() { env.run(args).success().stdout } else { Vec::new() };
            assert_eq!(shown.stdout, right, "{lie}\n{shown}");
        }
        let signed = run(&SIGN);
        assert_eq!(env.file("out.sig").exists(), signed.status.success(), "{lie}\n{signed}");
        if signed.status.success() {
            assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{lie}");
            fs::remove_file(env.file("out.sig")).expect("removed");
        }
    }
}

/// By the standard, a search that returns fewer objects than requested may have more.
fn a_search_may_return_fewer_objects_than_requested(env: &TestEnv) {
    for number in 0..21 {
        env.create(&format!("aes-{number}"), "aes-256");
    }
    let listed = |run: Run<'_>| run.run(["key", "list", "--json"]).success().json();
    let whole = listed(watched(env));
    assert_eq!(whole.as_array().map(Vec::len), Some(21));
    assert_eq!(whole, listed(watched(env).with("KMSCTL_FAULT_PORTION", "16")));
}

/// wolfPKCS11 reports `CKA_SENSITIVE` and `CKA_EXTRACTABLE` for public keys.
fn a_public_key_may_report_that_it_is_not_sensitive(env: &TestEnv) {
    watched(env).with("KMSCTL_FAULT_LIES", "0x103?00 0x162?01").run(CREATE).success();
    env.write("message", "m");
    env.run(SIGN).success();
    // For a private key it is still an error.
    let create = ["key", "create", "--label", "bad", "--algorithm", "ec-p256"];
    let refused = watched(env).with("KMSCTL_FAULT_LIES", "0x103=00").run(create).fails(6);
    assert!(refused.stderr_text().contains("CKA_SENSITIVE is FALSE"), "{refused}");
}

/// wolfPKCS11 returns `CK_UNAVAILABLE_INFORMATION`, which is not a `CKR_` value, when a requested attribute is missing.
fn a_missing_attribute_may_be_reported_with_any_value(env: &TestEnv) {
    let odd = || watched(env).with("KMSCTL_FAULT", "C_GetAttributeValue:1+ fail-after 0xffffffffffffffff");
    odd().run(CREATE).success();
    env.write("message", "m");
    odd().run(SIGN).success();
    let listed = |run: Run<'_>| run.run(["key", "list", "--json"]).success().json();
    assert_eq!(listed(odd()), listed(watched(env)));
    // A dead remote returns the same value, but reads no attribute.
    let dead = watched(env).with("KMSCTL_FAULT", "C_GetAttributeValue:1+ fail-before 0xffffffffffffffff");
    dead.run(["key", "list"]).fails(6);
}

/// wolfPKCS11 lists public keys before a login, but with an empty modulus.
fn a_public_key_may_be_readable_only_after_a_login(env: &TestEnv) {
    env.create("web", "rsa-2048");
    let logins = |calls: Vec<Call>| calls.iter().filter(|call| call.function == "C_Login").count();
    let show = ["key", "show", "--label", "web", "--pem", "--no-input"];
    watched(env).without("KMSCTL_PIN_FILE").run(show).success();
    assert_eq!(logins(fault::take_calls(env)), 0);
    watched(env).without("KMSCTL_PIN_FILE").with("KMSCTL_FAULT_LIES", "0x120#0").run(show).fails(5);
    assert_eq!(logins(fault::take_calls(env)), 0);
    watched(env).with("KMSCTL_FAULT_LIES", "0x120#0").run(show).fails(4);
    assert_eq!(logins(fault::take_calls(env)), 1);
}

fn a_module_may_offer_only_c_get_interface(env: &TestEnv) {
    watched(env).with("KMSCTL_FAULT_ENTRY", "interface").run(CREATE).success();
    let none = watched(env).with("KMSCTL_FAULT_ENTRY", "none").run(["key", "list"]).fails(6);
    let text = none.stderr_text();
    assert!(text.contains("returns no function list") && text.contains("CKR_GENERAL_ERROR"), "{none}");
}

/// Only `kmsctl random`, which needs the token's random numbers, fails.
fn a_token_may_have_no_random_generator(env: &TestEnv) {
    let without = || watched(env).with("KMSCTL_FAULT", "C_GenerateRandom:1+ fail-before 0x121");
    without().run(CREATE).success();
    env.create("data", "aes-256");
    env.write("message", "m");
    without().run(["encrypt", "--label", "data", "--in", "message", "--out", "sealed"]).success();
    assert_eq!(env.run(["decrypt", "--in", "sealed"]).success().text(), "m");
    without().run(["random", "16"]).fails(6);
}

fn a_missing_device_is_reported(env: &TestEnv) {
    let faulty = |fault: &str| watched(env).with("KMSCTL_FAULT", fault);
    let empty = || watched(env).with("KMSCTL_FAULT_LIES", "C_GetSlotList#0");
    let hint = "check that the device is connected";
    let output = empty().run(["key", "list"]).fails(6);
    assert!(output.stderr_text().contains("the module shows no token"), "{output}");
    assert!(output.stderr_text().contains(hint), "{output}");
    let output = empty().run(["token", "list", "--json"]).success();
    assert_eq!(output.json(), serde_json::json!([]));
    // ykcs11 without pcscd.
    let output = faulty("C_GetSlotList:1+ fail-before 0x30").run(["key", "list"]).fails(6);
    assert!(output.stderr_text().contains(hint), "{output}");
    // p11-kit's trust module.
    let output = faulty("C_OpenSession:1+ fail-before 0xe2").run(CREATE).fails(6);
    assert!(output.stderr_text().contains("token \"test\" is write-protected"), "{output}");
}

fn a_given_pin_takes_precedence_over_a_pin_pad(env: &TestEnv) {
    // Label, manufacturer, model and serial number; then CKF_TOKEN_INITIALIZED, CKF_PROTECTED_AUTHENTICATION_PATH,
    // CKF_USER_PIN_INITIALIZED, CKF_LOGIN_REQUIRED and CKF_RNG.
    let (label, blank) = (format!("74657374{}", "20".repeat(28)), "20".repeat(64));
    let pad = || {
        let lie = format!("C_GetTokenInfo={label}{blank}0d05000000000000");
        watched(env).with("KMSCTL_FAULT_LIES", lie)
    };
    // SoftHSM's free slot gets the same forged information, so the slot is selected by number.
    let slot = watched(env).run(["token", "show", "--json"]).success().json()["slot"].to_string();
    let there = ["--slot", slot.as_str()];
    pad().run([&there[..], &CREATE].concat()).success();
    let output = pad().without("KMSCTL_PIN_FILE").run([&there[..], &["key", "list"]].concat());
    assert!(output.stderr_text().contains("on the token's own key pad"), "{output}");
}

fn labels_cannot_control_the_terminal(env: &TestEnv) {
    env.create("web", "ec-p256");
    // `ESC [2J` clears the screen. It is the label of the key, whose record is unreadable, and of all tokens.
    let lies = "0x3=1b5b324a 0x11=00 C_GetTokenInfo=1b5b324a";
    let token = field(&env.run(["token", "show", "--json"]).success().json(), "serial").to_owned();
    let run = |lies: &str, args: &[&str]| {
        let output = watched(env).with("KMSCTL_FAULT_LIES", lies).run(args);
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{output}");
        output
    };
    let listed = run(lies, &["--token", &token, "key", "list"]).success();
    assert!(listed.text().contains(r"\u{1b}[2J"), "{listed}");
    run(lies, &["--token", &token, "--verbose", "key", "show", "--label", "web"]).fails(4);
    // The list of candidates when no token matches.
    run(lies, &["--token", "another", "key", "list"]).saying(r"$'\033[2J'");
}
