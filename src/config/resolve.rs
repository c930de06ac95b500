//! Finds the strongest source of each setting, and what it overrides.

use std::{path::PathBuf, time::Duration};

use super::{
    ConfigError, Environment, Origin, Origins, Overridden, ProfileInUse, Reserved, Setting, Settings, Target,
    config_path,
    file::{Loaded, check_module, load_profile},
    layer::Layer,
    pin_source,
    stack::{PinFound, Stack},
};
use crate::{
    cli::{ColorWhen, Global, Mode, SortField},
    model::Uri,
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
        let loaded = load_profile(global, env)?;
        let mut resolver = Resolver { stack: Stack::default(), report: Vec::new() };
        resolver.report_file(global, env, loaded.as_ref());
        let file = loaded.as_ref().map(|loaded| loaded.path.clone());
        let profile = loaded.and_then(|loaded| loaded.profile).map(Layer::of_profile).transpose()?;
        let in_use = profile.as_ref().zip(file).and_then(|(profile, file)| match &profile.origin {
            Origin::Profile(name) => Some(ProfileInUse { name: name.clone(), file }),
            _ => None,
        });
        resolver.stack = Stack::new(options, environment, profile, global.profile.is_some())?;
        resolver.settings(global, env, in_use)
    }
}

/// The sources, and what was found in them so far.
struct Resolver {
    stack: Stack,
    report: Vec<Setting>,
}

impl Resolver {
    fn settings(
        mut self,
        global: &Global,
        env: &Environment,
        profile: Option<ProfileInUse>,
    ) -> Result<Settings, ConfigError> {
        let (target, target_origin, args_origin) = self.target(env)?;
        let (token, token_origin) =
            self.find("token", |layer| layer.token.clone(), TokenChoice::Only, ToString::to_string);
        let pins = self.user_pins(&token, env);
        let (so_pin, so_origin) =
            self.find("so-pin", |layer| layer.so_pin.clone(), PinSource::Prompt, ToString::to_string);
        let show_records = |records: &Option<PathBuf>| {
            records.as_ref().map_or_else(|| "on the token".to_owned(), |dir| dir.display().to_string())
        };
        let (records, records_origin) =
            self.find("records", |layer| layer.records.clone().map(Some), None, show_records);
        let sharing = self.sharing()?;
        let (mode, _) = self.find("mode", |layer| layer.mode, Mode::Manage, |mode| mode.name().to_owned());
        let (timeout, _) =
            self.find("lock-timeout", |layer| layer.lock_timeout, LOCK_TIMEOUT, |s| format!("{s} s"));
        let (color, _) =
            self.find("color", |layer| layer.color, ColorWhen::Auto, |color| color.name().to_owned());
        let show_output = |json: &bool| if *json { "json".to_owned() } else { "table".to_owned() };
        let (json, _) = self.find("output", |layer| layer.json.then_some(true), false, show_output);
        let (sort, _) =
            self.find("sort", |layer| layer.sort, SortField::default(), |field| field.name().to_owned());
        let origins = Origins {
            target: target_origin,
            module_args: args_origin,
            token: token_origin,
            records: records_origin,
            pin: pins.found.origin,
        };
        Ok(Settings {
            target,
            token,
            pin: pins.found.source,
            pin_name: pins.found.name,
            reserved_pin: pins.reserved,
            so_pin_name: pin_source::name(&so_pin, &so_origin, "so-"),
            so_pin,
            records,
            sharing,
            lock_timeout: Duration::from_secs(timeout),
            use_final_try: global.use_final_try,
            no_input: global.no_input,
            json,
            quiet: global.quiet,
            verbose: global.verbose,
            color,
            sort,
            mode,
            profile,
            origins,
            report: self.report,
        })
    }

