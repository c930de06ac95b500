//! systemd units and a crontab line that rotate due keys.

use super::Document;
use crate::model::answer;

/// The commands to run, their time and token. Invariant: no value contains control characters, because neither units nor
/// crontabs have a portable escape for line breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Name of the units.
    pub name: String,
    /// Absolute path of this program.
    pub program: String,
    /// User that runs it: the owner of the store, the records and the PIN file.
    pub user: String,
    /// Global options that select the token.
    pub options: Vec<String>,
    /// Environment variables of the module.
    pub variables: Vec<(String, String)>,
    pub pin: TimerPin,
    /// `hourly`, `daily` or `weekly`.
    pub calendar: String,
    /// Also run `key purge --due`.
    pub purge: bool,
}

/// PIN source of an unattended run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerPin {
    /// The profile in the options.
    Profile,
    /// The absolute path of a file, which systemd passes as a credential.
    File(String),
    /// Like `File`, but passed as an option, because the PIN source of the profile would override a credential.
    InsteadOfProfile(String),
    Command(String),
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerFile {
    pub name: String,
    pub content: String,
}

impl TimerPin {
    fn systemd_options(&self) -> Vec<String> {
        match self {
            Self::File(path) if is_credential(path) => Vec::new(),
            other => other.options(),
        }
    }

    /// PIN options where systemd credentials are not available.
    fn options(&self) -> Vec<String> {
        match self {
            Self::Profile => Vec::new(),
            Self::File(path) | Self::InsteadOfProfile(path) => vec!["--pin-file".to_owned(), path.clone()],
            Self::Command(line) if line.starts_with('-') => vec![format!("--pin-command={line}")],
            Self::Command(line) => vec!["--pin-command".to_owned(), line.clone()],
        }
    }

    fn credential(&self) -> Option<String> {
        match self {
            Self::File(path) if is_credential(path) => {
                Some(format!("LoadCredential=kmsctl-pin:{}\n", path.replace('%', "%%")))
            }
            _ => None,
        }
    }
}

/// Whether `LoadCredential=` can hold the path. It takes the path literally, but in a unit, trailing spaces are removed and
/// a trailing backslash continues the line.
fn is_credential(path: &str) -> bool {
    !path.ends_with(|c: char| c.is_whitespace() || c == '\\')
}

impl Schedule {
    /// The command lines, split into words.
    fn commands(&self, pin: &[String]) -> Vec<Vec<String>> {
        let mut commands = vec![vec!["key", "rotate", "--due", "--no-input", "--quiet"]];
        if self.purge {
            commands.push(vec!["key", "purge", "--due", "--yes", "--no-input", "--quiet"]);
        }
        let line = |words: Vec<&str>| {
            let words = words.into_iter().map(str::to_owned);
            let words = std::iter::once(self.program.clone()).chain(words);
            words.chain(pin.iter().cloned()).chain(self.options.iter().cloned()).collect()
        };
        commands.into_iter().map(line).collect()
    }

    fn service(&self) -> String {
        let commands = self.commands(&self.pin.systemd_options());
        let start = commands.iter().map(|words| {
            let words: Vec<_> = words.iter().map(|word| systemd_word(word)).collect();
            format!("ExecStart={}\n", words.join(" "))
        });
        let environment = self.variables.iter().map(|(name, value)| {
            // Unlike in ExecStart=, `$` is not expanded here (systemd.exec(5)).
            format!("Environment=\"{}\"\n", systemd_escaped(&format!("{name}={value}")))
        });
        format!(
            "[Unit]\n\
             Description=Rotate the keys that are due\n\
             Documentation=man:kmsctl-key-rotate(1)\n\n\
             [Service]\n\
             Type=oneshot\n\
             User={}\n\
             {}{}{}\
             NoNewPrivileges=yes\n",
            self.user,
            environment.collect::<String>(),
            self.pin.credential().unwrap_or_default(),
            start.collect::<String>(),
        )
    }

    fn timer(&self) -> String {
        format!(
            "[Unit]\n\
             Description=Rotate the keys that are due\n\n\
             [Timer]\n\
             OnCalendar={}\n\
             Persistent=yes\n\
             RandomizedDelaySec=10min\n\n\
             [Install]\n\
             WantedBy=timers.target\n",
            self.calendar
        )
    }

    fn crontab(&self) -> String {
        let variables = self.variables.iter().map(|(name, value)| format!("{name}={} ", cron_word(value)));
        let variables: String = variables.collect();
        let lines: Vec<_> = self
            .commands(&self.pin.options())
            .iter()
            .map(|words| words.iter().map(|word| cron_word(word)).collect::<Vec<_>>().join(" "))
            .map(|line| format!("{variables}{line}"))
            .collect();
        format!("@{} {}\n", self.calendar, lines.join(" && "))
    }

