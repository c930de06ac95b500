//! The report of `kmsctl doctor`.

use super::{Document, Text, fields, table};
use crate::{
    keystore::doctor::{Finding, Level},
    model::answer,
    operation::{Trial, TrialOutcome},
    token::TokenInfo,
};

/// All results of an examination.
#[derive(Debug, Default)]
pub struct Checkup {
    /// `None` if the store is damaged and the token could not be opened.
    pub token: Option<TokenInfo>,
    /// Number of keys, and how many of them have a record; `None` without a login.
    pub keys: Option<(usize, usize)>,
    pub trials: Vec<Trial>,
    pub findings: Vec<Finding>,
    pub repaired: Vec<Repair>,
}

answer! {
    /// A repair that was made.
    pub struct Repair {
        /// Label of the key, if it is about one
        subject: Option<String>,
        /// What was done
        done: String,
    }
}

answer! {
    /// The token that was examined.
    pub struct ExaminedToken<'a> {
        /// Label of the token
        label: &'a str,
        /// Serial number
        serial: &'a str,
        /// Model
        model: &'a str,
        /// Manufacturer
        manufacturer: &'a str,
        /// Version of the firmware
        firmware_version: &'a str,
        /// Names of the flags that are set (PKCS#11, CK_TOKEN_INFO)
        flags: Vec<&'static str>,
    }
}

impl<'a> From<&'a TokenInfo> for ExaminedToken<'a> {
    fn from(token: &'a TokenInfo) -> Self {
        Self {
            label: &token.label,
            serial: &token.serial,
            model: &token.model,
            manufacturer: &token.manufacturer,
            firmware_version: &token.firmware,
            flags: token.flag_names(),
        }
    }
}

answer! {
    /// Whether the token does what kmsctl uses.
    pub struct MechanismTrial<'a> {
        /// What was tried
        what = "use": &'a str,
        /// works, fallback (by another mechanism), wrong, missing, untried or failed
        result: &'static str,
        /// Mechanism that did it; null if none did
        mechanism: Option<&'static str>,
        /// Why none did; null if one did
        error: Option<&'a str>,
    }
}

answer! {
    /// The answer of `doctor`.
    pub struct Report<'a> {
        /// The token; null if the files of its store did not allow it to be opened
        token: Option<ExaminedToken<'a>>,
        /// How many keys there are; null without a login
        keys: Option<usize>,
        /// How many of them have a record; null without a login
        records: Option<usize>,
        /// What was tried on session keys
        mechanisms: Vec<MechanismTrial<'a>>,
        /// What was found, the worst first
        findings: &'a [Finding],
        /// What `--repair` did
        repaired: &'a [Repair],
        /// Whether it repaired anything
        changed: bool,
    }
}

fn mechanism(trial: &Trial) -> MechanismTrial<'_> {
    let (result, mechanism, error) = match &trial.outcome {
        TrialOutcome::Works { by } => ("works", Some(*by), None),
        TrialOutcome::Fallback { by, .. } => ("fallback", Some(*by), None),
        TrialOutcome::Wrong { by } => ("wrong", Some(*by), None),
        TrialOutcome::Missing(error) => ("missing", None, Some(error)),
        TrialOutcome::Untried { error, .. } => ("untried", None, Some(error)),
        TrialOutcome::Failed(error) => ("failed", None, Some(error)),
    };
    MechanismTrial { what: &trial.what, result, mechanism, error: error.map(String::as_str) }
}

pub fn doctor(checkup: &Checkup) -> Document {
    let report = Report {
        token: checkup.token.as_ref().map(ExaminedToken::from),
        keys: checkup.keys.map(|(keys, _)| keys),
        records: checkup.keys.map(|(_, records)| records),
        mechanisms: checkup.trials.iter().map(mechanism).collect(),
        findings: &checkup.findings,
        repaired: &checkup.repaired,
        changed: !checkup.repaired.is_empty(),
    };
    Document::of(&report, text(checkup))
}

fn text(checkup: &Checkup) -> Text {
    let mut text = Text::default();
    if let Some(token) = &checkup.token {
        text = text.and(fields(&[
            ("Token", Some(token.label.clone())),
            (
                "Model",
                Some(format!("{} by {}, firmware {}", token.model, token.manufacturer, token.firmware)),
            ),
            ("Serial", Some(token.serial.clone())),
            ("Keys", checkup.keys.map(|(keys, records)| format!("{keys}, {records} with a record"))),
        ]));
        text = text.and("\n");
    }
    if !checkup.trials.is_empty() {
        let row = |trial: &Trial| vec![trial.what.clone(), trial.outcome.to_string()];
        let checked = table(&["Checked", "Mechanism"], checkup.trials.iter().map(row).collect());
        text = text.and(checked).and("\n");
    }
    text.and(Text::prose(found(checkup)))
}

fn found(checkup: &Checkup) -> String {
    let mut text = String::new();
    for Repair { subject, done } in &checkup.repaired {
        text.extend(["repaired: ", &about(subject.as_deref()), &crate::ui::safe(done), "\n"]);
    }
    for finding in &checkup.findings {
        // The table of mechanisms says these.
        if matches!(finding.code, "NOT_OFFERED" | "NOT_TRIED") {
            text.extend(finding.remedy.iter().map(|remedy| format!("info: {remedy}\n")));
            continue;
        }
        let (level, subject) = (finding.level.name(), about(finding.subject.as_deref()));
        text.extend([level, ": ", &subject, &crate::ui::safe(&finding.message), "\n"]);
        if let Some(remedy) = &finding.remedy {
            text.extend(["  ", remedy, "\n"]);
        }
    }
    if checkup.findings.iter().all(|finding| finding.level == Level::Info) {
        text.push_str("no problems found\n");
    }
    text
}

fn about(label: Option<&str>) -> String {
    label.map(|label| format!("key {label:?}: ")).unwrap_or_default()
}
