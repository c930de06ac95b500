//! Exporting keys: the token wraps a key under a one-time key, which is then wrapped for the recipient.

use aes::{
    Aes256,
    cipher::{BlockDecryptMut, KeyIvInit, block_padding::Pkcs7},
};
use cryptoki_sys as ck;
use cryptoki_sys::CK_MECHANISM_TYPE;
use zeroize::Zeroizing;

use super::{
    error::{Error, Result},
    one_time_key::{OneTimeKey, Purpose},
    session::{Handle, Session},
};
use crate::{
    encoding::{self, AES_BLOCK},
    secret::Secret,
};

/// In bytes. An RSA-4096 private key in PKCS#8 has 2375.
const CAPACITY: usize = 4096;

impl Session {
    /// Exports an extractable key, wrapped with RFC 5649 under `wrapping`, a key of 32 bytes. The content is PKCS#8 for
    /// a private key, the raw bytes for a secret key. If the token only has `CKM_AES_CBC_PAD`, software rewraps the
    /// result.
    pub fn wrap(&self, key: Handle, wrapping: &Secret) -> Result<Vec<u8>> {
        let mut outcome = Err(Error::new("C_WrapKey", ck::CKR_MECHANISM_INVALID));
        for mechanism in self.kwp_mechanisms() {
            outcome = self.wrap_by((mechanism, &[]), key, wrapping);
            // On NSS one of these mechanisms uses another padding, so check the result.
            if let Ok(wrapped) = &outcome
                && let Ok(plain) = encoding::kwp_unwrap(wrapping, wrapped)
            {
                return without_zeros(&plain, wrapping).unwrap_or(outcome);
            }
        }
        if self.offers(ck::CKM_AES_CBC_PAD) {
            outcome = self.wrap_cbc(key, wrapping);
        }
        outcome
    }

    fn wrap_by(
        &self,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        key: Handle,
        wrapping: &Secret,
    ) -> Result<Vec<u8>> {
        let wrapping = OneTimeKey::create(self, Purpose::Wrap, wrapping)?;
        self.library.wrap_key(self.handle, mechanism, wrapping.handle.0, key.0, CAPACITY)
    }

    fn wrap_cbc(&self, key: Handle, wrapping: &Secret) -> Result<Vec<u8>> {
        let malformed = || Error::new("C_WrapKey", ck::CKR_WRAPPED_KEY_INVALID);
        let mut iv = [0; AES_BLOCK];
        iv.copy_from_slice(&self.random(AES_BLOCK)?);
        let mut wrapped = Zeroizing::new(self.wrap_by((ck::CKM_AES_CBC_PAD, &iv), key, wrapping)?);
        let cipher =
            cbc::Decryptor::<Aes256>::new_from_slices(wrapping.expose(), &iv).map_err(|_| malformed())?;
        let plain = cipher.decrypt_padded_mut::<Pkcs7>(&mut wrapped).map_err(|_| malformed())?;
        encoding::kwp_wrap(wrapping, plain).map_err(|_| malformed())
    }
}

/// SoftHSM 2.6 pads a private key with zeros to a multiple of eight bytes before wrapping, which PKCS#8 parsers reject.
/// Returns the key wrapped without them, `None` if there are none.
fn without_zeros(plain: &Secret, wrapping: &Secret) -> Option<Result<Vec<u8>>> {
    let exact = encoding::pkcs8_without_zeros(plain.expose())?;
    let malformed = |_| Error::new("C_WrapKey", ck::CKR_WRAPPED_KEY_INVALID);
    Some(encoding::kwp_wrap(wrapping, exact).map_err(malformed))
}