    /// The files with their names.
    pub fn files(&self) -> [TimerFile; 3] {
        [("service", self.service()), ("timer", self.timer()), ("crontab", self.crontab())]
            .map(|(kind, content)| TimerFile { name: format!("{}.{kind}", self.name), content })
    }
}

/// Escapes special characters of double quotes, and unit specifiers (systemd.syntax(7), systemd.unit(5)).
fn systemd_escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%")
}

/// A word of `ExecStart=` (systemd.service(5), "Command lines").
fn systemd_word(word: &str) -> String {
    let escaped = systemd_escaped(word).replace('$', "$$");
    if escaped == word && is_plain(word) { escaped } else { format!("\"{escaped}\"") }
}

/// A POSIX shell word in a crontab. An unescaped % ends the command, and some crons remove a backslash before another one
/// (crontab(5)), so backslashes are produced by `printf`.
fn cron_word(word: &str) -> String {
    if is_plain(word) {
        return word.to_owned();
    }
    let mut quoted = "'".to_owned();
    for c in word.chars() {
        match c {
            '\'' => quoted.push_str(r"'\''"),
            '\\' => quoted.push_str(r#"'"$(printf '\134')"'"#),
            '%' => quoted.push_str(r"\%"),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

fn is_plain(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@+".contains(&byte);
    !word.is_empty() && word.bytes().all(plain)
}

answer! {
    /// The files of `key timer`.
    pub struct TimerFiles {
        /// The systemd service
        service: String,
        /// The systemd timer
        timer: String,
        /// The line of a crontab
        crontab: String,
    }
}

/// `key timer`: three files with their names.
pub fn timer(schedule: &Schedule) -> Document {
    let (service, timer, crontab) = (schedule.service(), schedule.timer(), schedule.crontab());
    let text = format!(
        "# /etc/systemd/system/{name}.service\n{service}\n\
         # /etc/systemd/system/{name}.timer   (systemctl enable --now {name}.timer)\n{timer}\n\
         # or, without systemd, a line of crontab -e\n{crontab}",
        name = schedule.name
    );
    Document::of(&TimerFiles { service, timer, crontab }, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(options: &[&str]) -> Schedule {
        Schedule {
            name: "kmsctl-rotate".to_owned(),
            program: "/usr/bin/kmsctl".to_owned(),
            user: "keys".to_owned(),
            options: options.iter().map(ToString::to_string).collect(),
            variables: vec![("SOFTHSM2_CONF".to_owned(), "/etc/a b%$".to_owned())],
            pin: TimerPin::File("/run/50%".to_owned()),
            calendar: "daily".to_owned(),
            purge: false,
        }
    }

    #[test]
    fn words_are_quoted_for_each_reader() {
        let schedule = schedule(&["--token", "it's 100% $HOME"]);
        let service = schedule.service();
        let start =
            "ExecStart=/usr/bin/kmsctl key rotate --due --no-input --quiet --token \"it's 100%% $$HOME\"\n";
        assert!(service.contains(start), "{service}");
        assert!(service.contains("LoadCredential=kmsctl-pin:/run/50%%\n"), "{service}");
        assert!(service.contains("Environment=\"SOFTHSM2_CONF=/etc/a b%%$\"\n"), "{service}");
        assert!(service.contains("User=keys\n"), "{service}");
        let line = "@daily SOFTHSM2_CONF='/etc/a b\\%$' /usr/bin/kmsctl key rotate --due --no-input --quiet --pin-file '/run/50\\%' --token 'it'\\''s 100\\% $HOME'\n";
        assert_eq!(schedule.crontab(), line);
    }

    #[test]
    fn a_backslash_survives_cron_and_the_shell() {
        for word in [r"a\b", r"\", r"\\", r"a\%b", r"\'", r#"\""#] {
            let cron = cron_word(word);
            assert!(!cron.contains(r"\\"), "{cron}");
            let script = format!("printf %s {}", cron.replace("\\%", "%"));
            let said = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh");
            assert_eq!(String::from_utf8_lossy(&said.stdout), word, "{cron}");
        }
    }

    #[test]
    fn a_path_unfit_for_a_credential_becomes_an_option() {
        for path in ["/run/pin ", "/run/pin\\"] {
            let schedule = Schedule { pin: TimerPin::File(path.to_owned()), ..schedule(&[]) };
            let service = schedule.service();
            assert!(
                !service.contains("LoadCredential") && service.contains("--pin-file \"/run/pin"),
                "{service}"
            );
        }
    }

    #[test]
    fn purging_is_opt_in() {
        let with = Schedule { purge: true, ..schedule(&[]) };
        assert_eq!(with.service().matches("ExecStart=").count(), 2);
        let crontab = with.crontab();
        assert!(
            crontab.contains(" && SOFTHSM2_CONF='/etc/a b\\%$' /usr/bin/kmsctl key purge --due --yes"),
            "{crontab}"
        );
        assert!(!schedule(&[]).service().contains("purge"));
    }
}
