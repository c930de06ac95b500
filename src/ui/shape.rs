//! Formats the progress line.

use std::time::Duration;

use super::safe;

/// Length of the bar in characters.
const BAR: u64 = 24;
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];
const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/// `| doing  3 s`
pub(super) fn time(tick: usize, doing: &str, elapsed: Duration) -> String {
    format!("{} {}  {}", spinner(tick), safe(doing), duration(elapsed))
}

/// `[####----]  45%  doing  460 MiB of 1.0 GiB  210 MiB/s  3 s left`, or without a total `| doing  460 MiB  210 MiB/s`.
/// A file that grows while it is read is treated as one without a known size.
pub(super) fn bytes(tick: usize, doing: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let speed = rate(done, elapsed);
    let doing = safe(doing);
    match total.filter(|total| *total >= done && *total > 0) {
        None => format!("{} {doing}  {}  {}/s", spinner(tick), size(done), size(speed)),
        Some(total) => {
            let share = u128::from(done) * 100 / u128::from(total);
            let left = (total - done).checked_div(speed);
            let left = left
                .map(|left| format!("  {} left", duration(Duration::from_secs(left))))
                .unwrap_or_default();
            format!(
                "{} {share:>3}%  {doing}  {} of {}  {}/s{left}",
                bar(done, total),
                size(done),
                size(total),
                size(speed)
            )
        }
    }
}

/// `[####----] 3/12  doing`, or without a total `| doing  1234  560/s`.
pub(super) fn steps(tick: usize, doing: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let doing = safe(doing);
    match total {
        None => format!("{} {doing}  {done}  {}/s", spinner(tick), rate(done, elapsed)),
        Some(total) => format!("{} {done}/{total}  {doing}", bar(done, total)),
    }
}

fn spinner(tick: usize) -> char {
    SPINNER[tick % SPINNER.len()]
}

fn bar(done: u64, total: u64) -> String {
    let share = u128::from(done.min(total)) * u128::from(BAR) / u128::from(total.max(1));
    let filled = usize::try_from(share).unwrap_or_default();
    let bar = usize::try_from(BAR).unwrap_or_default();
    format!("[{}{}]", "#".repeat(filled), "-".repeat(bar - filled))
}

/// Average per second since the start.
fn rate(done: u64, elapsed: Duration) -> u64 {
    let millis = elapsed.as_millis().max(1);
    u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX)
}

/// Three digits and a unit: 999 B, 1.00 KiB, 25.1 MiB.
fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut scale = 1u64;
    while unit + 1 < UNITS.len() && bytes / scale >= 1000 {
        scale <<= 10;
        unit += 1;
    }
    let hundredths = u128::from(bytes) * 100 / u128::from(scale);
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match whole {
        _ if unit == 0 => format!("{bytes} B"),
        0..10 => format!("{whole}.{rest:02} {}", UNITS[unit]),
        10..100 => format!("{whole}.{} {}", rest / 10, UNITS[unit]),
        _ => format!("{whole} {}", UNITS[unit]),
    }
}

/// `59 s`, `1 min 01 s`, `3 h 01 min`
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_call_has_a_spinner_and_its_time() {
        assert_eq!(time(0, "creating key web", 3 * SECOND), "| creating key web  3 s");
        assert_eq!(time(5, "x\x1b[2J", SECOND), "/ x\\u{1b}[2J  1 s");
    }

    #[test]
    fn steps_fill_a_bar_or_are_counted() {
        assert_eq!(steps(0, "sign", 1, Some(2), SECOND), "[############------------] 1/2  sign");
        assert_eq!(steps(0, "", 0, Some(0), SECOND), "[------------------------] 0/0  ");
        assert_eq!(steps(0, "x", 5, Some(2), SECOND), "[########################] 5/2  x");
        assert_eq!(steps(1, "answered", 900, None, 2 * SECOND), "/ answered  900  450/s");
    }

    #[test]
    fn bytes_with_a_known_total_fill_a_bar() {
        let gib = 1 << 30;
        assert_eq!(
            bytes(0, "encrypting", gib / 4, Some(gib), SECOND),
            "[######------------------]  25%  encrypting  256 MiB of 1.00 GiB  256 MiB/s  3 s left"
        );
        assert_eq!(bytes(2, "encrypting", 2048, None, 2 * SECOND), "- encrypting  2.00 KiB  1.00 KiB/s");
        assert!(!bytes(0, "x", 0, Some(10), Duration::ZERO).contains("left"));
        assert_eq!(bytes(0, "x", 11, Some(10), SECOND), "| x  11 B  11 B/s");
        bytes(0, "x", u64::MAX, Some(u64::MAX), Duration::ZERO);
    }

    #[test]
    fn sizes_and_durations_are_short() {
        let sizes =
            [(0, "0 B"), (999, "999 B"), (1000, "0.97 KiB"), (25_700, "25.0 KiB"), (1 << 40, "1.00 TiB")];
        for (bytes, text) in sizes {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(size(u64::MAX), "16383 PiB");
        assert_eq!(duration(59 * SECOND), "59 s");
        assert_eq!(duration(61 * SECOND), "1 min 01 s");
        assert_eq!(duration((3 * 3600 + 61) * SECOND), "3 h 01 min");
    }
}
