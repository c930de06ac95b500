//! `kmsctl key rotate`.

use anyhow::Result;
use clap::Args;

use super::due;
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, Opened, selection},
    },
    keystore::{Error, Key, Trigger},
    render::{self, Document, KeyView},
    shell::{kmsctl, shell_option},
};

/// Make a new version of a key
///
/// The new version signs and encrypts from now on; older versions still verify and decrypt. Rotating a key by name
/// does not change its schedule.
#[derive(Debug, Args)]
#[command(add = answers!["one key" => render::KeyView, "`--due`, `--check` or `--dry-run`" => Vec<render::RotationView>])]
#[command(group = select::required_or("due"))]
#[command(after_help = examples![
    "One key, now" => "kmsctl key rotate --label web",
    "All due keys, from cron" => "kmsctl key rotate --due --no-input --pin-file pin",
    "What that would do" => "kmsctl key rotate --due --dry-run",
    "Whether a key is due, for a script" => "kmsctl key rotate --due --check --quiet",
])]
pub struct Rotate {
    #[command(flatten)]
    key: Selection,

    /// Rotate every key whose scheduled rotation is due
    #[arg(long, conflicts_with_all = select::OPTIONS)]
    due: bool,

    /// Print what would be done and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Change nothing and exit with 3 if a scheduled rotation is due
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
}

impl Run for Rotate {
    fn run(&self, context: &Context) -> Result<()> {
        match (self.due, self.dry_run || self.check) {
            (true, false) => rotate_due(context),
            (false, false) => rotate_one(context, &self.key),
            (_, true) => plan(context, self),
        }
    }

    fn changes(&self) -> bool {
        !(self.check || self.dry_run)
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key)
    }
}

fn rotate_one(context: &Context, key: &Selection) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let keystore = &opened.keystore;
    let key = keystore.select(&selection(key, None))?.key;
    let progress = context.waiting(format_args!("rotating key {:?}", key.label));
    let key = keystore.rotate(&key, Trigger::Hand)?;
    drop(progress);
    let version = key.current();
    let view = KeyView::new(&key, version, keystore.names(), keystore.token(), opened.protection);
    context.print(&Document::of(&view.with_change(true), "").saying(render::rotated(&key)))
}

/// Says what would be done, and changes nothing. A check ends with exit 3 when a rotation is due.
fn plan(context: &Context, arguments: &Rotate) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let keys = if arguments.due {
        due_keys(&opened)?
    } else {
        let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
        if arguments.check {
            Vec::from_iter(Some(key).filter(|key| is_due(&opened, key)))
        } else {
            opened.keystore.may_rotate(&key)?;
            vec![key]
        }
    };
    if keys.is_empty() {
        context.ui.status("no keys are due");
    }
    context.print(&render::planned_rotations(&keys))?;
    match keys.len() {
        count if arguments.check && count > 0 => Err(Error::RotationsDue { count }.into()),
        _ => Ok(()),
    }
}

/// Rotates all keys whose time has come.
fn rotate_due(context: &Context) -> Result<()> {
    let mut opened = context.open(Need::Write)?;
    let due = due_keys(&opened)?;
    warn_of_clock(context, &opened, &due);
    let rotated = due::each(context, &mut opened, &due, "rotating", |keystore, key| {
        let key = keystore.rotate(key, Trigger::Schedule)?;
        context.ui.status(render::rotated(&key));
        Ok(key)
    });
    rotated.report(context, "rotated", render::rotations)
}

/// A rotation too early costs no key, but its schedule then stands still until the wrong date.
fn warn_of_clock(context: &Context, opened: &Opened, due: &[Key]) {
    let date = |key: &Key| key.record().and_then(|record| record.next_rotation);
    let doubt = |key| opened.keystore.clock().doubt(date(key)?);
    if let Some((key, doubt)) = due.iter().find_map(|key| Some((key, doubt(key)?))) {
        context.ui.warning(format!("the rotation of key {:?} may not be due: {doubt}", key.label));
        let reset = kmsctl(format!("key update {} --reset-schedule", shell_option("--label", &key.label)));
        context.ui.hint(format!("if the clock turns out to be wrong, set it and run `{reset}`"));
    }
}

fn due_keys(opened: &Opened) -> Result<Vec<Key>> {
    let keys = opened.keystore.inventory()?.keys;
    Ok(keys.into_iter().filter(|key| is_due(opened, key)).collect())
}

fn is_due(opened: &Opened, key: &Key) -> bool {
    key.record().is_some_and(|record| record.is_rotation_due(opened.keystore.now()))
}
