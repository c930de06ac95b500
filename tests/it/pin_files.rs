//! Malformed and missing PINs are errors before any login, so they do not use up a try.

use std::fs;

use crate::support::{
    TestEnv,
    fault::watched,
    field, path_text,
    token::{self, PIN, on_both_tokens},
};

on_both_tokens!(
    malformed_pins_are_refused_before_a_login,
    the_hint_repairs_a_malformed_pin_file,
    an_empty_pin_names_its_source,
    without_a_terminal_the_hint_names_the_missing_option,
);

/// Makes a key and returns the PIN.
fn with_key(env: &TestEnv) -> Vec<u8> {
    env.create("web", "ec-p256");
    fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("PIN file").trim_end().into()
}

/// Each way to read the PIN from the file `odd`: what a shell line has before and after `kmsctl sign …`.
const SOURCES: [(&str, &str); 8] = [
    ("", "--pin-file odd"),
    ("", "--pin-fd 7 7< odd"),
    ("", "--pin-fd 0 < odd"),
    ("", "--pin-command 'cat odd'"),
    ("KMSCTL_PIN_FILE=odd", ""),
    ("CREDENTIALS_DIRECTORY=$PWD/credentials", ""),
    ("KMSCTL_CONFIG=c.toml", "--profile file"),
    ("KMSCTL_CONFIG=c.toml KMSCTL_PROFILE=command", ""),
];

fn sign(env: &TestEnv, source: (&str, &str)) -> crate::support::output::Output {
    let (before, after) = source;
    env.shell(&format!(
        "unset KMSCTL_PIN_FILE; {before} kmsctl sign --label web --in /dev/null {after} --json"
    ))
}

fn write(env: &TestEnv, content: &[u8]) {
    env.write("odd", content);
    fs::create_dir_all(env.file("credentials")).expect("made");
    env.write("credentials/kmsctl-pin", content);
    env.write("c.toml", "[profile.file]\npin-file = \"odd\"\n[profile.command]\npin-command = \"cat odd\"\n");
}

fn malformed_pins_are_refused_before_a_login(env: &TestEnv) {
    let pin = with_key(env);
    let with = |before: &[u8], after: &[u8]| [before, &pin, after].concat();
    let utf16 = |first: &[u8]| -> Vec<u8> {
        first.iter().copied().chain(pin.iter().flat_map(|byte| [*byte, 0])).collect()
    };
    for (content, part) in [
        (with("\u{feff}".as_bytes(), b"\n"), "byte order mark"),
        (utf16(b"\xff\xfe"), "UTF-16"),
        (with(b"", b" \n"), "ends with a blank"),
        (with(b"", b"\t"), "ends with a blank"),
        (with(b"", "\u{a0}\n".as_bytes()), "ends with a blank"),
        (with(b"", b"\n\n"), "second line"),
        (with(b"", b"\nanother\n"), "second line"),
        (with(b"\n", b"\n"), "second line"),
        (with(b"", b"\r\n\r\n"), "second line"),
        (with(b"", b"\ranother"), "second line"),
    ] {
        write(env, &content);
        for source in SOURCES {
            let error = sign(env, source).fails(5).error();
            assert_eq!(error["code"], "PIN_INVALID", "{error}");
            assert!(field(&error, "message").contains(part), "{part}: {error}");
            assert!(field(&error, "hint").contains("no login was tried"), "{error}");
            assert!(!error.to_string().contains(std::str::from_utf8(&pin).expect("text")), "{error}");
        }
    }
    // The token would report any login that was tried.
    let shown = env.run(["token", "show", "--json"]).success().json();
    assert_eq!(shown["userPin"], "ok", "{shown}");
    // A single LF or CR LF at the end is not part of the PIN.
    for end in [&b""[..], b"\n", b"\r\n"] {
        write(env, &with(b"", end));
        for source in SOURCES {
            sign(env, source).success();
        }
    }
}

fn the_hint_repairs_a_malformed_pin_file(env: &TestEnv) {
    let pin = with_key(env);
    let name = "my 'odd' pin $x";
    for (before, after) in [("\u{feff}", "\n"), ("", "  \n"), ("", " \t")] {
        env.write(name, [before.as_bytes(), &pin, after.as_bytes()].concat());
        let args = ["sign", "--label", "web", "--in", "so-pin", "--pin-file", name, "--json"];
        let error = env.run(args).fails(5).error();
        let command = field(&error, "hint").split('`').nth(1).expect("a command").to_owned();
        env.shell(&command).success();
        env.run(args).success();
    }
}

