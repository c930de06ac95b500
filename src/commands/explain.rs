//! `kmsctl explain`.

use anyhow::Result;
use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use super::{
    command::{Grammar, RunBare, bare},
    print::Bare,
};
use crate::{
    cli::{Global, UsageError, answers, examples},
    failure::{Explanation, Kind, explain as look_up, names, nearest},
    model::{Code, answer},
    render::{Document, Text, table},
};

/// Explain an error: what it means, usual causes, what to do
///
/// CODE is the `code` of an error in JSON, an exit code, or a PKCS#11 return value by name (CKR_PIN_LOCKED) or number
/// (0xa4). Without CODE, all error codes are listed. Needs no token and no network.
#[derive(Debug, Args)]
#[command(add = answers!["" => ExplanationView, "without CODE" => Vec<CodeView>])]
#[command(after_help = examples![
    "An error code" => "kmsctl explain KEY_NOT_FOUND",
    "A return value of the token" => "kmsctl explain CKR_PIN_LOCKED",
    "The exit code of the last command" => "kmsctl explain 5",
    "All codes, for a script" => "kmsctl explain --json",
])]
pub struct Explain {
    /// Error code, exit code or CKR_ name
    #[arg(value_name = "CODE", add = ArgValueCandidates::new(candidates))]
    code: Option<String>,
}

fn candidates() -> Vec<CompletionCandidate> {
    names().map(CompletionCandidate::new).collect()
}

answer! {
    /// An error code in the list of all.
    pub struct CodeView {
        /// The code
        code: &'static str,
        /// Exit code
        exit: u8,
        /// What it means
        meaning: &'static str,
    }
}

answer! {
    /// An explanation.
    pub struct ExplanationView<'a> {
        /// Name of what is explained
        name: &'a str,
        /// error, ckr (a return value of PKCS#11) or exit
        kind: &'static str,
        /// Exit code
        exit: u8,
        /// Error code; null for an exit code
        code: Option<&'a str>,
        /// What it means
        meaning: &'a str,
        /// Usual causes
        causes: &'a [&'static str],
        /// What to do
        actions: &'a [&'static str],
        /// Return values of PKCS#11 behind an error code, or the error codes of the others
        related: &'a [&'static str],
    }
}

impl RunBare for Explain {
    fn run(&self, global: &Global, _: Grammar) -> Result<u8> {
        let document = match &self.code {
            None => all(),
            Some(text) => one(&look_up(text).ok_or_else(|| unknown(text))?),
        };
        Bare::new(global).print(&document)
    }
}

bare!(Explain);

fn unknown(text: &str) -> UsageError {
    let error = UsageError::new(format!("no error code, exit code or CKR_ value {text:?}"));
    match nearest(text) {
        Some(name) => error.hinted(format!("did you mean {name}?")),
        None => error.hinted("`kmsctl explain` lists the error codes"),
    }
}

fn all() -> Document {
    let json = Code::ALL
        .iter()
        .map(|code| CodeView { code: code.name(), exit: code.exit(), meaning: code.meaning() })
        .collect::<Vec<_>>();
    let rows = Code::ALL
        .iter()
        .map(|code| vec![code.name().to_owned(), code.exit().to_string(), code.meaning().to_owned()])
        .collect();
    Document::of(&json, table(&["Code", "Exit", "Meaning"], rows))
}

fn one(entry: &Explanation) -> Document {
    let title = match entry.kind {
        Kind::Error { exit } => format!("{}, exit {exit}", entry.name),
        Kind::ReturnValue { code } => {
            format!("{}, usually reported as {} (exit {})", entry.name, code.name(), code.exit())
        }
        Kind::Exit => format!("Exit {}", entry.name),
    };
    let related = match entry.kind {
        Kind::Error { .. } => "Return values of PKCS#11 behind it",
        Kind::ReturnValue { .. } | Kind::Exit => "Error codes",
    };
    let mut text = format!("{title}\n  {}\n", entry.meaning);
    section(&mut text, "Usual causes", entry.advice.causes);
    section(&mut text, "What to do", entry.advice.actions);
    section(&mut text, related, &entry.related);
    Document::of(&view(entry), Text::prose(text))
}

fn section(text: &mut String, heading: &str, lines: &[&str]) {
    if !lines.is_empty() {
        let lines: Vec<_> = lines.iter().map(|line| format!("  - {line}\n")).collect();
        text.extend(["\n", heading, ":\n", &lines.concat()]);
    }
}

fn view(entry: &Explanation) -> ExplanationView<'_> {
    let (kind, exit, code) = match entry.kind {
        Kind::Error { exit } => ("error", exit, Some(entry.name.as_str())),
        Kind::ReturnValue { code } => ("ckr", code.exit(), Some(code.name())),
        Kind::Exit => ("exit", entry.name.parse().unwrap_or_default(), None),
    };
    ExplanationView {
        name: &entry.name,
        kind,
        exit,
        code,
        meaning: &entry.meaning,
        causes: entry.advice.causes,
        actions: entry.advice.actions,
        related: &entry.related,
    }
}
