//! `kmsctl sign` of several files: one login, a signature for each.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::{
    context::{Context, Need, selection},
    public_key, sessions,
    several::{self, Several},
    sign::{self, Sign},
};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::UsageError,
    encoding::{EcdsaForm, Encoding},
    io::{Output, open_source},
    keystore::{Keystore, Selected},
    model::answer,
    operation::{self, signing_algorithm},
    render::Document,
};

answer! {
    /// The signature of one of several files.
    pub struct FileSignature {
        /// The file
        file: String,
        /// Its signature as `--encoding` says; base64 in place of binary
        signature: String,
        /// File that the signature was written to; null without `--out`
        out: Option<String>,
    }
}

answer! {
    /// The signatures of several files.
    pub struct Signatures<'a> {
        /// Each file's, in the order of the files
        signatures: Vec<FileSignature>,
        /// Signature algorithm
        algorithm: &'static str,
        /// Label of the key
        label: &'a str,
        /// CKA_ID of the version that signed
        cka_id: String,
        /// Version that signed
        version: u32,
    }
}

/// What is the same for all files.
struct Job {
    selected: Selected,
    algorithm: SignatureAlgorithm,
    form: EcdsaForm,
}

pub(super) fn sign(context: &Context, arguments: &Sign) -> Result<()> {
    let encoding = sign::encoding(arguments.encoding);
    let several =
        Several { files: &arguments.input, directory: arguments.out.as_deref(), what: "signatures" };
    several.check()?;
    if arguments.digest {
        return Err(UsageError::new("a digest is signed one at a time").into());
    }
    if several.directory.is_none() && encoding == Encoding::Binary {
        return Err(UsageError::new("several binary signatures do not fit on one stream")
            .hinted("`--out DIR` writes a file for each")
            .into());
    }
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    public_key::warn_if_overdue(context, &selected.key);
    if selected.version().protection().always_authenticate == Some(true) {
        let (label, count) = (&selected.key.label, arguments.input.len());
        context.ui.status(format!(
            "key {label:?} asks for the PIN at each use: {count} signatures take {count} logins"
        ));
    }
    let algorithm = signing_algorithm(&selected.key, arguments.algorithm)
        .with_context(|| format!("cannot sign with key {}", sign::describe(&selected)))?;
    let job = Job { selected, algorithm, form: sign::ecdsa_form(arguments.ecdsa) };
    let sessions = sessions::several(context, opened.keystore, several.workers(arguments.jobs))?;
    let mut shown = Vec::new();
    several.work(
        context,
        "signing",
        sessions,
        |keystore, path| job.sign(keystore, path),
        |path, signature| deliver(context, several, encoding, path, &signature, &mut shown),
    )?;
    if context.settings.json {
        return context.print(&Document::of(&job.answer(shown), ""));
    }
    Ok(())
}

impl Job {
    fn sign(&self, keystore: &Keystore, path: &Path) -> Result<Vec<u8>> {
        let file = open_source(path)?.reader;
        let raw =
            operation::sign_stream(keystore, &self.selected, self.algorithm, file).map_err(|error| {
                if error.is::<std::io::Error>() {
                    error.context(format!("cannot read {}", path.display()))
                } else {
                    error
                }
            })?;
        Ok(self.form.write(self.algorithm, raw)?)
    }

    fn answer(&self, signatures: Vec<FileSignature>) -> Signatures<'_> {
        Signatures {
            signatures,
            algorithm: self.algorithm.name(),
            label: &self.selected.key.label,
            cka_id: self.selected.version().id.to_string(),
            version: self.selected.version().version.number(),
        }
    }
}

/// Into its own file, or onto a line with the file's name.
fn deliver(
    context: &Context,
    several: Several<'_>,
    encoding: Encoding,
    path: &Path,
    signature: &[u8],
    shown: &mut Vec<FileSignature>,
) -> Result<()> {
    let text = encoding.encode(signature);
    let place = several.place(path, "sig");
    if let Some(target) = &place {
        let line_end: &[u8] = if encoding == Encoding::Binary { b"" } else { b"\n" };
        Output::to(Some(target)).write(&[&text, line_end].concat())?;
    } else if !context.settings.json {
        Output::to(None).write(&several::line(&text, path))?;
    }
    if context.settings.json {
        shown.push(FileSignature {
            file: path.to_string_lossy().into_owned(),
            signature: sign::text_in_json(encoding, signature),
            out: place.map(|place| place.to_string_lossy().into_owned()),
        });
    }
    Ok(())
}
