//! The MAC of a container (RFC 7292, section 4; PBMAC1 of RFC 9579), which shows whether a password is right.

use hmac::{Mac, SimpleHmac};
use pkcs8::{
    ObjectIdentifier,
    der::{Tag, Tagged, asn1::AnyRef},
    pkcs5::pbes2::{PBKDF2_OID, Pbkdf2Params, Pbkdf2Prf},
    spki::AlgorithmIdentifierRef,
};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::{
    Digest, Sha1,
    digest::{FixedOutputReset, core_api::BlockSizeUser},
};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{WHAT, malformed, parts};
use crate::encoding::{
    Error,
    pbe::{Password, checked_rounds, pbkdf2_parameters},
};

const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");
/// Maximum length of the HMAC key in bytes: a block of SHA-512.
const MAX_KEY: u16 = 128;

/// Whether the MAC is valid under the password. `data` is a MacData, `content` the bytes it covers.
pub(super) fn verify(data: AnyRef<'_>, content: &[u8], password: &Password) -> Result<bool, Error> {
    let data = parts(data)?;
    let (info, salt) = match data.as_slice() {
        [info, salt, ..] if salt.tag() == Tag::OctetString => (parts(*info)?, salt.value()),
        _ => return Err(malformed("its MAC cannot be read")),
    };
    let [algorithm, mac] = info.as_slice() else { return Err(malformed("its MAC cannot be read")) };
    let algorithm: AlgorithmIdentifierRef<'_> =
        algorithm.decode_as().map_err(|error| Error::malformed(WHAT, error))?;
    if algorithm.oid == PBMAC1 {
        return verify_pbmac1(algorithm.parameters, content, mac.value(), password);
    }
    // The default is one round.
    let rounds = data.get(2).map_or(Ok(1), |rounds| rounds.decode_as::<u32>());
    let rounds = checked_rounds(rounds.map_err(|error| Error::malformed(WHAT, error))?)?;
    let by = match algorithm.oid.to_string().as_str() {
        "1.3.14.3.2.26" => verify_by::<Sha1>,
        "2.16.840.1.101.3.4.2.4" => verify_by::<Sha224>,
        "2.16.840.1.101.3.4.2.1" => verify_by::<Sha256>,
        "2.16.840.1.101.3.4.2.2" => verify_by::<Sha384>,
        "2.16.840.1.101.3.4.2.3" => verify_by::<Sha512>,
        other => return Err(Error::Unsupported(format!("a PKCS#12 container with a MAC by {other}"))),
    };
    Ok(by(&password.wide, salt, rounds, content, mac.value()))
}

fn verify_by<D: Digest + FixedOutputReset + BlockSizeUser>(
    password: &[u8],
    salt: &[u8],
    rounds: i32,
    content: &[u8],
    mac: &[u8],
) -> bool {
    let key = derive_key::<D>(password, salt, Pkcs12KeyType::Mac, rounds, <D as Digest>::output_size());
    is_mac::<D>(&Zeroizing::new(key), content, mac)
}

fn is_mac<D: Digest + BlockSizeUser>(key: &[u8], content: &[u8], mac: &[u8]) -> bool {
    SimpleHmac::<D>::new_from_slice(key)
        .is_ok_and(|hmac| hmac.chain_update(content).verify_slice(mac).is_ok())
}

fn verify_pbmac1(
    parameters: Option<AnyRef<'_>>,
    content: &[u8],
    mac: &[u8],
    password: &Password,
) -> Result<bool, Error> {
    let unknown = || Error::Unsupported("a PKCS#12 container with such a PBMAC1".to_owned());
    let parameters = parts(parameters.ok_or_else(unknown)?)?;
    let [derivation, by] = parameters.as_slice() else { return Err(unknown()) };
    let derivation: AlgorithmIdentifierRef<'_> = derivation.decode_as().map_err(|_| unknown())?;
    let by: AlgorithmIdentifierRef<'_> = by.decode_as().map_err(|_| unknown())?;
    let derivation =
        (derivation.oid == PBKDF2_OID).then(|| pbkdf2_parameters(derivation.parameters)).flatten();
    let derivation = derivation.ok_or_else(unknown)?;
    checked_rounds(derivation.iteration_count)?;
    let length = derivation.key_length.filter(|length| *length <= MAX_KEY).ok_or_else(unknown)?;
    let key = pbkdf2(&derivation, &password.bytes, length.into());
    let is_mac = match by.oid.to_string().as_str() {
        "1.2.840.113549.2.9" => is_mac::<Sha256>,
        "1.2.840.113549.2.10" => is_mac::<Sha384>,
        "1.2.840.113549.2.11" => is_mac::<Sha512>,
        _ => return Err(unknown()),
    };
    Ok(is_mac(&key, content, mac))
}

fn pbkdf2(parameters: &Pbkdf2Params<'_>, password: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; length]);
    let (salt, rounds) = (parameters.salt, parameters.iteration_count);
    match parameters.prf {
        Pbkdf2Prf::HmacWithSha224 => pbkdf2::pbkdf2_hmac::<Sha224>(password, salt, rounds, &mut key),
        Pbkdf2Prf::HmacWithSha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, &mut key),
        Pbkdf2Prf::HmacWithSha384 => pbkdf2::pbkdf2_hmac::<Sha384>(password, salt, rounds, &mut key),
        Pbkdf2Prf::HmacWithSha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, &mut key),
        _ => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, &mut key),
    }
    key
}
