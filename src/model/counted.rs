//! A number and its noun.

use std::fmt;

/// `1 key`, `2 keys`, `0 keys`: for nouns with a plural in -s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted<'a>(pub usize, pub &'a str);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, noun) = self;
        let ending = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {noun}{ending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        let text = [0, 1, 2].map(|count| Counted(count, "key").to_string());
        assert_eq!(text, ["0 keys", "1 key", "2 keys"]);
    }
}
