//! Parallel sessions under one login.

use std::thread;

use anyhow::Result;

use super::context::Context;
use crate::keystore::Keystore;

/// Number of parallel jobs; by default the number of processors.
pub(super) fn wanted(jobs: Option<usize>) -> usize {
    jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// The keystore and siblings, `count` in all, or fewer if the token has no more sessions.
pub(super) fn several(context: &Context, first: Keystore, count: usize) -> Result<Vec<Keystore>> {
    let siblings = siblings(context, &first, count)?;
    Ok([first].into_iter().chain(siblings).collect())
}

/// Up to `count - 1` siblings of the first keystore.
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
