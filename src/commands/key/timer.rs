//! `kmsctl key timer`.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};
use data_encoding::HEXLOWER;
use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};

use crate::{
    cli::{UsageError, answers, examples},
    commands::{command::Run, context::Context},
    config::{Origin, Settings, Target},
    io::Output,
    model::answer,
    render::{self, Document, Schedule, TimerPin},
    secret::PinSource,
    setting,
    shell::kmsctl_without_pin,
    token::TokenChoice,
    ui::safe,
};

/// Print a systemd timer and a crontab line that rotate due keys
///
/// They run `kmsctl key rotate --due`, which rotates, stages and promotes. They contain the token and PIN source of this
/// run, from its options, environment or profile, the variables that the module reads, and the user who runs this
/// command. Nothing is installed. A profile with mode = "use" refuses rotations, so there is no timer for it. The units
/// are named kmsctl-rotate, or kmsctl-rotate-NAME for a run with the profile NAME.
#[derive(Debug, Args)]
#[command(add = answers!["" => render::TimerFiles, "`--out-dir`" => WrittenFiles])]
#[command(after_help = examples![
    "For the token of a profile, with its PIN as a systemd credential" =>
        "kmsctl key timer --profile prod --pin-file /etc/kmsctl/pin",
    "Also destroy revoked keys whose waiting period is over" => "kmsctl key timer --purge",
    "To files" => "kmsctl key timer --pin-file /etc/kmsctl/pin --out-dir units",
])]
pub struct Timer {
    /// How often to run
    #[arg(long, value_name = "WHEN", default_value = "daily", value_parser = ["hourly", "daily", "weekly"])]
    calendar: String,

    /// Also destroy revoked keys whose waiting period is over
    #[arg(long)]
    purge: bool,

    /// Directory to write the files to: a .service, a .timer and a .crontab
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out_dir: Option<PathBuf>,
}

/// PIN file in the output if this run has no PIN source that a timer can use.
const PIN_FILE: &str = "/etc/kmsctl/pin";

answer! {
    /// The files that were written.
    pub struct WrittenFiles {
        /// Their paths
        files: Vec<String>,
    }
}

impl Run for Timer {
    fn run(&self, context: &Context) -> Result<()> {
        let settings = &context.settings;
        // The timer's command would be refused.
        settings.allow(true)?;
        let program = std::env::current_exe().context("cannot find where kmsctl is installed")?;
        let (options, variables) = (options(settings)?, variables(context)?);
        let schedule = Schedule {
            name: unit_name(settings, &options, &variables),
            program: checked("the path of kmsctl", program)?,
            user: user(),
            options,
            variables,
            pin: pin(context)?,
            calendar: self.calendar.clone(),
            purge: self.purge,
        };
        match &self.out_dir {
            None => context.print(&render::timer(&schedule)),
            Some(directory) => write(context, &schedule, directory),
        }
    }
}

/// The name of the units, which differs between tokens: with the name of the profile or, without one, with a hash of what
/// selects the token, if that is not the default one. Other characters than those of a unit's name (systemd.unit(5)) become
/// `_`.
fn unit_name(settings: &Settings, options: &[String], variables: &[(String, String)]) -> String {
    const PREFIX: &str = "kmsctl-rotate";
    let place = settings.origin_of_place();
    let is_default = place == Origin::Default && settings.token == TokenChoice::Only;
    let of_profile = settings.profile.as_ref().map(|profile| {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        format!("-{}", profile.name.replace(|c| !is_fit(c), "_"))
    });
    let name = format!("{PREFIX}{}", of_profile.unwrap_or_default());
    if is_default || matches!(place, Origin::Profile(_)) {
        return name;
    }
    let mut hasher = Sha256::new();
    let variables = variables.iter().flat_map(|(name, value)| [name, value]);
    for word in options.iter().chain(variables) {
        hasher.update(word.len().to_be_bytes());
        hasher.update(word);
    }
    let hash: [u8; 32] = hasher.finalize().into();
    format!("{name}-{}", HEXLOWER.encode(&hash[..4]))
}

fn write(context: &Context, schedule: &Schedule, directory: &Path) -> Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let mut paths = Vec::new();
    for file in schedule.files() {
        let path = directory.join(file.name);
        Output::to(Some(&path)).write(file.content.as_bytes())?;
        paths.push(path.display().to_string());
    }
    let next =
        format!("copy the units to /etc/systemd/system, then systemctl enable --now {}.timer", schedule.name);
    let line = format!("wrote {}", paths.join(", "));
    let answer = WrittenFiles { files: paths };
    context.print(&Document::of(&answer, "").saying(line).then(next))
}

