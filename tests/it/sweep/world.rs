//! The saved state that each run of a sweep starts from, and the checks after each run.

use std::fs;

use serde_json::Value;

use super::{Case, LABEL, NEW_LABEL};
use crate::support::{
    TestEnv, field,
    output::Output,
    saved::{Saved, files, is_softhsm},
};

/// A token with keys that the command does not touch, and a copy of it.
pub(super) struct World<'env> {
    pub(super) env: &'env TestEnv,
    saved: Saved,
    content: Vec<u8>,
    objects: usize,
    keys: Vec<Value>,
    /// Requests that the untouched keys must still answer, each with the name of its result field.
    old_work: Vec<(String, &'static str)>,
    subject_work: Option<String>,
    secrets: Vec<Vec<u8>>,
}

const MESSAGE: &str = "bWVzc2FnZQ==";

impl<'env> World<'env> {
    pub(super) fn of(env: &'env TestEnv, case: &Case) -> Self {
        env.create("keep", "ec-p256");
        env.create("vault", "aes-256");
        let saved = Saved::of(env);
        let mut old_work =
            vec![(format!(r#"{{"op":"sign","label":"keep","data":"{MESSAGE}"}}"#), "signature")];
        old_work.push((decryption(&encrypted(env, "vault")), "plaintext"));
        let subject = env.keys().into_iter().find(|key| field(key, "label") == LABEL);
        let subject_work = subject.filter(|key| case.keeps && key["type"] == "SECRET").map(|key| {
            let command = match field(&key, "status") {
                "DISABLE" => "enable",
                "REVOKE" => "restore",
                _ => "",
            };
            saved.temporarily(env, || {
                if command == "restore" {
                    env.run(["key", "restore", "--label", LABEL]).success();
                }
                if !command.is_empty() {
                    env.run(["key", "enable", "--label", LABEL]).success();
                }
                decryption(&encrypted(env, LABEL))
            })
        });
        let mut world = Self {
            env,
            saved,
            content: Vec::new(),
            objects: 0,
            keys: env.keys(),
            old_work,
            subject_work,
            secrets: secrets(env),
        };
        (world.objects, world.content) = world.saved.objects();
        world
    }

    pub(super) fn token(&self) -> &'static str {
        if is_softhsm(self.env) { "SoftHSM2" } else { "embedded" }
    }

    pub(super) fn restore(&self) {
        self.saved.restore();
    }

    /// The key that the command works on, under its old or new label.
    pub(super) fn key(&self) -> Option<Value> {
        self.env.keys().into_iter().find(|key| [LABEL, NEW_LABEL].contains(&field(key, "label")))
    }

    /// Whether every object is unchanged, byte for byte.
    pub(super) fn is_as_saved(&self) -> bool {
        self.saved.objects().1 == self.content
    }

    /// Whether the number of objects and the listed keys are unchanged: an object may have been changed and changed back.
    pub(super) fn looks_as_saved(&self) -> bool {
        self.saved.objects().0 == self.objects && self.env.keys() == self.keys
    }

    /// Keys that the command does not touch still sign and decrypt.
    pub(super) fn assert_old_keys_work(&self, what: &str) {
        let requests: Vec<_> = self.old_work.iter().map(|(request, _)| request.as_str()).collect();
        let answered = self.env.run_with_stdin(requests.join("\n"), ["batch", "--jobs", "1"]);
        let answers: Vec<Value> =
            answered.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(answers.len(), self.old_work.len(), "{what}\n{answered}");
        for (answer, (_, result)) in answers.iter().zip(&self.old_work) {
            assert!(answer["result"][result].is_string(), "lost: {what}\n{answer}");
        }
    }

    /// The command's key still decrypts its older ciphertext once it is enabled.
    pub(super) fn assert_subject_works(&self, what: &str) {
        let Some(request) = &self.subject_work else { return };
        let status = self.key().map(|key| field(&key, "status").to_owned());
        let opens = || self.env.run_with_stdin(request, ["batch", "--jobs", "1"]);
        if status.as_deref() == Some("ENABLE") {
            let opened = opens();
            assert!(opened.status.success(), "unusable: {what}\n{opened}");
            return;
        }
        opens().exits(1);
        self.saved.temporarily(self.env, || {
            if status.as_deref() == Some("REVOKE") {
                self.env.run(["key", "restore", "--label", LABEL]).success();
            }
            self.env.run(["key", "enable", "--label", LABEL]).success();
            let opened = opens();
            assert!(opened.status.success(), "unusable once enabled: {what}\n{opened}");
        });
    }

    /// No secret is on a stream or in a file, except the files made to hold one.
    pub(super) fn assert_no_secret_leaked(&self, ended: &Output, what: &str) {
        let holds = |text: &[u8]| {
            self.secrets.iter().any(|secret| text.windows(secret.len()).any(|window| window == secret))
        };
        assert!(!holds(&ended.stdout) && !holds(&ended.stderr), "a secret was printed: {what}\n{ended}");
        for path in files(self.env.root()) {
            let may_hold_secrets = path
                .file_name()
                .is_some_and(|name| ["pin", "so-pin", "import.key"].iter().any(|allowed| name == *allowed));
            let text = fs::read(&path).unwrap_or_default();
            assert!(may_hold_secrets || !holds(&text), "a secret is in {}: {what}", path.display());
        }
    }
}

fn encrypted(env: &TestEnv, label: &str) -> String {
    let sealed = env.run_with_stdin("old text", ["encrypt", "--label", label, "--context", "c"]).success();
    sealed.text().trim_end().to_owned()
}

fn decryption(ciphertext: &str) -> String {
    format!(r#"{{"op":"decrypt","ciphertext":"{ciphertext}","context":"c"}}"#)
}

/// The PINs, and the private value of an imported key.
fn secrets(env: &TestEnv) -> Vec<Vec<u8>> {
    let mut secrets = vec![env.read("so-pin"), fs::read(env.path("pin")).expect("the PIN")];
    if let Ok(pem) = fs::read_to_string(env.file("import.key")) {
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = data_encoding::BASE64.decode(base64.as_bytes()).expect("a PEM file");
        // RFC 5915: the private value follows the version and its own length.
        let start = der.windows(5).position(|window| window == [2, 1, 1, 4, 32]).expect("an EC key") + 5;
        secrets.push(der[start..start + 32].to_vec());
        secrets.push(base64.into_bytes());
    }
    secrets.iter().map(|secret| secret.trim_ascii_end().to_vec()).collect()
}
