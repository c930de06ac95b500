//! A token that is lost in the middle: what only reads starts once more, what writes ends clearly, no PIN is tried
//! without end.

use std::fs;

use serde_json::Value;

use crate::support::{
    TestEnv,
    fault::{take_calls, watched},
    oracle, process, token,
};

token::on_both_tokens!(
    what_reads_starts_once_more,
    a_token_that_stays_away_ends_the_run,
    a_pin_that_cannot_be_had_again_is_not_asked_for,
    a_creation_is_never_repeated,
    a_batch_finds_its_way_back,
    a_module_that_must_be_started_again_is,
    a_batch_without_a_way_back_answers_every_request,
);

/// `CKR_SESSION_HANDLE_INVALID`, `CKR_DEVICE_REMOVED`, `CKR_TOKEN_NOT_PRESENT`, `CKR_DEVICE_ERROR`.
const LOSSES: [&str; 4] = ["0xb3", "0x32", "0xe0", "0x30"];

/// How often a function was called in the watched runs since the last look.
fn count(env: &TestEnv, function: &str) -> usize {
    take_calls(env).iter().filter(|call| call.function == function).count()
}

/// Runs with a fault and something on standard input.
fn disturbed(env: &TestEnv, fault: &str, stdin: &str, args: &[&str]) -> crate::support::output::Output {
    let command = watched(env).with("KMSCTL_FAULT", fault).command(crate::support::KMSCTL, args);
    process::run(command, stdin.as_bytes(), env.root())
}

fn what_reads_starts_once_more(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.create("data", "aes-256");
    env.write("message", "m");
    let key = env.public_key("web");
    let sealed = env.run_with_stdin("text", ["encrypt", "--label", "data"]).success().text().to_owned();
    for (turn, loss) in LOSSES.iter().enumerate() {
        let sign = ["sign", "--label", "web", "--encoding", "binary", "--out", "out.sig"];
        for function in ["C_Sign", "C_SignInit", "C_FindObjects"] {
            disturbed(env, &format!("{function}:1 fail-before {loss}"), "m", &sign).success();
            assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{function} {loss}");
            fs::remove_file(env.file("out.sig")).expect("removed");
            assert_eq!(count(env, "C_Login"), 2, "{function} {loss}");
        }
        let fault = |function: &str| format!("{function}:1 fail-before {loss}");
        let opened = disturbed(env, &fault("C_Decrypt"), &sealed, &["decrypt"]).success();
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
        disturbed(env, &fault(function), "text", args).success();
        let (function, args) = others[turn + 3];
        disturbed(env, &fault(function), "text", args).success();
        take_calls(env);
    }
}

fn a_token_that_stays_away_ends_the_run(env: &TestEnv) {
    env.create("web", "ec-p256");
    let ended =
        disturbed(env, "C_Sign:1+ fail-before 0x32", "m", &["sign", "--label", "web", "--json"]).fails(6);
    assert_eq!(ended.error()["code"], "TOKEN_GONE", "{ended}");
    assert_eq!(ended.error()["ckr"], "CKR_DEVICE_REMOVED", "{ended}");
    let calls = take_calls(env);
    let count = |function: &str| calls.iter().filter(|call| call.function == function).count();
    assert_eq!((count("C_Initialize"), count("C_Login"), count("C_Sign")), (2, 2, 2));
}

fn a_pin_that_cannot_be_had_again_is_not_asked_for(env: &TestEnv) {
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
            disturbed(env, &fault, "", &create).fails(6);
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

fn a_batch_finds_its_way_back(env: &TestEnv) {
    env.create("web", "ec-p256");
    for fault in
        ["C_Sign:7 fail-before 0xb3", "C_FindObjects:1 fail-before 0x32", "C_SignInit:20 fail-after 0xe0"]
    {
        let done = disturbed(env, fault, &requests(), &["batch", "--jobs", "3"]).success();
        let references: Vec<_> = answers(done.text()).iter().map(|answer| answer["ref"].as_u64()).collect();
        assert_eq!(references, (0..REQUESTS as u64).map(Some).collect::<Vec<_>>(), "{fault}");
        assert_eq!(count(env, "C_Login"), 2, "{fault}");
    }
}

/// `CKR_DEVICE_REMOVED`, `CKR_TOKEN_NOT_PRESENT`, `CKR_CRYPTOKI_NOT_INITIALIZED`, to every call until the module is
/// ended and started again: so network HSMs' modules behave.
fn a_module_that_must_be_started_again_is(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    let key = env.public_key("web");
    for loss in ["0x32", "0xe0", "0x190"] {
        for (call, jobs) in [("C_Sign:7", "1"), ("C_SignInit:20", "4"), ("C_FindObjectsInit:1", "2")] {
            let fault = format!("{call} lose {loss}");
            let done = disturbed(env, &fault, &requests(), &["batch", "--jobs", jobs]).success();
            let references: Vec<_> =
                answers(done.text()).iter().map(|answer| answer["ref"].as_u64()).collect();
            assert_eq!(references, (0..REQUESTS as u64).map(Some).collect::<Vec<_>>(), "{fault}");
            let calls = take_calls(env);
            let count = |function: &str| calls.iter().filter(|call| call.function == function).count();
            assert_eq!((count("C_Initialize"), count("C_Finalize"), count("C_Login")), (2, 2, 2), "{fault}");
        }
        let sign = ["sign", "--label", "web", "--encoding", "binary", "--out", "out.sig"];
        disturbed(env, &format!("C_Sign:1 lose {loss}"), "m", &sign).success();
        assert!(oracle::accepts(env, "ES256", &key, "out.sig", "message"), "{loss}");
        assert_eq!(count(env, "C_Initialize"), 2, "{loss}");
    }
}

fn a_batch_without_a_way_back_answers_every_request(env: &TestEnv) {
    env.create("web", "ec-p256");
    let done = disturbed(env, "C_Sign:7+ fail-before 0x32", &requests(), &["batch", "--jobs", "2"]).exits(1);
    let answers = answers(done.text());
    assert_eq!(answers.len(), REQUESTS, "{done}");
    let well = answers.iter().filter(|answer| answer["result"].is_object()).count();
    // On the embedded token each worker makes one more, over the record of the key.
    let most = if env.has("KMSCTL_MODULE") { 6..=6 } else { 4..=5 };
    assert!(most.contains(&well), "{well}: {done}");
    // The first of each worker says why, those that follow may only say that something is still going on.
    let said = |code| answers.iter().filter(|answer| answer["error"]["code"] == code).count();
    assert!(said("TOKEN_GONE") > 0, "{done}");
    assert_eq!(well + said("TOKEN_GONE") + said("TOKEN_ERROR"), REQUESTS, "{done}");
    assert!(count(env, "C_Login") <= 4);
}
