//! Jobs with one operation, dominated by the start of the program.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result};

use super::{Case, Contestant, Job, plain, text};
use crate::{program::must_succeed, token::Token};

impl Job<'_> {
    pub(super) fn start(&self) -> Case {
        let program = |name: &str, program: &Path, argument: &'static str| {
            let path = program.to_owned();
            plain(name, move || {
                let mut command = Command::new(&path);
                command.arg(argument);
                command
            })
        };
        let mut contestants = vec![
            program("kmsctl --help", &self.programs.kmsctl, "--help"),
            program("p11tool --help", Path::new("p11tool"), "--help"),
            program("true", Path::new("/bin/true"), "--help"),
        ];
        contestants.extend(
            self.programs
                .earlier
                .iter()
                .map(|path| program("kmsctl --help, an earlier release", path, "--help")),
        );
        Case {
            title: "Start and end: the help text".to_owned(),
            note: None,
            rounds: 40,
            contestants,
            reference: 1,
        }
    }

    pub(super) fn sign(&self, label: &str, title: &str) -> Result<Case> {
        let mechanism = if label.starts_with("rsa") { "SHA256-RSA-PKCS" } else { "ECDSA" };
        // SoftHSM cannot hash for ECDSA: pkcs11-tool signs the digest, kmsctl the message.
        let input = self.softhsm.file("digest");
        fs::write(&input, [0x5a; 32])?;
        let input = text(&input);
        let url = format!("pkcs11:object={label};type=private");
        let bare = ["sign", label, if label.starts_with("rsa") { "rsa" } else { "ecdsa" }, "1", "1"];
        let mut contestants: Vec<_> =
            self.both().map(|token| self.kmsctl(token, &["sign", "--label", label, "--in", input])).into();
        let id = self.id(label)?;
        let object = ["--sign", "--mechanism", mechanism, "--id", &id, "--input-file", input];
        contestants.push(self.pkcs11_tool(&[&object[..], &["--output-file", "/dev/null"]].concat())?);
        contestants.push(self.p11tool(&["--test-sign", &url])?);
        contestants.push(self.bare(self.softhsm, &bare)?);
        Ok(Case {
            title: format!("One signature, {title}"),
            note: Some("kmsctl and p11tool verify it with the public key; the others do not".to_owned()),
            rounds: 25,
            contestants,
            reference: 2,
        })
    }

    pub(super) fn verify(&self) -> Result<Case> {
        let input = self.softhsm.file("message");
        fs::write(&input, "pay 10 EUR to Alice")?;
        let input = text(&input);
        let mut contestants = Vec::new();
        let mut binary = None;
        for token in self.both() {
            let signature = token.file("signature");
            let path = text(&signature);
            let sign = ["sign", "--label", "rsa-2048", "--in", input, "--encoding", "binary", "--out", path];
            must_succeed(&mut (self.kmsctl(token, &sign).command)(None))?;
            contestants.push(
                self.kmsctl(token, &["verify", "--label", "rsa-2048", "--in", input, "--signature", path]),
            );
            binary.get_or_insert(signature);
        }
        let signature = binary.context("a signature")?;
        let id = self.id("rsa-2048")?;
        let object = ["--verify", "--mechanism", "SHA256-RSA-PKCS", "--id", &id];
        let files = ["--input-file", input, "--signature-file", text(&signature)];
        contestants.push(self.pkcs11_tool(&[&object[..], &files].concat())?);
        Ok(Case {
            title: "One verification, RSA-2048".to_owned(),
            note: Some("kmsctl needs no login for it".to_owned()),
            rounds: 25,
            contestants,
            reference: 2,
        })
    }

    pub(super) fn encrypt(&self) -> Result<Case> {
        let (input, vector) = (self.kibibyte()?, "00112233445566778899aabbccddeeff");
        let input = input.as_str();
        let mut contestants: Vec<_> = self
            .both()
            .map(|token| self.kmsctl(token, &["encrypt", "--label", "aes", "--in", input, "--out", "-"]))
            .into();
        let id = self.id("aes")?;
        let object = ["--encrypt", "--mechanism", "AES-CBC-PAD", "--iv", vector, "--id", &id];
        let files = ["--input-file", input, "--output-file", "/dev/null"];
        contestants.push(self.pkcs11_tool(&[&object[..], &files].concat())?);
        Ok(Case {
            title: "Encrypt 1 KiB, AES-256".to_owned(),
            note: Some("kmsctl uses GCM; pkcs11-tool uses CBC, because its GCM omits the tag".to_owned()),
            rounds: 25,
            contestants,
            reference: 2,
        })
    }

    pub(super) fn decrypt(&self) -> Result<Case> {
        let (input, vector) = (self.kibibyte()?, "00112233445566778899aabbccddeeff");
        let input = input.as_str();
        let mut contestants = Vec::new();
        for token in self.both() {
            let sealed = token.file("sealed");
            let path = text(&sealed);
            let encrypt = ["encrypt", "--label", "aes", "--in", input, "--out", path];
            must_succeed(&mut (self.kmsctl(token, &encrypt).command)(None))?;
            contestants.push(self.kmsctl(token, &["decrypt", "--in", path, "--out", "-"]));
        }
        let sealed = self.softhsm.file("sealed-cbc");
        let id = self.id("aes")?;
        let mechanism = ["--mechanism", "AES-CBC-PAD", "--iv", vector, "--id", &id];
        let encrypt =
            [&["--encrypt"], &mechanism[..], &["--input-file", input, "--output-file", text(&sealed)]];
        must_succeed(&mut (self.pkcs11_tool(&encrypt.concat())?.command)(None))?;
        let decrypt =
            [&["--decrypt"], &mechanism[..], &["--input-file", text(&sealed), "--output-file", "/dev/null"]];
        contestants.push(self.pkcs11_tool(&decrypt.concat())?);
        Ok(Case {
            title: "Decrypt 1 KiB, AES-256".to_owned(),
            note: None,
            rounds: 25,
            contestants,
            reference: 2,
        })
    }

    pub(super) fn import(&self, scratch: &Token) -> Result<Case> {
        let key = self.softhsm.file("import.pem");
        let key = text(&key);
        let generate = ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096", "-out"];
        must_succeed(Command::new("openssl").args(generate).arg(key))?;
        // A token has a key once.
        let delete = self.kmsctl(scratch, &["key", "delete", "--label", "imported", "--yes"]);
        let forget = move || {
            // Fails where there is none yet.
            (delete.command)(None).output()?;
            Ok(())
        };
        let import = self.kmsctl(scratch, &["key", "import", "--label", "imported", "--in", key]);
        Ok(Case {
            title: "Import RSA-4096".to_owned(),
            note: Some("openssl reads the same file and checks the key".to_owned()),
            rounds: 15,
            contestants: vec![
                Contestant { prepare: Box::new(forget), ..import },
                plain("openssl pkey -check", {
                    let key = key.to_owned();
                    move || {
                        let mut command = Command::new("openssl");
                        command.args(["pkey", "-check", "-noout", "-in", &key]);
                        command
                    }
                }),
            ],
            reference: 1,
        })
    }

    fn kibibyte(&self) -> Result<String> {
        let file = self.softhsm.file("kibibyte");
        fs::write(&file, [b'x'; 1024])?;
        Ok(text(&file).to_owned())
    }
}
