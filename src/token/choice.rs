//! The error for a choice that does not match exactly one token.

use super::slot::{TokenChoice, TokenInfo};
use crate::{
    model::{Code, Coded, Diagnosis, Uri},
    shell::{kmsctl_without_pin, shell_option},
};

/// Hint for a module that shows no token.
pub(super) const NO_ANSWER: &str = "check that the device is connected and that what the module talks to is running (pcscd, a daemon, the network)";

/// No token, or more than one, matches what the user named.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct TokenChoiceError {
    pub choice: TokenChoice,
    /// The tokens that match, when there are several.
    pub fitting: Vec<TokenInfo>,
    /// Every token of the module.
    pub present: Vec<TokenInfo>,
}

impl TokenChoiceError {
    fn text(&self) -> String {
        match (&self.choice, self.fitting.len()) {
            (_, 0) if self.present.is_empty() => "the module shows no token".to_owned(),
            (TokenChoice::Only, 0) => "no initialised token is present".to_owned(),
            (TokenChoice::Named(name), 0) => {
                format!("no initialised token has the label or serial number {name:?}")
            }
            (TokenChoice::Uri(uri), 0) => format!("no initialised token matches {uri}"),
            (TokenChoice::Slot(slot), 0) => format!("no initialised token in slot {slot}"),
            (TokenChoice::Only, count) => format!("{count} tokens are present; name one of them"),
            (TokenChoice::Named(name), count) => format!("{count} tokens are labelled {name:?}"),
            (choice, count) => format!("{count} tokens match {choice}"),
        }
    }

    /// One line per token: the option that selects it, and its label, serial number and slot.
    fn listed<'a>(&self, tokens: impl IntoIterator<Item = &'a TokenInfo>) -> String {
        let line = |token: &TokenInfo| {
            let TokenInfo { label, serial, slot, .. } = token;
            format!("{}  (label {label:?}, serial {serial}, slot {slot})", selecting(token, &self.present))
        };
        let mut lines: Vec<_> = tokens.into_iter().map(line).collect();
        // Modules list their slots in no particular order.
        lines.sort();
        lines.join("\n  ")
    }
}

impl Coded for TokenChoiceError {
    fn diagnosis(&self) -> Diagnosis {
        if !self.fitting.is_empty() {
            return Code::TokenAmbiguous.hint(format!("select one:\n  {}", self.listed(&self.fitting)));
        }
        if self.present.is_empty() {
            return Code::TokenNotFound.hint(NO_ANSWER);
        }
        let initialized: Vec<_> = self.present.iter().filter(|token| token.is_initialized()).collect();
        if !initialized.is_empty() {
            return Code::TokenNotFound.hint(format!("the tokens are:\n  {}", self.listed(initialized)));
        }
        let label = match &self.choice {
            TokenChoice::Named(name) => shell_option("--label", name),
            _ => "--label NAME".to_owned(),
        };
        let init = kmsctl_without_pin(format!("token init {label}"));
        Code::TokenNotInitialized.hint(format!("`{init}` makes one"))
    }
}

/// The option that selects this token only: its label, serial number, URI or slot, whichever is unambiguous first.
fn selecting(token: &TokenInfo, present: &[TokenInfo]) -> String {
    let is_only = |choice: &TokenChoice| present.iter().filter(|one| one.is_chosen_by(choice)).count() == 1;
    // A name that looks like a URI would be parsed as one.
    let names =
        [&token.label, &token.serial].into_iter().filter(|name| !name.is_empty() && !Uri::is_meant(name));
    for name in names {
        if is_only(&TokenChoice::Named(name.clone())) {
            return shell_option("--token", name);
        }
    }
    let uri = token.uri();
    if is_only(&TokenChoice::Uri(Box::new(uri.clone()))) {
        return shell_option("--token", uri.to_string());
    }
    format!("--slot {}", token.slot)
}
