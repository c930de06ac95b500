//! Which code an error has and what to do about it: the first error of the chain that is known decides.

use std::io::ErrorKind;

use anyhow::Error;

use super::{Code, pin, pkcs11, seal, token};
use crate::{
    cli::UsageError,
    config,
    encoding::{self, kmsctl, kmsctl_without_pin, shell_option, shell_word},
    io, keystore, model, operation, public, token as pkcs11_token, trust,
};

const EBADF: i32 = rustix::io::Errno::BADF.raw_os_error();

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
        .or_else(|| cause.downcast_ref().map(pin::of))
        .or_else(|| cause.downcast_ref().map(pin::of_passphrase))
        .or_else(|| cause.downcast_ref().map(of_usage))
        .or_else(|| cause.downcast_ref::<io::NotStarted>().map(|_| Diagnosis::new(Code::CommandNotStarted)))
        .or_else(|| cause.downcast_ref().map(of_io))
        .or_else(|| cause.downcast_ref().map(of_config))
        .or_else(|| cause.downcast_ref().map(of_use_only))
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
        .or_else(|| cause.downcast_ref().map(of_jwk))
        .or_else(|| cause.downcast_ref().map(of_public))
        .or_else(|| cause.downcast_ref::<std::io::Error>().map(of_system))
        .or_else(|| cause.downcast_ref::<pkcs11_token::Error>().map(pkcs11::of))
}

