//! Many processes at once on one token: every one succeeds, and what they reported is there afterwards.

use std::thread;

use crate::support::{TestEnv, field, oracle, token};

token::on_both_tokens!(twenty_signers, ten_creators, one_label_is_given_once, readers_beside_writers);

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

fn one_label_is_given_once(env: &TestEnv) {
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
