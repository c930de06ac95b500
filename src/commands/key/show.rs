//! `kmsctl key show`.

use anyhow::{Context as _, Result};
use data_encoding::HEXLOWER;
use serde_json::json;

use super::super::context::{Context, Need, selection};
use crate::{
    algorithm::SignatureAlgorithm,
    cli::{self, key::Recipe},
    config::Target,
    encoding::{JwkUse, PublicKey},
    io::Output,
    keystore::{self, Keystore, Selected, Selection},
    operation,
    render::{self, Document, KeyView, recipe},
    token::ModuleError,
    ui,
};

pub(super) fn show(context: &Context, arguments: &cli::key::Show) -> Result<()> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    if let Some(recipe) = arguments.recipe {
        return print_recipe(context, arguments, &wanted, recipe);
    }
    if arguments.pem || arguments.der || arguments.jwk || arguments.ssh {
        let public = super::open_public(context, &wanted)?;
        return print_public_key(context, arguments, &public);
    }
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&wanted)?;
    if arguments.kcv {
        let value = HEXLOWER.encode(&operation::check_value(&opened.keystore, &selected)?);
        let document = Document::new(json!({"kcv": value}), format!("{value}\n"));
        return context.print_to(&Output::to(arguments.out.as_deref()), &document);
    }
    let (key, version) = (&selected.key, selected.version());
    let public = shown_public_key(context, &opened.keystore, &selected)?;
    let pem = public.as_ref().map(PublicKey::to_pem);
    let view =
        KeyView::new(key, version, opened.keystore.names(), opened.keystore.token(), opened.protection)
            .with_public_key(pem.as_deref())
            .with_fingerprint(public.as_ref().map(PublicKey::fingerprint).as_ref());
    let details = render::key_details(&view, version);
    match &arguments.out {
        None => context.print(&details)?,
        Some(path) => context.print_to(&Output::to(Some(path)), &details)?,
    }
    match pem.filter(|_| arguments.copy) {
        Some(pem) => copy(context, "the public key", &pem),
        None => Ok(()),
    }
}

/// The public key, where the key has one that can be shown.
fn shown_public_key(
    context: &Context,
    keystore: &Keystore,
    selected: &Selected,
) -> Result<Option<PublicKey>> {
    match operation::public_half(keystore, selected) {
        Ok(half) => {
            super::warn_if_unproven(context, keystore, &selected.key.label, &half);
            Ok(Some(half.key))
        }
        Err(error) if matches!(error.downcast_ref(), Some(keystore::Error::PublicKeyMismatch { .. })) => {
            Err(error)
        }
        Err(_) => Ok(None),
    }
}

fn print_public_key(context: &Context, arguments: &cli::key::Show, found: &super::Public) -> Result<()> {
    let (selected, public) = (&found.selected, found.half(context)?.key);
    let bytes = if arguments.der {
        public.to_spki_der()
    } else if arguments.jwk {
        format!("{}\n", public.to_jwk(jwk_use(selected, &public))).into_bytes()
    } else if arguments.ssh {
        format!("{}\n", public.to_ssh(&selected.key.label)).into_bytes()
    } else {
        public.to_pem().into_bytes()
    };
    let output = Output::to(arguments.out.as_deref());
    if context.settings.json && !arguments.jwk {
        let text = if arguments.der {
            json!({"der": data_encoding::BASE64.encode(&bytes)})
        } else {
            json!({(if arguments.ssh { "ssh" } else { "pem" }): String::from_utf8_lossy(&bytes).trim_end_matches('\n')})
        };
        context.print_to(&output, &Document::new(text, ""))?;
    } else {
        output.binary(arguments.der).write(&bytes)?;
    }
    if arguments.copy { copy(context, "the public key", &String::from_utf8_lossy(&bytes)) } else { Ok(()) }
}

/// What makes another program use the same key, through the same module.
fn print_recipe(
    context: &Context,
    arguments: &cli::key::Show,
    wanted: &Selection,
    recipe: Recipe,
) -> Result<()> {
    let Target::Module { path, args } = &context.settings.target else {
        return Err(ModuleError::NoFile.into());
    };
    let found = super::open_public(context, wanted)?;
    let ssh = found.half(context)?.key.to_ssh(&found.selected.key.label);
    let super::Public { opened, selected } = found;
    let token = opened.keystore.token();
    let uri = render::private_key_uri(&selected.key, selected.version(), token);
    let module = path.canonicalize().unwrap_or_else(|_| path.clone());
    let subject = recipe::Subject { uri: &uri, module: &module, arguments: args.as_deref(), ssh: &ssh };
    let (name, text) = match recipe {
        Recipe::Openssl => ("openssl", recipe::for_openssl(subject)),
        Recipe::Ssh => ("ssh", recipe::for_ssh(subject)),
    };
    let document = Document::new(json!({"for": name, "uri": uri.to_string(), "text": text}), text.clone());
    context.print_to(&Output::to(arguments.out.as_deref()), &document)?;
    if arguments.copy { copy(context, "the text", &text) } else { Ok(()) }
}

/// Says where the copy went: a terminal does not tell whether it took it.
fn copy(context: &Context, what: &str, text: &str) -> Result<()> {
    let by = ui::copy(text).context("there is no clipboard: no program for it, and no terminal")?;
    context.ui.status(format!("copied {what} to the clipboard of {by}"));
    Ok(())
}

/// What the key is for, where its usage leaves no choice.
fn jwk_use(selected: &Selected, public: &PublicKey) -> JwkUse {
    let usage = selected.key.usage();
    match (public, usage.sign || usage.verify, usage.encrypt || usage.decrypt) {
        (PublicKey::Ec(_), ..) => JwkUse::Signature(SignatureAlgorithm::ES256),
        (PublicKey::Rsa(_), false, true) => JwkUse::Encryption,
        (PublicKey::Rsa(_), ..) => JwkUse::Any,
    }
}
