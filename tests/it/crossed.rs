//! A command that has nothing to change, or is refused, runs while another machine is changing the key: it changes no object
//! that the other one has changed already.

use crate::support::{
    TestEnv,
    fault::{sample, take_calls},
    machine::{Stopped, on},
    token,
};

token::on_both_tokens!(
    an_enabling_within_a_renaming,
    a_refused_enabling_within_an_enabling,
    an_enabling_within_a_disabling,
    a_refused_purge_within_a_deletion,
);

/// What a test looks at when both commands have ended.
struct Ended {
    inner: Option<i32>,
    /// The outer command had decided before it stopped.
    is_decided: bool,
    when: String,
}

impl Ended {
    #[track_caller]
    fn inner_exits(&self, codes: &[i32]) {
        assert!(self.inner.is_some_and(|code| codes.contains(&code)), "{}", self.when);
    }
}

/// The outer command stops before each of its calls in turn (a sample of them without `./dev test full`), on a new key `K` each time,
/// and succeeds although the inner command has run meanwhile. `doctor` then finds nothing.
#[track_caller]
fn each(env: &TestEnv, prepare: &[&str], outer: &str, inner: &str, check: impl Fn(&str, &Ended)) {
    let start = |label: &str| {
        env.create(label, "ec-p256");
        for line in ["key rotate --label K"].iter().chain(prepare) {
            env.run(line.replace('K', label).split(' ')).success();
        }
    };
    start("alone");
    on(env, "one").run(outer.replace('K', "alone").split(' ')).success();
    let calls = take_calls(env);
    let decision = calls.iter().position(|call| call.function == "C_DestroyObject");
    let login = calls.iter().position(|call| call.function == "C_Login").expect("a login");
    for call in sample(&calls, login + 2) {
        let label = format!("k{call}");
        start(&label);
        let (outer, inner) = (outer.replace('K', &label), inner.replace('K', &label));
        let stopped = Stopped::before_call(env, "one", call, &outer.split(' ').collect::<Vec<_>>());
        let inner = on(env, "two").run(inner.split(' '));
        let outer = stopped.resume();
        let when = format!("before call {call}, {:?}\n{inner}{outer}", calls[call - 1]);
        assert!(outer.status.success(), "{when}");
        let is_decided = decision.is_some_and(|decision| call > decision + 1);
        check(&label, &Ended { inner: inner.status.code(), is_decided, when: when.clone() });
        let doctor = env.run(["doctor"]);
        assert!(doctor.status.success(), "{when}{doctor}");
    }
}

#[track_caller]
fn signing_exits(env: &TestEnv, label: &str, code: i32, ended: &Ended) {
    let signed = env.run_with_stdin("m", ["sign", "--label", label]);
    assert_eq!(signed.status.code(), Some(code), "{}{signed}", ended.when);
}

fn an_enabling_within_a_renaming(env: &TestEnv) {
    let (outer, inner) = ("key update --label K --rename new-K", "key enable --label K");
    each(env, &[], outer, inner, |label, ended| {
        ended.inner_exits(&[0, 4]);
        signing_exits(env, &format!("new-{label}"), 0, ended);
    });
}

fn a_refused_enabling_within_an_enabling(env: &TestEnv) {
    let (outer, inner) = ("key enable --label K", "key enable --label K --key-version 1");
    each(env, &["key disable --label K"], outer, inner, |label, ended| {
        // Once the key is enabled, so is its version.
        ended.inner_exits(if ended.is_decided { &[0] } else { &[0, 7] });
        signing_exits(env, label, 0, ended);
    });
}

fn an_enabling_within_a_disabling(env: &TestEnv) {
    each(env, &[], "key disable --label K", "key enable --label K", |label, ended| {
        // Which of the two is last depends on the call.
        let shown = env.run(["key", "show", "--label", label, "--json"]).success().json();
        signing_exits(env, label, if shown["status"] == "ENABLE" { 0 } else { 7 }, ended);
    });
}

/// The key is not revoked: until its deletion is decided, `key purge` does not help with it.
fn a_refused_purge_within_a_deletion(env: &TestEnv) {
    let revoke = "key revoke --label K --key-version 1";
    each(env, &[revoke], "key delete --label K --yes", "key purge --label K --yes", |label, ended| {
        ended.inner_exits(if ended.is_decided { &[0, 4] } else { &[7] });
        assert!(!env.labels().iter().any(|known| known == label), "{}", ended.when);
    });
}