    /// The strongest source's value, reported with its origin and with what it overrides.
    fn find<T>(
        &mut self,
        name: &'static str,
        get: impl Fn(&Layer) -> Option<T>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> (T, Origin) {
        let found = |layer: &Layer| Some((get(layer)?, layer.origin.clone()));
        let mut found = self.stack.layers.iter().filter_map(found);
        let (value, origin) = found.next().unwrap_or((default, Origin::Default));
        let weaker = found.map(|(value, origin)| Overridden { name, value: show(&value), origin });
        let mut overrides: Vec<_> = weaker.collect();
        overrides.extend(self.stack.take_set_aside(&[name]));
        self.report.push(Setting { name, value: show(&value), origin: origin.clone(), overrides });
        (value, origin)
    }

    fn report_file(&mut self, global: &Global, env: &Environment, loaded: Option<&Loaded>) {
        let text = |path: &PathBuf| path.display().to_string();
        let of_default = config_path(global, env).ok().map(|path| (text(&path), Origin::Default));
        self.report_first(
            "config",
            [
                global.config.as_ref().map(|path| (text(path), Origin::Option)),
                env.config.as_ref().map(|path| (text(path), Origin::Environment)),
            ],
            of_default,
        );
        let in_file = loaded.and_then(|loaded| loaded.default_profile.clone());
        self.report_first(
            "profile",
            [
                global.profile.clone().map(|name| (name, Origin::Option)),
                env.profile.clone().map(|name| (name, Origin::Environment)),
                in_file.map(|name| (name, Origin::DefaultProfile)),
            ],
            Some(("none".to_owned(), Origin::Default)),
        );
    }

    /// The first that is there is used; without any, the default.
    fn report_first<const N: usize>(
        &mut self,
        name: &'static str,
        given: [Option<(String, Origin)>; N],
        default: Option<(String, Origin)>,
    ) {
        let mut given = given.into_iter().flatten();
        let Some((value, origin)) = given.next().or(default) else { return };
        let overrides = given.map(|(value, origin)| Overridden { name, value, origin }).collect();
        self.report.push(Setting { name, value, origin, overrides });
    }

    /// Where the token is, and where that and the module's arguments came from.
    fn target(&mut self, env: &Environment) -> Result<(Target, Origin, Origin), ConfigError> {
        const PLACES: [&str; 2] = ["store", "module"];
        let (module, store, origin) = match self.stack.place() {
            Some(layer) => (layer.module(), layer.store.clone(), layer.origin.clone()),
            None => (None, Some(env.data_directory().ok_or(ConfigError::NoHome)?), Origin::Default),
        };
        if let Some(path) = module {
            if matches!(origin, Origin::Profile(_)) {
                check_module(&path)?;
            }
            let overrides = self.stack.take_set_aside(&PLACES);
            let value = path.display().to_string();
            self.report.push(Setting { name: "module", value, origin: origin.clone(), overrides });
            let show = |args: &Option<String>| args.clone().unwrap_or_default();
            let (args, from) =
                self.find("module-args", |layer| layer.module_args.clone().map(Some), None, show);
            return Ok((Target::Module { path, args }, origin, from));
        }
        let dir = store.ok_or(ConfigError::NoHome)?;
        let overrides = self.stack.take_set_aside(&["store", "module", "module-args"]);
        let value = dir.display().to_string();
        self.report.push(Setting { name: "store", value, origin: origin.clone(), overrides });
        Ok((Target::Embedded { dir }, origin, Origin::Default))
    }

    /// Who may share the store or the records of a profile.
    fn sharing(&mut self) -> Result<Sharing, ConfigError> {
        let Some(group) = self.stack.layers.iter().find_map(|layer| layer.shared_group.clone()) else {
            return Ok(Sharing::NONE);
        };
        self.find("shared-group", |layer| layer.shared_group.clone(), group.clone(), Clone::clone);
        Sharing::with_group(&group).map_err(ConfigError::UnknownGroup)
    }

    /// Sources by their layer, strongest first; then what systemd provides; then a person.
    fn user_pins(&mut self, token: &TokenChoice, env: &Environment) -> UserPins {
        let credential = env.credentials_directory.as_ref().map(|directory| directory.join("kmsctl-pin"));
        let mut pins = self.stack.pins();
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
                // A PIN that is sent to another token than the one that it is for burns a try there.
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
        overrides.extend(self.stack.take_set_aside(&["pin"]));
        let value = match &reserved {
            Some(Reserved { token, pin, .. }) => format!("{pin} for {token}, else {}", found.source),
            None => found.source.to_string(),
        };
        self.report.push(Setting { name: "pin", value, origin: found.origin.clone(), overrides });
        UserPins { found, reserved }
    }
}

/// The source of the user PIN, and the one that comes first if the token is the right one for it.
struct UserPins {
    found: PinFound,
    reserved: Option<Reserved>,
}

#[cfg(test)]
mod tests;
