//! The cases: each is one job, done by several programs on equal tokens.

mod envelope;
mod many;
mod one;

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result};

use crate::{
    program::{Programs, must_succeed},
    token::{Kind, Token},
};

pub(crate) struct Case {
    pub(crate) title: String,
    /// Differences between the programs that matter for the comparison.
    pub(crate) note: Option<String>,
    pub(crate) rounds: u32,
    pub(crate) contestants: Vec<Contestant>,
    /// Index of the contestant that ratios refer to.
    pub(crate) reference: usize,
}

/// Makes the command for a run. If a file is given, its PKCS#11 calls are logged there.
type MakeCommand = Box<dyn Fn(Option<&Path>) -> Command>;

pub(crate) struct Contestant {
    pub(crate) name: String,
    pub(crate) command: MakeCommand,
    /// Runs before each run and is not measured.
    pub(crate) prepare: Box<dyn Fn() -> Result<()>>,
    /// Number of operations in one run.
    pub(crate) operations: u32,
    /// Whether the program measures itself and prints the seconds.
    pub(crate) times_itself: bool,
    pub(crate) uses_token: bool,
}

/// All cases.
pub(crate) fn all(
    tokens: &[Token],
    due: &[Vec<Token>],
    scratch: &Token,
    programs: &Programs,
) -> Result<Vec<Case>> {
    let pick = |kind, keys| tokens.iter().find(|token| token.kind == kind && token.keys == keys);
    let (softhsm, embedded) =
        pick(Kind::SoftHsm, 10).zip(pick(Kind::Embedded, 10)).context("tokens of ten keys")?;
    let job = Job { programs, softhsm, embedded };
    let mut cases = vec![job.start()];
    for (label, title) in [("key-00003", "P-256"), ("rsa-2048", "RSA-2048"), ("rsa-4096", "RSA-4096")] {
        cases.push(job.sign(label, title)?);
    }
    cases.extend([job.verify()?, job.encrypt()?, job.decrypt()?, job.import(scratch)?]);
    for keys in tokens.iter().filter(|token| token.kind == Kind::SoftHsm).map(|token| token.keys) {
        let (softhsm, embedded) =
            pick(Kind::SoftHsm, keys).zip(pick(Kind::Embedded, keys)).context("a token of each kind")?;
        let job = Job { programs, softhsm, embedded };
        cases.extend([job.list()?, job.show()?]);
        if keys == 10 {
            cases.push(job.slow_sign()?);
        } else if keys == 1000 {
            cases.push(job.slow_list()?);
        }
    }
    cases.extend(due.iter().map(|tokens| job.rotate(tokens)));
    for kind in &many::BATCHES {
        for sessions in kind.sessions {
            cases.push(job.batch(kind, *sessions)?);
        }
    }
    cases.extend([job.envelope()?, job.open_envelope()?, job.rewrap()]);
    Ok(cases)
}

/// The cases on a pair of equal tokens.
struct Job<'a> {
    programs: &'a Programs,
    softhsm: &'a Token,
    embedded: &'a Token,
}

impl Job<'_> {
    fn both(&self) -> [&Token; 2] {
        [self.softhsm, self.embedded]
    }

    fn kmsctl(&self, token: &Token, arguments: &[&str]) -> Contestant {
        let program = self.programs.kmsctl.clone();
        on(format!("kmsctl, {}", token.kind.name()), token, move |_| Command::new(&program), arguments)
    }

    /// On SoftHSM.
    fn pkcs11_tool(&self, arguments: &[&str]) -> Result<Contestant> {
        Ok(on("pkcs11-tool, SoftHSM2".to_owned(), self.softhsm, self.start_pkcs11_tool()?, arguments))
    }

    fn start_pkcs11_tool(&self) -> Result<impl Fn(&Path) -> Command + 'static> {
        let pin = self.softhsm.pin()?;
        Ok(move |module: &Path| {
            let mut command = Command::new("pkcs11-tool");
            command.arg("--module").arg(module).args(["--login", "--pin", &pin]);
            command
        })
    }

    /// The CKA_ID of a key on SoftHSM: pkcs11-tool ignores the label when it selects a key to use.
    fn id(&self, label: &str) -> Result<String> {
        let show = self.kmsctl(self.softhsm, &["key", "show", "--label", label, "--json"]);
        let key: serde_json::Value = serde_json::from_slice(&must_succeed(&mut (show.command)(None))?)?;
        Ok(key["ckaId"].as_str().context("a key's CKA_ID")?.to_owned())
    }

    /// On SoftHSM. p11tool asks for a PIN unless the environment has one.
    fn p11tool(&self, arguments: &[&str]) -> Result<Contestant> {
        let pin = self.softhsm.pin()?;
        let start = move |module: &Path| {
            let mut command = Command::new("p11tool");
            command.arg("--provider").arg(module).args(["--login", "--batch"]).env("GNUTLS_PIN", &pin);
            command
        };
        Ok(on("p11tool, SoftHSM2".to_owned(), self.softhsm, start, arguments))
    }

    /// The bare calls. The embedded token is reached through the fault module, which has it linked in.
    fn bare(&self, token: &Token, arguments: &[&str]) -> Result<Contestant> {
        let (program, pin, database) = (self.programs.bare.clone(), token.pin()?, token.database());
        let is_embedded = token.kind == Kind::Embedded;
        let start = move |module: &Path| {
            let mut command = Command::new(&program);
            command.arg(module).arg(&pin);
            if is_embedded {
                command.env("BARE_MODULE_ARGS", &database);
            }
            command
        };
        Ok(on(format!("bare calls, {}", token.kind.name()), token, start, arguments))
    }
}

/// A program on a token. `start` makes its command for a module.
fn on(
    name: String,
    token: &Token,
    start: impl Fn(&Path) -> Command + 'static,
    arguments: &[&str],
) -> Contestant {
    let (token, arguments) =
        (token.clone(), arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    let command = move |calls: Option<&Path>| {
        let mut command = start(&token.module(calls));
        command.args(&arguments).envs(token.environment(calls));
        command
    };
    Contestant { uses_token: true, ..with_command(name, Box::new(command)) }
}

/// Like [`on`], but through the fault module, which delays each call by a millisecond. Calls are not counted, because the
/// case without delay has the count.
fn slowed(
    name: &str,
    token: &Token,
    start: impl Fn(&Path) -> Command + 'static,
    arguments: &[&str],
) -> Contestant {
    let make = on(name.to_owned(), token, start, arguments).command;
    plain(name, move || {
        let mut command = make(Some(Path::new("/dev/null")));
        command.env("KMSCTL_FAULT_DELAY_US", "1000");
        command
    })
}

/// A program without a token.
fn plain(name: &str, command: impl Fn() -> Command + 'static) -> Contestant {
    with_command(name.to_owned(), Box::new(move |_: Option<&Path>| command()))
}

fn with_command(name: String, command: MakeCommand) -> Contestant {
    let prepare = Box::new(|| Ok(()));
    Contestant { name, command, prepare, operations: 1, times_itself: false, uses_token: false }
}

fn rounds(keys: usize) -> u32 {
    match keys {
        0..100 => 25,
        100..5000 => 7,
        _ => 3,
    }
}

/// A path as an argument. The paths of the tokens are UTF-8.
fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
