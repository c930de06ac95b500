//! PKCS#11 URIs: printing and parsing an accepted URI gives the same URI.
#![no_main]

use kmsctl::model::Uri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(uri) = text.parse::<Uri>() {
        assert_eq!(uri.to_string().parse(), Ok(uri));
    }
});
