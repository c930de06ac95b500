//! Signing and verifying JSON Web Signatures and, built on them, JSON Web Tokens.

mod invalid;
mod sign;
mod verify;

pub use invalid::{JwsInvalid, TokenInvalid};
pub use sign::{HeaderRequest, KeyName, RESERVED_MEMBERS, header, sign_attached, sign_detached};
pub(super) use sign::{attached, header_for};
pub use verify::{
    check_header, parse_jwt, verifiers_from_key, verifiers_from_set, verify_jwt, verify_signature,
};
