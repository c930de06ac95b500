//! Where a PIN comes from. Never from the command line itself, which other users can read.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    os::{fd::AsFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    process::Stdio,
};

use super::{Pin, PinError, Prompt, Role, Secret, command, fault::Fault};
use crate::trust::{self, FileReader, Sharing, Untrusted};

#[derive(Debug, Clone)]
pub enum PinSource {
    File(PathBuf),
    /// A file descriptor that the caller left open, read to its end.
    Fd(i32),
    /// The standard output of `sh -c COMMAND`.
    Command(String),
    /// The value itself, taken from an environment variable. It may turn out not to be a PIN.
    Variable {
        name: &'static str,
        value: Secret,
    },
    Prompt,
}

impl PinSource {
    /// Gets the PIN, without one newline at its end. What an editor or a shell may have left beside the PIN is refused here:
    /// a login would use up a try.
    pub fn read(&self, role: Role, prompt: &Prompt) -> Result<Pin, PinError> {
        let secret = match self {
            Self::Variable { name, value } => {
                Fault::in_variable(value.expose()).map_or(Ok(()), |fault| Err(self.faulty(fault)))?;
                return Pin::from_secret(value.clone(), name);
            }
            Self::Prompt => return prompt.ask(role),
            Self::File(path) => {
                let opened = open_secret(path, "the PIN file").map_err(PinError::Untrusted)?;
                opened.and_then(limited)
            }
            // Bypasses the library's buffer, which would keep a copy.
            Self::Fd(0) => io::stdin().as_fd().try_clone_to_owned().and_then(|fd| limited(File::from(fd))),
            // The safe way to a descriptor by its number; Linux, macOS and the BSDs have it.
            Self::Fd(fd) => File::open(format!("/dev/fd/{fd}")).and_then(limited),
            Self::Command(line) => run(line, &self.to_string())?,
        };
        self.finish(secret, role)
    }

    fn faulty(&self, fault: Fault) -> PinError {
        let file = if let Self::File(path) = self { Some(path.clone()) } else { None };
        PinError::Faulty { origin: self.to_string(), fault, file }
    }

    /// Whether it is a prompt.
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Prompt)
    }

    /// Whether it can be read again without side effects: a pipe, such as a shell's `<(…)`, would be empty.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::File(path) => path.is_file(),
            Self::Command(_) | Self::Variable { .. } => true,
            Self::Fd(_) | Self::Prompt => false,
        }
    }

    /// Whether it takes standard input for itself.
    pub fn uses_stdin(&self) -> bool {
        match self {
            Self::Fd(0) => true,
            Self::File(path) => trust::is_stdin(path),
            _ => false,
        }
    }

    fn finish(&self, secret: io::Result<Secret>, role: Role) -> Result<Pin, PinError> {
        let origin = self.to_string();
        match secret {
            Ok(secret) => {
                let secret = without_newline(secret);
                if secret.is_empty() && matches!(self, Self::Command(_)) {
                    return Err(PinError::Empty(format!("{origin} printed nothing")));
                }
                // A passphrase is everything in its file, blanks included.
                match Fault::in_line(secret.expose()).filter(|_| role != Role::Passphrase) {
                    Some(fault) => Err(self.faulty(fault)),
                    None => Pin::from_secret(secret, &origin),
                }
            }
            Err(source) if source.kind() == io::ErrorKind::FileTooLarge => {
                Err(PinError::Malformed { origin, fault: "longer than 1024 bytes" })
            }
            Err(source) => Err(PinError::Unreadable { origin, source }),
        }
    }
}

/// Names the source, never the PIN.
impl fmt::Display for PinSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Fd(0) => f.write_str("standard input"),
            Self::Fd(fd) => write!(f, "file descriptor {fd}"),
            // The command line may contain a secret.
            Self::Command(_) => f.write_str("the PIN command"),
            Self::Variable { name, .. } => f.write_str(name),
            Self::Prompt => f.write_str("the terminal"),
        }
    }
}

/// Opens a file with a secret, which output does not replace from now on. Refuses one that another user could have made or
/// changed.
pub fn open_secret(path: &Path, what: &'static str) -> Result<io::Result<FileReader>, Untrusted> {
    trust::keep(path, what);
    match trust::open(path, what, Sharing::NONE) {
        Ok(file) => Ok(Ok(file)),
        Err(trust::Error::Io(error)) => Ok(Err(error)),
        // Reading a directory gives a better error.
        Err(trust::Error::Untrusted(refused)) if refused.fault() == trust::Fault::NotFile => {
            Ok(FileReader::open(path))
        }
        Err(trust::Error::Untrusted(refused)) => Err(refused),
    }
}

/// Whether others than the owner may read a PIN file. Pipes (`<(…)`) and missing files are not worth a warning.
pub fn readable_by_others(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o077 != 0)
}

/// A newline of two bytes may follow the longest PIN.
fn limited(reader: impl Read) -> io::Result<Secret> {
    Secret::read(reader, Pin::MAX_BYTES + 2)
}

fn without_newline(secret: Secret) -> Secret {
    let bytes = secret.expose();
    let line = bytes.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.map(|line| Secret::new(line.to_vec())).unwrap_or(secret)
}

