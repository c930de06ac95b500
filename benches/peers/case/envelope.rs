//! Large files.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
};

use anyhow::Result;

use super::{Case, Job, plain, text};
use crate::program::must_succeed;

/// Size of the large file in bytes.
const GIB: u64 = 1 << 30;

impl Job<'_> {
    pub(super) fn envelope(&self) -> Result<Case> {
        let (file, recipient) = (self.gibibyte()?, self.age_recipient()?);
        let file = file.as_str();
        let mut contestants: Vec<_> = self
            .both()
            .map(|token| {
                self.kmsctl(token, &["encrypt", "--label", "aes", "--in", file, "--out", "/dev/null"])
            })
            .into();
        for (name, program) in self.programs.envelopes() {
            let (file, recipient) = (file.to_owned(), recipient.clone());
            contestants.push(plain(name, move || {
                let mut command = Command::new(&program);
                command.args(["--encrypt", "--recipient", &recipient, "--output", "/dev/null", &file]);
                command
            }));
        }
        Ok(Case { title: "Encrypt 1 GiB".to_owned(), note: None, rounds: 5, contestants, reference: 2 })
    }

    pub(super) fn open_envelope(&self) -> Result<Case> {
        let (file, recipient) = (self.gibibyte()?, self.age_recipient()?);
        let mut contestants = Vec::new();
        for token in self.both() {
            let sealed = token.file("gibibyte.sealed");
            if !sealed.exists() {
                let encrypt = ["encrypt", "--label", "aes", "--in", &file, "--out", text(&sealed)];
                must_succeed(&mut (self.kmsctl(token, &encrypt).command)(None))?;
            }
            contestants.push(self.kmsctl(token, &["decrypt", "--in", text(&sealed), "--out", "/dev/null"]));
        }
        let sealed = text(&self.softhsm.file("gibibyte.age")).to_owned();
        if !Path::new(&sealed).exists() {
            must_succeed(Command::new("age").args(["-e", "-r", &recipient, "-o", &sealed, &file]))?;
        }
        let identity = text(&self.softhsm.file("age-identity")).to_owned();
        for (name, program) in self.programs.envelopes() {
            let (sealed, identity) = (sealed.clone(), identity.clone());
            contestants.push(plain(name, move || {
                let mut command = Command::new(&program);
                command.args(["--decrypt", "--identity", &identity, "--output", "/dev/null", &sealed]);
                command
            }));
        }
        Ok(Case { title: "Decrypt 1 GiB".to_owned(), note: None, rounds: 5, contestants, reference: 2 })
    }

    /// Only the header of a large ciphertext is rewritten; the rest is copied.
    pub(super) fn rewrap(&self) -> Case {
        let sealed = self.embedded.file("gibibyte.sealed");
        let copy = self.embedded.file("gibibyte.copy");
        let (sealed, copy) = (text(&sealed).to_owned(), text(&copy).to_owned());
        Case {
            title: "Re-encrypt 1 GiB".to_owned(),
            note: Some("only the header is rewritten".to_owned()),
            rounds: 3,
            contestants: vec![
                self.kmsctl(self.embedded, &["reencrypt", "--in", &sealed, "--out", &copy]),
                plain("cp", move || {
                    let mut command = Command::new("cp");
                    command.args([&sealed, &copy]);
                    command
                }),
            ],
            reference: 1,
        }
    }

    fn gibibyte(&self) -> Result<String> {
        let path = self.softhsm.file("gibibyte");
        if fs::metadata(&path).map_or(0, |found| found.len()) != GIB {
            let block: Vec<u8> = (0..1 << 20).map(|index: u32| index.to_le_bytes()[0]).collect();
            let mut file = File::create(&path)?;
            for _ in 0..GIB >> 20 {
                file.write_all(&block)?;
            }
        }
        Ok(text(&path).to_owned())
    }

    /// The recipient of an age key pair, which is created once.
    fn age_recipient(&self) -> Result<String> {
        let identity = self.softhsm.file("age-identity");
        if !identity.exists() {
            must_succeed(Command::new("age-keygen").arg("-o").arg(&identity))?;
        }
        let output = must_succeed(Command::new("age-keygen").arg("-y").arg(&identity))?;
        Ok(String::from_utf8(output)?.trim().to_owned())
    }
}
