//! `kmsctl key wrap` and `kmsctl key unwrap`.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{
    super::{
        context::{Context, Need, selection},
        key_file,
    },
    create::new_key,
    import::report,
};
use crate::{
    cli,
    encoding::{MAX_WRAPPED_KEY_FILE, WrappedKey},
    io::{Input, Output},
    operation, public,
    render::{self, Document},
};

pub(super) fn wrap(context: &Context, arguments: &cli::key::Wrap) -> Result<()> {
    let unfit = || format!("cannot wrap a key for {}", arguments.wrapping_key.display());
    let recipient = key_file::read_public(context, &arguments.wrapping_key)?;
    recipient.limits.wrap().with_context(unfit)?;
    let recipient = recipient.key;
    public::require_encryption(&recipient).with_context(unfit)?;
    let opened = context.open(Need::Read)?;
    let selected = opened.keystore.select(&selection(&arguments.key.key, arguments.key.key_version))?;
    let wrapped = operation::wrap(&opened.keystore, &selected, &recipient)?;
    let output = Output::to(arguments.out.as_deref()).private();
    let text = wrapped.to_text();
    context.print_to(&output, &Document::new(json!({"wrappedKey": text}), text.as_str()))?;
    context.ui.status(format!(
        "wrapped key {} for the key with fingerprint {}",
        render::key_names(&selected.key),
        render::fingerprint(&wrapped.recipient)
    ));
    Ok(())
}

pub(super) fn unwrap(context: &Context, arguments: &cli::key::Unwrap) -> Result<()> {
    let input = Input::from_path(arguments.input.as_deref());
    let bytes = input.read(&context.stdin, "wrapped key", MAX_WRAPPED_KEY_FILE)?;
    let wrapped = WrappedKey::read(&bytes).with_context(|| format!("cannot unwrap {input}"))?;
    let label = arguments.label.clone().unwrap_or_else(|| wrapped.label.clone());
    let mut settings = arguments.settings.clone();
    settings.usage = settings.usage.or(Some(wrapped.usage));
    let request = new_key(label, wrapped.algorithm, &settings)?;
    let opened = context.open(Need::Write)?;
    let progress = context.waiting(format_args!("importing key {:?}", request.label.as_str()));
    let material =
        operation::unwrap(&opened.keystore, &wrapped).with_context(|| format!("cannot unwrap {input}"))?;
    let imported = opened.keystore.import(&request, &material)?;
    drop(progress);
    report(context, &opened, imported)
}
