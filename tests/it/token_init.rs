//! `token init`: makes a complete token or none, private to its owner, and never replaces an existing one.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::support::{
    KMSCTL, TestEnv,
    fault::watched,
    field, oracle, path_text,
    terminal::Terminal,
    token::{self, LABEL, PIN, SO_PIN},
};

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path.as_ref())
        .unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn the_store_is_private() {
    let env = token::embedded();
    env.create("web", "ec-p256");
    let store = env.path("home/data/kmsctl");
    assert_eq!(mode(&store), 0o700);
    for entry in fs::read_dir(&store).expect("store") {
        let path = entry.expect("entry").path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
}

#[test]
fn a_generated_pin_is_not_shown() {
    let env = TestEnv::new();
    let made = env.run(["token", "init", "--label", "t", "--generate-pin", "pin"]).success();
    let pin = String::from_utf8(env.read("pin")).expect("text");
    // 256 bits in base64 are 43 characters.
    assert!(pin.trim_end().len() >= 43, "{}", pin.len());
    assert!(!made.text().contains(pin.trim_end()) && !made.stderr_text().contains(pin.trim_end()));
    assert_eq!(mode(env.file("pin")), 0o600);
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--pin-file", "pin"]).success();
    let other = TestEnv::new();
    other.run(["token", "init", "--label", "t", "--generate-pin", "pin"]).success();
    assert_ne!(other.read("pin"), pin.as_bytes());
}

#[test]
fn an_existing_pin_file_is_not_overwritten() {
    let env = TestEnv::new();
    env.write("pin", "precious");
    env.run(["token", "init", "--label", "t", "--generate-pin", "pin"]).fails(8).saying("pin");
    assert_eq!(env.read("pin"), b"precious");
    env.run(["token", "show"]).fails(6);
}

#[test]
fn creates_the_store_where_requested() {
    let env = TestEnv::new();
    env.run(["token", "init", "--label", "t", "--generate-pin", "pin", "--store", "keys/here"]).success();
    assert_eq!(env.run(["token", "show", "--store", "keys/here", "--json"]).success().json()["label"], "t");
    assert_eq!(
        env.with("KMSCTL_STORE", "keys/here").run(["token", "show", "--json"]).success().json()["label"],
        "t"
    );
    assert!(!env.path("home/data/kmsctl").exists());
}

#[test]
fn an_existing_token_is_kept() {
    for env in [token::embedded(), token::softhsm()] {
        env.create("web", "ec-p256");
        let again = env.run(["token", "init", "--label", LABEL, "--so-pin-file", "so-pin", "--no-input"]);
        again.fails(8);
        assert_eq!(env.labels(), ["web"]);
        env.run(["sign", "--label", "web"]).success();
    }
}

#[test]
fn without_a_pin_no_token_is_made() {
    let env = TestEnv::new();
    env.run(["token", "init", "--label", "t", "--no-input"]).fails(5);
    assert!(!env.path("home/data/kmsctl").exists(), "a store without a token was left");
    let env = token::blank_softhsm();
    env.without("KMSCTL_PIN_FILE").run(["token", "init", "--label", "t", "--no-input"]).fails(5);
    env.without("KMSCTL_PIN_FILE")
        .run(["token", "init", "--label", "t", "--so-pin-file", "so-pin", "--no-input"])
        .fails(5);
    assert_eq!(fs::read_dir(env.path("softhsm")).expect("directory").count(), 0);
}

#[test]
fn invalid_labels_are_refused() {
    let env = TestEnv::new();
    for label in ["", "123456789012345678901234567890123", "a\nb", "ééééééééééééééééé"] {
        env.run(["token", "init", "--label", label, "--generate-pin", "pin"]).fails(2);
    }
    assert!(!env.file("pin").exists());
    env.run(["token", "init", "--label", "12345678901234567890123456789012", "--generate-pin", "pin"])
        .success();
    let label = env.run(["token", "show", "--json"]).success().json()["label"].clone();
    assert_eq!(label, "12345678901234567890123456789012");
}

#[test]
fn a_short_pin_is_refused() {
    let env = TestEnv::new();
    env.write("short", "1234567");
    env.write("long", "12345678");
    let init = |so, user| env.run(["token", "init", "--label", "t", "--so-pin-file", so, "--pin-file", user]);
    init("long", "short").fails(5).saying("the new user PIN has fewer than 8 characters");
    init("short", "long").fails(5).saying("the new SO PIN has fewer than 8 characters");
    assert!(!env.path("home/data/kmsctl").exists(), "a store without a token was left");
    init("long", "long").success();
    env.run(["token", "set-pin", "--pin-file", "long", "--new-pin-file", "short"]).fails(5);
    env.run(["token", "unlock", "--so-pin-file", "long", "--new-pin-file", "short"]).fails(5);
    env.run(["key", "list", "--pin-file", "long"]).success();
}

#[test]
fn a_new_pin_is_typed_twice() {
    let env = TestEnv::new();
    env.write("so-pin", SO_PIN);
    let mut terminal =
        Terminal::start(env.command(KMSCTL, ["token", "init", "--label", "t", "--so-pin-file", "so-pin"]));
    terminal.sees("New user PIN for token \"t\", at least 8 characters: ");
    terminal.types(PIN);
    terminal.sees("epeat");
    terminal.types(PIN);
    let (screen, code) = terminal.ends();
    assert_eq!(code, 0, "{screen}");
    env.write("pin", PIN);
    env.run(["key", "create", "--label", "web", "--algorithm", "ec-p256", "--pin-file", "pin"]).success();
}

#[test]
fn a_short_pin_is_refused_before_the_next_prompt() {
    let env = TestEnv::new();
    let mut terminal = Terminal::start(env.command(KMSCTL, ["token", "init", "--label", "t"]));
    terminal.sees("at least 8 characters");
    terminal.types("1234567");
    let (screen, code) = terminal.ends();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("has fewer than 8 characters") && !screen.contains("epeat"), "{screen}");
    env.run(["token", "show"]).fails(6);
}

