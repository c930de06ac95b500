//! The result of a run: exit status, both streams, and one text of all three to compare or to show.

use std::{fmt, os::unix::process::ExitStatusExt, path::PathBuf, process::ExitStatus, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use super::KMSCTL;

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) command: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) root: PathBuf,
}

impl Output {
    /// The command must have ended with exit code 0.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        self.exits(0)
    }

    /// The command must have failed with this code, printed a reason to standard error, and nothing to standard output.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> Self {
        let this = self.exits(code);
        assert!(this.stdout.is_empty(), "a failed command printed data\n{this}");
        assert!(!this.stderr.is_empty(), "no error message\n{this}");
        this
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn exits_any(self, codes: &[i32]) -> Self {
        assert!(
            self.status.code().is_some_and(|code| codes.contains(&code)),
            "the exit code is none of {codes:?}\n{self}"
        );
        self
    }

    /// Standard error must contain this text.
    #[track_caller]
    pub(crate) fn saying(self, part: &str) -> Self {
        let text = self.stderr_text();
        assert!(
            text.contains(part) || json_texts(&text).contains(part),
            "no {part:?} on standard error\n{self}"
        );
        self
    }

    /// Standard output must contain this text.
    #[track_caller]
    pub(crate) fn showing(self, part: &str) -> Self {
        assert!(self.text().contains(part), "no {part:?} on standard output\n{self}");
        self
    }

    /// Standard error may hold warnings, hints and one line about a change, but no error.
    #[track_caller]
    pub(crate) fn silent_but_for_hints(self) -> Self {
        assert!(!self.stderr_text().contains("error:"), "unexpected error\n{self}");
        self
    }

    /// Standard output must be empty.
    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert!(self.stdout.is_empty(), "unexpected output on standard output\n{self}");
        self
    }

    /// Standard error must be empty.
    #[track_caller]
    pub(crate) fn silent(self) -> Self {
        assert!(self.stderr.is_empty(), "unexpected output on standard error\n{self}");
        self
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap_or_else(|_| panic!("output is not UTF-8\n{self}"))
    }

    /// Standard output, which must be a single line, without its line end.
    #[track_caller]
    pub(crate) fn line(&self) -> &str {
        let line = self.text().strip_suffix('\n').unwrap_or_else(|| panic!("no end of line\n{self}"));
        assert!(!line.contains('\n'), "more than one line\n{self}");
        line
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON: {error}\n{self}"))
    }

    pub(crate) fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// The error object that `--json` prints to standard error, as the last line; before it, only warnings may be there.
    #[track_caller]
    pub(crate) fn error(&self) -> Value {
        let text = self.stderr_text();
        let (warnings, object) = text.trim_end().rsplit_once('\n').unwrap_or(("", &text));
        assert!(warnings.is_empty() || warnings.starts_with("{\"warning\":"), "unexpected text\n{self}");
        let value: Value = serde_json::from_str(object)
            .unwrap_or_else(|error| panic!("stderr is not one JSON object: {error}\n{self}"));
        value.get("error").unwrap_or_else(|| panic!("no \"error\"\n{self}")).clone()
    }

    /// Both streams and the status as one text, with values that differ between runs replaced by placeholders in brackets.
    pub(crate) fn normalised(&self) -> String {
        self.normalised_as(str::to_owned)
    }

    /// Like [`Self::normalised`], after `shape` has formatted the text.
    pub(crate) fn normalised_as(&self, shape: fn(&str) -> String) -> String {
        let root = self.root.to_str().expect("temporary paths are UTF-8");
        normalise(&shape(&self.transcript()).replace(root, "[ROOT]").replace(KMSCTL, "[KMSCTL]"))
    }

    fn transcript(&self) -> String {
        let mut parts = vec![String::from_utf8_lossy(&self.stdout).into_owned()];
        if !self.stderr.is_empty() {
            parts.push(format!("------- stderr -------\n{}", self.stderr_text()));
        }
        match (self.status.code(), self.status.signal()) {
            (Some(0), _) => {}
            (Some(code), _) => parts.push(format!("[exit status: {code}]\n")),
            (None, signal) => parts.push(format!("[signal: {}]\n", signal.unwrap_or_default())),
        }
        parts.concat()
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$ {}\n{}", self.command, self.transcript())
    }
}

/// Patterns for values that differ in each run, and their placeholders. Order matters: more specific patterns first.
static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"(?s)-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", "[PEM]"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?", "[TIME]"),
        (r#"Date":( ?)\d{13}"#, r#"Date":${1}[TIME]"#),
        (r#""(iat|nbf|exp)":( ?)\d{10}"#, r#""${1}":${2}[TIME]"#),
        (r#""keyId":( ?)\d+"#, r#""keyId":${1}[KEYID]"#),
        (r#""keystoreId":( ?)\d+"#, r#""keystoreId":${1}[KEYSTORE]"#),
        (r#""random":( ?)"[^"]+""#, r#""random":${1}"[RANDOM]""#),
        (r#""(set|check)":( ?)"[0-9a-f]+""#, r#""${1}":${2}"[CHECK]""#),
        (r"\bkms:v(\d+):[a-z2-7]{52}:[A-Za-z0-9_-]+", "kms:v${1}:[TAG]:[CIPHERTEXT]"),
        (r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+", "[JWS]"),
        (r"/[^\s:]*/libsofthsm2\.so", "[SOFTHSM]"),
        (r"\[subcommands: [^\]]*\]", "[subcommands: [...]]"),
        (r"Key number:( +)\d+", "Key number:${1}[KEYID]"),
        (r#""slot":( ?)\d{2,}"#, r#""slot":${1}[SLOT]"#),
        (r"slot \d{2,}", "slot [SLOT]"),
        (r"(%[0-9A-F]{2}){8,}", "[ID]"),
        (r"\b[0-9a-f]{8}-[a-z2-7]{52}\b", "[TOKEN]-[TAG]"),
        (r"\b[a-z2-7]{52}\b", "[TAG]"),
        (r"[A-Za-z0-9+/]{86,}={0,2}", "[SIGNATURE]"),
        (r#""[A-Za-z0-9_-]{43}""#, r#""[THUMBPRINT]""#),
        (r#""[A-Za-z0-9+/]{43}=""#, r#""[32 BYTES]""#),
        (r"\b([0-9a-f]{2}){8,32}\b", "[ID]"),
        (r"\bid [0-9a-f]{8}…", "id [ID]"),
    ]
    .map(|(pattern, word)| (Regex::new(pattern).expect("pattern"), word))
    .into()
});

/// The texts of warnings and hints that `--json` prints as objects, as they are without it.
fn json_texts(text: &str) -> String {
    let objects = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let members = objects.filter_map(|object| object.as_object().cloned()).flatten();
    members.filter_map(|(name, text)| Some(format!("{name}: {}\n", text.as_str()?))).collect()
}

pub(crate) fn normalise(text: &str) -> String {
    VARYING
        .iter()
        .fold(text.to_owned(), |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
}
