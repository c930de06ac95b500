//! Which code an error has and what to do about it: the first error of the chain that is known decides.

use std::{io::ErrorKind, path::Path};

use anyhow::Error;

use super::{Code, pkcs11, seal, token};
use crate::{
    cli::UsageError,
    config,
    encoding::{self, shell_option, shell_word},
    io, keystore, model, operation, public, secret, token as pkcs11_token, trust,
};

/// Code and hint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Diagnosis {
    pub(super) code: Code,
    pub(super) hint: Option<String>,
}

impl Diagnosis {
    pub(super) fn new(code: Code) -> Self {
        Self { code, hint: None }
    }

    pub(super) fn hinted(code: Code, hint: impl Into<String>) -> Self {
        Self { code, hint: Some(hint.into()) }
    }
}

pub(super) fn of(error: &Error) -> Diagnosis {
    error.chain().find_map(known).unwrap_or_else(|| Diagnosis::new(Code::Failed))
}

/// Tries each leaf type in turn. The plain PKCS#11 error comes last: whatever wraps it knows more.
fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Diagnosis> {
    cause
        .downcast_ref()
        .map(of_keystore)
        .or_else(|| cause.downcast_ref().map(of_operation))
        .or_else(|| cause.downcast_ref().map(seal::of))
        .or_else(|| cause.downcast_ref().map(of_token_invalid))
        .or_else(|| cause.downcast_ref().map(of_batch))
        .or_else(|| cause.downcast_ref().map(of_claims))
        .or_else(|| {
            cause.downcast_ref::<keystore::doctor::FaultsFound>().map(|_| {
                Diagnosis::hinted(Code::FaultsFound, "each finding says what it means and what mends it")
            })
        })
        .or_else(|| cause.downcast_ref().map(of_untrusted))
        .or_else(|| token::of(cause))
        .or_else(|| cause.downcast_ref().map(of_pin))
        .or_else(|| cause.downcast_ref().map(of_passphrase))
        .or_else(|| cause.downcast_ref().map(of_usage))
        .or_else(|| cause.downcast_ref::<io::NotStarted>().map(|_| Diagnosis::new(Code::CommandNotStarted)))
        .or_else(|| cause.downcast_ref().map(of_io))
        .or_else(|| cause.downcast_ref().map(of_config))
        .or_else(|| cause.downcast_ref::<model::Invalid>().map(|_| Diagnosis::new(Code::Usage)))
        .or_else(|| cause.downcast_ref().map(of_encoding))
        .or_else(|| {
            cause.downcast_ref::<encoding::ComponentError>().map(|_| Diagnosis::new(Code::InvalidInput))
        })
        .or_else(|| {
            cause.downcast_ref::<operation::RequestError>().map(|_| Diagnosis::new(Code::InvalidInput))
        })
        .or_else(|| {
            cause.downcast_ref::<encoding::RequestError>().map(|_| Diagnosis::new(Code::InvalidInput))
        })
        .or_else(|| cause.downcast_ref::<public::Error>().map(|_| Diagnosis::new(Code::Usage)))
        .or_else(|| cause.downcast_ref::<std::io::Error>().map(|_| Diagnosis::new(Code::Io)))
        .or_else(|| cause.downcast_ref::<pkcs11_token::Error>().map(pkcs11::of))
}

