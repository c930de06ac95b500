//! A card: its PIN locks after three wrong tries, and its keys ask for it at each use (`CKA_ALWAYS_AUTHENTICATE`).

use std::fs;

use crate::support::{
    KMSCTL, Run, TestEnv,
    fault::{ruled, take_calls},
    oracle::pkcs11_tool,
    path_text,
    terminal::Terminal,
    token,
};

/// Keys `ask` and `open`, and what `open` decrypts.
fn card() -> TestEnv {
    let mut env = token::softhsm();
    let make = |label: &str, kind: &str, id: &str, uses: &[&str]| {
        let make = ["--keypairgen", "--key-type", kind, "--label", label, "--id", id, "--always-auth"];
        pkcs11_tool(&env, &[&make, uses].concat());
    };
    make("ask", "EC:prime256v1", "01", &["--usage-sign"]);
    make("open", "RSA:2048", "02", &["--usage-decrypt"]);
    env.write("message", "m");
    env.write("other", "o");
    env.run("encrypt --label open --in message --out sealed.kms".split(' ')).success();
    env.run("encrypt --label open --in other --out other.kms".split(' ')).success();
    let line = "{\"op\":\"sign\",\"label\":\"ask\",\"data\":\"aGk=\"}\n";
    env.write("requests", line.repeat(20));
    let tries = env.path("wrong-pins");
    env.set("KMSCTL_FAULT_TRIES", path_text(&tries));
    env
}

fn on_card(env: &TestEnv) -> Run<'_> {
    ruled(env, "card")
}

fn wrong_pins(env: &TestEnv) -> u8 {
    fs::read_to_string(env.path("wrong-pins")).map_or(0, |text| text.trim().parse().expect("a number"))
}

fn logins(env: &TestEnv) -> usize {
    take_calls(env).iter().filter(|call| call.function == "C_Login").count()
}

fn at_terminal(env: &TestEnv, args: &str) -> Terminal {
    Terminal::start(on_card(env).without("KMSCTL_PIN_FILE").command(KMSCTL, args.split(' ')))
}

/// Each command, the number of logins, and what it announces.
const COMMANDS: [(&str, usize, &str); 6] = [
    ("sign --label ask --in message --out signature", 2, ""),
    ("sign --label ask --in message --in other", 3, "2 signatures take 2 logins"),
    ("jwt sign --label ask --sub a --ttl 5m", 2, ""),
    ("batch --in requests --jobs 4", 21, "at most 20 in this batch"),
    ("decrypt --in sealed.kms --out opened", 2, ""),
    ("decrypt --in sealed.kms --in other.kms --out opened-all", 3, "up to 2 logins"),
];

#[test]
fn one_prompt_is_enough() {
    let env = card();
    for (args, count, announced) in COMMANDS {
        let mut terminal = at_terminal(&env, args);
        terminal.sees("PIN");
        terminal.types(token::PIN);
        let (rest, code) = terminal.ends();
        assert_eq!(code, 0, "{args}: {rest}");
        assert!(rest.contains(announced) && !rest.contains("PIN for"), "{args}: {rest}");
        assert_eq!((logins(&env), wrong_pins(&env)), (count, 0), "{args}");
    }
}

#[test]
fn a_wrong_pin_costs_one_try() {
    for (args, ..) in COMMANDS {
        let env = card();
        let mut terminal = at_terminal(&env, args);
        terminal.sees("PIN");
        terminal.types("00000000");
        let (rest, code) = terminal.ends();
        assert_eq!(code, 5, "{args}: {rest}");
        assert_eq!((logins(&env), wrong_pins(&env)), (1, 1), "{args}");
    }
}

/// The PIN changes between the login and the use.
#[test]
fn a_pin_that_is_wrong_at_the_use_costs_one_try() {
    for (args, ..) in COMMANDS {
        let env = card();
        let command =
            format!("sh -c 'test -e asked && echo 00000000 || {{ touch asked; echo {}; }}'", token::PIN);
        let run = on_card(&env).without("KMSCTL_PIN_FILE");
        let failed = run.run(args.split(' ').chain(["--pin-command", &command]));
        assert!(failed.status.code().is_some_and(|code| [1, 5].contains(&code)), "{args}: {failed}");
        assert_eq!((logins(&env), wrong_pins(&env)), (2, 1), "{args}: {failed}");
    }
}

#[test]
fn the_final_try_is_for_a_person() {
    let env = card();
    fs::write(env.path("wrong-pins"), "2").expect("written");
    for (args, count, _) in COMMANDS {
        on_card(&env).run(args.split(' ')).fails(5).saying("--use-final-try");
        assert_eq!((logins(&env), wrong_pins(&env)), (0, 2), "{args}");
        let mut terminal = at_terminal(&env, args);
        terminal.sees("PIN");
        terminal.types(token::PIN);
        let (rest, code) = terminal.ends();
        assert_eq!((code, logins(&env), wrong_pins(&env)), (0, count, 0), "{args}: {rest}");
        fs::write(env.path("wrong-pins"), "2").expect("written");
        drop(fs::remove_dir_all(env.file("opened-all")));
    }
    fs::write(env.path("wrong-pins"), "3").expect("written");
    on_card(&env).run(COMMANDS[0].0.split(' ')).fails(5).saying("locked");
    assert_eq!(logins(&env), 0);
}
