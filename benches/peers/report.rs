//! Results as a Markdown table.

use std::{fmt::Write as _, fs};

use anyhow::Result;

use crate::{
    measure::{CaseResult, Score},
    program::{Programs, version},
    targets,
};

pub(crate) fn markdown(results: &[CaseResult], programs: &Programs) -> Result<String> {
    let mut text = String::from(
        "Median time of a whole run including process start; in brackets, the first and third quartile. Ratios refer to the \
         line marked 1.\n\n| job | program | time | ratio | PKCS#11 calls | peak memory |\n|---|---|--:|--:|--:|--:|\n",
    );
    for result in results {
        let note = result.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
        let reference = result.scores[result.reference].seconds();
        for (index, score) in result.scores.iter().enumerate() {
            let job = if index == 0 { format!("**{}**", result.title) } else { String::new() };
            writeln!(text, "| {job} | {} |", cells(score, reference))?;
        }
        writeln!(text, "| | *{} runs{note}* | | | | |", result.rounds)?;
    }
    targets::write(&mut text, results)?;
    let size = mebibytes(fs::metadata(&programs.kmsctl)?.len());
    writeln!(
        text,
        "\nThe size of the kmsctl binary is {size}. Measured by `./dev bench` on {}, with:\n",
        machine()
    )?;
    // pkcs11-tool has no option for its version; opensc-tool is from the same package.
    for (name, program, argument) in [
        ("pkcs11-tool", "opensc-tool", "--info"),
        ("p11tool", "p11tool", "--version"),
        ("softhsm2-util", "softhsm2-util", "--version"),
        ("age", "age", "--version"),
    ] {
        writeln!(text, "- {name}: {}", version(program, argument))?;
    }
    Ok(text)
}

fn cells(score: &Score, reference: f64) -> String {
    let (low, high) = score.times.quartiles();
    let operations = f64::from(score.operations);
    let spread =
        format!("{} – {}", time(low.as_secs_f64() / operations), time(high.as_secs_f64() / operations));
    let ratio = score.seconds() / reference;
    let ratio = if (ratio - 1.0).abs() < f64::EPSILON { "1".to_owned() } else { format!("{ratio:.2}") };
    let calls = score.calls.map_or_else(|| "–".to_owned(), |calls| calls.to_string());
    let memory = mebibytes(score.memory * 1024);
    format!("{} | {} ({spread}) | {ratio} | {calls} | {memory}", score.name, time(score.seconds()))
}

fn mebibytes(bytes: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "sizes of files and processes")]
    let bytes = bytes as f64;
    format!("{:.1} MiB", bytes / f64::from(1 << 20))
}

/// Three digits and a unit.
pub(crate) fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        ..1e-3 => (seconds * 1e6, "µs"),
        ..1.0 => (seconds * 1e3, "ms"),
        _ => (seconds, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

/// The name of the processor and the number of cores.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} cores, {}", name.map_or("unknown processor", |(_, name)| name))
}