fn of_keystore(error: &keystore::Error) -> Diagnosis {
    use keystore::Error as E;
    match error {
        E::NotFound { near, .. } if near.is_empty() => {
            Diagnosis::hinted(Code::KeyNotFound, "`kmsctl key list` shows the keys of this token")
        }
        E::NotFound { near, .. } => {
            Diagnosis::hinted(Code::KeyNotFound, format!("did you mean {}?", quoted(near)))
        }
        E::Ambiguous { candidates, .. } => {
            let ids: Vec<_> = candidates
                .iter()
                .map(|candidate| format!("--id {}  ({})", candidate.id, described(candidate)))
                .collect();
            Diagnosis::hinted(
                Code::KeyAmbiguous,
                format!("choose one by its CKA_ID:\n  {}", ids.join("\n  ")),
            )
        }
        E::TagNotFound { .. } => Diagnosis::hinted(
            Code::KeyNotFound,
            "the key that sealed this is on another token, or was destroyed; `kmsctl key list` shows what is here",
        ),
        E::TagAmbiguous { candidates, .. } => {
            let keys: Vec<_> = candidates.iter().map(described).collect();
            let hint = format!("give all but one of them another CKA_ID: {}", keys.join("; "));
            Diagnosis::hinted(Code::KeyAmbiguous, hint)
        }
        E::NoVersion { label, .. } => Diagnosis::hinted(
            Code::VersionNotFound,
            format!("`kmsctl key versions {}` lists them", by_label(label)),
        ),
        E::LabelExists { .. } => Diagnosis::hinted(
            Code::KeyExists,
            "use another label, `--if-not-exists` to accept the key that is there, or `--allow-duplicate-label`",
        ),
        E::LabelTaken { .. } | E::OtherAlgorithm { .. } | E::OtherKey { .. } => {
            Diagnosis::hinted(Code::KeyExists, "use another label")
        }
        E::IdExists { .. } => {
            Diagnosis::hinted(Code::KeyExists, "leave `--id` out to have a CKA_ID assigned")
        }
        E::IdRecorded { .. } => Diagnosis::hinted(
            Code::KeyExists,
            "leave `--id` out to have a CKA_ID assigned; `kmsctl doctor` tells what became of that version",
        ),
        E::MissingObject { what: keystore::PUBLIC_HALF, .. } => Diagnosis::hinted(
            Code::KeyIncomplete,
            "the token has the private half alone; store the public key there with the same label and CKA_ID",
        ),
        E::MissingObject { .. } => Diagnosis::new(Code::KeyIncomplete),
        E::State { label, status: model::Status::Revoke, .. } => Diagnosis::hinted(
            Code::KeyRevoked,
            format!("`kmsctl key restore {0}`, then `kmsctl key enable {0}`", by_label(label)),
        ),
        E::State { label, version, .. } => {
            let of = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
            Diagnosis::hinted(Code::KeyDisabled, format!("`kmsctl key enable {}{of}`", by_label(label)))
        }
        E::Usage { .. } => of_unfit_key(),
        E::NotAsAsked { .. } | E::Unusable { .. } => Diagnosis::hinted(
            Code::TokenBroken,
            "nothing was left on the token; this module cannot make such a key in a way that kmsctl would trust",
        ),
        E::RecordDamaged { .. } => {
            Diagnosis::hinted(Code::RecordUnreadable, "the key itself can be used by its CKA_ID: `--id`")
        }
        E::RecordNotAuthentic { .. } => Diagnosis::hinted(
            Code::RecordNotAuthentic,
            "nothing was changed; restore the store or the record file from a backup, and find out who can write there",
        ),
        E::RecordNewer { .. } => {
            Diagnosis::hinted(Code::RecordUnreadable, "change this key with a newer kmsctl")
        }
        E::PublicKeyMismatch { .. } => Diagnosis::hinted(
            Code::PublicKeyMismatch,
            "`kmsctl doctor --repair` restores the public key where the token can prove it",
        ),
        E::PublicKeyUnproven { .. } => Diagnosis::hinted(
            Code::PublicKeyUnproven,
            "compare the fingerprint with the one that the owner of the key gives you, and use that public key from a \
             file: `--public-key FILE`",
        ),
        E::OtherSecretKey { .. } => {
            Diagnosis::hinted(Code::KeyReplaced, "`kmsctl doctor` tells what is on the token")
        }
        E::BadPublicKey { .. } | E::RecordLost { .. } => Diagnosis::new(Code::TokenBroken),
        E::Refused { label, refusal } => of_refusal(label, *refusal),
        E::RotationsDue { .. } => {
            Diagnosis::hinted(Code::RotationDue, "`kmsctl key rotate --due` rotates them")
        }
        E::Conflict { .. } => Diagnosis::hinted(Code::KeyConflict, "nothing was changed here; run it again"),
        E::NotMadeHere { .. } => Diagnosis::hinted(
            Code::KeyState,
            "create a key of your own and move to it; this one stays usable as it is",
        ),
        E::IdShared { .. } => Diagnosis::hinted(
            Code::KeyAmbiguous,
            "give one of them another CKA_ID with the program that made it",
        ),
        E::LabelFixed { source, .. } => Diagnosis::new(pkcs11::of(source).code),
        E::NotConvergent { .. } => {
            Diagnosis::hinted(Code::TokenIncapable, "nothing was created; leave out `--convergent`")
        }
        E::RecordUnsettled { .. } => {
            Diagnosis::hinted(Code::TokenError, "`kmsctl doctor` tells what is there, and puts it right")
        }
        E::NoRecords { source } => match pkcs11::of(source).code {
            Code::TokenIncapable | Code::TokenError => Diagnosis::hinted(
                Code::RecordsUnavailable,
                "name a directory that keeps the records instead: `--records DIR`, or `records` in the profile",
            ),
            code => Diagnosis::new(code),
        },
        E::RecordFileUntrusted(error) => of_untrusted(error),
        E::RecordFile { source, .. } => of_record_file(source.kind()),
    }
}

