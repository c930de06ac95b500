//! Commands that hints, warnings and `doctor` tell people to run: pasted into a shell, they run, and on the token of the run
//! that printed them.

use std::{fs, path::Path, sync::LazyLock};

use regex::Regex;

use crate::support::{
    DAY, START, TestEnv, field,
    output::Output,
    path_text,
    token::{self, PIN, softhsm_module},
};

/// A name that a shell reads a lot into.
const ODD: &str = "-it's \"50%\" of $HOME; $(touch run) * ~";

/// The commands of a text, as they stand there between backticks. A label with one would have to be quoted by more.
fn commands(text: &str) -> Vec<String> {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| Regex::new("`(kmsctl [^`]*)`").expect("pattern"));
    COMMAND.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// How a run names its token on its command line.
struct Place {
    env: TestEnv,
    options: Vec<String>,
}

impl Place {
    /// The default store, which hints must not end on, is another token: `decoy`.
    fn new(env: TestEnv, options: &[&str]) -> Self {
        let place = Self { env, options: options.iter().map(|option| (*option).to_owned()).collect() };
        place.run("key create --algorithm ec-p256", true).success();
        place
    }

    /// Runs a command with the options of the place, and with the label if it is wanted.
    fn run(&self, line: &str, with_label: bool) -> Output {
        let label = format!("--label={ODD}");
        let label = with_label.then_some(label.as_str());
        let options = self.options.iter().map(String::as_str);
        let words: Vec<_> = line.split(' ').chain(label).chain(options).collect();
        self.env.with("KMSCTL_TEST_NOW", START.to_string()).run(words)
    }

    /// Runs the commands in the hints of a failed command, of which there must be `count`.
    #[track_caller]
    fn follow(&self, output: &Output, count: usize) {
        let found = commands(&output.stderr_text());
        assert_eq!(found.len(), count, "{output}");
        for command in found {
            let done = self.env.shell(&format!("export KMSCTL_TEST_NOW={START}; {command}"));
            assert_eq!(done.status.code(), Some(0), "{command}\n{done}\nafter {output}");
        }
        assert!(!self.env.file("run").exists(), "a name was run");
    }
}

/// A world whose default is the token `decoy` in the default store, with a key of the same label.
fn with_decoy() -> TestEnv {
    let env = token::embedded();
    env.run(["key", "create", "--algorithm", "ec-p256", &format!("--label={ODD}")]).success();
    env
}

fn store() -> Place {
    let env = with_decoy();
    let pin = env.variable("KMSCTL_PIN_FILE").to_owned();
    let store = format!("./{ODD}");
    let init = ["token", "init", "--label", "other", "--so-pin-file", "so-pin", "--pin-file", &pin];
    env.run(init.iter().chain(&["--store", &store])).success();
    Place::new(env, &["--store", &store])
}

fn softhsm_world() -> TestEnv {
    let source = token::blank_softhsm();
    let mut env = with_decoy();
    // The world of SoftHSM is kept in the other's directory, for it ends with its value.
    fs::create_dir(env.path("softhsm")).expect("made");
    let conf = env.path("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", env.path("softhsm").display());
    fs::write(&conf, text).expect("written");
    drop(source);
    fs::write(env.path("pin"), PIN).expect("written");
    env.set("SOFTHSM2_CONF", path_text(&conf));
    env
}

/// The decoy's PIN is another one now: whatever ends there fails.
fn softhsm(label: &str, options: impl Fn(&str) -> Vec<String>) -> Place {
    let env = softhsm_world();
    let module = softhsm_module();
    for name in [label, "second"] {
        let init = ["token", "init", "--module", path_text(&module), "--so-pin-file", "so-pin"];
        env.run(init.iter().chain(&[format!("--label={name}").as_str()])).success();
    }
    let options = options(path_text(&module));
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    Place::new(env, &options)
}

fn places() -> Vec<Place> {
    let label = "-my \"to$ken\" 5%";
    vec![
        store(),
        softhsm(label, |module| vec!["--module".into(), module.into(), format!("--token={label}")]),
        softhsm("t", |module| {
            let uri = "pkcs11:token=t;manufacturer=SoftHSM%20project";
            vec!["--module".into(), module.into(), "--token".into(), uri.into()]
        }),
        softhsm("t", |module| vec!["--token".into(), format!("pkcs11:token=t?module-path={module}")]),
        with_profile(),
    ]
}

