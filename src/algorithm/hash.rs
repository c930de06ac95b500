//! SHA-2 digests of streams, and the DigestInfo of RSA PKCS#1 v1.5 signatures.

use std::{fmt, io};

use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash of the SHA-2 family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The length of a digest in bytes.
    #[allow(clippy::len_without_is_empty, reason = "no digest is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

/// A running digest. Data is written into it, so that `io::copy` hashes a stream of any size in constant memory.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    pub fn new(hash: Hash) -> Self {
        Self(match hash {
            Hash::Sha256 => State::Sha256(Sha256::new()),
            Hash::Sha384 => State::Sha384(Sha384::new()),
            Hash::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of everything that was written.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha384(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
        }
    }

    /// The digest of bytes in memory.
    pub fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
        let mut hasher = Self::new(hash);
        hasher.update(bytes);
        hasher.finish()
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The state depends on data that may be secret.
impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hasher(…)")
    }
}

/// The DER of `DigestInfo` (RFC 8017, section 9.2, note 1): the input of `CKM_RSA_PKCS` for RS256, RS384 and RS512. The
/// digest must have the length of the hash.
pub fn digest_info(hash: Hash, digest: &[u8]) -> Vec<u8> {
    let (algorithm, length): (u8, u8) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    // SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }
    let mut info = vec![0x30, 17 + length, 0x30, 0x0d, 0x06, 0x09];
    info.extend([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, algorithm]);
    info.extend([0x05, 0x00, 0x04, length]);
    info.extend(digest);
    info
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn digests_of_abc() {
        // FIPS 180-4 example values.
        for (hash, begin) in [
            (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223"),
            (Hash::Sha384, "cb00753f45a35e8bb5a03d699ac65007"),
            (Hash::Sha512, "ddaf35a193617abacc417349ae204131"),
        ] {
            let digest = Hasher::digest(hash, b"abc");
            assert_eq!(digest.len(), hash.len());
            assert!(HEXLOWER.encode(&digest).starts_with(begin));
            let mut hasher = Hasher::new(hash);
            io::copy(&mut &b"abc"[..], &mut hasher).expect("memory");
            assert_eq!(hasher.finish(), digest);
        }
    }

    #[test]
    fn prefixes_of_rfc_8017() {
        for (hash, prefix) in [
            (Hash::Sha256, "3031300d060960864801650304020105000420"),
            (Hash::Sha384, "3041300d060960864801650304020205000430"),
            (Hash::Sha512, "3051300d060960864801650304020305000440"),
        ] {
            let digest = vec![7; hash.len()];
            let info = digest_info(hash, &digest);
            assert_eq!(HEXLOWER.encode(&info[..19]), prefix);
            assert_eq!(info[19..], digest);
        }
    }
}
