//! The body of a cloud KMS's Create Key request.
#![no_main]

use kmsctl::encoding::CreateKeyRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Err(error) = CreateKeyRequest::from_json(data) {
        assert!(!error.to_string().is_empty());
    }
});
