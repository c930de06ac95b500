//! The body of an age file: a nonce, then chunks of 64 KiB, each with a tag. Only the last chunk may be shorter; it is empty
//! only if it is also the first.

const NONCE_LEN: u64 = 16;
const CHUNK_LEN: u64 = 64 * 1024;
const TAG_LEN: u64 = 16;

/// The plaintext length, in bytes, of a body of this length; `None` if no body can have it, which means it was cut short.
pub fn age_plaintext_len(body: u64) -> Option<u64> {
    let stream = body.checked_sub(NONCE_LEN).filter(|stream| *stream >= TAG_LEN)?;
    let chunks = stream.div_ceil(CHUNK_LEN + TAG_LEN);
    let last = stream - (chunks - 1) * (CHUNK_LEN + TAG_LEN);
    let is_whole = last > TAG_LEN || chunks == 1;
    is_whole.then(|| stream - chunks * TAG_LEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plaintext_length_follows_from_the_body_length() {
        for (plaintext, chunks) in [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (1 << 30, 1 << 14)] {
            assert_eq!(age_plaintext_len(16 + plaintext + 16 * chunks), Some(plaintext));
        }
    }

    #[test]
    fn impossible_body_lengths_are_refused() {
        let full = 16 + 65_536 + 16;
        for body in [0, 15, 16, 31, full + 1, full + 15, full + 16, 2 * full - 16 + 16] {
            assert_eq!(age_plaintext_len(body), None, "{body}");
        }
        assert_eq!(age_plaintext_len(full + 17), Some(65_537));
    }
}
