//! One source of settings: the options, the environment or a profile, in a common form.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr};

use super::{
    ConfigError, Environment, Origin, Overridden,
    file::Profile,
    pin_source::{in_uri, read_uri_source},
};
use crate::{
    cli::Global,
    model::{Invalid, Uri},
    secret::{PinSource, Secret},
    setting::{self, ALL, Kind, Role, Setting, Values},
    token::{Facts, KeyAttributes, TokenChoice},
};

/// The settings of one source.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) origin: Origin,
    pub(super) values: Values,
    /// PINs by the name of their variable.
    secrets: BTreeMap<&'static str, Secret>,
    pub(super) token: Option<TokenChoice>,
    /// The token that its PINs are for, if it is a profile that names one.
    pub(super) pin_token: Option<TokenChoice>,
    /// From a URI of this source: weaker than its other PIN sources, stronger than those of weaker layers.
    pub(super) pin_in_uri: Option<PinSource>,
}

impl Layer {
    fn new(origin: Origin, values: Values) -> Result<Self, ConfigError> {
        let token = token(&values)?;
        let pin_in_uri = pin_in(in_uri(token.as_ref()))?;
        Ok(Self { origin, values, secrets: BTreeMap::new(), token, pin_token: None, pin_in_uri })
    }

    pub(super) fn of_options(global: &Global, uri: Option<&Uri>) -> Result<Self, ConfigError> {
        let mut layer = Self::new(Origin::Option, global.values.clone())?;
        let Some(uri) = uri else { return Ok(layer) };
        if uri.of_token().is_some() {
            if layer.token.is_some() {
                return Err(ConfigError::Conflict { first: "a token", second: "a token in the key's URI" });
            }
            // Unknown attributes may be about the key, which is then not found.
            layer.token = Some(TokenChoice::Uri(Box::new(Uri { unknown: Vec::new(), ..uri.clone() })));
        }
        if let Some(module) = uri.module_path.clone().filter(|_| !layer.values.has(&setting::MODULE)) {
            layer.values.set(&setting::MODULE, module);
        }
        layer.pin_in_uri = pin_in(Some(uri))?.or(layer.pin_in_uri);
        Ok(layer)
    }

    pub(super) fn of_environment(env: &Environment) -> Result<Self, ConfigError> {
        let layer = Self::new(Origin::Environment, env.values.clone())?;
        Ok(Self { secrets: env.secrets.clone(), ..layer })
    }

    pub(super) fn of_profile(profile: Profile) -> Result<Self, ConfigError> {
        if profile.values.has(&setting::PIN_FILE) && profile.values.has(&setting::PIN_COMMAND) {
            return Err(ConfigError::Conflict { first: "pin-file", second: "pin-command" });
        }
        let layer = Self::new(Origin::Profile(profile.name), profile.values)?;
        Ok(Self { pin_token: layer.token.clone(), ..layer })
    }

