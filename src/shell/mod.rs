//! Text for a shell: words, options, and the commands in hints. Labels and paths are untrusted, and users paste the commands
//! that kmsctl prints.

mod paste;

use std::{ffi::OsStr, fmt::Write, os::unix::ffi::OsStrExt};

pub use paste::{carry, is_reusable, keep_arguments, kmsctl, kmsctl_without_pin, this_run_with};

/// Quotes a word for a shell if it needs quotes. Characters that are not printable become `$'\NNN'` (POSIX.1-2024, section
/// 2.2.4), which is also safe on a terminal.
pub fn shell_word(word: impl AsRef<OsStr>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    let is_printable = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
    let bytes = word.as_ref().as_bytes();
    match std::str::from_utf8(bytes) {
        Ok(word) if !word.is_empty() && word.chars().all(is_plain) => return word.to_owned(),
        Ok(word) if word.chars().all(is_printable) => return format!("'{}'", word.replace('\'', r"'\''")),
        _ => {}
    }
    let mut quoted = "$'".to_owned();
    // Octal has at most three digits. After a hexadecimal escape, some shells would read a following digit as part of it.
    let octal = |quoted: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(quoted, "\\{byte:03o}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' | '\\' => quoted.extend(['\\', c]),
                _ if is_printable(c) => quoted.push(c),
                _ => octal(&mut quoted, c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        // A path need not be UTF-8.
        octal(&mut quoted, chunk.invalid());
    }
    quoted + "'"
}

/// Options with their values, each with a space before it.
pub fn shell_options<V: AsRef<OsStr>>(options: impl IntoIterator<Item = (&'static str, V)>) -> String {
    options.into_iter().flat_map(|(name, value)| [" ".to_owned(), shell_option(name, value)]).collect()
}

/// An option with its value. They are joined by `=` if the value begins with a dash and would be read as another option.
pub fn shell_option(name: &str, value: impl AsRef<OsStr>) -> String {
    let value = value.as_ref();
    let between = if value.as_bytes().starts_with(b"-") { '=' } else { ' ' };
    format!("{name}{between}{}", shell_word(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_with_a_dash_is_joined() {
        assert_eq!(shell_option("--label", "web"), "--label web");
        assert_eq!(shell_option("--label", "-r f"), "--label='-r f'");
    }

    #[test]
    fn a_shell_reads_one_word() {
        assert_eq!(shell_word("/usr/lib/a.so"), "/usr/lib/a.so");
        assert_eq!(shell_word("pkcs11:token=a;id=%01"), "'pkcs11:token=a;id=%01'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word("$(reboot) `x` \"y\""), "'$(reboot) `x` \"y\"'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("Zürich"), "'Zürich'");
        assert_eq!(shell_word("\u{1b}[2J'\\"), r"$'\033[2J\'\\'");
        assert_eq!(shell_word("\u{202e}1"), r"$'\342\200\2561'");
        assert_eq!(shell_word(OsStr::from_bytes(b"/a\xff1")), r"$'/a\3771'");
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]
        #[test]
        fn bash_reads_the_word_back(word in "[^\\x00]*") {
            let script = format!("printf %s {}", shell_word(&word));
            let said = std::process::Command::new("bash").args(["-c", &script]).env("LC_ALL", "C.UTF-8").output();
            proptest::prop_assert_eq!(String::from_utf8(said.expect("bash").stdout), Ok(word));
        }
    }
}
