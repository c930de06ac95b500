//! A token that is lost during a run: commands that only read reconnect once, commands that write fail, and the number of
//! logins is limited.

use std::fs;

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    oracle, process, token,
};

token::on_both_tokens!(
    reads_reconnect_once,
    a_token_that_stays_lost_ends_the_run,
    no_reconnect_if_the_pin_cannot_be_read_again,
    a_creation_is_never_repeated,
    a_batch_reconnects,
    a_module_is_reinitialised_if_needed,
    a_batch_that_cannot_reconnect_answers_every_request,
);

/// `CKR_SESSION_HANDLE_INVALID`, `CKR_DEVICE_REMOVED`, `CKR_TOKEN_NOT_PRESENT`, `CKR_DEVICE_ERROR`.
const LOSSES: [&str; 4] = ["0xb3", "0x32", "0xe0", "0x30"];

/// How often a function was called in the watched runs since the last `take_calls`.
fn count(env: &TestEnv, function: &str) -> usize {
    take_calls(env).iter().filter(|call| call.function == function).count()
}

/// Runs with a fault and this standard input.
fn run_with_fault(env: &TestEnv, fault: &str, stdin: &str, args: &[&str]) -> crate::support::output::Output {
    let command = watched(env).with("KMSCTL_FAULT", fault).command(crate::support::KMSCTL, args);
    process::run(command, stdin.as_bytes(), env.root())
}

fn reads_reconnect_once(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("data", "aes-256");
    env.write("message", "m");
    let key = env.public_key("web");
    let sealed = env.run_with_stdin("text", ["encrypt", "--label", "data"]).success().text().to_owned();
    for (turn, loss) in LOSSES.iter().enumerate() {
        let sign = ["sign", "--label", "web", "--encoding", "binary", "--out", "out.sig"];
        for function in ["C_Sign", "C_SignInit", "C_FindObjects"] {
            run_with_fault(env, &format!("{function}:1 fail-before {loss}"), "m", &sign).success();
            assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{function} {loss}");
            fs::remove_file(env.file("out.sig")).expect("removed");
            assert_eq!(count(env, "C_Login"), 2, "{function} {loss}");
        }
        let fault = |function: &str| format!("{function}:1 fail-before {loss}");
        let opened = run_with_fault(env, &fault("C_Decrypt"), &sealed, &["decrypt"]).success();
        assert_eq!(opened.text(), "text");
        let others: [(&str, &[&str]); 7] = [
            ("C_Encrypt", &["encrypt", "--label", "data"]),
            ("C_GetAttributeValue", &["key", "list"]),
            ("C_GetAttributeValue", &["key", "show", "--label", "web"]),
            ("C_Sign", &["jwt", "sign", "--label", "web", "--iss", "me", "--ttl", "5m"]),
            ("C_FindObjectsInit", &["jwks"]),
            ("C_GenerateRandom", &["random", "16"]),
            ("C_GetTokenInfo", &["token", "show"]),
        ];
        let (function, args) = others[turn];
        run_with_fault(env, &fault(function), "text", args).success();
        let (function, args) = others[turn + 3];
        run_with_fault(env, &fault(function), "text", args).success();
        take_calls(env);
    }
}

fn a_token_that_stays_lost_ends_the_run(env: &TestEnv) {
    env.create("web", "ec-p256");
    let ended = run_with_fault(env, "C_Sign:1+ fail-before 0x32", "m", &["sign", "--label", "web", "--json"])
        .fails(6);
    assert_eq!(ended.error()["code"], "TOKEN_GONE", "{ended}");
    assert_eq!(ended.error()["ckr"], "CKR_DEVICE_REMOVED", "{ended}");
    let calls = take_calls(env);
    let count = |function: &str| calls.iter().filter(|call| call.function == function).count();
    assert_eq!((count("C_Initialize"), count("C_Login"), count("C_Sign")), (2, 2, 2));
}

fn no_reconnect_if_the_pin_cannot_be_read_again(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let pin = env.variable("KMSCTL_PIN_FILE");
    let script = format!("kmsctl sign --label web --in message --pin-file <(cat {pin})");
    let mut command = watched(env)
        .with("KMSCTL_FAULT", "C_Sign:1 fail-before 0xb3")
        .command("bash", ["-c", script.as_str()]);
    command.env_remove("KMSCTL_PIN_FILE");
    process::run(command, b"", env.root()).fails(6);
    assert_eq!(count(env, "C_Login"), 1);
}

