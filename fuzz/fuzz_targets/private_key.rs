//! Private keys in any form that is not encrypted (key derivation would take most of the time).
#![no_main]

use kmsctl::algorithm::PrivateKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = PrivateKey::read(data, None) {
        let written = key.to_pkcs8_der().expect("what was read can be written");
        let again = PrivateKey::read(written.expose(), None).expect("what was written can be read");
        assert_eq!(again.public_key(), key.public_key());
    }
});
