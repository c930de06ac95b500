//! `kmsctl config show`.

use anyhow::Result;
use clap::Args;
use serde_json::json;

use crate::{
    cli::examples,
    commands::{command::Run, context::Context},
    config::{Overridden, Reported},
    render::{Document, Narrow, table},
};

/// Print each setting, where it came from and what it overrides
///
/// The strongest source of a setting wins: an option, the profile named by --profile, the environment, the profile
/// named by KMSCTL_PROFILE or default-profile, the default. A source that says where the token is (store or module)
/// overrides all that weaker sources say about it: store, module, module-args, token, slot and records. PINs are never
/// printed.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a profile changes" => "kmsctl config show --profile prod",
])]
pub struct Show {}

impl Run for Show {
    /// Each setting and where it came from. Of a PIN only the source is known here.
    fn run(&self, context: &Context) -> Result<()> {
        let settings = &context.settings.report;
        let overridden = |one: &Overridden| json!({"name": one.name, "value": one.value, "origin": one.origin.to_string()});
        let json = settings.iter().map(|setting| {
            json!({
                "name": setting.name,
                "value": setting.value,
                "origin": setting.origin.to_string(),
                "overrides": setting.overrides.iter().map(overridden).collect::<Vec<_>>(),
            })
        });
        let row = |setting: &Reported| {
            let overrides: Vec<_> = setting.overrides.iter().map(|one| in_words(one, setting.name)).collect();
            vec![
                setting.name.to_owned(),
                setting.value.clone(),
                setting.origin.to_string(),
                if overrides.is_empty() { "-".to_owned() } else { overrides.join(", ") },
            ]
        };
        context.print(&Document::new(
            json.collect(),
            table(&["Setting", "Value", "From", "Overrides"], settings.iter().map(row).collect())
                .narrow(&[Narrow::Cut("Overrides", 12), Narrow::Cut("From", 12)]),
        ))
    }
}

/// `/x (environment)`; with its name where that is another setting's, as `store /x (environment)` below a module.
fn in_words(one: &Overridden, of: &str) -> String {
    let Overridden { name, value, origin } = one;
    if *name == of { format!("{value} ({origin})") } else { format!("{name} {value} ({origin})") }
}
