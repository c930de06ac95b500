//! The keys whose time has come, one after the other in one run with one login. Others have the token in between, and a
//! key that fails does not keep the rest from theirs.

use anyhow::{Context as _, Result};

use crate::{
    commands::context::{Context, Opened},
    keystore::{Error, Key, Keystore, Refusal},
    model::Counted,
    render::{self, Document},
    ui::Measure,
};

/// What came of a run over many keys.
pub(super) struct Outcome<T> {
    done: Vec<T>,
    due: usize,
    first_error: Option<anyhow::Error>,
}

/// Does what is due to each key. Failures are reported at once.
pub(super) fn each<T>(
    context: &Context,
    opened: &mut Opened,
    keys: &[Key],
    doing: &str,
    mut act: impl FnMut(&Keystore, &Key) -> Result<T>,
) -> Outcome<T> {
    let mut outcome = Outcome { done: Vec::new(), due: keys.len(), first_error: None };
    let all = keys.len() as u64;
    let progress = context.ui.progress(doing, Measure::Steps { total: Some(all) });
    for (number, key) in (0..).zip(keys) {
        progress.at(number, all, format_args!("{doing} key {:?}", key.label));
        let others_came = match opened.give_way() {
            Ok(others_came) => others_came,
            // Without the lock, nothing more may be changed.
            Err(error) => {
                outcome.first_error.get_or_insert(error);
                break;
            }
        };
        let keystore = &opened.keystore;
        // SoftHSM notices what other processes made only in a search before its own next change.
        let fresh = if others_came { keystore.reload(key) } else { Ok(key.clone()) };
        match fresh.and_then(|key| act(keystore, &key)) {
            Ok(done) => outcome.done.push(done),
            Err(error) if is_settled(&error) => {
                context.ui.detail(format!("key {}: {error:#}", render::key_names(key)));
            }
            Err(error) => {
                context.ui.warning(format!("key {}: {error:#}", render::key_names(key)));
                outcome.first_error.get_or_insert(error);
            }
        }
    }
    outcome
}

/// Another process was faster: nothing is due any more.
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
    /// Prints what was done, and ends with the first failure, if there was one.
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
        let summary = || format!("{} of {} {verb}", self.done.len(), Counted(self.due, "key"));
        self.first_error.map_or(Ok(()), Err).with_context(summary)
    }
}
