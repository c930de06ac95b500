//! Standard streams that the caller closed.

use super::Error;

/// A closed stream is the caller's mistake: a closed input would be signed as an empty one, and output would be lost. The next
/// file to be opened would also get the stream's descriptor and be overwritten.
pub fn refuse_closed(closed: [bool; 3]) -> Result<(), Error> {
    const STREAMS: [(&str, &str); 3] = [
        ("standard input", "< /dev/null"),
        ("standard output", "> /dev/null"),
        ("standard error", "2> /dev/null"),
    ];
    match STREAMS.into_iter().zip(closed).find(|(_, closed)| *closed) {
        Some(((name, instead), _)) => Err(Error::Closed { name, instead }),
        None => Ok(()),
    }
}
