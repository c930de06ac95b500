//! A finding of `doctor`.

use serde::Serialize;

use crate::{
    model::{Code, Coded, Counted, Describe, Diagnosis, Shape, answer},
    shell::{kmsctl, kmsctl_without_pin},
};

/// Severity of a finding, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something does not work, or protects less than it should.
    Error,
    /// It works, but needs attention.
    Warning,
    /// Worth knowing.
    Info,
}

impl Describe for Level {
    fn shape() -> Shape {
        Shape::Plain("string")
    }
}

impl Level {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

answer! {
    /// One finding.
    #[derive(PartialEq, Eq)]
    pub struct Finding {
        /// error, warning or info
        level: Level,
        /// A stable name, such as SHARED_LABEL
        code: &'static str,
        /// Label of the key, if it is about one
        subject: Option<String>,
        /// What is wrong and what it means, in one sentence
        message: String,
        /// The command that fixes it, or what to do if there is none
        remedy: Option<String>,
        /// Whether `kmsctl doctor --repair` fixes it
        is_repairable = "repairable": bool,
        hidden {
            /// Whether it depends on a record, so that it is dropped if the record is not authentic.
            relies_on_record: bool,
        }
    }
}

impl Finding {
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Error, code, message.into())
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, code, message.into())
    }

    pub fn info(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Info, code, message.into())
    }

    fn new(level: Level, code: &'static str, message: String) -> Self {
        Self {
            level,
            code,
            subject: None,
            message,
            remedy: None,
            is_repairable: false,
            relies_on_record: false,
        }
    }

    /// Sets the key that the finding is about.
    #[must_use]
    pub fn of_key(mut self, label: &str) -> Self {
        self.subject = Some(label.to_owned());
        self
    }

    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The finding for a token that makes no keys for its users: it cannot follow advice to rotate or create one.
    #[must_use]
    pub fn without_new_keys(mut self) -> Self {
        const BY_NEW_KEY: &[&str] =
            &["READABLE", "EXTRACTABLE", "WRAPS_AND_DECRYPTS", "NOT_PRIVATE", "ROTATION_OVERDUE"];
        if self.remedy.is_some() && BY_NEW_KEY.contains(&self.code) {
            self.remedy =
                Some("make a new key with the program that made this one, and move to it".to_owned());
        }
        self
    }

    /// Whether it is about what the token lets other programs do beyond a record.
    pub(super) fn is_excess_use(&self) -> bool {
        ["USABLE_THOUGH_FORBIDDEN", "MORE_THAN_RECORDED"].contains(&self.code)
    }

    /// The finding for a token that does not change usage attributes.
    #[must_use]
    pub(super) fn with_fixed_uses(self) -> Self {
        if !self.is_excess_use() {
            return self;
        }
        let message = format!(
            "{}, and does not change that: kmsctl obeys the record, other programs may not",
            self.message
        );
        Self { level: Level::Info, message, remedy: None, is_repairable: false, ..self }
    }

    pub(super) fn is_shared_label(&self) -> bool {
        self.code == "SHARED_LABEL"
    }

    /// The finding for a token that does not change labels.
    #[must_use]
    pub(super) fn with_fixed_labels(self) -> Self {
        if !self.is_shared_label() {
            return self;
        }
        let lists = kmsctl("key list --wide");
        let remedy =
            format!("the token does not change labels: select a key by its CKA_ID, which {lists} shows");
        Self { level: Level::Info, remedy: Some(remedy), ..self }
    }

    /// What a command that changes records lacks, beside the advice to run one.
    #[must_use]
    pub fn with_records_lacking(mut self, lack: &str) -> Self {
        let changes = ["key rotate", "key disable", "key update"];
        if let Some(remedy) =
            self.remedy.as_mut().filter(|one| changes.iter().any(|change| one.contains(change)))
        {
            remedy.push_str(lack);
        }
        self
    }

    /// The finding in other words.
    pub(super) fn saying(self, message: String) -> Self {
        Self { message, ..self }
    }

    /// Marks the finding as repairable; `doctor --repair` becomes the remedy unless one was given.
    #[must_use]
    pub fn repairable(mut self) -> Self {
        self.is_repairable = true;
        self.remedy.get_or_insert_with(|| kmsctl("doctor --repair"));
        self
    }

    pub(super) fn by_record(mut self) -> Self {
        self.relies_on_record = true;
        self
    }
}

/// The examination found errors or warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} found", Counted(*.found, "problem"))]
pub struct FaultsFound {
    found: usize,
    advice: Advice,
}

/// What the findings say about what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Advice {
    Commands,
    /// For some, or in words.
    Some,
    None,
}

impl FaultsFound {
    /// `None` if there is nothing but information.
    pub fn among(findings: &[Finding]) -> Option<Self> {
        let faults = || findings.iter().filter(|finding| finding.level != Level::Info);
        let is_command =
            |finding: &Finding| finding.remedy.as_ref().is_some_and(|remedy| remedy.contains("kmsctl "));
        let advice = if faults().all(is_command) {
            Advice::Commands
        } else if faults().any(|finding| finding.remedy.is_some()) {
            Advice::Some
        } else {
            Advice::None
        };
        Some(Self { found: faults().count(), advice }).filter(|faults| faults.found > 0)
    }
}

impl Coded for FaultsFound {
    fn diagnosis(&self) -> Diagnosis {
        Code::FaultsFound.hint(match self.advice {
            Advice::Commands => "run the command below each finding".to_owned(),
            Advice::Some => "what can be done is below each finding".to_owned(),
            Advice::None => format!("`{}`", kmsctl_without_pin("explain FAULTS_FOUND")),
        })
    }
}
