//! Processes all due keys with one login. Yields the token to other processes between keys; a key that fails does not
//! prevent the others.

use anyhow::{Context as _, Result};

use crate::{
    commands::context::{Context, Opened},
    keystore::{Error, Inventory, Key, Keystore, Refusal, is_conflict},
    model::Counted,
    render::{self, Document},
    ui::Measure,
};

/// What a scheduled run has to do.
pub(super) struct Due<T> {
    pub keys: Vec<T>,
    /// Of a damaged or missing record: whether its key is due is unknown.
    first_error: Option<anyhow::Error>,
}

/// What failed if a record cannot be read.
const UNKNOWN: &str = "whether other keys are due is unknown";

impl<T> Due<T> {
    /// The keys of the token for which `judge` returns something. Warns of damaged and missing records.
    pub(super) fn find(
        context: &Context,
        keystore: &Keystore,
        judge: impl FnMut(Key) -> Option<T>,
    ) -> Result<Self> {
        let Inventory { keys, damaged, .. } = keystore.inventory()?;
        let missing = keys.iter().filter_map(|key| keystore.require_record(key).err());
        let missing =
            missing.filter(|error| matches!(error.downcast_ref(), Some(Error::RecordMissing { .. })));
        let mut first_error = None;
        for error in damaged.into_iter().map(|record| record.error().into()).chain(missing) {
            context.ui.warning(&error);
            first_error.get_or_insert(error);
        }
        Ok(Self { keys: keys.into_iter().filter_map(judge).collect(), first_error })
    }

    /// What is to be done with a key that the user named, if anything.
    pub(super) fn named(key: impl IntoIterator<Item = T>) -> Self {
        Self { keys: Vec::from_iter(key), first_error: None }
    }

    /// Fails if there may be more keys that are due.
    pub(super) fn require_all(self) -> Result<()> {
        self.first_error.map_or(Ok(()), Err).context(UNKNOWN)
    }
}

/// The result of a run over several keys.
pub(super) struct Outcome<T> {
    done: Vec<T>,
    due: usize,
    /// Whether there may be more that are due.
    is_unknown: bool,
    first_error: Option<anyhow::Error>,
}

/// Calls `act` for each key. Reports failures immediately.
pub(super) fn each<T>(
    context: &Context,
    mut opened: Opened,
    due: Due<Key>,
    doing: &str,
    mut act: impl FnMut(&Keystore, &Key) -> Result<T>,
) -> Outcome<T> {
    let Due { keys, first_error } = due;
    let is_unknown = first_error.is_some();
    let mut outcome = Outcome { done: Vec::new(), due: keys.len(), is_unknown, first_error };
    let all = keys.len() as u64;
    let progress = context.ui.progress(doing, Measure::Steps { total: Some(all) });
    let mut is_stale = false;
    for (number, key) in (0..).zip(&keys) {
        progress.at(number, all, format_args!("{doing} key {:?}", key.label));
        let others_came = match opened.give_way() {
            Ok(others_came) => others_came,
            // Nothing may be changed without the lock.
            Err(error) => {
                outcome.first_error.get_or_insert(error);
                break;
            }
        };
        is_stale |= others_came;
        // SoftHSM notices objects of other processes only by a search before its own next change.
        let keystore = &opened.keystore;
        let fresh = if is_stale { keystore.reload(key) } else { Ok(key.clone()) };
        let mut acted = fresh.and_then(|key| act(keystore, &key));
        if acted.as_ref().is_err_and(is_conflict) {
            // Another machine runs the same job: usually nothing is due any more.
            is_stale = true;
            opened = match context.look_afresh(opened) {
                Ok((opened, _)) => opened,
                Err(error) => {
                    outcome.first_error.get_or_insert(error);
                    break;
                }
            };
            let keystore = &opened.keystore;
            acted = keystore.reload(key).and_then(|key| act(keystore, &key));
        }
        match acted {
            Ok(done) => outcome.done.push(done),
            Err(error) if is_settled(&error) => {
                context.ui.detail(format!("{}: {error:#}", render::part_name(key, None)));
            }
            Err(error) => {
                context.ui.warning(format!("{}: {error:#}", render::part_name(key, None)));
                outcome.first_error.get_or_insert(error);
            }
        }
    }
    outcome
}

/// Whether another process has already processed the key.
fn is_settled(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(
            Error::Refused { refusal: Refusal::NotDue { .. } | Refusal::State { .. }, .. }
                | Error::NotFound { .. }
        )
    )
}

impl<T> Outcome<T> {
    /// Prints the results. Returns the first failure, if any.
    pub(super) fn report(
        self,
        context: &Context,
        verb: &str,
        document: impl FnOnce(&[T]) -> Document,
    ) -> Result<()> {
        if self.due == 0 {
            context.ui.status("no keys are due");
        }
        context.print(&document(&self.done))?;
        let done = format!("{} of {} {verb}", self.done.len(), Counted(self.due, "key"));
        let summary = || if self.is_unknown { format!("{UNKNOWN}; {done}") } else { done };
        self.first_error.map_or(Ok(()), Err).with_context(summary)
    }
}
