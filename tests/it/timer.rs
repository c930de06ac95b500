//! `key timer`: every line that it prints runs unchanged in an environment without the variables of the printing run.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use crate::support::{
    DAY, START, TestEnv, field,
    output::Output,
    path_text, process,
    token::{self, on_both_tokens, softhsm_module},
};

on_both_tokens!(
    variables_are_written_to_the_unit,
    options_are_written_to_the_unit,
    profiles_are_named_not_copied,
    out_dir_writes_the_files,
    a_line_break_is_refused,
);

/// A unit as systemd parses it.
struct Service {
    lines: Vec<Vec<String>>,
    variables: BTreeMap<String, String>,
    credential: Option<String>,
    user: String,
}

/// The words of a unit's line (systemd.syntax(7), "Quoting"), with C escapes and the specifier `%%` resolved.
fn unit_words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(end)) if c == end => quote = None,
            ('\\', _) => match chars.next().expect("an escape") {
                c @ ('\\' | '"' | '\'') => word.get_or_insert_default().push(c),
                other => panic!("escape \\{other} in {line}"),
            },
            ('%', _) => {
                assert_eq!(chars.next(), Some('%'), "a specifier in {line}");
                word.get_or_insert_default().push('%');
            }
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "an open quote in {line}");
    words.extend(word);
    words
}

impl Service {
    fn read(text: &str) -> Self {
        let mut service =
            Self { lines: Vec::new(), variables: BTreeMap::new(), credential: None, user: String::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('[')) {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("{line:?} in {text}"));
            match name {
                // Only in ExecStart is `$$` a `$` (systemd.service(5), "Command lines").
                "ExecStart" => {
                    let word = |word: String| {
                        assert!(!word.replace("$$", "").contains('$'), "a variable in {line}");
                        word.replace("$$", "$")
                    };
                    service.lines.push(unit_words(value).into_iter().map(word).collect());
                }
                "Environment" => service.variables.extend(unit_words(value).into_iter().map(|pair| {
                    let (name, value) = pair.split_once('=').expect("name=value");
                    (name.to_owned(), value.to_owned())
                })),
                "LoadCredential" => {
                    let path = value.strip_prefix("kmsctl-pin:").expect("the credential that kmsctl reads");
                    service.credential = Some(path.replace("%%", "%"));
                }
                "User" => value.clone_into(&mut service.user),
                "Description" | "Documentation" | "Type" | "NoNewPrivileges" => {}
                other => panic!("{other}= in {text}"),
            }
        }
        service
    }

    /// Runs each line as systemd does, with the clock on this day.
    fn run(&self, env: &TestEnv, day: u64) {
        let credentials = env.path(format!("credentials-{day}"));
        if let Some(path) = &self.credential {
            fs::create_dir_all(&credentials).expect("made");
            fs::copy(path, credentials.join("kmsctl-pin")).expect("a PIN file");
        }
        for words in &self.lines {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).env_clear().envs(&self.variables).current_dir("/");
            if self.credential.is_some() {
                command.env("CREDENTIALS_DIRECTORY", &credentials);
            }
            on_day(command, env, day).success();
        }
    }
}

fn on_day(mut command: Command, env: &TestEnv, day: u64) -> Output {
    command.env("KMSCTL_TEST_NOW", (START + day * DAY).to_string());
    process::run(command, b"", env.root())
}

/// Runs the line of a crontab as cron does: `\%` is a `%`, while a bare `%` would end the command.
fn run_cron(env: &TestEnv, line: &str, day: u64) {
    let line = line.strip_suffix('\n').expect("a line").strip_prefix("@daily ").expect("a time");
    assert!(!line.contains('\n') && !line.replace("\\%", "").contains('%'), "{line}");
    let mut command = Command::new("sh");
    command.args(["-c", &line.replace("\\%", "%")]).env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    on_day(command, env, day).success();
}

/// The version of the key `k`, read in the test's environment.
fn version(env: &TestEnv) -> u64 {
    env.on_day(1, "key show --label k --json").success().json()["version"].as_u64().expect("a version")
}

/// Runs the printed unit on one day and the crontab line on the next, and asserts that each rotated the key.
fn assert_rotates(env: &TestEnv, days: &mut u64, printed: &Output) {
    let printed = printed.json();
    let before = version(env);
    let service = Service::read(field(&printed, "service"));
    assert!(!service.user.is_empty());
    service.run(env, *days);
    assert_eq!(version(env), before + 1, "{printed:#}");
    run_cron(env, field(&printed, "crontab"), *days + 1);
    assert_eq!(version(env), before + 2, "{printed:#}");
    assert!(field(&printed, "timer").contains("RandomizedDelaySec="));
    *days += 2;
}

