//! `kmsctl explain`.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::{
    command::{Grammar, RunBare, bare},
    print::Bare,
};
use crate::{
    cli::{Global, UsageError, examples},
    failure::{Explanation, Kind, explain as look_up, nearest},
    model::Code,
    render::{Document, table},
};

/// Explain an error: what it means, usual causes, what to do
///
/// CODE is the `code` of an error in JSON, an exit code, or a PKCS#11 return value by name (CKR_PIN_LOCKED) or number
/// (0xa4). Without CODE, all error codes are listed. Needs no token and no network.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "An error code" => "kmsctl explain KEY_NOT_FOUND",
    "A return value of the token" => "kmsctl explain CKR_PIN_LOCKED",
    "The exit code of the last command" => "kmsctl explain 5",
    "All codes, for a script" => "kmsctl explain --json",
])]
pub struct Explain {
    /// Error code, exit code or CKR_ name
    #[arg(value_name = "CODE")]
    code: Option<String>,
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
        .map(|code| json!({"code": code.name(), "exit": code.exit(), "meaning": code.meaning()}))
        .collect();
    let rows = Code::ALL
        .iter()
        .map(|code| vec![code.name().to_owned(), code.exit().to_string(), code.meaning().to_owned()])
        .collect();
    Document::new(json, table(&["Code", "Exit", "Meaning"], rows))
}

fn one(entry: &Explanation) -> Document {
    let title = match entry.kind {
        Kind::Error { exit } => format!("{}, exit {exit}", entry.name),
        Kind::ReturnValue { code } => {
            format!(
                "{}, reported as {} (exit {}) when nothing knows better",
                entry.name,
                code.name(),
                code.exit()
            )
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
    Document::new(json(entry), text)
}

fn section(text: &mut String, heading: &str, lines: &[&str]) {
    if !lines.is_empty() {
        let lines: Vec<_> = lines.iter().map(|line| format!("  - {line}\n")).collect();
        text.extend(["\n", heading, ":\n", &lines.concat()]);
    }
}

fn json(entry: &Explanation) -> Value {
    let (kind, exit, code) = match entry.kind {
        Kind::Error { exit } => ("error", exit, Some(entry.name.as_str())),
        Kind::ReturnValue { code } => ("ckr", code.exit(), Some(code.name())),
        Kind::Exit => ("exit", entry.name.parse().unwrap_or_default(), None),
    };
    json!({
        "name": entry.name,
        "kind": kind,
        "exit": exit,
        "code": code,
        "meaning": entry.meaning,
        "causes": entry.advice.causes,
        "actions": entry.advice.actions,
        "related": entry.related,
    })
}
