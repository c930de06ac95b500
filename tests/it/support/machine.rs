//! Two machines with one token: they share no lock, because their runtime directories differ. One of them stops before a call
//! while the other runs a command to its end.

use std::{
    fs,
    process::{Child, Stdio},
};

use data_encoding::HEXLOWER;

use super::{
    KMSCTL, Run, TestEnv,
    fault::{Call, sample, take_calls, watched},
    is_full,
    output::Output,
    process,
};
use crate::two_machines;

/// A run on one of the machines. The one that `REMOTE` names reaches SoftHSM through `p11-kit server`.
pub(crate) fn on<'env>(env: &'env TestEnv, machine: &str) -> Run<'env> {
    let mut run = watched(env);
    for variable in ["HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR"] {
        let directory = env.path(machine).join(variable);
        fs::create_dir_all(&directory).expect("a directory");
        run = run.with(variable, directory);
    }
    if env.variable_if_set("REMOTE") == Some(machine) {
        return run.with("KMSCTL_FAULT_MODULE", two_machines::client_module());
    }
    run
}

/// The number of the first call after the login. A process that stops in an earlier call may hold a lock of the module, for
/// which the other would wait forever.
pub(crate) fn after_login(calls: &[Call]) -> usize {
    calls.iter().position(|call| call.function == "C_Login").expect("a login") + 2
}

/// A command that stopped before one of its calls, or ended before it reached that call.
pub(crate) struct Stopped<'env> {
    env: &'env TestEnv,
    child: Child,
    what: String,
}

impl<'env> Stopped<'env> {
    pub(crate) fn before_call(
        env: &'env TestEnv,
        machine: &str,
        call: usize,
        args: &[impl AsRef<str>],
    ) -> Self {
        Self::before_call_of(env, on(env, machine), call, args)
    }

    fn before_call_of(env: &'env TestEnv, run: Run<'env>, call: usize, args: &[impl AsRef<str>]) -> Self {
        Self::started(env, &run.with("KMSCTL_FAULT", format!("{call} signal-before 19")), args)
    }

    /// A run that stops itself.
    pub(crate) fn started(env: &'env TestEnv, run: &Run<'env>, args: &[impl AsRef<str>]) -> Self {
        let stopped = Self::start(env, run, args);
        process::wait_for_states(stopped.child.id(), &['T', 'Z']);
        stopped
    }

    /// A run that stops within the first call for which the module needs a file lock that the caller holds.
    pub(crate) fn at_a_lock(env: &'env TestEnv, run: &Run<'env>, args: &[impl AsRef<str>]) -> Self {
        let stopped = Self::start(env, run, args);
        process::wait_for_lock(stopped.child.id());
        stopped
    }

    fn start(env: &'env TestEnv, run: &Run<'env>, args: &[impl AsRef<str>]) -> Self {
        let args: Vec<_> = args.iter().map(AsRef::as_ref).collect();
        let mut process = run.command(KMSCTL, &args);
        let child = process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Self { env, child: child.expect("starts"), what: format!("{} (was stopped)", args.join(" ")) }
    }

    pub(crate) fn resume(self) -> Output {
        process::signal(self.child.id(), "CONT");
        process::finish(self.child, self.what, self.env.root())
    }
}

/// A command of one machine, stopped before each of its calls (a sample of them without `./dev test full`), within which the
/// other machine runs a command, on a key that differs at each call: see [`words`].
pub(crate) struct Within<'env> {
    env: &'env TestEnv,
    inner: &'static str,
    outer: &'static str,
    first: fn(&[Call]) -> usize,
    step: usize,
    variables: Vec<(&'static str, String)>,
}

/// How both commands ended.
pub(crate) struct Ended<'calls> {
    pub(crate) label: String,
    pub(crate) inner: Output,
    pub(crate) outer: Output,
    /// The outer one stopped before this call of those that it makes alone.
    pub(crate) call: usize,
    pub(crate) calls: &'calls [Call],
}

impl Ended<'_> {
    /// For the message of an assertion.
    pub(crate) fn when(&self) -> String {
        let Self { inner, outer, call, calls, .. } = self;
        format!("before call {call}, {:?}\n{inner}\n{outer}", calls[call - 1])
    }

    /// The exit codes in ascending order.
    pub(crate) fn codes(&self) -> [Option<i32>; 2] {
        let mut codes = [self.inner.status.code(), self.outer.status.code()];
        codes.sort_unstable();
        codes
    }
}

/// The words of a command, in which `@` stands for a label, `@new` for another one, and `@id` for a CKA_ID.
pub(crate) fn words(line: &str, label: &str) -> Vec<String> {
    let word = |word: &str| match word {
        "@" => label.to_owned(),
        "@new" => format!("{label}-new"),
        // None is a prefix of another.
        "@id" => HEXLOWER.encode(format!("{label}.").as_bytes()),
        other => other.to_owned(),
    };
    line.split(' ').map(word).collect()
}

impl<'env> Within<'env> {
    pub(crate) fn new(env: &'env TestEnv, inner: &'static str, outer: &'static str) -> Self {
        Self { env, inner, outer, first: after_login, step: 1, variables: Vec::new() }
    }

    /// From another call on than the first one after the login.
    pub(crate) fn from(self, first: fn(&[Call]) -> usize) -> Self {
        Self { first, ..self }
    }

    /// At one in so many of the sampled calls without `./dev test full`.
    pub(crate) fn at_one_in(self, step: usize) -> Self {
        Self { step: if is_full() { 1 } else { step }, ..self }
    }

    /// Sets a variable of both runs.
    pub(crate) fn with(mut self, variable: &'static str, value: String) -> Self {
        self.variables.push((variable, value));
        self
    }

    fn on(&self, machine: &str) -> Run<'env> {
        let set = |run: Run<'env>, (variable, value): &(&str, String)| run.with(variable, value);
        self.variables.iter().fold(on(self.env, machine), set)
    }

    /// `prepare` makes the key with a label: `alone` for the outer command alone, which must succeed.
    #[track_caller]
    pub(crate) fn run(self, prepare: impl Fn(&str), check: impl Fn(&Ended<'_>)) {
        prepare("alone");
        self.on("one").run(words(self.outer, "alone")).success();
        let calls = take_calls(self.env);
        for call in sample(&calls, (self.first)(&calls)).into_iter().step_by(self.step) {
            let label = format!("k{call}");
            prepare(&label);
            let stopped = Stopped::before_call_of(self.env, self.on("one"), call, &words(self.outer, &label));
            let inner = self.on("two").run(words(self.inner, &label));
            let outer = stopped.resume();
            check(&Ended { label, inner, outer, call, calls: &calls });
        }
    }
}
