//! Public keys in any form: writing and reading an accepted key in any form gives the same key.
#![no_main]

use kmsctl::algorithm::PublicKey;
use kmsctl::encoding::JwkUse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = PublicKey::read(data) {
        assert_eq!(PublicKey::read(&key.to_spki_der()), Ok(key.clone()));
        // Some keys have no such form.
        if let Ok(jwk) = key.to_jwk(JwkUse::Any) {
            assert_eq!(PublicKey::read(jwk.to_string().as_bytes()), Ok(key.clone()));
        }
        if let Ok(line) = key.to_ssh("comment") {
            assert_eq!(line.lines().count(), 1);
        }
    }
});
