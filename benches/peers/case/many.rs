//! Jobs over many keys and many operations, and on tokens where each call takes its time.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    process::Command,
};

use anyhow::Result;
use serde_json::json;

use super::{Case, Contestant, Job, rounds, slowed, text};
use crate::token::Token;

/// Signatures of one batch.
const BATCH: u32 = 1000;

impl Job<'_> {
    pub(super) fn list(&self) -> Result<Case> {
        let keys = self.softhsm.keys;
        let mut contestants: Vec<_> = self.both().map(|token| self.kmsctl(token, &["key", "list"])).into();
        contestants.push(self.pkcs11_tool(&["--list-objects"])?);
        // Among a thousand keys one run of p11tool takes minutes.
        if keys <= 10 {
            contestants.push(self.p11tool(&["--list-all"])?);
        }
        contestants.push(self.bare(&["list"])?);
        Ok(Case {
            title: format!("List of {keys} keys"),
            note: Some("two halves and a record for most keys, three objects".to_owned()),
            rounds: rounds(keys),
            contestants,
            reference: 2,
        })
    }

    pub(super) fn show(&self) -> Result<Case> {
        let keys = self.softhsm.keys;
        let label = format!("key-{:05}", keys / 2);
        let url = format!("pkcs11:object={label};type=public");
        let mut contestants: Vec<_> =
            self.both().map(|token| self.kmsctl(token, &["key", "show", "--label", &label])).into();
        let file = ["--output-file", "/dev/null"];
        let read = ["--read-object", "--type", "pubkey", "--label", &label];
        contestants.push(self.pkcs11_tool(&[&read[..], &file].concat())?);
        if keys <= 10 {
            contestants.push(self.p11tool(&["--export-pubkey", &url])?);
        }
        contestants.push(self.bare(&["show", &label])?);
        Ok(Case {
            title: format!("Show one key by label among {keys}"),
            note: Some("pkcs11-tool and p11tool export the public key".to_owned()),
            rounds: rounds(keys),
            contestants,
            reference: 2,
        })
    }

    /// What a timer does at night. Each run rotates a fresh copy of a token, for afterwards nothing is due.
    pub(super) fn rotate(&self, tokens: &[Token]) -> Case {
        let keys = tokens[0].keys;
        let contestant = |token: &Token| {
            let rotate = self.kmsctl(&token.copied(), &["key", "rotate", "--due"]);
            let token = token.clone();
            let operations = u32::try_from(keys).unwrap_or(u32::MAX);
            Contestant { prepare: Box::new(move || token.copy()), operations, ..rotate }
        };
        Case {
            title: format!("P-256, rotate {keys} keys that are due; each"),
            note: Some("start and login are in the time; the calls are those of all".to_owned()),
            rounds: 3,
            contestants: tokens.iter().map(contestant).collect(),
            reference: tokens.len() - 1,
        }
    }

    /// On a module whose every call takes a millisecond longer, as on a network HSM.
    fn slow(&self, arguments: &[&str]) -> Contestant {
        let program = self.programs.kmsctl.clone();
        slowed("kmsctl", self.softhsm, move |_| Command::new(&program), arguments)
    }

    /// See [`Job::slow`].
    fn slow_pkcs11_tool(&self, arguments: &[&str]) -> Result<Contestant> {
        Ok(slowed("pkcs11-tool", self.softhsm, self.start_pkcs11_tool()?, arguments))
    }

    pub(super) fn slow_sign(&self) -> Result<Case> {
        let input = self.softhsm.file("digest");
        let input = text(&input);
        let id = self.id("key-00003")?;
        let tool = ["--sign", "--mechanism", "ECDSA", "--id", &id, "--input-file", input];
        Ok(Case {
            title: "One signature, P-256, 1 ms more for each call".to_owned(),
            note: Some("SoftHSM2 behind a module that waits, as a network HSM makes wait".to_owned()),
            rounds: 15,
            contestants: vec![
                self.slow(&["sign", "--label", "key-00003", "--in", input]),
                self.slow_pkcs11_tool(&[&tool[..], &["--output-file", "/dev/null"]].concat())?,
            ],
            reference: 1,
        })
    }

    pub(super) fn slow_list(&self) -> Result<Case> {
        Ok(Case {
            title: format!("List of {} keys, 1 ms more for each call", self.softhsm.keys),
            note: Some("kmsctl reads over eight sessions when a token is slow".to_owned()),
            rounds: 3,
            contestants: vec![self.slow(&["key", "list"]), self.slow_pkcs11_tool(&["--list-objects"])?],
            reference: 1,
        })
    }

    pub(super) fn batch(&self, label: &str, algorithm: &str, sessions: u32) -> Result<Case> {
        let requests = self.softhsm.file(&format!("{algorithm}.ndjson"));
        let digest = data_encoding::BASE64.encode(&[0x5a; 32]);
        let request = json!({"op": "sign", "label": label, "algorithm": algorithm, "digest": digest});
        let mut file = BufWriter::new(File::create(&requests)?);
        for _ in 0..BATCH {
            writeln!(file, "{request}")?;
        }
        file.flush()?;
        let (count, sessions_text) = (BATCH.to_string(), sessions.to_string());
        let arguments = ["batch", "--in", text(&requests), "--out", "/dev/null", "--jobs", &sessions_text];
        let mut contestants = Vec::new();
        for token in self.both() {
            contestants.push(Contestant { operations: BATCH, ..self.kmsctl(token, &arguments) });
        }
        let mechanism = if algorithm == "RS256" { "rsa" } else { "ecdsa" };
        let bare = self.bare(&["sign", label, mechanism, &count, &sessions_text])?;
        contestants.push(Contestant { operations: BATCH, times_itself: true, ..bare });
        Ok(Case {
            title: format!("Batch of {BATCH} {algorithm}, sessions: {sessions}; each"),
            note: Some("kmsctl verifies each, and its start and login are in the time".to_owned()),
            rounds: 5,
            contestants,
            reference: 2,
        })
    }
}
