//! Keys on their way out: wrapped by the token under a key that is then wrapped for the receiver.

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

/// An RSA-4096 private key in PKCS#8 has 2375 bytes.
const CAPACITY: usize = 4096;

impl Session {
    /// Takes an extractable key out in RFC 5649 under `wrapping`, a key of 32 bytes: PKCS#8 for a private key, the bytes of
    /// a secret key. A token that wraps by `CKM_AES_CBC_PAD` only is helped out in software.
    pub fn wrap(&self, key: Handle, wrapping: &Secret) -> Result<Vec<u8>> {
        let mut outcome = Err(Error::new("C_WrapKey", ck::CKR_MECHANISM_INVALID));
        for mechanism in self.kwp_mechanisms() {
            outcome = self.wrap_by((mechanism, &[]), key, wrapping);
            // NSS has another padding behind one of the names.
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

/// SoftHSM 2.6 fills a private key up with zeros to whole blocks of eight bytes before it wraps it, which no reader of
/// PKCS#8 accepts. `None` where there are none.
fn without_zeros(plain: &Secret, wrapping: &Secret) -> Option<Result<Vec<u8>>> {
    let exact = encoding::pkcs8_without_zeros(plain.expose())?;
    let malformed = |_| Error::new("C_WrapKey", ck::CKR_WRAPPED_KEY_INVALID);
    Some(encoding::kwp_wrap(wrapping, exact).map_err(malformed))
}
