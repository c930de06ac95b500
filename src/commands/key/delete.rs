//! `kmsctl key delete`.

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{
    cli::{Selection, UsageError, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, selection},
    },
    keystore::Key,
    model::Counted,
    render,
    ui::{Answer, confirm_by_typing},
};

/// Destroy a key at once, with all its versions
///
/// Destroys both halves of every version, their certificates and the record. Always checks the user PIN, and asks you
/// to type the label; without a terminal, --yes is required, and --id takes a whole CKA_ID. `kmsctl key revoke` destroys a key later and can be
/// undone until then.
#[derive(Debug, Args)]
#[command(add = answers![render::DestroyedKey])]
#[command(group = select::required())]
#[command(after_help = examples![
    "Asks for the PIN and for the label" => "kmsctl key delete --label old",
    "In a script" => "kmsctl key delete --label old --yes --pin-file pin",
])]
pub struct Delete {
    #[command(flatten)]
    key: Selection,

    /// Do not ask for the label
    #[arg(long)]
    yes: bool,
}

impl Run for Delete {
    /// Destroys a key after a login and a confirmation.
    fn run(&self, context: &Context) -> Result<()> {
        let mut opened = context.open(Need::Write)?;
        let mut key = opened.keystore.select(&selection(&self.key, None))?.key;
        if self.yes {
            require_whole_id(&self.key, &key)?;
        } else {
            opened.unlocked(|| confirm(context, &key))??;
            // With the versions that it got meanwhile.
            key = opened.keystore.reload(&key)?;
        }
        let key = &key;
        let destroyed = opened
            .keystore
            .destroy(key)
            .with_context(|| format!("cannot delete key {}", render::key_names(key)))?;
        context.print(&render::deleted("deleted", key, &destroyed))
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}

/// Refuses a prefix of a CKA_ID. A command that is run twice would find another key the second time: the whole CKA_ID of a
/// destroyed key may be a prefix of another one.
pub(super) fn require_whole_id(asked: &Selection, key: &Key) -> Result<()> {
    let Some(prefix) = &asked.id else { return Ok(()) };
    if prefix.whole().is_some_and(|id| key.ids().any(|own| *own == id)) {
        return Ok(());
    }
    let error =
        UsageError::new(format!("`--id {prefix}` is only a prefix of the CKA_ID of key {:?}", key.label));
    Err(error.hinted(format!("to destroy this key, give its CKA_ID: `--id {}`", key.current().id)).into())
}

/// Has the label typed.
pub(super) fn confirm(context: &Context, key: &Key) -> Result<()> {
    let question = format!(
        "This destroys key {} for good: {}, with public keys and the record.",
        render::key_names(key),
        Counted(key.versions.len(), "version")
    );
    // A key without a label is confirmed by its CKA_ID.
    let word = if key.label.is_empty() { key.current().id.to_string() } else { key.label.clone() };
    ask(context, &question, &word)
}

/// Has the number of keys typed, under the list of them.
pub(super) fn confirm_all(context: &Context, keys: &[Key]) -> Result<()> {
    let names: Vec<_> = keys.iter().map(|key| format!("  {}", render::key_names(key))).collect();
    let question = format!("This destroys {} for good:\n{}", Counted(keys.len(), "key"), names.join("\n"));
    ask(context, &question, &keys.len().to_string())
}

fn ask(context: &Context, question: &str, word: &str) -> Result<()> {
    match confirm_by_typing(question, word, context.settings.no_input) {
        Answer::Yes => Ok(()),
        Answer::No => Err(UsageError::new("not confirmed; nothing was destroyed").into()),
        Answer::NoTerminal => {
            let error = UsageError::new("no terminal to confirm on");
            Err(error.hinted("`--yes` destroys every version of the key without asking").into())
        }
    }
}
