//! Which code an error has and what to do about it: the first error of the chain that is known decides.

use std::io::ErrorKind;

use anyhow::Error;

use super::{pin, pkcs11, seal, token};
use crate::{
    cli::UsageError,
    config,
    encoding::{self, kmsctl, kmsctl_without_pin, shell_option, shell_word},
    io, keystore,
    model::{self, Code, Diagnosis},
    operation, public, token as pkcs11_token, trust,
};

const EBADF: i32 = rustix::io::Errno::BADF.raw_os_error();

pub(super) fn of(error: &Error) -> Diagnosis {
    error.chain().find_map(known).unwrap_or_else(|| Code::Failed.into())
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
            cause
                .downcast_ref::<keystore::doctor::FaultsFound>()
                .map(|_| Code::FaultsFound.hint("each finding says what it means and what mends it"))
        })
        .or_else(|| cause.downcast_ref().map(of_untrusted))
        .or_else(|| token::of(cause))
        .or_else(|| cause.downcast_ref().map(pin::of))
        .or_else(|| cause.downcast_ref().map(pin::of_passphrase))
        .or_else(|| cause.downcast_ref().map(of_usage))
        .or_else(|| cause.downcast_ref::<io::NotStarted>().map(|_| Code::CommandNotStarted.into()))
        .or_else(|| cause.downcast_ref().map(of_io))
        .or_else(|| cause.downcast_ref().map(of_config))
        .or_else(|| cause.downcast_ref().map(of_use_only))
        .or_else(|| cause.downcast_ref::<model::Invalid>().map(|_| Code::Usage.into()))
        .or_else(|| cause.downcast_ref().map(of_encoding))
        .or_else(|| cause.downcast_ref::<encoding::ComponentError>().map(|_| Code::InvalidInput.into()))
        .or_else(|| cause.downcast_ref::<operation::RequestError>().map(|_| Code::InvalidInput.into()))
        .or_else(|| cause.downcast_ref::<encoding::RequestError>().map(|_| Code::InvalidInput.into()))
        .or_else(|| cause.downcast_ref().map(of_jwk))
        .or_else(|| cause.downcast_ref().map(of_public))
        .or_else(|| cause.downcast_ref::<std::io::Error>().map(of_system))
        .or_else(|| cause.downcast_ref::<pkcs11_token::Error>().map(pkcs11::of))
}