fn of_use_only(_: &config::UseOnly) -> Diagnosis {
    let hint = format!("`{}` tells where it came from", kmsctl_without_pin("config show"));
    Diagnosis::hinted(Code::UseOnly, hint)
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn of_keystore(error: &keystore::Error) -> Diagnosis {
    use keystore::Error as E;
    match error {
        E::NotFound { near, .. } if near.is_empty() => Diagnosis::hinted(
            Code::KeyNotFound,
            format!("`{}` shows the keys of this token", kmsctl("key list")),
        ),
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
        E::Unseen { .. } => Diagnosis::hinted(
            Code::PinMissing,
            "give the PIN by `--pin-file FILE`, or name one version by `--id`",
        ),
        E::TagNotFound { .. } => Diagnosis::hinted(
            Code::KeyNotFound,
            format!(
                "the key that encrypted this is on another token, or was destroyed; `{}` shows what is here",
                kmsctl("key list")
            ),
        ),
        E::TagAmbiguous { candidates, .. } => {
            let keys: Vec<_> = candidates.iter().map(described).collect();
            let hint = format!("give all but one of them another CKA_ID: {}", keys.join("; "));
            Diagnosis::hinted(Code::KeyAmbiguous, hint)
        }
        E::NoVersion { label, .. } => {
            Diagnosis::hinted(Code::VersionNotFound, format!("`{}` lists them", on_key("versions", label)))
        }
        E::LabelExists { .. } => Diagnosis::hinted(
            Code::KeyExists,
            "use another label, `--if-not-exists` to accept the key that is there, or `--allow-duplicate-label`",
        ),
        E::NoSubstitute { .. } | E::LabelTaken { .. } | E::OtherAlgorithm { .. } | E::OtherKey { .. } => {
            Diagnosis::hinted(Code::KeyExists, "use another label")
        }
        E::IdExists { .. } => {
            Diagnosis::hinted(Code::KeyExists, "leave `--id` out to have a CKA_ID assigned")
        }
        E::IdRecorded { .. } => Diagnosis::hinted(
            Code::KeyExists,
            format!(
                "leave `--id` out to have a CKA_ID assigned; `{}` tells what became of that version",
                kmsctl("doctor")
            ),
        ),
        E::MissingObject { what: keystore::PUBLIC_HALF, .. } => Diagnosis::hinted(
            Code::KeyIncomplete,
            "the token has the private half alone; store the public key there with the same label and CKA_ID",
        ),
        E::UnfitAlgorithm { .. } => Diagnosis::new(Code::Usage),
        E::MissingObject { .. } => Diagnosis::new(Code::KeyIncomplete),
        E::State { label, status: model::Status::Revoke, .. } => Diagnosis::hinted(
            Code::KeyRevoked,
            format!("`{}`, then `{}`", on_key("restore", label), on_key("enable", label)),
        ),
        E::State { label, version, .. } => {
            let of = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
            let enable = kmsctl(format!("key enable {}{of}", by_label(label)));
            Diagnosis::hinted(Code::KeyDisabled, format!("`{enable}`"))
        }
        E::Usage { label, .. } => of_unfit_key(label),
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
            format!("`{}` restores the public key where the token can prove it", kmsctl("doctor --repair")),
        ),
        E::PublicKeyUnproven { .. } => Diagnosis::hinted(
            Code::PublicKeyUnproven,
            "compare the fingerprint with the one that the owner of the key gives you, and use that public key from a \
             file: `--public-key FILE`",
        ),
        E::OtherSecretKey { .. } => {
            Diagnosis::hinted(Code::KeyReplaced, format!("`{}` tells what is on the token", kmsctl("doctor")))
        }
        E::BadPublicKey { .. } | E::RecordLost { .. } => Diagnosis::new(Code::TokenBroken),
        E::Refused { label, refusal } => of_refusal(label, *refusal),
        E::RotationsDue { .. } => {
            Diagnosis::hinted(Code::RotationDue, format!("`{}` rotates them", kmsctl("key rotate --due")))
        }
        E::Conflict { .. } => Diagnosis::hinted(Code::KeyConflict, "nothing was changed here; run it again"),
        E::NotSwitchedOff { label } => Diagnosis::hinted(
            Code::KeyState,
            format!(
                "`{}` switches it off; to destroy it at once: `{}`",
                kmsctl("doctor --repair"),
                on_key("delete", label)
            ),
        ),
        E::NotMadeHere { .. } => Diagnosis::hinted(
            Code::KeyState,
            "create a key of your own and move to it; this one stays usable as it is",
        ),
        E::IdShared { .. } => Diagnosis::hinted(
            Code::KeyAmbiguous,
            "give one of them another CKA_ID with the program that made it",
        ),
        E::LeftBehind { id, .. } => Diagnosis::hinted(
            Code::TokenBroken,
            format!(
                "`{}` destroys what is left, if the token lets it",
                kmsctl(format!("key delete --id {id}"))
            ),
        ),
        E::WouldWeaken { .. } => Diagnosis::hinted(
            Code::TokenIncapable,
            "nothing was changed; make the new key with the program that made this one",
        ),
        E::Superseded { label, .. } => Diagnosis::hinted(
            Code::KeyState,
            format!(
                "leave `--key-version` out, or name the key by `{}`; older versions verify and decrypt",
                by_label(label)
            ),
        ),
        E::IdUnread { .. } => Diagnosis::hinted(
            Code::TokenIncapable,
            "nothing was changed: other programs may find the key by its CKA_ID",
        ),
        E::LabelFixed { source, .. } => Diagnosis::new(pkcs11::of(source).code),
        E::NotConvergent { .. } => {
            Diagnosis::hinted(Code::TokenIncapable, "nothing was created; leave out `--convergent`")
        }
        E::RecordUnsettled { .. } => {
            let hint = format!("`{}` tells what is there, and repairs it", kmsctl("doctor --repair"));
            Diagnosis::hinted(Code::TokenError, hint)
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

/// `kmsctl key WHAT --label LABEL`.
fn on_key(what: &str, label: &str) -> String {
    kmsctl(format!("key {what} {}", by_label(label)))
}

fn of_refusal(label: &str, refusal: keystore::Refusal) -> Diagnosis {
    use keystore::Refusal as R;
    use model::Status;
    match refusal {
        R::State { status: Status::Revoke, .. } => {
            let hint = format!("`{}` cancels its deletion", on_key("restore", label));
            Diagnosis::hinted(Code::KeyRevoked, hint)
        }
        R::State { status: Status::Disable, .. } => {
            Diagnosis::hinted(Code::KeyDisabled, format!("`{}`", on_key("enable", label)))
        }
        R::Newest { .. } => Diagnosis::hinted(
            Code::KeyState,
            format!(
                "`{}` disables the key; `{}` makes a newer version",
                on_key("disable", label),
                on_key("rotate", label)
            ),
        ),
        R::NoVersion { .. } => {
            Diagnosis::hinted(Code::VersionNotFound, format!("`{}` lists them", on_key("versions", label)))
        }
        R::NoSchedule => {
            Diagnosis::hinted(Code::Usage, "`--auto-rotate on` gives the key a schedule with this period")
        }
        // Nothing has to be done about a key that can be used.
        R::State { status: Status::Enable, .. } | R::Already { .. } | R::NotDue { .. } => {
            Diagnosis::new(Code::KeyState)
        }
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
        E::SecretKey { label } => of_unfit_key(label),
        E::OtherFingerprint { .. } => Diagnosis::new(Code::PublicKeyMismatch),
        E::NoCheckValue { .. } => {
            Diagnosis::hinted(Code::KeyUsage, "`key show` tells the fingerprint of a key pair")
        }
        E::CheckValueDiffers { .. } | E::WrappedOther { .. } => Diagnosis::new(Code::TokenBroken),
        E::ShortKey { .. } => Diagnosis::new(Code::KeyUsage),
        E::NotExportable { .. } => Diagnosis::hinted(
            Code::KeyUsage,
            "only a key that was created or imported with `--exportable` can be wrapped",
        ),
        E::NoRecipient { .. } => Diagnosis::hinted(
            Code::KeyNotFound,
            "`key show` tells a key's fingerprint; unwrap on the token that holds the private half",
        ),
        E::WrappedDamaged { .. } => Diagnosis::new(Code::InvalidInput),
        E::Algorithm { valid, .. } if valid.is_empty() => {
            Diagnosis::hinted(Code::KeyUsage, "`key show` tells what a key is made for")
        }
        E::OtherAlgorithm { label, asked, .. } => {
            let update = format!("key update {} --signature-algorithm {asked}", by_label(label));
            Diagnosis::hinted(Code::KeyUsage, format!("`{}` changes it", kmsctl(update)))
        }
        E::Algorithm { .. } | E::DigestLength { .. } | E::HeaderMember { .. } => Diagnosis::new(Code::Usage),
    }
}

fn of_batch(error: &operation::BatchError) -> Diagnosis {
    use operation::BatchError as E;
    match error {
        E::Failed { .. } => {
            Diagnosis::hinted(Code::Failed, "each answer with an \"error\" says what went wrong")
        }
        E::No { .. } => Diagnosis::hinted(
            Code::AnswerNo,
            "each answer with `\"valid\":false`, or with an \"error\" whose exit is 3, says which",
        ),
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
    let words: Vec<_> = words.iter().map(shell_word).collect();
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

fn of_unfit_key(label: &str) -> Diagnosis {
    Diagnosis::hinted(Code::KeyUsage, format!("`{}` tells what it is made for", on_key("show", label)))
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
        io::Error::Closed { instead, .. } => {
            Diagnosis::hinted(Code::Usage, format!("`{instead}` opens it, if nothing is to be read or kept"))
        }
        // Open, but not for this: `0> FILE`.
        io::Error::Read { source, .. } | io::Error::Write { source, .. }
            if source.raw_os_error() == Some(EBADF) =>
        {
            Diagnosis::new(Code::Usage)
        }
        io::Error::StdinTwice { .. } => Diagnosis::new(Code::Usage),
        io::Error::TooLarge { .. } | io::Error::NotReadable { .. } => Diagnosis::new(Code::InvalidInput),
        io::Error::Read { .. } | io::Error::Write { .. } => Diagnosis::new(Code::Io),
    }
}

/// An error of ours may be inside: a copying loop knows `std::io::Error` alone.
fn of_system(error: &std::io::Error) -> Diagnosis {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| Diagnosis::new(Code::Io), of_io)
}

fn of_config(error: &config::ConfigError) -> Diagnosis {
    match error {
        config::ConfigError::ProfileExists { .. } => {
            Diagnosis::hinted(Code::ProfileExists, "use another name, or `--replace` to write over it")
        }
        config::ConfigError::Untrusted(refused) => of_untrusted(refused),
        config::ConfigError::NoHome => Diagnosis::hinted(
            Code::Usage,
            "`--store DIR` or KMSCTL_STORE names the embedded token, `--config FILE` a configuration",
        ),
        _ => Diagnosis::new(Code::Usage),
    }
}

/// What a JWK says of itself: a signature that its key may not verify is not good.
fn of_jwk(error: &encoding::JwkForbids) -> Diagnosis {
    match error.purpose {
        encoding::JwkPurpose::Verify => Diagnosis::new(Code::SignatureInvalid),
        encoding::JwkPurpose::Encrypt | encoding::JwkPurpose::Wrap | encoding::JwkPurpose::Import(_) => {
            Diagnosis::new(Code::KeyUsage)
        }
    }
}

fn of_public(error: &public::Error) -> Diagnosis {
    match error {
        public::Error::ShortKey { .. } | public::Error::CannotEncrypt { .. } => {
            Diagnosis::new(Code::KeyUsage)
        }
        _ => Diagnosis::new(Code::Usage),
    }
}

fn of_encoding(error: &encoding::Error) -> Diagnosis {
    use encoding::Error as E;
    let hint = match error {
        E::Foreign { found, file } => {
            let conversion = found.conversion(file.as_deref().unwrap_or("FILE"));
            let hint = conversion.map(|command| format!("convert it first: `{command}`"));
            return Diagnosis { code: Code::InvalidInput, hint };
        }
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
