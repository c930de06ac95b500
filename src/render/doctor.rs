//! What `kmsctl doctor` found, and the command that mends each finding.

use std::path::Path;

use serde_json::{Value, json};

use super::{
    Document, Layout,
    table::{fields, table},
};
use crate::{
    encoding::{kmsctl, kmsctl_without_pin, shell_option, shell_word},
    keystore::doctor::{Fault, Leftover, Level},
    model::KeyId,
    operation::{Outcome, Trial},
    token::{TokenInfo, UserType, embedded},
};

/// What mends most of it.
fn repair() -> String {
    kmsctl("doctor --repair")
}

/// All that an examination brought.
#[derive(Debug, Default)]
pub struct Checkup {
    /// `None` where the store's files did not let the token be opened.
    pub token: Option<TokenInfo>,
    /// How many there are, and how many of them have a record; `None` without a login.
    pub keys: Option<(usize, usize)>,
    pub trials: Vec<Trial>,
    pub findings: Vec<Finding>,
    /// Which key, if one, and what was done.
    pub repaired: Vec<(Option<String>, String)>,
}

/// Where the token is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// `None` for the embedded token, which other programs do not reach.
    pub module: Option<&'a Path>,
    /// Its label.
    pub token: &'a str,
}

/// One finding in words.
#[derive(Debug, Clone)]
pub struct Finding {
    pub level: Level,
    code: &'static str,
    /// The label of a key.
    subject: Option<String>,
    message: String,
    remedy: Option<String>,
    is_repairable: bool,
}

impl Finding {
    /// `place` is where the token is, for programs of others.
    pub fn of_fault(fault: &Fault, place: Place<'_>) -> Self {
        Self {
            level: fault.level(),
            code: fault.code(),
            subject: fault.label().map(str::to_owned),
            message: fault.to_string(),
            remedy: remedy(fault, place),
            is_repairable: fault.is_repairable(),
        }
    }

    pub fn of_store(finding: &embedded::Finding) -> Self {
        let (level, code) = match finding {
            embedded::Finding::Mode { .. } => (Level::Error, "STORE_MODE"),
            embedded::Finding::NoIndex => (Level::Warning, "STORE_INDEX"),
            embedded::Finding::NoLog => (Level::Warning, "STORE_LOG"),
            embedded::Finding::Leftovers(_) => (Level::Warning, "STORE_LEFTOVERS"),
            embedded::Finding::Broken(_) => (Level::Error, "STORE_BROKEN"),
        };
        let is_repairable = finding.is_repairable();
        let backup = || "restore the store's directory from a backup".to_owned();
        let remedy = if is_repairable { repair() } else { backup() };
        let (message, remedy) = (finding.to_string(), Some(remedy));
        Self { level, code, subject: None, message, remedy, is_repairable }
    }

    pub fn of_pin_file(path: &Path) -> Self {
        Self {
            level: Level::Error,
            code: "PIN_FILE_MODE",
            subject: None,
            message: format!("other users can read the PIN file {}", path.display()),
            remedy: Some(format!("chmod 600 {}", shell_word(path))),
            is_repairable: false,
        }
    }

    /// Why no run that changes a key could have the token to itself.
    pub fn of_lock(message: &str, remedy: Option<&str>) -> Self {
        Self {
            level: Level::Error,
            code: "NO_LOCK",
            subject: None,
            message: format!("the lock for changes cannot be had: {message}"),
            remedy: remedy.map(str::to_owned),
            is_repairable: false,
        }
    }

    /// Why nobody is logged in, and so whatever needs a login was not looked at.
    pub fn of_login(message: &str, remedy: Option<&str>) -> Self {
        Self {
            level: Level::Error,
            code: "NO_LOGIN",
            subject: None,
            message: format!("{message}; keys, records and mechanisms were not examined"),
            remedy: remedy.map(str::to_owned),
            is_repairable: false,
        }
    }

