//! Confirmation prompts on the terminal.

use std::{
    fs::OpenOptions,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
};

use super::{width::width_of, wrap::wrapped};

/// The answer to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    /// There is no terminal, or `--no-input` is set.
    NoTerminal,
}

/// Asks the user to type a word, such as the label of a key, before it is destroyed. Asks on the terminal, because
/// standard input may be data.
pub fn confirm_by_typing(question: &str, word: &str, no_input: bool) -> Answer {
    if no_input {
        return Answer::NoTerminal;
    }
    ask_at(Path::new("/dev/tty"), &word_question(question, word), |line| line == word)
}

fn word_question(question: &str, word: &str) -> String {
    format!("{}\nType {} to confirm: ", super::safe::lines(question), super::safe(word))
}

/// Asks for confirmation where nothing is destroyed. Enter means yes.
pub fn confirm(question: &str, no_input: bool) -> Answer {
    if no_input {
        return Answer::NoTerminal;
    }
    let is_yes = |line: &str| matches!(line.trim(), "" | "y" | "Y" | "yes");
    ask_at(Path::new("/dev/tty"), &format!("{} [Y/n] ", super::safe::lines(question)), is_yes)
}

/// Breaks lines between words. The space before the answer stays.
fn fitted(question: &str, width: Option<u16>) -> String {
    let text = question.trim_end();
    format!("{}{}", wrapped(text, width), &question[text.len()..])
}

fn ask_at(terminal: &Path, question: &str, is_yes: impl FnOnce(&str) -> bool) -> Answer {
    let ask = || -> io::Result<bool> {
        let mut terminal = OpenOptions::new().read(true).write(true).open(terminal)?;
        terminal.write_all(fitted(question, width_of(&terminal)).as_bytes())?;
        let mut line = String::new();
        // End of input is not an answer.
        let count = BufReader::new(terminal.take(4096)).read_line(&mut line)?;
        Ok(count > 0 && is_yes(line.trim_end_matches(['\r', '\n'])))
    };
    match ask() {
        Ok(true) => Answer::Yes,
        Ok(false) => Answer::No,
        Err(_) => Answer::NoTerminal,
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, fs::File, os::unix::ffi::OsStringExt, path::PathBuf};

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    #[test]
    fn a_question_breaks_between_words() {
        let question = word_question("This destroys version 3 of key \"web\" for good.", "web");
        let shown = fitted(&question, Some(24));
        assert!(shown.lines().all(|line| line.len() <= 24), "{shown}");
        assert!(shown.ends_with("Type web to confirm: "), "{shown:?}");
    }

    /// The terminal buffers the line typed before the prompt, so the test need not wait.
    fn answer(typed: &str) -> Answer {
        let mut master =
            File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudoterminal"));
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let name = ptsname(&master, Vec::new()).expect("a name").into_bytes();
        let path = PathBuf::from(OsString::from_vec(name));
        let _open = File::open(&path).expect("the other side");
        master.write_all(typed.as_bytes()).expect("typed");
        ask_at(&path, &word_question("This destroys 3 versions.", "web"), |line| line == "web")
    }

    #[test]
    fn only_the_exact_word_confirms() {
        assert_eq!(answer("web\n"), Answer::Yes);
        for typed in ["\n", "y\n", "yes\n", "web2\n", " web\n", "WEB\n", "\u{4}"] {
            assert_eq!(answer(typed), Answer::No, "{typed:?}");
        }
    }

    #[test]
    fn without_a_terminal_nothing_is_asked() {
        assert_eq!(ask_at(Path::new("/nonexistent"), "?", |_| true), Answer::NoTerminal);
        assert_eq!(confirm_by_typing("?", "web", true), Answer::NoTerminal);
    }
}
