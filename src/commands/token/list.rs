//! `kmsctl token list`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::all_modules;
use crate::{
    cli::examples,
    commands::{command::Run, context::Context},
    render,
    shell::kmsctl_without_pin,
    token::{embedded::StoreError, list_tokens},
};

/// List the tokens that are present
///
/// --all-modules looks for PKCS#11 modules where p11-kit's configuration and the vendors' usual places point, and tells for
/// each token that they show which options select it. Each module is loaded by a process of its own, so one that crashes
/// or hangs only says so. Nothing is logged in to.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a module offers" => "kmsctl token list --module /usr/lib/softhsm/libsofthsm2.so",
    "All that can be found on this machine" => "kmsctl token list --all-modules",
])]
pub struct List {
    /// Look through all modules that are installed
    #[arg(long, conflicts_with_all = ["module", "store", "module-args", "token", "slot"])]
    pub(super) all_modules: bool,

    /// Seconds that a module may take (default 10)
    #[arg(long, value_name = "SECONDS", requires = "all_modules")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) timeout: Option<u64>,
}

impl Run for List {
    fn run(&self, context: &Context) -> Result<()> {
        if self.all_modules {
            return all_modules::list(context, self.timeout.map(Duration::from_secs));
        }
        let tokens = match context.module() {
            Ok(module) => {
                let tokens = list_tokens(&module)?;
                if tokens.is_empty() {
                    context.ui.status("no slot of the module holds a token");
                }
                tokens
            }
            // Before the first `token init` the list is empty, which is no error.
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::NotInitialised { .. })) => {
                let init = kmsctl_without_pin("token init --label NAME");
                context.ui.hint(format!("`{init}` makes the embedded token"));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        context.print(&render::token_list(&tokens))
    }
}
