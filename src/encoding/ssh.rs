//! Public keys as OpenSSH writes them in `authorized_keys` (RFC 4253 section 6.6, RFC 5656 section 3.1).

use data_encoding::BASE64;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use rsa::traits::PublicKeyParts;

use super::PublicKey;

impl PublicKey {
    /// One line without its newline: type, key, comment. Control characters in the comment become spaces, so that it
    /// cannot begin a second line.
    pub fn to_ssh(&self, comment: &str) -> String {
        let (name, fields) = match self {
            Self::Rsa(key) => ("ssh-rsa", vec![mpint(&key.e().to_bytes_be()), mpint(&key.n().to_bytes_be())]),
            Self::Ec(key) => (
                "ecdsa-sha2-nistp256",
                vec![b"nistp256".to_vec(), key.to_encoded_point(false).as_bytes().to_vec()],
            ),
        };
        let blob: Vec<u8> =
            [name.as_bytes().to_vec()].iter().chain(&fields).flat_map(|field| string(field)).collect();
        let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{name} {} {}", BASE64.encode(&blob), comment.trim()).trim_end().to_owned()
    }
}

/// RFC 4251, section 5: the length in four bytes, then the bytes. No field of a key comes near 4 GiB.
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

/// The content of an `mpint`: a zero byte keeps a positive number with its high bit set from being negative.
fn mpint(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    [sign, number].concat()
}
