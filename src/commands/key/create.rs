//! `kmsctl key create`.

use anyhow::Result;

use super::super::context::{Context, Need};
use crate::{
    cli::{self, UsageError},
    keystore::{CreateRequest, DEFAULT_ROTATION_PERIOD},
    model::Usage,
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
    let view = KeyView::new(
        &created.key,
        created.key.current(),
        opened.keystore.names(),
        opened.keystore.token(),
        opened.protection,
    );
    context.print(&render::key_details(&view, created.key.current()))
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
