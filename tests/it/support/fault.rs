//! Runs the program over the fault module (`tests/fault-module`), which logs its PKCS#11 calls and makes them fail.

use std::{env, fs, path::PathBuf};

use super::{Run, TestEnv, is_full, oracle::pkcs11_tool, path_text, token};

/// One call that reached the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: String,
    /// `None`: the process was killed during the call.
    pub(crate) rv: Option<u64>,
}

impl Call {
    /// Whether the call writes to the token. Covers the functions that kmsctl uses.
    pub(crate) fn changes_the_token(&self) -> bool {
        let starts = [
            "C_Create",
            "C_Destroy",
            "C_GenerateKey",
            "C_Set",
            "C_Unwrap",
            "C_Copy",
            "C_InitToken",
            "C_InitPIN",
        ];
        starts.iter().any(|start| self.function.starts_with(start))
    }
}

/// The numbers, starting at `first`, of the calls at which a test interferes: all of them in `./dev test full`, otherwise
/// those that change the token, one in nine of the others, and the last.
pub(crate) fn sample(calls: &[Call], first: usize) -> Vec<usize> {
    let is_taken = |&number: &usize| {
        is_full() || number % 9 == 0 || number == calls.len() || calls[number - 1].changes_the_token()
    };
    (first..=calls.len()).filter(is_taken).collect()
}

/// A run that reaches its token, embedded or SoftHSM2, through the fault module. [`Run::with`] sets a fault
/// (`KMSCTL_FAULT`) or false answers (`KMSCTL_FAULT_LIES`).
pub(crate) fn watched(env: &TestEnv) -> Run<'_> {
    let watched = env.with("KMSCTL_MODULE", module()).with("KMSCTL_FAULT_LOG", log(env));
    if let Some(real) = env.variable_if_set("KMSCTL_MODULE") {
        return watched.with("KMSCTL_FAULT_MODULE", real);
    }
    // The embedded token: kryoptic takes the path of its database as its argument.
    watched.with("KMSCTL_FAULT_MODULE", "kryoptic").with("KMSCTL_MODULE_ARGS", database(env))
}

/// A SoftHSM token with a message and two pairs: `web`, and `foreign` by another program.
pub(crate) fn own_and_foreign_pair() -> TestEnv {
    let env = token::softhsm();
    env.write("message", "m");
    env.create("web", "ec-p256");
    let make =
        ["--keypairgen", "--key-type", "EC:prime256v1", "--label", "foreign", "--id", "0a", "--usage-sign"];
    pkcs11_tool(&env, &make);
    env
}

/// A run on a SoftHSM token with these rules.
pub(crate) fn ruled<'env>(env: &'env TestEnv, rules: &str) -> Run<'env> {
    watched(env).with("KMSCTL_FAULT_RULES", rules)
}

/// The embedded token's database.
pub(crate) fn database(env: &TestEnv) -> PathBuf {
    PathBuf::from(env.variable("XDG_DATA_HOME")).join("kmsctl/token.sql")
}

/// The calls of the watched runs since the last `take_calls`.
#[track_caller]
pub(crate) fn take_calls(env: &TestEnv) -> Vec<Call> {
    let log = log(env);
    let text = fs::read_to_string(&log).expect("the log of a watched run");
    fs::remove_file(log).expect("removing the log");
    let call = |line: &str| {
        let mut words = line.split(' ');
        let function = words.next().expect("a function").to_owned();
        let rv = words.next().expect("a return value").strip_prefix("0x");
        Call { function, rv: rv.map(|rv| u64::from_str_radix(rv, 16).expect("hexadecimal")) }
    };
    text.lines().map(call).collect()
}

fn log(env: &TestEnv) -> PathBuf {
    env.path("calls")
}

pub(crate) fn module() -> PathBuf {
    library("kmsctl_fault")
}

/// A shared library among the tests' dependencies: cargo builds it with this test binary and puts it in the same directory.
pub(crate) fn library(name: &str) -> PathBuf {
    let directory =
        env::current_exe().expect("the path of the tests").parent().expect("a directory").to_owned();
    let library = directory.join(format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX));
    assert!(library.exists(), "no shared library at {}", path_text(&library));
    library
}
