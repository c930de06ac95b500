//! `kmsctl config add-profile`.

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use super::target::{Target, print, voice};
use crate::{
    cli::{Global, ProfileOptions, UsageError, examples},
    commands::command::{Grammar, RunBare, bare},
    config::{Environment, NewProfile, with_profile},
    encoding::shell_option,
    render::Document,
};

/// Write the given options into a profile
///
/// The profile gets the options that stand on this command line: --store or --module, --module-args, --token, --slot,
/// --records, --shared-group, --mode, --pin-file or --pin-command, --lock-timeout, --color, --json and --sort. What the
/// environment says is not written. The rest of the file stays as it is, comments included.
#[derive(Debug, Default, Args)]
#[command(after_help = examples![
    "A token of an HSM, with its PIN in a password store" =>
        "kmsctl config add-profile prod --module /usr/lib/softhsm/libsofthsm2.so --token prod --pin-command 'pass show kmsctl/prod'",
    "A token that others administer: no command that changes it" =>
        "kmsctl config add-profile shared --module /usr/lib/softhsm/libsofthsm2.so --token prod --mode use",
    "The embedded token, as the default profile" =>
        "kmsctl config add-profile mine --store ~/keys --pin-file ~/keys.pin --default",
])]
pub struct AddProfile {
    /// Name of the profile, for --profile
    #[arg(value_name = "NAME")]
    name: String,

    #[command(flatten)]
    options: ProfileOptions,

    /// Make it the default profile
    #[arg(long)]
    default: bool,

    /// Write over a profile of that name
    #[arg(long)]
    replace: bool,
}

impl RunBare for AddProfile {
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        refuse_what_no_profile_holds(global)?;
        let profile = NewProfile::from_options(global, &self.options).context("cannot make a profile")?;
        if profile.is_empty() {
            let error = UsageError::new("a profile without settings would change nothing");
            return Err(error
                .hinted("say which token it is for, as by `--module PATH --token LABEL`")
                .into());
        }
        let environment = Environment::capture();
        let ui = voice(global, &environment);
        let target = Target::read(global, &environment)?;
        let old = target.text.as_deref().unwrap_or_default();
        let text = with_profile(&target.path, old, &self.name, &profile, self.replace, self.default)?;
        target.make_directory()?;
        target.replace(&text)?;
        ui.status(format!("profile {:?} is in {}", self.name, target.path.display()));
        if !self.default {
            let option = shell_option("--profile", &self.name);
            ui.hint(format!("use it with `{option}` or KMSCTL_PROFILE"));
        }
        let json = json!({"path": target.path, "profile": self.name, "settings": profile.to_json()});
        print(global, &Document::new(json, ""))?;
        Ok(0)
    }
}

bare!(AddProfile);

/// Options that say something of one run alone.
fn refuse_what_no_profile_holds(global: &Global) -> Result<(), UsageError> {
    let reads_stdin = global.pin_file.as_ref().is_some_and(|file| file == "-");
    let given = [
        ("--pin-file -", reads_stdin),
        ("--pin-fd", global.pin_fd.is_some()),
        ("--so-pin-file", global.so_pin_file.is_some()),
        ("--so-pin-fd", global.so_pin_fd.is_some()),
        ("--use-final-try", global.use_final_try),
        ("--profile", global.profile.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(UsageError::new(format!("{name} cannot be kept in a profile"))
            .hinted("a profile takes --pin-file FILE or --pin-command CMD; see kmsctl-config(5)")),
    }
}
