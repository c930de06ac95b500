//! PKCS#11. The only folder that names `cryptoki`; everything above speaks of tokens, sessions, keys and data objects.

mod attribute;
mod check_value;
mod cipher;
mod connect;
mod create;
pub mod embedded;
mod error;
mod import;
mod init;
mod key;
pub mod lock;
mod mechanism;
mod module;
mod object;
mod one_time_key;
mod raw;
mod reading;
mod secret_template;
mod session;
mod sign;
mod slot;
mod uses;
mod wrap;

pub use cipher::{NONCE_LEN, TAG_LEN, is_not_authentic, lacks_oaep_sha256};
pub use connect::{Access, Login, LoginError, LoginPin, UserType, connect, list_tokens};
pub use create::{KeyTemplate, NewKey};
pub use error::{Error, NAMES, Result};
pub use import::ImportWay;
pub use init::{InitError, init_token};
pub use key::{Class, KeyObject, Protection};
pub use module::{Module, ModuleError, TokenChoiceError};
pub use object::{DataObject, Object, Search};
pub use session::{Handle, Session};
pub use sign::Message;
pub use slot::{PinState, TokenChoice, TokenInfo};
pub use uses::Uses;
