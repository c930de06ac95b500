//! Signatures in any text form, and ECDSA's two binary forms.
#![no_main]

use kmsctl::{
    algorithm::{Curve, PublicKey},
    encoding::read_signature,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let key = PublicKey::read(include_bytes!("../../tests/fixtures/keys/p256.pub.pem")).expect("a fixture");
    let _ = read_signature(data, &key);
    if let Ok(raw) = Curve::P256.to_p1363(data) {
        assert_eq!(Curve::P256.to_der(&raw).as_deref(), Ok(data));
    }
});
