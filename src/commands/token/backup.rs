//! `kmsctl token backup`.

use std::{
    io::{self, BufReader, Read},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use crate::{
    cli::{PassphraseOptions, UsageError, answers, examples},
    commands::{
        command::Run,
        context::{Context, Need},
        key_file,
        recipients::Recipients,
    },
    config::Target,
    io::{Output, Writer},
    model::{Counted, Timestamp, answer},
    operation::{AgeTo, seal_age},
    render::Document,
    secret::{Role, Secret},
    shell::shell_word,
    token::embedded::{self, Snapshot, Store, StoreError},
};

/// Back up the embedded token
///
/// Writes the whole token, with its keys, their versions, states and schedules, as one age file
/// (https://age-encryption.org/v1), encrypted to recipients or with a passphrase. Other processes can use and change the
/// token meanwhile. The file is read back and compared before it gets its name.
///
/// A passphrase has at least 8 characters.
///
/// No PIN is needed, and none is in the file: the restored token has the PIN of the time of the backup, and the keys cannot
/// be used without it. Keep both, in different places. kmsctl-backup(7) describes the drill, for tokens of modules too.
#[derive(Debug, Args)]
#[command(add = answers![BackedUp])]
#[command(after_help = examples![
    "To a recipient whose identity is kept elsewhere (see `age-keygen`)" =>
        "kmsctl token backup --recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj --out kms.age",
    "To all recipients in a file" => "kmsctl token backup --recipients-file admins.txt --out kms.age",
    "With a passphrase, which is asked for" => "kmsctl token backup --out kms.age",
    "To another machine" => "kmsctl token backup --passphrase-file pass | ssh host 'cat > kms.age'",
])]
#[command(mut_arg("passphrase_file", |arg| arg.help("Passphrase to encrypt with, from a file")))]
#[command(mut_arg("passphrase_fd", |arg| arg.help("Passphrase to encrypt with, from an open file descriptor")))]
#[command(mut_arg("recipients", |arg| arg.conflicts_with_all(PASSPHRASE)))]
#[command(mut_arg("recipients_files", |arg| arg.conflicts_with_all(PASSPHRASE)))]
pub struct Backup {
    /// File to write to, mode 0600, replaced if it exists; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    #[command(flatten)]
    recipients: Recipients,

    #[command(flatten)]
    passphrase: PassphraseOptions,
}

answer! {
    /// A backup that was written.
    pub struct BackedUp {
        /// Label of the token
        label: String,
        /// Serial number of the token
        serial: String,
        /// When the copy was made
        backup_date: Timestamp,
        /// Who can decrypt it; empty if it is encrypted with a passphrase
        recipients: Vec<String>,
        /// File that it was written to
        out: String,
    }
}

/// The options that name a passphrase.
const PASSPHRASE: [&str; 2] = ["passphrase_file", "passphrase_fd"];

impl Run for Backup {
    fn run(&self, context: &Context) -> Result<()> {
        let Target::Embedded { dir } = &context.settings.target else {
            return Err(StoreError::NotEmbedded.into());
        };
        let store = Store::open(dir, context.settings.sharing)?;
        let output = Output::to(self.out.as_deref()).binary(true).private();
        if context.settings.json && !output.has_file() {
            let error = UsageError::new("a backup does not fit into JSON");
            return Err(error.hinted("write it to a file with `--out FILE`").into());
        }
        let to = self.to(context)?;
        let scratch = std::env::temp_dir();
        let mut written = output.open_to_verify(&scratch)?;

        let opened = context.open(Need::Public)?;
        let token = opened.keystore.token().clone();
        let snapshot = store.snapshot(&token, context.now(), &scratch)?;
        // Releases the lock, so that writers need not wait for the encryption.
        drop(opened);
        if let Some(records) = &context.settings.records {
            context.ui.warning(format!("the records in {} are not in the backup", records.display()));
            context.ui.hint(format!("copy this directory too: `cp -a {} COPY`", shell_word(records)));
        }
        write(&snapshot, &to, &mut written).with_context(|| format!("cannot back up to {output}"))?;
        written.commit()?;
        report(context, snapshot, &to, &output)
    }

