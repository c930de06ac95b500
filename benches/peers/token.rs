//! Tokens with many keys, kept between runs.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    ops::Range,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::program::{Programs, must_succeed};

/// Maximum number of keys to create in one SoftHSM directory.
const PORTION: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Embedded,
    SoftHsm,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::SoftHsm => "SoftHSM2",
        }
    }
}

/// A token with `keys` keys: P-256 pairs `key-00000` …, and one each of RSA-2048, RSA-4096, AES-256
/// and Ed25519, in the embedded token also of ML-DSA-65.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) keys: usize,
    /// All keys are P-256 pairs whose rotation is overdue.
    scheduled: bool,
    directory: PathBuf,
    softhsm: PathBuf,
    fault_module: PathBuf,
}

impl Token {
    /// Returns the token of an earlier run, or creates it.
    pub(crate) fn prepare(root: &Path, kind: Kind, keys: usize, programs: &Programs) -> Result<Self> {
        Self::at(root.join(format!("{}-{keys}", kind.name())), kind, keys, false, programs)
    }

    /// Like [`Token::prepare`], with keys that are all due for rotation.
    pub(crate) fn scheduled(root: &Path, kind: Kind, keys: usize, programs: &Programs) -> Result<Self> {
        Self::at(root.join(format!("{}-{keys}-due", kind.name())), kind, keys, true, programs)
    }

    fn at(directory: PathBuf, kind: Kind, keys: usize, scheduled: bool, programs: &Programs) -> Result<Self> {
        let (softhsm, fault_module) = (programs.softhsm.clone(), programs.fault_module.clone());
        let token = Self { kind, keys, scheduled, directory, softhsm, fault_module };
        if !token.directory.join("complete").exists() {
            token.make(programs)?;
        }
        Ok(token)
    }

    /// Like [`Token::prepare`], but always creates the token.
    pub(crate) fn afresh(root: &Path, kind: Kind, keys: usize, programs: &Programs) -> Result<Self> {
        let _ = fs::remove_file(root.join(format!("{}-{keys}/complete", kind.name())));
        Self::prepare(root, kind, keys, programs)
    }

    fn make(&self, programs: &Programs) -> Result<()> {
        eprintln!("making a token with {} keys: {}", self.keys, self.directory.display());
        self.make_place()?;
        let mut init = Command::new(&programs.kmsctl);
        init.args(["token", "init", "--label", "bench", "--generate-pin"]).arg(self.pin_file());
        must_succeed(init.envs(self.environment(None)))?;
        let portion = match self.kind {
            Kind::Embedded => self.keys,
            Kind::SoftHsm => PORTION,
        };
        for first in (0..self.keys).step_by(portion) {
            let keys = first..(first + portion).min(self.keys);
            if portion < self.keys { self.fill_beside(keys)? } else { self.fill(keys)? }
        }
        ensure!(self.pin_file().exists(), "no PIN file");
        fs::write(self.directory.join("complete"), "")?;
        Ok(())
    }

