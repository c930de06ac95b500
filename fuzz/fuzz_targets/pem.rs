//! PEM text: writing and reading an accepted public key gives the same key.
#![no_main]

use kmsctl::algorithm::PublicKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(key) = PublicKey::read(text.as_bytes()) {
        assert_eq!(PublicKey::read(key.to_pem().as_bytes()), Ok(key));
    }
});
