//! Byte order marks, which some editors write.

use super::Error;

/// Fails if the text begins with a byte order mark.
pub(super) fn refuse_mark(bytes: &[u8], what: &'static str) -> Result<(), Error> {
    let mark = match bytes {
        [0xef, 0xbb, 0xbf, ..] => "it begins with a byte order mark: save it as UTF-8 without one",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16: save it as UTF-8",
        _ => return Ok(()),
    };
    Err(Error::malformed(what, mark))
}
