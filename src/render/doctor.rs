//! The report of `kmsctl doctor`.

use serde::Serialize;

use super::{Document, Text, fields, table};
use crate::{
    keystore::doctor::Finding,
    operation::{Trial, TrialOutcome},
    token::TokenInfo,
};

/// Everything that an examination found and did.
#[derive(Debug, Default)]
pub struct Checkup {
    /// `None` if the store's files did not allow the token to be opened.
    pub token: Option<TokenInfo>,
    /// How many keys there are, and how many of them have a record; `None` without a login.
    pub keys: Option<(usize, usize)>,
    pub trials: Vec<Trial>,
    pub findings: Vec<Finding>,
    pub repaired: Vec<Repair>,
}

/// A repair that was made.
#[derive(Debug, Serialize)]
pub struct Repair {
    /// The label of the key, if it is about one.
    pub subject: Option<String>,
    pub done: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    label: &'a str,
    serial: &'a str,
    model: &'a str,
    manufacturer: &'a str,
    firmware_version: &'a str,
    flags: Vec<&'static str>,
}

impl<'a> From<&'a TokenInfo> for Token<'a> {
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

#[derive(Debug, Serialize)]
struct MechanismTrial<'a> {
    #[serde(rename = "use")]
    what: &'a str,
    result: &'static str,
    mechanism: Option<&'static str>,
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    token: Option<Token<'a>>,
    keys: Option<usize>,
    records: Option<usize>,
    mechanisms: Vec<MechanismTrial<'a>>,
    findings: &'a [Finding],
    repaired: &'a [Repair],
}

fn mechanism(trial: &Trial) -> MechanismTrial<'_> {
    let (result, mechanism, error) = match &trial.outcome {
        TrialOutcome::Works { by } => ("works", Some(*by), None),
        TrialOutcome::Fallback { by, .. } => ("fallback", Some(*by), None),
        TrialOutcome::Wrong { by } => ("wrong", Some(*by), None),
        TrialOutcome::Missing(error) => ("missing", None, Some(error)),
        TrialOutcome::Untried(error) => ("untried", None, Some(error)),
        TrialOutcome::Failed(error) => ("failed", None, Some(error)),
    };
    MechanismTrial { what: &trial.what, result, mechanism, error: error.map(String::as_str) }
}

pub fn doctor(checkup: &Checkup) -> Document {
    let report = Report {
        token: checkup.token.as_ref().map(Token::from),
        keys: checkup.keys.map(|(keys, _)| keys),
        records: checkup.keys.map(|(_, records)| records),
        mechanisms: checkup.trials.iter().map(mechanism).collect(),
        findings: &checkup.findings,
        repaired: &checkup.repaired,
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
    text.and(found(checkup))
}

fn found(checkup: &Checkup) -> String {
    let mut text = String::new();
    for Repair { subject, done } in &checkup.repaired {
        text.extend(["repaired: ", &about(subject.as_deref()), &crate::ui::safe(done), "\n"]);
    }
    for finding in &checkup.findings {
        let (level, subject) = (finding.level.name(), about(finding.subject.as_deref()));
        text.extend([level, ": ", &subject, &crate::ui::safe(&finding.message), "\n"]);
        if let Some(remedy) = &finding.remedy {
            text.extend(["  ", remedy, "\n"]);
        }
    }
    if checkup.findings.is_empty() {
        text.push_str("no problems found\n");
    }
    text
}

fn about(label: Option<&str>) -> String {
    label.map(|label| format!("key {label:?}: ")).unwrap_or_default()
}