/// The current user, who can read the PIN file and the store; another user may not.
fn user() -> String {
    let uid = geteuid();
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// Options that select the token of this run in any environment: a timer has neither the variables of this one nor this
/// user's defaults. A profile is referenced, not copied.
fn options(settings: &Settings) -> Result<Vec<String>> {
    let mut options = Vec::new();
    let mut add = |name: &'static str, value: &OsStr| -> Result<()> {
        let value = checked(name, value)?;
        if value.starts_with('-') {
            options.push(format!("{name}={value}"));
        } else {
            options.extend([name.to_owned(), value]);
        }
        Ok(())
    };
    let is_of_profile = |origin: &Origin| matches!(origin, Origin::Profile(_));
    if let Some(profile) = &settings.profile {
        add("--config", absolute(&profile.file)?.as_ref())?;
        add("--profile", profile.name.as_ref())?;
    }
    // An option for the store or module overrides all settings of the profile about the token.
    let is_place_of_profile = is_of_profile(&settings.origin_of_place());
    let is_needed = |setting| !(is_place_of_profile && is_of_profile(&settings.origin(setting)));
    match &settings.target {
        Target::Embedded { dir } if !is_place_of_profile => add("--store", absolute(dir)?.as_ref())?,
        Target::Module { path, .. } if !is_place_of_profile => add("--module", absolute(path)?.as_ref())?,
        _ => {}
    }
    if let Target::Module { args: Some(args), .. } = &settings.target
        && is_needed(&setting::MODULE_ARGS)
    {
        add("--module-args", args.as_ref())?;
    }
    if is_needed(&setting::TOKEN) {
        match &settings.token {
            TokenChoice::Only => {}
            TokenChoice::Named(name) => add("--token", name.as_ref())?,
            TokenChoice::Slot(slot) => add("--slot", slot.to_string().as_ref())?,
            TokenChoice::Uri(uri) => {
                uri.of_token().map_or(Ok(()), |uri| add("--token", uri.to_string().as_ref()))?;
            }
        }
    }
    if let Some(records) = settings.records.as_ref().filter(|_| is_needed(&setting::RECORDS)) {
        add("--records", absolute(records)?.as_ref())?;
    }
    if settings.origin(&setting::LOCK_TIMEOUT) == Origin::Option {
        add("--lock-timeout", settings.lock_timeout.as_secs().to_string().as_ref())?;
    }
    Ok(options)
}

/// The module's environment variables, such as the one that names its configuration.
fn variables(context: &Context) -> Result<Vec<(String, String)>> {
    if let Target::Embedded { .. } = context.settings.target {
        return Ok(Vec::new());
    }
    let variables = &context.environment().module_variables;
    variables.iter().map(|(name, value)| Ok(((*name).to_owned(), checked(name, value)?))).collect()
}

fn pin(context: &Context) -> Result<TimerPin> {
    let settings = &context.settings;
    let origin = settings.origin(&setting::PIN);
    // The profile is evaluated again when the timer runs, against the token present then.
    if matches!(origin, Origin::Profile(_)) || settings.reserved_pin.is_some() {
        return Ok(TimerPin::Profile);
    }
    let profile_has_one = settings
        .report
        .iter()
        .filter(|setting| setting.name == "pin")
        .any(|setting| setting.overrides.iter().any(|one| matches!(one.origin, Origin::Profile(_))));
    match &settings.pin {
        PinSource::File(path) if origin != Origin::SystemdCredential => {
            let path = checked("the PIN file", absolute(path)?)?;
            Ok(if profile_has_one { TimerPin::InsteadOfProfile(path) } else { TimerPin::File(path) })
        }
        PinSource::Command(line) => Ok(TimerPin::Command(checked("--pin-command", line)?)),
        _ => {
            context
                .ui
                .warning(format!("no PIN file given: the timer will read {PIN_FILE}, which you must create"));
            context.ui.hint(format!("`{}`", kmsctl_without_pin("key timer --pin-file FILE")));
            Ok(TimerPin::File(PIN_FILE.to_owned()))
        }
    }
}

fn absolute(path: &Path) -> Result<OsString> {
    let path = std::path::absolute(path).with_context(|| format!("cannot locate {}", path.display()))?;
    Ok(path.into())
}

/// Refuses control characters: a line break would start a new line in the unit.
fn checked(what: &str, value: impl AsRef<OsStr>) -> Result<String> {
    let value = value.as_ref();
    match value.to_str() {
        Some(text) if safe(text) == text => Ok(text.to_owned()),
        _ => Err(UsageError::new(format!(
            "{what} cannot be written into a unit or a crontab: it has a line break or another control character"
        ))
        .into()),
    }
}
