//! `kmsctl config learn`.

use anyhow::Result;
use clap::Args;

use super::target::Target;
use crate::{
    cli::{UsageError, answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
    },
    config::{self, Origin, with_key},
    model::answer,
    operation::learn,
    render::{Document, table},
    setting::{self, Mode},
    shell::kmsctl_without_pin,
    token::Facts,
};

/// Find out what a profile's token allows, and keep it there
///
/// Tokens differ in the templates, sessions, labels and data objects that they accept. A run finds that out by trying,
/// which costs calls. This command tries once, with session keys and a data object that it destroys again, and writes
/// the facts as `learnt` into the profile; the rest of the file stays as it is. Later runs start from them. Run it again
/// after an update of the module. In a profile with `mode = "use"` nothing is created, so only the sessions are tried.
#[derive(Debug, Args)]
#[command(add = answers![Learnt])]
#[command(after_help = examples![
    "Once for each new profile" => "kmsctl config learn --profile prod",
])]
pub struct Learn {}

answer! {
    /// A fact about a token.
    pub struct FactView {
        /// Its name: slot, serial, template, sessions, label, labels, uses, records or iv
        name: &'static str,
        /// Its value, a word
        value: String,
    }
}

answer! {
    /// What was learnt about the token of a profile.
    pub struct Learnt<'a> {
        /// Path of the configuration file
        path: String,
        /// Name of the profile
        profile: &'a str,
        /// The facts; one that could not be tried is left out
        facts: Vec<FactView>,
        /// Whether the profile was changed
        changed: bool,
    }
}

impl Run for Learn {
    fn run(&self, context: &Context) -> Result<()> {
        let Some(profile) = &context.settings.profile else {
            return Err(UsageError::new("there is no profile to keep what is learnt")
                .hinted(format!(
                    "name one with `--profile`; `{}` makes one",
                    kmsctl_without_pin("config add-profile")
                ))
                .into());
        };
        if !matches!(context.settings.origin_of_place(), Origin::Profile(_)) {
            return Err(UsageError::new(format!("profile {:?} does not name the token", profile.name))
                .hinted(format!(
                    "a store or module in the profile names it, without options and variables that name another: see `{}`",
                    kmsctl_without_pin("config show")
                ))
                .into());
        }
        if let config::Target::Embedded { .. } = context.settings.target {
            let (path, profile) = (profile.file.display().to_string(), profile.name.as_str());
            let line = format!(
                "nothing to learn for profile {profile:?}: its embedded token allows all that kmsctl does"
            );
            let answer = Learnt { path, profile, facts: Vec::new(), changed: false };
            return context.print(&Document::of(&answer, "").saying(line));
        }
        let may_change = context.settings.mode() == Mode::Manage;
        let opened = context.open(if may_change { Need::Write } else { Need::Read })?;
        let session = opened.keystore.session();
        learn(session, may_change);
        let facts = session.facts().clone();
        let target = Target::of(profile.file.clone())?;
        let old = target.text.as_deref().unwrap_or_default();
        let text = with_key(&target.path, old, &profile.name, &setting::LEARNT, &facts.to_string())?;
        let changed = text != old && facts != Facts::default();
        if changed {
            target.replace(&text)?;
        }
        let words = facts.words();
        let rows = words.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
        let answer = Learnt {
            path: target.path.display().to_string(),
            profile: &profile.name,
            facts: words.into_iter().map(|(name, value)| FactView { name, value }).collect(),
            changed,
        };
        let done = if changed { "wrote" } else { "nothing changed:" };
        let line = format!("{done} `learnt` of profile {:?} in {}", profile.name, target.path.display());
        context.print(&Document::of(&answer, table(&["Fact", "Value"], rows)).saying(line))
    }
}
