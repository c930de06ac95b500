//! AES-GCM and RSA decryption inside the token, in one part.

use cryptoki::mechanism::{
    Mechanism, MechanismType,
    aead::GcmParams,
    rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource},
};
use cryptoki_sys as ck;
use zeroize::Zeroizing;

use super::{
    error::{Error, Result},
    facts::Fact,
    session::{Handle, Session},
};
use crate::{encoding::oaep_decode, secret::Secret};

/// Bytes of an AES-GCM nonce (NIST SP 800-38D, section 8.2: 96 bits).
pub const NONCE_LEN: usize = 12;
/// Bytes of an AES-GCM tag. Shorter tags are not used.
pub const TAG_LEN: usize = 16;
const TAG_BITS: u64 = 128;

/// The result of decrypting an RSA-OAEP block.
#[derive(Debug)]
pub struct DecryptedBlock {
    /// `None` if the block was not encrypted for this key.
    pub plaintext: Option<Secret>,
    /// [`Self::OAEP`], or the token's mechanism if the block was decoded in software.
    pub mechanism: &'static str,
}

impl DecryptedBlock {
    pub const OAEP: &str = "CKM_RSA_PKCS_OAEP";
}

impl Session {
    /// AES-256-GCM. Returns ciphertext ‖ tag; Updates `nonce` to the one that the token used, since some HSMs choose it
    /// themselves. The context must not be empty, not even to test a key: an empty slice is a dangling pointer, which a
    /// module may read regardless of the length.
    pub fn encrypt_gcm(
        &self,
        key: Handle,
        nonce: &mut [u8; NONCE_LEN],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>> {
        if !self.knows(Fact::IvOfToken) {
            match self.encrypt_gcm_with(key, nonce, context, plaintext) {
                Err(error) if error.is(ck::CKR_MECHANISM_PARAM_INVALID) => {}
                other => return other,
            }
        }
        let refused = Error::new("C_EncryptInit", ck::CKR_MECHANISM_PARAM_INVALID);
        let given = std::mem::take(nonce);
        let encrypted = self.encrypt_gcm_with(key, nonce, context, plaintext);
        // A token that used the zero bytes would use them again.
        if encrypted.is_ok() && (*nonce == [0; NONCE_LEN] || *nonce == given) {
            return Err(refused);
        }
        if encrypted.is_ok() {
            self.note(Fact::IvOfToken, true);
        }
        encrypted
    }

    fn encrypt_gcm_with(
        &self,
        key: Handle,
        nonce: &mut [u8; NONCE_LEN],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>> {
        let parameters = gcm(nonce, context)?;
        let mechanism = Mechanism::AesGcm(parameters);
        // NSS and some HSMs require more space than ciphertext and tag take.
        let capacity = plaintext.len() + 2 * TAG_LEN;
        let ciphertext = self.library.encrypt(self.handle, &mechanism, key.0, plaintext, capacity)?;
        if ciphertext.len() == plaintext.len() + TAG_LEN {
            Ok(ciphertext)
        } else {
            // Without the full tag the ciphertext could not be authenticated.
            Err(Error::new("C_Encrypt", ck::CKR_ENCRYPTED_DATA_LEN_RANGE))
        }
    }

    /// Decrypts ciphertext ‖ tag. The error for an invalid tag differs by module, see [`is_not_authentic`].
    pub fn decrypt_gcm(
        &self,
        key: Handle,
        nonce: &[u8; NONCE_LEN],
        context: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>> {
        let mut nonce = *nonce;
        let mechanism = Mechanism::AesGcm(gcm(&mut nonce, context)?);
        self.library.decrypt(self.handle, (&mechanism, key.0), ciphertext, ciphertext.len() + TAG_LEN, || {
            self.authorize(key)
        })
    }

    /// AES-CBC with padding, under a one-time key.
    pub fn encrypt_cbc(&self, key: Handle, iv: [u8; 16], plaintext: &[u8]) -> Result<Vec<u8>> {
        let mechanism = Mechanism::AesCbcPad(iv);
        self.library.encrypt(self.handle, &mechanism, key.0, plaintext, plaintext.len() + 32)
    }

    /// RSA-OAEP with SHA-256, MGF1-SHA-256 and an empty label, decoded by the token.
    pub fn decrypt_oaep(&self, key: Handle, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let parameters =
            PkcsOaepParams::new(MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, PkcsOaepSource::empty());
        let mechanism = Mechanism::RsaPkcsOaep(parameters);
        self.library
            .decrypt(self.handle, (&mechanism, key.0), ciphertext, ciphertext.len(), || self.authorize(key))
    }

    /// As [`Self::decrypt_oaep`], but decodes the block in software if the token's OAEP lacks SHA-256 (SoftHSM 2.6.1)
    /// or fails for an unclear reason: kryoptic reports a bad block as a device error.
    pub fn decrypt_block(&self, key: Handle, block: &[u8]) -> Result<DecryptedBlock> {
        let by_token = |plaintext| DecryptedBlock { plaintext, mechanism: DecryptedBlock::OAEP };
        match self.decrypt_oaep(key, block) {
            Ok(mut plaintext) => Ok(by_token(Some(Secret::new(std::mem::take(&mut *plaintext))))),
            Err(error) if is_not_authentic(&error) => Ok(by_token(None)),
            Err(error) if lacks_oaep_sha256(&error) || error.function() == "C_Decrypt" => {
                // If the token cannot do this either, the first error is more helpful, but a refused PIN is what went wrong.
                let more_helpful =
                    |second: Error| if second.function() == "C_Login" { second } else { error };
                let encoded = self.decrypt_raw_rsa(key, block).map_err(more_helpful)?;
                let plaintext = oaep_decode(&encoded, block.len()).ok();
                Ok(DecryptedBlock { plaintext, mechanism: "CKM_RSA_X_509" })
            }
            Err(error) => Err(error),
        }
    }

    /// The bare RSA private operation (CKM_RSA_X_509): the encoded block, as long as the modulus.
    pub fn decrypt_raw_rsa(&self, key: Handle, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.library.decrypt(self.handle, (&Mechanism::RsaX509, key.0), ciphertext, ciphertext.len(), || {
            self.authorize(key)
        })
    }
}

fn gcm<'a>(nonce: &'a mut [u8; NONCE_LEN], context: &'a [u8]) -> Result<GcmParams<'a>> {
    debug_assert!(!context.is_empty(), "an empty slice points to nothing");
    GcmParams::new(nonce, context, TAG_BITS.into())
        .map_err(|_| Error::new("C_EncryptInit", ck::CKR_MECHANISM_PARAM_INVALID))
}

/// Whether the token supports OAEP only with SHA-1 (SoftHSM 2.6.1 returns `CKR_ARGUMENTS_BAD`), or not at all.
fn lacks_oaep_sha256(error: &Error) -> bool {
    error.lacks_mechanism() || error.function() == "C_DecryptInit" && error.is(ck::CKR_ARGUMENTS_BAD)
}

/// Whether a failed decryption means that the ciphertext, its tag or its context does not match. For a bad OAEP block
/// SoftHSM returns `CKR_GENERAL_ERROR`, others `CKR_FUNCTION_FAILED`.
pub fn is_not_authentic(error: &Error) -> bool {
    error.function() == "C_Decrypt"
        && error.is_any(&[
            ck::CKR_ENCRYPTED_DATA_INVALID,
            ck::CKR_ENCRYPTED_DATA_LEN_RANGE,
            ck::CKR_AEAD_DECRYPT_FAILED,
            ck::CKR_DATA_INVALID,
            ck::CKR_DATA_LEN_RANGE,
            ck::CKR_GENERAL_ERROR,
            ck::CKR_FUNCTION_FAILED,
        ])
}
