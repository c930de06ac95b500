//! Verifying a message that is signed whole while it is read: of any size, in constant memory.

use std::fmt;

use ed25519_dalek::{Signature, StreamVerifier, VerifyingKey};
use ossl::{
    OsslParamBuilder,
    pkey::EvpPkey,
    signature::{OsslSignature, SigOp},
};
use sha3::{
    Shake256,
    digest::{ExtendableOutput, Update},
};

use super::{MlDsa, openssl::CONTEXT};

/// A message that is signed whole, as far as it was read.
pub struct WholeMessage(State);

enum State {
    /// `None` if the key or the signature is malformed. The hash begins with a part of the signature (RFC 8032, section
    /// 5.1.7).
    Ed25519(Option<Box<StreamVerifier>>),
    /// The hash begins with the hash of the public key (FIPS 204, algorithms 3 and 8).
    MlDsa(MlDsa, Box<Shake256>),
}

impl WholeMessage {
    pub(super) fn ed25519(key: &[u8], signature: &[u8]) -> Self {
        let begin = || {
            let key = VerifyingKey::try_from(key).ok()?;
            key.verify_stream(&Signature::from_slice(signature).ok()?).ok()
        };
        Self(State::Ed25519(begin().map(Box::new)))
    }

    pub(super) fn ml_dsa(set: MlDsa, key: &[u8]) -> Self {
        let mut message = Box::<Shake256>::default();
        message.update(&shake::<64>(Shake256::default().chain(key)));
        // Pure, with an empty context.
        message.update(&[0, 0]);
        Self(State::MlDsa(set, message))
    }

    pub fn update(&mut self, part: &[u8]) {
        match &mut self.0 {
            State::Ed25519(None) => {}
            State::Ed25519(Some(verifier)) => verifier.update(part),
            State::MlDsa(_, message) => message.update(part),
        }
    }

    /// Whether OpenSSL verifies the signature.
    pub const fn needs_openssl(&self) -> bool {
        matches!(self.0, State::MlDsa(..))
    }

    /// Whether this is the signature of what was read. `key` is the key as OpenSSL has it, if it has it.
    pub(crate) fn verifies(self, key: Option<&EvpPkey>, signature: &[u8]) -> bool {
        match self.0 {
            State::Ed25519(verifier) => {
                verifier.is_some_and(|verifier| verifier.finalize_and_verify().is_ok())
            }
            State::MlDsa(set, message) => {
                key.is_some_and(|key| verifies_mu(set, key, &shake::<64>(*message), signature).is_ok())
            }
        }
    }
}

/// "External µ": OpenSSL 3.5 verifies messages in memory only.
fn verifies_mu(set: MlDsa, key: &EvpPkey, mu: &[u8], signature: &[u8]) -> Result<(), ossl::Error> {
    let mut parameters = OsslParamBuilder::new();
    parameters.add_owned_int(c"mu", 1)?;
    let parameters = parameters.finalize();
    OsslSignature::new(&CONTEXT, SigOp::Verify, set.0.verifies, key, Some(&parameters))?
        .verify(mu, Some(signature))
}

fn shake<const LENGTH: usize>(state: Shake256) -> [u8; LENGTH] {
    let mut output = [0; LENGTH];
    state.finalize_xof_into(&mut output);
    output
}

/// The state depends on data that may be secret.
impl fmt::Debug for WholeMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WholeMessage(…)")
    }
}
