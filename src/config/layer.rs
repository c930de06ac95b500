//! One source of settings: the options, the environment or a profile, brought to one shape.

use std::path::PathBuf;

use super::{
    ConfigError, Environment, Origin,
    file::{Format, Profile, Sort},
};
use crate::{
    cli::{ColorWhen, Global, key::SortField},
    model::Uri,
    secret::PinSource,
    token::TokenChoice,
};

/// What a source says; nothing where it says nothing.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) origin: Origin,
    pub(super) store: Option<PathBuf>,
    pub(super) module: Option<PathBuf>,
    pub(super) module_args: Option<String>,
    pub(super) token: Option<TokenChoice>,
    pub(super) records: Option<PathBuf>,
    pub(super) pin: Option<PinSource>,
    pub(super) so_pin: Option<PinSource>,
    pub(super) lock_timeout: Option<u64>,
    pub(super) color: Option<ColorWhen>,
    pub(super) json: bool,
    pub(super) sort: Option<SortField>,
}

impl Layer {
    pub(super) fn of_options(global: &Global, uri: Option<&Uri>) -> Result<Self, ConfigError> {
        let named = token(global.token.as_deref(), global.slot)?;
        let of_key = uri.filter(|uri| names_token(uri)).map(|uri| TokenChoice::Uri(Box::new(uri.clone())));
        if named.is_some() && of_key.is_some() {
            return Err(ConfigError::Conflict { first: "a token", second: "a token in the key's URI" });
        }
        let file = |path: &PathBuf| match path.to_str() {
            Some("-") => PinSource::Fd(0),
            _ => PinSource::File(path.clone()),
        };
        let command = || global.pin_command.clone().map(PinSource::Command);
        Ok(Self {
            origin: Origin::Option,
            store: global.store.clone(),
            module: global.module.clone().or_else(|| module_in(uri)),
            module_args: global.module_args.clone(),
            token: named.or(of_key),
            records: global.records.clone(),
            pin: global.pin_file.as_ref().map(file).or(global.pin_fd.map(PinSource::Fd)).or_else(command),
            so_pin: global.so_pin_file.as_ref().map(file).or(global.so_pin_fd.map(PinSource::Fd)),
            lock_timeout: global.lock_timeout,
            color: global.color,
            json: global.json,
            // An option of `key list` alone, which goes before this.
            sort: None,
        })
    }

    pub(super) fn of_environment(env: &Environment) -> Result<Self, ConfigError> {
        let variable =
            |name, value: &Option<_>| value.clone().map(|value| PinSource::Variable { name, value });
        let file = |path: &Option<PathBuf>| path.clone().map(PinSource::File);
        Ok(Self {
            origin: Origin::Environment,
            // Both may well be set in one session; the module stands in place of the embedded token.
            store: env.store.clone().filter(|_| env.module.is_none()),
            module: env.module.clone(),
            module_args: env.module_args.clone(),
            token: token(env.token.as_deref(), None)?,
            records: env.records.clone(),
            pin: variable("KMSCTL_PIN", &env.pin).or_else(|| file(&env.pin_file)),
            so_pin: variable("KMSCTL_SO_PIN", &env.so_pin).or_else(|| file(&env.so_pin_file)),
            lock_timeout: None,
            color: env.color(),
            json: false,
            sort: None,
        })
    }

    pub(super) fn of_profile(profile: Profile) -> Result<Self, ConfigError> {
        if profile.pin_file.is_some() && profile.pin_command.is_some() {
            return Err(ConfigError::Conflict { first: "pin-file", second: "pin-command" });
        }
        Ok(Self {
            origin: Origin::Profile(profile.name),
            store: profile.store,
            module: profile.module,
            module_args: profile.module_args,
            token: token(profile.token.as_deref(), profile.slot)?,
            records: profile.records,
            pin: profile.pin_file.map(PinSource::File).or(profile.pin_command.map(PinSource::Command)),
            so_pin: None,
            lock_timeout: profile.lock_timeout,
            color: profile.color.map(ColorWhen::from),
            json: profile.output == Some(Format::Json),
            sort: profile.sort.map(|Sort(field)| field),
        })
    }

    /// Whether it says where the token is in one way only.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match (&self.store, self.module()) {
            (Some(_), Some(_)) => Err(ConfigError::Conflict { first: "a store", second: "a module" }),
            _ => Ok(()),
        }
    }

    /// The module that this source wants, by itself or in its token's URI.
    pub(super) fn module(&self) -> Option<PathBuf> {
        let of_token = match &self.token {
            Some(TokenChoice::Uri(uri)) => module_in(Some(uri)),
            _ => None,
        };
        self.module.clone().or(of_token)
    }

    /// What is left of a profile where stronger sources name another token than it does: a PIN that is sent to
    /// the wrong token burns a try there.
    pub(super) fn beneath(self, stronger: &[&Self]) -> Self {
        let has_target = |layer: &Self| layer.module().is_some() || layer.store.is_some();
        if has_target(&self) && stronger.iter().any(|layer| has_target(layer)) {
            return Self { module_args: None, token: None, records: None, pin: None, ..self };
        }
        let other_token = |layer: &&Self| layer.token.is_some() && layer.token != self.token;
        if self.token.is_some() && stronger.iter().any(other_token) {
            return Self { records: None, pin: None, ..self };
        }
        self
    }
}

fn token(text: Option<&str>, slot: Option<u64>) -> Result<Option<TokenChoice>, ConfigError> {
    match (text, slot) {
        (Some(_), Some(_)) => Err(ConfigError::Conflict { first: "a token", second: "a slot" }),
        (Some(text), None) if text.starts_with(Uri::SCHEME) => text
            .parse()
            .map(|uri| Some(TokenChoice::Uri(Box::new(uri))))
            .map_err(|reason| ConfigError::Invalid { setting: "token", reason }),
        (Some(text), None) => Ok(Some(TokenChoice::Named(text.to_owned()))),
        (None, slot) => Ok(slot.map(TokenChoice::Slot)),
    }
}

fn module_in(uri: Option<&Uri>) -> Option<PathBuf> {
    uri.and_then(|uri| uri.module_path.as_ref()).map(PathBuf::from)
}

fn names_token(uri: &Uri) -> bool {
    uri.token.is_some()
        || uri.manufacturer.is_some()
        || uri.serial.is_some()
        || uri.model.is_some()
        || uri.slot_id.is_some()
}
