//! `kmsctl key rotate`.

use anyhow::Result;
use clap::Args;

use super::{
    change::explain_taken_out_of_use,
    due::{self, Due},
};
use crate::{
    cli::{Selection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, Opened, selection},
    },
    keystore::{Error, Key, Rotation, Step},
    render::{self, Document, KeyView, Rotated},
    shell::{kmsctl, shell_option},
};

/// Make a new version of a key
///
/// The new version signs and encrypts from now on; older versions still verify and decrypt. With --stage it is only
/// published, and `kmsctl key promote` lets it sign and encrypt. Rotating a key by name does not change its schedule.
///
/// --due rotates, stages or promotes each key that is due. With `kmsctl key update --stage-days`, the schedule stages a
/// version some days before the rotation and promotes it on the day. A key that fails, or whose record is damaged, does not
/// stop the others, but makes the run fail.
#[derive(Debug, Args)]
#[command(add = answers!["one key" => render::KeyView, "`--due`, `--check` or `--dry-run`" => Vec<render::RotationView>])]
#[command(group = select::required_or("due"))]
#[command(after_help = examples![
    "One key, now" => "kmsctl key rotate --label web",
    "In two steps, so that verifiers know the version before it signs" =>
        "kmsctl key rotate --label web --stage",
    "All due keys, from cron" => "kmsctl key rotate --due --no-input --pin-file pin",
    "What that would do" => "kmsctl key rotate --due --dry-run",
    "Whether a key is due, for a script" => "kmsctl key rotate --due --check --quiet",
])]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate option")]
pub struct Rotate {
    #[command(flatten)]
    key: Selection,

    /// Rotate, stage or promote every key for which its schedule is due
    #[arg(long, conflicts_with_all = select::OPTIONS)]
    due: bool,

    /// Only publish the new version: it verifies and decrypts until `kmsctl key promote`
    #[arg(long, conflicts_with = "due")]
    stage: bool,

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
            (false, false) => rotate_one(context, self),
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

impl Rotate {
    const fn rotation(&self) -> Rotation {
        if self.stage { Rotation::Staged } else { Rotation::Now }
    }
}

fn rotate_one(context: &Context, arguments: &Rotate) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let keystore = &opened.keystore;
    let before = keystore.select_version(&selection(&arguments.key, None))?.key;
    let progress = context.waiting(format_args!("rotating key {:?}", before.label));
    let rotated = Rotated::of(keystore.rotate(&before, arguments.rotation())?);
    drop(progress);
    let key = &rotated.key;
    context.explain_record(keystore, key);
    let view = KeyView::new(key, rotated.version(), keystore.names(), keystore.token(), opened.protection);
    let with_label = |command| kmsctl(format!("{command} {}", shell_option("--label", &key.label)));
    // Verifiers must know the version before it signs.
    let is_published = key.usage().sign && key.kind().is_some_and(|kind| !kind.is_secret());
    let next = arguments.stage.then(|| with_label(if is_published { "jwks" } else { "key promote" }));
    context.print(&Document::of(&view.with_change(true), "").saying(rotated.line()).then(next))?;
    explain_taken_out_of_use(context, &before, key);
    let promote = with_label("key promote");
    match key.record().and_then(|record| record.step_date(Step::Promote)) {
        Some(date) => {
            context.ui.status(format!("it is to be promoted on {date}; `{promote}` does it earlier"));
        }
        None if arguments.stage && is_published => {
            context.ui.status(format!("when every verifier knows it, `{promote}` lets it sign"));
        }
        None => {}
    }
    Ok(())
}

/// Prints what would be done. With `--check`, fails with exit code 3 if a step is due.
fn plan(context: &Context, arguments: &Rotate) -> Result<()> {
    let opened = context.open(Need::Read)?;
    let planned = if arguments.due {
        Due::find(context, &opened.keystore, |key| due_step(&opened, key))?
    } else {
        let key = opened.keystore.select(&selection(&arguments.key, None))?.key;
        if arguments.check {
            Due::named(due_step(&opened, key))
        } else {
            let step = opened.keystore.may_rotate(&key, arguments.rotation())?;
            Due::named([Rotated::of((key, step))])
        }
    };
    if planned.keys.is_empty() {
        context.ui.status("no keys are due");
    }
    context.print(&render::planned_rotations(&planned.keys))?;
    match planned.keys.len() {
        count if arguments.check && count > 0 => Err(Error::RotationsDue { count }.into()),
        _ => planned.require_all(),
    }
}

/// Rotates, stages or promotes each due key.
fn rotate_due(context: &Context) -> Result<()> {
    let opened = context.open(Need::Write)?;
    let is_due = |key: Key| due_step(&opened, key).map(|planned| planned.key);
    let due = Due::find(context, &opened.keystore, is_due)?;
    warn_of_clock(context, &opened, &due.keys);
    let rotated = due::each(context, opened, due, "rotating", |keystore, key| {
        let rotated = Rotated::of(keystore.rotate(key, Rotation::Due)?);
        context.ui.status(rotated.line());
        explain_taken_out_of_use(context, key, &rotated.key);
        context.explain_record(keystore, &rotated.key);
        Ok(rotated)
    });
    rotated.report(context, "rotated", render::rotations)
}

/// Warns if the clock is doubtful. A premature rotation destroys nothing, but the next one is then due only after the wrong
/// date.
fn warn_of_clock(context: &Context, opened: &Opened, due: &[Key]) {
    let date = |key: &Key| Some(key.record()?.step_due(opened.keystore.now())?.1);
    let doubt = |key| opened.keystore.clock().doubt(date(key)?);
    if let Some((key, doubt)) = due.iter().find_map(|key| Some((key, doubt(key)?))) {
        context.ui.caution(format!("the rotation of key {:?} may not be due: {doubt}", key.label));
        let reset = kmsctl(format!("key update {} --reset-schedule", shell_option("--label", &key.label)));
        context.ui.hint(format!("if the clock turns out to be wrong, set it and run `{reset}`"));
    }
}

fn due_step(opened: &Opened, key: Key) -> Option<Rotated> {
    let (step, _) = key.record()?.step_due(opened.keystore.now())?;
    Some(Rotated::of((key, step)))
}