fn with_profile() -> Place {
    let place = softhsm("t", |module| vec!["--module".into(), module.into(), "--token".into(), "t".into()]);
    let Place { env, .. } = place;
    let config = format!(
        "[profile.\"my 'hsm'\"]\nmodule = {:?}\ntoken = \"t\"\npin-file = {:?}\n",
        path_text(&softhsm_module()),
        path_text(&env.path("pin"))
    );
    env.write("the $config.toml", config);
    let options = ["--config", "the $config.toml", "--profile", "my 'hsm'"].map(str::to_owned).to_vec();
    Place { env, options }
}

/// Refusals of a key's state, each with the command that changes it.
#[test]
fn hints_about_a_key_are_followed() {
    for place in places() {
        place.run("key disable", true).success();
        place.follow(&place.run("sign --in so-pin", true).fails(7), 1);
        place.run("sign --in so-pin --out sig", true).success();
        place.run("key revoke", true).success();
        place.follow(&place.run("sign --in so-pin", true).fails(7), 2);
        place.run("sign --in so-pin --out sig", true).success();
        place.follow(&place.run("sign --in so-pin --key-version 7", true).fails(4), 1);
        place.follow(&place.run("verify --in so-pin --signature sig --key-version 7", true).fails(4), 1);
        place.follow(&place.run("sign --in so-pin --label nowhere", false).fails(4), 1);
        place.run("key rotate", true).success();
        // The newest version cannot be disabled by itself: the key can, or a newer one made.
        let two_ways = place.run("key disable --key-version 2", true).fails(7);
        for command in commands(&two_ways.stderr_text()).iter().rev() {
            place.env.shell(command).success();
        }
        place.run("key enable", true).success();
        place.run("key rotate", true).success();
        place.run("key disable --key-version 1", true).success();
        place.follow(&place.run("sign --in so-pin --key-version 1", true).fails(7), 1);
    }
}

/// Hints about the token, its PIN and its schedule.
#[test]
fn hints_about_a_token_are_followed() {
    for place in places() {
        place.run("key update --auto-rotate on --rotation-period 1", true).success();
        place.env.write("wrong", "wrong-pin-1");
        let wrong = place.run("sign --in so-pin --pin-file wrong", true);
        place.follow(&wrong.fails(5), 1);
        let due = |line: &str| {
            let options = place.options.iter().map(String::as_str);
            let words: Vec<_> = line.split(' ').chain(options).collect();
            place.env.with("KMSCTL_TEST_NOW", (START + 3 * DAY).to_string()).run(words)
        };
        place.follow(&due("key rotate --due --check").exits(3), 1);
    }
}

/// `doctor` prints each remedy on a separate line, some of them after words.
#[test]
fn remedies_are_followed() {
    for place in places() {
        place.run("key update --auto-rotate on --rotation-period 1", true).success();
        let day = |days: u64, line: &str| {
            let options = place.options.iter().map(String::as_str);
            let words: Vec<_> = line.split(' ').chain(options).collect();
            place.env.with("KMSCTL_TEST_NOW", (START + days * DAY).to_string()).run(words)
        };
        let report = day(9, "doctor --json").exits(3).json();
        let findings = report["findings"].as_array().expect("findings").clone();
        let remedies: Vec<_> = findings
            .iter()
            .filter_map(|finding| finding["remedy"].as_str())
            .filter_map(|remedy| Some(remedy[remedy.find("kmsctl ")?..].to_owned()))
            .collect();
        assert!(!remedies.is_empty(), "{report:#}");
        for remedy in remedies {
            let now = START + 9 * DAY;
            place.env.shell(&format!("export KMSCTL_TEST_NOW={now}; {remedy}")).success();
        }
        let versions = day(9, "key list --json").success().json();
        assert_eq!(versions[0]["version"], 2, "{versions}");
    }
}

/// Nothing is on the token yet: the hint makes it there, and not where the default is.
#[test]
fn a_token_is_made_where_it_was_looked_for() {
    let env = token::embedded();
    let store = format!("{ODD}/x");
    let refused = env.run(["key", "list", "--store", &format!("./{store}")]).fails(6);
    let command = commands(&refused.stderr_text()).pop().expect("a command");
    assert!(command.starts_with("kmsctl token init --label NAME "), "{command}");
    env.shell(&format!("{command} --so-pin-file so-pin --generate-pin made")).success();
    assert!(env.file(&store).join("token.sql").exists());
}

