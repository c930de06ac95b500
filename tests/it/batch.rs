//! `batch`: answers in order, errors that do not stop other requests, interrupts that lose nothing, constant memory.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::support::{KMSCTL, TestEnv, fault::watched, field, token};

token::on_both_tokens!(
    answers_come_in_order,
    a_bad_line_does_not_stop_the_others,
    every_operation,
    sign_takes_several_files,
    a_wrong_signature_from_the_token_is_not_returned,
    what_one_command_refuses_a_batch_refuses,
);

fn answers(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON on each line")).collect()
}

fn run(env: &TestEnv, args: &[&str], requests: &str, code: i32) -> Vec<Value> {
    let output = env.run_with_stdin(requests, [&["batch"], args].concat()).exits(code);
    answers(output.text())
}

fn answers_come_in_order(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.create("rsa", "rsa-2048");
    env.public_key("rsa");
    // RSA takes longer than ECDSA, so workers finish out of order.
    let requests: Vec<String> = (0..200)
        .map(|n| {
            let label = if n % 3 == 0 { "rsa" } else { "ec" };
            format!("{{\"op\":\"sign\",\"label\":\"{label}\",\"data\":\"aGk=\",\"ref\":{n}}}\n")
        })
        .collect();
    for jobs in ["1", "5"] {
        let answers = run(env, &["--jobs", jobs], &requests.concat(), 0);
        assert_eq!(answers.len(), 200);
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(answer["ref"], n);
            assert_eq!(answer["result"]["label"], if n % 3 == 0 { "rsa" } else { "ec" });
        }
        let signature = answers[0]["result"]["signature"].as_str().expect("base64").to_owned();
        env.write("message", "hi");
        env.run(["verify", "--public-key", "rsa.pem", "--in", "message", "--signature", &signature])
            .success();
    }
}

fn a_bad_line_does_not_stop_the_others(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.create("aes", "aes-256");
    let sign = |label: &str, reference: &str| {
        format!("{{\"op\":\"sign\",\"label\":\"{label}\",\"data\":\"aGk=\",\"ref\":{reference}}}\n")
    };
    let long =
        format!("{{\"ref\":5,\"op\":\"sign\",\"label\":\"ec\",\"data\":\"{}\"}}\n", "A".repeat(600_000));
    let requests = [
        sign("ec", "1"),
        "no JSON\n".to_owned(),
        "7\n".to_owned(),
        "\n".to_owned(),
        sign("nobody", "\"3\""),
        sign("aes", "{\"a\":[4]}"),
        long,
        "{\"op\":\"sign\",\"label\":\"ec\",\"data\":\"aGk\",\"ref\":6}\n".to_owned(),
        "{\"op\":\"sign\",\"label\":\"ec\",\"label\":\"aes\",\"data\":\"\",\"ref\":7}\n".to_owned(),
        sign("ec", "8").trim_end().to_owned(),
    ]
    .concat();
    let answers = run(env, &[], &requests, 1);
    let found: Vec<_> =
        answers.iter().map(|answer| (answer["ref"].clone(), answer["error"]["code"].clone())).collect();
    assert_eq!(
        found,
        [
            (json!(1), Value::Null),
            (Value::Null, json!("INVALID_INPUT")),
            (Value::Null, json!("INVALID_INPUT")),
            (json!("3"), json!("KEY_NOT_FOUND")),
            (json!({"a": [4]}), json!("KEY_USAGE")),
            (Value::Null, json!("INVALID_INPUT")),
            (json!(6), json!("INVALID_INPUT")),
            (json!(7), json!("INVALID_INPUT")),
            (json!(8), Value::Null),
        ]
    );
    assert!(field(&answers[2]["error"], "message").contains("expected a JSON object"), "{}", answers[2]);
    let stopped = run(
        env,
        &["--fail-fast", "--jobs", "1"],
        &[sign("nobody", "0"), sign("ec", "1").repeat(500)].concat(),
        1,
    );
    assert!(!stopped.is_empty() && stopped.len() < 100, "{} answers", stopped.len());
    assert!(run(env, &[], "", 0).is_empty());
}

