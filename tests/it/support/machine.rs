//! Two machines on one token, as runs with separate runtime directories, and runs that are stopped half-way.

use std::{
    fs,
    process::{Child, Stdio},
};

use super::{KMSCTL, Run, TestEnv, fault::watched, output::Output, process};
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

/// A command that stopped before one of its calls, or ended before it reached that call.
pub(crate) struct Stopped<'env> {
    env: &'env TestEnv,
    child: Child,
    what: String,
}

impl<'env> Stopped<'env> {
    pub(crate) fn before_call(env: &'env TestEnv, machine: &str, call: usize, args: &[&str]) -> Self {
        let fault = format!("{call} signal-before 19");
        Self::started(env, &on(env, machine).with("KMSCTL_FAULT", &fault), args)
    }

    /// A run that stops itself.
    pub(crate) fn started(env: &'env TestEnv, run: &Run<'env>, args: &[&str]) -> Self {
        let stopped = Self::start(env, run, args);
        process::wait_for_states(stopped.child.id(), &['T', 'Z']);
        stopped
    }

    /// A run that stops within the first call for which the module needs a file lock that the caller holds.
    pub(crate) fn at_a_lock(env: &'env TestEnv, run: &Run<'env>, args: &[&str]) -> Self {
        let stopped = Self::start(env, run, args);
        process::wait_for_lock(stopped.child.id());
        stopped
    }

    fn start(env: &'env TestEnv, run: &Run<'env>, args: &[&str]) -> Self {
        let mut process = run.command(KMSCTL, args);
        let child = process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Self { env, child: child.expect("starts"), what: format!("{} (was stopped)", args.join(" ")) }
    }

    pub(crate) fn resume(self) -> Output {
        process::signal(self.child.id(), "CONT");
        process::finish(self.child, self.what, self.env.root())
    }
}
