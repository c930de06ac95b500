//! Decrypting a private key under OpenSSL's traditional PEM encryption (`Proc-Type: 4,ENCRYPTED` and `DEK-Info`, after RFC
//! 1421, section 4.6). Its key comes from one round of MD5: that is read, and never written.

use data_encoding::HEXUPPER_PERMISSIVE;
use openssl::{
    hash::MessageDigest,
    pkcs5::bytes_to_key,
    symm::{self, Cipher},
};
use zeroize::Zeroizing;

use super::{Error, private_key::WHAT};
use crate::secret::Secret;

/// Bytes of the salt: the first of the IV.
const SALT: usize = 8;

/// `dek_info` names the cipher and its IV: `AES-256-CBC,0011…`. That the passphrase is wrong shows in the padding, or in
/// what comes out being no DER.
pub(super) fn decrypt(
    dek_info: &str,
    encrypted: &[u8],
    passphrase: &Secret,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (name, iv) =
        dek_info.split_once(',').ok_or_else(|| Error::malformed(WHAT, "its DEK-Info has no IV"))?;
    let cipher = cipher(name).ok_or_else(|| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        Error::Unsupported(format!("a private key encrypted with {shown}"))
    })?;
    let iv = HEXUPPER_PERMISSIVE.decode(iv.as_bytes()).ok().filter(|iv| Some(iv.len()) == cipher.iv_len());
    let iv = iv.ok_or_else(|| Error::malformed(WHAT, "the IV in its DEK-Info is not one of that cipher"))?;
    let derived = bytes_to_key(cipher, MessageDigest::md5(), passphrase.expose(), Some(&iv[..SALT]), 1)
        .map_err(|_| {
            Error::Unsupported("a private key encrypted by way of MD5, on this system,".to_owned())
        })?;
    let key = Zeroizing::new(derived.key);
    symm::decrypt(cipher, &key, Some(&iv), encrypted).map(Zeroizing::new).map_err(|_| Error::WrongPassphrase)
}

fn cipher(name: &str) -> Option<Cipher> {
    Some(match name {
        "AES-128-CBC" => Cipher::aes_128_cbc(),
        "AES-192-CBC" => Cipher::aes_192_cbc(),
        "AES-256-CBC" => Cipher::aes_256_cbc(),
        "DES-EDE3-CBC" => Cipher::des_ede3_cbc(),
        _ => return None,
    })
}