/// The outer error is of the command itself, the inner one of what it printed.
fn run(line: &str, origin: &str) -> Result<io::Result<Secret>, PinError> {
    let unreadable = |source| PinError::Unreadable { origin: origin.to_owned(), source };
    let mut child = command("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(unreadable)?;
    let secret = child.stdout.take().map_or_else(|| Ok(Secret::default()), limited);
    // A program that prints too much may never end.
    if secret.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(unreadable)?;
    if secret.is_ok() && !status.success() {
        return Err(PinError::CommandFailed { status });
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, os::fd::AsRawFd};

    use super::*;

    fn read(source: &PinSource) -> Result<Pin, PinError> {
        source.read(Role::User, &Prompt::refused())
    }

    fn file(content: &[u8]) -> (tempfile::TempDir, PinSource) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("pin");
        fs::write(&path, content).expect("written");
        (dir, PinSource::File(path))
    }

    #[test]
    fn one_newline_at_the_end_is_no_part_of_the_pin() {
        for (content, expected) in
            [("1234", "1234"), ("1234\n", "1234"), ("1234\r\n", "1234"), (" 1 2\n", " 1 2"), ("pä\n", "pä")]
        {
            let (_dir, source) = file(content.as_bytes());
            assert_eq!(read(&source).expect("valid").expose_str(), expected, "{content:?}");
        }
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for content in ["", "\n", "\r\n"] {
            let (_dir, source) = file(content.as_bytes());
            assert!(matches!(read(&source), Err(PinError::Empty(_))), "{content:?}");
        }
        for content in [vec![b'x'; 1025], vec![b'x'; 100_000], b"1\x002\n".to_vec()] {
            let (_dir, source) = file(&content);
            assert!(matches!(read(&source), Err(PinError::Malformed { .. })));
        }
        let missing = PinSource::File(PathBuf::from("/nonexistent/pin"));
        let error = read(&missing).expect_err("missing");
        assert_eq!(error.to_string(), "cannot read the PIN from file /nonexistent/pin");
    }

    #[test]
    fn what_an_editor_leaves_beside_a_pin_is_refused() {
        for (content, fault) in [
            ("\u{feff}1234\n".as_bytes(), Fault::ByteOrderMark),
            (b"\xff\xfe1\x002\x00", Fault::Utf16),
            (b"1234 \n", Fault::TrailingBlank),
            (b"1234\t", Fault::TrailingBlank),
            ("1234\u{a0}\n".as_bytes(), Fault::TrailingBlank),
            (b"1234\n\n", Fault::SecondLine),
            (b"1234\n5678\n", Fault::SecondLine),
            (b"1234\r5678", Fault::SecondLine),
            (b"1234\r", Fault::SecondLine),
        ] {
            let (_dir, source) = file(content);
            let error = read(&source).expect_err("refused");
            assert!(matches!(&error, PinError::Faulty { fault: found, .. } if *found == fault), "{error:?}");
            let text = format!("{error} {error:?}");
            assert!(text.contains("file /") && !text.contains("234"), "{text}");
            // All of these are valid passphrases if they are text.
            let passphrase = source.read(Role::Passphrase, &Prompt::refused());
            assert!(passphrase.is_ok() || std::str::from_utf8(content).is_err(), "{passphrase:?}");
        }
    }

    #[test]
    fn a_file_of_others_gives_no_pin() {
        let (dir, source) = file(b"1234");
        let path = dir.path().join("pin");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o620)).expect("set");
        assert!(matches!(read(&source), Err(PinError::Untrusted(_))));
    }

    #[test]
    fn the_longest_pin_may_end_with_a_newline() {
        let (_dir, source) = file(&[vec![b'x'; 1024], b"\r\n".to_vec()].concat());
        assert_eq!(read(&source).expect("valid").expose().len(), 1024);
    }

    #[test]
    fn a_descriptor_is_read_to_its_end() {
        let (reader, mut writer) = io::pipe().expect("a pipe");
        writer.write_all(b"12").expect("written");
        let slow = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            writer.write_all(b"34\n").expect("written");
        });
        assert_eq!(read(&PinSource::Fd(reader.as_raw_fd())).expect("valid").expose(), b"1234");
        slow.join().expect("no panic");
        assert!(matches!(read(&PinSource::Fd(9999)), Err(PinError::Unreadable { .. })));
    }

    #[test]
    fn a_command_gives_its_output() {
        let command = |line: &str| read(&PinSource::Command(line.to_owned()));
        assert_eq!(command("echo 1234").expect("valid").expose(), b"1234");
        assert!(matches!(command("echo 1234; exit 3"), Err(PinError::CommandFailed { .. })));
        assert!(matches!(command("true"), Err(PinError::Empty(_))));
        assert!(matches!(command("yes"), Err(PinError::Malformed { .. })), "endless output is cut off");
        assert!(matches!(command("cat"), Err(PinError::Empty(_))), "standard input is not its to read");
    }

    #[test]
    fn a_variable_may_end_with_a_blank() {
        let variable = |value: &str| {
            let value = Secret::new(value.as_bytes().to_vec());
            read(&PinSource::Variable { name: "KMSCTL_PIN", value })
        };
        assert_eq!(variable("1234 ").expect("valid").expose(), b"1234 ");
        for bad in ["1234\n", "1234\r", "1\n2", "\u{feff}1234"] {
            assert!(matches!(variable(bad), Err(PinError::Faulty { .. })), "{bad:?}");
        }
        assert_eq!(variable("").expect_err("empty").to_string(), "no PIN given: KMSCTL_PIN is empty");
    }

    #[test]
    fn permissions_count_on_files_only() {
        let (dir, _) = file(b"1234");
        let path = dir.path().join("pin");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        mode(0o600);
        assert!(!readable_by_others(&path));
        mode(0o640);
        assert!(readable_by_others(&path));
        assert!(!readable_by_others(Path::new("/dev/null")));
        assert!(!readable_by_others(Path::new("/nonexistent")));
    }
}
