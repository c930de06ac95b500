//! The PIN prompt, on the terminal and never on standard input.

use super::{Pin, PinError, Role, Secret, terminal::Terminal};

/// How to ask: `User PIN for token prod: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What the secret belongs to, already safe for a terminal: `token prod`.
    subject: String,
    /// The least characters of a new PIN, where the token has such a rule.
    least: Option<usize>,
    allowed: bool,
}

impl Prompt {
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), least: None, allowed: true }
    }

    /// Never asks: every use is `NoTerminal`.
    pub fn refused() -> Self {
        Self { subject: String::new(), least: None, allowed: false }
    }

    /// Refuses when `no_input` is set.
    #[must_use]
    pub fn unless(self, no_input: bool) -> Self {
        Self { allowed: self.allowed && !no_input, ..self }
    }

    /// Names the rule for a new PIN, and checks each entry by it.
    #[must_use]
    pub fn at_least(self, characters: usize) -> Self {
        Self { least: Some(characters), ..self }
    }

    /// A new PIN is asked for twice.
    pub(super) fn ask(&self, role: Role) -> Result<Pin, PinError> {
        if !self.allowed {
            return Err(PinError::NoTerminal { role });
        }
        let terminal = Terminal::open().map_err(|_| PinError::NoTerminal { role })?;
        self.ask_on(&terminal, role)
    }

    fn ask_on(&self, terminal: &Terminal, role: Role) -> Result<Pin, PinError> {
        let entry = |prompt: String| match terminal.read_hidden(&prompt) {
            Ok(secret) => Ok(secret),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Err(PinError::Interrupted),
            Err(source) => Err(PinError::Unreadable { origin: "the terminal".to_owned(), source }),
        };
        let first: Secret = entry(self.text(role))?;
        if let Some(least) = self.least.filter(|_| role.is_new() && !first.is_empty())
            && String::from_utf8_lossy(first.expose()).chars().count() < least
        {
            return Err(PinError::TooShort { role, least });
        }
        if role.is_new() && !first.is_empty() && !first.matches(&entry(format!("Repeat the {role}: "))?) {
            return Err(PinError::Mismatch { role });
        }
        if first.is_empty() {
            return Err(PinError::Empty("nothing was typed".to_owned()));
        }
        Pin::from_secret(first, "the terminal")
    }

    fn text(&self, role: Role) -> String {
        let is_new = role.is_new();
        let role = role.to_string();
        let capital = role[..1].to_uppercase() + &role[1..];
        let subject = if self.subject.is_empty() { String::new() } else { format!(" for {}", self.subject) };
        let least = self.least.filter(|_| is_new);
        let length = least.map(|count| format!(", at least {count} characters")).unwrap_or_default();
        format!("{capital}{subject}{length}: ")
    }
}

#[cfg(test)]
mod tests {
    use super::{super::terminal::pseudo::Pty, *};

    /// Answers each question that begins with the first text by typing the second.
    fn ask(role: Role, dialogue: &[(&str, &str)]) -> (Result<Pin, PinError>, Pty) {
        let mut pty = Pty::open();
        let terminal = Terminal::at(pty.path()).expect("a terminal");
        let asking = std::thread::spawn(move || Prompt::new("token prod").ask_on(&terminal, role));
        for (question, answer) in dialogue {
            pty.answer(question, answer);
        }
        (asking.join().expect("no panic"), pty)
    }

    const FIRST: &str = "New user PIN for token prod: ";
    const AGAIN: &str = "Repeat the new user PIN: ";

    #[test]
    fn a_pin_is_read_without_echo() {
        let (pin, mut pty) = ask(Role::User, &[("User PIN", "12\u{7f}34\r")]);
        assert_eq!(pin.expect("typed").expose(), b"134");
        assert_eq!(pty.shown(), "User PIN for token prod: \r\n");
        assert!(pty.echoes());
    }

    #[test]
    fn a_new_pin_must_be_typed_twice_alike() {
        let (equal, _) = ask(Role::NewUser, &[(FIRST, "1234\r"), (AGAIN, "1234\r")]);
        assert_eq!(equal.expect("equal").expose(), b"1234");
        let (different, _) = ask(Role::NewUser, &[(FIRST, "1234\r"), (AGAIN, "1235\r")]);
        assert!(matches!(different, Err(PinError::Mismatch { .. })));
    }

    #[test]
    fn a_rule_is_said_first_and_checked_at_once() {
        let mut pty = Pty::open();
        let terminal = Terminal::at(pty.path()).expect("a terminal");
        let prompt = Prompt::new("token prod").at_least(8);
        let asking = std::thread::spawn(move || prompt.ask_on(&terminal, Role::FirstUser));
        pty.answer("New user PIN for token prod, at least 8 characters: ", "1234567\r");
        let typed = asking.join().expect("no panic");
        assert!(matches!(typed, Err(PinError::TooShort { least: 8, .. })), "{typed:?}");
    }

    #[test]
    fn an_interrupt_gives_the_echo_back() {
        let (pin, pty) = ask(Role::User, &[("User PIN", "12\u{3}")]);
        assert!(matches!(pin, Err(PinError::Interrupted)));
        assert!(pty.echoes());
    }

    #[test]
    fn nothing_typed_is_an_empty_pin() {
        assert!(matches!(ask(Role::User, &[("User PIN", "\r")]).0, Err(PinError::Empty(_))));
        assert!(matches!(ask(Role::NewUser, &[(FIRST, "\u{4}")]).0, Err(PinError::Unreadable { .. })));
    }

    #[test]
    fn a_refused_prompt_asks_nobody() {
        let prompt = Prompt::new("token prod").unless(true);
        assert!(matches!(prompt.ask(Role::User), Err(PinError::NoTerminal { role: Role::User })));
    }
}