    /// `None` where the token does it, if only in a roundabout way.
    pub fn of_trial(trial: &Trial) -> Option<Self> {
        let (level, code) = match &trial.outcome {
            Outcome::Works { .. } | Outcome::Fallback { .. } => return None,
            Outcome::Missing(_) => (Level::Info, "NOT_OFFERED"),
            Outcome::Untried(_) => (Level::Info, "NOT_TRIED"),
            Outcome::Failed(_) => (Level::Warning, "TRIAL_FAILED"),
            Outcome::Wrong { .. } => (Level::Error, "WRONG_RESULT"),
        };
        let message = format!("{}: {}", trial.what, in_words(&trial.outcome));
        Some(Self { level, code, subject: None, message, remedy: None, is_repairable: false })
    }

    fn json(&self) -> Value {
        json!({
            "level": self.level.name(),
            "code": self.code,
            "subject": self.subject,
            "message": self.message,
            "remedy": self.remedy,
            "repairable": self.is_repairable,
        })
    }

    fn text(&self) -> String {
        let (level, subject) = (self.level.name(), about(self.subject.as_deref()));
        let remedy = self.remedy.as_ref().map(|remedy| format!("  {remedy}\n")).unwrap_or_default();
        format!("{level}: {subject}{}\n{remedy}", crate::ui::safe(&self.message))
    }
}

fn about(label: Option<&str>) -> String {
    label.map(|label| format!("key {label:?}: ")).unwrap_or_default()
}

/// The command, or failing that the deed, that mends a fault.
fn remedy(fault: &Fault, place: Place<'_>) -> Option<String> {
    let key = shell_option("--label", fault.label().unwrap_or_default());
    let text = match fault {
        Fault::Pin { user: UserType::User, state } if *state == crate::token::PinState::Locked => {
            kmsctl_without_pin("token unlock")
        }
        Fault::Pin { user: UserType::User, .. } => {
            "log in once with the right PIN: a good login resets the counter".to_owned()
        }
        Fault::PinToBeChanged => kmsctl("token set-pin"),
        Fault::ClockBehind { .. } => "set the clock: timedatectl set-ntp true".to_owned(),
        Fault::DamagedRecord { .. } => {
            "restore it from a backup of the token; until then the key can be used by its CKA_ID".to_owned()
        }
        Fault::Unproven(found) if found.remedy.is_some() => return found.remedy.clone(),
        Fault::DamagedRecordFile { path, .. } => format!(
            "restore it from a backup; until then the key can be used by its CKA_ID: {}",
            shell_word(path)
        ),
        Fault::NewerRecord { .. } | Fault::SupersededRecord { leftover: Leftover::Foreign, .. } => {
            "use the newest kmsctl that works on this token".to_owned()
        }
        Fault::NothingLeft { id, unrecorded, .. } if !unrecorded.is_empty() => maybe_it(None, id, unrecorded),
        Fault::NothingLeft { .. } => format!(
            "if another program destroyed the key, restore it from a backup; to forget it: {}",
            kmsctl(format!("key delete {key}"))
        ),
        Fault::MissingObject { is_needed: true, what, id, unrecorded, .. } if !unrecorded.is_empty() => {
            maybe_it((*what == "secret key").then_some(place), id, unrecorded)
        }
        Fault::MissingObject { is_needed: true, version: Some(_), .. } => {
            let rotate = kmsctl(format!("key rotate {key}"));
            format!("restore it from a backup, or make a new version: {rotate}")
        }
        Fault::Stray { id, .. } => {
            format!(
                "when no rotation is running and no newer record of the key is in a backup: {}",
                kmsctl(format!("key delete --id {id}"))
            )
        }
        Fault::Unfinished { id, .. } => format!(
            "run the command that was making it once more, which finishes it; or, if it was never used: {}",
            kmsctl(format!("key delete --id {id}"))
        ),
        Fault::SharedLabel { ids, .. } => {
            let id = ids.last().map(ToString::to_string).unwrap_or_default();
            kmsctl(format!("key update --id {id} --rename NEW_LABEL"))
        }
        Fault::Extractable { is_wanted: false, .. } | Fault::Readable { .. } => {
            format!("rotate the key: new versions are protected: {}", kmsctl(format!("key rotate {key}")))
        }
        Fault::WrapsAndDecrypts { .. } => {
            "create a key for one of the two uses and move to it: a rotation takes no use away".to_owned()
        }
        Fault::RotationOverdue { .. } => kmsctl("key rotate --due"),
        Fault::PurgeDue { .. } => kmsctl("key purge --due"),
        other if other.is_repairable() => repair(),
        _ => return None,
    };
    Some(text)
}

