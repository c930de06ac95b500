//! Records of keys. Any program with the PIN can write them.
#![no_main]

use kmsctl::keystore::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(record) = Record::from_bytes(data) {
        let again = Record::from_bytes(&record.to_bytes()).expect("what was written can be read");
        assert_eq!(again, record);
    }
});
