//! Runs the `console` blocks of README.md, from top to bottom in one fresh environment, and compares their output; and
//! the commands in the recorded terminal session.

use std::path::Path;

use crate::support::{TestEnv, golden, output::normalise};

const README: &str = include_str!("../../README.md");

#[test]
fn every_console_block_prints_what_it_shows() {
    let blocks = console_blocks(README);
    assert!(blocks.len() > 5, "README.md shows few console blocks");
    check_commands("README.md", &blocks.join("\n"));
}

/// Runs the commands of a text in a fresh environment and compares their output.
fn check_commands(name: &str, text: &str) {
    let env = TestEnv::new();
    let mut exports = String::new();
    for step in golden::steps(text) {
        if step.command.starts_with("export ") {
            exports = format!("{exports}{}\n", step.command);
            continue;
        }
        let output = env.shell(&format!("{exports}{{ {}\n}} 2>&1", step.command));
        let printed = normalise(output.text());
        assert!(
            matches(&normalise(&step.printed), &printed),
            "$ {}\n--- {name}\n{}--- printed\n{printed}",
            step.command,
            step.printed
        );
    }
}

fn console_blocks(readme: &str) -> Vec<&str> {
    let blocks = readme.split("\n```console\n").skip(1);
    blocks.map(|rest| rest.split_once("\n```").expect("a block ends").0).collect()
}

/// Compares line by line; a line `...` stands for any lines, `[...]` and `...` in a line for any text.
fn matches(shown: &str, printed: &str) -> bool {
    let pattern = shown
        .lines()
        .map(|line| match line {
            "..." => "(.*\n)*?".to_owned(),
            line => {
                let parts: Vec<_> =
                    line.split("[...]").flat_map(|part| part.split("...")).map(regex::escape).collect();
                format!("{}\n", parts.join(".*"))
            }
        })
        .collect::<String>();
    regex::Regex::new(&format!("^{pattern}$")).expect("a pattern").is_match(printed)
}

#[test]
fn dots_match_any_lines_and_any_text() {
    assert!(matches("a\nb\n", "a\nb\n"));
    assert!(matches("a\n...\nd\n", "a\nb\nc\nd\n"));
    assert!(matches("a\n...\n", "a\nb\nc\n"));
    assert!(matches("a [...] d\n", "a b c d\n") && matches("{a,...}\n", "{a,b}\n"));
    assert!(!matches("a\n", "a\nb\n"));
    assert!(!matches("a\n...\nd\n", "a\nb\n"));
    assert!(!matches("a\n...\nb\n", "a\nb\nc\n"));
    assert!(!matches("a [...] d\n", "a b c\n"));
}

/// The local files that README.md links to.
#[test]
fn every_local_link_exists() {
    let links = README.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    let files: Vec<_> = links.filter(|link| !link.starts_with("https://")).collect();
    assert!(files.len() > 15, "{files:?}");
    for file in files {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(file).exists(), "{file}");
    }
}

/// `./dev cast` updates the recording.
#[test]
fn the_recording_shows_what_the_commands_print() {
    let svg = include_str!("../../docs/session.svg");
    let lines = svg.lines().filter(|line| line.starts_with("<text "));
    let tags = regex::Regex::new("<[^>]*>").expect("a pattern");
    let text: String = lines
        .map(|line| {
            tags.replace_all(line, "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") + "\n"
        })
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(text.matches("$ kmsctl").count() > 8, "{text}");
    check_commands("docs/session.svg", &format!("$ export KMSCTL_PIN_FILE=$PWD/pin\n{text}"));
}
