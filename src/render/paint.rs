//! Colours of states.

const RESET: &str = "\x1b[0m";

/// The colour of a state of a key or a PIN; `None` for what is no state.
fn colour(state: &str) -> Option<&'static str> {
    // The one state that a key's owner must not overlook: it may leave the token.
    if state.ends_with("exportable") {
        return Some("\x1b[31m");
    }
    match state.split(' ').next().unwrap_or_default() {
        "ENABLE" | "ok" => Some("\x1b[32m"),
        "DISABLE" | "count-low" | "not-set" => Some("\x1b[33m"),
        "REVOKE" | "final-try" | "locked" | "failed" => Some("\x1b[31m"),
        _ => None,
    }
}

/// Colours the state where it stands in a line of a table: between blanks, and the last time if a label or a note has the
/// same words. A state that was cut off keeps the colour of the terminal.
pub(super) fn paint(line: &str, state: &str) -> String {
    let bounded = |at: &usize| {
        let (before, after) = (&line[..*at], &line[at + state.len()..]);
        (before.is_empty() || before.ends_with("  ")) && (after.starts_with("  ") || after.trim().is_empty())
    };
    let place = line.rmatch_indices(state).map(|(at, _)| at).find(bounded);
    match (colour(state), place) {
        (Some(colour), Some(at)) => {
            format!("{}{colour}{state}{RESET}{}", &line[..at], &line[at + state.len()..])
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_state_is_painted() {
        assert_eq!(paint("ENABLE-2  ENABLE\n", "ENABLE"), "ENABLE-2  \u{1b}[32mENABLE\u{1b}[0m\n");
        assert_eq!(paint("a  -  x\n", "-"), "a  -  x\n");
        assert_eq!(paint("a  ENA…\n", "ENABLE"), "a  ENA…\n");
        assert_eq!(
            paint("a  ENABLE, exportable\n", "ENABLE, exportable"),
            "a  \u{1b}[31mENABLE, exportable\u{1b}[0m\n"
        );
        let until = "REVOKE until 2026-01-01T00:00:00Z";
        assert_eq!(paint(until, until), format!("\u{1b}[31m{until}\u{1b}[0m"));
    }
}
