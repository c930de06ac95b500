//! Several sessions under one login, for commands that do many things.

use std::thread;

use anyhow::Result;

use super::context::Context;
use crate::keystore::Keystore;

/// The keystore and siblings of it: `jobs` in all, as many as there are processors by default, fewer where the token has
/// not so many sessions.
pub(super) fn several(context: &Context, first: Keystore, jobs: Option<usize>) -> Result<Vec<Keystore>> {
    let wanted = jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let mut all = vec![first];
    while all.len() < wanted {
        match all[0].sibling() {
            Ok(sibling) => all.push(sibling),
            Err(error) if error.is_session_limit() => {
                context.ui.detail(format!("the token has no more than {} sessions: {error}", all.len()));
                break;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}
