//! Callers that close a standard stream or stop reading early, for every command.

use std::{
    io::Write,
    process::{Child, Command, Stdio},
};

use kmsctl::commands::each_grammar;

use crate::{
    precedence::COMMANDS,
    support::{KMSCTL, TestEnv, process, token::embedded},
};

/// An environment in which each line of [`RESULTS`] and [`LISTINGS`] works.
fn test_env() -> TestEnv {
    let env = embedded();
    env.create("ec", "ec-p256");
    env.create("aes", "aes-256");
    env.write("data", "data");
    env.write("batch", "{\"op\":\"random\",\"bytes\":16}\n");
    env.write("claims", "{}");
    let line = |line: &str| env.run(line.split(' ')).success();
    line("sign --label ec --in data --out sig");
    line("encrypt --label aes --in data --out sealed");
    line("jwt sign --label ec --claims claims --ttl 15m --out jwt");
    line("key show --label ec --pem --out ec.pem");
    line("random 32 --encoding binary --out raw");
    line("component split --in raw --algorithm aes-256 --shares 2 --out-dir parts");
    env
}

/// Commands that succeed in [`test_env`] and do not affect each other. These print a result; those in [`LISTINGS`] print a
/// listing, a report or an answer.
const RESULTS: &[&str] = &[
    "sign --label ec --in data",
    "jwt sign --label ec --claims claims --ttl 15m",
    "jwt verify --label ec --in jwt",
    "jwt decode --in jwt",
    "jwks",
    "batch --in batch",
    "encrypt --label aes --in data",
    "decrypt --in sealed",
    "reencrypt --in sealed",
    "datakey --label aes",
    "random 16",
    "key show --label ec --pem",
];
const LISTINGS: &[&str] = &[
    "token list",
    "token show",
    "key list",
    "key show --label ec",
    "key versions --label ec",
    "key rotate --due --dry-run",
    "key purge --due --yes",
    "key timer",
    "key update --label ec --memo note",
    "verify --label ec --signature sig --in data",
    "inspect --in sealed",
    "component show parts/component-1-of-2.pem",
    "config show",
    "config path",
    "explain 3",
    "completions bash",
    "completions zsh",
    "man",
    "--help",
    "sign --help",
    "--version",
];

fn all() -> impl Iterator<Item = &'static str> {
    RESULTS.iter().chain(LISTINGS).copied()
}

/// Commands that take long, run another program or ask for input. They use the same code for their output.
const NOT_LISTED: [&str; 9] = [
    "bench",
    "component split",
    "config add-profile",
    "config edit",
    "config learn",
    "doctor",
    "ephemeral",
    "key wrap",
    "token backup",
];

