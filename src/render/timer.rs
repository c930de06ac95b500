//! Units for systemd and a line for cron, that rotate keys on schedule.

use serde_json::json;

use super::Document;

/// What runs, when, and on which token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Absolute path of this program.
    pub program: String,
    /// Global options that say which token is meant.
    pub options: Vec<String>,
    /// Absolute path of the file that holds the PIN.
    pub pin_file: Option<String>,
    /// `hourly`, `daily` or `weekly`.
    pub calendar: String,
    /// Also `key purge --due`.
    pub purge: bool,
}

/// A place for the PIN where none is known.
const PIN_FILE: &str = "/etc/kmsctl/pin";

impl Schedule {
    /// The command lines, as words. systemd hands the PIN over as a credential, cron knows nothing of the kind.
    fn commands(&self, pin: &[&str]) -> Vec<Vec<String>> {
        let mut commands = vec![vec!["key", "rotate", "--due", "--no-input", "--quiet"]];
        if self.purge {
            commands.push(vec!["key", "purge", "--due", "--yes", "--no-input", "--quiet"]);
        }
        let line = |words: Vec<&str>| {
            let words = words.into_iter().chain(pin.iter().copied()).map(str::to_owned);
            std::iter::once(self.program.clone()).chain(words).chain(self.options.iter().cloned()).collect()
        };
        commands.into_iter().map(line).collect()
    }

    fn pin_file(&self) -> &str {
        self.pin_file.as_deref().unwrap_or(PIN_FILE)
    }

    fn service(&self) -> String {
        let commands = self.commands(&[]);
        let lines = commands.iter().map(|words| {
            let words: Vec<_> = words.iter().map(|word| systemd_word(word)).collect();
            format!("ExecStart={}\n", words.join(" "))
        });
        format!(
            "[Unit]\n\
             Description=Rotate the keys that are due\n\
             Documentation=man:kmsctl-key-rotate(1)\n\n\
             [Service]\n\
             Type=oneshot\n\
             LoadCredential=kmsctl-pin:{}\n\
             {}\
             NoNewPrivileges=yes\n\
             PrivateTmp=yes\n",
            self.pin_file().replace('%', "%%"),
            lines.collect::<String>(),
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
        let commands = self.commands(&["--pin-file", self.pin_file()]);
        let lines: Vec<_> = commands
            .iter()
            .map(|words| words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" "))
            .collect();
        // Cron takes a bare % for the end of the command (crontab(5)).
        format!("@{} {}\n", self.calendar, lines.join(" && ").replace('%', "\\%"))
    }
}

/// A word of `ExecStart=` (systemd.service(5), "Command lines").
fn systemd_word(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
    if escaped == word && is_plain(word) { escaped } else { format!("\"{escaped}\"") }
}

/// A word of a POSIX shell.
fn shell_word(word: &str) -> String {
    if is_plain(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn is_plain(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,@+".contains(&byte);
    !word.is_empty() && word.bytes().all(plain)
}

/// `key timer`: three files, each under its name.
pub fn timer(schedule: &Schedule) -> Document {
    let (service, timer, crontab) = (schedule.service(), schedule.timer(), schedule.crontab());
    let text = format!(
        "# /etc/systemd/system/kmsctl-rotate.service\n{service}\n\
         # /etc/systemd/system/kmsctl-rotate.timer   (systemctl enable --now kmsctl-rotate.timer)\n{timer}\n\
         # or, without systemd, a line of crontab -e\n{crontab}"
    );
    Document::new(json!({"service": service, "timer": timer, "crontab": crontab}), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(options: &[&str]) -> Schedule {
        Schedule {
            program: "/usr/bin/kmsctl".to_owned(),
            options: options.iter().map(ToString::to_string).collect(),
            pin_file: Some("/run/50%".to_owned()),
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
        let line = "@daily /usr/bin/kmsctl key rotate --due --no-input --quiet --pin-file '/run/50\\%' --token 'it'\\''s 100\\% $HOME'\n";
        assert_eq!(schedule.crontab(), line);
    }

    #[test]
    fn purging_is_asked_for() {
        let with = Schedule { purge: true, ..schedule(&[]) };
        assert_eq!(with.service().matches("ExecStart=").count(), 2);
        assert!(with.crontab().contains(" && /usr/bin/kmsctl key purge --due --yes"));
        assert!(!schedule(&[]).service().contains("purge"));
    }
}
