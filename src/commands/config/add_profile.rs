//! `kmsctl config add-profile`.

use std::borrow::Cow;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use super::target::Target;
use crate::{
    cli::{Global, ProfileOptions, UsageError, answers, examples},
    commands::{
        command::{Grammar, RunBare, bare},
        print::Bare,
    },
    config::{NewProfile, with_profile},
    model::answer,
    render::Document,
    setting::{self, Role, Setting},
    shell::shell_option,
};

/// Write the given options to a profile
///
/// The profile gets the options of this command line, each under its key of kmsctl-config(5). Settings from the
/// environment are not written. The rest of the file, comments included, stays as it is.
#[derive(Debug, Default, Args)]
#[command(add = answers![WrittenProfile])]
#[command(after_help = examples![
    "A token of an HSM, with its PIN in a password store" =>
        "kmsctl config add-profile prod --module /usr/lib/softhsm/libsofthsm2.so --token prod --pin-command 'pass show kmsctl/prod'",
    "A token that others administer" =>
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

    /// Replace an existing profile of that name
    #[arg(long)]
    replace: bool,
}

answer! {
    /// A profile that was written.
    pub struct WrittenProfile<'a> {
        /// Path of the configuration file
        path: Cow<'a, str>,
        /// Name of the profile
        profile: &'a str,
        /// Its keys and values, as in kmsctl-config(5)
        settings: Value,
    }
}

impl RunBare for AddProfile {
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        refuse_single_run_options(global)?;
        let profile = NewProfile::from_options(&global.values, &self.options.values)
            .context("cannot make a profile")?;
        if profile.is_empty() {
            let error = UsageError::new("a profile without settings would change nothing");
            return Err(error
                .hinted("name its token, for example with `--module PATH --token LABEL`")
                .into());
        }
        let bare = Bare::new(global);
        let target = Target::read(global, &bare.environment)?;
        let old = target.text.as_deref().unwrap_or_default();
        let text = with_profile(&target.path, old, &self.name, &profile, self.replace, self.default)?;
        target.make_directory()?;
        target.replace(&text)?;
        let answer = WrittenProfile {
            path: target.path.to_string_lossy(),
            profile: &self.name,
            settings: profile.to_json(),
        };
        let line = format!("wrote profile {:?} to {}", self.name, target.path.display());
        let next = format!("kmsctl token show {}", shell_option("--profile", &self.name));
        bare.print(&Document::of(&answer, "").saying(line).then(next))
    }
}

bare!(AddProfile);

/// Refuses options that apply to a single run only.
fn refuse_single_run_options(global: &Global) -> Result<(), UsageError> {
    if global.values.raw(&setting::PIN_FILE).is_some_and(|file| file == "-") {
        return Err(cannot_be_kept("--pin-file -"));
    }
    let is_of_run = |setting: &Setting| match setting.role {
        Role::Place | Role::UserPin | Role::SoPin => !setting.is_key,
        Role::Configuration => *setting == setting::PROFILE,
        Role::Behaviour => *setting == setting::USE_FINAL_TRY,
    };
    match global.first(is_of_run).and_then(|setting| setting.option) {
        None => Ok(()),
        Some(option) => Err(cannot_be_kept(option.flag)),
    }
}

fn cannot_be_kept(option: &str) -> UsageError {
    UsageError::new(format!("{option} cannot be kept in a profile"))
        .hinted("a profile takes --pin-file FILE or --pin-command CMD; see kmsctl-config(5)")
}
