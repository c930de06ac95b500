//! `kmsctl doctor`.

use anyhow::Result;
use clap::Args;

use super::{
    command::Run,
    context::{Context, Need},
};
use crate::{
    cli::{answers, examples},
    config::Target,
    failure::Failure,
    keystore::{
        Keystore,
        doctor::{self, FaultsFound, Finding},
    },
    operation::{Trial, TrialOutcome, try_token},
    render::{self, Checkup, Repair},
    secret::{PinError, PinSource, readable_by_others},
    setting::Mode,
    token::{
        Fact, LoginError,
        embedded::{Store, StoreFault},
        lock::{LockKind, TokenLock},
    },
};

/// Check the token and everything on it, and repair it
///
/// Checks the token's flags and PIN counters, each mechanism (with existing keys, else with session keys), the files of
/// the store, the clock, and every key: its record, objects, name, protection, state and schedule. Each finding has a
/// level, an explanation and the command that corrects it. Errors and warnings give exit code 3, information does not.
/// Nothing is changed without --repair.
///
/// After a crash, run `kmsctl doctor --repair` and then the interrupted command again. A key that was created but not
/// recorded (UNFINISHED) is finished by the same `key create`, `key import` or `key unwrap` within a day. It may have
/// been used, so only `key delete` destroys it.
#[derive(Debug, Args)]
#[command(add = answers![render::Report])]
#[command(after_help = examples![
    "Check everything" => "kmsctl doctor",
    "For monitoring: level and code of each finding" =>
        "kmsctl doctor --json | jq -r '.findings[] | [.level, .code, .subject] | @tsv'",
    "After a crash or a power failure" => "kmsctl doctor --repair",
])]
pub struct Doctor {
    /// Repair what can be repaired without the risk of losing a key: uses beyond the record, interrupted rotations,
    /// superseded records, file modes and the index of the store. Reports what it did and what is left
    #[arg(long)]
    repair: bool,
}

impl Run for Doctor {
    fn run(&self, context: &Context) -> Result<()> {
        let mut checkup = Checkup::default();
        let is_sound = check_store(context, self.repair, &mut checkup)?;
        check_pin_file(context, &mut checkup);
        check_lock(context, &mut checkup);
        // A damaged store would only cause follow-up errors.
        if is_sound {
            check_token(context, self.repair, &mut checkup)?;
        }
        checkup.findings.sort_by_key(|finding| finding.level);
        context.print(&render::doctor(&checkup))?;
        FaultsFound::among(&checkup.findings).map_or(Ok(()), |faults| Err(faults.into()))
    }

    fn changes(&self) -> bool {
        self.repair
    }
}

/// Checks the files of the embedded token before opening it, because the journal mode of an open database cannot be changed.
fn check_store(context: &Context, repair: bool, checkup: &mut Checkup) -> Result<bool> {
    let Target::Embedded { dir } = &context.settings.target else { return Ok(true) };
    let store = Store::open(dir, context.settings.sharing)?;
    let mut found = store.check()?;
    if repair && found.iter().any(StoreFault::is_repairable) {
        let lock =
            TokenLock::acquire(&store.lock_file(), LockKind::Exclusive, context.settings.lock_timeout)?;
        store.repair()?;
        drop(lock);
        let left = store.check()?;
        let is_left = |one: &StoreFault| left.iter().any(|other| other.to_string() == one.to_string());
        let repaired = found.iter().filter(|one| !is_left(one));
        checkup.repaired.extend(repaired.map(|one| Repair { subject: None, done: format!("fixed: {one}") }));
        found = left;
    }
    checkup.findings.extend(found.iter().map(Finding::of_store));
    Ok(found.iter().all(StoreFault::is_repairable))
}

/// Tries to take the lock for changes. For the embedded token, opening it takes the lock already.
fn check_lock(context: &Context, checkup: &mut Checkup) {
    if let Target::Module { .. } = context.settings.target
        && let Err(error) = context.module_lock()
    {
        let failure = Failure::new(&error);
        let text = format!("the lock for changes cannot be taken: {}", failure.message());
        checkup.findings.push(with_hint(Finding::error("NO_LOCK", text), &failure));
    }
}

