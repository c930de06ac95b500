//! The header of an age file (<https://age-encryption.org/v1>): the recipients of its file key, and a MAC over them.
//!
//! The `age` crate writes headers and opens files, but does not expose the headers. This module reads a header without a
//! key and replaces it without touching the body; `age-core` reads and writes the stanzas.

use age_core::{
    format::{AgeStanza, read, write},
    primitives::hkdf,
};
use data_encoding::BASE64_NOPAD;
use hmac::{
    Hmac, Mac,
    digest::{crypto_common::KeySizeUser, generic_array::GenericArray},
};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::Error;
use crate::secret::Secret;

const FIRST_LINE: &str = "age-encryption.org/v1";
const MAC_LINE: &str = "--- ";
const MAC_LEN: usize = 32;

/// An HMAC-SHA-256 key, padded to the block size.
type Block = GenericArray<u8, <Hmac<Sha256> as KeySizeUser>::KeySize>;

/// Length of a file key in bytes.
pub const FILE_KEY_LEN: usize = 16;

/// The file key, wrapped for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    pub kind: String,
    pub arguments: Vec<String>,
    pub body: Vec<u8>,
}

/// A complete header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeHeader {
    stanzas: Vec<Stanza>,
    /// The bytes that the MAC covers, as they were read: everything up to and including the three dashes.
    covered: Vec<u8>,
    mac: [u8; MAC_LEN],
}

impl AgeHeader {
    /// The first bytes of every age file, in any version.
    pub const MAGIC: &'static [u8] = b"age-encryption.org/";
    /// The first line of an armored age file.
    pub const ARMOR: &'static [u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
    /// Maximum length of a header in bytes: room for hundreds of recipients.
    pub const MAX_LEN: usize = 64 * 1024;

    /// Whether an age file begins here, binary or armored.
    pub fn is_at_start(bytes: &[u8]) -> bool {
        let bytes = bytes.trim_ascii_start();
        bytes.starts_with(Self::MAGIC) || bytes.starts_with(Self::ARMOR)
    }

    /// Whether this is the first line of a header in the supported version.
    pub fn is_first_line(line: &[u8]) -> bool {
        line.strip_suffix(b"\n") == Some(FIRST_LINE.as_bytes())
    }

    /// Whether this is the last line of a header.
    pub fn is_last_line(line: &[u8]) -> bool {
        line.starts_with(MAC_LINE.as_bytes())
    }

    /// Parses a whole header. Only the canonical spelling is accepted.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let first_line = bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        if first_line.strip_suffix(b"\r\n") == Some(FIRST_LINE.as_bytes()) {
            return Err(damaged("its lines end in CR LF, as after a transfer in text mode"));
        }
        if !Self::is_first_line(first_line) {
            return Err(Error::Unsupported("this version of the age format".to_owned()));
        }
        let mut rest = &bytes[first_line.len()..];
        let mut stanzas = Vec::new();
        while !Self::is_last_line(rest) {
            let (left, stanza) = read::age_stanza(rest)
                .map_err(|_| damaged("a stanza of its header is malformed or cut short"))?;
            stanzas.push(Stanza::from(&stanza));
            rest = left;
        }
        if stanzas.is_empty() {
            return Err(damaged("its header has no stanza"));
        }
        let covered = bytes[..bytes.len() - rest.len() + MAC_LINE.len() - 1].to_vec();
        let mac = rest[MAC_LINE.len()..]
            .strip_suffix(b"\n")
            .and_then(|mac| BASE64_NOPAD.decode(mac).ok()?.try_into().ok())
            .ok_or_else(|| damaged("the MAC of its header is not 32 bytes in base64 on the last line"))?;
        Ok(Self { stanzas, covered, mac })
    }

    /// Makes a header and its MAC, which requires the file key.
    pub fn new(stanzas: Vec<Stanza>, file_key: &Secret) -> Self {
        let mut covered = format!("{FIRST_LINE}\n").into_bytes();
        for stanza in &stanzas {
            stanza.print(&mut covered);
        }
        covered.extend(MAC_LINE.trim_end().bytes());
        let mut header = Self { stanzas, covered, mac: [0; MAC_LEN] };
        header.mac = header.mac_under(file_key).finalize().into_bytes().into();
        header
    }

    /// Whether the MAC is valid under this file key.
    pub fn is_authentic(&self, file_key: &Secret) -> bool {
        self.mac_under(file_key).verify_slice(&self.mac).is_ok()
    }

    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// Fails if nothing could read a header with these stanzas: it would be too long.
    pub fn require_room(stanzas: &[Stanza]) -> Result<(), Error> {
        let header = Self::new(stanzas.to_vec(), &Secret::new(vec![0; FILE_KEY_LEN]));
        if header.to_bytes().len() <= Self::MAX_LEN {
            return Ok(());
        }
        Err(Error::TooLarge { what: "the header of the age file", limit: Self::MAX_LEN })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.covered.clone();
        bytes.extend(format!(" {}\n", BASE64_NOPAD.encode(&self.mac)).into_bytes());
        bytes
    }

    fn mac_under(&self, file_key: &Secret) -> Hmac<Sha256> {
        let key = Zeroizing::new(hkdf(&[], b"header", file_key.expose()));
        // HMAC pads a key to the block of its hash (RFC 2104, section 2).
        let mut block = Block::default();
        block[..key.len()].copy_from_slice(&*key);
        let mut mac = <Hmac<Sha256> as Mac>::new(&block);
        block.zeroize();
        mac.update(&self.covered);
        mac
    }
}

