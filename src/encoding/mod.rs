//! Bytes ↔ keys, signatures and digests. No I/O; any input, however broken, gives a value or an [`Error`], never a panic.

mod age_header;
mod check_value;
mod ciphertext;
mod component;
mod create_key;
mod digest;
mod ec_point;
mod error;
mod explicit_curve;
mod form;
mod json;
mod jwk;
mod jwk_set;
mod jws;
mod key_material;
mod key_stanza;
mod kwp;
mod oaep;
mod pbes2;
mod pem;
mod private_key;
mod public_key;
mod rsa_aes;
mod rsa_private;
mod sec1;
mod signature;
mod spki;
mod ssh;
mod text;
mod wrapped_key;

pub use age_header::{AgeHeader, FILE_KEY_LEN, Stanza};
pub use check_value::{AES_BLOCK, CHECK_VALUE_LEN, CheckMethod};
pub use ciphertext::{Ciphertext, KeyName, KeyTag, SealedForm};
pub use component::{Component, ComponentError, KeyCheck, MAX_COMPONENT_FILE, Scheme, Set, join, split};
pub use create_key::{CreateKeyRequest, RequestError};
pub use digest::{Hasher, digest_info};
pub use ec_point::{P256_PARAMS, curve_of};
pub use error::Error;
pub use form::Form;
pub use json::Object;
pub use jwk::JwkUse;
pub use jwk_set::{MAX_JWK_SET, SetKey, read_jwk, read_jwk_set};
pub use jws::{CompactJws, JwsHeader, MAX_JWS_HEADER, MAX_JWS_PAYLOAD, jws_part};
pub use key_material::{AES_KEY_LEN, KeyMaterial, pkcs8_without_zeros};
pub use key_stanza::{KeyStanza, Wrapping};
pub use kwp::{kwp_unwrap, kwp_wrap};
pub use oaep::oaep_decode;
pub use private_key::{PrivateKey, PrivateParts};
pub use public_key::{PublicKey, PublicParts};
pub use rsa_aes::{OaepHash, rsa_aes_wrap};
pub use signature::{EcdsaForm, ecdsa_readings, read_signature, to_der, to_p1363};
pub use text::{Encoding, decode_any};
pub use wrapped_key::{MAX_WRAPPED_KEY_FILE, WrappedKey};

/// The longest key file that is read, in bytes: a hundred times an RSA-4096 private key.
pub const MAX_KEY_FILE: usize = 64 * 1024;
