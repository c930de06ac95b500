//! Colours of states.

use std::borrow::Cow;

const RESET: &str = "\x1b[0m";

/// The colour of a key or PIN state; `None` if the text is not a state.
fn colour(state: &str) -> Option<&'static str> {
    // A state that must not be overlooked: the key may leave the token.
    if state.ends_with("exportable") {
        return Some("\x1b[31m");
    }
    match state.split([' ', ',']).next().unwrap_or_default() {
        "enabled" | "ok" => Some("\x1b[32m"),
        "disabled" | "count-low" | "not-set" => Some("\x1b[33m"),
        "revoked" | "final-try" | "locked" | "failed" => Some("\x1b[31m"),
        _ => None,
    }
}

/// A state in its colour, if it has one.
pub(super) fn paint(state: &str) -> Cow<'_, str> {
    match colour(state) {
        Some(colour) => format!("{colour}{state}{RESET}").into(),
        None => state.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_known_by_their_first_word() {
        for (state, colour) in [
            ("enabled", "\u{1b}[32m"),
            ("disabled with the key", "\u{1b}[33m"),
            ("revoked, to be destroyed from 2026-11-29", "\u{1b}[31m"),
            ("enabled, exportable", "\u{1b}[31m"),
        ] {
            assert_eq!(paint(state), format!("{colour}{state}\u{1b}[0m"));
        }
        assert_eq!(paint("-"), "-");
    }
}
