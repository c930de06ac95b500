//! The header of an age file (<https://age-encryption.org/v1>): who can unwrap its file key, and a MAC over that.
//!
//! The `age` crate writes headers and opens files, but keeps their headers to itself. This is what lets a header be
//! told without a key, and be exchanged without touching the body.

use age_core::primitives::hkdf;
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
const STANZA: &str = "-> ";
const MAC_LINE: &str = "--- ";
const MAC_LEN: usize = 32;
/// Columns of a body; a shorter line ends it.
const COLUMNS: usize = 64;

/// A key of HMAC-SHA-256, padded.
type Block = GenericArray<u8, <Hmac<Sha256> as KeySizeUser>::KeySize>;

/// Bytes of a file key.
pub const FILE_KEY_LEN: usize = 16;

/// One way to the file key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    pub kind: String,
    pub arguments: Vec<String>,
    pub body: Vec<u8>,
}

/// A whole header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeHeader {
    stanzas: Vec<Stanza>,
    mac: [u8; MAC_LEN],
}

impl AgeHeader {
    /// How every age file begins, whatever its version.
    pub const MAGIC: &'static [u8] = b"age-encryption.org/";
    /// A longer header is refused, in bytes: hundreds of recipients.
    pub const LONGEST: usize = 64 * 1024;

    /// Whether a line begins a header of the version that is known.
    pub fn is_first_line(line: &[u8]) -> bool {
        line.strip_suffix(b"\n") == Some(FIRST_LINE.as_bytes())
    }

    /// Whether a line ends the header.
    pub fn is_last_line(line: &[u8]) -> bool {
        line.starts_with(MAC_LINE.as_bytes())
    }

    /// Reads a header from its first line to its last, in its one spelling.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|_| damaged("its header is not ASCII"))?;
        let (text, rest) = text.rsplit_once('\n').unwrap_or(("", text));
        let mut lines = text.split('\n');
        let mut next = || lines.next();
        if next() != Some(FIRST_LINE) {
            return Err(Error::Unsupported("this version of the age format".to_owned()));
        }
        if !rest.is_empty() {
            return Err(damaged("its header ends early"));
        }
        let mut stanzas = Vec::new();
        loop {
            let line = next().ok_or_else(|| damaged("its header ends early"))?;
            if let Some(mac) = line.strip_prefix(MAC_LINE) {
                let mac =
                    decoded(mac)?.try_into().map_err(|_| damaged("its header's MAC is not 32 bytes long"))?;
                return match (next(), stanzas.is_empty()) {
                    (None, false) => Ok(Self { stanzas, mac }),
                    _ => Err(damaged("its header has no stanza, or goes on after its MAC")),
                };
            }
            let words = line
                .strip_prefix(STANZA)
                .ok_or_else(|| damaged("its header has a line that is no stanza"))?;
            stanzas.push(Stanza::parse(words, &mut next)?);
        }
    }

    /// Makes a header, with the MAC that only a holder of the file key can make.
    pub fn new(stanzas: Vec<Stanza>, file_key: &Secret) -> Self {
        let mut header = Self { stanzas, mac: [0; MAC_LEN] };
        header.mac = header.mac_under(file_key).finalize().into_bytes().into();
        header
    }

    /// Whether the header is as it was made by whoever had the file key.
    pub fn is_authentic(&self, file_key: &Secret) -> bool {
        self.mac_under(file_key).verify_slice(&self.mac).is_ok()
    }

    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.before_mac();
        bytes.extend(format!(" {}\n", BASE64_NOPAD.encode(&self.mac)).into_bytes());
        bytes
    }

    /// What the MAC covers: everything up to and with the three dashes.
    fn before_mac(&self) -> Vec<u8> {
        let mut text = format!("{FIRST_LINE}\n");
        for stanza in &self.stanzas {
            stanza.print(&mut text);
        }
        text.push_str(MAC_LINE.trim_end());
        text.into_bytes()
    }

    fn mac_under(&self, file_key: &Secret) -> Hmac<Sha256> {
        let key = Zeroizing::new(hkdf(&[], b"header", file_key.expose()));
        // HMAC pads a key to the block of its hash (RFC 2104, section 2).
        let mut block = Block::default();
        block[..key.len()].copy_from_slice(&*key);
        let mut mac = <Hmac<Sha256> as Mac>::new(&block);
        block.zeroize();
        mac.update(&self.before_mac());
        mac
    }
}

impl Stanza {
    fn parse<'a>(words: &str, next: &mut impl FnMut() -> Option<&'a str>) -> Result<Self, Error> {
        let mut words = words.split(' ').map(str::to_owned);
        let kind = words.next().unwrap_or_default();
        let arguments: Vec<_> = words.collect();
        let is_word = |word: &String| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
        if !std::iter::once(&kind).chain(&arguments).all(is_word) {
            return Err(damaged("a stanza of its header is not made of words"));
        }
        let mut body = String::new();
        loop {
            let line = next().ok_or_else(|| damaged("its header ends early"))?;
            body.push_str(line);
            match line.len() {
                COLUMNS => {}
                0..COLUMNS => return Ok(Self { kind, arguments, body: decoded(&body)? }),
                _ => return Err(damaged("a line of its header is too long")),
            }
        }
    }

    fn print(&self, text: &mut String) {
        text.push_str(STANZA);
        text.push_str(&self.kind);
        for argument in &self.arguments {
            text.push(' ');
            text.push_str(argument);
        }
        text.push('\n');
        let body = BASE64_NOPAD.encode(&self.body);
        let (full, rest) = body.split_at(body.len() / COLUMNS * COLUMNS);
        for start in (0..full.len()).step_by(COLUMNS) {
            text.push_str(&full[start..start + COLUMNS]);
            text.push('\n');
        }
        text.push_str(rest);
        text.push('\n');
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, Error> {
    BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| damaged("its header holds what is not base64"))
}

pub(super) fn damaged(why: &str) -> Error {
    Error::Damaged(why.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// From the specification's own test kit: file key `YELLOW SUBMARINE`.
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
    fn what_is_no_header_is_damaged() {
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
        fn any_bytes_are_an_answer(bytes: Vec<u8>) {
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