    fn prints_result(&self) -> bool {
        true
    }
}

/// The same as for a PIN: anyone who has the file can try any number of passphrases.
const MIN_PASSPHRASE_CHARACTERS: usize = embedded::MIN_PIN_CHARACTERS;

fn characters(passphrase: &Secret) -> usize {
    String::from_utf8_lossy(passphrase.expose()).chars().count()
}

impl Backup {
    fn to(&self, context: &Context) -> Result<AgeTo> {
        if self.recipients.are_given() {
            return Ok(AgeTo::Recipients(self.recipients.read(context)?));
        }
        let passphrase = key_file::passphrase(context, Role::NewPassphrase, "the backup", &self.passphrase)?;
        // `seal_age` refuses an empty one.
        if !passphrase.is_empty() && characters(&passphrase) < MIN_PASSPHRASE_CHARACTERS {
            let error = UsageError::new(format!(
                "the passphrase has fewer than {MIN_PASSPHRASE_CHARACTERS} characters: anyone with a copy of the backup \
                 could guess it"
            ));
            return Err(error.hinted("use a longer one, or `--recipient RECIPIENT`").into());
        }
        Ok(AgeTo::Passphrase(passphrase))
    }
}

fn report(context: &Context, snapshot: Snapshot, to: &AgeTo, output: &Output) -> Result<()> {
    let (by, recipients) = match to {
        AgeTo::Passphrase(_) => ("with a passphrase".to_owned(), Vec::new()),
        AgeTo::Recipients(all) => {
            let names = all.iter().map(ToString::to_string).collect();
            (format!("to {}", Counted(all.len(), "recipient")), names)
        }
    };
    let header = snapshot.header;
    let line = format!(
        "backed up token {:?} (serial {}), encrypted {by}; it holds no PIN: the restored token opens with today's",
        header.label, header.serial
    );
    let answer = BackedUp {
        label: header.label,
        serial: header.serial,
        backup_date: header.backup_date,
        recipients,
        out: output.to_string(),
    };
    context.print(&Document::of(&answer, "").saying(line))
}

/// Encrypts the copy, reads it back and compares it.
fn write(snapshot: &Snapshot, to: &AgeTo, written: &mut Writer) -> Result<()> {
    let file_key = seal_age(to, &mut *written, |body| {
        io::copy(&mut snapshot.reader()?, body)?;
        Ok(())
    })?;
    let read_back = file_key.open(written.read_back()?)?;
    if same(read_back, snapshot.reader()?)? { Ok(()) } else { Err(NotAsWritten.into()) }
}

/// The backup differs when read back.
#[derive(Debug, thiserror::Error)]
#[error("the backup differs when read back: the disk may be failing")]
struct NotAsWritten;

fn same(one: impl Read, other: impl Read) -> io::Result<bool> {
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (left, right) = (io::BufRead::fill_buf(&mut one)?, io::BufRead::fill_buf(&mut other)?);
        let count = left.len().min(right.len());
        if left[..count] != right[..count] || (count == 0 && left.len() != right.len()) {
            return Ok(false);
        }
        if count == 0 {
            return Ok(true);
        }
        io::BufRead::consume(&mut one, count);
        io::BufRead::consume(&mut other, count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_found_at_any_position() {
        let data: Vec<u8> = (0..30_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        assert!(same(&data[..], &data[..]).expect("memory"));
        assert!(!same(&data[1..], &data[..]).expect("memory"));
        for length in [0, 1, 8192, 29_999] {
            assert!(!same(&data[..length], &data[..]).expect("memory"), "{length}");
            assert!(!same(&data[..], &data[..length]).expect("memory"), "{length}");
            let mut other = data.clone();
            other[length] ^= 1;
            assert!(!same(&data[..], &other[..]).expect("memory"), "{length}");
        }
    }
}
