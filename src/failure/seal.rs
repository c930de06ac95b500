//! Diagnoses of encryption and decryption.

use super::{Code, diagnosis::Diagnosis};
use crate::{
    encoding::kmsctl,
    operation::{ContextUse, SealError},
};

pub(super) fn of(error: &SealError) -> Diagnosis {
    use SealError as E;
    match error {
        E::NotAuthentic { context: ContextUse::Missing, .. } => {
            Diagnosis::hinted(Code::NotAuthentic, "give it by `--context TEXT`")
        }
        E::NotAuthentic { context: ContextUse::Superfluous, .. } => {
            Diagnosis::hinted(Code::NotAuthentic, "leave `--context` out")
        }
        E::NotAuthentic { .. } => Diagnosis::hinted(
            Code::NotAuthentic,
            "it was changed, or `--context` is not the one that it was encrypted with",
        ),
        E::Broken { .. } | E::Armor { .. } | E::OtherKind { .. } | E::OtherForm { .. } => {
            Diagnosis::new(Code::NotAuthentic)
        }
        E::LikeEnvelope { .. } => Diagnosis::hinted(Code::Usage, "`--format age` encrypts any data"),
        E::NotReopened { .. } => Diagnosis::hinted(
            Code::TokenBroken,
            format!("`{}` checks the halves of the key", kmsctl("doctor")),
        ),
        E::NotForToken => {
            Diagnosis::hinted(Code::InvalidInput, "`age` or `rage` open it with the identity that it is for")
        }
        E::Outdated { .. } => Diagnosis::hinted(
            Code::Outdated,
            "run it without `--check`, and with `--out` for the new ciphertext, to use the newest version",
        ),
        E::Unproven { .. } => Diagnosis::hinted(
            Code::PinMissing,
            "give the PIN by `--pin-file FILE`, or say which public key you mean by `--fingerprint HEX` or `--public-key FILE`",
        ),
        E::CannotEncrypt { .. } => Diagnosis::new(Code::KeyUsage),
        E::TooLong { convergent: false, .. } => Diagnosis::hinted(
            Code::Usage,
            "leave `--format` out, or use `--format age`: an age file has no limit",
        ),
        E::NoRoomForContext { .. } => {
            Diagnosis::hinted(Code::Usage, "use `--format age`: an age file is bound to its context")
        }
        E::TooLong { convergent: true, .. } => Diagnosis::new(Code::Usage),
        E::ConvergentContext { .. } => Diagnosis::hinted(Code::Usage, "give one by `--context TEXT`"),
        E::NonceReplaced { .. } => Diagnosis::new(Code::TokenIncapable),
        E::ShortMac { .. } => Diagnosis::new(Code::TokenBroken),
    }
}
