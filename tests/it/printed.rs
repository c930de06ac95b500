//! Commands in hints, warnings and `doctor`'s remedies work when pasted into a shell, and use the token of the run that
//! printed them.

use std::{fs, path::Path, sync::LazyLock};

use regex::Regex;

use crate::support::{
    DAY, START, TestEnv, field,
    output::Output,
    path_text,
    token::{self, PIN, softhsm_module},
};

/// A name full of shell metacharacters.
const ODD: &str = "-it's \"50%\" of $HOME; $(touch run) * ~";

/// The commands between backticks in a text. No label in these tests contains a backtick.
fn commands(text: &str) -> Vec<String> {
    static COMMAND: LazyLock<Regex> = LazyLock::new(|| Regex::new("`(kmsctl [^`]*)`").expect("pattern"));
    COMMAND.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// An environment and the options that select a token in it.
struct Target {
    env: TestEnv,
    options: Vec<String>,
}

impl Target {
    /// Creates a key. The default store holds a different token, on which hints must not run.
    fn new(env: TestEnv, options: &[&str]) -> Self {
        let target = Self { env, options: options.iter().map(|option| (*option).to_owned()).collect() };
        target.run("key create --algorithm ec-p256", true).success();
        target
    }

    /// Runs a command with the options of the target and, if `with_label`, the key's label.
    fn run(&self, line: &str, with_label: bool) -> Output {
        let label = format!("--label={ODD}");
        let label = with_label.then_some(label.as_str());
        let options = self.options.iter().map(String::as_str);
        let words: Vec<_> = line.split(' ').chain(label).chain(options).collect();
        self.env.with("KMSCTL_TEST_NOW", START.to_string()).run(words)
    }

    /// Runs the commands in the hints of a failed command, of which there must be `count`.
    #[track_caller]
    fn run_hints(&self, output: &Output, count: usize) {
        let found = commands(&output.stderr_text());
        assert_eq!(found.len(), count, "{output}");
        for command in found {
            let done = self.env.shell(&format!("export KMSCTL_TEST_NOW={START}; {command}"));
            assert_eq!(done.status.code(), Some(0), "{command}\n{done}\nafter {output}");
        }
        assert!(!self.env.file("run").exists(), "the shell ran part of a name");
    }
}

/// An environment whose default store has a decoy token with a key of the same label.
fn with_decoy() -> TestEnv {
    let env = token::embedded();
    env.run(["key", "create", "--algorithm", "ec-p256", &format!("--label={ODD}")]).success();
    env
}

fn store() -> Target {
    let env = with_decoy();
    let pin = env.variable("KMSCTL_PIN_FILE").to_owned();
    let store = format!("./{ODD}");
    let init = ["token", "init", "--label", "other", "--so-pin-file", "so-pin", "--pin-file", &pin];
    env.run(init.iter().chain(&["--store", &store])).success();
    Target::new(env, &["--store", &store])
}

fn softhsm_with_decoy() -> TestEnv {
    let source = token::blank_softhsm();
    let mut env = with_decoy();
    // SoftHSM's files move into this environment, because `source` deletes its own when dropped.
    fs::create_dir(env.path("softhsm")).expect("made");
    let conf = env.path("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", env.path("softhsm").display());
    fs::write(&conf, text).expect("written");
    drop(source);
    fs::write(env.path("pin"), PIN).expect("written");
    env.set("SOFTHSM2_CONF", path_text(&conf));
    env
}

/// The PIN file no longer holds the decoy's PIN, so a command that runs on the decoy fails.
fn softhsm(label: &str, options: impl Fn(&str) -> Vec<String>) -> Target {
    let env = softhsm_with_decoy();
    let module = softhsm_module();
    for name in [label, "second"] {
        let init = ["token", "init", "--module", path_text(&module), "--so-pin-file", "so-pin"];
        env.run(init.iter().chain(&[format!("--label={name}").as_str()])).success();
    }
    let options = options(path_text(&module));
    let options: Vec<_> = options.iter().map(String::as_str).collect();
    Target::new(env, &options)
}

fn targets() -> Vec<Target> {
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

fn with_profile() -> Target {
    let target = softhsm("t", |module| vec!["--module".into(), module.into(), "--token".into(), "t".into()]);
    let Target { env, .. } = target;
    let config = format!(
        "[profile.\"my 'hsm'\"]\nmodule = {:?}\ntoken = \"t\"\npin-file = {:?}\n",
        path_text(&softhsm_module()),
        path_text(&env.path("pin"))
    );
    env.write("the $config.toml", config);
    let options = ["--config", "the $config.toml", "--profile", "my 'hsm'"].map(str::to_owned).to_vec();
    Target { env, options }
}

/// Errors about a key's state, each with a command that changes it.
#[test]
fn hints_about_a_key_run_as_printed() {
    for target in targets() {
        target.run("key disable", true).success();
        target.run_hints(&target.run("sign --in so-pin", true).fails(7), 1);
        target.run("sign --in so-pin --out sig", true).success();
        target.run("key revoke", true).success();
        target.run_hints(&target.run("sign --in so-pin", true).fails(7), 2);
        target.run("sign --in so-pin --out sig", true).success();
        target.run_hints(&target.run("sign --in so-pin --key-version 7", true).fails(4), 1);
        target.run_hints(&target.run("verify --in so-pin --signature sig --key-version 7", true).fails(4), 1);
        target.run_hints(&target.run("sign --in so-pin --label nowhere", false).fails(4), 1);
        target.run("key rotate", true).success();
        // The newest version cannot be disabled alone: the hints rotate the key or disable it whole.
        let refused = target.run("key disable --key-version 2", true).fails(7);
        for command in &commands(&refused.stderr_text()) {
            target.env.shell(command).success();
        }
        target.run("key enable", true).success();
        target.run("key rotate", true).success();
        target.run("key disable --key-version 1", true).success();
        target.run_hints(&target.run("sign --in so-pin --key-version 1", true).fails(7), 1);
    }
}

/// Hints about the token's PIN and a key's schedule.
#[test]
fn hints_about_a_token_run_as_printed() {
    for target in targets() {
        target.run("key update --auto-rotate on --rotation-period 1", true).success();
        target.env.write("wrong", "wrong-pin-1");
        let wrong = target.run("sign --in so-pin --pin-file wrong", true);
        target.run_hints(&wrong.fails(5), 1);
        let due = |line: &str| {
            let options = target.options.iter().map(String::as_str);
            let words: Vec<_> = line.split(' ').chain(options).collect();
            target.env.with("KMSCTL_TEST_NOW", (START + 3 * DAY).to_string()).run(words)
        };
        target.run_hints(&due("key rotate --due --check").exits(3), 1);
    }
}

/// Some of `doctor`'s remedies have text before the command.
#[test]
fn remedies_run_as_printed() {
    for target in targets() {
        target.run("key update --auto-rotate on --rotation-period 1", true).success();
        let day = |days: u64, line: &str| {
            let options = target.options.iter().map(String::as_str);
            let words: Vec<_> = line.split(' ').chain(options).collect();
            target.env.with("KMSCTL_TEST_NOW", (START + days * DAY).to_string()).run(words)
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
            target.env.shell(&format!("export KMSCTL_TEST_NOW={now}; {remedy}")).success();
        }
        let versions = day(9, "key list --json").success().json();
        assert_eq!(versions[0]["version"], 2, "{versions}");
    }
}

/// The hint about a missing token initialises it in the store that was named, not in the default store.
#[test]
fn the_init_hint_names_the_store() {
    let env = token::embedded();
    let store = format!("{ODD}/x");
    let refused = env.run(["key", "list", "--store", &format!("./{store}")]).fails(6);
    let command = commands(&refused.stderr_text()).pop().expect("a command");
    assert!(command.starts_with("kmsctl token init --label NAME "), "{command}");
    env.shell(&format!("{command} --so-pin-file so-pin --generate-pin made")).success();
    assert!(env.file(&store).join("token.sql").exists());
}

/// The module and token in a key's URI become options of the command in the hint.
#[test]
fn a_hint_after_a_uri_names_its_token() {
    let env = softhsm_with_decoy();
    let module = path_text(&softhsm_module()).to_owned();
    for label in ["t;1", "second"] {
        let init = ["token", "init", "--module", &module, "--so-pin-file", "so-pin", "--label", label];
        env.run(init).success();
    }
    let uri = format!("pkcs11:token=t%3B1;object=web?module-path={module}");
    let target = ["--module", &module, "--token", "t;1"];
    let create = ["key", "create", "--label", "web", "--algorithm", "ec-p256"];
    env.run(create.iter().chain(&target)).success();
    env.run(["key", "disable", "--label", "web"].iter().chain(&target)).success();
    let refused = env.run(["sign", "--in", "so-pin", "--uri", &uri]).fails(7);
    for command in commands(&refused.stderr_text()) {
        env.shell(&command).success();
    }
    env.run(["sign", "--in", "so-pin", "--uri", &uri]).success();
}

/// Module arguments, records directory and profile are repeated in the hint.
#[test]
fn hints_repeat_the_options_of_the_run() {
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

/// The hints for two tokens with one label select them by their serial numbers.
#[test]
fn hints_for_equal_labels_are_unambiguous() {
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
    // Labels that look like a URI or contain a space.
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

/// Hints must build commands with `shell::kmsctl`, which adds the options of the run.
#[test]
fn hints_build_commands_with_one_function() {
    // Not about a run: help, manual pages, tables of errors, and commands without a token.
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
            if ELSEWHERE.iter().any(|target| name.starts_with(target)) {
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
                    && !line.contains("can call `kmsctl sign`")
                    && !line.contains("--all-modules`")
                {
                    found.push(format!("{name}: {}", line.trim()));
                }
            }
        }
    }
    assert!(found.is_empty(), "use shell::kmsctl:\n{}", found.join("\n"));
}
