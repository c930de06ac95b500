//! Compares kmsctl with other programs for the same job, in one run on this machine: `./dev bench`.
//!
//! Programs take turns, round by round, so that a busy moment of the machine affects all of them. The result is the ratio of
//! their medians. The fault module of the tests counts the PKCS#11 calls.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose output is the table, with progress on standard error"
)]

mod case;
mod measure;
mod plot;
mod populate;
mod program;
mod report;
mod targets;
mod token;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};

use program::Programs;
use token::{Kind, Token};

/// The options of the command line.
struct Options {
    /// Directory of the release builds of kmsctl and `bare`.
    programs: PathBuf,
    /// Directory of the tokens, which are kept between runs: creating ten thousand keys takes minutes.
    tokens: PathBuf,
    /// Directory of the table and the plot.
    results: PathBuf,
    /// Number of keys on the largest token; 10000 by default.
    most_keys: usize,
    /// Factor for the number of rounds.
    effort: f64,
    /// Only cases whose title contains this.
    only: String,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    match arguments.next().as_deref() {
        Some("populate") => populate::run(arguments),
        Some("run") => run(&options(arguments)?),
        _ => bail!(
            "usage: peers run --programs DIR --tokens DIR --results DIR [--most-keys N] [--effort SHARE] \
             [--only TEXT]"
        ),
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut options = Options {
        programs: here.join("target/release"),
        tokens: here.join("target/bench-tokens"),
        results: here.join("benches/results"),
        most_keys: 10_000,
        effort: 1.0,
        only: String::new(),
    };
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--programs" => options.programs = value.into(),
            "--tokens" => options.tokens = value.into(),
            "--results" => options.results = value.into(),
            "--most-keys" => options.most_keys = value.parse()?,
            "--effort" => options.effort = value.parse()?,
            "--only" => options.only = value,
            other => bail!("no such option: {other}"),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    let programs = Programs::find(&options.programs)?;
    let mut results = Vec::new();
    let sizes = [10, 1_000, 10_000].into_iter().filter(|keys| *keys <= options.most_keys);
    let mut tokens = Vec::new();
    for keys in sizes {
        for kind in [Kind::SoftHsm, Kind::Embedded] {
            tokens.push(Token::prepare(&options.tokens, kind, keys, &programs)?);
        }
    }
    let mut due = Vec::new();
    for keys in [100, 1_000].into_iter().filter(|keys| *keys <= options.most_keys) {
        // SoftHSM reads all its files for each new key: a thousand keys take hours.
        let kinds = if keys > 100 { &[Kind::Embedded][..] } else { &[Kind::SoftHsm, Kind::Embedded] };
        let tokens = kinds.iter().map(|kind| Token::scheduled(&options.tokens, *kind, keys, &programs));
        due.push(tokens.collect::<Result<Vec<_>>>()?);
    }
    // Imports add keys to it, so it is created for each run.
    let scratch = Token::afresh(&options.tokens, Kind::Embedded, 3, &programs)?;
    let all = case::all(&tokens, &due, &scratch, &programs)?;
    for case in all.into_iter().filter(|case| case.title.contains(&options.only)) {
        eprintln!("{}", case.title);
        results.push(measure::measure(&case, options.effort)?);
    }
    let table = report::markdown(&results, &programs)?;
    // A run of some cases must not replace the results of all.
    if options.only.is_empty() {
        fs::create_dir_all(&options.results)?;
        fs::write(options.results.join("peers.md"), &table)?;
        fs::write(options.results.join("peers.svg"), plot::svg(&results))?;
    }
    println!("{table}");
    Ok(())
}
