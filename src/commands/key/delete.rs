//! `kmsctl key delete`.

use anyhow::{Context as _, Result};
use clap::Args;

use crate::{
    cli::{Selection, UsageError, VersionSelection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, selection},
    },
    keystore::{Key, Trigger},
    model::{Counted, KeyId, ObjectType, Version},
    render,
    ui::{Answer, confirm_by_typing},
};

/// Destroy a key at once with all its versions, or one older version
///
/// Destroys both halves of every version, their certificates and the record. Always checks the user PIN, and asks you
/// to type the label; without a terminal, --yes is required, and --id takes a whole CKA_ID. `kmsctl key revoke`
/// destroys a key later and can be undone until then.
///
/// With --key-version, only that version is destroyed: what it encrypted can no longer be decrypted, and what it signed
/// can no longer be verified. The version that signs and encrypts can only be destroyed with the whole key.
#[derive(Debug, Args)]
#[command(add = answers![render::DestroyedKey])]
#[command(group = select::required())]
#[command(after_help = examples![
    "Asks for the PIN and for the label" => "kmsctl key delete --label old",
    "In a script" => "kmsctl key delete --label old --yes --pin-file pin",
    "One older version" => "kmsctl key delete --label web --key-version 1",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version, not the current one (default: the whole key)")
))]
pub struct Delete {
    #[command(flatten)]
    key: VersionSelection,

    /// Do not ask for the label
    #[arg(long)]
    yes: bool,
}

impl Run for Delete {
    /// Destroys a key, or an older version, after a login and a confirmation.
    fn run(&self, context: &Context) -> Result<()> {
        let version = self.key.key_version;
        let mut opened = context.open(Need::Write)?;
        let mut key = opened.keystore.select(&selection(&self.key.key, version))?.key;
        if version.is_none() {
            require_whole_key(&self.key.key, &key, self.yes)?;
        }
        if !self.yes {
            opened.unlocked(|| confirm(context, &key, version))??;
            // Includes versions that were added during the prompt.
            key = opened.keystore.reload(&key)?;
        }
        let key = &key;
        let cannot = || format!("cannot delete {}", render::part_name(key, version));
        let destroyed = match version {
            None => opened.keystore.destroy(key).with_context(cannot)?,
            Some(version) => {
                opened.keystore.destroy_version(key, version, Trigger::Hand).with_context(cannot)?.1
            }
        };
        context.print(&render::deleted("deleted", key, version, &destroyed))
    }

    fn changes(&self) -> bool {
        true
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

/// Refuses what does not clearly select the whole key: the URI of a public key, the CKA_ID of an older version, because the
/// user may mean only that version, and if the user is not asked (`unconfirmed`) a prefix, because on a second run it could
/// match another key: the CKA_ID of a destroyed key may be a prefix of another one.
pub(super) fn require_whole_key(asked: &Selection, key: &Key, unconfirmed: bool) -> Result<()> {
    let is_public = asked.uri.as_ref().is_some_and(|uri| uri.kind == Some(ObjectType::Public));
    if is_public && key.current().secret.is_some() {
        let error = UsageError::new(format!("the URI names only the public key of key {:?}", key.label));
        return Err(error.hinted("for the whole key, leave out `type=public`").into());
    }
    let id = asked.id.as_ref().map(|prefix| (prefix.to_string(), prefix.whole()));
    let id =
        id.or_else(|| asked.uri.as_ref().and_then(|uri| uri.id.clone()).map(|id| (id.to_string(), Some(id))));
    let Some((text, whole)) = id else { return Ok(()) };
    key.require_own_ids()?;
    let current = key.current();
    let is_whole = |of: &KeyId| whole.as_ref() == Some(of);
    let older =
        key.versions.iter().find(|version| version.version != current.version && is_whole(&version.id));
    if let Some(older) = older {
        let (label, number) = (&key.label, older.version);
        let error = UsageError::new(format!("`--id {text}` is only version {number} of key {label:?}"));
        return Err(error
            .hinted(format!(
                "for this version alone, add `--key-version {number}`; for the whole key, give `--id {}`",
                current.id
            ))
            .into());
    }
    if !unconfirmed || key.ids().any(is_whole) {
        return Ok(());
    }
    let error =
        UsageError::new(format!("`--id {text}` is only a prefix of the CKA_ID of key {:?}", key.label));
    Err(error.hinted(format!("to destroy this key, give its CKA_ID: `--id {}`", current.id)).into())
}

/// Asks the user to type the label.
pub(super) fn confirm(context: &Context, key: &Key, version: Option<Version>) -> Result<()> {
    let name = render::part_name(key, version);
    let question = match version {
        Some(_) => format!("This destroys {name} for good; the other versions stay."),
        None => format!(
            "This destroys {name} for good: {}, and the record.{}",
            Counted(key.versions.len(), "version"),
            key.record()
                .and_then(|record| record.destroy_at)
                .map(|date| format!(" It does not wait until {date}."))
                .unwrap_or_default()
        ),
    };
    // A key without a label is confirmed by its CKA_ID.
    let word = if key.label.is_empty() { key.current().id.to_string() } else { key.label.clone() };
    ask(context, &question, &word)
}

/// Lists the keys and versions, and asks the user to type their number.
pub(super) fn confirm_all(context: &Context, names: &[String]) -> Result<()> {
    let lines: Vec<_> = names.iter().map(|name| format!("  {name}")).collect();
    let question = format!("This destroys for good:\n{}", lines.join("\n"));
    ask(context, &question, &names.len().to_string())
}

fn ask(context: &Context, question: &str, word: &str) -> Result<()> {
    match confirm_by_typing(question, word, context.settings.no_input) {
        Answer::Yes => Ok(()),
        Answer::No => Err(UsageError::new("not confirmed; nothing was destroyed").into()),
        Answer::NoTerminal => {
            let error = UsageError::new("no terminal to confirm on");
            Err(error.hinted("`--yes` destroys it without asking").into())
        }
    }
}
