//! What ML-DSA and ML-KEM have in common: a seed that expands to both halves of a key (FIPS 203 and 204), the forms of a
//! private key in PKCS#8 (RFC 9881 and RFC 9935, section 6), and the attributes of PKCS#11.

use cryptoki_sys as ck;
use cryptoki_sys::{CK_ATTRIBUTE_TYPE, CK_ULONG};
use ossl::{
    OsslSecret,
    pkey::{EvpPkey, EvpPkeyType, MlkeyData, PkeyData},
};
use pkcs8::der::{
    Decode, SliceReader, Tag, Tagged,
    asn1::{AnyRef, OctetStringRef},
};

use super::{
    Error,
    openssl::CONTEXT,
    pair::{PRIVATE, PrivateKey, tagged},
};
use crate::secret::Secret;

/// `[0] IMPLICIT OCTET STRING`.
const SEED_TAG: u8 = 0x80;
const EXPANDED_TAG: u8 = 0x04;

/// What is known of a private key.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) seed: Option<&'a [u8]>,
    pub(super) expanded: Option<&'a [u8]>,
}

impl<'a> Parts<'a> {
    /// Reads the content of a `privateKey`: the seed, the expanded key, or both.
    pub(super) fn read(key: &'a [u8]) -> Result<Self, Error> {
        let malformed = |error| Error::malformed(PRIVATE, error);
        let element = AnyRef::from_der(key).map_err(malformed)?;
        match element.tag() {
            Tag::ContextSpecific { constructed: false, number } if number.value() == 0 => {
                Ok(Self { seed: Some(element.value()), expanded: None })
            }
            Tag::OctetString => Ok(Self { seed: None, expanded: Some(element.value()) }),
            Tag::Sequence => {
                let both = element.sequence(|reader: &mut SliceReader<'_>| {
                    Ok([OctetStringRef::decode(reader)?, OctetStringRef::decode(reader)?])
                });
                let [seed, expanded] = both.map_err(malformed)?.map(|part| Some(part.as_bytes()));
                Ok(Self { seed, expanded })
            }
            tag => Err(Error::malformed(PRIVATE, format!("its content is of the type {tag}"))),
        }
    }

    /// The parts of a key that [`secret`] wrote; the expanded key has `expanded_len` bytes.
    pub(super) fn of(key: &'a PrivateKey, expanded_len: usize) -> Self {
        let bytes = key.secret().expose();
        let (seed, expanded) = bytes.split_at(bytes.len() - expanded_len);
        Self { seed: (!seed.is_empty()).then_some(seed), expanded: Some(expanded) }
    }

    /// The content of a `privateKey`: the seed alone if it is known, as both RFCs recommend.
    pub(super) fn write(self) -> Secret {
        Secret::new(match self.seed {
            Some(seed) => tagged(SEED_TAG, seed),
            None => tagged(EXPANDED_TAG, self.expanded.unwrap_or_default()),
        })
    }

    /// The attributes of a private key with this `CKA_PARAMETER_SET`: the seed too if it is known, and always the expanded
    /// key, for tokens without `CKA_SEED`.
    pub(super) fn attributes(self, set: CK_ULONG) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        let secret = |kind| move |bytes: &[u8]| (kind, Secret::new(bytes.to_vec()));
        let set = secret(ck::CKA_PARAMETER_SET)(&set.to_ne_bytes());
        let (expanded, seed) =
            (self.expanded.map(secret(ck::CKA_VALUE)), self.seed.map(secret(ck::CKA_SEED)));
        [Some(set), expanded, seed].into_iter().flatten().collect()
    }

    /// The public key and the expanded key, computed by OpenSSL, which compares what is given. `None` if it does not agree.
    pub(super) fn complete(self, kind: EvpPkeyType) -> Option<(Vec<u8>, OsslSecret)> {
        let secret = |bytes: Option<&[u8]>| bytes.map(OsslSecret::from_slice);
        let given = MlkeyData { pubkey: None, prikey: secret(self.expanded), seed: secret(self.seed) };
        let key = EvpPkey::import(&CONTEXT, kind, PkeyData::Mlkey(given)).ok()?;
        match key.export().ok()? {
            PkeyData::Mlkey(mut whole) => whole.pubkey.take().zip(whole.prikey.take()),
            _ => None,
        }
    }
}

/// A private key, to be kept: the seed, if it is known, and the expanded key.
pub(super) fn secret(seed: Option<&[u8]>, expanded: &[u8]) -> Secret {
    Secret::new([seed.unwrap_or_default(), expanded].concat())
}

/// A public key as an OpenSSL object.
pub(super) fn to_openssl(kind: EvpPkeyType, key: &[u8]) -> Result<EvpPkey, ossl::Error> {
    let data = MlkeyData { pubkey: Some(key.to_vec()), prikey: None, seed: None };
    EvpPkey::import(&CONTEXT, kind, PkeyData::Mlkey(data))
}