/// A key, as a command of ours takes it.
fn by_label(label: &str) -> String {
    shell_option("--label", label)
}

fn of_refusal(label: &str, refusal: keystore::Refusal) -> Diagnosis {
    use keystore::Refusal as R;
    use model::Status;
    let key = by_label(label);
    match refusal {
        R::State { status: Status::Revoke, .. } => {
            Diagnosis::hinted(Code::KeyRevoked, format!("`kmsctl key restore {key}` cancels its deletion"))
        }
        R::State { status: Status::Disable, .. } => {
            Diagnosis::hinted(Code::KeyDisabled, format!("`kmsctl key enable {key}`"))
        }
        R::State { status: Status::Enable, .. } => {
            Diagnosis::hinted(Code::KeyState, format!("`kmsctl key revoke {key}` requests its deletion"))
        }
        R::Newest { .. } => Diagnosis::hinted(
            Code::KeyState,
            format!("`kmsctl key disable {key}` disables the key; `key rotate` makes a newer version"),
        ),
        R::NoVersion { .. } => {
            Diagnosis::hinted(Code::VersionNotFound, format!("`kmsctl key versions {key}` lists them"))
        }
        R::NoSchedule => {
            Diagnosis::hinted(Code::Usage, "`--auto-rotate on` gives the key a schedule with this period")
        }
        R::Already { .. } | R::NotDue { .. } => Diagnosis::new(Code::KeyState),
    }
}

fn of_operation(error: &operation::Error) -> Diagnosis {
    use operation::Error as E;
    match error {
        E::SignatureInvalid { .. } => Diagnosis::new(Code::SignatureInvalid),
        E::WrongSignature { .. } => Diagnosis::hinted(
            Code::TokenBroken,
            "nothing was printed; the token signed with another key, or its answer was damaged on the way",
        ),
        E::SecretKey { .. } => of_unfit_key(),
        E::OtherFingerprint { .. } => Diagnosis::new(Code::PublicKeyMismatch),
        E::NoCheckValue { .. } => {
            Diagnosis::hinted(Code::KeyUsage, "`kmsctl key show` tells the fingerprint of a key pair")
        }
        E::CheckValueDiffers { .. } | E::WrappedOther { .. } => Diagnosis::new(Code::TokenBroken),
        E::ShortKey { .. } => Diagnosis::new(Code::KeyUsage),
        E::NotExportable { .. } => Diagnosis::hinted(
            Code::KeyUsage,
            "only a key that was created or imported with `--exportable` can be wrapped",
        ),
        E::NoRecipient { .. } => Diagnosis::hinted(
            Code::KeyNotFound,
            "`kmsctl key show` tells a key's fingerprint; unwrap on the token that holds the private half",
        ),
        E::WrappedDamaged { .. } => Diagnosis::new(Code::InvalidInput),
        E::Algorithm { valid, .. } if valid.is_empty() => of_unfit_key(),
        E::Algorithm { .. } | E::DigestLength { .. } | E::HeaderMember { .. } => Diagnosis::new(Code::Usage),
    }
}

