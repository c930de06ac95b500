//! Many processes at once on one token: each succeeds, and what they reported exists afterwards.

use std::thread;

use std::{process::Stdio, time::Duration};

use crate::support::{
    KMSCTL, TestEnv,
    fault::{take_calls, watched},
    field, oracle, process, token,
};

token::on_both_tokens!(
    twenty_signers,
    ten_creators,
    a_label_is_assigned_once,
    readers_beside_writers,
    fifty_mixed_commands,
    a_stopped_writer_is_waited_for_and_named,
);

/// Runs `count` copies of a job at the same time and collects what they return.
fn at_once<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let job = &job;
    thread::scope(|scope| {
        let running: Vec<_> = (0..count).map(|index| scope.spawn(move || job(index))).collect();
        running.into_iter().map(|job| job.join().expect("a job panicked")).collect()
    })
}

fn twenty_signers(env: &TestEnv) {
    env.create("web", "ec-p256");
    env.write("message", "m");
    at_once(20, |index| {
        let out = format!("{index}.sig");
        env.run(["sign", "--label", "web", "--in", "message", "--encoding", "binary", "--out", &out])
            .success();
    });
    let key = env.public_key("web");
    for index in 0..20 {
        assert!(oracle::accepts(env, "ES256", &key, &format!("{index}.sig"), "message"), "{index}");
    }
}

fn ten_creators(env: &TestEnv) {
    let mut made = at_once(10, |index| {
        let key = env.create(&format!("key-{index}"), if index % 2 == 0 { "ec-p256" } else { "aes-256" });
        field(&key, "ckaId").to_owned()
    });
    let mut found: Vec<_> = env.keys().iter().map(|key| field(key, "ckaId").to_owned()).collect();
    made.sort();
    found.sort();
    assert_eq!(made, found);
}

fn a_label_is_assigned_once(env: &TestEnv) {
    let codes = at_once(6, |_| {
        env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256"])
            .status
            .code()
            .expect("no signal")
    });
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| [0, 8].contains(code)), "{codes:?}");
    assert_eq!(env.labels(), ["web"]);
}

fn readers_beside_writers(env: &TestEnv) {
    env.create("web", "ec-p256");
    at_once(12, |index| match index % 3 {
        0 => drop(env.create(&format!("new-{index}"), "ec-p256")),
        1 => assert!(env.labels().contains(&"web".to_owned())),
        _ => drop(env.run(["sign", "--label", "web"]).success()),
    });
    assert_eq!(env.keys().len(), 5);
}

/// Ten processes each create, sign, rotate, list and delete. All succeed, after a wait if needed, and no change is lost.
fn fifty_mixed_commands(env: &TestEnv) {
    const EACH: usize = 10;
    const ROTATED: usize = 5;
    env.create("web", "ec-p256");
    env.write("message", "m");
    for index in 0..ROTATED {
        env.create(&format!("rotated-{index}"), "aes-256");
    }
    for index in 0..EACH {
        env.create(&format!("old-{index}"), "aes-256");
    }
    let run = |args: &[&str]| env.run([&["--lock-timeout", "100"], args].concat()).success();
    at_once(5 * EACH, |index| {
        let number = index / 5;
        match index % 5 {
            0 => run(&["key", "create", "--label", &format!("new-{number}"), "--algorithm", "ec-p256"]),
            1 => {
                let out = format!("{number}.sig");
                run(&["sign", "--label", "web", "--in", "message", "--encoding", "binary", "--out", &out])
            }
            2 => run(&["key", "rotate", "--label", &format!("rotated-{}", number % ROTATED)]),
            3 => run(&["key", "list", "--json"]),
            _ => run(&["key", "delete", "--label", &format!("old-{number}"), "--yes"]),
        }
    });
    let keys = env.keys();
    let mut expected: Vec<_> = (0..EACH).map(|number| format!("new-{number}")).collect();
    expected.extend((0..ROTATED).map(|number| format!("rotated-{number}")));
    expected.push("web".to_owned());
    expected.sort();
    assert_eq!(env.labels(), expected);
    for key in keys.iter().filter(|key| field(key, "label").starts_with("rotated")) {
        assert_eq!(key["version"], 1 + EACH / ROTATED, "{key}");
    }
    let public = env.public_key("web");
    for number in 0..EACH {
        assert!(oracle::accepts(env, "ES256", &public, &format!("{number}.sig"), "message"), "{number}");
        env.run(["sign", "--label", &format!("new-{number}"), "--in", "message"]).success();
    }
    env.run(["doctor"]).success();
}

fn a_stopped_writer_is_waited_for_and_named(env: &TestEnv) {
    const STOP: &str = "C_GenerateKeyPair:1 signal-before 19";
    let create = |label| ["key", "create", "--label", label, "--algorithm", "ec-p256"];
    let mut command = watched(env).with("KMSCTL_FAULT", STOP).command(KMSCTL, create("slow"));
    let slow = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let slow = slow.expect("starts");
    process::wait_for_state(slow.id(), 'T');
    let impatient = [&["--lock-timeout", "0", "--json"], &create("fast")[..]].concat();
    let refused = watched(env).run(impatient).fails(6);
    assert_eq!(refused.error()["code"], "LOCK_TIMEOUT", "{refused}");
    assert!(field(&refused.error(), "message").contains(&slow.id().to_string()), "{refused}");
    let pid = slow.id();
    thread::scope(|scope| {
        let patient = scope.spawn(|| watched(env).run(create("fast")).success());
        thread::sleep(Duration::from_millis(200));
        process::signal(pid, "CONT");
        process::finish(slow, "the slow one".to_owned(), env.root()).success();
        patient.join().expect("no panic");
    });
    take_calls(env);
    assert_eq!(env.labels(), ["fast", "slow"]);
}