#[test]
fn mismatched_pins_make_no_token() {
    let env = TestEnv::new();
    env.write("so-pin", SO_PIN);
    let mut terminal =
        Terminal::start(env.command(KMSCTL, ["token", "init", "--label", "t", "--so-pin-file", "so-pin"]));
    terminal.sees("ew user PIN");
    terminal.types(PIN);
    terminal.sees("epeat");
    terminal.types("something else");
    let (screen, code) = terminal.ends();
    assert_eq!(code, 5, "{screen}");
    env.run(["token", "show"]).fails(6);
}

#[test]
fn other_programs_see_the_new_token() {
    let env = token::softhsm();
    let slots =
        oracle::tool(&env, "pkcs11-tool", &["--module", path_text(&token::softhsm_module()), "--list-slots"]);
    assert!(slots.text().contains("token label        : test"), "{slots}");
    let made = env.run(["token", "show", "--json"]).success().json();
    assert!(slots.text().contains(field(&made, "serial")), "{slots}");
    // Both PINs work.
    oracle::pkcs11_tool(&env, &["--list-objects"]);
    oracle::set_user_pin(&env, SO_PIN, "set-by-the-officer");
    env.write("pin", "set-by-the-officer");
    env.run(["key", "list", "--pin-file", "pin"]).success();
}

#[test]
fn initialises_a_second_token() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    env.run(["token", "init", "--label", "second", "--so-pin-file", "so-pin"]).success();
    let tokens = env.run(["token", "list", "--json"]).success().json();
    let labels: Vec<_> =
        tokens.as_array().expect("array").iter().filter_map(|token| token["label"].as_str()).collect();
    assert!(labels.contains(&"test") && labels.contains(&"second"), "{labels:?}");
    assert_eq!(
        env.with("KMSCTL_TOKEN", "test").run(["key", "list", "--json"]).success().json()[0]["label"],
        "web"
    );
}

#[test]
fn the_token_of_the_run_and_the_new_label_agree() {
    let env = token::softhsm();
    let init = |token: &str| {
        let generate = ["token", "init", "--label", "new", "--generate-pin", "pin", "--token", token];
        env.without("KMSCTL_PIN").without("KMSCTL_PIN_FILE").run(generate)
    };
    init("other").fails(2).saying("the new token's label is \"new\"").saying("--slot");
    assert!(!env.file("pin").exists());
    init("new").success();
}

#[test]
fn a_pin_refused_by_the_module_changes_nothing() {
    let env = token::blank_softhsm();
    env.write("short", "123");
    let init = ["token", "init", "--label", "t", "--so-pin-file"];
    env.run(init.iter().chain(&["so-pin", "--pin-file", "short"])).fails(5).saying("4 to 255");
    env.run(init.iter().chain(&["short"])).fails(5).saying("SO PIN");
    assert_eq!(fs::read_dir(env.path("softhsm")).expect("directory").count(), 0);
}

#[test]
fn a_failed_init_leaves_no_pin_file() {
    let env = token::softhsm();
    env.run(["token", "init", "--label", LABEL, "--generate-pin", "made"]).fails(8);
    assert!(!env.file("made").exists() && !env.file("made.so").exists());
}

/// A directory with other files is refused as a store and not changed.
#[test]
fn a_directory_in_use_is_left_alone() {
    let env = TestEnv::new();
    fs::create_dir(env.file("mine")).expect("directory");
    env.write("mine/letter", "dear");
    let output = env.run(["token", "init", "--label", "t", "--generate-pin", "pin", "--store", "mine"]);
    assert_ne!(output.status.code(), Some(0), "{output}");
    assert_eq!(env.read("mine/letter"), b"dear");
    assert_eq!(fs::read_dir(env.file("mine")).expect("directory").count(), 1);
    assert!(!env.file("pin").exists(), "a PIN file without a token was left");
}

