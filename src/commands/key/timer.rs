//! `kmsctl key timer`.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::super::context::Context;
use crate::{
    cli,
    config::Origin,
    render::{self, Schedule},
    secret::PinSource,
};

/// Settings that say which token is meant, and the options that give them.
const CARRIED: &[(&str, &str)] = &[
    ("config", "--config"),
    ("profile", "--profile"),
    ("store", "--store"),
    ("module", "--module"),
    ("module-args", "--module-args"),
    ("token", "--token"),
    ("records", "--records"),
];

pub(super) fn timer(context: &Context, arguments: &cli::key::Timer) -> Result<()> {
    let program = std::env::current_exe().context("cannot tell where kmsctl is installed")?;
    let schedule = Schedule {
        program: absolute(&program)?,
        options: options(context)?,
        pin_file: match &context.settings.pin {
            PinSource::File(path) => Some(absolute(path)?),
            _ => None,
        },
        calendar: arguments.calendar.clone(),
        purge: arguments.purge,
    };
    if schedule.pin_file.is_none() {
        context.ui.warning("no PIN file is named: the units name a place that you have to fill");
        context.ui.hint("`kmsctl key timer --pin-file FILE`");
    }
    context.print(&render::timer(&schedule))
}

/// What was given for this run or by the environment, as options: a timer has neither. A profile stays in its file.
fn options(context: &Context) -> Result<Vec<String>> {
    let mut options = Vec::new();
    for (name, option) in CARRIED {
        let setting = context.settings.origins.iter().find(|setting| setting.name == *name);
        let given = setting.filter(|setting| {
            matches!(setting.origin, Origin::Option | Origin::Environment)
                || *name == "store" && setting.origin == Origin::Default
        });
        let Some(setting) = given else { continue };
        let is_path = matches!(*name, "config" | "store" | "module" | "records");
        let value = if is_path { absolute(Path::new(&setting.value))? } else { setting.value.clone() };
        options.extend([(*option).to_owned(), value]);
    }
    Ok(options)
}

fn absolute(path: &Path) -> Result<String> {
    let path = std::path::absolute(path).with_context(|| format!("cannot locate {}", path.display()))?;
    Ok(path.display().to_string())
}
