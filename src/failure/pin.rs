//! Diagnoses of a PIN or a passphrase on its way to the token.

use std::path::Path;

use super::diagnosis::of_untrusted;
use crate::{
    encoding::shell_word,
    model::{Code, Diagnosis},
    secret,
};

pub(super) fn of(error: &secret::PinError) -> Diagnosis {
    use secret::PinError as E;
    match error {
        E::NoTerminal { role } => Code::PinMissing.hint(of_missing_pin(*role)),
        E::Untrusted(refused) => of_untrusted(refused),
        E::Faulty { fault, file, .. } => Code::PinInvalid.hint(of_faulty_pin(*fault, file.as_deref())),
        E::Missing { .. } => Code::PinMissing.into(),
        E::FileExists { path, left } => Code::PinFileExists.hint(of_left_pin(path, left)),
        E::Interrupted => Code::Interrupted.into(),
        _ => Code::PinInvalid.into(),
    }
}

/// The options that give this very PIN.
const fn of_missing_pin(role: secret::Role) -> &'static str {
    use secret::Role as R;
    match role {
        R::User => "give it by `--pin-file FILE`, `--pin-fd N`, `--pin-command CMD` or KMSCTL_PIN_FILE",
        R::SecurityOfficer => "give it by `--so-pin-file FILE`, `--so-pin-fd N` or KMSCTL_SO_PIN_FILE",
        R::FirstUser => {
            "give it by `--pin-file FILE`, `--pin-fd N`, `--pin-command CMD` or KMSCTL_PIN_FILE, \
             or have it made by `--generate-pin FILE`"
        }
        R::NewUser => {
            "give it by `--new-pin-file FILE` or `--new-pin-fd N`, or have it made by `--generate-pin FILE`"
        }
        R::NewSecurityOfficer => {
            "give it by `--so-pin-file FILE`, `--so-pin-fd N` or KMSCTL_SO_PIN_FILE; \
             with `--generate-pin FILE` it is made, too"
        }
        R::Passphrase => "give it by `--passphrase-file FILE` or `--passphrase-fd N`",
    }
}

/// No login was tried, so that mending the source costs no try.
fn of_faulty_pin(fault: secret::Fault, file: Option<&Path>) -> String {
    let Some(path) = file else {
        return "no login was tried; the PIN must be alone on one line".to_owned();
    };
    match fault.remedy() {
        Some(command) => {
            let words: Vec<_> = command.iter().map(shell_word).chain([shell_word(path)]).collect();
            format!("no login was tried; this removes it: `{}`", words.join(" "))
        }
        None => "no login was tried; write the PIN alone, on one line of UTF-8".to_owned(),
    }
}

/// How a run goes on that left its PIN behind. Removing the file may lose the only copy.
fn of_left_pin(path: &Path, left: &secret::LeftPin) -> String {
    let path = shell_word(path);
    let instead = match left {
        secret::LeftPin::OfUser { so_pin: Some(so_pin) } => {
            format!(
                "`--pin-file {path} --so-pin-file {}` in the place of `--generate-pin`",
                shell_word(so_pin)
            )
        }
        secret::LeftPin::OfUser { so_pin: None } => {
            format!("`--pin-file {path}` in the place of `--generate-pin`")
        }
        secret::LeftPin::OfSecurityOfficer => format!("`--so-pin-file {path}` beside `--generate-pin`"),
        secret::LeftPin::Successor => format!("`--new-pin-file {path}` in the place of `--generate-pin`"),
    };
    format!(
        "a run that was cut short is finished with the PIN that it left by {instead}; else name another file"
    )
}

pub(super) fn of_passphrase(error: &secret::PassphraseError) -> Diagnosis {
    use secret::PinError as E;
    match &error.0 {
        E::Interrupted => Code::Interrupted.into(),
        E::NoTerminal { .. } | E::Missing { .. } => {
            Code::InvalidInput.hint(of_missing_pin(secret::Role::Passphrase))
        }
        _ => Code::InvalidInput.into(),
    }
}
