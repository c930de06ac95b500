//! Ciphertexts in text form and the headers of age files: printing what was parsed gives the input.
#![no_main]

use kmsctl::encoding::{AgeHeader, Ciphertext, KeyStanza};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(ciphertext) = Ciphertext::parse(data) {
        let printed = ciphertext.to_string().into_bytes();
        let line = data.strip_suffix(b"\n").unwrap_or(data);
        assert_eq!(printed, line.strip_suffix(b"\r").unwrap_or(line));
    }
    if let Ok(header) = AgeHeader::parse(data) {
        assert_eq!(header.to_bytes(), data);
        for (place, stanza) in KeyStanza::all_in(&header).unwrap_or_default() {
            assert_eq!(header.stanzas()[place], stanza.to_stanza());
        }
    }
});