#[test]
fn an_unwritable_store_is_an_error() {
    let env = TestEnv::new();
    for place in ["/proc/kmsctl", "/dev/null/kmsctl"] {
        env.run(["token", "init", "--label", "t", "--generate-pin", "pin", "--store", place])
            .fails(6)
            .saying(place);
        assert!(!env.file("pin").exists(), "a PIN file without a token was left");
    }
}

/// The PIN files are written before the PINs are set on the token. After a kill in between they remain, the next run hints
/// how to continue with them, and they are never overwritten.
#[test]
fn an_interrupted_init_of_softhsm_is_completed_with_its_pin_files() {
    let init = ["token", "init", "--label", "t", "--generate-pin", "made"];
    let resume = ["token", "init", "--label", "t", "--pin-file", "made", "--so-pin-file", "made.so"];
    for call in ["C_InitToken:1 kill-before", "C_InitToken:1 kill-after", "C_InitPIN:1 kill-before"] {
        let env = token::blank_softhsm();
        let killed = watched(&env).without("KMSCTL_PIN_FILE").with("KMSCTL_FAULT", call).run(init);
        assert_eq!(killed.status.code(), None, "{call}\n{killed}");
        let pins = (env.read("made"), env.read("made.so"));
        let refused = env.run(init).fails(8);
        refused.saying("`--pin-file made --so-pin-file made.so` instead of");
        env.run(resume).success();
        assert_eq!((env.read("made"), env.read("made.so")), pins, "{call}");
        env.run(["key", "list", "--pin-file", "made"]).success();
    }
}

/// Some tokens come with an SO PIN (openCryptoki).
#[test]
fn a_blank_token_may_have_an_so_pin() {
    let env = token::blank_softhsm();
    let init = ["token", "init", "--label", "t"];
    let run =
        watched(&env).with("KMSCTL_SO_PIN", SO_PIN).with("KMSCTL_FAULT_RULES", "C_InitToken=0xa0").run(init);
    run.fails(5).saying("give the SO PIN that the token has from its vendor");
}

#[test]
fn an_interrupted_embedded_init_is_completed_with_its_pin_files() {
    let env = TestEnv::new();
    env.run(["token", "init", "--label", "t", "--generate-pin", "made"]).success();
    // As after a kill between writing the PIN files and making the token.
    fs::remove_dir_all(env.path("home/data/kmsctl")).expect("the store");
    env.run(["token", "init", "--label", "t", "--generate-pin", "made"])
        .fails(8)
        .saying("--so-pin-file made.so");
    env.run(["token", "init", "--label", "t", "--pin-file", "made", "--so-pin-file", "made.so"]).success();
    env.run(["key", "list", "--pin-file", "made"]).success();
    // A kill between the two PIN files leaves that of the SO.
    let env = TestEnv::new();
    fs::rename(env.write("x", "security-officer-9"), env.file("made.so")).expect("renamed");
    env.run(["token", "init", "--label", "t", "--generate-pin", "made"])
        .fails(8)
        .saying("beside `--generate-pin`");
    env.run(["token", "init", "--label", "t", "--generate-pin", "made", "--so-pin-file", "made.so"])
        .success();
    // A killed set-pin leaves the file with the new PIN.
    env.write("new", "another-good-one");
    let change = ["token", "set-pin", "--pin-file", "made", "--generate-pin", "new"];
    env.run(change).fails(8).saying("`--new-pin-file new`");
    env.run(["token", "set-pin", "--pin-file", "made", "--new-pin-file", "new"]).success();
    env.run(["key", "list", "--pin-file", "new"]).success();
}

/// A script may run it again: a token that is there, with this label, is left as it is, and nothing is asked for.
#[test]
fn if_not_exists_changes_nothing() {
    for (env, module) in [(TestEnv::new(), false), (token::blank_softhsm(), true)] {
        let mut init =
            vec!["token", "init", "--label", "t", "--if-not-exists", "--generate-pin", "made", "--json"];
        if !module {
            init.extend(["--store", "store"]);
        }
        let made = env.run(&init[..]).success().json();
        assert_eq!((&made["created"], &made["changed"]), (&true.into(), &true.into()));
        let pin = env.read("made");
        let found = env.run(&init[..]).success().json();
        assert_eq!((&found["created"], &found["changed"]), (&false.into(), &false.into()));
        assert_eq!(found["serial"], made["serial"]);
        assert_eq!(env.read("made"), pin);
        let mut other = init.clone();
        (other[3], other[6]) = ("u", "other");
        if !module {
            env.run(&other[..]).fails(8);
        }
    }
}
