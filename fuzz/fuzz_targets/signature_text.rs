//! Signatures in any text form, and the two binary forms of ECDSA.
#![no_main]

use kmsctl::algorithm::{Curve, PublicKey};
use kmsctl::encoding::read_signature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for (pem, curve) in [
        (include_bytes!("../../tests/fixtures/keys/p256.pub.pem").as_slice(), Curve::P256),
        (include_bytes!("../../tests/fixtures/keys/p384.pub.pem"), Curve::P384),
    ] {
        let key = PublicKey::read(pem).expect("a fixture");
        let _ = read_signature(data, key.kind());
        if let Ok(raw) = curve.to_p1363(data) {
            assert_eq!(curve.to_der(&raw).as_deref(), Ok(data));
        }
    }
});
