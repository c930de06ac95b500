//! OpenSSL, which is linked in anyway for the embedded token. It is much faster than the pure Rust crates, which matters
//! because every signature that a token makes is verified.

use std::{ptr, sync::LazyLock};

use ossl::OsslContext;

/// Not the default context: the system's configuration may load a provider into that one which calls the very module whose
/// signatures are verified here.
pub(super) static CONTEXT: LazyLock<OsslContext> = LazyLock::new(|| {
    OsslContext::new_lib_ctx_checked().unwrap_or_else(|_| OsslContext::from_ctx(ptr::null_mut()))
});
