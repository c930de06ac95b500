//! `kmsctl doctor`.

use anyhow::Result;

use super::context::{Context, Need};
use crate::{
    cli,
    config::Target,
    failure::Failure,
    keystore::doctor::{FaultsFound, Level},
    operation::try_token,
    render::{self, Checkup, Finding, Place},
    secret::{PinError, PinSource, readable_by_others},
    token::{
        LoginError, TokenInfo,
        embedded::{self, Store},
        lock::{LockKind, TokenLock},
    },
};

pub(super) fn doctor(context: &Context, arguments: &cli::doctor::Doctor) -> Result<()> {
    let mut checkup = Checkup::default();
    let is_sound = check_store(context, arguments.repair, &mut checkup)?;
    check_pin_file(context, &mut checkup);
    check_lock(context, &mut checkup);
    // What is broken in the files of a store would only come out again, in other words.
    if is_sound {
        check_token(context, arguments.repair, &mut checkup)?;
    }
    checkup.findings.sort_by_key(|finding| finding.level);
    context.print(&render::doctor(&checkup))?;
    let count = |level| checkup.findings.iter().filter(|finding| finding.level == level).count();
    let found = FaultsFound { errors: count(Level::Error), warnings: count(Level::Warning) };
    if found.errors + found.warnings == 0 { Ok(()) } else { Err(found.into()) }
}

/// The files of the embedded token, before it is opened: a journal cannot be switched while it is in use.
fn check_store(context: &Context, repair: bool, checkup: &mut Checkup) -> Result<bool> {
    let Target::Embedded { dir } = &context.settings.target else { return Ok(true) };
    let store = Store::open(dir, context.settings.sharing)?;
    let mut found = store.check()?;
    if repair && found.iter().any(embedded::Finding::is_repairable) {
        let lock =
            TokenLock::acquire(&store.lock_file(), LockKind::Exclusive, context.settings.lock_timeout)?;
        store.repair()?;
        drop(lock);
        let left = store.check()?;
        let is_left = |one: &embedded::Finding| left.iter().any(|other| other.to_string() == one.to_string());
        let mended = found.iter().filter(|one| !is_left(one));
        checkup.repaired.extend(mended.map(|one| (None, format!("mended: {one}"))));
        found = left;
    }
    checkup.findings.extend(found.iter().map(Finding::of_store));
    Ok(found.iter().all(embedded::Finding::is_repairable))
}

/// Tries what every change of a key begins with. For the embedded token, opening it does so.
fn check_lock(context: &Context, checkup: &mut Checkup) {
    if let Target::Module { .. } = context.settings.target
        && let Err(error) = context.module_lock()
    {
        let failure = Failure::new(&error);
        checkup.findings.push(Finding::of_lock(failure.message(), failure.hint()));
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
    let keystore = &opened.keystore;
    let _progress = context.waiting("trying what the token can do, and looking at its keys");
    checkup.trials = try_token(keystore.session());
    let mut examination = keystore.examine()?;
    if repair {
        let repaired = keystore.repair(&examination)?;
        checkup.repaired.extend(repaired.iter().map(|one| (one.label().map(str::to_owned), one.to_string())));
        if !repaired.is_empty() {
            examination = keystore.examine()?;
        }
    }
    checkup.token = Some(keystore.token().clone());
    checkup.keys = Some((examination.inventory.keys.len(), examination.record_count()));
    checkup.findings.extend(checkup.trials.iter().filter_map(Finding::of_trial));
    let place = place(context, keystore.token());
    checkup.findings.extend(examination.faults.iter().map(|fault| Finding::of_fault(fault, place)));
    Ok(())
}

fn place<'a>(context: &'a Context, token: &'a TokenInfo) -> Place<'a> {
    let module = match &context.settings.target {
        Target::Module { path, .. } => Some(path.as_path()),
        Target::Embedded { .. } => None,
    };
    Place { module, token: &token.label }
}

/// Whether the token is there and only the PIN stands in the way. Somebody who pressed Ctrl-C at the prompt wants an end.
fn is_about_pin(error: &anyhow::Error) -> bool {
    let is_interrupted = matches!(error.downcast_ref(), Some(PinError::Interrupted));
    !is_interrupted && (error.is::<PinError>() || error.is::<LoginError>())
}

/// What the token says to everybody, and why there is no more.
fn check_without_login(context: &Context, error: &anyhow::Error, checkup: &mut Checkup) -> Result<()> {
    let failure = Failure::new(error);
    checkup.findings.push(Finding::of_login(failure.message(), failure.hint()));
    let opened = context.open(Need::Public)?;
    let faults = opened.keystore.examine_token();
    checkup.token = Some(opened.keystore.token().clone());
    let place = place(context, opened.keystore.token());
    checkup.findings.extend(faults.iter().map(|fault| Finding::of_fault(fault, place)));
    Ok(())
}
