//! `kmsctl config add-profile`.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{Target, print, voice};
use crate::{
    cli::{Global, UsageError, config::AddProfile},
    config::{Environment, NewProfile, with_profile},
    encoding::shell_option,
    render::Document,
};

pub(super) fn add_profile(arguments: &AddProfile, global: &Global) -> Result<()> {
    refuse_what_no_profile_holds(global)?;
    let profile = NewProfile::from_options(global, arguments).context("cannot make a profile")?;
    if profile.is_empty() {
        let error = UsageError::new("a profile without settings would change nothing");
        return Err(error.hinted("say which token it is for, as by `--module PATH --token LABEL`").into());
    }
    let environment = Environment::capture();
    let ui = voice(global, &environment);
    let target = Target::read(global, &environment)?;
    let old = target.text.as_deref().unwrap_or_default();
    let text =
        with_profile(&target.path, old, &arguments.name, &profile, arguments.replace, arguments.default)?;
    target.make_directory()?;
    target.replace(&text)?;
    ui.status(format!("profile {:?} is in {}", arguments.name, target.path.display()));
    if !arguments.default {
        let option = shell_option("--profile", &arguments.name);
        ui.hint(format!("use it with `{option}` or KMSCTL_PROFILE"));
    }
    let json = json!({"path": target.path, "profile": arguments.name, "settings": profile.to_json()});
    print(global, &Document::new(json, ""))
}

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
