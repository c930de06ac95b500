//! The isolated environment of each test: a separate home, settings, token and PIN, and nothing from the caller.

pub(crate) mod age;
pub(crate) mod fault;
pub(crate) mod golden;
pub(crate) mod jose;
pub(crate) mod judge;
pub(crate) mod machine;
pub(crate) mod oracle;
pub(crate) mod output;
pub(crate) mod pairs;
pub(crate) mod process;
pub(crate) mod rng;
pub(crate) mod saved;
pub(crate) mod terminal;
pub(crate) mod token;

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT};
use tempfile::TempDir;

use output::Output;

/// The program under test.
pub(crate) const KMSCTL: &str = env!("CARGO_BIN_EXE_kmsctl");

/// 2027-01-15T08:00:00Z in milliseconds: day 0 of [`TestEnv::on_day`].
pub(crate) const START: u64 = 1_800_000_000_000;
pub(crate) const DAY: u64 = 24 * 60 * 60 * 1000;

/// RSA-2048 keys for [`TestEnv::create`].
const PREPARED_RSA: [&[u8]; 3] = [
    include_bytes!("../../fixtures/prepared/rsa-2048-1.pem"),
    include_bytes!("../../fixtures/prepared/rsa-2048-2.pem"),
    include_bytes!("../../fixtures/prepared/rsa-2048-3.pem"),
];

/// Whether tests that interfere with a command's calls do so at every call (`./dev test full`) instead of a sample.
pub(crate) fn is_full() -> bool {
    env::var_os("KMSCTL_TEST_FULL").is_some()
}

static SIGNALS: Once = Once::new();

/// Tests started in the background of a script, or under `nohup`, ignore signals, and children inherit that. Children do not
/// inherit a handler, so this installs one; Ctrl-C still ends the tests.
fn reset_signals() {
    for signal in [SIGHUP, SIGINT, SIGQUIT] {
        signal_hook::flag::register_conditional_default(signal, Arc::new(AtomicBool::new(true)))
            .expect("a signal that can be caught");
    }
}

/// A directory and a set of environment variables. Every program runs in that directory with only these variables, so
/// tests can run in parallel and a developer's settings have no effect.
pub(crate) struct TestEnv {
    root: TempDir,
    variables: BTreeMap<String, String>,
    /// How many of [`PREPARED_RSA`] are on the token already.
    prepared_used: AtomicUsize,
}

