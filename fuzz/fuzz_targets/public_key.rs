//! Public keys in any form: writing and reading an accepted key in any form gives the same key.
#![no_main]

use kmsctl::algorithm::PublicKey;
use kmsctl::encoding::JwkUse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = PublicKey::read(data) {
        assert_eq!(PublicKey::from_spki_der(&key.to_spki_der()), Ok(key.clone()));
        assert_eq!(PublicKey::from_jwk(&key.to_jwk(JwkUse::Any)), Ok(key.clone()));
        assert_eq!(key.to_ssh("comment").lines().count(), 1);
    }
});