fn of_batch(error: &operation::BatchError) -> Diagnosis {
    use operation::BatchError as E;
    match error {
        E::Failed { .. } => {
            Diagnosis::hinted(Code::Failed, "each answer with an \"error\" says what went wrong")
        }
        E::Interrupted { .. } => Diagnosis::new(Code::Interrupted),
        E::TooManyBytes { .. } => Diagnosis::new(Code::Usage),
    }
}

fn of_claims(error: &operation::ClaimsError) -> Diagnosis {
    use operation::ClaimsError as E;
    match error {
        E::Implausible { seconds: Some((unit, meant)), .. } => Diagnosis::hinted(
            Code::Usage,
            format!("{unit}? A JWT counts seconds: {} is {meant}", meant.seconds()),
        ),
        E::Implausible { .. } => {
            Diagnosis::hinted(Code::Usage, "a JWT counts seconds; `--ttl 15m` sets \"exp\"")
        }
        _ => Diagnosis::new(Code::Usage),
    }
}

fn of_token_invalid(error: &operation::TokenInvalid) -> Diagnosis {
    use operation::{Rejection as R, TokenInvalid as E};
    match error {
        E::Claims(R::Expired { .. } | R::NotYetValid { .. } | R::IssuedInFuture { .. }) => {
            Diagnosis::hinted(Code::TokenInvalid, "`--leeway 30s` allows for clocks that differ")
        }
        E::Claims(R::AudienceNotExpected { .. }) => Diagnosis::hinted(
            Code::TokenInvalid,
            "name yourself by `--aud TEXT`; `--any-audience` accepts a token for anyone",
        ),
        _ => Diagnosis::new(Code::TokenInvalid),
    }
}

/// The command that mends it, ready to be pasted.
pub(super) fn of_untrusted(error: &trust::Untrusted) -> Diagnosis {
    if let trust::Fault::Foreign { .. } = error.fault() {
        return Diagnosis::hinted(
            Code::FileNotTrusted,
            "write to a directory that only you can write, such as one in your home directory",
        );
    }
    let Some(words) = error.remedy() else { return Diagnosis::new(Code::FileNotTrusted) };
    let words: Vec<_> = words.iter().map(|word| shell_word(&word.to_string_lossy())).collect();
    Diagnosis::hinted(Code::FileNotTrusted, format!("`{}`", words.join(" ")))
}

