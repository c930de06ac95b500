//! `kmsctl reencrypt`.

mod renew;
mod report;

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use self::{
    renew::{Wanted, check, renew},
    report::{Fate, FileReport, Outcome, Reports, report, summarise},
};
use super::{
    command::Run,
    context::{Context, Need, reading},
    files,
    recipients::{Recipients, sealer_of_file},
    sealed::Sealed,
};
use crate::{
    cli::{UsageError, answers, examples},
    encoding::{self, AgeRecipient},
    io::{Input, Output},
    keystore::Keystore,
    model::{Counted, EncryptionContext},
    operation::{RecipientChange, SealError, Sealer, require_allowed},
    render::Document,
    shell::{kmsctl, shell_option, shell_options},
    ui::{Measure, Progress},
};

/// Move ciphertexts to the newest version of their key
///
/// With one file, the new ciphertext goes to standard output, or to the file of --out, which may be the same file. With a
/// directory or several files, each ciphertext is replaced in place and other files are skipped.
///
/// A text is decrypted and encrypted again; its plaintext is never written. Of an age file only the header is
/// rewritten, for every key in it that is on this token; the body is copied, and checked only with --verify. The new
/// ciphertext is decrypted once before it replaces the old one.
///
/// Recipients of an age file stay unless options change them. --recipient, --recipients-file and --public-key add some;
/// --drop-recipients drops all that are not keys of this token before that. Which recipient of age a file names cannot be
/// seen, so name again all that are to stay, and add none that is in the file already: it would be in it twice. A key of this
/// token that is disabled or revoked stays, but nothing can be encrypted with it: --new-file-key refuses until it is enabled,
/// and with --drop-recipients drops one that is revoked, and says so.
///
/// Anyone who could decrypt an age file before can keep its file key, and decrypt each later version with it, for the body
/// stays the same. --new-file-key encrypts the body again under a new file key: after dropping a recipient, or when a key
/// was compromised. That does not take back copies of the old file.
#[allow(clippy::struct_excessive_bools, reason = "each is one flag")]
#[derive(Debug, Args)]
#[command(add = answers!["" => FileReport, "several files or a directory" => Reports])]
#[command(mut_arg("recipients", |arg| arg.conflicts_with("context")))]
#[command(mut_arg("recipients_files", |arg| arg.conflicts_with("context")))]
#[command(after_help = examples![
    "Someone leaves the team: other recipients, and a new file key" =>
        "kmsctl reencrypt --in db.age --out db.age --drop-recipients --recipients-file admins.txt --new-file-key",
    "One ciphertext" => "kmsctl reencrypt --context db --in password.kms --out password.kms",
    "All ciphertexts below a directory" => "kmsctl reencrypt --in /etc/app/secrets",
    "A recovery key that opens it too, with `age`" =>
        "kmsctl reencrypt --in db.age --out db.age --recipient age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    "Is a ciphertext outdated? Exit code 3 means yes" => "kmsctl reencrypt --check --in /etc/app/secrets",
    "Are all files complete and authentic?" => "kmsctl reencrypt --check --verify --in /etc/app/secrets",
])]
pub struct Reencrypt {
    /// Files or directories; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::AnyPath, num_args = 1..)]
    input: Vec<PathBuf>,

    /// File for the new ciphertext of one input; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// Context that was given to encrypt; it stays the same
    #[arg(long, value_name = "TEXT")]
    context: Option<EncryptionContext>,

    /// Change nothing and exit with 3 if a ciphertext is outdated: of an older version or form
    #[arg(long, conflicts_with_all = ["out", "recipients", "recipients_files", "public_keys", "drop_recipients", "new_file_key"])]
    check: bool,

    /// Also decrypt the body of age files; one that is damaged or truncated is not replaced
    #[arg(long)]
    verify: bool,

    #[command(flatten)]
    recipients: Recipients,

    /// File with an RSA or ML-KEM public key that is to decrypt age files too; may be repeated
    #[arg(long = "public-key", value_name = "FILE", value_hint = ValueHint::FilePath)]
    public_keys: Vec<PathBuf>,