    /// Creates an empty directory with SoftHSM's configuration.
    fn make_place(&self) -> Result<()> {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        fs::create_dir_all(self.objects())?;
        fs::create_dir_all(self.directory.join("run"))?;
        let conf = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            self.objects().display()
        );
        Ok(fs::write(self.directory.join("softhsm2.conf"), conf)?)
    }

    fn fill(&self, keys: Range<usize>) -> Result<()> {
        let mut populate = Command::new(std::env::current_exe()?);
        populate.args(["populate", self.kind.name()]).arg(self.place()).arg(self.pin_file());
        populate.args([keys.start.to_string(), keys.end.to_string()]);
        populate.args(self.scheduled.then_some("scheduled"));
        must_succeed(populate.envs(self.environment(None))).map(drop)
    }

    /// SoftHSM reads all its files in each call: creating ten thousand keys in one directory takes an hour. So keys are
    /// created in a copy of the token, and their files are moved.
    fn fill_beside(&self, keys: Range<usize>) -> Result<()> {
        let part = Self { directory: self.directory.join("part"), ..self.clone() };
        part.make_place()?;
        fs::copy(self.pin_file(), part.pin_file())?;
        let token = fs::read_dir(self.objects())?.next().context("SoftHSM made no token")??.file_name();
        let (whole, part_of_it) = (self.objects().join(&token), part.objects().join(&token));
        fs::create_dir(&part_of_it)?;
        for file in ["token.object", "token.lock", "generation"] {
            fs::copy(whole.join(file), part_of_it.join(file))?;
        }
        part.fill(keys)?;
        for file in fs::read_dir(&part_of_it)? {
            let file = file?;
            if !whole.join(file.file_name()).exists() {
                fs::rename(file.path(), whole.join(file.file_name()))?;
            }
        }
        Ok(fs::remove_dir_all(&part.directory)?)
    }

    /// The copy that [`Self::copy`] creates.
    pub(crate) fn copied(&self) -> Self {
        Self { directory: self.directory.with_extension("copy"), ..self.clone() }
    }

    /// Creates the copy; replaces an earlier one.
    pub(crate) fn copy(&self) -> Result<()> {
        let copy = self.copied();
        copy.make_place()?;
        fs::copy(self.pin_file(), copy.pin_file())?;
        match self.kind {
            Kind::Embedded => copy_files(&self.store(), &copy.store()),
            Kind::SoftHsm => {
                let token = fs::read_dir(self.objects())?.next().context("a token")??.file_name();
                copy_files(&self.objects().join(&token), &copy.objects().join(&token))
            }
        }
    }

    /// The directory of SoftHSM's tokens.
    fn objects(&self) -> PathBuf {
        self.directory.join("softhsm")
    }

    /// The store, or the module.
    fn place(&self) -> PathBuf {
        match self.kind {
            Kind::Embedded => self.store(),
            Kind::SoftHsm => self.softhsm.clone(),
        }
    }

    fn store(&self) -> PathBuf {
        self.directory.join("store")
    }

    /// The embedded token's database.
    pub(crate) fn database(&self) -> PathBuf {
        self.store().join("token.sql")
    }

    pub(crate) fn pin_file(&self) -> PathBuf {
        self.directory.join("pin")
    }

    pub(crate) fn pin(&self) -> Result<String> {
        let text = fs::read_to_string(self.pin_file()).context("the PIN of a token")?;
        Ok(text.trim_end().to_owned())
    }

    /// A file for the inputs and outputs of a case.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// The module for other programs; with `calls`, the fault module in front of it.
    pub(crate) fn module(&self, calls: Option<&Path>) -> PathBuf {
        match (self.kind, calls) {
            (Kind::SoftHsm, None) => self.softhsm.clone(),
            _ => self.fault_module.clone(),
        }
    }

    /// The environment in which kmsctl and other programs use this token; with `calls`, through the fault module, which logs
    /// each call to that file.
    pub(crate) fn environment(&self, calls: Option<&Path>) -> Vec<(String, OsString)> {
        let database = self.database();
        let mut variables = vec![
            ("SOFTHSM2_CONF", self.directory.join("softhsm2.conf").into_os_string()),
            ("XDG_RUNTIME_DIR", self.directory.join("run").into()),
            ("XDG_CONFIG_HOME", self.directory.join("config").into()),
            ("KMSCTL_PIN_FILE", self.pin_file().into()),
        ];
        match self.kind {
            Kind::Embedded => variables.push(("KMSCTL_FAULT_MODULE", "kryoptic".into())),
            Kind::SoftHsm => variables.push(("KMSCTL_FAULT_MODULE", self.softhsm.clone().into())),
        }
        match (self.kind, calls) {
            (Kind::Embedded, None) => variables.push(("KMSCTL_STORE", self.store().into())),
            (Kind::SoftHsm, None) => variables.push(("KMSCTL_MODULE", self.softhsm.clone().into())),
            (Kind::Embedded, Some(_)) => {
                variables.push(("KMSCTL_MODULE", self.fault_module.clone().into()));
                variables.push(("KMSCTL_MODULE_ARGS", database.into()));
            }
            (Kind::SoftHsm, Some(_)) => variables.push(("KMSCTL_MODULE", self.fault_module.clone().into())),
        }
        if let Some(calls) = calls {
            variables.push(("KMSCTL_FAULT_LOG", calls.into()));
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Copies a token: both kinds are one directory of files.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    DirBuilder::new().mode(0o700).create(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
