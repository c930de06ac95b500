//! The PINs of a run: their sources, and the form the token expects.

use anyhow::Result;

use super::Context;
use crate::{
    config::{Reserved, Target},
    secret::{Pin, PinError, PinSource, Role},
    shell::shell_word,
    token::{
        LoginPin, TokenInfo, UserType,
        embedded::{self, Store},
    },
    ui::safe,
};

/// The source of a PIN.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) source: &'a PinSource,
    /// The option, variable or configuration key that sets the source, for errors.
    pub(super) name: &'a str,
    pub(super) role: Role,
}

impl Context {
    pub(super) fn wanted(&self, user: UserType) -> Wanted<'_> {
        let settings = &self.settings;
        match (user, &settings.reserved_pin) {
            (UserType::User, Some(reserved)) if self.takes_reserved_pin.get() => {
                Wanted { source: &reserved.pin, name: &reserved.pin_name, role: Role::User }
            }
            (UserType::User, _) => {
                Wanted { source: &settings.pin, name: &settings.pin_name, role: Role::User }
            }
            (UserType::SecurityOfficer, _) => {
                Wanted { source: &settings.so_pin, name: &settings.so_pin_name, role: Role::SecurityOfficer }
            }
        }
    }

    /// Allows the PIN of a profile if it is for this token, even if the token was selected by another source: for example by
    /// serial number, where two tokens share the label in the profile.
    pub(super) fn meet(&self, token: &TokenInfo) {
        let is_for = |reserved: &Reserved| token.is_chosen_by(&reserved.token);
        self.takes_reserved_pin.set(self.settings.reserved_pin.as_ref().is_some_and(is_for));
    }

    /// Reads a PIN from its source. Standard input as a source cannot be used for anything else.
    pub fn read_pin(&self, source: &PinSource, role: Role, subject: &str) -> Result<Pin> {
        if source.uses_stdin() {
            self.stdin.claim_for_good("the PIN")?;
        }
        if !source.is_repeatable() {
            self.pin_is_spent.set(true);
        }
        self.warn_about_permissions(source);
        let prompt = self.settings.prompt(subject);
        let prompt = match self.settings.target {
            Target::Embedded { .. } => prompt.at_least(embedded::MIN_PIN_CHARACTERS),
            Target::Module { .. } => prompt,
        };
        Ok(source.read(role, &prompt)?)
    }

    pub(super) fn warn_about_permissions(&self, source: &PinSource) {
        if let PinSource::File(path) = source
            && crate::secret::readable_by_others(path)
        {
            self.ui.warning(format!("other users can read the PIN file {}", path.display()));
            self.ui.hint(format!("chmod 600 {}", shell_word(path)));
        }
    }

    /// A new PIN in the form the token expects: stretched for the embedded token.
    pub fn as_token_takes(&self, user: UserType, pin: Pin) -> Result<Pin> {
        match &self.settings.target {
            Target::Embedded { dir } => Ok(Store::open(dir, self.settings.sharing)?.stretch_new(user, &pin)?),
            Target::Module { .. } => Ok(pin),
        }
    }

    pub(super) fn embedded_pin(&self, store: &Store, user: UserType) -> Result<LoginPin> {
        let Wanted { source, name, role } = self.wanted(user);
        // The label is on the token, which is not open yet.
        let subject = match &self.settings.target {
            Target::Embedded { dir } => format!("the embedded token in {}", safe(&dir.to_string_lossy())),
            Target::Module { .. } => "the token".to_owned(),
        };
        let pin = self.read_pin(source, role, &subject)?;
        let (pin, from_person) = (Some(store.stretch(user, &pin)?), source.is_person());
        Ok(LoginPin { pin, from_person, source: name.to_owned() })
    }

    /// Returns `None` if the token requires no login and no PIN or an empty one was given, as with an NSS database without a
    /// password. The result has no PIN if it is to be entered on the token's key pad.
    pub(super) fn module_pin(&self, token: &TokenInfo, user: UserType) -> Result<Option<LoginPin>> {
        self.meet(token);
        let Wanted { source, name, role } = self.wanted(user);
        // A given PIN takes precedence: tokens with a key pad accept one from the program too.
        if token.has_protected_path() && source.is_person() {
            self.ui.status("enter the PIN on the token's own key pad");
            return Ok(Some(LoginPin { pin: None, from_person: true, source: String::new() }));
        }
        if user == UserType::User && !token.login_required() && source.is_person() {
            return Ok(None);
        }
        let asks_for_none = user == UserType::User && (!token.login_required() || !token.user_pin_is_set());
        let pin = match self.read_pin(source, role, &format!("token {:?}", token.label)) {
            Err(error) if asks_for_none && matches!(error.downcast_ref(), Some(PinError::Empty(_))) => {
                return Ok(None);
            }
            pin => pin?,
        };
        Ok(Some(LoginPin { pin: Some(pin), from_person: source.is_person(), source: name.to_owned() }))
    }
}
