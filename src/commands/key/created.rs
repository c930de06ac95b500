//! Creating a key and reporting it.

use anyhow::Result;

use crate::{
    algorithm::PublicKey,
    commands::context::{Context, Need, Opened},
    keystore::{self, CreateRequest, Created, Keystore, Origin, Selected, is_conflict},
    operation,
    render::{self, Document, KeyView},
    retry::{Policy, Retry},
};

/// Maximum number of times that a key is taken back because another machine made one with its label.
const MAX_RIVALS: u32 = 8;

/// Creates the key.
pub(super) fn make(context: &Context, request: &CreateRequest) -> Result<(Opened, Created)> {
    let opened = context.open(Need::Write)?;
    let progress =
        context.waiting(format_args!("creating key {:?}, {}", request.label.as_str(), request.algorithm));
    let made = sole(context, opened, request, |created| created, |keystore| keystore.create(request));
    drop(progress);
    made
}

/// Makes a key. Another machine may make one with the same label or CKA_ID, or import the same key, at the same time: then this one is taken back, and the
/// next attempt finds the other key, unless that was taken back as well.
pub(super) fn sole<T>(
    context: &Context,
    mut opened: Opened,
    request: &CreateRequest,
    created: impl Fn(&mut T) -> &mut Created,
    make: impl Fn(&Keystore) -> Result<T>,
) -> Result<(Opened, T)> {
    let mut retry = Retry::new(Policy::CONFLICT);
    loop {
        let mut attempt = make(&opened.keystore);
        if let Ok(new) = &mut attempt
            && let Created { key, origin: Origin::Made | Origin::Finished, .. } = created(new)
        {
            context.explain_record(&opened.keystore, key);
        }
        let is_decided = match &mut attempt {
            Ok(new) => {
                let created = created(new);
                let has_choice = request.allow_duplicate_label && request.id.is_none();
                created.origin == Origin::Found || has_choice && !created.is_import
            }
            Err(error) => request.allow_duplicate_label || !is_conflict(error),
        };
        if is_decided {
            return Ok((opened, attempt?));
        }
        let is_afresh;
        (opened, is_afresh) = context.look_afresh(opened)?;
        let confirmed = attempt.and_then(|mut new| {
            let (keystore, created) = (&opened.keystore, created(&mut new));
            keystore.require_sole(request, created)?;
            if is_afresh && context.settings.json {
                // To show the public key.
                created.key = keystore.reload(&created.key)?;
            }
            Ok(new)
        });
        let is_rival = |error: &anyhow::Error| {
            use keystore::Error::{IdExists, KeyPresent, LabelExists};
            let rivals = error.downcast_ref();
            is_conflict(error)
                || matches!(rivals, Some(LabelExists { .. } | KeyPresent { .. } | IdExists { .. }))
        };
        if !(confirmed.as_ref().is_err_and(is_rival) && retry.again(MAX_RIVALS)) {
            return Ok((opened, confirmed?));
        }
    }
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
    let selected = Selected::current(created.key);
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