    /// Fails if it names both a store and a module. The environment may: both variables may be set in one session, and the
    /// module then takes precedence.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.values.has(&setting::STORE) && self.module().is_some() && self.origin != Origin::Environment {
            return Err(ConfigError::Conflict { first: "a store", second: "a module" });
        }
        self.facts()?;
        self.key_attributes()?;
        Ok(())
    }

    pub(super) fn facts(&self) -> Result<Option<Facts>, ConfigError> {
        self.parsed(&setting::LEARNT)
    }

    pub(super) fn key_attributes(&self) -> Result<Option<KeyAttributes>, ConfigError> {
        self.parsed(&setting::KEY_ATTRIBUTES)
    }

    fn parsed<T: FromStr<Err = Invalid>>(&self, setting: &Setting) -> Result<Option<T>, ConfigError> {
        let parsed = self.values.text(setting).map(|text| text.parse()).transpose();
        parsed.map_err(|reason| ConfigError::Invalid { setting: setting.name, reason })
    }

    pub(super) fn store(&self) -> Option<PathBuf> {
        self.values.path(&setting::STORE)
    }

    /// The module of this source, set directly or in the URI of its token.
    pub(super) fn module(&self) -> Option<PathBuf> {
        let in_token = || in_uri(self.token.as_ref()).and_then(|uri| uri.module_path.clone());
        self.values.path(&setting::MODULE).or_else(in_token)
    }

    /// Whether it names a store or a module.
    pub(super) fn is_place(&self) -> bool {
        self.module().is_some() || self.values.has(&setting::STORE)
    }

    /// Whether both name the same module or the same store. In a layer, a module takes precedence over a store.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        match (self.module(), other.module()) {
            (None, None) => self.store() == other.store(),
            (one, other) => one == other,
        }
    }

    /// The PIN sources of a role, the strongest first.
    pub(super) fn pins(&self, role: Role) -> impl Iterator<Item = (&'static Setting, PinSource)> {
        let of_role = ALL.iter().filter(move |setting| setting.role == role);
        of_role.filter_map(|setting| Some((setting, self.pin(setting)?)))
    }

    fn pin(&self, setting: &'static Setting) -> Option<PinSource> {
        match setting.kind {
            Kind::Secret => setting.variable.and_then(|name| {
                self.secrets.get(name).map(|value| PinSource::Variable { name, value: value.clone() })
            }),
            Kind::File => self.values.path(setting).map(|path| match (&self.origin, path.to_str()) {
                (Origin::Option, Some("-")) => PinSource::Fd(0),
                _ => PinSource::File(path),
            }),
            Kind::Descriptor => self.values.number(setting).map(PinSource::Fd),
            _ => self.values.text(setting).map(PinSource::Command),
        }
    }

    /// Removes its settings about the place of the token, and returns them.
    pub(super) fn forget_place(&mut self) -> Vec<Overridden> {
        let mut removed = Vec::new();
        // The module may be in the token's URI, which is removed together with the PIN source in it.
        if let Some(module) = self.module() {
            self.values.take(&setting::MODULE);
            removed.push(self.overridden(setting::MODULE.name, module.display().to_string()));
        }
        let token = self.token.take().map(|token| token.to_string());
        self.pin_in_uri = None;
        for setting in ALL.iter().filter(|setting| setting.role == Role::Place) {
            let value = self.values.take(setting).map(|value| value.to_string_lossy().into_owned());
            let value = if setting.shown_as() == setting::TOKEN.name { None } else { value };
            removed.extend(value.map(|value| self.overridden(setting.name, value)));
        }
        removed.extend(token.map(|token| self.overridden(setting::TOKEN.name, token)));
        removed
    }

    /// Removes its sources of the user PIN, and returns them.
    pub(super) fn forget_pins(&mut self) -> Vec<Overridden> {
        let sources: Vec<_> = self.pins(Role::UserPin).collect();
        for setting in ALL.iter().filter(|setting| setting.role == Role::UserPin) {
            self.values.take(setting);
        }
        sources.into_iter().map(|(_, pin)| self.overridden("pin", pin.to_string())).collect()
    }

    pub(super) fn overridden(&self, name: &'static str, value: String) -> Overridden {
        Overridden { name, value, origin: self.origin.clone() }
    }
}

fn pin_in(uri: Option<&Uri>) -> Result<Option<PinSource>, ConfigError> {
    uri.and_then(|uri| uri.pin_source.as_deref()).map(read_uri_source).transpose()
}

fn token(values: &Values) -> Result<Option<TokenChoice>, ConfigError> {
    match (values.text(&setting::TOKEN), values.number(&setting::SLOT)) {
        (Some(_), Some(_)) => Err(ConfigError::Conflict { first: "a token", second: "a slot" }),
        (Some(text), None) if Uri::is_meant(&text) => text
            .parse()
            .map(|uri| Some(TokenChoice::Uri(Box::new(uri))))
            .map_err(|reason| ConfigError::Invalid { setting: setting::TOKEN.name, reason }),
        (Some(text), None) => Ok(Some(TokenChoice::Named(text))),
        (None, slot) => Ok(slot.map(TokenChoice::Slot)),
    }
}
