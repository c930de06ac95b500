//! `kmsctl key create`.

use anyhow::Result;

use super::super::context::{Context, Need};
use crate::{
    cli::{self, UsageError},
    keystore::{CreateRequest, DEFAULT_ROTATION_PERIOD, Selected},
    model::Usage,
    operation,
    render::{self, KeyView},
};

pub(super) fn create(context: &Context, arguments: &cli::key::Create) -> Result<()> {
    let request = request(arguments)?;
    let opened = context.open(Need::Write)?;
    let created = opened.keystore.create(&request)?;
    let names = render::key_names(&created.key);
    if created.is_new {
        context.ui.status(format!("created key {names}"));
    } else {
        context.ui.status(format!("key {names} exists already"));
    }
    if !created.excess.is_empty() {
        let uses = created.excess.join(", ");
        context
            .ui
            .warning(format!("the token cannot narrow the key's use: {uses} stay TRUE for other programs"));
    }
    let selected = Selected { version: created.key.current().version, key: created.key };
    let (key, version) = (&selected.key, selected.version());
    let mut view =
        KeyView::new(key, version, opened.keystore.names(), opened.keystore.token(), opened.protection);
    // Scripts get the whole object; people who want the public key too ask `key show`.
    if context.settings.json {
        let pem = operation::public_key(&selected).ok().map(|public| public.to_pem());
        view = view.with_public_key(pem.as_deref());
    }
    context.print(&render::key_details(&view, version))
}

fn request(arguments: &cli::key::Create) -> Result<CreateRequest> {
    let (Some(label), Some(algorithm)) = (arguments.label.clone(), arguments.algorithm) else {
        return Err(UsageError::new("a label and an algorithm are required").into());
    };
    let most = Usage::default_for(algorithm);
    let usage = arguments.usage.unwrap_or(most);
    if !usage.is_within(most) {
        return Err(
            UsageError::new(format!("a key of {algorithm} can be made for {most}, not for {usage}")).into()
        );
    }
    if arguments.convergent && !algorithm.is_secret() {
        return Err(UsageError::new(format!("only AES keys can be convergent, not {algorithm}")).into());
    }
    Ok(CreateRequest {
        label,
        algorithm,
        id: arguments.id.clone(),
        usage,
        memo: arguments.memo.clone().unwrap_or_default(),
        convergent: arguments.convergent,
        exportable: false,
        auto_rotation: arguments.auto_rotate,
        rotation_period: arguments.rotation_period.unwrap_or(DEFAULT_ROTATION_PERIOD),
        allow_duplicate_label: arguments.allow_duplicate_label,
        if_not_exists: arguments.if_not_exists,
    })
}
