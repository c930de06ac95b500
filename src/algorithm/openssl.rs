//! OpenSSL, which is linked in for the embedded token anyway and takes a fraction of the time of the pure Rust crates: who
//! signs many times verifies each signature, too.

use std::{ptr, sync::LazyLock};

use ossl::OsslContext;

/// A context apart from the default one, into which the system's configuration may load a provider that calls the very module
/// whose signatures are verified here.
pub(super) static CONTEXT: LazyLock<OsslContext> = LazyLock::new(|| {
    OsslContext::new_lib_ctx_checked().unwrap_or_else(|_| OsslContext::from_ctx(ptr::null_mut()))
});