fn a_creation_is_never_repeated(env: &TestEnv) {
    let create = ["key", "create", "--label", "web", "--algorithm", "ec-p256"];
    for loss in LOSSES {
        for when in ["before", "after"] {
            let fault = format!("C_GenerateKeyPair:1 fail-{when} {loss}");
            run_with_fault(env, &fault, "", &create).fails(6);
            let calls = take_calls(env);
            let count = |function: &str| calls.iter().filter(|call| call.function == function).count();
            assert_eq!((count("C_Initialize"), count("C_GenerateKeyPair")), (1, 1), "{fault}");
            assert!(env.labels().is_empty(), "{fault}");
        }
    }
    env.run(create).success();
}

const REQUESTS: usize = 40;

fn requests() -> String {
    let line = |n| format!("{{\"op\":\"sign\",\"label\":\"web\",\"data\":\"bQ==\",\"ref\":{n}}}\n");
    (0..REQUESTS).map(line).collect()
}

fn answers(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn a_batch_reconnects(env: &TestEnv) {
    env.create("web", "ec-p256");
    for fault in
        ["C_Sign:7 fail-before 0xb3", "C_FindObjects:1 fail-before 0x32", "C_SignInit:20 fail-after 0xe0"]
    {
        let done = run_with_fault(env, fault, &requests(), &["batch", "--jobs", "3"]).success();
        let references: Vec<_> = answers(done.text()).iter().map(|answer| answer["ref"].as_u64()).collect();
        assert_eq!(references, (0..REQUESTS as u64).map(Some).collect::<Vec<_>>(), "{fault}");
        assert_eq!(count(env, "C_Login"), 2, "{fault}");
    }
}

/// After a loss, every call returns `CKR_DEVICE_REMOVED`, `CKR_TOKEN_NOT_PRESENT` or `CKR_CRYPTOKI_NOT_INITIALIZED` until
/// the module is finalised and initialised again. Modules of network HSMs behave like this.
fn a_module_is_reinitialised_if_needed(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let key = env.public_key("web");
    for loss in ["0x32", "0xe0", "0x190"] {
        for (call, jobs) in [("C_Sign:7", "1"), ("C_SignInit:20", "4"), ("C_FindObjectsInit:1", "2")] {
            let fault = format!("{call} lose {loss}");
            let done = run_with_fault(env, &fault, &requests(), &["batch", "--jobs", jobs]).success();
            let references: Vec<_> =
                answers(done.text()).iter().map(|answer| answer["ref"].as_u64()).collect();
            assert_eq!(references, (0..REQUESTS as u64).map(Some).collect::<Vec<_>>(), "{fault}");
            let calls = take_calls(env);
            let count = |function: &str| calls.iter().filter(|call| call.function == function).count();
            assert_eq!((count("C_Initialize"), count("C_Finalize"), count("C_Login")), (2, 2, 2), "{fault}");
        }
        let sign = ["sign", "--label", "web", "--encoding", "binary", "--out", "out.sig"];
        run_with_fault(env, &format!("C_Sign:1 lose {loss}"), "m", &sign).success();
        assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{loss}");
        assert_eq!(count(env, "C_Initialize"), 2, "{loss}");
    }
}

fn a_batch_that_cannot_reconnect_answers_every_request(env: &TestEnv) {
    env.create("web", "ec-p256");
    let done =
        run_with_fault(env, "C_Sign:7+ fail-before 0x32", &requests(), &["batch", "--jobs", "2"]).exits(1);
    let answers = answers(done.text());
    assert_eq!(answers.len(), REQUESTS, "{done}");
    let succeeded = answers.iter().filter(|answer| answer["result"].is_object()).count();
    // On the embedded token each worker makes one more signature, to check the key's record.
    let expected = if env.has("KMSCTL_MODULE") { 6..=6 } else { 4..=5 };
    assert!(expected.contains(&succeeded), "{succeeded}: {done}");
    // A worker's first error names the cause; later ones may be CKR_OPERATION_ACTIVE.
    let said = |code| answers.iter().filter(|answer| answer["error"]["code"] == code).count();
    assert!(said("TOKEN_GONE") > 0, "{done}");
    assert_eq!(succeeded + said("TOKEN_GONE") + said("TOKEN_ERROR"), REQUESTS, "{done}");
    assert!(count(env, "C_Login") <= 4);
}
