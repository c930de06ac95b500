//! Bytes ↔ keys, signatures and digests. No I/O; any input, however broken, gives a value or an [`Error`], never a panic.

mod age_body;
mod age_header;
mod ber;
mod check_value;
mod ciphertext;
mod component;
mod create_key;
mod error;
mod foreign;
mod form;
mod json;
mod jwk;
mod jws;
mod key_file;
mod key_material;
mod key_stanza;
mod kwp;
mod mark;
mod oaep;
mod pbe;
mod pem;
mod pem_encryption;
mod pkcs12;
mod private_key;
mod public_key;
mod rsa_aes;
mod rsa_block;
mod signature;
mod spki;
mod ssh;
mod text;
mod wrapped_key;

pub use age_body::age_plaintext_len;
pub use age_header::{AgeHeader, FILE_KEY_LEN, Stanza};
pub use check_value::{AES_BLOCK, CHECK_VALUE_LEN, CheckMethod};
pub use ciphertext::{Ciphertext, KeyName, KeyTag, SealedForm};
pub use component::{Component, ComponentError, KeyCheck, MAX_COMPONENT_FILE, Scheme, Set, join, split};
pub use create_key::{CreateKeyRequest, RequestError};
pub use error::Error;
pub use foreign::Foreign;
pub use form::Form;
pub use json::Object;
pub use jwk::{JwkForbids, JwkLimits, JwkPurpose, JwkUse, MAX_JWK_SET, SetKey, read_jwk_set};
pub use jws::{CompactJws, JwsHeader, MAX_JWS_HEADER, MAX_JWS_PAYLOAD, jws_part};
pub use key_file::{KeyFile, PublicKeyFile};
pub use key_material::{AES_KEY_LEN, KeyMaterial, pkcs8_without_zeros};
pub use key_stanza::{KeyStanza, Wrapping};
pub use kwp::{kwp_unwrap, kwp_wrap};
pub use oaep::oaep_decode;
pub use rsa_aes::{OaepHash, rsa_aes_wrap};
pub use rsa_block::{envelope_block, may_be_text, open_envelope_block, open_old_envelope_block};
pub use signature::{EcdsaForm, read_signature};
pub use text::{Encoding, decode_any};
// The old place of these, for callers that still import them from here.
pub use crate::shell::{carry, is_lasting, kmsctl, kmsctl_without_pin, shell_option, shell_word};
pub use wrapped_key::{MAX_WRAPPED_KEY_FILE, WrappedKey};

/// The longest key file that is read, in bytes: an RSA-4096 private key with a long chain of certificates, printed in words.
pub const MAX_KEY_FILE: usize = 512 * 1024;
