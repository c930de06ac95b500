//! One source of settings: the options, the environment or a profile, brought to one shape.

use std::path::PathBuf;

use super::{
    ConfigError, Environment, Origin,
    file::{Format, Profile, Sort},
    pin_source::{in_uri, read_uri_source},
};
use crate::{
    cli::{ColorWhen, Global, Mode, SortField},
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
    /// The strongest first.
    pub(super) pins: Vec<PinSource>,
    /// The token that they are for, where the source is a profile that names one.
    pub(super) pin_token: Option<TokenChoice>,
    /// In a URI of this source: weaker than its other PIN sources, stronger than all of weaker layers.
    pub(super) pin_in_uri: Option<PinSource>,
    pub(super) so_pin: Option<PinSource>,
    pub(super) lock_timeout: Option<u64>,
    pub(super) color: Option<ColorWhen>,
    pub(super) json: bool,
    pub(super) sort: Option<SortField>,
    pub(super) mode: Option<Mode>,
    pub(super) shared_group: Option<String>,
}

impl Layer {
    pub(super) fn of_options(global: &Global, uri: Option<&Uri>) -> Result<Self, ConfigError> {
        let named = token(global.token.as_deref(), global.slot)?;
        let of_key = uri.filter(|uri| uri.of_token().is_some()).map(|uri| {
            // What kmsctl does not know may be about the key, which is then not found.
            TokenChoice::Uri(Box::new(Uri { unknown: Vec::new(), ..uri.clone() }))
        });
        if named.is_some() && of_key.is_some() {
            return Err(ConfigError::Conflict { first: "a token", second: "a token in the key's URI" });
        }
        let file = |path: &PathBuf| match path.to_str() {
            Some("-") => PinSource::Fd(0),
            _ => PinSource::File(path.clone()),
        };
        let command = global.pin_command.clone().map(PinSource::Command);
        let pin_in_uri = [uri, in_uri(named.as_ref())]
            .into_iter()
            .flatten()
            .find_map(|uri| uri.pin_source.as_deref())
            .map(read_uri_source)
            .transpose()?;
        Ok(Self {
            origin: Origin::Option,
            store: global.store.clone(),
            module: global.module.clone().or_else(|| module_in(uri)),
            module_args: global.module_args.clone(),
            token: named.or(of_key),
            records: global.records.clone(),
            pins: [global.pin_file.as_ref().map(file), global.pin_fd.map(PinSource::Fd), command]
                .into_iter()
                .flatten()
                .collect(),
            pin_token: None,
            pin_in_uri,
            so_pin: global.so_pin_file.as_ref().map(file).or(global.so_pin_fd.map(PinSource::Fd)),
            lock_timeout: global.lock_timeout,
            color: global.color,
            json: global.json,
            // An option of `key list` alone, which goes before this.
            sort: None,
            mode: None,
            shared_group: None,
        })
    }

    pub(super) fn of_environment(env: &Environment) -> Result<Self, ConfigError> {
        let variable =
            |name, value: &Option<_>| value.clone().map(|value| PinSource::Variable { name, value });
        let file = |path: &Option<PathBuf>| path.clone().map(PinSource::File);
        let token = token(env.token.as_deref(), None)?;
        Ok(Self {
            origin: Origin::Environment,
            store: env.store.clone(),
            module: env.module.clone(),
            module_args: env.module_args.clone(),
            pin_in_uri: pin_in_token(token.as_ref())?,
            token,
            records: env.records.clone(),
            pin_token: None,
            pins: [variable("KMSCTL_PIN", &env.pin), file(&env.pin_file)].into_iter().flatten().collect(),
            so_pin: variable("KMSCTL_SO_PIN", &env.so_pin).or_else(|| file(&env.so_pin_file)),
            lock_timeout: None,
            color: env.color(),
            json: false,
            sort: None,
            mode: None,
            shared_group: None,
        })
    }

    pub(super) fn of_profile(profile: Profile) -> Result<Self, ConfigError> {
        if profile.pin_file.is_some() && profile.pin_command.is_some() {
            return Err(ConfigError::Conflict { first: "pin-file", second: "pin-command" });
        }
        let token = token(profile.token.as_deref(), profile.slot)?;
        Ok(Self {
            origin: Origin::Profile(profile.name),
            store: profile.store,
            module: profile.module,
            module_args: profile.module_args,
            pin_in_uri: pin_in_token(token.as_ref())?,
            pin_token: token.clone(),
            token,
            records: profile.records,
            pins: [profile.pin_file.map(PinSource::File), profile.pin_command.map(PinSource::Command)]
                .into_iter()
                .flatten()
                .collect(),
            so_pin: None,
            lock_timeout: profile.lock_timeout,
            color: profile.color.map(ColorWhen::from),
            json: profile.output == Some(Format::Json),
            sort: profile.sort.map(|Sort(field)| field),
            mode: profile.mode.map(Mode::from),
            shared_group: profile.shared_group,
        })
    }

    /// Whether it says where the token is in one way only. In the environment both ways may well be set in one session;
    /// the module stands in place of the embedded token.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match (&self.store, self.module()) {
            (Some(_), Some(_)) if self.origin != Origin::Environment => {
                Err(ConfigError::Conflict { first: "a store", second: "a module" })
            }
            _ => Ok(()),
        }
    }

    /// The module that this source wants, by itself or in its token's URI.
    pub(super) fn module(&self) -> Option<PathBuf> {
        self.module.clone().or_else(|| module_in(in_uri(self.token.as_ref())))
    }

    /// Whether it says where the token is.
    pub(super) fn is_place(&self) -> bool {
        self.module().is_some() || self.store.is_some()
    }

    /// Whether both mean the same module, or the same store. A module of a layer stands before its store.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        match (self.module(), other.module()) {
            (None, None) => self.store == other.store,
            (one, other) => one == other,
        }
    }
}

fn pin_in_token(token: Option<&TokenChoice>) -> Result<Option<PinSource>, ConfigError> {
    in_uri(token).and_then(|uri| uri.pin_source.as_deref()).map(read_uri_source).transpose()
}

fn token(text: Option<&str>, slot: Option<u64>) -> Result<Option<TokenChoice>, ConfigError> {
    match (text, slot) {
        (Some(_), Some(_)) => Err(ConfigError::Conflict { first: "a token", second: "a slot" }),
        (Some(text), None) if Uri::is_meant(text) => text
            .parse()
            .map(|uri| Some(TokenChoice::Uri(Box::new(uri))))
            .map_err(|reason| ConfigError::Invalid { setting: "token", reason }),
        (Some(text), None) => Ok(Some(TokenChoice::Named(text.to_owned()))),
        (None, slot) => Ok(slot.map(TokenChoice::Slot)),
    }
}

fn module_in(uri: Option<&Uri>) -> Option<PathBuf> {
    uri.and_then(|uri| uri.module_path.clone())
}
