//! Programs of other authors that need an interpreter: one process of each runs all judgements of a test run, because starting it and
//! loading its libraries takes longer than they do.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{TestEnv, field, output::Output};

static PYTHON: LazyLock<Mutex<Interpreter>> =
    LazyLock::new(|| Interpreter::start(&[&installed("python/bin/python"), &judge("server.py")]));
static NODE: LazyLock<Mutex<Interpreter>> =
    LazyLock::new(|| Interpreter::start(&["node", &judge("jose.mjs"), &installed("")]));

/// A script of `tests/judges`.
pub(crate) fn judge(script: &str) -> String {
    format!("{}/tests/judges/{script}", env!("CARGO_MANIFEST_DIR"))
}

/// What `./dev test` installs.
fn installed(path: &str) -> String {
    format!("{}/target/judges/{path}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a script, of which the path comes first, with PyJWT, jwcrypto and Python's cryptography.
pub(crate) fn python(env: &TestEnv, args: &[&str]) -> Output {
    ask(&PYTHON, env, args)
}

/// Runs a command of `tests/judges/jose.mjs`.
pub(crate) fn jose(env: &TestEnv, args: &[&str]) -> Output {
    ask(&NODE, env, args)
}

struct Interpreter {
    _process: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Interpreter {
    /// It ends when its standard input does, with this process.
    fn start(command: &[&str]) -> Mutex<Self> {
        assert!(
            Path::new(&installed("")).exists(),
            "the judges are not installed: `./dev test` installs them"
        );
        let started = Command::new(command[0])
            .args(&command[1..])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (to, from) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Mutex::new(Self { _process: child, to, from: BufReader::new(from) })
    }
}

fn ask(interpreter: &Mutex<Interpreter>, env: &TestEnv, args: &[&str]) -> Output {
    let mut interpreter = interpreter.lock().unwrap_or_else(PoisonError::into_inner);
    let mut answer = String::new();
    writeln!(interpreter.to, "{}", json!({ "directory": env.file(""), "args": args }))
        .expect("a judge that reads");
    interpreter.from.read_line(&mut answer).expect("a judge that answers");
    let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    let printed = |name| BASE64.decode(field(&answer, name).as_bytes()).expect("base64");
    let status = answer["status"].as_i64().and_then(|status| i32::try_from(status).ok());
    Output {
        command: args.join(" "),
        status: ExitStatus::from_raw(status.expect("a status")),
        stdout: printed("stdout"),
        stderr: printed("stderr"),
        root: env.root().to_owned(),
    }
}