fn with_key(env: &TestEnv) -> u64 {
    let create = "key create --label k --algorithm ec-p256 --auto-rotate --rotation-period 1";
    env.on_day(0, create).success();
    1
}

const TIMER: [&str; 3] = ["key", "timer", "--json"];

fn variables_are_written_to_the_unit(env: &TestEnv) {
    let mut day = with_key(env);
    assert_rotates(env, &mut day, &env.run(TIMER).success());
    assert_rotates(env, &mut day, &env.with("KMSCTL_TOKEN", "test").run(TIMER).success());
    let uri =
        format!("pkcs11:token=test;model={}?pin-source={}", model(env), env.variable("KMSCTL_PIN_FILE"));
    let run = env.with("KMSCTL_TOKEN", &uri).without("KMSCTL_PIN_FILE");
    assert_rotates(env, &mut day, &run.run(TIMER).success());
    fs::copy(env.variable("KMSCTL_PIN_FILE"), env.file("pin here")).expect("copied");
    // A relative path is resolved in the current directory.
    assert_rotates(env, &mut day, &env.with("KMSCTL_PIN_FILE", "pin here").run(TIMER).success());
}

fn model(env: &TestEnv) -> String {
    let shown = env.run(["token", "show", "--json"]).success().json();
    field(&shown, "model").replace(' ', "%20")
}

fn options_are_written_to_the_unit(env: &TestEnv) {
    let mut day = with_key(env);
    let odd = "it's \"50%\" \\ of $HOME; `x` %h \\% ${y}";
    fs::copy(env.variable("KMSCTL_PIN_FILE"), env.file(odd)).expect("copied");
    let command = format!("cat {}", env.variable("KMSCTL_PIN_FILE"));
    let place: Vec<String> = match env.variable_if_set("KMSCTL_MODULE") {
        Some(module) => vec!["--module".into(), module.into()],
        None => vec!["--store".into(), path_text(&env.path("home/data/kmsctl")).into()],
    };
    let slot = env.run(["token", "show", "--json"]).success().json()["slot"].to_string();
    for options in [
        vec!["--pin-file", odd],
        vec!["--token", "test", "--pin-file", odd],
        vec!["--slot", &slot],
        vec!["--token", "pkcs11:token=test", "--pin-command", &command],
        vec!["--pin-command", &command, "--lock-timeout", "9", "--purge"],
    ] {
        let run = env.without("KMSCTL_MODULE");
        let run = if options.contains(&"--slot") { run } else { run.without("KMSCTL_PIN_FILE") };
        let place = place.iter().map(String::as_str);
        assert_rotates(env, &mut day, &run.run(TIMER.into_iter().chain(place).chain(options)).success());
    }
}

