//! `kmsctl token list`.

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::all_modules;
use crate::{
    cli::{answers, examples},
    commands::{command::Run, context::Context},
    render,
    shell::kmsctl_without_pin,
    token::{embedded::StoreError, list_tokens},
};

/// List tokens
///
/// --all-modules looks for PKCS#11 modules in p11-kit's configuration and in the usual places of vendors, and prints
/// the options that select each token. Every module is loaded in a separate process, so that one that crashes or hangs
/// is only reported. No login is made.
#[derive(Debug, Args)]
#[command(add = answers!["" => Vec<render::TokenView>, "`--all-modules`" => Vec<render::ModuleView>])]
#[command(after_help = examples![
    "What a module offers" => "kmsctl token list --module /usr/lib/softhsm/libsofthsm2.so",
    "All that can be found on this machine" => "kmsctl token list --all-modules",
])]
pub struct List {
    /// List the tokens of all installed modules
    #[arg(long, conflicts_with_all = ["module", "store", "module-args", "token", "slot"])]
    pub(super) all_modules: bool,

    /// Seconds to wait for each module (default 10)
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
                    context.ui.status("no slot of this module has a token");
                }
                tokens
            }
            // Before the first `token init`, an empty list is not an error.
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::NotInitialised { .. })) => {
                let init = kmsctl_without_pin("token init --label NAME");
                context.ui.status("no embedded token yet");
                context.ui.advice(format!("`{init}` creates it"));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        context.print(&render::token_list(&tokens))
    }
}
