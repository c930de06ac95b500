//! Private ECDSA keys in OpenSSH's format (PROTOCOL.key) with their scalar at full length.
//!
//! OpenSSH writes the scalar as an `mpint`, without leading zeros: half of all P-521 keys are shorter than the curve. ssh-key
//! 0.6 reads keys of the full length only.

use ssh_key::{Cipher, Kdf, private::PrivateKey};
use zeroize::Zeroizing;

use super::{Error, error::PRIVATE_KEY as WHAT};
use crate::secret::Secret;

const MAGIC: &[u8] = b"openssh-key-v1\0";
/// How the types begin; keys on security keys (`sk-ecdsa-…`) have no scalar.
const TYPE: &[u8] = b"ecdsa-sha2-";
const BLOCK: usize = 8;

/// A file with one key.
pub(super) struct Container<'a> {
    cipher: &'a [u8],
    public: &'a [u8],
    private: &'a [u8],
    /// Of ciphers that authenticate.
    tag: &'a [u8],
}

impl<'a> Container<'a> {
    /// `None` if it is not a container with one ECDSA key.
    pub(super) fn of_ecdsa(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let [cipher, _kdf, _options] = [field(&mut rest)?, field(&mut rest)?, field(&mut rest)?];
        rest = rest.strip_prefix(&[0, 0, 0, 1])?;
        let (public, private) = (field(&mut rest)?, field(&mut rest)?);
        let is_ecdsa = field(&mut { public })?.starts_with(TYPE);
        is_ecdsa.then_some(Self { cipher, public, private, tag: rest })
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.cipher != b"none"
    }

    /// The same file without encryption, and with the scalar at full length.
    pub(super) fn decrypted(&self, key: &PrivateKey, passphrase: &Secret) -> Result<Secret, Error> {
        let decrypt = |kdf: &Kdf, cipher: Cipher| -> Option<Zeroizing<Vec<u8>>> {
            let (key, iv) = kdf.derive_key_and_iv(cipher, passphrase.expose()).ok()?;
            let mut plain = Zeroizing::new(self.private.to_vec());
            let tag = if cipher.has_tag() { Some(self.tag.try_into().ok()?) } else { None };
            cipher.decrypt(&key, &iv, &mut plain, tag).ok()?;
            Some(plain)
        };
        let plain = decrypt(key.kdf(), key.cipher()).filter(|plain| plain.get(..4) == plain.get(4..8));
        self.with_plain(&plain.ok_or(Error::WrongPassphrase)?)
    }

    /// The same file, which is not encrypted, with the scalar at full length.
    pub(super) fn widened(&self) -> Result<Secret, Error> {
        self.with_plain(self.private)
    }

    fn with_plain(&self, plain: &[u8]) -> Result<Secret, Error> {
        let private =
            widen(plain).ok_or_else(|| Error::malformed(WHAT, "its private part cannot be read"))?;
        let head = [MAGIC, &string(b"none"), &string(b"none"), &string(b""), &[0, 0, 0, 1]].concat();
        let private = Zeroizing::new(string(&private));
        Ok(Secret::new([&head, string(self.public).as_slice(), &private].concat()))
    }
}

/// Two equal numbers, type, curve, point, scalar, comment, and padding of the bytes 1, 2, 3 …
fn widen(plain: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (checks, mut rest) = plain.split_at_checked(8)?;
    let public = [field(&mut rest)?, field(&mut rest)?, field(&mut rest)?];
    let (scalar, comment) = (field(&mut rest)?, field(&mut rest)?);
    let width = public[2].len().checked_sub(1)? / 2;
    let scalar = &scalar[scalar.iter().take_while(|byte| **byte == 0).count()..];
    let sign = usize::from(scalar.len() == width && scalar.first().is_some_and(|first| *first >= 0x80));
    let zeros = vec![0; width.checked_sub(scalar.len())? + sign];
    let scalar = Zeroizing::new(string(&Zeroizing::new([&zeros, scalar].concat())));
    let public = public.map(string).concat();
    let comment = string(comment);
    let is_padding = rest.iter().copied().eq((1..=u8::MAX).take(rest.len()));
    let length = checks.len() + public.len() + scalar.len() + comment.len();
    let padding: Vec<u8> = (1..).take(length.next_multiple_of(BLOCK) - length).collect();
    is_padding.then(|| Zeroizing::new([checks, &public, &scalar, &comment, &padding].concat()))
}

/// A `string` of RFC 4251, section 5; `bytes` is what follows it.
fn field<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (field, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(field)
}

/// RFC 4251, section 5: the length in four bytes, then the bytes. No field of a key is near 4 GiB long.
pub(super) fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(point: &[u8], scalar: &[u8], padding: &[u8]) -> Vec<u8> {
        // The curve is not looked at: only lengths matter.
        let kind = [TYPE, b"curve"].concat();
        let fields = [&kind, &b"curve"[..], point, scalar, b"comment"].map(string).concat();
        let private = [&[7; 8], fields.as_slice(), padding].concat();
        let public = string(&kind);
        let strings = |fields: &[&[u8]]| fields.iter().flat_map(|field| string(field)).collect::<Vec<_>>();
        let head = strings(&[b"none", b"none", b""]);
        [MAGIC, &head, &[0, 0, 0, 1], &strings(&[&public, &private])].concat()
    }

    fn widened(file: &[u8]) -> Result<Secret, Error> {
        Container::of_ecdsa(file).expect("a container").widened()
    }

    #[test]
    fn points_and_scalars_of_any_length_are_read_or_refused() {
        for point in 0..4 {
            for scalar in 0..4 {
                for value in [0, 1, 0x80] {
                    let _ = widened(&container(&vec![4; point], &vec![value; scalar], &[]));
                }
            }
        }
        assert!(widened(&container(&[], &[1], &[])).is_err());
        assert!(widened(&container(&[4, 1, 1], &[1, 1], &[])).is_err());
    }

    #[test]
    fn padding_counts_from_one() {
        let all: Vec<u8> = (1..=u8::MAX).collect();
        for padding in [&[][..], &[1, 2, 3], &all] {
            assert!(widened(&container(&[4; 65], &[1; 32], padding)).is_ok(), "{padding:?}");
        }
        for padding in [&[0][..], &[1, 1], &[&all[..], &[0]].concat()] {
            assert!(widened(&container(&[4; 65], &[1; 32], padding)).is_err(), "{padding:?}");
        }
    }
}
