//! Finds the strongest source of each setting, and the values that it overrides.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    ConfigError, Environment, Origin, Overridden, ProfileInUse, Reported, Reserved, Settings, Target,
    config_path,
    file::{Loaded, check_module, load_profile},
    layer::Layer,
    stack::{PinFound, Stack},
};
use crate::{
    cli::Global,
    model::Uri,
    secret::PinSource,
    setting::{self, Kind, Role, Setting, Values},
    token::{Known, TokenChoice},
    trust::Sharing,
};

impl Settings {
    /// `uri` is the URI of the command's key, if given: it may also name the token, the module and the source of the PIN.
    pub fn resolve(global: &Global, uri: Option<&Uri>, env: &Environment) -> Result<Self, ConfigError> {
        let options = Layer::of_options(global, uri)?;
        let environment = Layer::of_environment(env)?;
        let loaded = load_profile(global, env)?;
        let mut resolver = Resolver { stack: Stack::default(), report: Vec::new() };
        resolver.report_file(global, env, loaded.as_ref());
        let file = loaded.as_ref().map(|loaded| loaded.path.clone());
        let profile = loaded.and_then(|loaded| loaded.profile).map(Layer::of_profile).transpose()?;
        let in_use = profile.as_ref().zip(file).and_then(|(profile, file)| match &profile.origin {
            Origin::Profile(name) => Some(ProfileInUse { name: name.clone(), file }),
            _ => None,
        });
        resolver.stack = Stack::new(options, environment, profile, global.values.has(&setting::PROFILE))?;
        resolver.settings(global, env, in_use)
    }
}

/// The sources, and the settings found so far.
struct Resolver {
    stack: Stack,
    report: Vec<Reported>,
}

impl Resolver {
    fn settings(
        mut self,
        global: &Global,
        env: &Environment,
        profile: Option<ProfileInUse>,
    ) -> Result<Settings, ConfigError> {
        let target = self.target(env)?;
        let token = self.find("token", |layer| layer.token.clone(), TokenChoice::Only, ToString::to_string);
        let pins = self.user_pins(&token, env);
        let (so_pin, so_pin_name) = self.so_pin();
        let show_records = |records: &Option<PathBuf>| {
            records.as_ref().map_or_else(|| "on the token".to_owned(), |dir| dir.display().to_string())
        };
        let records = |layer: &Layer| layer.values.path(&setting::RECORDS).map(Some);
        let records = self.find("records", records, None, show_records);
        let sharing = self.sharing()?;
        let known = self.known()?;
        let values = self.plain();
        let switch = |setting| global.values.has(setting);
        Ok(Settings {
            target,
            token,
            pin: pins.found.source,
            pin_name: pins.found.name,
            reserved_pin: pins.reserved,
            so_pin,
            so_pin_name,
            records,
            sharing,
            known,
            lock_timeout: Duration::from_secs(values.number(&setting::LOCK_TIMEOUT).unwrap_or_default()),
            use_final_try: switch(&setting::USE_FINAL_TRY),
            no_input: global.no_input(),
            json: values.raw(&setting::OUTPUT).is_some_and(|output| output == "json"),
            quiet: global.quiet(),
            verbose: global.verbose(),
            values,
            profile,
            report: self.report,
        })
    }

    /// Independent settings: the value of the strongest source, or the default.
    fn plain(&mut self) -> Values {
        let is_independent = |setting: &&Setting| setting.role == Role::Behaviour && setting.is_key;
        let found = setting::keys().filter(is_independent).map(|setting| {
            let get = |layer: &Layer| layer.values.text(setting);
            let unit = if matches!(setting.kind, Kind::Seconds) { " s" } else { "" };
            let default = setting.default.unwrap_or_default().to_owned();
            (setting, self.find(setting.name, get, default, |value| format!("{value}{unit}")))
        });
        found.collect()
    }

    /// The value of the strongest source. Reports it with its origin and the values that it overrides.
    fn find<T>(
        &mut self,
        name: &'static str,
        get: impl Fn(&Layer) -> Option<T>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let found = |layer: &Layer| Some((get(layer)?, layer.origin.clone()));
        let mut found = self.stack.layers.iter().filter_map(found);
        let (value, origin) = found.next().unwrap_or((default, Origin::Default));
        let weaker = found.map(|(value, origin)| Overridden { name, value: show(&value), origin });
        let mut overrides: Vec<_> = weaker.collect();
        overrides.extend(self.stack.take_overridden(&[name]));
        self.report.push(Reported { name, value: show(&value), origin, overrides });
        value
    }

    fn report_file(&mut self, global: &Global, env: &Environment, loaded: Option<&Loaded>) {
        let given = |setting| {
            [(&global.values, Origin::Option), (&env.values, Origin::Environment)]
                .into_iter()
                .filter_map(move |(values, origin)| Some((values.text(setting)?, origin)))
        };
        let default = config_path(global, env).ok().map(|path| (path.display().to_string(), Origin::Default));
        self.report_first(setting::CONFIG.name, given(&setting::CONFIG), default);
        let in_file = loaded.and_then(|loaded| loaded.default_profile.clone());
        let in_file = in_file.map(|name| (name, Origin::DefaultProfile));
        let default = Some(("none".to_owned(), Origin::Default));
        self.report_first(setting::PROFILE.name, given(&setting::PROFILE).chain(in_file), default);
    }

