//! Console transcripts: `$ command` lines and their output, replayed in a fresh environment and compared in full.
//!
//! A transcript may begin with lines `# token: embedded|softhsm|blank softhsm|fault module|none` (default: embedded),
//! `# setup: COMMAND` (run first, not shown), `# json: indented` (lines that are JSON objects or arrays are shown indented)
//! and plain `# comments`.
//! `UPDATE=1` overwrites the file with the actual output: review the diff.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::{Captures, Regex};
use serde_json::Value;

use super::{TestEnv, fault, path_text, token};

/// A JSON array of strings and numbers, and the line breaks in it: such an array is shown on one line.
static LIST: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\[\s+(("([^"\\]|\\.)*"|[0-9.]+),?\s+)+\]"#).expect("pattern"));
static BREAK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\n *").expect("pattern"));

/// One command of a transcript and its output.
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) printed: String,
}

/// The steps of a transcript; a line `> …` continues the command above it.
pub(crate) fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), steps.last_mut()) {
            (Some(command), ..) => steps.push(Step { command: command.to_owned(), printed: String::new() }),
            (None, Some(more), Some(step)) if step.printed.is_empty() => {
                step.command.push('\n');
                step.command.push_str(more);
            }
            (None, _, Some(step)) => {
                step.printed.push_str(line);
                step.printed.push('\n');
            }
            (None, _, None) => {}
        }
    }
    steps
}

/// Replays the transcript `tests/cmd/<name>`.
#[track_caller]
pub(crate) fn check(name: &str) {
    let case = directory().join(name);
    let expected = fs::read_to_string(&case).expect("a transcript is UTF-8");
    let actual = replay(&expected);
    if actual == expected {
        return;
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(case, actual).expect("writing a transcript");
        return;
    }
    panic!(
        "{}\n--- expected\n{expected}+++ actual\n{actual}To accept the new output: UPDATE=1 cargo test --test it golden",
        case.display()
    );
}

/// The directory of the transcripts.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd")
}

fn replay(text: &str) -> String {
    let header: Vec<_> = text.lines().take_while(|line| line.starts_with('#')).collect();
    let env = test_env(&header);
    let shape = if header.contains(&"# json: indented") { indented } else { str::to_owned };
    let mut parts: Vec<_> = (!header.is_empty()).then(|| header.join("\n") + "\n").into_iter().collect();
    parts.extend(steps(text).iter().map(|step| replay_step(&env, &step.command, shape)));
    parts.join("\n")
}

fn test_env(header: &[&str]) -> TestEnv {
    let values = |word: &'static str| header.iter().filter_map(move |line| line.strip_prefix(word));
    let env = match values("# token: ").next() {
        None | Some("embedded") => token::embedded(),
        Some("softhsm") => token::softhsm(),
        Some("blank softhsm") => token::blank_softhsm(),
        Some("fault module") => behind_the_fault_module(),
        Some("none") => TestEnv::new(),
        Some(other) => panic!("no such token: {other}"),
    };
    for command in values("# setup: ") {
        env.shell(&format!("umask 077; {command}")).success();
    }
    env
}

/// The embedded token reached through `tests/fault-module`, so that a step can set `KMSCTL_FAULT`.
fn behind_the_fault_module() -> TestEnv {
    let mut env = token::embedded();
    let database = fault::database(&env);
    env.set("KMSCTL_MODULE", path_text(&fault::module()))
        .set("KMSCTL_MODULE_ARGS", path_text(&database))
        .set("KMSCTL_FAULT_MODULE", "kryoptic");
    env
}

fn replay_step(env: &TestEnv, command: &str, shape: fn(&str) -> String) -> String {
    let said = env.shell(command).normalised_as(shape);
    format!("$ {}\n{}", command.replace('\n', "\n> "), with_end_of_line(said))
}

/// Indents each line that is a JSON object or array; leaves other lines alone.
fn indented(text: &str) -> String {
    let indented = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => format!("{value:#}\n"),
        _ => format!("{line}\n"),
    };
    let text: String = text.lines().map(indented).collect();
    LIST.replace_all(&text, |list: &Captures<'_>| BREAK.replace_all(&list[0], " ").into_owned()).into_owned()
}

fn with_end_of_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
