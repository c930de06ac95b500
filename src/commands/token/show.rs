//! `kmsctl token list` and `kmsctl token show`.

use anyhow::Result;

use super::super::context::{Context, Need};
use crate::{
    encoding::kmsctl_without_pin,
    render,
    token::{embedded::StoreError, list_tokens},
};

pub(super) fn list(context: &Context) -> Result<()> {
    let tokens = match context.module() {
        Ok(module) => {
            let tokens = list_tokens(&module)?;
            if tokens.is_empty() {
                context.ui.status("no slot of the module holds a token");
            }
            tokens
        }
        // Before the first `token init` the list is empty, which is no error.
        Err(error) if matches!(error.downcast_ref(), Some(StoreError::NotInitialised { .. })) => {
            let init = kmsctl_without_pin("token init --label NAME");
            context.ui.hint(format!("`{init}` makes the embedded token"));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    context.print(&render::token_list(&tokens))
}

pub(super) fn show(context: &Context) -> Result<()> {
    let opened = context.open(Need::Public)?;
    let session = opened.keystore.session();
    let mechanisms =
        (context.settings.verbose > 0 || context.settings.json).then(|| session.mechanism_names());
    context.print(&render::token_details(session.token(), mechanisms.transpose()?.as_deref()))
}