    /// Reports the first given value, or the default.
    fn report_first(
        &mut self,
        name: &'static str,
        mut given: impl Iterator<Item = (String, Origin)>,
        default: Option<(String, Origin)>,
    ) {
        let Some((value, origin)) = given.next().or(default) else { return };
        let overrides = given.map(|(value, origin)| Overridden { name, value, origin }).collect();
        self.report.push(Reported { name, value, origin, overrides });
    }

    fn target(&mut self, env: &Environment) -> Result<Target, ConfigError> {
        let (module, store, origin) = match self.stack.place() {
            Some(layer) => (layer.module(), layer.store(), layer.origin.clone()),
            None => (None, Some(env.data_directory().ok_or(ConfigError::NoHome)?), Origin::Default),
        };
        if let Some(path) = module {
            if matches!(origin, Origin::Profile(_)) {
                check_module(&path)?;
            }
            self.report_place("module", &path, origin, &["store", "module"]);
            let show = |args: &Option<String>| args.clone().unwrap_or_default();
            let args = |layer: &Layer| layer.values.text(&setting::MODULE_ARGS).map(Some);
            let args = self.find("module-args", args, None, show);
            return Ok(Target::Module { path, args });
        }
        let dir = store.ok_or(ConfigError::NoHome)?;
        self.report_place("store", &dir, origin, &["store", "module", "module-args"]);
        Ok(Target::Embedded { dir })
    }

    fn report_place(&mut self, name: &'static str, path: &Path, origin: Origin, instead_of: &[&str]) {
        let overrides = self.stack.take_overridden(instead_of);
        self.report.push(Reported { name, value: path.display().to_string(), origin, overrides });
    }

    /// The group that shares the store or the records directory of a profile.
    fn sharing(&mut self) -> Result<Sharing, ConfigError> {
        let group = |layer: &Layer| layer.values.text(&setting::SHARED_GROUP);
        let Some(default) = self.stack.layers.iter().find_map(group) else { return Ok(Sharing::NONE) };
        let group = self.find(setting::SHARED_GROUP.name, group, default, Clone::clone);
        Sharing::with_group(&group).map_err(ConfigError::UnknownGroup)
    }

    /// What the profile says about the token.
    fn known(&mut self) -> Result<Known, ConfigError> {
        for setting in [&setting::KEY_ATTRIBUTES, &setting::LEARNT] {
            let text = |layer: &Layer| layer.values.text(setting);
            if self.stack.layers.iter().any(|layer| layer.values.has(setting)) {
                self.find(setting.name, text, String::new(), Clone::clone);
            }
        }
        let mut known = Known::default();
        if let Some(layer) = self.stack.layers.iter().find(|layer| layer.values.has(&setting::LEARNT)) {
            known.facts = layer.facts()?.unwrap_or_default();
        }
        if let Some(layer) = self.stack.layers.iter().find(|layer| layer.values.has(&setting::KEY_ATTRIBUTES))
        {
            known.attributes = layer.key_attributes()?.unwrap_or_default();
        }
        Ok(known)
    }

    fn so_pin(&mut self) -> (PinSource, String) {
        let prompt = || PinFound::new(PinSource::Prompt, Origin::Default, None);
        let mut pins = self.stack.pins(Role::SoPin).into_iter();
        let found = pins.next().unwrap_or_else(prompt);
        let overrides = pins.map(|pin| Overridden { name: "so-pin", ..pin.overridden() }).collect();
        let (value, origin) = (found.source.to_string(), found.origin);
        self.report.push(Reported { name: "so-pin", value, origin, overrides });
        (found.source, found.name)
    }

    /// The sources of all layers, strongest first; then the credential of systemd; then a prompt.
    fn user_pins(&mut self, token: &TokenChoice, env: &Environment) -> UserPins {
        let credential =
            env.directory(&setting::CREDENTIALS_DIRECTORY).map(|directory| directory.join("kmsctl-pin"));
        let mut pins = self.stack.pins(Role::UserPin);
        pins.extend(
            credential
                .filter(|path| path.exists())
                .map(|path| PinFound::new(PinSource::File(path), Origin::SystemdCredential, None)),
        );
        pins.push(PinFound::new(PinSource::Prompt, Origin::Default, None));
        let mut pins = pins.into_iter();
        let (mut reserved, mut overrides) = (None, Vec::new());
        let found = loop {
            match pins.next() {
                // Not used for another token, where it would cost a try.
                Some(PinFound { token: Some(of), source, origin, name }) if of != *token => {
                    if reserved.is_some() {
                        overrides.push(Overridden { name: "pin", value: source.to_string(), origin });
                    }
                    reserved.get_or_insert(Reserved { token: of, pin: source, pin_name: name });
                }
                Some(found) => break found,
                None => break PinFound::new(PinSource::Prompt, Origin::Default, None),
            }
        };
        overrides.extend(pins.filter(|pin| pin.origin != Origin::Default).map(|pin| pin.overridden()));
        overrides.extend(self.stack.take_overridden(&["pin"]));
        let value = match &reserved {
            Some(Reserved { token, pin, .. }) => format!("{pin} for {token}, else {}", found.source),
            None => found.source.to_string(),
        };
        self.report.push(Reported { name: "pin", value, origin: found.origin.clone(), overrides });
        UserPins { found, reserved }
    }
}

/// The source of the user PIN, and one to prefer if the token is the one that it belongs to.
struct UserPins {
    found: PinFound,
    reserved: Option<Reserved>,
}

#[cfg(test)]
mod tests;
