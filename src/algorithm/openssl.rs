//! OpenSSL, which is linked in anyway for the embedded token. It is much faster than the pure Rust crates, which matters
//! because every signature that a token makes is verified.

#![allow(unsafe_code, reason = "the bindings have no function of their own for OPENSSL_init_crypto(3)")]

use std::{
    ptr,
    sync::{LazyLock, Once},
};

use ossl::{
    OsslContext, bindings as c,
    pkey::EvpPkey,
    signature::{OsslSignature, SigAlg, SigOp},
};

/// Not the default context: the system's configuration may load a provider into that one which calls the very module whose
/// signatures are verified here.
pub(super) static CONTEXT: LazyLock<OsslContext> = LazyLock::new(|| {
    start_openssl();
    OsslContext::new_lib_ctx_checked().unwrap_or_else(|_| OsslContext::from_ctx(ptr::null_mut()))
});

/// Starts OpenSSL without what is not used here: the configuration file, which can load other code, the texts of errors, and
/// the tables of ciphers and digests by number. They take longer than verifying a signature. Must come before all other use.
pub fn start_openssl() {
    static START: Once = Once::new();
    // crypto.h, the same in each version: OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, _NO_ADD_ALL_CIPHERS, _NO_ADD_ALL_DIGESTS and
    // _NO_LOAD_CONFIG.
    const WITHOUT: u64 = 0x01 | 0x10 | 0x20 | 0x80;
    START.call_once(|| {
        // SAFETY: the null pointer stands for the default settings. A failure shows at the first use.
        unsafe { c::OPENSSL_init_crypto(WITHOUT, ptr::null()) };
    });
}

/// Whether the signature of what an algorithm without parameters covers, a digest or a message, is valid.
pub(super) fn verifies(algorithm: SigAlg, key: &EvpPkey, covered: &[u8], signature: &[u8]) -> bool {
    let verifier = OsslSignature::new(&CONTEXT, SigOp::Verify, algorithm, key, None);
    verifier.and_then(|mut verifier| verifier.verify(covered, Some(signature))).is_ok()
}