    /// Drop all recipients of age files that are not keys of this token and are not named by these options
    #[arg(long)]
    drop_recipients: bool,

    /// Encrypt the body of age files again, under a new file key
    ///
    /// The new file is decrypted and compared before it replaces the old one.
    #[arg(long)]
    new_file_key: bool,
}

impl Run for Reencrypt {
    fn run(&self, context: &Context) -> Result<()> {
        let recipients = self.recipients.read(context)?;
        let read = |path: &PathBuf| sealer_of_file(context, path, None);
        let keys: Vec<_> = self.public_keys.iter().map(read).collect::<Result<_>>()?;
        let wanted = self.wanted(&keys, &recipients);
        let one = match self.input.as_slice() {
            [] => Some(Input::Stdin),
            [path] if !path.is_dir() => Some(Input::from_path(Some(path))),
            _ => None,
        };
        match one {
            Some(input) => of_one(context, self, &input, Wanted { copy: true, ..wanted }),
            None if self.out.is_some() => Err(UsageError::new(
                "several files are re-encrypted in place: `--out` works with one file only",
            )
            .into()),
            None => of_many(context, self, wanted),
        }
    }

    fn prints_result(&self) -> bool {
        true
    }
}

impl Reencrypt {
    fn wanted<'a>(&'a self, keys: &'a [Sealer<'static>], age: &'a [AgeRecipient]) -> Wanted<'a> {
        Wanted {
            context: self.context.as_ref(),
            verify: self.verify,
            new_file_key: self.new_file_key,
            recipients: RecipientChange { drop: self.drop_recipients, keys, age },
            copy: false,
        }
    }

    /// Warns that the recipients that were dropped from files know their file key. `written` is the one file that was written.
    fn warn_of_old_file_key(&self, context: &Context, written: Option<&Path>) {
        context.ui.caution("the file key is unchanged: anyone who could decrypt the file before still can");
        if self.input.is_empty() && written.is_none() {
            return context.ui.hint("`--new-file-key` encrypts the body under a new one");
        }
        let mut options: Vec<(&'static str, OsString)> = Vec::new();
        match written {
            Some(path) => options.extend([("--in", path.into()), ("--out", path.into())]),
            None => options.extend(self.input.iter().map(|path| ("--in", path.into()))),
        }
        let Recipients { recipients, recipients_files } = &self.recipients;
        options.extend(recipients.iter().map(|recipient| ("--recipient", recipient.to_string().into())));
        options.extend(recipients_files.iter().map(|path| ("--recipients-file", path.into())));
        options.extend(self.public_keys.iter().map(|path| ("--public-key", path.into())));
        let text = self.context.as_ref().map(|text| OsStr::from_bytes(text.as_bytes()).to_owned());
        options.extend(text.map(|text| ("--context", text)));
        let options = shell_options(options);
        let command = kmsctl(format_args!("reencrypt{options} --drop-recipients --new-file-key"));
        context.ui.hint(format!("encrypt the body under a new one: `{command}`"));
    }
}

fn of_one(context: &Context, arguments: &Reencrypt, input: &Input, wanted: Wanted<'_>) -> Result<()> {
    let sealed = Sealed::open(&context.stdin, input)?;
    let opened = context.open(Need::Read)?;
    require_allowed(&opened.keystore, wanted.recipients.keys)?;
    if context.settings.json && arguments.out.is_none() && !arguments.check {
        return Err(UsageError::new("standard output cannot be both the ciphertext and JSON")
            .hinted("write the ciphertext to a file with `--out FILE`")
            .into());
    }
    let output = Output::to(arguments.out.as_deref());
    let progress = match &sealed {
        Sealed::Envelope { meter, .. } if !arguments.check => {
            reading(&context.ui, "re-encrypting", meter, Some(&output))
        }
        _ => Progress::unseen(),
    };
    let outcome = if arguments.check {
        check(&opened.keystore, sealed, wanted)?
    } else {
        renew(&opened.keystore, sealed, wanted, &output)?
    };
    drop(progress);
    let fate = outcome.fate;
    let written = arguments.out.as_deref().filter(|_| output.has_file());
    say_dropped(context, &input.to_string(), &outcome);
    if outcome.leaves_file_key() {
        arguments.warn_of_old_file_key(context, written);
    }
    if outcome.verified == Some(false) && !arguments.check {
        context.ui.status("the body was copied, not checked; `--verify` checks it");
    }
    if let (Input::File(path), None, false) = (input, &arguments.out, arguments.check) {
        let option = shell_option("--out", path);
        context.ui.status(format!("{} is unchanged; `{option}` replaces it", path.display()));
    }
    if context.settings.json {
        context.print(&Document::of(&report(&input.to_string(), &Ok(outcome)), ""))?;
    }
    match fate {
        Fate::Outdated { .. } => Err(SealError::Outdated { old: 1, of: 1 }.into()),
        _ => Ok(()),
    }
}

