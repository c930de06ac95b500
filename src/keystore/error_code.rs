//! The code and the hint of each error when finding, creating and changing keys.

use std::io::ErrorKind;

use super::{
    error::{Candidate, Error, PUBLIC_HALF},
    missing,
    refusal::{by_label, lets_staged_version_sign, lists_versions, on_key, restores_version},
};
use crate::{
    encoding,
    model::{Code, Coded, Diagnosis, KeyIdPrefix, Status},
    shell::kmsctl,
};

impl Coded for Error {
    #[allow(clippy::too_many_lines, reason = "a table")]
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::NotFound { selection, .. } if selection.is_short_id() => Code::KeyNotFound.hint(format!(
                "`--id` takes a whole CKA_ID, or at least its first {} digits",
                KeyIdPrefix::MIN_DIGITS
            )),
            Self::NotFound { near, .. } if near.is_empty() => {
                Code::KeyNotFound.hint(format!("`{}` lists the keys of this token", kmsctl("key list")))
            }
            Self::NotFound { near, .. } => {
                let names: Vec<_> = near.iter().map(|label| format!("{label:?}")).collect();
                Code::KeyNotFound.hint(format!("did you mean {}?", names.join(" or ")))
            }
            Self::Ambiguous { candidates, .. } => {
                let line = |candidate: &Candidate| match candidate.id.as_bytes() {
                    [] => format!("({candidate}; another program can give it a CKA_ID)"),
                    _ => format!("--id {}  ({candidate})", candidate.id),
                };
                let lines: Vec<_> = candidates.iter().map(line).collect();
                Code::KeyAmbiguous.hint(format!("select one by its CKA_ID:\n  {}", lines.join("\n  ")))
            }
            Self::AmbiguousWithoutLogin { .. } => Code::PinMissing
                .hint("give the PIN with `--pin-file FILE`, or select one version with `--id`"),
            Self::TagNotFound { .. } => Code::KeyNotFound.hint(format!(
                "the key is on another token, or was destroyed; `{}` shows the tags of the keys on this one, and `{}` \
                 tries one of them whatever its tag",
                kmsctl("key list --wide"),
                kmsctl("decrypt --label LABEL")
            )),
            Self::TagAmbiguous { candidates, .. } => {
                let keys: Vec<_> = candidates.iter().map(ToString::to_string).collect();
                Code::KeyAmbiguous
                    .hint(format!("give all but one of them another CKA_ID: {}", keys.join("; ")))
            }
            Self::NoVersion { label, .. } => Code::VersionNotFound.hint(lists_versions(label)),
            Self::LabelExists { fits: false, .. } => {
                Code::KeyExists.hint("use another label, or `--allow-duplicate-label`")
            }
            Self::LabelExists { .. } => Code::KeyExists.hint(
                "use another label, `--if-not-exists` to accept the existing key, or `--allow-duplicate-label`",
            ),
            Self::RecordedElsewhere { .. } => Code::KeyExists
                .hint("give the directory in which it was created: `--records DIR`, or `records` in the profile"),
            Self::NoSubstitute { .. }
            | Self::LabelTaken { .. }
            | Self::OtherAlgorithm { .. }
            | Self::OtherKey { .. } => Code::KeyExists.hint("use another label"),
            Self::KeyPresent { label, .. } => Code::KeyExists.hint(format!(
                "use it by that label, or give it another: `{}`; if its objects are gone, `{}` says so",
                on_key("update --rename NEW_LABEL", label),
                kmsctl("doctor")
            )),
            Self::IdExists { .. } => Code::KeyExists.hint("leave out `--id` to have a CKA_ID assigned"),
            Self::IdRecorded { .. } => Code::KeyExists.hint(format!(
                "leave out `--id` to have a CKA_ID assigned; `{}` reports on that version",
                kmsctl("doctor")
            )),
            Self::MissingObject { what: PUBLIC_HALF, .. } => Code::KeyIncomplete.hint(restores_public_half()),
            Self::OlderHalfMissing { label, version } => Code::KeyIncomplete.hint(format!(
                "{}; or take this older version out of use: `{}`",
                restores_public_half(),
                on_key(&format!("disable --key-version {version}"), label)
            )),
            Self::MissingObject { .. } => Code::KeyIncomplete.into(),
            Self::UnfitAlgorithm { .. } => Code::Usage.into(),
            Self::State { label, version: Some(version), status: Status::Staged, .. } => {
                Code::KeyState.hint(lets_staged_version_sign(label, *version))
            }
            Self::State { label, version: Some(version), status: Status::Revoke, .. } => {
                Code::KeyRevoked.hint(restores_version(label, *version))
            }
            Self::State { label, status: Status::Revoke, .. } => Code::KeyRevoked
                .hint(format!("`{}`, then `{}`", on_key("restore", label), on_key("enable", label))),
            Self::State { label, status: Status::Retired, .. } => Code::KeyDisabled.hint(format!(
                "a retired version only verifies and decrypts: without `--key-version`, the current version is used; `{}` shows the states",
                on_key("versions", label)
            )),
            Self::State { label, version, .. } => {
                let version = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
                let enable = kmsctl(format!("key enable {}{version}", by_label(label)));
                Code::KeyDisabled.hint(format!("`{enable}`"))
            }
            Self::Usage { label, .. } => {
                Code::KeyUsage.hint(format!("`{}` prints what it is made for", on_key("show", label)))
            }
            Self::NotAsRequested { deviations, .. } => {
                Code::TokenBroken.hint(format!("nothing was left on the token; {}", makes_it_otherwise(deviations)))
            }
            Self::Unusable { .. } => Code::TokenBroken
                .hint(format!("nothing was left on the token; `{}` shows what it can do", kmsctl("doctor"))),
            Self::RequestRefused { reasons, source, .. } => {
                source.diagnosis().code.hint(format!("the reason may be {}", reasons.join("; or ")))
            }
            Self::IdIsLabel { .. } => {
                Code::TokenIncapable.hint("nothing was left on the token; leave out `--id`")
            }
            Self::VersionLabelTaken { taken, .. } => Code::KeyExists.hint(format!(
                "nothing was changed; `{}` gives that key another label, if the token lets, and `{}` destroys it",
                kmsctl(format!("key update {} --rename NEW_LABEL", by_label(taken))),
                on_key("delete", taken)
            )),
            Self::RecordDamaged { .. } => {
                Code::RecordUnreadable.hint("the key itself can be used by its CKA_ID: `--id`")
            }
            Self::RecordNotAuthentic { .. } => Code::RecordNotAuthentic.hint(
                "nothing was changed; restore the store or the record file from a backup, and check who can write there",
            ),
            Self::RecordOutdated { label, .. } => Code::RecordNotAuthentic.hint(format!(
                "put the newest record file back, or run the command again that was interrupted; else decide: `{}` or `{}`",
                on_key("disable", label),
                on_key("enable", label)
            )),
            Self::RecordMissing { .. } => Code::RecordUnreadable.hint(format!(
                "put it back from a backup; if the command that made the key was interrupted, run it again; `{}` says more. The key \
                 itself can be used by its CKA_ID: `--id`",
                kmsctl("doctor")
            )),
            Self::RecordsElsewhere { directory } => Code::RecordUnreadable.hint(format!(
                "name the directory that the other machines use, and see that it is mounted; if the records are lost, `{}` lets new \
                 ones begin here",
                missing::begin(directory)
            )),
            Self::UsesUnknown { .. } => {
                Code::RecordUnreadable.hint("nothing was changed; if it had a record, put that back from a backup")
            }
            Self::RecordsUnread => Code::RecordUnreadable.hint(format!("nothing was changed; {}", missing::NAME_DIRECTORY)),
            Self::RecordKeyLost => Code::RecordNotAuthentic.hint(format!(
                "nothing was changed; `{}` says how to go on",
                kmsctl("doctor")
            )),
            Self::RecordNewer { .. } => Code::RecordUnreadable.hint("change this key with a newer kmsctl"),
            Self::BadPublicKey { reason: encoding::Error::UnsupportedKey(_), .. } | Self::RecordLost { .. } => {
                Code::TokenBroken.into()
            }
            Self::PublicKeyMismatch { .. } | Self::BadPublicKey { .. } => Code::PublicKeyMismatch.hint(format!(
                "`{}` restores the public key where the token can prove it",
                kmsctl("doctor --repair")
            )),
            Self::OtherFingerprint { .. } => Code::PublicKeyMismatch.hint(
                "compare the fingerprint with the one that the owner of the key gives you: it was mistyped, or the public \
                 key on the token is another one",
            ),
            Self::PublicKeyUnproven { .. } => Code::PublicKeyUnproven.hint(
                "compare the fingerprint with the one that the owner of the key gives you, and use that public key from \
                 a file: `--public-key FILE`",
            ),
            Self::KeyUnproven { .. } => Code::KeyUnproven.hint(format!(
                "use a key that is private: `{}` makes one, and `{}` stores one from a file",
                kmsctl("key create --label NAME --algorithm ALGORITHM"),
                kmsctl("key import --label NAME --in FILE")
            )),
            Self::OtherSecretKey { .. } => {
                Code::KeyReplaced.hint(format!("`{}` reports what is on the token", kmsctl("doctor")))
            }
            Self::Refused { label, refusal } => refusal.diagnosis(label),
            Self::ClockDoubted { .. } => Code::ClockDoubted.hint(format!(
                "nothing was destroyed; if `date -u` is right, `{}` destroys what is due",
                kmsctl("key purge --due --trust-clock")
            )),
            Self::RotationsDue { .. } => {
                Code::RotationDue.hint(format!("`{}` rotates them", kmsctl("key rotate --due")))
            }
            Self::Conflict { label } => Code::KeyConflict.hint(format!(
                "nothing was changed here; look at the key with `{}`, then run the command again",
                on_key("versions", label)
            )),
            Self::RotationTaken { label } => {
                Code::KeyConflict.hint(format!("`{}` shows the new version", on_key("versions", label)))
            }
            Self::RotationPending { .. } => Code::KeyConflict
                .hint(format!("`{}` completes it, then run the command again", kmsctl("doctor --repair"))),
            Self::RotationLeft { id, .. } => Code::KeyIncomplete.hint(format!(
                "if no rotation is running and no newer record of the key is in a backup: `{}`",
                kmsctl(format!("key delete --id {id}"))
            )),
            Self::StillUsable { label, version } => {
                let version = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
                Code::KeyState.hint(format!(
                    "`{}` disables it on the token, `{}` destroys it now; if an old record was put back, `{}` keeps it",
                    on_key(&format!("revoke{version}"), label),
                    on_key(&format!("delete{version}"), label),
                    on_key(&format!("restore{version}"), label)
                ))
            }
            Self::NotPromoted { label, version } => Code::TokenIncapable.hint(format!(
                "destroy it with `{}`, then make a new version with `{}`",
                on_key(&format!("delete --key-version {version}"), label),
                on_key("rotate", label)
            )),
            Self::NotCreatable { .. } => Code::KeyState.hint(format!(
                "`{}` makes a key that can be rotated; this one stays usable",
                kmsctl("key create --label NAME --algorithm ALGORITHM")
            )),
            Self::IdShared { .. } => {
                Code::KeyAmbiguous.hint(
                    "change one of the two CKA_IDs, or remove one of the keys, with a program that selects objects by handle",
                )
            }
            Self::LeftBehind { id, .. } => Code::TokenBroken.hint(format!(
                "`{}` destroys it, if the token allows that",
                kmsctl(format!("key delete --id {id}"))
            )),
            Self::NotDestroyed { id, .. } => Code::KeyConflict
                .hint(format!("`{}` destroys it", kmsctl(format!("key delete --id {id}")))),
            Self::WouldWeaken { .. } => Code::TokenIncapable
                .hint("nothing was changed; make the new key with the program that made this one"),
            Self::Superseded { label, .. } => Code::KeyState.hint(format!(
                "leave out `--key-version`, or select the key with `{}`; older versions verify and decrypt",
                by_label(label)
            )),
            Self::IdUnread { .. } => Code::TokenIncapable
                .hint("nothing was changed: other programs may find the key by its CKA_ID"),
            Self::LabelFixed { source, .. } => source.diagnosis().code.hint(format!(
                "nothing was changed; the token sets labels when it makes a key: `{}` makes one with another label",
                kmsctl("key create --label NAME --algorithm ALGORITHM")
            )),
            Self::LabelIsId { .. } => Code::TokenIncapable.hint(format!(
                "nothing was changed; create a key with another label, and use that from now on: `{}`",
                kmsctl("key create --label NAME --algorithm ALGORITHM")
            )),
            Self::NoNewVersion { reasons, source, .. } if !reasons.is_empty() && source.refuses_new_key() => source
                .diagnosis()
                .code
                .hint(format!("nothing was changed; the reason may be {}", reasons.join("; or "))),
            Self::NoNewVersion { source, .. } if !source.may_be_about_label() => source.diagnosis(),
            Self::NoNewVersion { label, source, .. } => source.diagnosis().code.hint(format!(
                "nothing was changed; some tokens take each label once: `{}` shows whether it makes a key with another label, \
                 to be used instead of {label:?}",
                kmsctl("key create --label NAME --algorithm ALGORITHM")
            )),
            Self::NoEncryption { .. } => Code::TokenIncapable.hint(format!(
                "nothing was created; RSA keys encrypt, too: `{}`",
                kmsctl("key create --label NAME --algorithm rsa-3072")
            )),
            Self::NoRoom { .. } => Code::TokenFull.hint(
                "destroy keys that are no longer needed, or keep records in a directory: `--records DIR`, or `records` in \
                 the profile",
            ),
            Self::NoExport { .. } => Code::TokenIncapable.hint(
                "nothing was created; leave out `--exportable`: the components or file of an imported key, or a backup of \
                 the whole token, bring it to another one",
            ),
            Self::NotConvergent { .. } => {
                Code::TokenIncapable.hint("nothing was created; leave out `--convergent`")
            }
            Self::RecordUnsettled { .. } => {
                Code::TokenError.hint(format!("`{}` checks and repairs it", kmsctl("doctor --repair")))
            }
            Self::NoRecords { source } => match source.map_or(Code::TokenIncapable, |source| source.diagnosis().code) {
                Code::TokenIncapable | Code::TokenError => Code::RecordsUnavailable
                    .hint("keep the records in a directory: `--records DIR`, or `records` in the profile"),
                code => code.into(),
            },
            Self::RecordFileUntrusted(error) => error.diagnosis(),
            // If records cannot be written, kmsctl cannot change the token.
            Self::RecordFile { source, .. } => match source.kind() {
                ErrorKind::ReadOnlyFilesystem => Code::TokenReadOnly
                    .hint("commands that change a key must be able to write to the directory of `--records`"),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TokenFull.into(),
                _ => Code::Io.into(),
            },
        }
    }
}

/// What to do about a key that the token made otherwise than asked.
fn makes_it_otherwise(deviations: &[String]) -> &'static str {
    let any = |words: &[&str]| deviations.iter().any(|one| words.iter().any(|word| one.contains(word)));
    if any(&["key-attributes"]) {
        "correct the number in `key-attributes` of the profile, see kmsctl-modules(7)"
    } else if any(&["CKA_EXTRACTABLE is FALSE"]) {
        "leave out `--exportable`: the keys of this token never leave it"
    } else if any(&["CKA_SENSITIVE", "CKA_PRIVATE", "CKA_EXTRACTABLE", "in the clear"]) {
        "this module cannot make such a key securely"
    } else {
        "this module does not make such a key as it is asked to"
    }
}

fn restores_public_half() -> String {
    format!(
        "`{}` restores it if the private key or the record proves it; otherwise store the public key on the token, with the \
         same label and CKA_ID as the private key",
        kmsctl("doctor --repair")
    )
}
