//! The salt of an RSASSA-PSS signature, for the message about one that has another length than JOSE demands.

use rsa::{BigUint, RsaPublicKey, traits::PublicKeyParts};

use crate::algorithm::{Hash, Hasher, PublicKey, SignatureAlgorithm};

/// The length of the salt in bytes, where `signature` is a PSS signature by `key` over `digest` with a salt of any length
/// (EMSA-PSS-VERIFY, RFC 8017, section 9.1.2). `None` where it is not.
pub fn pss_salt_len(
    key: &PublicKey,
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Option<usize> {
    let (key, hash) = (key.to_rsa()?, algorithm.mechanisms().pss?);
    let encoded = encoded_message(&key, signature)?;
    let bits = key.n().bits() - 1;
    let size = bits.div_ceil(8);
    let encoded = encoded.get(encoded.len().checked_sub(size)?..)?;
    let (db, rest) = encoded.split_at_checked(size.checked_sub(hash.len() + 1)?)?;
    let (h, trailer) = rest.split_at(hash.len());
    let mut db = db.to_vec();
    let mask = mgf1(hash, h, db.len());
    db.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    *db.first_mut()? &= 0xff >> (8 * size - bits);
    let start = db.iter().position(|byte| *byte != 0)?;
    let salt = db.get(start..)?.strip_prefix(&[1])?;
    let bound = Hasher::digest(hash, &[&[0; 8], digest, salt].concat());
    (trailer == [0xbc] && bound == h).then_some(salt.len())
}

/// s^e mod n, as long as the modulus.
fn encoded_message(key: &RsaPublicKey, signature: &[u8]) -> Option<Vec<u8>> {
    let number = BigUint::from_bytes_be(signature);
    if signature.len() != key.size() || number >= *key.n() {
        return None;
    }
    let message = number.modpow(key.e(), key.n()).to_bytes_be();
    Some([vec![0; key.size() - message.len()], message].concat())
}

/// RFC 8017, appendix B.2.1.
fn mgf1(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let blocks = (0u32..).map(|counter| Hasher::digest(hash, &[seed, &counter.to_be_bytes()].concat()));
    blocks.flatten().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::sample::fixture;

    #[test]
    fn the_salt_of_a_signature_is_found() {
        let key = PublicKey::read(fixture!("rsa-2048.pub.pem")).expect("a fixture");
        let length = |name: &str, signature: &[u8]| {
            let algorithm: SignatureAlgorithm = name.parse().expect("a name");
            let digest = algorithm.covered(fixture!("input"));
            pss_salt_len(&key, algorithm, &digest, signature)
        };
        assert_eq!(length("PS256", fixture!("ps256-salt-20.sig")), Some(20));
        assert_eq!(length("PS256", fixture!("ps256.sig")), Some(32));
        assert_eq!(length("PS512", fixture!("ps512.sig")), Some(64));
        assert_eq!(length("PS384", fixture!("ps512.sig")), None);
        assert_eq!(length("PS256", fixture!("rs256.sig")), None);
        assert_eq!(length("RS256", fixture!("rs256.sig")), None);
        let ec = PublicKey::read(fixture!(ec "pub.pem")).expect("a fixture");
        let algorithm = "PS256".parse().expect("a name");
        assert_eq!(pss_salt_len(&ec, algorithm, &[0; 32], fixture!("ps256.sig")), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(signature in proptest::collection::vec(0u8.., 250..260)) {
            let key = PublicKey::read(fixture!("rsa-2048.pub.pem")).expect("a fixture");
            let algorithm = "PS256".parse().expect("a name");
            proptest::prop_assert_eq!(pss_salt_len(&key, algorithm, &[0; 32], &signature), None);
        }
    }
}