fn of_use_only(_: &config::UseOnly) -> Diagnosis {
    let hint = format!("`{}` tells where it came from", kmsctl_without_pin("config show"));
    Code::UseOnly.hint(hint)
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn of_keystore(error: &keystore::Error) -> Diagnosis {
    use keystore::Error as E;
    match error {
        E::NotFound { near, .. } if near.is_empty() => Code::KeyNotFound.hint(format!("`{}` shows the keys of this token", kmsctl("key list")),
        ),
        E::NotFound { near, .. } => {
            Code::KeyNotFound.hint(format!("did you mean {}?", quoted(near)))
        }
        E::Ambiguous { candidates, .. } => {
            let ids: Vec<_> = candidates
                .iter()
                .map(|candidate| format!("--id {}  ({})", candidate.id, described(candidate)))
                .collect();
            Code::KeyAmbiguous.hint(format!("choose one by its CKA_ID:\n  {}", ids.join("\n  ")),
            )
        }
        E::Unseen { .. } => Code::PinMissing.hint("give the PIN by `--pin-file FILE`, or name one version by `--id`",
        ),
        E::TagNotFound { .. } => Code::KeyNotFound.hint(format!(
                "the key that encrypted this is on another token, or was destroyed; `{}` shows what is here",
                kmsctl("key list")
            ),
        ),
        E::TagAmbiguous { candidates, .. } => {
            let keys: Vec<_> = candidates.iter().map(described).collect();
            let hint = format!("give all but one of them another CKA_ID: {}", keys.join("; "));
            Code::KeyAmbiguous.hint(hint)
        }
        E::NoVersion { label, .. } => {
            Code::VersionNotFound.hint(format!("`{}` lists them", on_key("versions", label)))
        }
        E::LabelExists { .. } => Code::KeyExists.hint("use another label, `--if-not-exists` to accept the key that is there, or `--allow-duplicate-label`",
        ),
        E::NoSubstitute { .. } | E::LabelTaken { .. } | E::OtherAlgorithm { .. } | E::OtherKey { .. } => {
            Code::KeyExists.hint("use another label")
        }
        E::IdExists { .. } => {
            Code::KeyExists.hint("leave `--id` out to have a CKA_ID assigned")
        }
        E::IdRecorded { .. } => Code::KeyExists.hint(format!(
                "leave `--id` out to have a CKA_ID assigned; `{}` tells what became of that version",
                kmsctl("doctor")
            ),
        ),
        E::MissingObject { what: keystore::PUBLIC_HALF, .. } => Code::KeyIncomplete.hint("the token has the private half alone; store the public key there with the same label and CKA_ID",
        ),
        E::UnfitAlgorithm { .. } => Code::Usage.into(),
        E::MissingObject { .. } => Code::KeyIncomplete.into(),
        E::State { label, status: model::Status::Revoke, .. } => Code::KeyRevoked.hint(format!("`{}`, then `{}`", on_key("restore", label), on_key("enable", label)),
        ),
        E::State { label, version, .. } => {
            let of = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
            let enable = kmsctl(format!("key enable {}{of}", by_label(label)));
            Code::KeyDisabled.hint(format!("`{enable}`"))
        }
        E::Usage { label, .. } => of_unfit_key(label),
        E::NotAsAsked { .. } | E::Unusable { .. } => Code::TokenBroken.hint("nothing was left on the token; this module cannot make such a key in a way that kmsctl would trust",
        ),
        E::RecordDamaged { .. } => {
            Code::RecordUnreadable.hint("the key itself can be used by its CKA_ID: `--id`")
        }
        E::RecordNotAuthentic { .. } => Code::RecordNotAuthentic.hint("nothing was changed; restore the store or the record file from a backup, and find out who can write there",
        ),
        E::RecordNewer { .. } => {
            Code::RecordUnreadable.hint("change this key with a newer kmsctl")
        }
        E::PublicKeyMismatch { .. } => Code::PublicKeyMismatch.hint(format!("`{}` restores the public key where the token can prove it", kmsctl("doctor --repair")),
        ),
        E::PublicKeyUnproven { .. } => Code::PublicKeyUnproven.hint("compare the fingerprint with the one that the owner of the key gives you, and use that public key from a \
             file: `--public-key FILE`",
        ),
        E::OtherSecretKey { .. } => {
            Code::KeyReplaced.hint(format!("`{}` tells what is on the token", kmsctl("doctor")))
        }
        E::BadPublicKey { .. } | E::RecordLost { .. } => Code::TokenBroken.into(),
        E::Refused { label, refusal } => of_refusal(label, *refusal),
        E::RotationsDue { .. } => {
            Code::RotationDue.hint(format!("`{}` rotates them", kmsctl("key rotate --due")))
        }
        E::Conflict { .. } => Code::KeyConflict.hint("nothing was changed here; run it again"),
        E::NotSwitchedOff { label } => Code::KeyState.hint(format!(
                "`{}` switches it off; to destroy it at once: `{}`",
                kmsctl("doctor --repair"),
                on_key("delete", label)
            ),
        ),
        E::NotMadeHere { .. } => Code::KeyState.hint("create a key of your own and move to it; this one stays usable as it is",
        ),
        E::IdShared { .. } => Code::KeyAmbiguous.hint("give one of them another CKA_ID with the program that made it",
        ),
        E::LeftBehind { id, .. } => Code::TokenBroken.hint(format!(
                "`{}` destroys what is left, if the token lets it",
                kmsctl(format!("key delete --id {id}"))
            ),
        ),
        E::WouldWeaken { .. } => Code::TokenIncapable.hint("nothing was changed; make the new key with the program that made this one",
        ),
        E::Superseded { label, .. } => Code::KeyState.hint(format!(
                "leave `--key-version` out, or name the key by `{}`; older versions verify and decrypt",
                by_label(label)
            ),
        ),
        E::IdUnread { .. } => Code::TokenIncapable.hint("nothing was changed: other programs may find the key by its CKA_ID",
        ),
        E::LabelFixed { source, .. } => pkcs11::of(source).code.into(),
        E::NotConvergent { .. } => {
            Code::TokenIncapable.hint("nothing was created; leave out `--convergent`")
        }
        E::RecordUnsettled { .. } => {
            let hint = format!("`{}` tells what is there, and repairs it", kmsctl("doctor --repair"));
            Code::TokenError.hint(hint)
        }
        E::NoRecords { source } => match pkcs11::of(source).code {
            Code::TokenIncapable | Code::TokenError => Code::RecordsUnavailable.hint("name a directory that keeps the records instead: `--records DIR`, or `records` in the profile",
            ),
            code => code.into(),
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
            Code::KeyRevoked.hint(hint)
        }
        R::State { status: Status::Disable, .. } => {
            Code::KeyDisabled.hint(format!("`{}`", on_key("enable", label)))
        }
        R::Newest { .. } => Code::KeyState.hint(format!(
            "`{}` disables the key; `{}` makes a newer version",
            on_key("disable", label),
            on_key("rotate", label)
        )),
        R::NoVersion { .. } => {
            Code::VersionNotFound.hint(format!("`{}` lists them", on_key("versions", label)))
        }
        R::NoSchedule => Code::Usage.hint("`--auto-rotate on` gives the key a schedule with this period"),
        // Nothing has to be done about a key that can be used.
        R::State { status: Status::Enable, .. } | R::Already { .. } | R::NotDue { .. } => {
            Code::KeyState.into()
        }
    }
}

fn of_operation(error: &operation::Error) -> Diagnosis {
    use operation::Error as E;
    match error {
        E::SignatureInvalid { .. } => Code::SignatureInvalid.into(),
        E::WrongSignature { .. } => Code::TokenBroken.hint(
            "nothing was printed; the token signed with another key, or its answer was damaged on the way",
        ),
        E::SecretKey { label } => of_unfit_key(label),
        E::OtherFingerprint { .. } => Code::PublicKeyMismatch.into(),
        E::NoCheckValue { .. } => Code::KeyUsage.hint("`key show` tells the fingerprint of a key pair"),
        E::CheckValueDiffers { .. } | E::WrappedOther { .. } => Code::TokenBroken.into(),
        E::ShortKey { .. } => Code::KeyUsage.into(),
        E::NotExportable { .. } => {
            Code::KeyUsage.hint("only a key that was created or imported with `--exportable` can be wrapped")
        }
        E::NoRecipient { .. } => Code::KeyNotFound
            .hint("`key show` tells a key's fingerprint; unwrap on the token that holds the private half"),
        E::WrappedDamaged { .. } => Code::InvalidInput.into(),
        E::Algorithm { valid, .. } if valid.is_empty() => {
            Code::KeyUsage.hint("`key show` tells what a key is made for")
        }
        E::OtherAlgorithm { label, asked, .. } => {
            let update = format!("key update {} --signature-algorithm {asked}", by_label(label));
            Code::KeyUsage.hint(format!("`{}` changes it", kmsctl(update)))
        }
        E::Algorithm { .. } | E::DigestLength { .. } | E::HeaderMember { .. } => Code::Usage.into(),
    }
}

fn of_batch(error: &operation::BatchError) -> Diagnosis {
    use operation::BatchError as E;
    match error {
        E::Failed { .. } => Code::Failed.hint("each answer with an \"error\" says what went wrong"),
        E::No { .. } => Code::AnswerNo
            .hint("each answer with `\"valid\":false`, or with an \"error\" whose exit is 3, says which"),
        E::Interrupted { .. } => Code::Interrupted.into(),
        E::TooManyBytes { .. } => Code::Usage.into(),
    }
}

fn of_claims(error: &operation::ClaimsError) -> Diagnosis {
    use operation::ClaimsError as E;
    match error {
        E::Implausible { seconds: Some((unit, meant)), .. } => {
            Code::Usage.hint(format!("{unit}? A JWT counts seconds: {} is {meant}", meant.seconds()))
        }
        E::Implausible { .. } => Code::Usage.hint("a JWT counts seconds; `--ttl 15m` sets \"exp\""),
        _ => Code::Usage.into(),
    }
}

fn of_token_invalid(error: &operation::TokenInvalid) -> Diagnosis {
    use operation::{Rejection as R, TokenInvalid as E};
    match error {
        E::Claims(R::Expired { .. } | R::NotYetValid { .. } | R::IssuedInFuture { .. }) => {
            Code::TokenInvalid.hint("`--leeway 30s` allows for clocks that differ")
        }
        E::Claims(R::AudienceNotExpected { .. }) => Code::TokenInvalid
            .hint("name yourself by `--aud TEXT`; `--any-audience` accepts a token for anyone"),
        _ => Code::TokenInvalid.into(),
    }
}

/// The command that mends it, ready to be pasted.
pub(super) fn of_untrusted(error: &trust::Untrusted) -> Diagnosis {
    if let trust::Fault::Foreign { .. } = error.fault() {
        return Code::FileNotTrusted
            .hint("write to a directory that only you can write, such as one in your home directory");
    }
    let Some(words) = error.remedy() else { return Code::FileNotTrusted.into() };
    let words: Vec<_> = words.iter().map(shell_word).collect();
    Code::FileNotTrusted.hint(format!("`{}`", words.join(" ")))
}

/// Without its records, the token cannot be changed.
fn of_record_file(kind: ErrorKind) -> Diagnosis {
    match kind {
        ErrorKind::ReadOnlyFilesystem => Code::TokenReadOnly
            .hint("the directory of `--records` must be writable for whatever changes a key"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TokenFull.into(),
        _ => Code::Io.into(),
    }
}

fn of_unfit_key(label: &str) -> Diagnosis {
    Code::KeyUsage.hint(format!("`{}` tells what it is made for", on_key("show", label)))
}

fn of_io(error: &io::Error) -> Diagnosis {
    match error {
        io::Error::BinaryToTerminal => {
            Code::Usage.hint("`--out FILE` writes it to a file, `--out -` to the terminal all the same")
        }
        io::Error::Exists { .. } => Code::FileExists.hint("name another place, or remove what is there"),
        io::Error::Untrusted(error) => of_untrusted(error),
        io::Error::Closed { instead, .. } => {
            Code::Usage.hint(format!("`{instead}` opens it, if nothing is to be read or kept"))
        }
        // Open, but not for this: `0> FILE`.
        io::Error::Read { source, .. } | io::Error::Write { source, .. }
            if source.raw_os_error() == Some(EBADF) =>
        {
            Code::Usage.into()
        }
        io::Error::StdinTwice { .. } => Code::Usage.into(),
        io::Error::TooLarge { .. } | io::Error::NotReadable { .. } => Code::InvalidInput.into(),
        io::Error::Read { .. } | io::Error::Write { .. } => Code::Io.into(),
    }
}

/// An error of ours may be inside: a copying loop knows `std::io::Error` alone.
fn of_system(error: &std::io::Error) -> Diagnosis {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| Code::Io.into(), of_io)
}

fn of_config(error: &config::ConfigError) -> Diagnosis {
    match error {
        config::ConfigError::ProfileExists { .. } => {
            Code::ProfileExists.hint("use another name, or `--replace` to write over it")
        }
        config::ConfigError::Untrusted(refused) => of_untrusted(refused),
        config::ConfigError::NoHome => Code::Usage
            .hint("`--store DIR` or KMSCTL_STORE names the embedded token, `--config FILE` a configuration"),
        _ => Code::Usage.into(),
    }
}

/// What a JWK says of itself: a signature that its key may not verify is not good.
fn of_jwk(error: &encoding::JwkForbids) -> Diagnosis {
    match error.purpose {
        encoding::JwkPurpose::Verify => Code::SignatureInvalid.into(),
        encoding::JwkPurpose::Encrypt | encoding::JwkPurpose::Wrap | encoding::JwkPurpose::Import(_) => {
            Code::KeyUsage.into()
        }
    }
}

fn of_public(error: &public::Error) -> Diagnosis {
    match error {
        public::Error::ShortKey { .. } | public::Error::CannotEncrypt { .. } => Code::KeyUsage.into(),
        _ => Code::Usage.into(),
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
        E::Damaged(_) | E::Decryption => return Code::NotAuthentic.into(),
        _ => return Code::InvalidInput.into(),
    };
    Code::InvalidInput.hint(hint)
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
