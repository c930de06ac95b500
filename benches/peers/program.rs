//! The programs that are compared, and their paths.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};

#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) kmsctl: PathBuf,
    pub(crate) bare: PathBuf,
    pub(crate) fault_module: PathBuf,
    pub(crate) softhsm: PathBuf,
    /// An earlier release, whose start is compared.
    pub(crate) earlier: Option<PathBuf>,
    /// Uses the same file format and the same crate as kmsctl, with keys in files.
    rage: PathBuf,
}

impl Programs {
    pub(crate) fn find(directory: &Path) -> Result<Self> {
        let present = |path: PathBuf| {
            ensure!(path.exists(), "{} does not exist: `./dev bench` builds and installs it", path.display());
            Ok(path)
        };
        let softhsm = [
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib64/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
        ];
        let softhsm = softhsm.iter().map(PathBuf::from).find(|path| path.exists());
        Ok(Self {
            kmsctl: present(directory.join("kmsctl"))?,
            bare: present(directory.join("bare"))?,
            // It counts calls, and is the embedded token's module for the bare calls.
            fault_module: present(directory.join("libkmsctl_fault.so"))?,
            earlier: std::env::var_os("KMSCTL_BENCH_EARLIER").map(PathBuf::from),
            rage: present(directory.join("../peers/bin/rage"))?,
            softhsm: softhsm.context("SoftHSM2 is not installed: `./dev bench` installs it")?,
        })
    }

    /// The programs that envelopes are compared with, by name.
    pub(crate) fn envelopes(&self) -> [(&'static str, PathBuf); 2] {
        [("rage", self.rage.clone()), ("age", PathBuf::from("age"))]
    }
}

/// The first line with a digit in a program's version output.
pub(crate) fn version(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let output = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    let line = text.lines().map(str::trim).find(|line| line.bytes().any(|byte| byte.is_ascii_digit()));
    line.unwrap_or("not installed").to_owned()
}

/// Runs a command and returns its output. The error has its standard error.
pub(crate) fn must_succeed(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        bail!("{command:?}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}
