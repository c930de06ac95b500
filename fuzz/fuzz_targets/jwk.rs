//! JSON Web Keys, as in a JWK Set.
#![no_main]

use kmsctl::algorithm::PublicKey;
use kmsctl::encoding::JwkUse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    if let Ok(key) = PublicKey::read(value.to_string().as_bytes()) {
        let jwk = key.to_jwk(JwkUse::Any).expect("a key that was a JWK");
        let again = PublicKey::read(jwk.to_string().as_bytes()).expect("what was written can be read");
        assert_eq!(again.thumbprint(), key.thumbprint());
    }
});
