//! The operations that a benchmark measures.

use std::fmt;

use crate::algorithm::{Algorithm, Encryption, SignatureAlgorithm};

/// One kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    Sign(Algorithm, SignatureAlgorithm),
    DecryptRsa(Algorithm),
    Decapsulate(Algorithm),
    EncryptAes(Algorithm),
    DecryptAes(Algorithm),
    Random,
    Generate(Algorithm),
}

impl Workload {
    /// Every use of every algorithm; of RSA keys the generation is left out, whose time varies without bounds.
    pub fn all() -> Vec<Self> {
        let encryption = |wanted| move |one: &Algorithm| one.kind().encryption() == Some(wanted);
        let algorithms = || Algorithm::ALL.into_iter();
        let signatures = algorithms().flat_map(|key| {
            key.kind().signature_schemes().into_iter().map(move |signature| Self::Sign(key, signature))
        });
        let rsa = algorithms().filter(encryption(Encryption::RsaOaep)).map(Self::DecryptRsa);
        let kem = algorithms().filter(encryption(Encryption::Encapsulation)).map(Self::Decapsulate);
        let aes = algorithms().filter(encryption(Encryption::AesGcm));
        let aes = aes.flat_map(|key| [Self::EncryptAes(key), Self::DecryptAes(key)]);
        let made = algorithms().filter(|one| !encryption(Encryption::RsaOaep)(one)).map(Self::Generate);
        signatures.chain(rsa).chain(kem).chain(aes).chain([Self::Random]).chain(made).collect()
    }

    /// What is done, in one word.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::Sign(..) => "sign",
            Self::DecryptRsa(_) | Self::Decapsulate(_) | Self::DecryptAes(_) => "decrypt",
            Self::EncryptAes(_) => "encrypt",
            Self::Random => "random",
            Self::Generate(_) => "generate",
        }
    }

    /// The kind of key; none for random bytes.
    pub const fn key(self) -> Option<Algorithm> {
        match self {
            Self::Sign(key, _)
            | Self::DecryptRsa(key)
            | Self::Decapsulate(key)
            | Self::EncryptAes(key)
            | Self::DecryptAes(key)
            | Self::Generate(key) => Some(key),
            Self::Random => None,
        }
    }

    /// How it is done.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Sign(_, algorithm) => algorithm.name(),
            Self::DecryptRsa(_) => "OAEP-SHA256",
            Self::Decapsulate(_) => "HKDF-SHA256",
            Self::EncryptAes(_) | Self::DecryptAes(_) => "GCM, 1 KiB",
            Self::Random => "32 bytes",
            Self::Generate(_) => "session key",
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation())?;
        if let Some(key) = self.key() {
            write!(f, " {key}")?;
        }
        write!(f, " ({})", self.method())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workload_names_are_unique() {
        let all = Workload::all();
        let names: std::collections::HashSet<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len());
    }
}
