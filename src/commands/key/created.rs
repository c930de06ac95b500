//! Creating a key and reporting it.

use anyhow::Result;

use crate::{
    algorithm::PublicKey,
    commands::context::{Context, Need, Opened},
    keystore::{CreateRequest, Created, Origin, Selected},
    operation,
    render::{self, Document, KeyView},
};

/// Creates the key.
pub(super) fn make(context: &Context, request: &CreateRequest) -> Result<(Opened, Created)> {
    let opened = context.open(Need::Write)?;
    let progress =
        context.waiting(format_args!("creating key {:?}, {}", request.label.as_str(), request.algorithm));
    let created = opened.keystore.create(request)?;
    drop(progress);
    Ok((opened, created))
}

/// The line that reports a creation.
pub(super) fn line(created: &Created) -> String {
    let name = render::key_name(&created.key, created.key.current());
    match created.origin {
        Origin::Made => format!("created key {name}"),
        Origin::Finished => format!("finished key {name}, whose creation was interrupted"),
        Origin::Found => format!("key {name} already exists"),
    }
}

/// Warns where a new key falls short of the request.
pub(super) fn warn_of_limits(context: &Context, created: &Created) {
    if !created.excess.is_empty() {
        let uses = created.excess.join(", ");
        context
            .ui
            .warning(format!("the token cannot restrict the key's use: {uses} stay TRUE for other programs"));
    }
    if created.origin == Origin::Made && created.key.record.is_none() {
        context.ui.warning("the token stores no data objects, so this key has no record");
        context.ui.hint("`--records DIR` keeps the record, with memo, schedule and states, in a directory");
    }
}

/// Reports a key that was created or imported.
pub(super) fn print_new(context: &Context, opened: &Opened, created: Created, line: String) -> Result<()> {
    warn_of_limits(context, &created);
    let is_new = created.origin != Origin::Found;
    let next = is_new.then(|| render::first_use(&created.key)).flatten();
    let selected = Selected { version: created.key.current().version, key: created.key };
    let (key, version) = (&selected.key, selected.version());
    let mut view =
        KeyView::new(key, version, opened.keystore.names(), opened.keystore.token(), opened.protection)
            .with_creation(is_new);
    if context.settings.json {
        let public = operation::public_key(&opened.keystore, &selected).ok();
        let pem = public.as_ref().map(PublicKey::to_pem);
        view = view
            .with_public_key(pem.as_deref())
            .with_fingerprint(public.as_ref().map(PublicKey::fingerprint).as_ref());
    }
    context.print(&Document::of(&view, "").saying(line).then(next))
}
