//! Words of a command line in a shell's own writing. Labels and file names come from outside: what is offered for completion
//! must be data in the line, whatever is in it.

use std::{ffi::OsStr, path::Path};

/// What becomes of a name that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// The shell puts the text into the line as it is: quoted here.
    Bash,
    /// The shell quotes it itself (zsh's `compadd`, fish).
    Quoting,
    /// Not known to be either: offered where nothing needs a quote.
    Plain,
}

impl Writing {
    /// By a shell's name or path, as `$SHELL` has it.
    pub(super) fn of(shell: &OsStr) -> Self {
        match Path::new(shell).file_stem().and_then(OsStr::to_str) {
            Some("bash") => Self::Bash,
            Some("zsh" | "fish") => Self::Quoting,
            _ => Self::Plain,
        }
    }

    /// The name as it is offered. `None` for one that would be read as an option, or that this shell cannot be trusted with.
    pub(super) fn write(self, name: &str) -> Option<String> {
        if name.starts_with('-') || name.contains(char::is_control) {
            return None;
        }
        match self {
            Self::Bash => Some(escaped(name)),
            Self::Quoting => Some(name.to_owned()),
            Self::Plain => name.chars().all(is_plain).then(|| name.to_owned()),
        }
    }
}

/// A backslash before all that is not known to be harmless. Even where the user has opened a quote nothing in it runs: bash's
/// script leaves such words out there, as the backslashes would stay.
fn escaped(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.chars() {
        // The script joins the words that bash splits at these two.
        if !is_plain(c) && !"=:".contains(c) {
            word.push('\\');
        }
        word.push(c);
    }
    word
}

/// No shell reads more into these, wherever they stand.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "/._-+,@%".contains(c)
}

/// What a typed word means, as far as that is known without running it: backslashes and quotes are taken away.
pub(super) fn unquoted(word: &str) -> String {
    let (mut text, mut quote, mut characters) = (String::new(), None, word.chars());
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None | Some('"'), '\\') => text.extend(characters.next()),
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 8] =
        ["web$(touch${IFS}x)", "`touch x`", "a;touch x", "it's \"x\"", "*", "~root", "a b", "#!&|<>"];

    #[test]
    fn every_name_is_read_back_as_it_is() {
        for name in HOSTILE.into_iter().chain(["web-1", "Zürich", "a:b=c"]) {
            let word = Writing::Bash.write(name).expect("offered");
            assert_eq!(unquoted(&word), name, "{word}");
            let echoed = std::process::Command::new("sh").args(["-c", &format!("printf %s {word}")]).output();
            assert_eq!(echoed.expect("a shell").stdout, name.as_bytes(), "{word}");
        }
        assert_eq!(Writing::Bash.write("web-1").as_deref(), Some("web-1"));
    }

    #[test]
    fn what_could_be_more_than_data_is_left_out() {
        for writing in [Writing::Bash, Writing::Quoting, Writing::Plain] {
            for name in ["-x", "--yes", "a\nb", "a\tb", "\u{1b}[2J"] {
                assert_eq!(writing.write(name), None, "{name:?}");
            }
        }
        for name in HOSTILE {
            assert_eq!(Writing::Plain.write(name), None, "{name}");
            assert_eq!(Writing::Quoting.write(name).as_deref(), Some(name));
        }
        for (shell, writing) in [
            ("/usr/bin/bash", Writing::Bash),
            ("fish", Writing::Quoting),
            ("pwsh", Writing::Plain),
            ("", Writing::Plain),
        ] {
            assert_eq!(Writing::of(OsStr::new(shell)), writing);
        }
    }

    #[test]
    fn typed_words_lose_their_quotes() {
        for (typed, meant) in [("a\\ b", "a b"), ("'a b'c", "a bc"), ("\"a \\\"b", "a \"b"), ("'a\\", "a\\")]
        {
            assert_eq!(unquoted(typed), meant);
        }
    }
}
