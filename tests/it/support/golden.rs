//! Console transcripts: `$ command` lines with what they print, replayed in a world of their own and compared whole.
//!
//! A transcript may begin with lines `# token: embedded|softhsm|none` (default: embedded), `# setup: COMMAND` (run first,
//! not shown) and plain `# comments`. `UPDATE=1` writes what the program printed over the file: read the difference.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{TestEnv, token};

/// One command of a transcript and what was printed under it.
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) printed: String,
}

/// The steps of a text; a line `> …` continues the command before it.
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

/// Replays every transcript of `tests/cmd/<theme>/`.
pub(crate) fn check(theme: &str) {
    let cases = cases(theme);
    assert!(!cases.is_empty(), "no transcript in tests/cmd/{theme}");
    let different: Vec<_> = cases.iter().filter_map(|case| difference(case)).collect();
    assert!(
        different.is_empty(),
        "{}\nIf that is right: UPDATE=1 cargo test --test it golden",
        different.join("\n")
    );
}

fn cases(theme: &str) -> Vec<PathBuf> {
    let directory = directory().join(theme);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("directory entry").path()).collect();
    cases.sort();
    cases
}

/// Where the transcripts are.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd")
}

fn difference(case: &Path) -> Option<String> {
    let expected = fs::read_to_string(case).expect("a transcript is UTF-8");
    let actual = replay(&expected);
    if actual == expected {
        return None;
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(case, actual).expect("writing a transcript");
        return None;
    }
    Some(format!("{}\n--- expected\n{expected}+++ actual\n{actual}", case.display()))
}

fn replay(text: &str) -> String {
    let header: Vec<_> = text.lines().take_while(|line| line.starts_with('#')).collect();
    let world = world(&header);
    let mut parts: Vec<_> = (!header.is_empty()).then(|| header.join("\n") + "\n").into_iter().collect();
    parts.extend(steps(text).iter().map(|step| played(&world, &step.command)));
    parts.join("\n")
}

fn world(header: &[&str]) -> TestEnv {
    let told = |word: &'static str| header.iter().filter_map(move |line| line.strip_prefix(word));
    let env = match told("# token: ").next() {
        None | Some("embedded") => token::embedded(),
        Some("softhsm") => token::softhsm(),
        Some("blank softhsm") => token::blank_softhsm(),
        Some("none") => TestEnv::new(),
        Some(other) => panic!("no such token: {other}"),
    };
    for command in told("# setup: ") {
        env.shell(&format!("umask 077; {command}")).success();
    }
    env
}

fn played(env: &TestEnv, command: &str) -> String {
    let said = env.shell(command).normalised();
    format!("$ {}\n{}", command.replace('\n', "\n> "), with_end_of_line(said))
}

fn with_end_of_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
