//! Directories, FIFOs, sockets and devices in place of a file: each is read or refused with exit code 2, and nothing waits
//! forever.

use std::{os::unix::net::UnixListener, thread, time::Instant};

use crate::support::{TestEnv, oracle, token};

/// Every command that reads a named file; `@` is replaced by the name.
const COMMANDS: &[&[&str]] = &[
    &["sign", "--label", "ec", "--in", "@"],
    &["sign", "--label", "ec", "--in", "@", "--in", "data"],
    &["sign", "--label", "ec", "--format", "jws", "--in", "@"],
    &["sign", "--label", "ec", "--digest", "--in", "@"],
    &["verify", "--label", "ec", "--signature", "sig", "--in", "@"],
    &["verify", "--label", "ec", "--signature", "@", "--in", "data"],
    &["verify", "--label", "ec", "--signature", "jws", "--in", "@"],
    &["verify", "--public-key", "@", "--signature", "sig", "--in", "data"],
    &["encrypt", "--label", "aes", "--in", "@"],
    &["encrypt", "--label", "aes", "--in", "@", "--in", "data"],
    &["encrypt", "--public-key", "@", "--in", "data"],
    &["decrypt", "--in", "@"],
    &["inspect", "--in", "@"],
    &["jwt", "sign", "--label", "ec", "--claims", "@"],
    &["jwt", "sign", "--label", "ec", "--payload", "@"],
    &["jwt", "verify", "--label", "ec", "--in", "@"],
    &["jwt", "verify", "--jwks", "@", "--in", "jws"],
    &["jwt", "decode", "--in", "@"],
    &["key", "import", "--label", "new", "--in", "@"],
    &["key", "create", "--request", "@"],
    &["key", "unwrap", "--in", "@"],
    &["key", "import", "--label", "new", "--component", "@", "--component", "@"],
];

fn prepared() -> TestEnv {
    let env = token::embedded();
    env.create("ec", "ec-p256");
    env.create("aes", "aes-256");
    env.write("data", "data");
    env.run(["sign", "--label", "ec", "--in", "data", "--out", "sig"]).success();
    env.run(["sign", "--label", "ec", "--format", "jws", "--in", "data", "--out", "jws"]).success();
    env.shell("mkdir directory; mkfifo fifo").success();
    env
}

fn with(command: &[&'static str], name: &'static str) -> Vec<&'static str> {
    command.iter().map(|word| if *word == "@" { name } else { word }).collect()
}

#[test]
fn directories_and_sockets_are_refused() {
    let env = prepared();
    let _listener = UnixListener::bind(env.file("socket")).expect("bound");
    for command in COMMANDS {
        env.run(with(command, "directory")).exits(2).saying("directory is a directory");
        env.run(with(command, "socket")).exits(2).saying("socket is a socket");
    }
}

/// All at once, because each run waits a few seconds for a writer.
#[test]
fn a_fifo_without_a_writer_times_out() {
    let env = prepared();
    let start = Instant::now();
    let passphrase =
        ["key", "import", "--label", "new", "--in", "encrypted.pem", "--passphrase-file", "fifo"];
    oracle::tool(
        &env,
        "openssl",
        &["genpkey", "-algorithm", "RSA", "-aes256", "-pass", "pass:x", "-out", "encrypted.pem"],
    );
    thread::scope(|scope| {
        for (command, exit) in [
            (&["config", "show", "--config", "fifo"][..], 2),
            (&["key", "list", "--pin-file", "fifo"], 5),
            (&passphrase, 2),
        ] {
            let env = &env;
            scope.spawn(move || {
                env.run(command).exits(exit).saying("it is a FIFO, and no program writes to it")
            });
        }
        for command in COMMANDS {
            let env = &env;
            scope.spawn(move || {
                env.run(with(command, "fifo")).exits(2).saying("fifo is a FIFO, and no program writes to it");
            });
        }
    });
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn pipes_and_devices_are_read() {
    let env = prepared();
    for script in [
        "kmsctl verify --label ec --signature <(cat sig) --in <(sleep 0.2; cat data)",
        "cat data > fifo & kmsctl verify --label ec --signature sig --in fifo",
        "(sleep 1; cat data) > fifo & kmsctl verify --label ec --signature sig --in fifo",
        "kmsctl verify --label ec --signature sig --in /dev/stdin < data",
        "cat data | kmsctl verify --label ec --signature sig --in /dev/stdin",
        "head -c 3000000 /dev/zero | kmsctl encrypt --label aes --in /dev/fd/0 | kmsctl decrypt --in /dev/fd/0 | cmp - <(head -c 3000000 /dev/zero)",
        "test \"$(kmsctl encrypt --label aes --in /dev/null | kmsctl decrypt)\" = ''",
        "kmsctl sign --label ec --in <(true) >/dev/null",
    ] {
        env.shell(&format!("set -o pipefail; {script}")).success();
    }
    // An endless device is read only up to the size limit of the input.
    for command in COMMANDS.iter().filter(|command| {
        let streams = ["sign", "encrypt"].contains(&command[0]) || command.ends_with(&["sig", "--in", "@"]);
        !streams || command.contains(&"--public-key") || command.contains(&"--digest")
    }) {
        env.run(with(command, "/dev/zero")).exits_any(&[2, 3]);
    }
}

/// Some editors write a byte order mark at the start of a file.
#[test]
fn byte_order_marks_are_reported() {
    let env = prepared();
    let text = env.run(["encrypt", "--label", "aes", "--in", "data"]).success();
    env.write("text", [b"\xef\xbb\xbf".as_slice(), text.line().as_bytes()].concat());
    for command in ["decrypt", "inspect", "reencrypt"] {
        env.run([command, "--in", "text"]).fails(2).saying("byte order mark");
    }
    oracle::tool(&env, "iconv", &["-t", "UTF-16", "-o", "utf16", "jws"]);
    env.run(["jwt", "decode", "--in", "utf16"]).fails(2).saying("UTF-16");
}