fn every_operation(env: &TestEnv) {
    env.create("ec", "ec-p256");
    let signed = run(env, &[], "{\"op\":\"sign\",\"label\":\"ec\",\"data\":\"aGk=\",\"ecdsa\":\"p1363\"}", 0);
    let signature = signed[0]["result"]["signature"].as_str().expect("base64").to_owned();
    let verify = |data: &str| json!({"op": "verify", "label": "ec", "data": data, "signature": signature});
    env.create("aes", "aes-256");
    let sealed = run(
        env,
        &[],
        "{\"op\":\"encrypt\",\"label\":\"aes\",\"data\":\"aGk=\",\"context\":\"c\"}\n\
         {\"op\":\"datakey\",\"label\":\"aes\",\"plaintext\":true}\n{\"op\":\"datakey\",\"label\":\"aes\",\"bits\":512}",
        0,
    );
    let ciphertext = &sealed[0]["result"]["ciphertext"];
    let datakey = &sealed[1]["result"];
    assert_eq!(sealed[2]["result"]["plaintext"], Value::Null, "only on request");
    env.run(["key", "rotate", "--label", "aes"]).success();
    let requests = [
        json!({"op": "decrypt", "ciphertext": ciphertext, "context": "c"}),
        json!({"op": "decrypt", "ciphertext": ciphertext}),
        json!({"op": "reencrypt", "ciphertext": ciphertext, "context": "c"}),
        json!({"op": "decrypt", "ciphertext": datakey["ciphertext"]}),
    ];
    let requests: Vec<String> = requests.iter().map(|request| format!("{request}\n")).collect();
    let opened = run(env, &[], &requests.concat(), 3);
    assert_eq!(opened[0]["result"]["plaintext"], "aGk=");
    assert_eq!(opened[1]["error"]["exit"], 3);
    let moved = &opened[2]["result"];
    assert_eq!((&moved["changed"], &moved["version"]), (&json!(true), &json!(2)));
    assert_eq!(opened[3]["result"]["plaintext"], datakey["plaintext"]);
    let again = json!({"op": "reencrypt", "ciphertext": moved["ciphertext"], "context": "c"}).to_string();
    assert_eq!(run(env, &[], &again, 0)[0]["result"]["changed"], false);
    let requests = format!(
        "{}\n{}\n{{\"op\":\"jwt-sign\",\"label\":\"ec\",\"claims\":{{\"sub\":\"a\"}},\"ttl\":\"15m\"}}\n\
         {{\"op\":\"random\",\"bytes\":32}}\n",
        verify("aGk="),
        verify("aGkh"),
    );
    let answers = run(env, &[], &requests, 3);
    assert_eq!(answers[0]["result"], json!({"valid": true}));
    assert_eq!(answers[1]["result"], json!({"valid": false}));
    let cut = json!({"op": "verify", "label": "ec", "data": "aGk=", "signature": signature[..80]});
    assert_eq!(run(env, &[], &cut.to_string(), 3)[0]["result"], json!({"valid": false}));
    let token = answers[2]["result"]["token"].as_str().expect("a token");
    let claims = env.run(["jwt", "verify", "--label", "ec", token]).success().json();
    assert_eq!(claims["sub"], "a");
    assert_eq!(claims["exp"].as_u64().expect("exp") - claims["iat"].as_u64().expect("iat"), 900);
    for member in ["alg", "kid", "crit", "b64"] {
        let request = json!({"op": "jwt-sign", "label": "ec", "claims": {}, "header": {member: "none"}});
        let refused = &run(env, &[], &request.to_string(), 1)[0]["error"];
        assert_eq!(refused["exit"], 2, "{refused}");
        assert!(field(refused, "message").contains(member), "{refused}");
    }
    let request = json!({"op": "jwt-sign", "label": "ec", "claims": {}, "header": {"typ": "at+jwt"}});
    let token = run(env, &[], &request.to_string(), 0)[0]["result"]["token"].clone();
    let decoded = env.run(["jwt", "decode", token.as_str().expect("a token")]).success().json();
    assert_eq!((&decoded["header"]["typ"], &decoded["header"]["alg"]), (&json!("at+jwt"), &json!("ES256")));
    let random = answers[3]["result"]["random"].as_str().expect("base64");
    assert_eq!(data_encoding::BASE64.decode(random.as_bytes()).expect("base64").len(), 32);
}

fn sign_takes_several_files(env: &TestEnv) {
    env.create("ec", "ec-p256");
    env.public_key("ec");
    for name in ["a", "b", "c"] {
        env.write(name, name.repeat(1000));
    }
    let all = ["sign", "--label", "ec", "--in", "a", "--in", "b", "--in", "c"];
    std::fs::create_dir(env.file("out")).expect("created");
    env.run([&all[..], &["--out", "out"]].concat()).success();
    let lines = env.run(all).success();
    for (name, line) in ["a", "b", "c"].iter().zip(lines.text().lines()) {
        let (signature, file) = line.split_once("  ").expect("two columns");
        assert_eq!(file, *name);
        for signature in [signature, &format!("out/{name}.sig")] {
            env.run(["verify", "--public-key", "ec.pem", "--in", name, "--signature", signature]).success();
        }
    }
    env.run([&all[..], &["--in", "missing"]].concat()).exits(1).saying("missing");
    env.run([&all[..], &["--out", "a"]].concat()).fails(2).saying("not a directory");
}

fn a_wrong_signature_from_the_token_is_not_returned(env: &TestEnv) {
    for label in ["ec-p256", "rsa-2048"] {
        env.create(label, label);
    }
    let requests = ["ec-p256", "rsa-2048"].map(|label| {
        format!(
            "{{\"op\":\"sign\",\"label\":\"{label}\",\"data\":\"aGk=\"}}\n\
             {{\"op\":\"jwt-sign\",\"label\":\"{label}\",\"claims\":{{}},\"ttl\":60}}\n"
        )
    });
    env.write("requests", requests.concat());
    let output = watched(env).with("KMSCTL_FAULT_LIES", "C_Sign=0102").run(["batch", "--in", "requests"]);
    let answers = answers(output.exits(1).text());
    assert_eq!(answers.len(), 4);
    for answer in answers {
        assert_eq!(answer["error"]["exit"], 6, "{answer}");
        assert!(answer["result"].is_null(), "{answer}");
    }
}

