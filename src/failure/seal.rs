//! Diagnoses of encryption and decryption.

use crate::{
    encoding::kmsctl,
    model::{Code, Diagnosis},
    operation::{ContextUse, SealError},
};

pub(super) fn of(error: &SealError) -> Diagnosis {
    use SealError as E;
    match error {
        E::NotAuthentic { context: ContextUse::Missing, .. } => {
            Code::NotAuthentic.hint("give it by `--context TEXT`")
        }
        E::NotAuthentic { context: ContextUse::Superfluous, .. } => {
            Code::NotAuthentic.hint("leave `--context` out")
        }
        E::NotAuthentic { .. } => Code::NotAuthentic.hint("it was changed, or `--context` is not the one that it was encrypted with",
        ),
        E::Broken { .. } | E::Armor { .. } | E::OtherKind { .. } | E::OtherForm { .. } => {
            Code::NotAuthentic.into()
        }
        E::LikeEnvelope { .. } => Code::Usage.hint("`--format age` encrypts any data"),
        E::NotReopened { .. } => Code::TokenBroken.hint(format!("`{}` checks the halves of the key", kmsctl("doctor")),
        ),
        E::NotForToken => {
            Code::InvalidInput.hint("`age` or `rage` open it with the identity that it is for")
        }
        E::Outdated { .. } => Code::Outdated.hint("run it without `--check`, and with `--out` for the new ciphertext, to use the newest version",
        ),
        E::Unproven { .. } => Code::PinMissing.hint("give the PIN by `--pin-file FILE`, or say which public key you mean by `--fingerprint HEX` or `--public-key FILE`",
        ),
        E::CannotEncrypt { .. } => Code::KeyUsage.into(),
        E::TooLong { convergent: false, .. } => Code::Usage.hint("leave `--format` out, or use `--format age`: an age file has no limit",
        ),
        E::NoRoomForContext { .. } => {
            Code::Usage.hint("use `--format age`: an age file is bound to its context")
        }
        E::TooLong { convergent: true, .. } => Code::Usage.into(),
        E::ConvergentContext { .. } => Code::Usage.hint("give one by `--context TEXT`"),
        E::NonceReplaced { .. } => Code::TokenIncapable.into(),
        E::ShortMac { .. } => Code::TokenBroken.into(),
    }
}
