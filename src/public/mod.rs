//! What needs only a public key, done in software: verifying signatures, and encryption to RSA and ML-KEM keys. No token, no PIN.

mod encapsulate;
mod encrypt;
mod error;
mod salt;
mod verify;

pub use encapsulate::encrypt_encapsulated;
pub use encrypt::{encrypt_oaep, max_plaintext, require_encryption};
pub use error::Error;
pub use salt::pss_salt_len;
pub use verify::{VerifyingKey, verify};
