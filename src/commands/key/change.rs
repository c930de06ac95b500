//! Shared by the commands that change a key's record: the change and its report.

use anyhow::Result;

use super::delete::require_whole_key;
use crate::{
    cli,
    commands::context::{Context, Need, Opened, selection},
    keystore::{Change, Changed, Key, KeyVersion, Refusal, Update},
    model::{Status, Version},
    render::{self, Document, KeyView},
    retry::{Policy, Retry},
    shell::{kmsctl, shell_option},
};

/// A key after a change, and its token.
pub(super) struct Done {
    pub(super) key: Key,
    already: Option<Refusal>,
    opened: Opened,
}

impl Done {
    fn version(&self, version: Option<Version>) -> &KeyVersion {
        version.and_then(|version| self.key.version(version)).unwrap_or_else(|| self.key.current())
    }

    pub(super) const fn is_changed(&self) -> bool {
        self.already.is_none()
    }

    /// `disabled key "web" (aes-256, id 78496c3f…)`, or `key "web" is already disabled`.
    pub(super) fn line(&self, done: &str, version: Option<Version>) -> String {
        if let Some(already) = self.already {
            return already.describe(&self.key.label);
        }
        let name = render::key_name(&self.key, self.version(version));
        match version {
            Some(version) => format!("{done} version {version} of key {name}"),
            None => format!("{done} key {name}"),
        }
    }

    /// A `key` command for the key or one version.
    pub(super) fn suggested(&self, command: &str, version: Option<Version>) -> String {
        let label = shell_option("--label", &self.key.label);
        kmsctl(format!("key {command} {label}{}", version_option(version)))
    }

    /// Reports the key at the changed version. `next` is the `key` command suggested next.
    pub(super) fn report(
        &self,
        context: &Context,
        line: String,
        version: Option<Version>,
        next: Option<&str>,
    ) -> Result<()> {
        let Self { key, opened, .. } = self;
        let keystore = &opened.keystore;
        let view =
            KeyView::new(key, self.version(version), keystore.names(), keystore.token(), opened.protection);
        let view = view.with_change(self.is_changed());
        let next = next.filter(|_| self.is_changed()).map(|command| self.suggested(command, version));
        context.print(&Document::of(&view, "").saying(line).then(next))
    }
}

/// ` --key-version N`, if the version was named.
pub(super) fn version_option(version: Option<Version>) -> String {
    version.map(|version| format!(" --key-version {version}")).unwrap_or_default()
}

pub(super) fn change(context: &Context, key: &cli::Selection, change: &Change) -> Result<Done> {
    let opened = context.open(Need::Write)?;
    let selected = opened.keystore.select(&selection(key, None))?;
    if matches!(change, Change::Revoke { version: None, .. }) {
        require_whole_key(key, &selected.key, true)?;
    }
    let changed = opened.keystore.change(&selected.key, change)?;
    let (opened, changed) = match change {
        Change::Update(Update { label: Some(_), .. }) if changed.already.is_none() => {
            renamed(context, opened, &selected.key, change, changed)?
        }
        _ => (opened, changed),
    };
    if !changed.is_enforced {
        context.ui.warning(not_enforced(&changed.key));
    }
    if changed.already.is_none() {
        context.explain_record(&opened.keystore, &changed.key);
    }
    if matches!(change, Change::Promote(_)) {
        explain_taken_out_of_use(context, &selected.key, &changed.key);
    }
    Ok(Done { key: changed.key, already: changed.already, opened })
}

/// Says which older versions a rotation or promotion took out of use.
pub(super) fn explain_taken_out_of_use(context: &Context, before: &Key, after: &Key) {
    for line in render::taken_out_of_use(before, after) {
        context.ui.status(line);
    }
}

/// Of a key, or of those of its versions, whose usage the token cannot change.
fn not_enforced(key: &Key) -> String {
    let is_apart = |version: &&KeyVersion| version.status != Status::Enable;
    let numbers: Vec<_> =
        key.versions.iter().filter(is_apart).map(|version| version.version.to_string()).collect();
    match (key.status(), &numbers[..]) {
        (Some(Status::Enable), [number]) => format!(
            "the token cannot change the usage of version {number}: kmsctl obeys the record, other programs may not"
        ),
        (Some(Status::Enable), [numbers @ .., last]) => format!(
            "the token cannot change the usage of versions {} and {last}: kmsctl obeys the record, other programs may not",
            numbers.join(", ")
        ),
        _ => "the token cannot change the key's usage: kmsctl refuses the key, but other programs can still use it"
            .to_owned(),
    }
}

/// Checks whether another machine has given the new label to another key in the meantime. If so, the key gets its old label
/// back, and the next attempt finds the other key, unless that gave the label back as well.
fn renamed(
    context: &Context,
    mut opened: Opened,
    old: &Key,
    change: &Change,
    mut changed: Changed,
) -> Result<(Opened, Changed)> {
    const MAX_RIVALS: u32 = 8;
    let mut retry = Retry::new(Policy::CONFLICT);
    loop {
        opened = context.look_afresh(opened)?.0;
        let keystore = &opened.keystore;
        match keystore.require_sole_label(&changed.key, &old.label) {
            Ok(()) => return Ok((opened, changed)),
            Err(error) if !retry.again(MAX_RIVALS) => return Err(error),
            Err(error) => drop(error),
        }
        changed = keystore.change(&keystore.reload(old)?, change)?;
    }
}
