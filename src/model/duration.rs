//! Durations as users write them.

use std::time::Duration;

use super::Invalid;

/// Parses `15m`, `1h 30m`, `90 days`. Refuses `M`, which means months but is easily typed for minutes.
pub fn duration(text: &str) -> Result<Duration, Invalid> {
    if text.split(|character: char| !character.is_ascii_alphabetic()).any(|word| word == "M") {
        return Err(Invalid::new(format!(
            "{text:?} is not a duration: write m for minutes, or days instead of months"
        )));
    }
    humantime::parse_duration(text).map_err(|error| {
        Invalid::new(format!("{text:?} is not a duration (examples: 30s, 15m, 2h): {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_m_is_refused() {
        for (text, seconds) in [
            ("30s", 30),
            ("15m", 900),
            ("1h 30m", 5400),
            ("2 days", 172_800),
            ("1w", 604_800),
            ("1y", 31_557_600),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["15M", "1h 5M", "", "m", "15", "-1m"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