#[test]
fn every_reading_command_is_in_a_list() {
    let is_of = |command: &str, line: &str| format!("{line} ").starts_with(&format!("{command} "));
    let changes = |command: &str| COMMANDS.iter().any(|(line, changes)| *changes && is_of(command, line));
    let commands = each_grammar().into_iter().map(|(command, _)| command);
    let missing: Vec<_> = commands
        .filter(|command| !changes(command) && !NOT_LISTED.contains(&command.as_str()))
        .filter(|command| !all().any(|line| is_of(command, line)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_closed_stream_is_an_error_in_every_command() {
    let env = test_env();
    for line in all().chain(["key create --label new --algorithm aes-256", "ephemeral -- true", "doctor"]) {
        for redirection in ["0<&-", "1>&-", "2>&-", "0<&- 1>&-", "1>&- 2>&-"] {
            let output = env.shell(&format!("kmsctl {line} {redirection}")).exits(2);
            assert!(output.stdout.is_empty(), "{output}");
            if !redirection.contains('2') {
                assert!(output.stderr_text().contains(" is closed\nhint: "), "{output}");
            }
        }
    }
    assert_eq!(env.labels(), ["aes", "ec"], "a refused command changed the token");
    let output = env.shell("kmsctl sign --label ec 0<&- --json").exits(2);
    assert_eq!(output.error()["code"], "USAGE");
    // The redirection that the hint suggests.
    env.shell("kmsctl sign --label ec < /dev/null > /dev/null 2> /dev/null").exits(0);
}

#[test]
fn a_null_device_does_not_count_as_a_closed_stream() {
    let env = test_env();
    // Python and daemon(3) open it once for reading and writing, and use it for all three streams.
    env.shell("kmsctl key list 0<>/dev/null 1>&0 2>&0").exits(0);
    env.shell("kmsctl sign --label ec 0<>/dev/null | grep -q .").exits(0);
    // Open but not readable: an error, not an empty message.
    for line in ["sign --label ec", "encrypt --label aes", "batch", "key import --label x"] {
        env.shell(&format!("kmsctl {line} 0>/dev/null")).fails(2).saying("cannot read standard input");
    }
    env.shell("kmsctl random 8 1</dev/null").exits(2).saying("cannot write standard output");
}

/// Spawns the command with its output in a pipe that has no reader.
fn spawn_without_reader(command: &mut Command) -> Child {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).spawn().expect("runs")
}

#[test]
fn a_closed_pipe_fails_results_but_not_listings() {
    let env = test_env();
    let run = |line: &str| {
        let mut command = env.command(KMSCTL, line.split(' '));
        process::finish(spawn_without_reader(&mut command), line.to_owned(), &env.path(""))
    };
    for line in RESULTS {
        run(line).exits(1).saying("cannot write standard output");
        // `reencrypt --json` refuses to write ciphertext and report to the same stream.
        run(&format!("{line} --json")).exits(if line.starts_with("reencrypt") { 2 } else { 1 });
    }
    for line in LISTINGS {
        run(line).exits(0).silent_but_for_hints();
    }
    // The exit code still gives the answer if the output is not read.
    env.write("other", "other");
    run("verify --label ec --signature sig --in other").exits(3);
    env.run("key rotate --label aes".split(' ')).success();
    run("reencrypt --in sealed --check").exits(3);
    run("reencrypt --in sealed --check --json").exits_any(&[1, 3]);
    // A command that changed the token succeeds.
    run("key create --label late --algorithm aes-256").exits(0);
    assert_eq!(env.labels(), ["aes", "ec", "late"]);
}

#[test]
fn a_result_cut_short_by_its_reader_is_an_error() {
    let env = test_env();
    env.write("long", vec![b'x'; 1 << 20]);
    env.run("encrypt --label aes --in long --out long.age".split(' ')).success();
    for line in [
        "kmsctl encrypt --label aes --in long --format age",
        "kmsctl decrypt --in long.age",
        "kmsctl random 100000",
        "yes '{\"op\":\"random\",\"bytes\":9999}' | head -n 50 | kmsctl batch",
        "yes '{\"op\":\"random\",\"bytes\":99999}' | head -n 50 | kmsctl batch",
    ] {
        let output = env.shell(&format!("set -o pipefail; ({line}) | head -c 100 > /dev/null"));
        output.exits(1).saying("cannot write standard output");
    }
    env.shell("set -o pipefail; kmsctl man | head -n 1 > /dev/null").exits(0);
    // The result is the same if the caller ignores SIGPIPE.
    env.shell("trap '' PIPE; set -o pipefail; kmsctl random 100000 | head -c 100 > /dev/null").exits(1);
}

#[test]
fn an_exported_completion_variable_changes_no_command() {
    let mut env = test_env();
    for shell in ["bash", "zsh", "fish", "nonsense"] {
        env.set("KMSCTL_COMPLETE", shell);
        env.run("verify --label ec --signature sig --in batch".split(' ')).exits(3);
        env.run("key list --json -q".split(' ')).success().json();
        env.run(["--version"]).success();
        env.run(["nonsense"]).fails(2);
        env.run(Vec::<&str>::new()).exits_any(&[0, 2]);
        env.run(["--"]).exits_any(&[0, 2]);
    }
}

#[test]
fn a_batchs_exit_code_depends_on_its_answers() {
    let env = test_env();
    let sig = String::from_utf8(env.read("sig")).expect("text");
    let verify = |data: &str| {
        format!(
            "{{\"op\":\"verify\",\"label\":\"ec\",\"data\":\"{data}\",\"signature\":\"{}\"}}\n",
            sig.trim()
        )
    };
    let (yes, no) = (verify("ZGF0YQ=="), verify("b3RoZXI="));
    let sealed = String::from_utf8(env.read("sealed")).expect("text");
    let unauthentic =
        format!("{{\"op\":\"decrypt\",\"ciphertext\":\"{}\",\"context\":\"x\"}}\n", sealed.trim());
    let wrong = "{\"op\":\"sign\",\"label\":\"none\",\"data\":\"\"}\n".to_owned();
    for (requests, code, said) in [
        (vec![&yes, &yes], 0, ""),
        (vec![&yes, &no], 3, "error: the answer to 1 of 2 requests is no\n"),
        (vec![&yes, &unauthentic], 3, "error: the answer to 1 of 2 requests is no\n"),
        (vec![&yes, &wrong], 1, "error: 1 of 2 requests failed\n"),
        (vec![&wrong, &no], 3, "error: the answer to 1 of 2 requests is no, and 1 failed\n"),
        (vec![&no], 3, "error: the answer to 1 of 1 request is no\n"),
    ] {
        let text: String = requests.into_iter().cloned().collect();
        let output = env.run_with_stdin(&text, ["batch"]).exits(code);
        assert!(output.stderr_text().starts_with(said), "{output}");
        assert_eq!(output.text().lines().count(), text.lines().count());
    }
    let output = env.run_with_stdin(&no, ["batch", "--json"]).exits(3);
    assert_eq!((&output.error()["code"], &output.error()["exit"]), (&"ANSWER_NO".into(), &3.into()));
    // The same exit code if the answers are discarded.
    let mut child =
        env.command(KMSCTL, ["batch"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("runs");
    child.stdin.take().expect("piped").write_all(no.as_bytes()).expect("written");
    assert_eq!(child.wait().expect("ended").code(), Some(3));
}
