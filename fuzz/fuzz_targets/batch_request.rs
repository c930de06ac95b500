//! Request lines of a batch.
#![no_main]

use kmsctl::operation::{Request, batch_reference};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

fuzz_target!(|data: &[u8]| {
    let _ = Request::parse(data);
    let reference = batch_reference(data);
    assert!(serde_json::from_str::<&RawValue>(&reference).is_ok());
});
