//! Lengths of time as people write them.

use std::time::Duration;

use super::Invalid;

/// `15m`, `1h 30m`, `90 days`. Months and years are refused: `M` is too easily written for minutes, and nobody knows how long
/// they are.
pub fn duration(text: &str) -> Result<Duration, Invalid> {
    let is_long =
        |word: &str| matches!(word, "M" | "y") || word.starts_with("month") || word.starts_with("year");
    if text.split(|character: char| !character.is_ascii_alphabetic()).any(is_long) {
        return Err(Invalid::new(format!(
            "{text:?} is not a duration: months and years vary, write days (`30d`)"
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
    fn months_are_no_minutes() {
        for (text, seconds) in
            [("30s", 30), ("15m", 900), ("1h 30m", 5400), ("2 days", 172_800), ("1w", 604_800)]
        {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["15M", "1y", "2months", "1 year", "", "m", "15", "-1m"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
