//! Decryption of OpenSSL's traditional PEM encryption (`Proc-Type: 4,ENCRYPTED` and `DEK-Info`, after RFC 1421, section
//! 4.6). Its key derivation is one round of MD5, so kmsctl reads it and never writes it.

use aes::{Aes128, Aes192, Aes256};
use cbc::{
    Decryptor,
    cipher::{BlockCipher, BlockDecryptMut, IvSizeUser, KeyInit, KeyIvInit, block_padding::Pkcs7},
};
use data_encoding::HEXUPPER_PERMISSIVE;
use des::TdesEde3;
use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{Error, error::PRIVATE_KEY as WHAT};
use crate::secret::Secret;

/// Length of the salt in bytes: the first bytes of the IV.
const SALT: usize = 8;

/// `dek_info` has the cipher and its IV: `AES-256-CBC,0011…`. A wrong passphrase gives bad padding or, by chance, bytes that
/// are not DER.
pub(super) fn decrypt(
    dek_info: &str,
    encrypted: &[u8],
    passphrase: &Secret,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (name, iv) =
        dek_info.split_once(',').ok_or_else(|| Error::malformed(WHAT, "its DEK-Info has no IV"))?;
    let decrypt = match name {
        "AES-128-CBC" => decrypt_by::<Aes128>,
        "AES-192-CBC" => decrypt_by::<Aes192>,
        "AES-256-CBC" => decrypt_by::<Aes256>,
        "DES-EDE3-CBC" => decrypt_by::<TdesEde3>,
        _ => {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            return Err(Error::Unsupported(format!("a private key encrypted with {shown}")));
        }
    };
    let iv = HEXUPPER_PERMISSIVE
        .decode(iv.as_bytes())
        .map_err(|_| Error::malformed(WHAT, "the IV in its DEK-Info is not hexadecimal"))?;
    decrypt(&iv, encrypted, passphrase)
}

fn decrypt_by<C: BlockCipher + BlockDecryptMut + KeyInit>(
    iv: &[u8],
    encrypted: &[u8],
    passphrase: &Secret,
) -> Result<Zeroizing<Vec<u8>>, Error>
where
    Decryptor<C>: KeyIvInit,
{
    if iv.len() != Decryptor::<C>::iv_size() {
        return Err(Error::malformed(WHAT, "the IV in its DEK-Info has the wrong length for the cipher"));
    }
    let key = derive(passphrase, &iv[..SALT], C::key_size());
    let cipher = Decryptor::<C>::new_from_slices(&key, iv).map_err(|_| Error::WrongPassphrase)?;
    let mut plain = Zeroizing::new(encrypted.to_vec());
    let length = cipher.decrypt_padded_mut::<Pkcs7>(&mut plain).map_err(|_| Error::WrongPassphrase)?.len();
    plain.truncate(length);
    Ok(plain)
}

/// `EVP_BytesToKey` with MD5 and one round: each block is the digest of the previous block, the passphrase and the salt.
fn derive(passphrase: &Secret, salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + Md5::output_size()));
    let mut block = Zeroizing::new(Vec::new());
    while key.len() < length {
        let digest = Md5::new().chain_update(&*block).chain_update(passphrase.expose()).chain_update(salt);
        *block = digest.finalize().to_vec();
        key.extend_from_slice(&block);
    }
    key.truncate(length);
    key
}
