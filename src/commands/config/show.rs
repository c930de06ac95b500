//! `kmsctl config show`.

use anyhow::Result;
use clap::Args;

use crate::{
    cli::{answers, examples},
    commands::{command::Run, context::Context},
    config::{Overridden, Reported},
    model::answer,
    render::{Document, Narrow, table},
};

/// Print each setting, where it came from and what it overrides
///
/// The strongest source of a setting wins: an option, the profile named by --profile, the environment, the profile
/// named by KMSCTL_PROFILE or default-profile, the default. A source that says where the token is (store or module)
/// overrides all that weaker sources say about it: store, module, module-args, token, slot and records. PINs are never
/// printed.
#[derive(Debug, Args)]
#[command(add = answers![Vec<SettingView>])]
#[command(after_help = examples![
    "What a profile changes" => "kmsctl config show --profile prod",
])]
pub struct Show {}

answer! {
    /// A setting of a weaker source.
    pub struct OverriddenView<'a> {
        /// Name of the setting
        name: &'a str,
        /// Its value there
        value: &'a str,
        /// Where it came from
        origin: String,
    }
}

answer! {
    /// A setting.
    pub struct SettingView<'a> {
        /// Name of the setting
        name: &'a str,
        /// Its value
        value: &'a str,
        /// Where it came from: command line, environment, profile NAME, default-profile, PKCS#11 URI, systemd credential or
        /// default
        origin: String,
        /// What weaker sources say
        overrides: Vec<OverriddenView<'a>>,
    }
}

impl<'a> From<&'a Overridden> for OverriddenView<'a> {
    fn from(Overridden { name, value, origin }: &'a Overridden) -> Self {
        Self { name, value, origin: origin.to_string() }
    }
}

impl Run for Show {
    /// Prints each setting and its origin. For PINs, the settings hold only the source.
    fn run(&self, context: &Context) -> Result<()> {
        let settings = &context.settings.report;
        let json = settings.iter().map(|setting| SettingView {
            name: setting.name,
            value: &setting.value,
            origin: setting.origin.to_string(),
            overrides: setting.overrides.iter().map(OverriddenView::from).collect(),
        });
        let row = |setting: &Reported| {
            let overrides: Vec<_> =
                setting.overrides.iter().map(|one| describe_overridden(one, setting.name)).collect();
            vec![
                setting.name.to_owned(),
                setting.value.clone(),
                setting.origin.to_string(),
                if overrides.is_empty() { "-".to_owned() } else { overrides.join(", ") },
            ]
        };
        context.print(&Document::of(
            &json.collect::<Vec<_>>(),
            table(&["Setting", "Value", "From", "Overrides"], settings.iter().map(row).collect())
                .narrow(&[Narrow::Cut("Overrides", 12), Narrow::Cut("From", 12)]),
        ))
    }
}

/// `/x (environment)`, or `store /x (environment)` where the overridden setting has another name, such as a store that a
/// module overrides.
fn describe_overridden(one: &Overridden, of: &str) -> String {
    let Overridden { name, value, origin } = one;
    if *name == of { format!("{value} ({origin})") } else { format!("{name} {value} ({origin})") }
}
