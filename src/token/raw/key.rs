//! Calls that create and use keys.

use std::ptr;

use cryptoki::{mechanism::Mechanism, object::Attribute};
use cryptoki_sys as ck;
use cryptoki_sys::{
    CK_MECHANISM, CK_MECHANISM_TYPE, CK_OBJECT_HANDLE, CK_RSA_PKCS_MGF_TYPE, CK_SESSION_HANDLE, CK_ULONG,
};
use zeroize::Zeroizing;

use super::{Error, Library, Result, c_template, check, input, length, ulong};

impl Library {
    pub(in crate::token) fn generate_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let mut template = c_template(template);
        let mut key = 0;
        let (attributes, count) = (template.as_mut_ptr(), ulong(template.len()));
        call!(self, C_GenerateKey, session, &raw mut mechanism, attributes, count, &raw mut key).map(|()| key)
    }

    /// The handles of the public and the private half, in this order.
    pub(in crate::token) fn generate_key_pair(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        public: &[Attribute],
        private: &[Attribute],
    ) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let (mut public, mut private) = (c_template(public), c_template(private));
        let (mut public_key, mut private_key) = (0, 0);
        call!(
            self,
            C_GenerateKeyPair,
            session,
            &raw mut mechanism,
            public.as_mut_ptr(),
            ulong(public.len()),
            private.as_mut_ptr(),
            ulong(private.len()),
            &raw mut public_key,
            &raw mut private_key,
        )
        .map(|()| (public_key, private_key))
    }

    /// One-part signature or MAC of at most `capacity` bytes. `authorize` is called after the operation was
    /// initialised.
    pub(in crate::token) fn sign(
        &self,
        session: CK_SESSION_HANDLE,
        (mechanism, key): (&Mechanism<'_>, CK_OBJECT_HANDLE),
        data: &[u8],
        capacity: usize,
        authorize: impl FnOnce() -> Result<()>,
    ) -> Result<Vec<u8>> {
        self.sign_init(session, mechanism, key)?;
        authorize().inspect_err(|_| {
            // Terminates the operation, which the token rejects, so that the session can be used again.
            let _ = self.sign_now(session, data, capacity);
        })?;
        self.sign_now(session, data, capacity)
    }

    /// Starts a signature.
    pub(in crate::token) fn sign_init(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
    ) -> Result<()> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_SignInit, session, &raw mut mechanism, key)
    }

    pub(in crate::token) fn sign_update(&self, session: CK_SESSION_HANDLE, part: &[u8]) -> Result<()> {
        call!(self, C_SignUpdate, session, input(part), ulong(part.len()))
    }

    /// The signature over all parts. Never queries the size first: tpm2-pkcs11 1.9.0 ends the operation at the query
    /// and then returns a wrong signature.
    pub(in crate::token) fn sign_final(
        &self,
        session: CK_SESSION_HANDLE,
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let signature = filled(capacity, |buffer, size| call!(self, C_SignFinal, session, buffer, size));
        signature.map(|signature| signature.to_vec())
    }

    /// Completes a one-part signature.
    pub(in crate::token) fn sign_now(
        &self,
        session: CK_SESSION_HANDLE,
        data: &[u8],
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let signature = filled(capacity, |buffer, size| {
            call!(self, C_Sign, session, input(data), ulong(data.len()), buffer, size)
        });
        signature.map(|signature| signature.to_vec())
    }

    /// One-part encryption; the ciphertext has at most `capacity` bytes.
    pub(in crate::token) fn encrypt(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        key: CK_OBJECT_HANDLE,
        plaintext: &[u8],
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_EncryptInit, session, &raw mut mechanism, key)?;
        let ciphertext = filled(capacity, |buffer, size| {
            call!(self, C_Encrypt, session, input(plaintext), ulong(plaintext.len()), buffer, size)
        });
        ciphertext.map(|ciphertext| ciphertext.to_vec())
    }

    /// One-part decryption; the plaintext has at most `capacity` bytes. `authorize` is called after the operation was
    /// initialised.
    pub(in crate::token) fn decrypt(
        &self,
        session: CK_SESSION_HANDLE,
        (mechanism, key): (&Mechanism<'_>, CK_OBJECT_HANDLE),
        ciphertext: &[u8],
        capacity: usize,
        authorize: impl FnOnce() -> Result<()>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        call!(self, C_DecryptInit, session, &raw mut mechanism, key)?;
        let decrypt = || {
            filled(capacity, |buffer, size| {
                call!(self, C_Decrypt, session, input(ciphertext), ulong(ciphertext.len()), buffer, size)
            })
        };
        authorize().inspect_err(|_| {
            // Terminates the operation, which the token rejects, so that the session can be used again.
            let _ = decrypt();
        })?;
        decrypt()
    }

    /// `C_WrapKey`; the mechanism's parameter is the IV, or none if it is empty. The wrapped key has at most `capacity`
    /// bytes.
    pub(in crate::token) fn wrap_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        wrapping_key: CK_OBJECT_HANDLE,
        key: CK_OBJECT_HANDLE,
        capacity: usize,
    ) -> Result<Vec<u8>> {
        let mut mechanism = with_iv(mechanism);
        let wrapped = filled(capacity, |buffer, size| {
            call!(self, C_WrapKey, session, &raw mut mechanism, wrapping_key, key, buffer, size)
        });
        wrapped.map(|wrapped| wrapped.to_vec())
    }

    /// `C_UnwrapKey`; the mechanism's parameter is the IV, or none if it is empty.
    pub(in crate::token) fn unwrap_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: (CK_MECHANISM_TYPE, &[u8]),
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        self.unwrap_key_by(session, with_iv(mechanism), unwrapping_key, wrapped, template)
    }

    /// `C_UnwrapKey` with `CKM_RSA_AES_KEY_WRAP`, a temporary AES-256 key, and OAEP with this hash and mask generation
    /// function and no label.
    pub(in crate::token) fn unwrap_key_rsa_aes(
        &self,
        session: CK_SESSION_HANDLE,
        (hash, mask): (CK_MECHANISM_TYPE, CK_RSA_PKCS_MGF_TYPE),
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut oaep = ck::CK_RSA_PKCS_OAEP_PARAMS {
            hashAlg: hash,
            mgf: mask,
            source: ck::CKZ_DATA_SPECIFIED,
            pSourceData: ptr::null_mut(),
            ulSourceDataLen: 0,
        };
        let mut parameters = ck::CK_RSA_AES_KEY_WRAP_PARAMS { ulAESKeyBits: 256, pOAEPParams: &raw mut oaep };
        let mechanism = CK_MECHANISM {
            mechanism: ck::CKM_RSA_AES_KEY_WRAP,
            pParameter: (&raw mut parameters).cast(),
            ulParameterLen: ulong(size_of_val(&parameters)),
        };
        self.unwrap_key_by(session, mechanism, unwrapping_key, wrapped, template)
    }

    fn unwrap_key_by(
        &self,
        session: CK_SESSION_HANDLE,
        mut mechanism: CK_MECHANISM,
        unwrapping_key: CK_OBJECT_HANDLE,
        wrapped: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut template = c_template(template);
        let mut key = 0;
        call!(
            self,
            C_UnwrapKey,
            session,
            &raw mut mechanism,
            unwrapping_key,
            input(wrapped),
            ulong(wrapped.len()),
            template.as_mut_ptr(),
            ulong(template.len()),
            &raw mut key,
        )
        .map(|()| key)
    }
}

