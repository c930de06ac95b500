//! Key components from custodians.
#![no_main]

use kmsctl::encoding::Component;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(component) = Component::read(data) {
        let again = Component::read(component.to_text().expose()).expect("what was written can be read");
        assert_eq!(again.set, component.set);
        assert_eq!(again.check_values(), component.check_values());
    }
});
