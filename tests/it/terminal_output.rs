//! Output on a terminal: one line for each change, tables that fit the width, lists that report what they omit.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::support::{
    KMSCTL, TestEnv, field, oracle::pkcs11_tool, output::Output, terminal::Terminal, token,
};

fn line(env: &TestEnv, line: &str) -> Output {
    env.run(line.split(' '))
}

/// Runs a command on a terminal of this width; returns the screen.
fn at_terminal(env: &TestEnv, width: &str, line: &str) -> String {
    let command = env.with("COLUMNS", width).with("TERM", "xterm").command(KMSCTL, line.split(' '));
    let (screen, code) = Terminal::start(command).ends();
    assert_eq!(code, 0, "{line}: {screen}");
    // `rexpect` turns each byte of the output into a character: turn them back and decode UTF-8.
    let bytes = screen.chars().filter(|c| *c != '\r').map(|c| u8::try_from(c).expect("a byte"));
    String::from_utf8(bytes.collect()).expect("UTF-8")
}

/// Commands to run in this order, and the start of the line that each prints.
const CHANGES: [(&str, &str); 17] = [
    ("created key \"k\" (aes-256, id ", "key create --label k --algorithm aes-256"),
    ("key \"k\" (aes-256, id ", "key create --label k --algorithm aes-256 --if-not-exists"),
    ("updated key \"k\" (aes-256, id ", "key update --label k --memo x"),
    ("rotated key \"k\" (aes-256, id ", "key rotate --label k"),
    ("disabled version 1 of key \"k\" (aes-256, id ", "key disable --label k --key-version 1"),
    ("enabled version 1 of key \"k\" (aes-256, id ", "key enable --label k --key-version 1"),
    ("disabled key \"k\" (aes-256, id ", "key disable --label k"),
    ("enabled key \"k\" (aes-256, id ", "key enable --label k"),
    ("revoked key \"k\" (aes-256, id ", "key revoke --label k"),
    ("restored key \"k\" (aes-256, id ", "key restore --label k"),
    ("imported key \"i\" (ec-p256, id ", "key import --label i --in in.key"),
    ("deleted key \"i\" (ec-p256, id ", "key delete --label i --yes"),
    ("no keys are due", "key rotate --due"),
    ("no keys are due", "key purge --due --yes"),
    ("changed the user PIN of token \"test\"", "token set-pin --new-pin-file pin-2"),
    ("set a new user PIN for token \"test\"", "token unlock --so-pin-file so-pin --new-pin-file pin-3"),
    ("wrote profile \"p\" to ", "config add-profile p --lock-timeout 9"),
];

#[test]
fn each_change_prints_one_line() {
    let env = token_with_files();
    for (done, command) in CHANGES {
        let output = line(&env, command).success().prints_nothing();
        let said = output.stderr_text();
        assert!(said.starts_with(done) && said.lines().count() == 1, "{output}");
    }
}

#[test]
fn quiet_hides_the_line() {
    let env = token_with_files();
    for (_, command) in CHANGES {
        line(&env, &format!("{command} --quiet")).success().silent().prints_nothing();
    }
}

fn token_with_files() -> TestEnv {
    let env = token::embedded();
    env.shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out in.key").success();
    env.write("pin-2", "correct-horse-8");
    env.write("pin-3", "correct-horse-9");
    env
}

/// A file or a program gets whole lines; on a terminal a line breaks between words, but not within a command.
#[test]
fn long_lines_break_at_the_width_of_the_terminal() {
    let env = token::embedded();
    let hint = "hint: use another label, `--if-not-exists` to accept the existing key, or `--allow-duplicate-label`\n";
    line(&env, "key create --label web --algorithm ec-p256").success();
    let again = "key create --label web --algorithm ec-p256";
    assert!(line(&env, again).fails(8).stderr_text().ends_with(hint));
    for width in [60, 80] {
        let at = |line: &str| {
            let script = format!("stty cols {width}; kmsctl {line}");
            let run = format!("env -u COLUMNS NO_COLOR=1 script -qec '{script}' /dev/null </dev/null");
            let screen = env.shell(&run).text().replace('\r', "");
            assert!(screen.lines().all(|line| line.chars().count() <= width), "{screen}");
            screen
        };
        let refused = at(again);
        let hinted = refused.split_once("\nhint:").expect("a hint").1;
        assert_eq!(
            hinted.split_whitespace().collect::<Vec<_>>(),
            &hint.split_whitespace().collect::<Vec<_>>()[1..]
        );
        assert_eq!(hinted.lines().count(), 2, "{refused}");
        let explained = at("explain RECORD_NOT_AUTHENTIC");
        assert!(explained.contains("\n    "), "{explained}");
        assert!(explained.matches('`').count() >= 2, "{explained}");
        let is_whole = |line: &str| line.matches('`').count().is_multiple_of(2);
        assert!(explained.lines().all(is_whole), "a command is broken: {explained}");
    }
}

