//! What `kmsctl bench` measured: a table with bars, and JSON.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Document, Narrow, Text, table};
use crate::{
    algorithm::Algorithm,
    model::Counted,
    operation::{Measurement, Refusal, Report},
    token::TokenInfo,
};

/// Characters of the longest bar.
const BAR: u32 = 20;

pub fn bench(report: &Report, token: &TokenInfo, seconds: f64) -> Document {
    let json = json!({
        "token": token.label,
        "model": token.model,
        "seconds": seconds,
        "measurements": report.measurements.iter().map(measurement).collect::<Value>(),
        "refused": report.refusals.iter().map(refusal).collect::<Value>(),
    });
    let headings = ["Operation", "Key", "Method", "Sessions", "Per second", "", "p50", "p99", "Slowest"];
    let table = table(&headings, report.measurements.iter().map(|one| row(one, report)).collect());
    let table = table.narrow(&[Narrow::Drop("")]);
    let refused = report.refusals.iter().map(|refusal| {
        let sessions = |count: u16| format!(" over {}", Counted(count.into(), "session"));
        let sessions = refusal.sessions.map(sessions).unwrap_or_default();
        format!("not done by this token: {}{sessions}: {}\n", refusal.workload, refusal.error)
    });
    Document::new(json, Text::from(table).and(refused.collect::<String>()))
}

fn measurement(one: &Measurement) -> Value {
    let quantile = |share| micros(one.quantile(share));
    json!({
        "operation": one.workload.operation(),
        "keyType": one.workload.key().map(Algorithm::key_type),
        "method": one.workload.method(),
        "sessions": one.sessions,
        "operations": one.operations,
        "seconds": rounded(one.elapsed.as_secs_f64(), 1e6),
        "perSecond": rounded(one.per_second(), 10.0),
        "latencyMicroseconds": {
            "p50": quantile(0.5),
            "p90": quantile(0.9),
            "p99": quantile(0.99),
            "p999": quantile(0.999),
            "max": micros(one.slowest()),
        },
    })
}

fn refusal(refusal: &Refusal) -> Value {
    json!({
        "operation": refusal.workload.operation(),
        "keyType": refusal.workload.key().map(Algorithm::key_type),
        "method": refusal.workload.method(),
        "sessions": refusal.sessions,
        "ckr": refusal.error.name(),
        "function": refusal.error.function(),
    })
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

/// A share of the best of the same workload, in eighths of a character.
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

/// `12,345`; below 100 with one digit behind the point.
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
    fn numbers_read_well() {
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
    fn bars_are_shares_of_the_best() {
        assert_eq!(bar(1.0), "█".repeat(20));
        assert_eq!(bar(0.5), "█".repeat(10));
        assert_eq!(bar(0.025), "▌");
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(f64::NAN), "");
    }
}
