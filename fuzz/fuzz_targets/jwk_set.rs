//! JWK Sets.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = kmsctl::encoding::read_jwk_set(data);
});
