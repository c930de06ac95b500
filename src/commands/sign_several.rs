//! `kmsctl sign` of several files: one login, a signature for each.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

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
    operation::{self, signing_algorithm},
    render::Document,
};

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
        return context.print(&Document::new(job.describe(&shown), ""));
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

    fn describe(&self, signatures: &[Value]) -> Value {
        json!({
            "signatures": signatures,
            "algorithm": self.algorithm.name(),
            "label": self.selected.key.label,
            "ckaId": self.selected.version().id.to_string(),
            "version": self.selected.version().version.number(),
        })
    }
}

/// Into its own file, or onto a line with the file's name.
fn deliver(
    context: &Context,
    several: Several<'_>,
    encoding: Encoding,
    path: &Path,
    signature: &[u8],
    shown: &mut Vec<Value>,
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
        shown.push(json!({
            "file": path.to_string_lossy(),
            "signature": sign::text_in_json(encoding, signature),
            "out": place.map(|place| place.to_string_lossy().into_owned()),
        }));
    }
    Ok(())
}
