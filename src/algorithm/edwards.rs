//! The curve edwards25519 in `CKA_EC_PARAMS` (PKCS#11 3.1, section 6.3.10).

use pkcs8::{
    ObjectIdentifier,
    der::{Decode, Encode, asn1::AnyRef},
};

/// RFC 8410, section 3.
pub(super) const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The name in JSON.
pub(super) const CURVE: &str = "ed25519";
/// The names of the standard, and of modules that use OpenSSL's.
const NAMES: [&str; 2] = ["edwards25519", "Ed25519"];

/// Whether `CKA_EC_PARAMS` names edwards25519, by object identifier or by name.
pub(super) fn is_curve(parameters: &[u8]) -> bool {
    let Ok(any) = AnyRef::from_der(parameters) else { return false };
    any.decode_as() == Ok(OID) || NAMES.iter().any(|name| any.value() == name.as_bytes())
}

/// The object identifier in DER: every module at hand takes it, not all take the name.
pub(super) fn curve_parameters() -> Vec<u8> {
    // Encoding fails only for lengths above 256 MiB.
    OID.to_der().unwrap_or_default()
}