fn check_pin_file(context: &Context, checkup: &mut Checkup) {
    for source in [&context.settings.pin, &context.settings.so_pin] {
        if let PinSource::File(path) = source
            && readable_by_others(path)
        {
            checkup.findings.push(Finding::of_pin_file(path));
        }
    }
}

fn check_token(context: &Context, repair: bool, checkup: &mut Checkup) -> Result<()> {
    let opened = match context.open(if repair { Need::Write } else { Need::Read }) {
        Err(error) if is_about_pin(&error) => return check_without_login(context, &error, checkup),
        opened => opened?,
    };
    let doctor = doctor_of(context, &opened.keystore);
    let _progress = context.waiting("trying what the token can do, and examining its keys");
    let mut examination = doctor.examine()?;
    if repair {
        let repaired = doctor.repair(&examination)?;
        if !repaired.is_empty() {
            examination = doctor.examine()?;
        }
        let repairs = repaired.iter();
        checkup.repaired.extend(
            repairs.map(|one| Repair { subject: one.label().map(str::to_owned), done: one.to_string() }),
        );
    }
    checkup.token = Some(opened.keystore.token().clone());
    checkup.keys = Some((examination.inventory.keys.len(), examination.record_count()));
    // Last: what a trial makes is never listed.
    checkup.trials = try_token(opened.keystore.session(), &examination.inventory.keys);
    let makes_none = |trial: &Trial| matches!(trial.outcome, TrialOutcome::Untried { makes_keys: false, .. });
    let makes_keys = !checkup.trials.iter().any(makes_none);
    let mut of_trials: Vec<_> = checkup.trials.iter().filter_map(Trial::finding).collect();
    if let Some(first) = of_trials.first_mut().filter(|_| doctor.module.is_some()) {
        *first = first.clone().remedy("kmsctl-modules(7) says what to expect of each kind of token");
    }
    checkup.findings.extend(of_trials);
    let lack = records_lacking(context, &opened.keystore);
    let advised = examination.findings.into_iter();
    let advised = advised.map(|finding| if makes_keys { finding } else { finding.without_new_keys() });
    checkup.findings.extend(advised.map(|finding| match lack {
        Some(lack) => finding.with_records_lacking(lack),
        None => finding,
    }));
    Ok(())
}

/// Why this run could not change a record.
fn records_lacking(context: &Context, keystore: &Keystore) -> Option<&'static str> {
    if context.settings.mode() == Mode::Use {
        Some(" (in a profile without mode = \"use\")")
    } else if context.settings.records.is_none() && keystore.session().knows(Fact::NoDataObjects) {
        Some(" (with --records DIR: the token stores no records)")
    } else {
        None
    }
}

fn doctor_of<'a>(context: &'a Context, keystore: &'a Keystore) -> doctor::Doctor<'a> {
    let module = match &context.settings.target {
        Target::Module { path, .. } => Some(path.as_path()),
        Target::Embedded { .. } => None,
    };
    doctor::Doctor { keystore, module }
}

fn with_hint(finding: Finding, failure: &Failure) -> Finding {
    match failure.hint() {
        Some(hint) => finding.remedy(hint),
        None => finding,
    }
}

/// Whether only the PIN prevents the full check. Ctrl-C at the prompt does not count: it ends the run.
fn is_about_pin(error: &anyhow::Error) -> bool {
    let is_interrupted = matches!(error.downcast_ref(), Some(PinError::Interrupted));
    !is_interrupted && (error.is::<PinError>() || error.is::<LoginError>())
}

/// Checks what the token shows without a login, and reports why there was none.
fn check_without_login(context: &Context, error: &anyhow::Error, checkup: &mut Checkup) -> Result<()> {
    let failure = Failure::new(error);
    let text = format!("{}; keys, records and mechanisms were not examined", failure.message());
    checkup.findings.push(with_hint(Finding::error("NO_LOGIN", text), &failure));
    let opened = context.open(Need::Public)?;
    checkup.findings.extend(doctor_of(context, &opened.keystore).examine_token(error.downcast_ref()));
    checkup.token = Some(opened.keystore.token().clone());
    Ok(())
}
