//! AES key wrap with padding (RFC 5649; KWP of NIST SP 800-38F) under a 256-bit key, in software.

use aes_kw::KekAes256;
use zeroize::Zeroizing;

use super::{Error, SECRET_KEY_LEN};
use crate::secret::Secret;

/// Wraps `plain`, which must not be empty, under a key of 32 bytes. The result is 8 to 15 bytes longer.
pub fn kwp_wrap(key: &Secret, plain: &[u8]) -> Result<Vec<u8>, Error> {
    let mut wrapped = vec![0; plain.len().next_multiple_of(8) + 8];
    kek(key)?
        .wrap_with_padding(plain, &mut wrapped)
        .map_err(|_| Error::malformed("the key to wrap", "it has no bytes, or too many"))?;
    Ok(wrapped)
}

/// [`Error::Decryption`] if it was not wrapped under this key.
pub fn kwp_unwrap(key: &Secret, wrapped: &[u8]) -> Result<Secret, Error> {
    if wrapped.len() < 16 || !wrapped.len().is_multiple_of(8) {
        return Err(Error::Decryption);
    }
    let mut plain = Zeroizing::new(vec![0; wrapped.len() - 8]);
    let length = kek(key)?.unwrap_with_padding(wrapped, &mut plain).map_err(|_| Error::Decryption)?.len();
    plain.truncate(length);
    Ok(Secret::new(plain.to_vec()))
}

fn kek(key: &Secret) -> Result<KekAes256, Error> {
    let bytes =
        Zeroizing::new(<[u8; SECRET_KEY_LEN]>::try_from(key.expose()).map_err(|_| Error::Decryption)?);
    Ok(KekAes256::from(*bytes))
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    #[test]
    fn wrap_then_unwrap_is_identity() {
        let key = Secret::new((0..32).collect());
        for length in [1, 7, 8, 9, 16, 32, 138, 2375] {
            let plain: Vec<u8> = (0..length).map(|n: u32| n.to_le_bytes()[0]).collect();
            let wrapped = kwp_wrap(&key, &plain).expect("wrapped");
            assert_eq!(wrapped.len(), plain.len().next_multiple_of(8) + 8);
            assert_eq!(kwp_unwrap(&key, &wrapped).expect("unwrapped").expose(), plain);
            for at in 0..wrapped.len() {
                let mut changed = wrapped.clone();
                changed[at] ^= 1;
                assert!(kwp_unwrap(&key, &changed).is_err(), "byte {at} of {length}");
            }
        }
    }

    /// RFC 5649, section 6, has vectors for 192 bits only; this is `openssl enc -id-aes256-wrap-pad -iv A65959A6`.
    #[test]
    fn the_result_equals_that_of_openssl() {
        let key = Secret::new((0..32).collect());
        let wrapped = kwp_wrap(&key, b"twenty bytes of text").expect("wrapped");
        assert_eq!(
            HEXLOWER.encode(&wrapped),
            "015fc92353499a19ea7fc0b0916686e940b6547bc17de9ddb700405949f09024"
        );
    }

    #[test]
    fn impossible_lengths_are_refused() {
        let key = Secret::new(vec![0; 32]);
        for length in [0, 1, 8, 15, 17, 23] {
            assert!(kwp_unwrap(&key, &vec![0; length]).is_err(), "{length}");
        }
        assert!(kwp_wrap(&Secret::new(vec![0; 16]), b"key").is_err());
    }
}