fn an_empty_pin_names_its_source(env: &TestEnv) {
    with_key(env);
    for content in [&b""[..], b"\n", b"\r\n"] {
        write(env, content);
        for (source, name) in SOURCES.into_iter().zip([
            "file odd",
            "file descriptor 7",
            "standard input",
            "the PIN command printed nothing",
            "file odd",
            "kmsctl-pin",
            "odd",
            "the PIN command printed nothing",
        ]) {
            let error = sign(env, source).fails(5).error();
            assert_eq!(error["code"], "PIN_INVALID", "{error}");
            assert!(field(&error, "message").contains(name), "{name}: {error}");
        }
    }
    let variable = env.without("KMSCTL_PIN_FILE").with("KMSCTL_PIN", "");
    variable.run(["sign", "--label", "web"]).fails(5).saying("KMSCTL_PIN is empty");
    let shown = env.run(["token", "show", "--json"]).success().json();
    assert_eq!(shown["userPin"], "ok", "{shown}");
}

/// The hint names the options for the PIN that is missing, and no others.
fn without_a_terminal_the_hint_names_the_missing_option(env: &TestEnv) {
    env.write("new", PIN);
    let hint = |line: &str| -> String {
        let run = env.without("KMSCTL_PIN_FILE").without("KMSCTL_SO_PIN_FILE");
        let error = run.run(line.split(' ').chain(["--json"])).fails(5).error();
        assert_eq!(error["code"], "PIN_MISSING", "{error}");
        field(&error, "hint").to_owned()
    };
    let place = if env.has("KMSCTL_MODULE") { "" } else { " --store another" };
    let init = format!("token init --label other{place}");
    for (line, wanted, unwanted) in [
        ("key list --no-input --label x".replace("key list", "sign"), "--pin-file", "--so-pin-file"),
        ("token set-pin".to_owned(), "--pin-file", "--new-pin-file"),
        (
            format!("token set-pin --pin-file {}", env.variable("KMSCTL_PIN_FILE")),
            "--new-pin-file",
            "--so-pin-file",
        ),
        ("token unlock".to_owned(), "--so-pin-file", "--new-pin-file"),
        ("token unlock --so-pin-file so-pin".to_owned(), "--new-pin-file", "--so-pin-file"),
        (init.clone(), "--generate-pin", "--new-pin-file"),
        (format!("{init} --pin-file new"), "--so-pin-file", "--new-pin-file"),
    ] {
        let hint = hint(&line);
        assert!(hint.contains(&format!("`{wanted} ")), "{line}: {hint}");
        assert!(!hint.contains(unwanted), "{line}: {hint}");
    }
}

/// An NSS database without a password needs no PIN.
#[test]
fn a_token_without_a_pin_accepts_an_empty_one() {
    let mut env = TestEnv::new();
    let database = env.path("nss");
    fs::create_dir(&database).expect("a directory");
    let directory = format!("sql:{}", path_text(&database));
    let made = env.command("certutil", ["-N", "--empty-password", "-d", &directory]).output();
    assert!(made.expect("certutil: `./dev test` installs it").status.success());
    let module = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        .iter()
        .map(|directory| std::path::Path::new(directory).join("libsoftokn3.so"))
        .find(|path| path.exists())
        .expect("NSS is not installed: `./dev test` installs it");
    let arguments = format!("configdir='{directory}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=");
    env.set("KMSCTL_MODULE", path_text(&module))
        .set("KMSCTL_MODULE_ARGS", &arguments)
        .set("KMSCTL_TOKEN", "NSS Certificate DB");
    env.create("k", "ec-p256");
    env.write("empty", "");
    for (before, after) in [
        ("", ""),
        ("", "--pin-file empty"),
        ("", "--pin-command true"),
        ("KMSCTL_PIN=", ""),
        ("KMSCTL_PIN_FILE=empty", ""),
    ] {
        env.shell(&format!("{before} kmsctl sign --label k --in empty {after}")).success();
    }
    env.write("odd", "\n\n");
    env.run(["sign", "--label", "k", "--in", "empty", "--pin-file", "odd"]).fails(5).saying("second line");
}

/// The error names the reason that the token returned; a login that fails for another reason is not called a wrong PIN.
#[test]
fn only_a_wrong_pin_is_called_wrong() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    for (value, exit, code, part) in [
        ("0xa0", 5, "PIN_INCORRECT", "wrong user PIN"),
        ("0xa1", 5, "PIN_INVALID", "characters of this user PIN"),
        ("0xa2", 5, "PIN_INVALID", "user PIN of this length"),
        ("0xa3", 5, "PIN_INVALID", "has expired"),
        ("0xa4", 5, "PIN_LOCKED", "is locked"),
        ("0xe0", 6, "TOKEN_GONE", "CKR_TOKEN_NOT_PRESENT"),
        ("0x54", 6, "TOKEN_INCAPABLE", "CKR_FUNCTION_NOT_SUPPORTED"),
        ("0x80000001", 6, "TOKEN_ERROR", "CKR_VENDOR_DEFINED+0x1"),
    ] {
        let run = watched(&env).with("KMSCTL_FAULT", format!("C_Login:1+ fail-before {value}"));
        let error = run.run(["sign", "--label", "web", "--json"]).fails(exit).error();
        let message = field(&error, "message");
        assert_eq!((field(&error, "code"), message.contains(part)), (code, true), "{value}: {error}");
        assert_eq!(message.contains("wrong"), value == "0xa0", "{value}: {error}");
    }
}
