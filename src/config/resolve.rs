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
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::secret::Secret;

    fn at_home() -> Environment {
        Environment { home: Some("/home/ada".into()), ..Environment::default() }
    }

    fn resolve(global: &Global, env: &Environment) -> Settings {
        Settings::resolve(global, None, env).expect("valid")
    }

    fn module(path: &str) -> Target {
        Target::Module { path: path.into(), args: None }
    }

    fn embedded(dir: &str) -> Target {
        Target::Embedded { dir: dir.into() }
    }

    /// A directory with a configuration whose only profile is the default.
    fn with_profile(text: &str) -> (tempfile::TempDir, Environment) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("config.toml");
        fs::write(&path, format!("default-profile = 'p'\n[profile.p]\n{text}")).expect("written");
        (dir, Environment { config: Some(path), ..at_home() })
    }

    #[test]
    fn the_default_is_the_embedded_token_and_a_person() {
        let settings = resolve(&Global::default(), &at_home());
        assert_eq!(settings.target, embedded("/home/ada/.local/share/kmsctl"));
        assert_eq!(settings.token, TokenChoice::Only);
        assert!(settings.pin.is_person() && settings.so_pin.is_person());
        assert_eq!(settings.lock_timeout, Duration::from_secs(30));
        let homeless = Settings::resolve(&Global::default(), None, &Environment::default());
        assert!(matches!(homeless, Err(ConfigError::NoHome)));
    }

    #[test]
    fn option_beats_environment_beats_profile() {
        let (_dir, mut env) =
            with_profile("module = '/profile.so'\ntoken = 'p'\nlock-timeout = 5\noutput = 'json'");
        let settings = resolve(&Global::default(), &env);
        assert_eq!(settings.target, module("/profile.so"));
        assert_eq!(settings.token, TokenChoice::Named("p".to_owned()));
        assert_eq!(settings.lock_timeout, Duration::from_secs(5));
        assert!(settings.json);
        env.module = Some("/environment.so".into());
        assert_eq!(resolve(&Global::default(), &env).target, module("/environment.so"));
        let store = Global { store: Some("/option".into()), lock_timeout: Some(1), ..Global::default() };
        let settings = resolve(&store, &env);
        assert_eq!(settings.target, embedded("/option"));
        assert_eq!(settings.lock_timeout, Duration::from_secs(1));
    }

    #[test]
    fn a_profile_for_one_token_does_not_serve_another() {
        let (_dir, env) = with_profile("module = '/a.so'\ntoken = 'p'\npin-file = '/pin'\nmodule-args = 'x'");
        let other = Global { module: Some("/b.so".into()), ..Global::default() };
        let settings = resolve(&other, &env);
        assert_eq!(settings.target, module("/b.so"));
        assert_eq!(settings.token, TokenChoice::Only);
        assert!(settings.pin.is_person());
        let other = Global { token: Some("q".to_owned()), ..Global::default() };
        let settings = resolve(&other, &env);
        assert_eq!(settings.target, Target::Module { path: "/a.so".into(), args: Some("x".to_owned()) });
        assert!(settings.pin.is_person());
        let same = Global { token: Some("p".to_owned()), ..Global::default() };
        assert_eq!(resolve(&same, &env).pin.to_string(), "file /pin");
    }

    #[test]
    fn a_uri_names_module_token_and_pin() {
        let text = "pkcs11:token=prod?module-path=/m.so&pin-source=file:/run/pin";
        let by_token = Global { token: Some(text.to_owned()), ..Global::default() };
        let key: Uri = text.parse().expect("valid");
        for settings in [
            resolve(&by_token, &at_home()),
            Settings::resolve(&Global::default(), Some(&key), &at_home()).expect("valid"),
        ] {
            assert_eq!(settings.target, module("/m.so"));
            assert_eq!(settings.token, TokenChoice::Uri(Box::new(key.clone())));
            assert_eq!(settings.pin.to_string(), "file /run/pin");
        }
        let only_object: Uri = "pkcs11:object=web".parse().expect("valid");
        let settings = Settings::resolve(&Global::default(), Some(&only_object), &at_home()).expect("valid");
        assert_eq!(settings.token, TokenChoice::Only);
    }

    #[test]
    fn settings_of_equal_rank_exclude_each_other() {
        let conflict = |global: Global, uri: Option<&str>| {
            let uri = uri.map(|uri| uri.parse::<Uri>().expect("valid"));
            Settings::resolve(&global, uri.as_ref(), &at_home()).expect_err("conflict").to_string()
        };
        let store = || Some(PathBuf::from("/s"));
        let both = Global { store: store(), module: Some("/m".into()), ..Global::default() };
        assert_eq!(conflict(both, None), "a store and a module exclude each other");
        let store = Global { store: store(), ..Global::default() };
        assert_eq!(
            conflict(store, Some("pkcs11:?module-path=/m")),
            "a store and a module exclude each other"
        );
        let token = Global { token: Some("a".to_owned()), ..Global::default() };
        assert_eq!(
            conflict(token, Some("pkcs11:token=b")),
            "a token and a token in the key's URI exclude each other"
        );
    }

    #[test]
    fn the_environment_may_hold_a_store_beside_a_module() {
        let env = Environment { store: Some("/s".into()), module: Some("/m".into()), ..at_home() };
        assert_eq!(resolve(&Global::default(), &env).target, module("/m"));
    }

    /// Takes the strongest PIN source away, one after the other.
    #[test]
    fn the_first_pin_source_wins() {
        let (dir, mut env) = with_profile("pin-file = '/profile'");
        fs::write(dir.path().join("kmsctl-pin"), "1234").expect("written");
        env.credentials_directory = Some(dir.path().into());
        env.pin = Some(Secret::new(b"1234".to_vec()));
        env.pin_file = Some("/environment".into());
        let mut global = Global {
            pin_file: Some("/option".into()),
            pin_fd: Some(7),
            pin_command: Some("pass".to_owned()),
            ..Global::default()
        };
        let mut uri = Some("pkcs11:?pin-source=/uri".parse::<Uri>().expect("valid"));
        let mut expect = |change: &mut dyn FnMut(&mut Global, &mut Environment, &mut Option<Uri>),
                          source: &str| {
            change(&mut global, &mut env, &mut uri);
            let settings = Settings::resolve(&global, uri.as_ref(), &env).expect("valid");
            assert_eq!(settings.pin.to_string(), source);
        };
        expect(&mut |_, _, _| (), "file /option");
        expect(&mut |global, _, _| global.pin_file = None, "file descriptor 7");
        expect(&mut |global, _, _| global.pin_fd = None, "the PIN command");
        expect(&mut |global, _, _| global.pin_command = None, "KMSCTL_PIN");
        expect(&mut |_, env, _| env.pin = None, "file /environment");
        expect(&mut |_, env, _| env.pin_file = None, "file /profile");
        expect(&mut |_, env, _| env.config = None, "file /uri");
        let credential = format!("file {}", dir.path().join("kmsctl-pin").display());
        expect(&mut |_, _, uri| *uri = None, &credential);
        expect(&mut |_, env, _| env.credentials_directory = Some("/nonexistent".into()), "the terminal");
    }

    #[test]
    fn the_security_officer_has_sources_of_their_own() {
        let env =
            Environment { pin_file: Some("/user".into()), so_pin_file: Some("/so".into()), ..at_home() };
        let settings = resolve(&Global::default(), &env);
        assert_eq!(settings.so_pin.to_string(), "file /so");
        let global = Global { so_pin_file: Some("-".into()), ..Global::default() };
        assert!(resolve(&global, &env).so_pin.uses_stdin());
    }

    #[test]
    fn a_uri_cannot_run_a_command() {
        for (text, path) in
            [("file:/run/pin", "/run/pin"), ("file:///run/pin", "/run/pin"), ("/a:b", "/a:b"), ("pin", "pin")]
        {
            assert!(
                matches!(pin_source(text), Ok(PinSource::File(file)) if file == Path::new(path)),
                "{text}"
            );
        }
        for text in ["|echo 1234", "| cat", "http://example.com/pin", "file:", ""] {
            assert!(pin_source(text).is_err(), "{text}");
        }
    }

    #[test]
    fn colour_follows_the_conventions() {
        let color = |global: Option<ColorWhen>, env: Environment| {
            resolve(
                &Global { color: global, ..Global::default() },
                &Environment { home: Some("/".into()), ..env },
            )
            .color
        };
        let plain = || Environment { no_color: true, ..Environment::default() };
        assert_eq!(color(None, plain()), ColorWhen::Never);
        assert_eq!(color(Some(ColorWhen::Always), plain()), ColorWhen::Always);
        let forced = Environment { clicolor_force: true, ..Environment::default() };
        assert_eq!(color(None, forced), ColorWhen::Always);
        let dumb = Environment { term: Some("dumb".to_owned()), ..Environment::default() };
        assert_eq!(color(None, dumb), ColorWhen::Never);
    }

    #[test]
    fn origins_tell_everything_but_pins() {
        let (_dir, mut env) = with_profile("lock-timeout = 5");
        env.pin = Some(Secret::new(b"hunter2".to_vec()));
        let global = Global { token: Some("prod".to_owned()), ..Global::default() };
        let settings = resolve(&global, &env);
        let origin = |name| settings.origins.iter().find(|setting| setting.name == name).expect(name);
        assert_eq!(origin("token").origin, Origin::Option);
        assert_eq!(origin("lock-timeout").origin, Origin::Profile("p".to_owned()));
        assert_eq!(origin("config").origin, Origin::Environment);
        assert_eq!(origin("pin").value, "KMSCTL_PIN");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
