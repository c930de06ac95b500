//! What a key may be used for now, by its record or else the token's attributes.

use super::{
    enforce,
    error::Error,
    key::{Key, KeyVersion, Selected},
};
use crate::{
    algorithm::{Algorithm, KeyKind},
    model::{Status, Usage},
    token::KeyObject,
};

/// An operation with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Sign,
    Verify,
    Encrypt,
    Decrypt,
}

impl Operation {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Verify => "verify",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        }
    }

    const fn is_in(self, usage: Usage) -> bool {
        match self {
            Self::Sign => usage.sign,
            Self::Verify => usage.verify,
            Self::Encrypt => usage.encrypt,
            Self::Decrypt => usage.decrypt,
        }
    }
}

impl KeyVersion {
    /// The part of a usage that the version is able to, whatever its usage attributes say: by its algorithm and by the mechanisms
    /// that `CKA_ALLOWED_MECHANISMS` leaves. What nothing decrypts is not encrypted, either.
    pub(super) fn feasible(&self, usage: Usage) -> Usage {
        let of_algorithm = self.kind().and_then(KeyKind::algorithm).map(Algorithm::usage);
        let usage = of_algorithm.map_or(usage, |of_algorithm| usage.intersection(of_algorithm));
        let Some(secret) = &self.secret else { return usage };
        let signs = secret.allows_any(secret.kind.signature_mechanisms());
        let decrypts = secret.allows_any(secret.kind.decryption_mechanisms().iter().copied());
        // A MAC is verified by making it.
        let verifies = signs || !secret.kind.is_secret();
        usage.intersection(Usage { sign: signs, verify: verifies, encrypt: decrypts, decrypt: decrypts })
    }
}

impl Key {
    /// The key's usage, from its record or else from the token's attributes, as far as it is able to. A key of another program
    /// that does not decrypt does not encrypt, either.
    pub fn usage(&self) -> Usage {
        let current = self.current();
        let on_token = || {
            let usage = current.effective_usage();
            Usage { encrypt: usage.encrypt && (usage.decrypt || current.secret.is_none()), ..usage }
        };
        current.feasible(self.record().map_or_else(on_token, |record| record.usage))
    }

    /// Fails unless the key is enabled and its usage includes the operation.
    pub fn allow(&self, operation: Operation) -> Result<(), Error> {
        let label = || self.label.clone();
        if let Some(status) = self.status().filter(|status| *status != Status::Enable) {
            return Err(Error::State { label: label(), version: None, status, operation: operation.name() });
        }
        self.require_recent_record(self.current())?;
        if operation.is_in(self.usage()) {
            Ok(())
        } else {
            Err(Error::Usage { label: label(), usage: self.usage(), operation: operation.name() })
        }
    }

    /// Fails if the token refuses a use of a version that a record file allows: the file may be an old one, and the key or the
    /// version disabled or revoked.
    pub fn require_recent_record(&self, version: &KeyVersion) -> Result<(), Error> {
        if enforce::contradicts(self, version) {
            return Err(Error::RecordOutdated { label: self.label.clone(), version: version.version });
        }
        Ok(())
    }

    /// The same for all versions.
    pub(super) fn require_recent_records(&self) -> Result<(), Error> {
        self.versions.iter().try_for_each(|version| self.require_recent_record(version))
    }
}

impl Selected {
    /// The selected version, if it and the key allow the operation.
    pub fn allow(&self, operation: Operation) -> Result<&KeyVersion, Error> {
        self.key.allow(operation)?;
        let version = self.version();
        let is_older = self.key.record().is_some_and(|record| record.is_superseded(version.version));
        match (version.status, operation) {
            (Status::Enable | Status::Retired, Operation::Sign) if is_older => {
                let (label, newest) = (self.key.label.clone(), self.key.current().version);
                Err(Error::Superseded { label, version: version.version, newest })
            }
            (Status::Enable, _)
            | (Status::Staged | Status::Retired, Operation::Verify | Operation::Decrypt) => {
                self.key.require_recent_record(version)?;
                Ok(version)
            }
            (status, _) => {
                let (label, number) = (self.key.label.clone(), Some(version.version));
                Err(Error::State { label, version: number, status, operation: operation.name() })
            }
        }
    }

    /// The private half or secret key that the operation would use. Nothing vouches for it yet.
    pub(super) fn claimed_secret_for(&self, operation: Operation) -> Result<&KeyObject, Error> {
        let version = self.allow(operation)?;
        let what =
            if self.key.kind().is_some_and(KeyKind::is_secret) { "secret key" } else { "private half" };
        version.secret.as_deref().ok_or_else(|| Error::MissingObject {
            label: self.key.label.clone(),
            version: version.version,
            what,
        })
    }
}
