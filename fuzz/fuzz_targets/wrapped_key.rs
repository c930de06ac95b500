//! Wrapped keys from the owner of another token.
#![no_main]

use kmsctl::encoding::WrappedKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = WrappedKey::read(data) {
        assert_eq!(WrappedKey::read(key.to_text().as_bytes()), Ok(key));
    }
});
