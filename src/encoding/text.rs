//! Binary data as text: `base64`, `base64url` without padding, `hex`, or unencoded.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};

use super::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    #[default]
    Base64,
    Base64Url,
    Hex,
    Binary,
}

impl Encoding {
    pub const ALL: [Self; 4] = [Self::Base64, Self::Base64Url, Self::Hex, Self::Binary];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
            Self::Hex => "hex",
            Self::Binary => "binary",
        }
    }

    /// The same where only text fits: base64 in the place of `Binary`.
    #[must_use]
    pub const fn in_json(self) -> Self {
        match self {
            Self::Binary => Self::Base64,
            text => text,
        }
    }

    /// One line without its newline; `Binary` gives the bytes themselves.
    pub fn encode(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Base64 => BASE64.encode(bytes).into_bytes(),
            Self::Base64Url => BASE64URL_NOPAD.encode(bytes).into_bytes(),
            Self::Hex => HEXLOWER.encode(bytes).into_bytes(),
            Self::Binary => bytes.to_vec(),
        }
    }

    /// Decodes strictly, with three exceptions: white space in the text forms is skipped (`openssl base64` breaks lines),
    /// padding is optional, and hexadecimal may be in either case.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        if self == Self::Binary {
            return Ok(bytes.to_vec());
        }
        let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let padded = text.ends_with(b"=");
        let alphabet = match self {
            Self::Base64 if padded => BASE64,
            Self::Base64 => BASE64_NOPAD,
            Self::Base64Url if padded => BASE64URL,
            Self::Base64Url => BASE64URL_NOPAD,
            Self::Hex | Self::Binary => HEXLOWER_PERMISSIVE,
        };
        alphabet
            .decode(&text)
            .map_err(|error| Error::malformed("the text", format!("not {}: {error}", self.name())))
    }
}

/// Decodes bytes in any of the four forms and returns the result that `fits`. Fails, with an error that names `what`, if no
/// result fits or two different ones do.
///
/// This works because the decoded length identifies the form: 256 bytes are 344, 342 or 512 characters, and none of these
/// texts is 256 bytes long.
pub fn decode_any(bytes: &[u8], what: &'static str, fits: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, Error> {
    let mut found: Option<Vec<u8>> = None;
    for candidate in Encoding::ALL.into_iter().filter_map(|form| form.decode(bytes).ok()) {
        if !fits(&candidate) {
            continue;
        }
        if found.as_ref().is_some_and(|other| *other != candidate) {
            return Err(Error::malformed(what, "it can be read in two ways"));
        }
        found = Some(candidate);
    }
    found.ok_or_else(|| Error::malformed(what, "it is not one in binary, base64, base64url or hex"))
}

/// Whether a text is the base64, base64url or hexadecimal form of at least so many bytes.
pub fn is_encoded(text: &[u8], min: usize) -> bool {
    let mut forms = Encoding::ALL.into_iter().filter(|form| *form != Encoding::Binary);
    forms.any(|form| form.decode(text).is_ok_and(|bytes| bytes.len() >= min))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_as_text() {
        for (encoding, text) in [
            (Encoding::Base64, &b"+/8A"[..]),
            (Encoding::Base64Url, b"-_8A"),
            (Encoding::Hex, b"fbff00"),
            (Encoding::Binary, b"\xfb\xff\x00"),
        ] {
            assert_eq!(encoding.encode(b"\xfb\xff\x00"), text);
        }
        assert_eq!(Encoding::Base64.encode(b"a"), b"YQ==");
        assert_eq!(Encoding::Base64Url.encode(b"a"), b"YQ");
    }

    #[test]
    fn reading_is_lenient_with_space_and_strict_with_the_rest() {
        for (encoding, text) in [
            (Encoding::Base64, "YWJj\nZA==\n"),
            (Encoding::Base64, "YWJjZA"),
            (Encoding::Base64Url, "YWJjZA\r\n"),
            (Encoding::Base64Url, "YWJjZA=="),
            (Encoding::Hex, "61 62\n63 64\n"),
        ] {
            assert_eq!(encoding.decode(text.as_bytes()), Ok(b"abcd".to_vec()), "{text:?}");
        }
        assert_eq!(Encoding::Hex.decode(b"aAfF"), Ok(vec![0xaa, 0xff]));
        for (encoding, text) in [
            (Encoding::Base64, "YWJjZB=="), // bits left over
            (Encoding::Base64, "YWJjZA="),
            (Encoding::Base64, "-_8A"),
            (Encoding::Base64Url, "+/8A"),
            (Encoding::Hex, "abc"),
            (Encoding::Hex, "0x61"),
        ] {
            assert!(encoding.decode(text.as_bytes()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ambiguous_input_is_refused() {
        assert!(decode_any(b"00", "the text", |_| true).is_err());
        assert_eq!(decode_any(b"00", "the text", |bytes| bytes == [0]), Ok(vec![0]));
    }

    proptest::proptest! {
        #[test]
        fn all_forms_of_a_fixed_length_are_told_apart(
            bytes in proptest::collection::vec(0u8.., 8..300),
            form in 0usize..4,
            end in "\r?\n?",
        ) {
            let encoding = Encoding::ALL[form];
            let mut text = encoding.encode(&bytes);
            if encoding != Encoding::Binary {
                text.extend(end.bytes());
            }
            let read = decode_any(&text, "the text", |candidate| candidate.len() == bytes.len());
            proptest::prop_assert_eq!(read, Ok(bytes));
        }
    }
}