impl TestEnv {
    /// An environment without any token: the default store does not exist yet.
    pub(crate) fn new() -> Self {
        SIGNALS.call_once(reset_signals);
        let root = tempfile::Builder::new().prefix("kmsctl-it-").tempdir().expect("temporary directory");
        let mut env = Self { root, variables: BTreeMap::new(), prepared_used: AtomicUsize::new(0) };
        for (variable, directory) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_STATE_HOME", "home/state"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("XDG_RUNTIME_DIR", "run"),
            ("TMPDIR", "tmp"),
        ] {
            let directory = env.path(directory);
            fs::create_dir_all(&directory).expect("directory of the test");
            env.set(variable, path_text(&directory));
        }
        fs::set_permissions(env.path("run"), fs::Permissions::from_mode(0o700))
            .expect("mode of the runtime directory");
        fs::create_dir(env.path("work")).expect("working directory");
        env.set("PATH", &search_path()).set("LANG", "C.UTF-8").set("TZ", "UTC").set("COLUMNS", "100");
        env
    }

    pub(crate) fn set(&mut self, variable: &str, value: &str) -> &mut Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn unset(&mut self, variable: &str) {
        self.variables.remove(variable);
    }

    pub(crate) fn variable(&self, variable: &str) -> &str {
        self.variable_if_set(variable).unwrap_or_else(|| panic!("the test did not set {variable}"))
    }

    pub(crate) fn variable_if_set(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable).map(String::as_str)
    }

    pub(crate) fn has(&self, variable: &str) -> bool {
        self.variables.contains_key(variable)
    }

    /// The same environment with one more variable, for one run.
    pub(crate) fn with(&self, variable: &str, value: impl AsRef<OsStr>) -> Run<'_> {
        Run { env: self, extra: vec![(variable.to_owned(), value.as_ref().to_owned())], without: Vec::new() }
    }

    /// Runs `kmsctl` with its clock `day` days after [`START`]; the arguments are one line, separated by single spaces.
    #[must_use = "assert how it ended: `.success()`, `.fails(code)` or `.exits(code)`"]
    pub(crate) fn on_day(&self, day: u64, line: &str) -> Output {
        self.with("KMSCTL_TEST_NOW", (START + day * DAY).to_string()).run(line.split(' '))
    }

    /// The same environment without one variable, for one run.
    pub(crate) fn without(&self, variable: &str) -> Run<'_> {
        Run { env: self, extra: Vec::new(), without: vec![variable.to_owned()] }
    }

    /// A path below the root of this environment.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// A file in the working directory of the commands.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path("work").join(name)
    }

    /// The record files in the directory that KMSCTL_RECORDS names, sorted.
    pub(crate) fn record_files(&self) -> Vec<PathBuf> {
        let directory = self.file(self.variable_if_set("KMSCTL_RECORDS").unwrap_or("records"));
        let files = fs::read_dir(directory).expect("records").map(|entry| entry.expect("entry").path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
        files.sort();
        files
    }

    /// Writes a file that only its owner can read, as required of PIN files.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        write_private(&path, content.as_ref());
        path
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap_or_else(|error| panic!("reading {name}: {error}"))
    }

    /// A command that will run in this environment.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(&self.variables).current_dir(self.path("work"));
        command
    }

    /// Runs `kmsctl` with nothing on its standard input.
    #[must_use = "assert how it ended: `.success()`, `.fails(code)` or `.exits(code)`"]
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        process::run(self.command(KMSCTL, args), b"", self.root.path())
    }

    #[must_use = "assert how it ended: `.success()`, `.fails(code)` or `.exits(code)`"]
    pub(crate) fn run_with_stdin<S: AsRef<OsStr>>(
        &self,
        stdin: impl AsRef<[u8]>,
        args: impl IntoIterator<Item = S>,
    ) -> Output {
        process::run(self.command(KMSCTL, args), stdin.as_ref(), self.root.path())
    }

    /// Runs a line of shell, in which `kmsctl` is the program under test.
    #[must_use = "assert how it ended: `.success()`, `.fails(code)` or `.exits(code)`"]
    pub(crate) fn shell(&self, script: &str) -> Output {
        process::run(self.command("bash", ["-c", script]), b"", self.root.path())
    }

    /// The memory at the peak, in KiB, of `kmsctl` with this line of arguments for a shell, which ends with `code`. That of the
    /// Python process that it is forked from counts too.
    #[track_caller]
    pub(crate) fn peak_memory(&self, code: i32, line: &str) -> u64 {
        let script = "import resource, subprocess, sys\n\
            ended = subprocess.run(['bash', '-c', sys.argv[1]], stdout=sys.stderr)\n\
            print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
        let python = self.command("python3", ["-c", script, &format!("exec {KMSCTL} {line}")]);
        let output = process::run(python, b"", self.root()).success();
        let (found, peak) = output.line().split_once(' ').expect("two numbers");
        assert_eq!(found, code.to_string(), "{output}");
        peak.parse().expect("a number")
    }

    /// Puts a key on the token and returns its `--json` output. RSA-2048 keys are imported from prepared files until these
    /// run out, because generating one takes longer than most tests; other keys are created on the token.
    #[track_caller]
    pub(crate) fn create(&self, label: &str, algorithm: &str) -> Value {
        let prepared = (algorithm == "rsa-2048")
            .then(|| PREPARED_RSA.get(self.prepared_used.fetch_add(1, Ordering::Relaxed)))
            .flatten();
        let Some(pem) = prepared else {
            let create = ["key", "create", "--label", label, "--algorithm", algorithm, "--json"];
            return self.run(create).success().json();
        };
        self.run_with_stdin(pem, ["key", "import", "--label", label, "--json"]).success().json()
    }

    /// The algorithms that encrypt, one for each way: those that the token can.
    pub(crate) fn encrypting(&self) -> &'static [&'static str] {
        if self.has("KMSCTL_MODULE") {
            &["aes-256", "rsa-2048"]
        } else {
            &["aes-256", "rsa-2048", "ml-kem-768"]
        }
    }

    /// All keys, as `key list --json` shows them.
    #[track_caller]
    pub(crate) fn keys(&self) -> Vec<Value> {
        let listed = self.run(["key", "list", "--json"]).success().json();
        listed.as_array().expect("key list --json prints an array").clone()
    }

    /// The labels of all keys, sorted.
    #[track_caller]
    pub(crate) fn delete(&self, label: &str) {
        self.run(["key", "delete", "--label", label, "--yes"]).success();
    }

    #[track_caller]
    pub(crate) fn labels(&self) -> Vec<String> {
        let mut labels: Vec<_> = self.keys().iter().map(|key| field(key, "label").to_owned()).collect();
        labels.sort();
        labels
    }

    /// Writes the public key of `label` to `<label>.pem` in the working directory and returns the file name.
    #[track_caller]
    pub(crate) fn public_key(&self, label: &str) -> String {
        let name = format!("{label}.pem");
        self.write(&name, self.run(["key", "show", "--label", label, "--pem"]).success().stdout);
        name
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }
}

/// One run with changed environment variables.
pub(crate) struct Run<'env> {
    env: &'env TestEnv,
    extra: Vec<(String, std::ffi::OsString)>,
    without: Vec<String>,
}

impl Run<'_> {
    pub(crate) fn without(mut self, variable: &str) -> Self {
        self.without.push(variable.to_owned());
        self
    }

    pub(crate) fn with(mut self, variable: &str, value: impl AsRef<OsStr>) -> Self {
        self.extra.push((variable.to_owned(), value.as_ref().to_owned()));
        self
    }

    #[must_use = "assert how it ended: `.success()`, `.fails(code)` or `.exits(code)`"]
    pub(crate) fn run<S: AsRef<OsStr>>(self, args: impl IntoIterator<Item = S>) -> Output {
        process::run(self.command(KMSCTL, args), b"", self.env.root())
    }

    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = self.env.command(program, args);
        for variable in &self.without {
            command.env_remove(variable);
        }
        command.envs(self.extra.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// A string field of a JSON object.
#[track_caller]
pub(crate) fn field<'value>(value: &'value Value, name: &str) -> &'value str {
    value[name].as_str().unwrap_or_else(|| panic!("no string {name:?} in {value}"))
}

fn write_private(path: &Path, content: &[u8]) {
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(content));
    written.unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
}

pub(crate) fn path_text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are UTF-8")
}

/// The directory of the program under test, then the system's tools.
fn search_path() -> String {
    let own = Path::new(KMSCTL).parent().expect("the program lies in a directory");
    format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", path_text(own))
}