/// Keys that the token makes from another.
impl Library {
    /// `C_DecapsulateKey` (PKCS#11 3.2, section 5.18.9).
    pub(in crate::token) fn decapsulate_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        private: CK_OBJECT_HANDLE,
        encapsulation: &[u8],
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        const NAME: &str = "C_DecapsulateKey";
        let function = self.decapsulate.ok_or(Error::new(NAME, ck::CKR_FUNCTION_NOT_SUPPORTED))?;
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let mut template = c_template(template);
        let (attributes, count) = (template.as_mut_ptr(), ulong(template.len()));
        let (part, size) = (input(encapsulation), ulong(encapsulation.len()));
        let mut key = 0;
        // SAFETY: the pointer comes from the module's own function list; arguments are valid for the call.
        let call = || unsafe {
            function(session, &raw mut mechanism, private, attributes, count, part, size, &raw mut key)
        };
        check(NAME, super::traced(NAME, call)).map(|()| key)
    }

    pub(in crate::token) fn derive_key(
        &self,
        session: CK_SESSION_HANDLE,
        mechanism: &Mechanism<'_>,
        base: CK_OBJECT_HANDLE,
        template: &[Attribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        let mut mechanism = CK_MECHANISM::from(mechanism);
        let mut template = c_template(template);
        let (attributes, count) = (template.as_mut_ptr(), ulong(template.len()));
        let mut key = 0;
        call!(self, C_DeriveKey, session, &raw mut mechanism, base, attributes, count, &raw mut key)
            .map(|()| key)
    }
}

/// A mechanism by number, since cryptoki lacks some (CKM_AES_KEY_WRAP_KWP). An empty `iv` means no parameter.
fn with_iv((mechanism, iv): (CK_MECHANISM_TYPE, &[u8])) -> CK_MECHANISM {
    let parameter = if iv.is_empty() { ptr::null_mut() } else { input(iv).cast() };
    CK_MECHANISM { mechanism, pParameter: parameter, ulParameterLen: ulong(iv.len()) }
}

/// Runs a call that fills a buffer, and repeats it once with a larger buffer if the module requires it (PKCS#11,
/// section 5.2). The length that the module returns is capped at the buffer's size (tpm2-pkcs11 returns the size of the
/// buffer).
fn filled(
    capacity: usize,
    mut run: impl FnMut(*mut u8, *mut CK_ULONG) -> Result<()>,
) -> Result<Zeroizing<Vec<u8>>> {
    const MAX_OUTPUT: usize = 1 << 26;
    let mut buffer = Zeroizing::new(vec![0; capacity]);
    let mut size = ulong(capacity);
    let first = run(buffer.as_mut_ptr(), &raw mut size);
    let outcome = match first {
        Err(error) if error.is(ck::CKR_BUFFER_TOO_SMALL) => {
            let needed = length(size).max(capacity * 2);
            if needed > MAX_OUTPUT {
                return Err(error);
            }
            buffer = Zeroizing::new(vec![0; needed]);
            size = ulong(needed);
            run(buffer.as_mut_ptr(), &raw mut size)
        }
        other => other,
    };
    outcome?;
    let used = length(size).min(buffer.len());
    buffer.truncate(used);
    Ok(buffer)
}
