//! The body of an age file: a nonce, then chunks of 64 KiB with a tag each, of which only the last may be shorter, and empty
//! only if it is the first.

const NONCE_LEN: u64 = 16;
const CHUNK_LEN: u64 = 64 * 1024;
const TAG_LEN: u64 = 16;

/// How many bytes of plaintext a body of this length holds; `None` if no body has that length: it was cut short.
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
    fn the_length_of_a_plaintext_shows_in_its_body() {
        for (plaintext, chunks) in [(0, 1), (1, 1), (65_536, 1), (65_537, 2), (1 << 30, 1 << 14)] {
            assert_eq!(age_plaintext_len(16 + plaintext + 16 * chunks), Some(plaintext));
        }
    }

    #[test]
    fn some_lengths_no_body_has() {
        let full = 16 + 65_536 + 16;
        for body in [0, 15, 16, 31, full + 1, full + 15, full + 16, 2 * full - 16 + 16] {
            assert_eq!(age_plaintext_len(body), None, "{body}");
        }
        assert_eq!(age_plaintext_len(full + 17), Some(65_537));
    }
}
