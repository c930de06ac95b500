//! The precedence of sources, and settings that exclude each other.

use std::fs;

use super::*;
use crate::setting::{ColorWhen, SortField};

const HOME: (&str, &str) = ("HOME", "/home/ada");

fn at_home() -> Environment {
    Environment::of(&[HOME])
}

/// A home directory and these variables.
fn with(variables: &[(&str, &str)]) -> Environment {
    Environment::of(&[&[HOME], variables].concat())
}

/// The options of a command line.
fn options<const N: usize>(values: [(&'static Setting, &str); N]) -> Global {
    Global::of(values)
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

/// A configuration whose only profile is the default.
struct Configured {
    directory: tempfile::TempDir,
}

fn with_profile(text: &str) -> Configured {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config.toml");
    fs::write(path, format!("default-profile = 'p'\n[profile.p]\n{text}")).expect("written");
    Configured { directory }
}

impl Configured {
    /// Adds variables.
    fn and(&self, variables: &[(&str, &str)]) -> Environment {
        let path = self.directory.path().join("config.toml");
        let path = path.to_str().expect("UTF-8");
        with(&[&[("KMSCTL_CONFIG", path)], variables].concat())
    }
}

#[test]
fn the_default_is_the_embedded_token_and_a_prompt() {
    let settings = resolve(&Global::default(), &at_home());
    assert_eq!(settings.target, embedded("/home/ada/.local/share/kmsctl"));
    assert_eq!(settings.token, TokenChoice::Only);
    assert!(settings.pin.is_person() && settings.so_pin.is_person());
    assert_eq!(settings.lock_timeout, Duration::from_secs(30));
    let homeless = Settings::resolve(&Global::default(), None, &Environment::default());
    assert!(matches!(homeless, Err(ConfigError::NoHome)));
}

#[test]
fn option_beats_environment_beats_the_default_profile() {
    let file = with_profile("module = '/profile.so'\ntoken = 'p'\nlock-timeout = 5\noutput = 'json'");
    let settings = resolve(&Global::default(), &file.and(&[]));
    assert_eq!(settings.target, module("/profile.so"));
    assert_eq!(settings.token, TokenChoice::Named("p".to_owned()));
    assert_eq!(settings.lock_timeout, Duration::from_secs(5));
    assert!(settings.json);
    let env = file.and(&[("KMSCTL_MODULE", "/environment.so")]);
    assert_eq!(resolve(&Global::default(), &env).target, module("/environment.so"));
    let store = options([(&setting::STORE, "/option"), (&setting::LOCK_TIMEOUT, "1")]);
    let settings = resolve(&store, &env);
    assert_eq!(settings.target, embedded("/option"));
    assert_eq!(settings.lock_timeout, Duration::from_secs(1));
}

fn color(settings: &Settings) -> ColorWhen {
    settings.values.choice(&setting::COLOR).expect("always there")
}

/// `--profile p`.
fn typed() -> Global {
    options([(&setting::PROFILE, "p")])
}

fn row<'a>(settings: &'a Settings, name: &str) -> &'a Reported {
    settings.report.iter().find(|setting| setting.name == name).expect(name)
}

fn overridden(settings: &Settings, name: &str) -> Vec<String> {
    let text = |one: &Overridden| format!("{} {} ({})", one.name, one.value, one.origin);
    row(settings, name).overrides.iter().map(text).collect()
}

#[test]
fn a_profile_option_beats_the_environment() {
    let file = with_profile("module = '/p.so'\npin-command = 'pass'\ncolor = 'always'");
    let env = file.and(&[
        ("KMSCTL_STORE", "/environment"),
        ("KMSCTL_TOKEN", "e"),
        ("KMSCTL_RECORDS", "/records"),
        ("KMSCTL_MODULE_ARGS", "args"),
        ("KMSCTL_PIN_FILE", "/pin"),
        ("NO_COLOR", "1"),
    ]);
    let settings = resolve(&typed(), &env);
    assert_eq!(settings.target, module("/p.so"));
    assert_eq!(settings.token, TokenChoice::Only);
    assert_eq!(settings.records, None);
    assert_eq!(settings.pin_name, "pin-command of profile p");
    assert_eq!(color(&settings), ColorWhen::Always);
    assert_eq!(overridden(&settings, "module"), ["store /environment (environment)"]);
    assert_eq!(overridden(&settings, "module-args"), ["module-args args (environment)"]);
    assert_eq!(overridden(&settings, "token"), ["token token \"e\" (environment)"]);
    assert_eq!(overridden(&settings, "records"), ["records /records (environment)"]);
    assert_eq!(overridden(&settings, "pin"), ["pin file /pin (environment)"]);
    // As the default profile, it is weaker than the environment.
    let settings = resolve(&Global::default(), &env);
    assert_eq!(settings.target, embedded("/environment"));
    assert_eq!(settings.pin_name, "KMSCTL_PIN_FILE (/pin)");
    assert_eq!(color(&settings), ColorWhen::Never);
    assert_eq!(overridden(&settings, "store"), ["module /p.so (profile p)"]);
}

#[test]
fn a_place_overrides_all_weaker_settings_about_the_place() {
    let file = with_profile("module = '/p.so'\nmodule-args = 'x'\ntoken = 'p'\nrecords = '/r'");
    let env = file.and(&[("KMSCTL_TOKEN", "e")]);
    // A token alone is not a place: it is looked up in the module of the profile.
    assert_eq!(
        resolve(&Global::default(), &env).target,
        Target::Module { path: "/p.so".into(), args: Some("x".to_owned()) }
    );
    let store = options([(&setting::STORE, "/s")]);
    let settings = resolve(&store, &env);
    assert_eq!((&settings.target, &settings.token), (&embedded("/s"), &TokenChoice::Only));
    assert_eq!(settings.records, None);
    let in_uri = options([(&setting::TOKEN, "pkcs11:?module-path=/u.so")]);
    let settings = resolve(&in_uri, &env);
    assert_eq!(settings.target, module("/u.so"));
    assert_eq!(settings.records, None);
}

#[test]
fn a_pin_of_a_profile_is_for_its_token() {
    let file = with_profile("module = '/a.so'\ntoken = 'p'\npin-file = '/pin'\nmodule-args = 'x'");
    let env = file.and(&[]);
    let other = options([(&setting::MODULE, "/b.so")]);
    let settings = resolve(&other, &env);
    assert_eq!(settings.target, module("/b.so"));
    assert_eq!(settings.token, TokenChoice::Only);
    assert!(settings.pin.is_person() && settings.reserved_pin.is_none());
    let other = options([(&setting::TOKEN, "q")]);
    let settings = resolve(&other, &env);
    assert_eq!(settings.target, Target::Module { path: "/a.so".into(), args: Some("x".to_owned()) });
    assert!(settings.pin.is_person());
    // Named by its serial number, it may be the same token.
    let reserved = settings.reserved_pin.expect("reserved");
    assert_eq!(
        (reserved.token, reserved.pin.to_string()),
        (TokenChoice::Named("p".to_owned()), "file /pin".to_owned())
    );
    let same = options([(&setting::TOKEN, "p")]);
    assert_eq!(resolve(&same, &env).pin.to_string(), "file /pin");
    // One that names no token is for that of the environment, and for a typed one if it is typed itself.
    let (file, other) = (with_profile("pin-file = '/pin'"), (&setting::MODULE, "/b.so"));
    assert!(resolve(&options([other]), &file.and(&[])).pin.is_person());
    for (global, env) in [
        (Global::default(), file.and(&[("KMSCTL_MODULE", "/b.so")])),
        (options([other, (&setting::PROFILE, "p")]), file.and(&[])),
    ] {
        assert_eq!(resolve(&global, &env).pin.to_string(), "file /pin");
    }
}

#[test]
fn a_mode_applies_to_the_place_of_its_profile() {
    let file = with_profile("module = '/a.so'\nmode = 'use'");
    let env = file.and(&[]);
    let mode = |global: &Global| resolve(global, &env);
    assert!(mode(&Global::default()).allow(true).is_err());
    assert!(mode(&Global::default()).allow(false).is_ok());
    assert!(mode(&typed()).allow(true).is_err());
    let same = options([(&setting::MODULE, "/a.so")]);
    assert!(mode(&same).allow(true).is_err());
    let other = options([(&setting::STORE, "/s")]);
    assert!(mode(&other).allow(true).is_ok());
    // A profile that names a token alone is for that one; one that names none is for each.
    for (profile, is_allowed) in [("token = 'p'\nmode = 'use'", true), ("mode = 'use'", false)] {
        let file = with_profile(profile);
        let settings = resolve(&other, &file.and(&[]));
        assert_eq!(settings.allow(true).is_ok(), is_allowed, "{profile}");
    }
}

#[test]
fn a_variable_does_not_replace_the_pin_in_a_typed_uri() {
    let env = with(&[("KMSCTL_PIN_FILE", "/environment")]);
    let text = "pkcs11:token=prod?pin-source=/uri";
    let by_token = options([(&setting::TOKEN, text)]);
    assert_eq!(resolve(&by_token, &env).pin.to_string(), "file /uri");
    let env = with(&[("KMSCTL_PIN_FILE", "/environment"), ("KMSCTL_TOKEN", text)]);
    assert_eq!(resolve(&Global::default(), &env).pin.to_string(), "file /environment");
    assert_eq!(resolve(&options([(&setting::STORE, "/s")]), &env).pin_name, "KMSCTL_PIN_FILE (/environment)");
}

#[test]
fn a_uri_names_module_token_and_pin() {
    let text = "pkcs11:token=prod?module-path=/m.so&pin-source=file:/run/pin";
    let by_token = options([(&setting::TOKEN, text)]);
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
    let both = options([(&setting::STORE, "/s"), (&setting::MODULE, "/m")]);
    assert_eq!(conflict(both, None), "a store and a module exclude each other");
    let store = options([(&setting::STORE, "/s")]);
    assert_eq!(conflict(store, Some("pkcs11:?module-path=/m")), "a store and a module exclude each other");
    let token = options([(&setting::TOKEN, "a")]);
    assert_eq!(
        conflict(token, Some("pkcs11:token=b")),
        "a token and a token in the key's URI exclude each other"
    );
}

#[test]
fn the_environment_may_hold_a_store_beside_a_module() {
    let env = with(&[("KMSCTL_STORE", "/s"), ("KMSCTL_MODULE", "/m")]);
    assert_eq!(resolve(&Global::default(), &env).target, module("/m"));
}

/// Removes the strongest PIN source, one after the other.
#[test]
fn the_first_pin_source_wins() {
    let file = with_profile("pin-file = '/profile'");
    let directory = file.directory.path();
    fs::write(directory.join("kmsctl-pin"), "1234").expect("written");
    let directory = directory.to_str().expect("UTF-8");
    let credential = format!("file {directory}/kmsctl-pin");
    let uri = "pkcs11:?pin-source=/uri".parse::<Uri>().expect("valid");
    let mut typed =
        vec![(&setting::PIN_FILE, "/option"), (&setting::PIN_FD, "7"), (&setting::PIN_COMMAND, "pass")];
    for source in ["file /option", "file descriptor 7", "the PIN command", "file /uri"] {
        let env = file.and(&[("KMSCTL_PIN", "1234"), ("KMSCTL_PIN_FILE", "/environment")]);
        let settings = Settings::resolve(&Global::of(typed.clone()), Some(&uri), &env).expect("valid");
        assert_eq!(settings.pin.to_string(), source);
        typed.drain(..typed.len().min(1));
    }
    let mut set = vec![
        ("CREDENTIALS_DIRECTORY", directory),
        ("KMSCTL_PIN_FILE", "/environment"),
        ("KMSCTL_PIN", "1234"),
    ];
    for source in ["KMSCTL_PIN", "file /environment", "file /profile"] {
        assert_eq!(resolve(&Global::default(), &file.and(&set)).pin.to_string(), source);
        set.pop();
    }
    let env = with(&[("CREDENTIALS_DIRECTORY", directory)]);
    assert_eq!(resolve(&Global::default(), &env).pin.to_string(), credential);
    let env = with(&[("CREDENTIALS_DIRECTORY", "/nonexistent")]);
    assert_eq!(resolve(&Global::default(), &env).pin.to_string(), "the terminal");
}

#[test]
fn the_so_pin_has_separate_sources() {
    let env = with(&[("KMSCTL_PIN_FILE", "/user"), ("KMSCTL_SO_PIN_FILE", "/so")]);
    let settings = resolve(&Global::default(), &env);
    assert_eq!(settings.so_pin.to_string(), "file /so");
    let global = options([(&setting::SO_PIN_FILE, "-")]);
    assert!(resolve(&global, &env).so_pin.uses_stdin());
}

#[test]
fn colour_follows_the_conventions() {
    let is = |option: &[(&'static Setting, &str)], variables: &[(&str, &str)]| {
        color(&resolve(&Global::of(option.iter().copied()), &with(variables)))
    };
    assert_eq!(is(&[], &[]), ColorWhen::Auto);
    assert_eq!(is(&[], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), ColorWhen::Never);
    assert_eq!(is(&[(&setting::COLOR, "always")], &[("NO_COLOR", "1")]), ColorWhen::Always);
    assert_eq!(is(&[], &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]), ColorWhen::Always);
    assert_eq!(is(&[], &[("CLICOLOR_FORCE", "0"), ("TERM", "dumb")]), ColorWhen::Never);
}

#[test]
fn a_setting_without_a_source_has_its_default() {
    let settings = resolve(&Global::default(), &at_home());
    assert_eq!(settings.values.choice(&setting::SORT), Some(SortField::Label));
    assert_eq!(row(&settings, "sort").origin, Origin::Default);
    let file = with_profile("sort = 'created'");
    let settings = resolve(&Global::default(), &file.and(&[]));
    assert_eq!(settings.values.choice(&setting::SORT), Some(SortField::Created));
}

#[test]
fn origins_are_reported_without_pins() {
    let file = with_profile("lock-timeout = 5");
    let env = file.and(&[("KMSCTL_PIN", "hunter2")]);
    let global = options([(&setting::TOKEN, "prod")]);
    let settings = resolve(&global, &env);
    let origin = |name| row(&settings, name);
    assert_eq!(origin("token").origin, Origin::Option);
    assert_eq!(origin("lock-timeout").origin, Origin::Profile("p".to_owned()));
    assert_eq!(origin("config").origin, Origin::Environment);
    assert_eq!(origin("pin").value, "KMSCTL_PIN");
    assert!(!format!("{settings:?}").contains("hunter2"));
}
