//! What gets into a PIN file beside the PIN by mistake. A token would count it as a wrong try.

use std::fmt;

/// Why a text is refused as a PIN, or as the content of a PIN file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// U+FEFF, as Windows editors write it before UTF-8.
    ByteOrderMark,
    Utf16,
    TrailingBlank,
    SecondLine,
}

impl Fault {
    /// In a line without its end.
    pub(super) fn in_line(bytes: &[u8]) -> Option<Self> {
        Self::in_variable(bytes).or_else(|| {
            let text = std::str::from_utf8(bytes).ok()?;
            let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}');
            text.ends_with(is_blank).then_some(Self::TrailingBlank)
        })
    }

    /// In an environment variable, which can hold a PIN that really ends with a blank.
    pub(super) fn in_variable(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            Some(Self::Utf16)
        } else if bytes.starts_with("\u{feff}".as_bytes()) {
            Some(Self::ByteOrderMark)
        } else if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            Some(Self::SecondLine)
        } else {
            None
        }
    }

    /// The command that removes it from a file. `None` where the owner has to decide.
    pub const fn remedy(self) -> Option<&'static [&'static str]> {
        match self {
            Self::ByteOrderMark => Some(&["sed", "-i", "1s/^\\xEF\\xBB\\xBF//"]),
            Self::TrailingBlank => Some(&["sed", "-i", "s/[[:space:]]*$//"]),
            Self::Utf16 | Self::SecondLine => None,
        }
    }
}

/// Follows "the PIN".
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "begins with a byte order mark",
            Self::Utf16 => "is in UTF-16, not UTF-8",
            Self::TrailingBlank => "ends with a blank",
            Self::SecondLine => "has a second line",
        })
    }
}
