//! Jobs with many keys or many operations, and jobs on slow tokens.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    process::Command,
};

use anyhow::Result;
use serde_json::json;

use super::{Case, Contestant, Job, rounds, slowed, text};
use crate::token::Token;

/// A batch of `count` equal requests.
pub(super) struct BatchKind {
    label: &'static str,
    algorithm: &'static str,
    /// The name of the mechanism in `bare`.
    mechanism: &'static str,
    count: u32,
}

/// So many that the start of a program is a hundredth of the time.
pub(super) const BATCHES: [BatchKind; 2] = [
    BatchKind { label: "key-00003", algorithm: "ES256", mechanism: "ecdsa", count: 10_000 },
    BatchKind { label: "rsa-2048", algorithm: "RS256", mechanism: "rsa", count: 1000 },
];

impl Job<'_> {
    pub(super) fn list(&self) -> Result<Case> {
        let keys = self.softhsm.keys;
        let mut contestants: Vec<_> = self.both().map(|token| self.kmsctl(token, &["key", "list"])).into();
        contestants.push(self.pkcs11_tool(&["--list-objects"])?);
        // With a thousand keys, one run of p11tool takes minutes.
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

    /// The job of a timer. Each run rotates a fresh copy of a token, because afterwards nothing is due.
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
            note: Some("the time includes start and login; the calls are those of all keys".to_owned()),
            rounds: 3,
            contestants: tokens.iter().map(contestant).collect(),
            reference: tokens.len() - 1,
        }
    }

    /// Runs kmsctl on a module where each call takes a millisecond longer, as on a network HSM.
    fn slow(&self, arguments: &[&str]) -> Contestant {
        let program = self.programs.kmsctl.clone();
        slowed("kmsctl", self.softhsm, move |_| Command::new(&program), arguments)
    }

    /// Like [`Job::slow`].
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
            note: Some("SoftHSM2 behind a module that delays each call, like a network HSM".to_owned()),
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
            note: Some("kmsctl reads over sixteen sessions when a token is slow".to_owned()),
            rounds: 3,
            contestants: vec![self.slow(&["key", "list"]), self.slow_pkcs11_tool(&["--list-objects"])?],
            reference: 1,
        })
    }

    /// Signatures of one run. Without a number of sessions, kmsctl chooses it.
    pub(super) fn batch(&self, kind: &BatchKind, sessions: Option<u32>) -> Result<Case> {
        let BatchKind { label, algorithm, mechanism, count } = *kind;
        let requests = self.softhsm.file(&format!("{algorithm}.ndjson"));
        let digest = data_encoding::BASE64.encode(&[0x5a; 32]);
        let request = json!({"op": "sign", "label": label, "algorithm": algorithm, "digest": digest});
        let mut file = BufWriter::new(File::create(&requests)?);
        for _ in 0..count {
            writeln!(file, "{request}")?;
        }
        file.flush()?;
        let jobs = sessions.map(|sessions| sessions.to_string());
        let mut arguments = vec!["batch", "--in", text(&requests), "--out", "/dev/null"];
        arguments.extend(jobs.iter().flat_map(|jobs| ["--jobs", jobs]));
        let mut contestants = Vec::new();
        for token in self.both() {
            contestants.push(Contestant { operations: count, ..self.kmsctl(token, &arguments) });
        }
        let bare =
            self.bare(&["sign", label, mechanism, &count.to_string(), jobs.as_deref().unwrap_or("1")])?;
        contestants.push(Contestant { operations: count, times_itself: true, ..bare });
        let (sessions, note) = match jobs {
            Some(jobs) => (jobs, "kmsctl verifies each; its time includes start and login"),
            None => (
                "as needed".to_owned(),
                "the bare calls use one session; kmsctl verifies each, and its time includes start and login",
            ),
        };
        Ok(Case {
            title: format!("Batch of {count} {algorithm}, sessions: {sessions}; each"),
            note: Some(note.to_owned()),
            rounds: 5,
            contestants,
            reference: 2,
        })
    }
}
