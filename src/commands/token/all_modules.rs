//! `kmsctl token list --all-modules`.

use std::{env, ffi::OsStr, path::Path, process::Command, thread, time::Duration};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    commands::context::Context,
    io::{Ended, run_bounded},
    render::{self, Probed},
    secret, setting,
    token::{InstalledModule, installed_modules},
};

/// The module of a card reader may need more than a second; that of an unreachable network HSM, much longer.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// Queries each module in a child process of kmsctl, so that one that crashes or hangs affects nothing else.
pub(super) fn list(context: &Context, timeout: Option<Duration>) -> Result<()> {
    let timeout = timeout.unwrap_or(DEFAULT_TIMEOUT);
    let environment = context.environment();
    let modules = installed_modules(environment.p11_kit_directory().as_deref());
    let this = env::current_exe().context("cannot find the program itself")?;
    let progress = context.waiting(format_args!("asking {} modules", modules.len()));
    let mut probed: Vec<_> = environment
        .data_directory()
        .filter(|store| store.exists())
        .map(|store| (Probed::embedded(&store), ask(&this, &["--store".as_ref(), store.as_ref()], timeout)))
        .into_iter()
        .collect();
    let answers: Vec<_> = thread::scope(|scope| {
        let this = &this;
        let ask = |module| scope.spawn(move || ask_module(this, module, timeout));
        let running: Vec<_> = modules.iter().map(ask).collect();
        running.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    drop(progress);
    for (module, answer) in modules.iter().zip(answers) {
        let answer = answer.unwrap_or_else(|_| Err("the query failed".to_owned()));
        probed.push((Probed::module(module), answer));
    }
    let probed: Vec<_> = probed.into_iter().map(|(place, answer)| place.answered(answer)).collect();
    context.print(&render::installed(&probed))?;
    if probed.iter().any(Probed::has_tokens) {
        context.ui.advice("`config add-profile NAME OPTIONS` saves the options of a token as a profile");
    }
    Ok(())
}

fn ask_module(this: &Path, module: &InstalledModule, timeout: Duration) -> Result<Vec<Value>, String> {
    let mut options: Vec<&OsStr> = vec!["--module".as_ref(), module.path.as_ref()];
    if let Some(arguments) = &module.arguments {
        options.push("--module-args".as_ref());
        options.push(arguments.as_ref());
    }
    ask(this, &options, timeout)
}

/// The tokens as `token list --json` shows them, or why there is no answer.
fn ask(this: &Path, options: &[&OsStr], timeout: Duration) -> Result<Vec<Value>, String> {
    let mut command: Command = secret::command(this);
    // Only the options apply: no other settings, and no other token.
    command.args(["token", "list", "--json", "--no-input", "--config", "/dev/null"]).args(options);
    for variable in setting::target_variables() {
        command.env_remove(variable);
    }
    match run_bounded(command, timeout) {
        Ok(Ended::Exited { stdout, stderr }) => serde_json::from_slice(&stdout).map_err(|_| reason(&stderr)),
        Ok(Ended::Crashed { signal }) => Err(format!("the module crashed (signal {signal})")),
        Ok(Ended::TimedOut) => Err(format!("the module did not answer in {} s", timeout.as_secs())),
        Err(error) => Err(format!("cannot start a process for it: {error}")),
    }
}

/// The message of the error object and the deepest cause, which is the answer of the module.
fn reason(stderr: &[u8]) -> String {
    let error: Value = serde_json::from_slice(stderr).unwrap_or_default();
    let error = &error["error"];
    let message = error["message"].as_str().unwrap_or("it exited without an answer");
    match error["causes"].as_array().and_then(|causes| causes.last()).and_then(Value::as_str) {
        Some(cause) => format!("{message}: {cause}"),
        None => message.to_owned(),
    }
}