/// A key's URI names the token, too: its module and its token become options of the command.
#[test]
fn a_hint_after_a_uri_finds_its_token() {
    let env = softhsm_world();
    let module = path_text(&softhsm_module()).to_owned();
    for label in ["t;1", "second"] {
        let init = ["token", "init", "--module", &module, "--so-pin-file", "so-pin", "--label", label];
        env.run(init).success();
    }
    let uri = format!("pkcs11:token=t%3B1;object=web?module-path={module}");
    let place = ["--module", &module, "--token", "t;1"];
    let create = ["key", "create", "--label", "web", "--algorithm", "ec-p256"];
    env.run(create.iter().chain(&place)).success();
    env.run(["key", "disable", "--label", "web"].iter().chain(&place)).success();
    let refused = env.run(["sign", "--in", "so-pin", "--uri", &uri]).fails(7);
    for command in commands(&refused.stderr_text()) {
        env.shell(&command).success();
    }
    env.run(["sign", "--in", "so-pin", "--uri", &uri]).success();
}

/// A module that wants arguments wants them again.
#[test]
fn a_hint_carries_what_the_module_wants() {
    let env = token::embedded();
    let module = path_text(&softhsm_module()).to_owned();
    let args = ["--module", &module, "--module-args", "-a 'b' \"$c\"", "--slot", "99999"];
    let args = args.iter().chain(&["--records", "my records", "--pin-file", "so pin", "--profile", "p"]);
    env.write("c.toml", "[profile.p]\nmode = \"use\"\n");
    let purge = ["key", "purge", "--due", "--json"];
    let run = env.with("KMSCTL_CONFIG", "c.toml").run(purge.iter().chain(args));
    let hint = field(&run.fails(6).error(), "hint").to_owned();
    let seen = env.shell(&format!("printf '%s\\n' {}", commands(&hint).pop().expect("a command"))).success();
    let options = ["--profile", "p", "--module", &module, "--module-args=-a 'b' \"$c\"", "--slot", "99999"];
    for option in options.iter().chain(&["--records", "my records"]) {
        assert!(seen.text().lines().any(|line| line == *option), "{option}\n{seen}");
    }
}

/// Two tokens of one label: each is suggested by what it alone has.
#[test]
fn equal_labels_get_hints_that_differ() {
    let env = token::softhsm();
    let twin =
        "softhsm2-util --init-token --free --label test --so-pin security-officer-9 --pin another-pin-2";
    env.shell(twin).success();
    let refused = env.run(["key", "list", "--token", token::LABEL, "--json"]).fails(6).error();
    assert_eq!(refused["code"], "TOKEN_AMBIGUOUS");
    let hint = field(&refused, "hint").to_owned();
    let options: Vec<_> = hint.lines().filter_map(|line| line.trim().strip_prefix("--token ")).collect();
    assert_eq!(options.len(), 2, "{hint}");
    let mut serials: Vec<_> = options
        .iter()
        .map(|option| {
            let option = option.split("  (").next().expect("an option");
            let shown = env.shell(&format!("kmsctl token show --json --token {option}")).success().json();
            field(&shown, "serial").to_owned()
        })
        .collect();
    serials.dedup();
    assert_eq!(serials.len(), 2, "{hint}");
    // A label that looks like a serial number or a URI, and one that is empty.
    let env = token::softhsm();
    for label in ["pkcs11:token=test", "a b"] {
        env.run(["token", "init", "--label", label, "--so-pin-file", "so-pin"]).success();
    }
    let hint = field(&env.run(["key", "list", "--json"]).fails(6).error(), "hint").to_owned();
    for line in hint.lines().filter(|line| line.trim_start().starts_with("--")) {
        let option = line.trim().split("  (").next().expect("an option");
        env.shell(&format!("kmsctl token show {option}")).success();
    }
    assert_eq!(hint.matches("--token ").count(), 3, "{hint}");
}

/// A hint that names a command by itself leaves out the options of the run. There is one function for it.
#[test]
fn every_command_in_a_text_is_made_by_one_function() {
    // Texts about kmsctl as such, not about a run: help, manual and the tables of errors; and what needs no token.
    const ELSEWHERE: [&str; 5] = [
        "src/cli",
        "src/model/code/table.rs",
        "src/token/return_value.rs",
        "src/failure/explain.rs",
        "src/commands/explain.rs",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut directories = vec![root.join("src")];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("src") {
            let path = entry.expect("entry").path();
            let name = path.strip_prefix(root).expect("below").to_str().expect("UTF-8").to_owned();
            if ELSEWHERE.iter().any(|place| name.starts_with(place)) {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let is_command = line.contains("`kmsctl ") || line.contains(": kmsctl key ");
                if is_command
                    && !line.contains("as `kmsctl")
                    && !line.contains("let `kmsctl sign` sign")
                    && !line.contains("--all-modules`")
                {
                    found.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "use shell::kmsctl:\n{}", found.join("\n"));
}
