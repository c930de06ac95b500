//! `kmsctl decrypt` of several files: one login, a plaintext for each.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    context::{Context, Need},
    decrypt::{Decrypt, named_keys, open},
    sealed::{Sealed, SealedBy},
    sessions,
    several::Several,
};
use crate::{
    cli::UsageError,
    io::{Input, Output, StdinGuard},
    keystore::Keystore,
    model::answer,
    render::Document,
};

answer! {
    /// One of several files that were decrypted.
    pub struct FilePlaintext {
        ..key: SealedBy,
        /// The file
        file: String,
        /// File that the plaintext was written to
        out: String,
    }
}

answer! {
    /// Several files that were decrypted.
    pub struct Plaintexts {
        /// Each file, in the order in which they were given
        plaintexts: Vec<FilePlaintext>,
    }
}

pub(super) fn decrypt(context: &Context, arguments: &Decrypt) -> Result<()> {
    let Some(directory) = arguments.out.as_deref() else {
        return Err(UsageError::new("several plaintexts do not fit on one stream")
            .hinted("`--out DIR` writes a file for each")
            .into());
    };
    let several = Several { files: &arguments.input, directory: Some(directory), what: "plaintexts" };
    several.check()?;
    check_names(&arguments.input)?;
    let opened = context.open(Need::Read)?;
    let workers = sessions::several(context, opened.keystore, several.workers(arguments.jobs))?;
    let mut shown = Vec::new();
    several.work(
        context,
        "decrypting",
        workers,
        |keystore, path| {
            let target = directory.join(plain_name(path)?);
            let doing = || format!("cannot decrypt {}", path.display());
            unseal(keystore, path, &target, arguments).with_context(doing)
        },
        |_, report| {
            shown.push(report);
            Ok(())
        },
    )?;
    if context.settings.json {
        context.print(&Document::of(&Plaintexts { plaintexts: shown }, ""))
    } else {
        Ok(())
    }
}

/// Each file has a name that says where its plaintext goes, and no two the same.
fn check_names(files: &[PathBuf]) -> Result<(), UsageError> {
    let mut names = HashSet::new();
    for file in files {
        if !names.insert(plain_name(file)?) {
            return Err(UsageError::new(format!(
                "the plaintexts of {} and another file would have one name",
                file.display()
            )));
        }
    }
    Ok(())
}

/// The name without what `encrypt` added to it.
fn plain_name(file: &Path) -> Result<PathBuf, UsageError> {
    let is_ours = file.extension().is_some_and(|extension| extension == "kms" || extension == "age");
    match file.file_stem() {
        Some(name) if is_ours => Ok(name.into()),
        _ => Err(UsageError::new(format!("{} ends neither in .kms nor in .age", file.display()))
            .hinted("decrypt it by itself, with the name of its plaintext as `--out`")),
    }
}

/// Writes the plaintext when all of it is authentic; what is in JSON of it.
fn unseal(keystore: &Keystore, path: &Path, target: &Path, arguments: &Decrypt) -> Result<FilePlaintext> {
    let reader = Input::File(path.to_owned()).open(&StdinGuard::default(), "the ciphertext")?;
    let sealed = Sealed::read(reader)?;
    let (mut name, format) = (sealed.key().clone(), sealed.format());
    let output = Output::to(Some(target)).binary(true).private();
    let label = match sealed {
        Sealed::Text(ciphertext) => {
            let opened = open(keystore, arguments, &ciphertext)?;
            output.write(opened.plaintext.expose())?;
            opened.selected.key.label
        }
        Sealed::Envelope { envelope, body, .. } => {
            let context = arguments.context.as_ref();
            let unlocked = match named_keys(keystore, arguments, Some(name.version))? {
                Some(keys) => envelope.unlock_with(keystore, &keys, context),
                None => envelope.unlock(keystore, context),
            }?;
            let mut writer = output.open()?;
            unlocked.decrypt(body, &mut writer)?;
            writer.commit()?;
            name = unlocked.name().clone();
            unlocked.selected.key.label.clone()
        }
    };
    Ok(FilePlaintext {
        key: SealedBy::new(format, &name, Some(&label)),
        file: path.to_string_lossy().into_owned(),
        out: target.to_string_lossy().into_owned(),
    })
}
