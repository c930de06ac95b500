//! PEM text (RFC 7468) → blocks. The `pem` crate writes PEM here but does not read it: it copies the base64 of private keys
//! to memory that is not wiped, and silently skips a truncated block.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::Error;

const WHAT: &str = "the PEM";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Written by Windows editors.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One block, still as text.
#[derive(Clone)]
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    lines: Vec<&'a [u8]>,
}

/// The blocks of a file, at least one, and whether there is text around them.
pub(super) struct Pem<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    /// Whether there is text before the first block or between two.
    pub(super) has_text_before: bool,
    /// Whether there is text after the last block.
    pub(super) has_text_after: bool,
}

pub(super) fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// Finds blocks in any text (section 2) whose encoding is a superset of ASCII: `openssl` writes names in the terminal's
/// encoding before a block, and prints keys as text after it.
pub(super) fn read(bytes: &[u8]) -> Result<Pem<'_>, Error> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut pem = Pem { blocks: Vec::new(), has_text_before: false, has_text_after: false };
    let mut open: Option<Block<'_>> = None;
    // Classic Mac OS ends lines with a carriage return alone.
    let line_end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    for line in bytes.split(|byte| *byte == line_end).map(<[u8]>::trim_ascii) {
        if let Some(label) = boundary(line, BEGIN) {
            if open.replace(Block { label, lines: Vec::new() }).is_some() {
                return Err(Error::malformed(WHAT, "a block begins inside another"));
            }
            pem.has_text_before |= std::mem::take(&mut pem.has_text_after);
        } else if let Some(label) = boundary(line, END) {
            let block = open.take().ok_or_else(|| Error::malformed(WHAT, "an END line has no BEGIN line"))?;
            if block.label != label {
                return Err(Error::malformed(WHAT, "the labels of BEGIN and END differ"));
            }
            pem.blocks.push(block);
        } else if let Some(block) = &mut open {
            block.lines.push(line);
        } else {
            pem.has_text_after |= !line.is_empty();
        }
    }
    if open.is_some() {
        return Err(Error::malformed(WHAT, "its last block has no END line"));
    }
    if pem.blocks.is_empty() {
        return Err(Error::malformed(WHAT, "its BEGIN line has other text on it"));
    }
    Ok(pem)
}

/// The blocks of a file that kmsctl wrote. Text after the last one is an error: the file was not fully overwritten.
pub(super) fn blocks(bytes: &[u8]) -> Result<Vec<Block<'_>>, Error> {
    let pem = read(bytes)?;
    if pem.has_text_after {
        return Err(Error::malformed(WHAT, "there is text after its END line"));
    }
    Ok(pem.blocks)
}

fn boundary<'a>(line: &'a [u8], start: &str) -> Option<&'a str> {
    let label = line.strip_prefix(start.as_bytes())?.strip_suffix(DASHES.as_bytes())?;
    std::str::from_utf8(label).ok()
}

impl Block<'_> {
    /// Whether OpenSSL encrypted it with its traditional method (RFC 1421, section 4.6.1.1).
    pub(super) fn is_encrypted(&self) -> bool {
        self.lines.iter().any(|line| line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED"))
    }

    /// The headers (`Name: value`, RFC 1421), which end at an empty line, and the block without them.
    pub(super) fn with_headers(&self) -> Option<(Vec<(&'_ str, &'_ str)>, Block<'_>)> {
        let end = self.lines.iter().position(|line| line.is_empty())?;
        let lines = self.lines[..end].iter().map(|line| std::str::from_utf8(line).ok());
        let headers: Option<Vec<_>> = lines.map(|line| line?.split_once(": ")).collect();
        Some((headers?, Block { label: self.label, lines: self.lines[end + 1..].to_vec() }))
    }

    /// The header `DEK-Info` and the bytes of a block that [`is_encrypted`](Self::is_encrypted).
    pub(super) fn encrypted(&self) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        let malformed = || Error::malformed(WHAT, "it does not say how it is encrypted");
        let (headers, body) = self.with_headers().ok_or_else(malformed)?;
        let dek_info = headers.iter().find(|(name, _)| *name == "DEK-Info").ok_or_else(malformed)?.1;
        Ok((dek_info.to_owned(), body.decode()?))
    }

    /// The bytes, which may be a private key.
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let length = self.lines.iter().map(|line| line.len()).sum();
        let mut base64 = Zeroizing::new(Vec::with_capacity(length));
        for line in &self.lines {
            base64.extend_from_slice(line);
        }
        let bytes = BASE64.decode(&base64).map_err(|_| Error::malformed(WHAT, "its body is not base64"))?;
        Ok(Zeroizing::new(bytes))
    }
}

/// One block, wrapped at 64 columns, with a final newline.
pub(super) fn write(label: &str, der: Vec<u8>) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        blocks(text.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn errors_name_the_reason() {
        assert!(why("-----BEGIN A-----\nAAAA\n").contains("no END"));
        assert!(why("-----BEGIN A-----\nAAAA\n-----END B-----\n").contains("differ"));
        assert!(why("-----BEGIN A-----\n-----BEGIN A-----\n").contains("inside another"));
        assert!(why("-----END A-----\n").contains("no BEGIN line"));
        assert!(why("x -----BEGIN A----- y").contains("other text on it"));
        assert!(why("-----BEGIN A-----\nAAAA\n-----END A-----\nleft over").contains("after its END"));
    }

    #[test]
    fn text_before_a_block_and_dos_line_ends_are_fine() {
        let text =
            b"Bag Attributes\r\n  localKeyID: 01\r\n-----BEGIN A-----\r\nAAEC\r\n-----END A-----\r\n\r\n";
        let found = blocks(text).expect("a block");
        assert_eq!(found[0].decode().expect("base64").as_slice(), [0, 1, 2]);
        let macintosh = b"-----BEGIN A-----\rAAEC\r-----END A-----\r";
        assert_eq!(blocks(macintosh).expect("a block")[0].decode().expect("base64").as_slice(), [0, 1, 2]);
    }

    #[test]
    fn text_around_blocks_is_reported() {
        let block = b"-----BEGIN A-----\nAAEC\n-----END A-----\n".as_slice();
        let latin_1 = b"friendlyName: schl\xfcssel\n".as_slice();
        for (parts, before, after) in [
            (&[latin_1, block][..], true, false),
            (&[block, latin_1], false, true),
            (&[block, latin_1, block], true, false),
            (&["\u{feff}".as_bytes(), block, b"\n\n"], false, false),
        ] {
            let text = parts.concat();
            let pem = read(&text).expect("PEM");
            assert_eq!((pem.has_text_before, pem.has_text_after), (before, after));
            assert!(pem.blocks.iter().all(|block| block.decode().is_ok()));
        }
    }

    #[test]
    fn writing_wraps_at_64_columns() {
        let text = write("TEST", vec![0; 100]);
        assert!(text.ends_with("-----END TEST-----\n"));
        assert_eq!(text.lines().nth(1).map(str::len), Some(64));
        assert_eq!(text.lines().map(str::len).max(), Some(64));
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(bytes in proptest::collection::vec(0u8.., 0..300)) {
            let text = write("TEST", bytes.clone());
            let found = blocks(text.as_bytes()).expect("a block");
            proptest::prop_assert_eq!(found.len(), 1);
            proptest::prop_assert_eq!(found[0].label, "TEST");
            proptest::prop_assert_eq!(found[0].decode().expect("base64").to_vec(), bytes);
        }
    }
}
