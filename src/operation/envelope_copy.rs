//! An envelope with a new header: the body is copied as it is, and authenticated if requested.

use std::io::{self, BufRead, BufReader, Read, Write};

use age::armor::{ArmoredWriter, Format};
use anyhow::Result;

use super::{SealError, Unlocked};
use crate::encoding::age_plaintext_len;

/// Size of the copy buffer, in bytes.
const PIECE: usize = 64 * 1024;

/// Writes a header and the body that belongs to it. With `verify` each chunk of the body is authenticated while it is copied;
/// otherwise only its length is checked. Output written before an error is incomplete and must be discarded.
pub fn copy_envelope(
    header: &[u8],
    body: impl BufRead,
    output: impl Write,
    is_armored: bool,
    verify: Option<&Unlocked<'_>>,
) -> Result<()> {
    let format = if is_armored { Format::AsciiArmor } else { Format::Binary };
    let mut output = ArmoredWriter::wrap_output(output, format)?;
    output.write_all(header)?;
    match verify {
        Some(unlocked) => {
            let copying = Copying { source: body, target: &mut output };
            unlocked.decrypt(BufReader::with_capacity(PIECE, copying), io::sink())?;
        }
        None => copy_body(body, &mut output)?,
    }
    output.finish()?.flush()?;
    Ok(())
}

/// Uses the reader's buffer, so that the body is copied once.
fn copy_body(mut body: impl BufRead, output: &mut impl Write) -> Result<()> {
    let mut length = 0;
    loop {
        let piece = match body.fill_buf() {
            Ok([]) => break,
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(super::envelope::age_read_error(error)),
        };
        output.write_all(piece)?;
        let count = piece.len();
        length += count as u64;
        body.consume(count);
    }
    match age_plaintext_len(length) {
        Some(_) => Ok(()),
        None => Err(SealError::Broken { truncated: true }.into()),
    }
}

/// Writes everything that is read from it.
struct Copying<R, W> {
    source: R,
    target: W,
}

impl<R: Read, W: Write> Read for Copying<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.target.write_all(&buffer[..count])?;
        Ok(count)
    }
}
