//! Several sessions under one login, for commands that do many things.

use std::thread;

use anyhow::Result;

use super::context::Context;
use crate::keystore::Keystore;

/// How many things are done at once: as many as there are processors if no number is given.
pub(super) fn wanted(jobs: Option<usize>) -> usize {
    jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// The keystore and siblings of it: so many in all, fewer where the token has not so many sessions.
pub(super) fn several(context: &Context, first: Keystore, count: usize) -> Result<Vec<Keystore>> {
    let siblings = siblings(context, &first, count)?;
    Ok([first].into_iter().chain(siblings).collect())
}

/// The siblings that make it so many with the first.
pub(super) fn siblings(context: &Context, first: &Keystore, count: usize) -> Result<Vec<Keystore>> {
    let mut siblings = Vec::new();
    while siblings.len() + 1 < count {
        match first.sibling() {
            Ok(sibling) => siblings.push(sibling),
            Err(error) if error.is_session_limit() => {
                let most = siblings.len() + 1;
                context.ui.detail(format!("the token has no more than {most} sessions: {error}"));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(siblings)
}
