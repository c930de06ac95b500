//! Which code an error has and what to do about it: the first error of the chain that is known decides.

use std::io::ErrorKind;

use anyhow::Error;

use super::seal;
use crate::{
    cli::UsageError,
    config,
    encoding::{self, kmsctl, shell_option},
    io, keystore,
    model::{self, Code, Coded, Diagnosis},
    operation, public, secret, token, trust,
};

pub(super) fn of(error: &Error) -> Diagnosis {
    error.chain().find_map(known).unwrap_or_else(|| Code::Failed.into())
}

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
        .or_else(|| cause.downcast_ref().map(of_usage))
        .or_else(|| cause.downcast_ref::<operation::RequestError>().map(|_| Code::InvalidInput.into()))
        .or_else(|| coded(cause))
}

/// The diagnosis of an error that is of one of these types.
fn coded(cause: &(dyn std::error::Error + 'static)) -> Option<Diagnosis> {
    macro_rules! one_of {
        ($($error:ty),* $(,)?) => {
            None$(.or_else(|| cause.downcast_ref::<$error>().map(Coded::diagnosis)))*
        };
    }
    one_of![
        config::ConfigError,
        config::UseOnly,
        encoding::ComponentError,
        encoding::Error,
        encoding::JwkForbids,
        encoding::RequestError,
        io::Error,
        io::NotStarted,
        model::Invalid,
        public::Error,
        secret::PassphraseError,
        secret::PinError,
        std::io::Error,
        token::Error,
        token::InitError,
        token::LoginError,
        token::ModuleError,
        token::TokenChoiceError,
        token::embedded::StoreError,
        token::lock::LockError,
        trust::Untrusted,
    ]
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
        E::LabelFixed { source, .. } => source.diagnosis().code.into(),
        E::NotConvergent { .. } => {
            Code::TokenIncapable.hint("nothing was created; leave out `--convergent`")
        }
        E::RecordUnsettled { .. } => {
            let hint = format!("`{}` tells what is there, and repairs it", kmsctl("doctor --repair"));
            Code::TokenError.hint(hint)
        }
        E::NoRecords { source } => match source.diagnosis().code {
            Code::TokenIncapable | Code::TokenError => Code::RecordsUnavailable.hint("name a directory that keeps the records instead: `--records DIR`, or `records` in the profile",
            ),
            code => code.into(),
        },
        E::RecordFileUntrusted(error) => error.diagnosis(),
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
