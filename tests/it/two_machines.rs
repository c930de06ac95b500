//! Two machines with one token: one uses SoftHSM directly, the other through `p11-kit server` and a socket. They share no
//! lock.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
};

use crate::{
    interleaved,
    support::{Run, TestEnv, field, path_text, token},
};

/// The server, killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn start(env: &TestEnv) -> Self {
        let socket = env.path("p11.sock");
        let module = token::softhsm_module();
        let args = ["server", "--foreground", "--name", path_text(&socket), "--provider", path_text(&module)];
        let mut command = env.command("p11-kit", args.iter().chain(&["pkcs11:token=test"]));
        let mut process = command.stdout(Stdio::piped()).spawn().expect("p11-kit: `./dev test` installs it");
        let output = process.stdout.take().expect("a pipe");
        let address = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (address, _) = line.split_once("P11_KIT_SERVER_ADDRESS=")?.1.split_once(';')?;
                Some(address.to_owned())
            })
            .expect("an address");
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("the server runs");
        self.process.wait().expect("the server ends");
    }
}

pub(crate) fn client_module() -> PathBuf {
    [
        "/usr/lib/x86_64-linux-gnu/pkcs11",
        "/usr/lib/aarch64-linux-gnu/pkcs11",
        "/usr/lib64/pkcs11",
        "/usr/lib/pkcs11",
    ]
    .iter()
    .map(|directory| Path::new(directory).join("p11-kit-client.so"))
    .find(|path| path.exists())
    .expect("p11-kit-client.so is not installed: `./dev test` installs it")
}

/// A run on the other machine: through the server, with another directory for locks.
fn on_other_machine<'env>(env: &'env TestEnv, server: &Server) -> Run<'env> {
    let runtime = env.path("other-run");
    fs::create_dir_all(&runtime).expect("a directory");
    env.with("KMSCTL_MODULE", client_module())
        .with("P11_KIT_SERVER_ADDRESS", &server.address)
        .with("XDG_RUNTIME_DIR", runtime)
}

#[test]
fn both_machines_see_and_change_the_same_keys() {
    let env = token::softhsm();
    let server = Server::start(&env);
    env.write("message", "m");
    let created = env.create("k", "ec-p256");
    let there = on_other_machine(&env, &server).run("key show --label k --json".split(' ')).success().json();
    for name in ["keyTag", "keyId", "keystoreId", "ckaId", "registerDate"] {
        assert_eq!(created[name], there[name], "{name}");
    }
    on_other_machine(&env, &server).run("sign --label k --in message --out sig".split(' ')).success();
    on_other_machine(&env, &server).run("key rotate --label k".split(' ')).success();
    env.run("verify --label k --signature sig --in message".split(' ')).success();
    on_other_machine(&env, &server).run("key disable --label k".split(' ')).success();
    env.run("sign --label k --in message".split(' ')).fails(7);
    env.run("key enable --label k".split(' ')).success();
    on_other_machine(&env, &server).run("sign --label k --in message".split(' ')).success();
    on_other_machine(&env, &server).run("key delete --label k --yes".split(' ')).success();
    assert!(env.keys().is_empty());
}

#[test]
fn concurrent_rotations_lose_and_duplicate_nothing() {
    const ROUNDS: usize = 12;
    let env = token::softhsm();
    let server = Server::start(&env);
    env.create("k", "ec-p256");
    let line = || "key rotate --label k --json".split(' ');
    let mut expected = 1;
    for _ in 0..ROUNDS {
        let (here, there) = thread::scope(|scope| {
            let there = scope.spawn(|| on_other_machine(&env, &server).run(line()));
            (env.run(line()), there.join().expect("no panic"))
        });
        let mut ids = Vec::new();
        for output in [here, there] {
            if output.status.success() {
                ids.push(field(&output.json(), "ckaId").to_owned());
            } else {
                assert_eq!(field(&output.error(), "code"), "KEY_CONFLICT", "{output}");
            }
        }
        assert!(!ids.is_empty(), "both rotations failed");
        expected += ids.len();
        let versions = env.run("key versions --label k --json".split(' ')).success().json();
        let versions = versions.as_array().expect("an array").clone();
        assert_eq!(versions.len(), expected, "{versions:?}");
        let known: Vec<_> = versions.iter().map(|version| field(version, "ckaId").to_owned()).collect();
        assert!(ids.iter().all(|id| known.contains(id)), "a reported version is lost");
        let signing =
            versions.iter().filter(|version| version["usage"] == serde_json::json!(["sign", "verify"]));
        assert_eq!(signing.count(), 1, "not exactly one version signs: {versions:?}");
        let verifies = |version: &serde_json::Value| version["usage"].to_string().contains("verify");
        assert!(versions.iter().all(verifies), "{versions:?}");
        assert_eq!(env.keys().len(), 1);
    }
}

/// Each machine in turn rotates between any two calls of the other's rotation.
#[test]
fn one_machine_rotates_during_a_rotation_of_the_other() {
    for remote in ["one", "two"] {
        let mut env = token::softhsm();
        let server = Server::start(&env);
        env.set("P11_KIT_SERVER_ADDRESS", &server.address).set("REMOTE", remote);
        interleaved::a_rotation_within_a_rotation(&env);
    }
}
