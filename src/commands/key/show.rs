//! `kmsctl key show`.

use anyhow::Result;
use serde_json::json;

use super::super::context::{Context, Need, selection};
use crate::{
    cli,
    encoding::{JwkUse, PublicKey},
    io::Output,
    keystore::Selected,
    model::SignatureAlgorithm,
    operation,
    render::{self, Document, KeyView},
};

pub(super) fn show(context: &Context, arguments: &cli::key::Show) -> Result<()> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    if arguments.pem || arguments.der || arguments.jwk || arguments.ssh {
        let selected = super::select_public(context, &wanted)?;
        return print_public_key(context, arguments, &selected);
    }
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&wanted)?;
    let (key, version) = (&selected.key, selected.version());
    let pem = operation::public_key(&selected).ok().map(|public| public.to_pem());
    let view =
        KeyView::new(key, version, opened.keystore.names(), opened.keystore.token(), opened.protection)
            .with_public_key(pem.as_deref());
    context.print_to(&Output::to(arguments.out.as_deref()), &render::key_details(&view, version))
}

fn print_public_key(context: &Context, arguments: &cli::key::Show, selected: &Selected) -> Result<()> {
    let public = operation::public_key(selected)?;
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
        return context.print_to(&output, &Document::new(text, ""));
    }
    Ok(output.binary(arguments.der).write(&bytes)?)
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
