//! OpenSSL, which is linked in anyway for the embedded token. It is much faster than the pure Rust crates, which matters
//! because every signature that a token makes is verified.

use std::{ptr, sync::LazyLock};

use ossl::{
    OsslContext,
    pkey::EvpPkey,
    signature::{OsslSignature, SigAlg, SigOp},
};

/// Not the default context: the system's configuration may load a provider into that one which calls the very module whose
/// signatures are verified here.
pub(super) static CONTEXT: LazyLock<OsslContext> = LazyLock::new(|| {
    OsslContext::new_lib_ctx_checked().unwrap_or_else(|_| OsslContext::from_ctx(ptr::null_mut()))
});

/// Whether the signature of what an algorithm without parameters covers, a digest or a message, is valid.
pub(super) fn verifies(algorithm: SigAlg, key: &EvpPkey, covered: &[u8], signature: &[u8]) -> bool {
    let verifier = OsslSignature::new(&CONTEXT, SigOp::Verify, algorithm, key, None);
    verifier.and_then(|mut verifier| verifier.verify(covered, Some(signature))).is_ok()
}
