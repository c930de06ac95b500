//! Standard streams that the caller closed.

use super::Error;

/// A closed stream is a mistake of the caller: input that is taken for empty is signed, and output that nobody gets is lost.
/// What is opened next would get the stream's number, besides, and be written over.
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