fn profiles_are_named_not_copied(env: &TestEnv) {
    let mut day = with_key(env);
    let pin = env.variable("KMSCTL_PIN_FILE").to_owned();
    let place = match env.variable_if_set("KMSCTL_MODULE") {
        Some(module) => format!("module = {module:?}\ntoken = \"test\""),
        None => format!("store = {:?}", path_text(&env.path("home/data/kmsctl"))),
    };
    fs::create_dir(env.file("50% $x")).expect("made");
    env.write(
        "50% $x/c.toml",
        format!(
            "default-profile = \"a b\"\n[profile.\"a b\"]\n{place}\npin-command = \"cat {pin}\"\n\
             [profile.bare]\n{place}\n[profile.pin]\npin-file = {pin:?}\n"
        ),
    );
    env.write("wrong", "wrong-pin-1");
    let bare =
        || env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").with("KMSCTL_CONFIG", "50% $x/c.toml");
    let timer = |more: &[&'static str]| TIMER.into_iter().chain(more.iter().copied()).collect::<Vec<_>>();
    assert_rotates(env, &mut day, &bare().run(timer(&[])).success());
    assert_rotates(env, &mut day, &bare().run(timer(&["--profile", "a b"])).success());
    let named = bare().with("KMSCTL_PROFILE", "bare").with("KMSCTL_PIN_FILE", &pin);
    assert_rotates(env, &mut day, &named.run(timer(&[])).success());
    // The profile option overrides the variables, for `key timer` and for the unit.
    let weaker = bare().with("KMSCTL_PIN_FILE", "wrong").with("KMSCTL_STORE", "/nowhere");
    assert_rotates(env, &mut day, &weaker.run(timer(&["--profile", "a b"])).success());
    // `--pin-file` overrides the profile's PIN command.
    env.write("c.toml", format!("[profile.p]\n{place}\npin-command = \"false\"\n"));
    let args = ["key", "timer", "--json", "--config", "c.toml", "--profile", "p", "--pin-file", &pin];
    let run = env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE");
    assert_rotates(env, &mut day, &run.run(args).success());
}

fn out_dir_writes_the_files(env: &TestEnv) {
    let printed = env.run(TIMER).success().json();
    let written = env.run(["key", "timer", "--json", "--out-dir", "to/units"]).success().json();
    assert_eq!(written["files"].as_array().map(Vec::len), Some(3), "{written}");
    let unit = |path: &str| env.read(path);
    for file in written["files"].as_array().expect("files") {
        let file = file.as_str().expect("a path");
        let (name, kind) = file.rsplit_once('.').expect("an ending");
        // What selects another token than the default one is part of the name.
        assert_eq!(name == "to/units/kmsctl-rotate", !env.has("KMSCTL_MODULE"), "{name}");
        assert_eq!(String::from_utf8(unit(file)).expect("text"), field(&printed, kind));
    }
    let output = env.run(["key", "timer", "--out-dir", "to/units"]).success();
    assert!(output.stdout.is_empty(), "{output}");
    output.saying("kmsctl-rotate");
    let files = || fs::read_dir(env.file("to/units")).expect("units").count();
    for (store, count) in [("/one", 6), ("/two", 9), ("/one", 9)] {
        let timer = ["key", "timer", "--store", store, "--out-dir", "to/units"];
        env.without("KMSCTL_MODULE").run(timer).success();
        assert_eq!(files(), count, "{store}");
    }
    // Those of several profiles stay apart.
    env.write("c.toml", "[profile.\"a b\"]\n");
    let of_profile = ["key", "timer", "--config", "c.toml", "--profile", "a b", "--out-dir", "to/units"];
    env.run(of_profile).success().saying("kmsctl-rotate-a_b");
}

fn a_line_break_is_refused(env: &TestEnv) {
    let refused = |args: &[&str]| {
        let output = env.run(["key", "timer"].iter().chain(args)).fails(2);
        let output = output.saying("control character");
        assert!(!output.stderr_text().contains("\nExecStart"), "{output}");
    };
    refused(&["--pin-file", "a\nExecStart=/bin/x"]);
    refused(&["--pin-command", "cat x\nExecStart=/bin/x"]);
    refused(&["--records", "a\rb"]);
    refused(&["--token", "a\u{b}b"]);
    let output = env.with("KMSCTL_TOKEN", "a\nUser=root").run(["key", "timer"]).fails(2);
    output.saying("--token");
}

/// Without a PIN file the unit names a default path, and a warning says so.
#[test]
fn without_a_pin_file_a_default_path_is_used_with_a_warning() {
    let env = token::embedded();
    for run in [env.without("KMSCTL_PIN_FILE"), env.without("KMSCTL_PIN_FILE").with("KMSCTL_PIN", "1234567")]
    {
        let printed = run.run(["key", "timer"]).success().saying("/etc/kmsctl/pin");
        assert!(!printed.text().contains("1234567"), "{printed}");
    }
}

/// With several tokens, the unit selects the token by the serial number or label that was given.
#[test]
fn the_unit_selects_the_token_of_the_run() {
    let env = token::softhsm();
    let serial = field(&env.run(["token", "show", "--json"]).success().json(), "serial").to_owned();
    let init = ["token", "init", "--label", "my \"own\" 5% $t", "--so-pin-file", "so-pin"];
    env.run(init).success();
    let mut env = env;
    env.set("KMSCTL_TOKEN", &serial);
    let mut day = with_key(&env);
    assert_rotates(&env, &mut day, &env.run(TIMER).success());
    let typed = ["key", "timer", "--json", "--token", "my \"own\" 5% $t"];
    let printed = env.run(typed).success().json();
    let service = Service::read(field(&printed, "service"));
    service.run(&env, day);
    run_cron(&env, field(&printed, "crontab"), day);
    assert!(service.lines[0].iter().any(|word| word == "my \"own\" 5% $t"), "{:?}", service.lines);
    let module = softhsm_module();
    assert!(service.lines[0].iter().any(|word| Path::new(word) == module), "{:?}", service.lines);
    assert_eq!(service.variables["SOFTHSM2_CONF"], env.variable("SOFTHSM2_CONF"));
}
