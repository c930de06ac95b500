//! Finds the strongest source of each setting.

use std::{path::PathBuf, time::Duration};

use super::{
    ConfigError, Environment, Origin, Setting, Settings, Target, config_path, file::load_profile,
    layer::Layer,
};
use crate::{
    cli::{ColorWhen, Global, key::SortField},
    model::{Invalid, Uri},
    secret::PinSource,
    token::TokenChoice,
    trust::Sharing,
};

const LOCK_TIMEOUT: u64 = 30;

impl Settings {
    /// `uri` is the key's, if the command has one: it may also say where the token and the PIN are.
    pub fn resolve(global: &Global, uri: Option<&Uri>, env: &Environment) -> Result<Self, ConfigError> {
        let options = Layer::of_options(global, uri)?;
        let environment = Layer::of_environment(env)?;
        let profile = load_profile(global, env)?.map(Layer::of_profile).transpose()?;
        Resolver::new(options, environment, profile).settings(global, uri, env)
    }
}

/// The sources, strongest first, and what was found in them so far.
struct Resolver {
    layers: Vec<Layer>,
    origins: Vec<Setting>,
}

impl Resolver {
    fn new(options: Layer, environment: Layer, profile: Option<Layer>) -> Self {
        let profile = profile.map(|profile| profile.beneath(&[&options, &environment]));
        let layers = [Some(options), Some(environment), profile].into_iter().flatten().collect();
        Self { layers, origins: Vec::new() }
    }

    fn settings(
        mut self,
        global: &Global,
        uri: Option<&Uri>,
        env: &Environment,
    ) -> Result<Settings, ConfigError> {
        self.note_file(global, env);
        let target = self.target(env)?;
        let token = self.first("token", |layer| layer.token.clone(), TokenChoice::Only, ToString::to_string);
        let pin = self.pin(uri, &token, env)?;
        let so_pin =
            self.first("so-pin", |layer| layer.so_pin.clone(), PinSource::Prompt, ToString::to_string);
        let records = self.first(
            "records",
            |layer| layer.records.clone().map(Some),
            None,
            |records| {
                records.as_ref().map_or_else(|| "on the token".to_owned(), |dir| dir.display().to_string())
            },
        );
        let timeout =
            self.first("lock-timeout", |layer| layer.lock_timeout, LOCK_TIMEOUT, |s| format!("{s} s"));
        let color =
            self.first("color", |layer| layer.color, ColorWhen::Auto, |color| color.name().to_owned());
        let json = self.first(
            "output",
            |layer| layer.json.then_some(true),
            false,
            |json| {
                if *json { "json".to_owned() } else { "table".to_owned() }
            },
        );
        let sort =
            self.first("sort", |layer| layer.sort, SortField::default(), |field| field.name().to_owned());
        Ok(Settings {
            target,
            token,
            pin,
            so_pin,
            records,
            sharing: Sharing::NONE,
            lock_timeout: Duration::from_secs(timeout),
            use_final_try: global.use_final_try,
            no_input: global.no_input,
            json,
            quiet: global.quiet,
            verbose: global.verbose,
            color,
            sort,
            origins: self.origins,
        })
    }

    /// The strongest source's value, noted with its origin.
    fn first<T>(
        &mut self,
        name: &'static str,
        get: impl Fn(&Layer) -> Option<T>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let found = self.layers.iter().find_map(|layer| Some((get(layer)?, layer.origin.clone())));
        let (value, origin) = found.unwrap_or((default, Origin::Default));
        self.note(name, show(&value), origin);
        value
    }

    fn note(&mut self, name: &'static str, value: String, origin: Origin) {
        self.origins.push(Setting { name, value, origin });
    }

    fn note_file(&mut self, global: &Global, env: &Environment) {
        let origin = |option: bool, variable: bool| match (option, variable) {
            (true, _) => Origin::Option,
            (_, true) => Origin::Environment,
            _ => Origin::Default,
        };
        if let Ok(path) = config_path(global, env) {
            let origin = origin(global.config.is_some(), env.config.is_some());
            self.note("config", path.display().to_string(), origin);
        }
        let profile = self.layers.iter().find_map(|layer| match &layer.origin {
            Origin::Profile(name) => Some(name.clone()),
            _ => None,
        });
        let from = origin(global.profile.is_some(), env.profile.is_some());
        self.note("profile", profile.unwrap_or_else(|| "none".to_owned()), from);
    }

    fn target(&mut self, env: &Environment) -> Result<Target, ConfigError> {
        let strongest = self.layers.iter().find(|layer| layer.module().is_some() || layer.store.is_some());
        let (module, store, origin) = match strongest {
            Some(layer) => (layer.module(), layer.store.clone(), layer.origin.clone()),
            None => (None, Some(env.data_directory().ok_or(ConfigError::NoHome)?), Origin::Default),
        };
        match (module, store) {
            (Some(_), Some(_)) if origin != Origin::Environment => {
                Err(ConfigError::Conflict { first: "a store", second: "a module" })
            }
            (Some(path), _) => {
                self.note("module", path.display().to_string(), origin);
                let show = |args: &Option<String>| args.clone().unwrap_or_default();
                let args = self.first("module-args", |layer| layer.module_args.clone().map(Some), None, show);
                Ok(Target::Module { path, args })
            }
            (None, store) => {
                let dir = store.ok_or(ConfigError::NoHome)?;
                self.note("store", dir.display().to_string(), origin);
                Ok(Target::Embedded { dir })
            }
        }
    }

    /// Options, environment and profile come first; then the URIs; then what systemd provides; then a person.
    fn pin(
        &mut self,
        key: Option<&Uri>,
        token: &TokenChoice,
        env: &Environment,
    ) -> Result<PinSource, ConfigError> {
        let given = self.layers.iter().find_map(|layer| Some((layer.pin.clone()?, layer.origin.clone())));
        let of_token = if let TokenChoice::Uri(uri) = token { Some(&**uri) } else { None };
        let in_uri = [key, of_token].into_iter().flatten().find_map(|uri| uri.pin_source.as_deref());
        let credential = || {
            let path = env.credentials_directory.as_ref()?.join("kmsctl-pin");
            path.exists().then(|| (PinSource::File(path), Origin::SystemdCredential))
        };
        let (pin, origin) = match (given, in_uri) {
            (Some(given), _) => given,
            (None, Some(text)) => (pin_source(text)?, Origin::Uri),
            (None, None) => credential().unwrap_or((PinSource::Prompt, Origin::Default)),
        };
        self.note("pin", pin.to_string(), origin);
        Ok(pin)
    }
}

/// `pin-source` of a URI (RFC 7512, section 2.4): a file. Commands (`|…`) are refused: a URI is often data from
/// somebody else.
fn pin_source(text: &str) -> Result<PinSource, ConfigError> {
    let path = match text.split_once(':') {
        Some(("file", path)) => path.strip_prefix("//").unwrap_or(path),
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => "",
        _ if text.starts_with('|') => "",
        _ => text,
    };
    if path.is_empty() {
        let reason =
            Invalid::new(format!("only a file can be a source of the PIN, as in file:/run/pin: {text:?}"));
        return Err(ConfigError::Invalid { setting: "pin-source", reason });
    }
    Ok(PinSource::File(PathBuf::from(path)))
}

#[cfg(test)]
mod tests;