/// Where a key without a record may be the one that is missed, nothing that destroys is advised.
fn maybe_it(place: Option<Place<'_>>, recorded: &KeyId, unrecorded: &[KeyId]) -> String {
    let ids: Vec<_> = unrecorded.iter().map(ToString::to_string).collect();
    let text = format!(
        "another program may have renumbered it: a key of the same kind without a record has CKA_ID {}; if that is it, \
         give it back the CKA_ID {recorded}",
        ids.join(" or ")
    );
    match (place.and_then(|place| Some((place.module?, place.token))), ids.as_slice()) {
        (Some((module, token)), [id]) => format!(
            "{text}: pkcs11-tool --module {} {} --login --set-id {recorded} --type secrkey --id {id}",
            shell_word(module),
            shell_option("--token-label", token)
        ),
        _ => text,
    }
}

fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Works { by } => (*by).to_owned(),
        Outcome::Fallback { by, instead_of } => format!("{by}, for want of {instead_of}"),
        Outcome::Wrong { by } => format!("wrong result of {by}"),
        Outcome::Missing(error) => format!("not done by this token: {error}"),
        Outcome::Untried(error) => {
            format!("not tried, for the token makes no key for the length of a session: {error}")
        }
        Outcome::Failed(error) => format!("failed: {error}"),
    }
}

fn trial_json(trial: &Trial) -> Value {
    let (result, by, error) = match &trial.outcome {
        Outcome::Works { by } => ("works", Some(*by), None),
        Outcome::Fallback { by, .. } => ("fallback", Some(*by), None),
        Outcome::Wrong { by } => ("wrong", Some(*by), None),
        Outcome::Missing(error) => ("missing", None, Some(error)),
        Outcome::Untried(error) => ("untried", None, Some(error)),
        Outcome::Failed(error) => ("failed", None, Some(error)),
    };
    json!({"use": trial.what, "result": result, "mechanism": by, "error": error})
}

pub fn doctor(checkup: &Checkup) -> Document {
    let token = checkup.token.as_ref();
    let repaired = checkup.repaired.iter().map(|(label, done)| json!({"subject": label, "done": done}));
    let json = json!({
        "token": token.map(|token| json!({
            "label": token.label, "serial": token.serial, "model": token.model,
            "manufacturer": token.manufacturer, "firmwareVersion": token.firmware, "flags": token.flag_names(),
        })),
        "keys": checkup.keys.map(|(keys, _)| keys),
        "records": checkup.keys.map(|(_, records)| records),
        "mechanisms": checkup.trials.iter().map(trial_json).collect::<Value>(),
        "findings": checkup.findings.iter().map(Finding::json).collect::<Value>(),
        "repaired": repaired.collect::<Value>(),
    });
    Document::new(json, text(checkup))
}

fn text(checkup: &Checkup) -> String {
    let mut text = String::new();
    if let Some(token) = &checkup.token {
        text.push_str(&fields(&[
            ("Token", Some(token.label.clone())),
            (
                "Model",
                Some(format!("{} by {}, firmware {}", token.model, token.manufacturer, token.firmware)),
            ),
            ("Serial", Some(token.serial.clone())),
            ("Keys", checkup.keys.map(|(keys, records)| format!("{keys}, {records} with a record"))),
        ]));
        text.push('\n');
    }
    if !checkup.trials.is_empty() {
        let row = |trial: &Trial| vec![trial.what.to_owned(), in_words(&trial.outcome)];
        let tried = table(&["Tried", "By"], checkup.trials.iter().map(row).collect());
        text.push_str(&tried.to_text(Layout::default()));
        text.push('\n');
    }
    for (label, done) in &checkup.repaired {
        text.extend(["repaired: ", &about(label.as_deref()), &crate::ui::safe(done), "\n"]);
    }
    checkup.findings.iter().for_each(|finding| text.push_str(&finding.text()));
    if checkup.findings.is_empty() {
        text.push_str("nothing is wrong\n");
    }
    text
}