/// Says how many recipients of a file were dropped, and how many came in their place.
fn say_dropped(context: &Context, file: &str, outcome: &Outcome) {
    for reason in &outcome.barred {
        context.ui.caution(format!("{file}: a key of this token was dropped: {reason}"));
    }
    if outcome.dropped == 0 {
        return;
    }
    let dropped = Counted(outcome.dropped, "recipient");
    context.ui.status(match outcome.added {
        0 => format!("{file}: {dropped} dropped"),
        added => format!("{file}: {dropped} replaced by {added}"),
    });
}

/// Processes each file separately. A file that fails stays unchanged and does not stop the others.
fn of_many(context: &Context, arguments: &Reencrypt, wanted: Wanted<'_>) -> Result<()> {
    let files = files::below(&arguments.input)?;
    let opened = context.open(Need::Read)?;
    require_allowed(&opened.keystore, wanted.recipients.keys)?;
    let (mut outcomes, mut has_failed, mut leaves_file_key) = (Vec::new(), false, false);
    let all = files.len() as u64;
    let progress = context.ui.progress("re-encrypting", Measure::Steps { total: Some(all) });
    for (number, (path, named)) in (0..).zip(files) {
        progress.at(number, all, path.display());
        let outcome = of_file(context, &opened.keystore, (arguments.check, wanted), &path, named)
            .with_context(|| format!("cannot re-encrypt {}", path.display()));
        match &outcome {
            // The run ends with the first error.
            Err(error) if has_failed => context.ui.warning(format!("{error:#}")),
            Err(_) => has_failed = true,
            Ok(outcome) => {
                leaves_file_key |= outcome.leaves_file_key();
                say_dropped(context, &path.display().to_string(), outcome);
            }
        }
        outcomes.push((path, outcome));
    }
    drop(progress);
    if leaves_file_key {
        arguments.warn_of_old_file_key(context, None);
    }
    summarise(context, arguments.check, outcomes)
}

fn of_file(
    context: &Context,
    keystore: &Keystore,
    (is_check, wanted): (bool, Wanted<'_>),
    path: &Path,
    named: bool,
) -> Result<Outcome> {
    let sealed = match Sealed::open(&context.stdin, &Input::File(path.to_owned())) {
        Ok(sealed) => sealed,
        Err(error) if !named && is_other(&error, path) => return Ok(Outcome::of_text(Fate::Skipped)),
        Err(error) => return Err(error),
    };
    if is_check {
        check(keystore, sealed, wanted)
    } else {
        renew(keystore, sealed, wanted, &Output::to(Some(path)))
    }
}

/// Whether to skip a file of a directory: it is not a ciphertext, or an age file for other recipients. A malformed file
/// named like a ciphertext counts as damaged instead.
fn is_other(error: &anyhow::Error, path: &Path) -> bool {
    if matches!(error.downcast_ref(), Some(SealError::NotForToken)) {
        return true;
    }
    let has_ciphertext_name =
        path.extension().is_some_and(|extension| extension == "kms" || extension == "age");
    let is_malformed = matches!(
        error.downcast_ref(),
        Some(encoding::Error::Malformed { .. } | encoding::Error::Unsupported(_))
    );
    is_malformed && !has_ciphertext_name
}
