//! `kmsctl config edit`.

use std::{
    borrow::Cow,
    io::{IsTerminal as _, Write, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::Args;
use tempfile::{Builder, NamedTempFile};

use super::target::Target;
use crate::{
    cli::{Global, UsageError, answers, examples},
    commands::{
        command::{Grammar, RunBare, bare},
        print::Bare,
    },
    config::{self, Environment, TEMPLATE},
    model::answer,
    render::Document,
    secret, setting,
    ui::{Answer, confirm},
};

/// Edit the configuration file
///
/// Opens a copy in the editor named by VISUAL or EDITOR (else vi) and checks it. A valid copy replaces the file;
/// otherwise the file is not changed, and you can edit the copy again.
#[derive(Debug, Args)]
#[command(add = answers![Edited])]
#[command(after_help = examples![
    "With another editor" => "EDITOR='code --wait' kmsctl config edit",
    "With your usual editor" => "kmsctl config edit",
])]
pub struct Edit {}

/// The default of `git` and `crontab` too.
const DEFAULT_EDITOR: &str = "vi";

answer! {
    /// The configuration file after it was edited.
    pub struct Edited<'a> {
        /// Its path
        path: Cow<'a, str>,
        /// Whether it was changed
        changed: bool,
    }
}

impl RunBare for Edit {
    /// Edits a copy of the file, which replaces the original if it is valid. An invalid copy is kept, so no edits are lost.
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        if global.no_input() {
            return Err(UsageError::new("cannot open an editor with `--no-input`")
                .hinted("`config add-profile` writes a profile without one")
                .into());
        }
        let bare = Bare::new(global);
        if named_editor(&bare.environment).is_none() && !stdin().is_terminal() {
            return Err(UsageError::new(format!(
                "{DEFAULT_EDITOR} needs a terminal, and VISUAL and EDITOR are not set"
            ))
            .hinted("`config add-profile` writes a profile without an editor")
            .into());
        }
        let target = Target::read(global, &bare.environment)?;
        target.make_directory()?;
        let copy = Copy::of(&target)?;
        let kept = copy.kept();
        let text = loop {
            let edited = run_editor(&bare.environment, copy.path()).and_then(|()| copy.read());
            match edited.and_then(|text| config::check(&kept, &text).map(|()| text).map_err(Into::into)) {
                Ok(text) => break text,
                Err(error) if wants_to_retry(&error, global) => {}
                Err(error) => return Err(copy.keep(error)),
            }
        };
        let changed = text != target.text.as_deref().unwrap_or(TEMPLATE);
        let line = if changed {
            put(&target, &text).map_err(|error| copy.keep(error))?;
            format!("changed {}", target.path.display())
        } else {
            "nothing was changed".to_owned()
        };
        let answer = Edited { path: target.path.to_string_lossy(), changed };
        bare.print(&Document::of(&answer, "").saying(line))
    }
}

bare!(Edit);

/// Replaces the file. Fails if another process has changed it meanwhile, whose change would be lost.
fn put(target: &Target, text: &str) -> Result<()> {
    let now = std::fs::read_to_string(&target.path).ok();
    if now != target.text {
        return Err(UsageError::new(format!(
            "{} was changed by another process while it was edited",
            target.path.display()
        ))
        .into());
    }
    target.replace(text)
}

/// On a configuration error, asks whether to reopen the editor.
fn wants_to_retry(error: &anyhow::Error, global: &Global) -> bool {
    let question = format!("error: {error}\nEdit it again?");
    error.is::<config::ConfigError>() && confirm(&question, global.no_input()) == Answer::Yes
}

fn named_editor(environment: &Environment) -> Option<String> {
    environment.text(&setting::VISUAL).or_else(|| environment.text(&setting::EDITOR))
}

/// Runs the editor in a shell, because the variable may contain options (`code --wait`).
fn run_editor(environment: &Environment, file: &Path) -> Result<()> {
    let named = named_editor(environment);
    let editor = named.as_deref().unwrap_or(DEFAULT_EDITOR);
    let status = secret::command("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("sh")
        .arg(file)
        .status()
        .context("cannot start a shell for the editor")?;
    if status.success() {
        return Ok(());
    }
    let error = UsageError::new(format!("the editor {editor:?} failed, so nothing was changed"));
    Err(error.hinted("VISUAL or EDITOR names the editor").into())
}

/// The copy being edited, in the directory of the original. Removed on drop unless kept.
struct Copy {
    file: NamedTempFile,
    begin: String,
}

impl Copy {
    fn of(target: &Target) -> Result<Self> {
        let directory = target.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let directory = directory.map_or_else(|| PathBuf::from("."), Path::to_owned);
        let begin = target.text.clone().unwrap_or_else(|| TEMPLATE.to_owned());
        let write = || {
            let mut file = Builder::new().prefix("edited-").suffix(".toml").tempfile_in(&directory)?;
            file.write_all(begin.as_bytes())?;
            Ok::<_, std::io::Error>(file)
        };
        let file = write().with_context(|| format!("cannot write in {}", directory.display()))?;
        Ok(Self { file, begin })
    }

    fn path(&self) -> &Path {
        self.file.path()
    }

    /// Reads by path, because editors write a new file and rename it.
    fn read(&self) -> Result<String> {
        std::fs::read_to_string(self.path()).with_context(|| format!("cannot read {}", self.path().display()))
    }

    /// Where an edited copy is kept that did not replace the file: only the last one.
    fn kept(&self) -> PathBuf {
        self.path().with_file_name("edited.toml")
    }

    /// Keeps the copy if it was edited, and adds its path to the error.
    fn keep(self, error: anyhow::Error) -> anyhow::Error {
        if self.read().is_ok_and(|text| text == self.begin) {
            return error;
        }
        let kept = self.kept();
        match self.file.into_temp_path().persist(&kept) {
            Ok(()) => error.context(format!("nothing was changed; your edits are in {}", kept.display())),
            Err(failed) => error.context(format!("your edits could not be saved: {failed}")),
        }
    }
}
