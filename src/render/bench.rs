//! The results of `kmsctl bench` as a table with bars, and JSON.

use std::time::Duration;

use super::{Document, Narrow, Text, table};
use crate::{
    algorithm::Algorithm,
    model::{Counted, answer},
    operation::{Measurement, Refusal, Report},
    token::TokenInfo,
};

/// Length of the longest bar in characters.
const BAR: u32 = 20;

pub fn bench(report: &Report, token: &TokenInfo, seconds: f64) -> Document {
    let json = BenchReport {
        token: &token.label,
        model: &token.model,
        seconds,
        measurements: report.measurements.iter().map(measurement).collect(),
        refused: report.refusals.iter().map(refusal).collect(),
    };
    let headings = ["Operation", "Key", "Method", "Sessions", "Per second", "", "p50", "p99", "Slowest"];
    let table = table(&headings, report.measurements.iter().map(|one| row(one, report)).collect());
    let table = table.narrow(&[Narrow::Drop("")]);
    let refused = report.refusals.iter().map(|refusal| {
        let sessions = |count: u16| format!(" over {}", Counted(count.into(), "session"));
        let sessions = refusal.sessions.map(sessions).unwrap_or_default();
        format!("not done by this token: {}{sessions}: {}\n", refusal.workload, refusal.error)
    });
    Document::of(&json, Text::from(table).and(refused.collect::<String>()))
}

answer! {
    /// How long an operation takes.
    pub struct Latency {
        /// Half of the operations take no longer
        p50: f64,
        /// 90 of 100 take no longer
        p90: f64,
        /// 99 of 100 take no longer
        p99: f64,
        /// 999 of 1000 take no longer
        p999: f64,
        /// The slowest
        max: f64,
    }
}

answer! {
    /// A measurement of one operation with some sessions.
    pub struct MeasurementView {
        /// The operation, such as sign
        operation: &'static str,
        /// Type of the key; null for random bytes
        key_type: Option<&'static str>,
        /// Method of the operation, such as RS256
        method: &'static str,
        /// Sessions that worked at once
        sessions: u16,
        /// Operations that were done
        operations: u64,
        /// Seconds that they took
        seconds: f64,
        /// Operations in a second
        per_second: f64,
        /// Duration of an operation in microseconds
        latency_microseconds: Latency,
    }
}

answer! {
    /// What the token did not do.
    pub struct RefusalView {
        /// The operation
        operation: &'static str,
        /// Type of the key; null for random bytes
        key_type: Option<&'static str>,
        /// Method of the operation
        method: &'static str,
        /// Sessions that were too many; null if the token does not do it at all
        sessions: Option<u16>,
        /// Return value of the token, such as CKR_MECHANISM_INVALID
        ckr: String,
        /// Function that returned it
        function: &'static str,
    }
}

answer! {
    /// The answer of `bench`.
    pub struct BenchReport<'a> {
        /// Label of the token
        token: &'a str,
        /// Its model
        model: &'a str,
        /// Seconds of each measurement, as asked for
        seconds: f64,
        /// What was measured
        measurements: Vec<MeasurementView>,
        /// What the token did not do
        refused: Vec<RefusalView>,
    }
}

fn measurement(one: &Measurement) -> MeasurementView {
    let quantile = |share| micros(one.quantile(share));
    MeasurementView {
        operation: one.workload.operation(),
        key_type: one.workload.key().map(Algorithm::key_type),
        method: one.workload.method(),
        sessions: one.sessions,
        operations: one.operations,
        seconds: rounded(one.elapsed.as_secs_f64(), 1e6),
        per_second: rounded(one.per_second(), 10.0),
        latency_microseconds: Latency {
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: micros(one.slowest()),
        },
    }
}

fn refusal(refusal: &Refusal) -> RefusalView {
    RefusalView {
        operation: refusal.workload.operation(),
        key_type: refusal.workload.key().map(Algorithm::key_type),
        method: refusal.workload.method(),
        sessions: refusal.sessions,
        ckr: refusal.error.name(),
        function: refusal.error.function(),
    }
}

fn row(one: &Measurement, report: &Report) -> Vec<String> {
    let alike = report.measurements.iter().filter(|other| other.workload == one.workload);
    let best = alike.map(Measurement::per_second).fold(0.0, f64::max);
    vec![
        one.workload.operation().to_owned(),
        one.workload.key().map_or("", |key| key.name()).to_owned(),
        one.workload.method().to_owned(),
        one.sessions.to_string(),
        format!("{:>10}", grouped(one.per_second())),
        bar(one.per_second() / best),
        time(one.quantile(0.5)),
        time(one.quantile(0.99)),
        time(one.slowest()),
    ]
}

/// A bar for the share of the best result of the same workload, in eighths of a character.
fn bar(share: f64) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 160")]
    let eighths = (share.clamp(0.0, 1.0) * f64::from(BAR * 8)).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

/// `12,345`; one decimal place below 100.
fn grouped(number: f64) -> String {
    if number < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits and a unit.
fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    let (value, unit) = match micros {
        ..1e3 => (micros, "µs"),
        ..1e6 => (micros / 1e3, "ms"),
        _ => (micros / 1e6, "s"),
    };
    let digits = match value {
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}")
}

fn micros(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e6, 10.0)
}

fn rounded(number: f64, scale: f64) -> f64 {
    (number * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_times_have_units() {
        for (number, text) in
            [(3.21, "3.2"), (99.94, "99.9"), (100.0, "100"), (12345.6, "12,346"), (1e6, "1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
        for (nanos, text) in [
            (1234, "1.23 µs"),
            (45_600, "45.6 µs"),
            (789_000, "789 µs"),
            (1_500_000, "1.50 ms"),
            (2_000_000_000, "2.00 s"),
        ] {
            assert_eq!(time(Duration::from_nanos(nanos)), text);
        }
    }

    #[test]
    fn bars_are_relative_to_the_best() {
        assert_eq!(bar(1.0), "█".repeat(20));
        assert_eq!(bar(0.5), "█".repeat(10));
        assert_eq!(bar(0.025), "▌");
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(f64::NAN), "");
    }
}