#[test]
fn help_fits_a_narrow_terminal() {
    let env = token::embedded();
    for arguments in ["-h", "key -h", "jwt -h", "key create --help", "sign --help"] {
        let at_width = |columns: u8| {
            let script = format!("stty columns {columns}; exec {KMSCTL} {arguments}");
            let (screen, code) =
                Terminal::start(env.with("NO_COLOR", "1").command("sh", ["-c", &script])).ends();
            assert_eq!(code, 0, "{screen}");
            screen.replace('\r', "")
        };
        let help = at_width(60);
        let is_breakable = |line: &str| line.trim_start().contains(' ');
        let too_long = help.lines().find(|line| line.chars().count() > 60 && is_breakable(line));
        assert_eq!(too_long, None, "{help}");
        let wide = at_width(200);
        let words =
            |text: &str| text.replace(" \\\n", " ").split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&help), words(&wide), "words are broken, or a command is without a backslash");
    }
}

#[test]
fn a_terminal_shows_the_next_step() {
    let env = token::embedded();
    let screen = at_terminal(&env, "100", "key create --label web --algorithm ec-p256");
    let lines: Vec<_> = screen.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("created key \"web\" (ec-p256, id "), "{screen}");
    assert!(
        lines[1].contains("next:") && lines[1].ends_with("kmsctl sign --label web --in FILE"),
        "{screen}"
    );
    let screen = at_terminal(&env, "100", "key disable --label web");
    assert_eq!(screen.lines().count(), 1, "{screen}");
    assert_eq!(at_terminal(&env, "100", "key enable --label web --quiet"), "");
    let screen = at_terminal(&env, "100", "key show --label web --json");
    assert!(screen.starts_with("{\n  \"label\": \"web\",\n"), "JSON on a terminal is not indented: {screen}");
}

#[test]
fn tables_cut_labels_but_not_identifiers() {
    let env = token::embedded();
    let long = "a-label-of-a-key-that-nobody-would-want-to-type-a-second-time-0123456789";
    let key = env.create(long, "ec-p256");
    env.create("web", "aes-256");
    env.run(["key", "update", "--label", long, "--memo", "note", "--auto-rotate", "on"]).success();
    let (id, tag) = (field(&key, "ckaId"), field(&key, "keyTag"));
    for width in ["60", "80", "100", "200"] {
        let screen = at_terminal(&env, width, "key list --color never");
        assert!(screen.contains(id) && screen.contains("enabled"), "{width}: {screen}");
        let table = screen.lines().take(3);
        let limit: usize = width.parse().expect("a number");
        assert!(table.clone().all(|line| line.chars().count() <= limit), "{width}: {screen}");
        assert_eq!(screen.contains(long), width == "200", "{width}: {screen}");
        assert!(
            screen.contains("Created"),
            "\"Created\" is neither shown nor listed as omitted at {width}: {screen}"
        );
    }
    let screen = at_terminal(&env, "80", "key list --wide --color never");
    for shown in ["Created", "Status", "Version", "Next rotation", "Usage", "Memo", "Tag", id, tag] {
        assert!(screen.contains(shown), "no {shown}: {screen}");
    }
    let piped = line(&env, "key list").success().silent();
    assert!(piped.text().contains(long) && piped.text().contains('T'), "{piped}");
}

#[test]
fn lists_report_what_they_omit() {
    let env = token::softhsm();
    line(&env, "key list").success().prints_nothing().saying("no keys on this token");
    line(&env, "key list --json").success().silent();
    env.create("web", "ec-p256");
    line(&env, "key list --label x*").success().prints_nothing().saying("no keys match");
    for id in ["07", "08"] {
        pkcs11_tool(&env, &["--keygen", "--key-type", "GENERIC:20", "--label", "hmac", "--id", id]);
    }
    let listed = line(&env, "key list").success().saying("2 other keys of kinds that kmsctl does not use");
    assert!(listed.text().contains("web") && !listed.text().contains("hmac"), "{listed}");
    line(&env, "key list --all").success().silent();
    line(&env, "key list --quiet").success().silent();
    line(&env, "key list --label hmac").success().saying("2 keys of kinds");
}

#[test]
fn purge_dry_run_lists_due_keys() {
    let env = token::embedded();
    env.create("old", "aes-256");
    let dry = "key purge --due --dry-run";
    env.on_day(0, "key revoke --label old --after 3").success();
    env.on_day(1, dry).success().prints_nothing().saying("no keys are due");
    let due = env.on_day(4, dry).success().silent();
    assert!(due.text().contains("old") && due.text().contains("Due"), "{due}");
    let json = env.on_day(4, "key purge --due --dry-run --json").success().json();
    assert_eq!((&json[0]["label"], &json[0]["purged"]), (&"old".into(), &false.into()));
    assert_eq!(env.labels(), ["old"]);
    line(&env, "key purge --label old --dry-run").success();
    env.create("new", "aes-256");
    line(&env, "key purge --label new --dry-run").fails(7);
    assert_eq!(env.labels(), ["new", "old"]);
}

/// `bench` takes minutes; other commands must be able to write meanwhile.
#[test]
fn bench_holds_no_lock() {
    let env = token::embedded();
    let mut bench = env.command(KMSCTL, ["bench", "--seconds", "60", "--sessions", "1"]);
    let mut bench = bench.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("started");
    let mut said = String::new();
    BufReader::new(bench.stderr.take().expect("piped")).read_line(&mut said).expect("read");
    let created = line(&env, "key create --label web --algorithm aes-256 --lock-timeout 1");
    bench.kill().expect("it runs");
    bench.wait().expect("it ends");
    assert!(said.contains(" measurements of 60 s each: about ") && said.contains(" min"), "{said}");
    created.success();
}
