//! PEM text: writing and reading an accepted public key gives the same key.
#![no_main]

use kmsctl::algorithm::PublicKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(key) = PublicKey::from_pem(text) {
        assert_eq!(PublicKey::from_pem(&key.to_pem()), Ok(key));
    }
});
