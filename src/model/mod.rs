//! Basic types: labels, versions, times, usages, URIs. No I/O, no PKCS#11 calls.

mod answer;
mod code;
mod context;
mod counted;
mod duration;
mod fingerprint;
mod key_id;
mod label;
mod protection_type;
mod similar;
mod status;
mod timestamp;
mod uri;
mod usage;
mod version;

pub(crate) use answer::answer;
pub use answer::{Describe, Field, Shape, camel_case};
pub use code::{Advice, Code, Coded, Diagnosis, exit};
pub use context::EncryptionContext;
pub use counted::Counted;
pub use duration::duration;
pub use fingerprint::Fingerprint;
pub use key_id::{KeyId, KeyIdPrefix};
pub use label::{Label, RecordKeyLabel, text_of_bytes};
pub use protection_type::ProtectionType;
pub use similar::similar;
pub use status::Status;
pub use timestamp::Timestamp;
pub use uri::{LibraryVersion, ObjectType, Uri};
pub use usage::Usage;
pub use version::Version;

/// An invalid value. The message says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Coded for Invalid {
    fn diagnosis(&self) -> Diagnosis {
        Code::Usage.into()
    }
}
