//! `kmsctl key delete`.

use anyhow::{Context as _, Result};

use super::super::context::{Context, Need, selection};
use crate::{
    cli::{self, UsageError},
    keystore::Key,
    render,
    ui::{Answer, confirm_by_typing},
};

/// Destroys a key after a login of its own and a confirmation.
pub(super) fn delete(context: &Context, arguments: &cli::key::Delete) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let mut key = opened.keystore.select(&selection(&arguments.key, None))?.key;
    if !arguments.yes {
        opened.unlocked(|| confirm(context, &key))??;
        // With the versions that it got meanwhile.
        key = opened.keystore.reload(&key)?;
    }
    let key = &key;
    let destroyed = opened
        .keystore
        .destroy(key)
        .with_context(|| format!("cannot delete key {}", render::key_names(key)))?;
    context.ui.status(format!("deleted key {}", render::key_names(key)));
    context.print(&render::deleted(&key.label, &destroyed))
}

/// Has the label typed.
pub(super) fn confirm(context: &Context, key: &Key) -> Result<()> {
    let question = format!(
        "This destroys key {} for good: {} version(s), both halves and the record.",
        render::key_names(key),
        key.versions.len()
    );
    // A key without a label is confirmed by its CKA_ID.
    let word = if key.label.is_empty() { key.current().id.to_string() } else { key.label.clone() };
    ask(context, &question, &word)
}

/// Has the number of keys typed, under the list of them.
pub(super) fn confirm_all(context: &Context, keys: &[Key]) -> Result<()> {
    let names: Vec<_> = keys.iter().map(|key| format!("  {}", render::key_names(key))).collect();
    let question = format!("This destroys {} key(s) for good:\n{}", keys.len(), names.join("\n"));
    ask(context, &question, &keys.len().to_string())
}

fn ask(context: &Context, question: &str, word: &str) -> Result<()> {
    match confirm_by_typing(question, word, context.settings.no_input) {
        Answer::Yes => Ok(()),
        Answer::No => Err(UsageError::new("not confirmed; nothing was destroyed").into()),
        Answer::NobodyToAsk => {
            let error =
                UsageError::new("without a terminal to confirm on, a key is destroyed only with --yes");
            Err(error.hinted("add --yes if every version of the key is to be destroyed now").into())
        }
    }
}
