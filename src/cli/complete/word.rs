//! Quoting of completion candidates. Labels and file names are untrusted: a shell must read every candidate as data.

use std::{ffi::OsStr, path::Path};

/// How candidates are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// The shell inserts candidates unchanged, so they are quoted here.
    Bash,
    /// The shell quotes candidates (zsh's `compadd`, fish).
    Quoting,
    /// Other shells: only candidates that need no quotes.
    Plain,
}

impl Writing {
    /// `shell` is a name or a path, as in `$SHELL`.
    pub(super) fn of(shell: &OsStr) -> Self {
        match Path::new(shell).file_stem().and_then(OsStr::to_str) {
            Some("bash") => Self::Bash,
            Some("zsh" | "fish") => Self::Quoting,
            _ => Self::Plain,
        }
    }

    /// The candidate for a name. `None` if it would be read as an option, or if it is not safe in this shell.
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

/// Puts a backslash before every character that is not known to be harmless. Inside an open quote the backslashes would be
/// literal, so the script for bash skips such candidates there.
fn escaped(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.chars() {
        // Bash splits words at these two; the script joins them.
        if !is_plain(c) && !"=:".contains(c) {
            word.push('\\');
        }
        word.push(c);
    }
    word
}

/// Characters without a special meaning in any shell.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "/._-+,@%".contains(c)
}

/// Removes backslashes and quotes from a typed word. Expansions are not performed.
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
    fn a_shell_reads_every_name_back() {
        for name in HOSTILE.into_iter().chain(["web-1", "Zürich", "a:b=c"]) {
            let word = Writing::Bash.write(name).expect("offered");
            assert_eq!(unquoted(&word), name, "{word}");
            let echoed = std::process::Command::new("sh").args(["-c", &format!("printf %s {word}")]).output();
            assert_eq!(echoed.expect("a shell").stdout, name.as_bytes(), "{word}");
        }
        assert_eq!(Writing::Bash.write("web-1").as_deref(), Some("web-1"));
    }

    #[test]
    fn unsafe_names_are_skipped() {
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
