//! README.md keeps its word: every `console` block runs, from top to bottom in one fresh world, and prints what it shows.

use crate::support::{TestEnv, golden, output::normalise};

#[test]
fn every_console_block_prints_what_it_shows() {
    let env = TestEnv::new();
    let blocks = console_blocks(include_str!("../../README.md"));
    assert!(!blocks.is_empty(), "README.md shows no console block");
    for step in blocks.iter().flat_map(|block| golden::steps(block)) {
        let output = env.shell(&format!("{{ {}\n}} 2>&1", step.command));
        let printed = normalise(output.text());
        assert!(
            matches(&normalise(&step.printed), &printed),
            "$ {}\n--- README.md\n{}--- printed\n{printed}",
            step.command,
            step.printed
        );
    }
}

fn console_blocks(readme: &str) -> Vec<&str> {
    let blocks = readme.split("\n```console\n").skip(1);
    blocks.map(|rest| rest.split_once("\n```").expect("a block ends").0).collect()
}

/// Compares line by line; a line `...` stands for any lines.
fn matches(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split("...\n");
    let Some(mut rest) = parts.next().and_then(|first| printed.strip_prefix(first)) else { return false };
    let mut open = false;
    for part in parts {
        open = true;
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || (open && shown.ends_with("...\n"))
}

#[test]
fn three_dots_stand_for_any_lines() {
    assert!(matches("a\nb\n", "a\nb\n"));
    assert!(matches("a\n...\nd\n", "a\nb\nc\nd\n"));
    assert!(matches("a\n...\n", "a\nb\nc\n"));
    assert!(!matches("a\n", "a\nb\n"));
    assert!(!matches("a\n...\nd\n", "a\nb\n"));
    assert!(!matches("a\n...\nb\n", "a\nb\nc\n"));
}
