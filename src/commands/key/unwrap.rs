//! `kmsctl key unwrap`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::{
    create::new_key,
    import::{import, report},
    new_key::NewKey,
};
use crate::{
    cli::{UsageError, answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
    },
    encoding::{MAX_WRAPPED_KEY_FILE, WrappedKey},
    io::Input,
    model::Label,
    operation, render,
    shell::this_run_with,
    ui::{Answer, confirm_by_typing},
};

/// Import a key that `kmsctl key wrap` encrypted for this token
///
/// The file names the key of this token that it was encrypted for. All versions in it are imported, or none. The key
/// keeps its tag, label, usage, memo, schedule and states, unless the options say otherwise; a key that is already on this
/// token is refused. It is sensitive and, without --exportable, not extractable.
///
/// In a file of an earlier release anyone who carried it can have changed label and usage. kmsctl shows them and asks; without
/// a terminal, give both with --label and --usage.
#[derive(Debug, Args)]
#[command(add = answers![render::KeyView])]
#[command(after_help = examples![
    "With the label that it had" => "kmsctl key unwrap --in web.wrapped",
    "Under another label" => "kmsctl key unwrap --in web.wrapped --label web-2",
])]
pub struct Unwrap {
    /// File from `kmsctl key wrap`; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,

    /// Label of the new key; the label that it had if not given
    #[arg(long, value_name = "LABEL")]
    label: Option<Label>,

    #[command(flatten)]
    settings: NewKey,
}

impl Run for Unwrap {
    fn run(&self, context: &Context) -> Result<()> {
        let input = Input::from_path(self.input.as_deref());
        let bytes = input.read(&context.stdin, "wrapped key", MAX_WRAPPED_KEY_FILE)?;
        let wrapped = WrappedKey::read(&bytes).with_context(|| format!("cannot unwrap {input}"))?;
        let label = self.label.clone().unwrap_or_else(|| wrapped.label.clone());
        if wrapped.details.is_none() {
            self.confirm_headers(context, &wrapped)?;
        }
        // Refuses options that do not fit the key before asking for a PIN.
        let settings = NewKey { usage: self.settings.usage.or(Some(wrapped.usage)), ..self.settings.clone() };
        new_key(label.clone(), wrapped.algorithm, &settings)?;
        let opened = context.open(Need::Write)?;
        let progress = context.waiting(format_args!("importing key {:?}", label.as_str()));
        let arrival = operation::unwrap(&opened.keystore, &wrapped)
            .with_context(|| format!("cannot unwrap {input}"))?;
        let settings = match &arrival.record {
            Some(record) => settings.or_recorded(record),
            None => settings,
        };
        if settings.id.is_some() && (arrival.versions.len() > 1 || settings.convergent) {
            return Err(UsageError::new("--id is for a key with one version that is not convergent").into());
        }
        let request = new_key(label, wrapped.algorithm, &settings)?;
        let (opened, imported) = import(context, opened, &request, &arrival)?;
        drop(progress);
        report(context, &opened, imported)
    }

    fn changes(&self) -> bool {
        true
    }
}

impl Unwrap {
    /// Takes a label and usage that nothing authenticates from the options or from a person.
    fn confirm_headers(&self, context: &Context, wrapped: &WrappedKey) -> Result<()> {
        let needs_usage = self.settings.usage.is_none() && !wrapped.usage.is_empty();
        if self.label.is_some() && !needs_usage {
            return Ok(());
        }
        let label = self.label.as_ref().unwrap_or(&wrapped.label);
        let usage = self.settings.usage.unwrap_or(wrapped.usage);
        let doubt = "an earlier release wrote this file: its label and usage are not authenticated";
        let question = format!("{doubt}.\nLabel: {label}\nUsage: {usage}");
        match confirm_by_typing(&question, label.as_str(), context.settings.no_input) {
            Answer::Yes => Ok(()),
            Answer::No => Err(UsageError::new("not confirmed; nothing was imported").into()),
            Answer::NoTerminal => {
                let label = self.label.is_none().then(|| ("--label", label.to_string()));
                let usage = needs_usage.then(|| ("--usage", usage.to_string()));
                let command = this_run_with(label.into_iter().chain(usage));
                Err(UsageError::new(doubt).hinted(format!("if they are right: `{command}`")).into())
            }
        }
    }
}