/// Answers come while the input is still open, and Ctrl-C ends a batch that waits for more.
#[test]
fn an_interrupt_ends_a_batch_that_waits_for_input() {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    let mut child = env
        .command(KMSCTL, ["batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut requests = child.stdin.take().expect("piped");
    let mut answers = BufReader::new(child.stdout.take().expect("piped"));
    for n in 0..3 {
        writeln!(requests, "{{\"op\":\"sign\",\"label\":\"ec\",\"data\":\"aGk=\",\"ref\":{n}}}")
            .expect("written");
        let mut line = String::new();
        answers.read_line(&mut line).expect("an answer");
        assert!(line.starts_with(&format!("{{\"ref\":{n},\"result\"")), "{line}");
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("interrupted");
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    drop(requests);
}

/// Under load: every started request is answered in full and in order, and the number of answers is reported.
#[test]
fn an_interrupt_answers_every_started_request() {
    let env = token::softhsm();
    env.create("ec", "ec-p256");
    let mut child = env
        .command(KMSCTL, ["batch", "--jobs", "3"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut requests = child.stdin.take().expect("piped");
    // Writes until the reader closes the pipe.
    let feeder = std::thread::spawn(move || {
        let request =
            |n: &u64| format!("{{\"op\":\"sign\",\"label\":\"ec\",\"data\":\"aGk=\",\"ref\":{n}}}\n");
        (0..1_000_000_u64).take_while(|n| requests.write_all(request(n).as_bytes()).is_ok()).count()
    });
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut answered: Vec<_> = lines.by_ref().take(100).map(|line| line.expect("an answer")).collect();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("interrupted");
    answered.extend(lines.map(|line| line.expect("an answer")));
    let ended = child.wait_with_output().expect("ended");
    assert_eq!(ended.status.code(), Some(130));
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(stderr.contains(&format!("interrupted after {} requests", answered.len())), "{stderr}");
    for (n, line) in answered.iter().enumerate() {
        let answer: Value = serde_json::from_str(line).expect("a whole line");
        assert_eq!(answer["ref"], n);
        assert!(answer["result"]["signature"].is_string(), "{answer}");
    }
    assert!(feeder.join().expect("fed") >= answered.len());
}

/// Sends 64 MiB of requests and reads every answer, then reads the memory peak while the program still waits for input.
#[test]
fn memory_does_not_grow_with_the_input() {
    const LINES: usize = 320;
    let env = token::embedded();
    let mut child = env
        .command(KMSCTL, ["batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut requests = child.stdin.take().expect("piped");
    let line = format!("{{\"op\":\"sing\",\"data\":\"{}\"}}\n", "A".repeat(200 * 1024));
    let feeder = std::thread::spawn(move || {
        for _ in 0..LINES {
            requests.write_all(line.as_bytes()).expect("written");
        }
        requests
    });
    let mut answers = BufReader::new(child.stdout.take().expect("piped")).lines();
    for _ in 0..LINES {
        let answer = answers.next().expect("an answer").expect("readable");
        assert!(answer.contains("unknown op"), "{answer}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a process");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    drop(feeder.join().expect("fed"));
    assert_eq!(child.wait().expect("ended").code(), Some(1));
    assert!(kilobytes < 48 * 1024, "{kilobytes} kB at the peak");
}

/// A signature by a disabled version is no answer "no": the line fails as `verify` does.
fn what_one_command_refuses_a_batch_refuses(env: &TestEnv) {
    env.write("message", "hi");
    for algorithm in ["ec-p256", "hmac-256"] {
        env.create("k", algorithm);
        let sign = r#"{"op":"sign","label":"k","data":"aGk="}"#;
        let signature = field(&run(env, &[], sign, 0)[0]["result"], "signature").to_owned();
        env.run(["key", "rotate", "--label", "k"]).success();
        env.run(["key", "disable", "--label", "k", "--key-version", "1"]).success();
        let (code, exit) =
            if algorithm == "hmac-256" { ("SIGNATURE_INVALID", 3) } else { ("KEY_DISABLED", 7) };
        let one = env.run(["verify", "--label", "k", "--signature", &signature, "--in", "message", "--json"]);
        let one = one.exits(exit).error();
        let verify = json!({"op": "verify", "label": "k", "data": "aGk=", "signature": signature});
        let answer = &run(env, &[], &verify.to_string(), if exit == 3 { 3 } else { 1 })[0]["error"];
        for error in [&one, answer] {
            assert_eq!((&error["code"], &error["exit"]), (&code.into(), &exit.into()), "{algorithm}");
            assert!(field(error, "message").contains("disabled"), "{error}");
        }
        env.delete("k");
    }
    let zero = run(env, &[], r#"{"op":"random","bytes":0}"#, 1);
    assert_eq!(zero[0]["error"]["exit"], 2, "as `random 0`");
}