impl From<&AgeStanza<'_>> for Stanza {
    fn from(stanza: &AgeStanza<'_>) -> Self {
        let arguments = stanza.args.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: stanza.tag.to_owned(), arguments, body: stanza.body() }
    }
}

impl Stanza {
    /// Whether it is meaningless, written to keep readers tolerant (<https://c2sp.org/age>, "Recipient stanza").
    pub fn is_grease(&self) -> bool {
        self.kind.ends_with("-grease")
    }

    /// Appends the stanza in its canonical spelling. Writing into memory does not fail.
    fn print(&self, bytes: &mut Vec<u8>) {
        let written = write::age_stanza(&self.kind, &self.arguments, &self.body)(Vec::new().into());
        if let Ok(written) = written {
            bytes.extend(written.write);
        }
    }
}

pub(super) fn damaged(why: &str) -> Error {
    Error::damaged("the ciphertext", why)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// From the specification's test kit: file key `YELLOW SUBMARINE`.
    const KNOWN: &str = "age-encryption.org/v1
-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc
EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U
--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0
";

    fn key(byte: u8) -> Secret {
        Secret::new(vec![byte; FILE_KEY_LEN])
    }

    #[test]
    fn a_header_of_the_test_kit_is_authentic_under_its_file_key() {
        let header = AgeHeader::parse(KNOWN.as_bytes()).expect("valid");
        assert_eq!(header.stanzas()[0].kind, "X25519");
        assert!(header.is_authentic(&Secret::new(b"YELLOW SUBMARINE".to_vec())));
        assert!(!header.is_authentic(&key(0)));
        assert_eq!(header.to_bytes(), KNOWN.as_bytes());
    }

    #[test]
    fn malformed_headers_are_damaged() {
        for (from, to) in [
            ("-> X", "->X"),
            ("-> X25519 ", "-> X25519  "),
            ("-> X25519 ", "-> X\u{7f} "),
            ("OCc\n", "OCc \n"),
            ("w7U\n", "w7V\n"),
            ("w7U\n", ""),
            ("--- V", "---V"),
            ("qI0\n", "qI0"),
            ("qI0\n", "qI0=\n"),
            ("qI0\n", "qI\n"),
            ("qI0\n", "qI0\nx"),
            ("\n", "\r\n"),
        ] {
            let bad = KNOWN.replacen(from, to, usize::MAX);
            assert!(AgeHeader::parse(bad.as_bytes()).is_err(), "{from:?} → {to:?}");
        }
        let other = KNOWN.replace("/v1", "/v2");
        assert!(matches!(AgeHeader::parse(other.as_bytes()), Err(Error::Unsupported(_))));
    }

    fn stanza() -> impl Strategy<Value = Stanza> {
        let word = || "[!-~]{1,9}";
        (word(), vec(word(), 0..4), vec(any::<u8>(), 0..200)).prop_map(|(kind, arguments, body)| Stanza {
            kind,
            arguments,
            body,
        })
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(stanzas in vec(stanza(), 1..4), byte: u8) {
            let header = AgeHeader::new(stanzas, &key(byte));
            let parsed = AgeHeader::parse(&header.to_bytes());
            prop_assert_eq!(parsed.as_ref(), Ok(&header));
            prop_assert!(header.is_authentic(&key(byte)));
        }

        #[test]
        fn parsing_never_panics(bytes: Vec<u8>) {
            let _ = AgeHeader::parse(&bytes);
        }

        #[test]
        fn a_changed_byte_is_noticed(at in 0..KNOWN.len(), bit in 0..8_u32) {
            let mut bytes = KNOWN.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            let read = AgeHeader::parse(&bytes);
            prop_assert!(!read.is_ok_and(|header| header.is_authentic(&Secret::new(b"YELLOW SUBMARINE".to_vec()))));
        }
    }
}
