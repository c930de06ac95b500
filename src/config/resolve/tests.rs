//! Which source of a setting wins, and which exclude each other.

use std::fs;

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
fn option_beats_environment_beats_the_default_profile() {
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

/// The profile `p` is named on the command line.
fn typed() -> Global {
    Global { profile: Some("p".to_owned()), ..Global::default() }
}

fn row<'a>(settings: &'a Settings, name: &str) -> &'a Setting {
    settings.report.iter().find(|setting| setting.name == name).expect(name)
}

fn overridden(settings: &Settings, name: &str) -> Vec<String> {
    let in_words = |one: &Overridden| format!("{} {} ({})", one.name, one.value, one.origin);
    row(settings, name).overrides.iter().map(in_words).collect()
}

#[test]
fn a_profile_that_is_typed_beats_the_environment() {
    let (_dir, mut env) = with_profile("module = '/p.so'\npin-command = 'pass'\ncolor = 'always'");
    env.store = Some("/environment".into());
    env.token = Some("e".to_owned());
    env.records = Some("/records".into());
    env.module_args = Some("args".to_owned());
    env.pin_file = Some("/pin".into());
    env.no_color = true;
    let settings = resolve(&typed(), &env);
    assert_eq!(settings.target, module("/p.so"));
    assert_eq!(settings.token, TokenChoice::Only);
    assert_eq!(settings.records, None);
    assert_eq!(settings.pin_name, "pin-command of profile p");
    assert_eq!(settings.color, ColorWhen::Always);
    assert_eq!(overridden(&settings, "module"), ["store /environment (environment)"]);
    assert_eq!(overridden(&settings, "module-args"), ["module-args args (environment)"]);
    assert_eq!(overridden(&settings, "token"), ["token token \"e\" (environment)"]);
    assert_eq!(overridden(&settings, "records"), ["records /records (environment)"]);
    assert_eq!(overridden(&settings, "pin"), ["pin file /pin (environment)"]);
    // The same profile by its own file: weaker than the environment.
    let settings = resolve(&Global::default(), &env);
    assert_eq!(settings.target, embedded("/environment"));
    assert_eq!(settings.pin_name, "KMSCTL_PIN_FILE (/pin)");
    assert_eq!(settings.color, ColorWhen::Never);
    assert_eq!(overridden(&settings, "store"), ["module /p.so (profile p)"]);
}

#[test]
fn what_says_where_the_token_is_makes_weaker_words_about_it_void() {
    let (_dir, mut env) = with_profile("module = '/p.so'\nmodule-args = 'x'\ntoken = 'p'\nrecords = '/r'");
    env.token = Some("e".to_owned());
    // The token alone is no place: it is looked for in the profile's module.
    assert_eq!(
        resolve(&Global::default(), &env).target,
        Target::Module { path: "/p.so".into(), args: Some("x".to_owned()) }
    );
    let store = Global { store: Some("/s".into()), ..Global::default() };
    let settings = resolve(&store, &env);
    assert_eq!((&settings.target, &settings.token), (&embedded("/s"), &TokenChoice::Only));
    assert_eq!(settings.records, None);
    let in_uri = Global { token: Some("pkcs11:?module-path=/u.so".to_owned()), ..Global::default() };
    let settings = resolve(&in_uri, &env);
    assert_eq!(settings.target, module("/u.so"));
    assert_eq!(settings.records, None);
}

#[test]
fn a_pin_of_a_profile_is_for_its_token() {
    let (_dir, env) = with_profile("module = '/a.so'\ntoken = 'p'\npin-file = '/pin'\nmodule-args = 'x'");
    let other = Global { module: Some("/b.so".into()), ..Global::default() };
    let settings = resolve(&other, &env);
    assert_eq!(settings.target, module("/b.so"));
    assert_eq!(settings.token, TokenChoice::Only);
    assert!(settings.pin.is_person() && settings.reserved_pin.is_none());
    let other = Global { token: Some("q".to_owned()), ..Global::default() };
    let settings = resolve(&other, &env);
    assert_eq!(settings.target, Target::Module { path: "/a.so".into(), args: Some("x".to_owned()) });
    assert!(settings.pin.is_person());
    // By its serial number it may be the same one.
    let reserved = settings.reserved_pin.expect("kept for it");
    assert_eq!(
        (reserved.token, reserved.pin.to_string()),
        (TokenChoice::Named("p".to_owned()), "file /pin".to_owned())
    );
    let same = Global { token: Some("p".to_owned()), ..Global::default() };
    assert_eq!(resolve(&same, &env).pin.to_string(), "file /pin");
}

#[test]
fn a_mode_goes_with_the_place_of_its_profile() {
    let (_dir, env) = with_profile("module = '/a.so'\nmode = 'use'");
    let mode = |global: &Global| resolve(global, &env);
    assert!(mode(&Global::default()).allow(true).is_err());
    assert!(mode(&Global::default()).allow(false).is_ok());
    assert!(mode(&typed()).allow(true).is_err());
    let same = Global { module: Some("/a.so".into()), ..Global::default() };
    assert!(mode(&same).allow(true).is_err());
    let other = Global { store: Some("/s".into()), ..Global::default() };
    assert!(mode(&other).allow(true).is_ok());
}

#[test]
fn a_variable_does_not_replace_the_pin_in_a_typed_uri() {
    let env = Environment { pin_file: Some("/environment".into()), ..at_home() };
    let text = "pkcs11:token=prod?pin-source=/uri";
    let by_token = Global { token: Some(text.to_owned()), ..Global::default() };
    assert_eq!(resolve(&by_token, &env).pin.to_string(), "file /uri");
    let env = Environment { token: Some(text.to_owned()), ..env };
    assert_eq!(resolve(&Global::default(), &env).pin.to_string(), "file /environment");
    assert_eq!(
        resolve(&Global { store: Some("/s".into()), ..Global::default() }, &env).pin_name,
        "KMSCTL_PIN_FILE (/environment)"
    );
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
    assert_eq!(conflict(store, Some("pkcs11:?module-path=/m")), "a store and a module exclude each other");
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
    expect(&mut |global, _, _| global.pin_command = None, "file /uri");
    expect(&mut |_, _, uri| *uri = None, "KMSCTL_PIN");
    expect(&mut |_, env, _| env.pin = None, "file /environment");
    expect(&mut |_, env, _| env.pin_file = None, "file /profile");
    let credential = format!("file {}", dir.path().join("kmsctl-pin").display());
    expect(&mut |_, env, _| env.config = None, &credential);
    expect(&mut |_, env, _| env.credentials_directory = Some("/nonexistent".into()), "the terminal");
}

#[test]
fn the_security_officer_has_sources_of_their_own() {
    let env = Environment { pin_file: Some("/user".into()), so_pin_file: Some("/so".into()), ..at_home() };
    let settings = resolve(&Global::default(), &env);
    assert_eq!(settings.so_pin.to_string(), "file /so");
    let global = Global { so_pin_file: Some("-".into()), ..Global::default() };
    assert!(resolve(&global, &env).so_pin.uses_stdin());
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
    let origin = |name| row(&settings, name);
    assert_eq!(origin("token").origin, Origin::Option);
    assert_eq!(origin("lock-timeout").origin, Origin::Profile("p".to_owned()));
    assert_eq!(origin("config").origin, Origin::Environment);
    assert_eq!(origin("pin").value, "KMSCTL_PIN");
    assert!(!format!("{settings:?}").contains("hunter2"));
}
