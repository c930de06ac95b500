//! Jobs with many keys or many operations, and jobs on slow tokens.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    process::Command,
};

use anyhow::Result;
use serde_json::json;

use super::{Case, Contestant, Job, rounds, slowed, text};
use crate::token::{Kind, Token};

/// A batch of `count` equal requests.
pub(super) struct BatchKind {
    label: &'static str,
    algorithm: &'static str,
    /// The name of the mechanism in `bare`.
    mechanism: &'static str,
    count: u32,
    /// Whether the algorithm signs a digest.
    by_digest: bool,
    /// Whether SoftHSM has such keys.
    in_softhsm: bool,
    /// Numbers of sessions; `None`: kmsctl chooses.
    pub(super) sessions: &'static [Option<u32>],
}

const SESSIONS: [Option<u32>; 5] = [None, Some(1), Some(2), Some(4), Some(8)];

/// So many that the start of a program is a hundredth of the time.
#[rustfmt::skip]
pub(super) const BATCHES: [BatchKind; 4] = [
    BatchKind { label: "key-00003", algorithm: "ES256", mechanism: "ecdsa", count: 10_000, by_digest: true, in_softhsm: true, sessions: &SESSIONS },
    BatchKind { label: "rsa-2048", algorithm: "RS256", mechanism: "rsa", count: 1000, by_digest: true, in_softhsm: true, sessions: &SESSIONS },
    BatchKind { label: "ed25519", algorithm: "EdDSA", mechanism: "eddsa", count: 10_000, by_digest: false, in_softhsm: true, sessions: &[None, Some(1)] },
    BatchKind { label: "ml-dsa-65", algorithm: "ML-DSA-65", mechanism: "ml-dsa", count: 1000, by_digest: false, in_softhsm: false, sessions: &[None, Some(1)] },
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
        contestants.push(self.bare(self.softhsm, &["list"])?);
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
        contestants.push(self.bare(self.softhsm, &["show", &label])?);
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
        let BatchKind { label, algorithm, mechanism, count, by_digest, in_softhsm, .. } = *kind;
        let requests = self.softhsm.file(&format!("{algorithm}.ndjson"));
        let digest = data_encoding::BASE64.encode(&[0x5a; 32]);
        let data = if by_digest { "digest" } else { "data" };
        let request = json!({"op": "sign", "label": label, "algorithm": algorithm, data: digest});
        let mut file = BufWriter::new(File::create(&requests)?);
        for _ in 0..count {
            writeln!(file, "{request}")?;
        }
        file.flush()?;
        let jobs = sessions.map(|sessions| sessions.to_string());
        let mut arguments = vec!["batch", "--in", text(&requests), "--out", "/dev/null"];
        arguments.extend(jobs.iter().flat_map(|jobs| ["--jobs", jobs]));
        let mut contestants = Vec::new();
        let bare = ["sign", label, mechanism, &count.to_string(), jobs.as_deref().unwrap_or("1")];
        let tokens = self.both().into_iter().filter(|token| in_softhsm || token.kind == Kind::Embedded);
        for token in tokens.clone() {
            contestants.push(Contestant { operations: count, ..self.kmsctl(token, &arguments) });
        }
        for token in tokens.filter(|token| token.kind == Kind::SoftHsm || !by_digest) {
            let bare = self.bare(token, &bare)?;
            contestants.push(Contestant { operations: count, times_itself: true, ..bare });
        }
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
            reference: if in_softhsm { 2 } else { 1 },
            contestants,
        })
    }
}
