//! The results of `kmsctl reencrypt`.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    commands::context::Context,
    model::{Version, answer},
    operation::SealError,
    render::Document,
};

/// The result for one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Reencrypted {
        from: Version,
        to: Version,
    },
    /// Found by `--check`.
    Outdated {
        from: Version,
        to: Version,
    },
    Current(Version),
    /// A file in a directory that is not a ciphertext for a token key.
    Skipped,
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Reencrypted { .. } => "reencrypted",
            Self::Outdated { .. } => "outdated",
            Self::Current(_) => "current",
            Self::Skipped => "skipped",
        }
    }
}

/// What became of the file key of an age file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKeyFate {
    Kept,
    New,
}

/// The result for one input, and whether the body of an age file was authenticated (`None` for a text).
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) fate: Fate,
    pub(super) verified: Option<bool>,
    /// `None` for a text, and with `--check`.
    pub(super) file_key: Option<FileKeyFate>,
    /// How many recipients were dropped.
    pub(super) dropped: usize,
    /// How many recipients were added.
    pub(super) added: usize,
    /// Why keys of this token that could open it before no longer do.
    pub(super) barred: Vec<String>,
}

impl Outcome {
    /// Whether recipients were dropped who know the file key.
    pub(super) fn leaves_file_key(&self) -> bool {
        self.dropped > 0 && self.file_key == Some(FileKeyFate::Kept)
    }

    /// The outcome for a text, which has no separate body to verify.
    pub(super) fn of_text(fate: Fate) -> Self {
        Self { fate, verified: None, file_key: None, dropped: 0, added: 0, barred: Vec::new() }
    }
}

answer! {
    /// The result for a ciphertext.
    pub struct FileReport {
        /// The file, or standard input
        file: String,
        /// reencrypted, outdated (with `--check`), current, skipped (not a ciphertext for this token) or failed
        status: &'static str,
        /// Version that it was encrypted with
        version: Option<Version>,
        /// Newest version of the key
        newest_version: Option<Version>,
        /// Whether the body of an age file was checked (`--verify`); null for a text
        body_verified: Option<bool>,
        /// kept or new (`--new-file-key`); recipients who were dropped know a file key that is kept; null for a text and with
        /// `--check`
        file_key: Option<&'static str>,
        /// How many recipients of an age file were dropped; null where `fileKey` is
        recipients_dropped: Option<usize>,
        /// Why it failed; null if it did not
        error: Option<String>,
    }
}

answer! {
    /// The results for several ciphertexts.
    pub struct Reports {
        /// Each file
        files: Vec<FileReport>,
        /// How many were re-encrypted
        reencrypted: usize,
        /// How many are outdated (with `--check`)
        outdated: usize,
        /// How many are current
        current: usize,
        /// How many were skipped
        skipped: usize,
        /// How many failed
        failed: usize,
    }
}

/// Prints the results, and fails if one failed or is outdated.
pub(super) fn summarise(
    context: &Context,
    is_check: bool,
    outcomes: Vec<(PathBuf, Result<Outcome>)>,
) -> Result<()> {
    let done = || outcomes.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
    let count = |word: &str| done().filter(|outcome| outcome.fate.word() == word).count();
    let [reencrypted, outdated, current, skipped] =
        ["reencrypted", "outdated", "current", "skipped"].map(count);
    let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    let first = if is_check { format!("{outdated} outdated") } else { format!("{reencrypted} re-encrypted") };
    context.ui.status(format!("{first}, {current} current, {skipped} skipped, {failed} failed"));
    if done().any(|outcome| outcome.verified == Some(false)) {
        context.ui.status("the bodies of age files were not checked; `--verify` checks them");
    }
    let files = outcomes.iter().map(|(path, outcome)| report(&path.display().to_string(), outcome)).collect();
    let reports = Reports { files, reencrypted, outdated, current, skipped, failed };
    context.print(&Document::of(&reports, ""))?;
    let total = reencrypted + outdated + current + failed;
    if let Some(error) = outcomes.into_iter().find_map(|(_, outcome)| outcome.err()) {
        let doing = if is_check { "checked" } else { "re-encrypted" };
        return Err(error.context(format!("{failed} of {total} ciphertexts could not be {doing}")));
    }
    if outdated > 0 { Err(SealError::Outdated { old: outdated, of: total }.into()) } else { Ok(()) }
}

pub(super) fn report(name: &str, outcome: &Result<Outcome>) -> FileReport {
    let file_key = outcome.as_ref().ok().and_then(|outcome| Some((outcome.file_key?, outcome.dropped)));
    let (word, versions, verified, error) = match outcome {
        Ok(Outcome { fate, verified, .. }) => {
            let versions = match *fate {
                Fate::Reencrypted { from, to } | Fate::Outdated { from, to } => Some((from, to)),
                Fate::Current(version) => Some((version, version)),
                Fate::Skipped => None,
            };
            (fate.word(), versions, *verified, None)
        }
        Err(error) => ("failed", None, None, Some(error.root_cause().to_string())),
    };
    FileReport {
        file: name.to_owned(),
        status: word,
        version: versions.map(|(from, _)| from),
        newest_version: versions.map(|(_, to)| to),
        body_verified: verified,
        file_key: file_key.map(|(fate, _)| match fate {
            FileKeyFate::Kept => "kept",
            FileKeyFate::New => "new",
        }),
        recipients_dropped: file_key.map(|(_, dropped)| dropped),
        error,
    }
}