/// Without its records, the token cannot be changed.
fn of_record_file(kind: ErrorKind) -> Diagnosis {
    match kind {
        ErrorKind::ReadOnlyFilesystem => Diagnosis::hinted(
            Code::TokenReadOnly,
            "the directory of `--records` must be writable for whatever changes a key",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Diagnosis::new(Code::TokenFull),
        _ => Diagnosis::new(Code::Io),
    }
}

fn of_pin(error: &secret::PinError) -> Diagnosis {
    use secret::PinError as E;
    match error {
        E::NoTerminal { .. } => Diagnosis::hinted(
            Code::PinMissing,
            "give it by `--pin-file FILE`, `--pin-fd N`, `--pin-command CMD` or KMSCTL_PIN_FILE",
        ),
        E::Missing { .. } => Diagnosis::new(Code::PinMissing),
        E::FileExists { path, left } => Diagnosis::hinted(Code::PinFileExists, of_left_pin(path, left)),
        E::Interrupted => Diagnosis::new(Code::Interrupted),
        _ => Diagnosis::new(Code::PinInvalid),
    }
}

/// How a run goes on that left its PIN behind. Removing the file may lose the only copy.
fn of_left_pin(path: &Path, left: &secret::LeftPin) -> String {
    let word = |path: &Path| shell_word(&path.to_string_lossy());
    let path = word(path);
    let instead = match left {
        secret::LeftPin::OfUser { so_pin: Some(so_pin) } => {
            format!("`--pin-file {path} --so-pin-file {}` in the place of `--generate-pin`", word(so_pin))
        }
        secret::LeftPin::OfUser { so_pin: None } => {
            format!("`--pin-file {path}` in the place of `--generate-pin`")
        }
        secret::LeftPin::OfSecurityOfficer => format!("`--so-pin-file {path}` beside `--generate-pin`"),
        secret::LeftPin::Successor => format!("`--new-pin-file {path}` in the place of `--generate-pin`"),
    };
    format!(
        "a run that was cut short is finished with the PIN that it left by {instead}; else name another file"
    )
}

fn of_unfit_key() -> Diagnosis {
    Diagnosis::hinted(Code::KeyUsage, "`kmsctl key show` tells what a key is made for")
}

fn of_passphrase(error: &secret::PassphraseError) -> Diagnosis {
    use secret::PinError as E;
    match &error.0 {
        E::Interrupted => Diagnosis::new(Code::Interrupted),
        E::NoTerminal { .. } | E::Missing { .. } => Diagnosis::hinted(
            Code::InvalidInput,
            "give the passphrase by `--passphrase-file FILE` or `--passphrase-fd N`",
        ),
        _ => Diagnosis::new(Code::InvalidInput),
    }
}

fn of_io(error: &io::Error) -> Diagnosis {
    match error {
        io::Error::BinaryToTerminal => Diagnosis::hinted(
            Code::Usage,
            "`--out FILE` writes it to a file, `--out -` to the terminal all the same",
        ),
        io::Error::Exists { .. } => {
            Diagnosis::hinted(Code::FileExists, "name another place, or remove what is there")
        }
        io::Error::Untrusted(error) => of_untrusted(error),
        io::Error::StdinTwice { .. } => Diagnosis::new(Code::Usage),
        io::Error::TooLarge { .. } => Diagnosis::new(Code::InvalidInput),
        io::Error::Read { .. } | io::Error::Write { .. } => Diagnosis::new(Code::Io),
    }
}

fn of_config(error: &config::ConfigError) -> Diagnosis {
    match error {
        config::ConfigError::ProfileExists { .. } => {
            Diagnosis::hinted(Code::ProfileExists, "use another name, or `--replace` to write over it")
        }
        config::ConfigError::NoHome => Diagnosis::hinted(
            Code::Usage,
            "`--store DIR` or KMSCTL_STORE names the embedded token, `--config FILE` a configuration",
        ),
        _ => Diagnosis::new(Code::Usage),
    }
}

fn of_encoding(error: &encoding::Error) -> Diagnosis {
    use encoding::{Error as E, Form};
    let hint = match error {
        E::Unexpected { found: Form::OpensshPrivate, .. } => {
            "`ssh-keygen -p -m PKCS8 -f FILE` converts it, in place"
        }
        E::Unexpected { found: Form::Pkcs12, .. } => "`openssl pkcs12 -in FILE -nocerts` extracts the key",
        E::Unannounced => "`--algorithm aes-256` takes it for one",
        E::Damaged(_) | E::Decryption => return Diagnosis::new(Code::NotAuthentic),
        _ => return Diagnosis::new(Code::InvalidInput),
    };
    Diagnosis::hinted(Code::InvalidInput, hint)
}

fn of_usage(error: &UsageError) -> Diagnosis {
    Diagnosis { code: Code::Usage, hint: error.hint.clone() }
}

fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(" or ")
}

fn described(candidate: &keystore::Candidate) -> String {
    let kind = candidate.kind.map_or_else(|| "unknown kind".to_owned(), |kind| kind.to_string());
    format!("{:?}, {kind}", candidate.label)
}
