//! JSON Web Tokens and JWS in compact form, before verification.
#![no_main]

use kmsctl::{
    encoding::{CompactJws, jws_part},
    operation::{check_header, parse_jwt, read_claims},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(token) = parse_jwt(data) else { return };
    let _ = check_header(token.header());
    if let Ok(claims) = read_claims(token.payload()) {
        let again = read_claims(claims.to_string().as_bytes()).expect("what was written can be read");
        assert_eq!(again.to_string(), claims.to_string());
    }
    // A header that was parsed and printed is equivalent.
    let written = format!(
        "{}{}.{}",
        token.header().signing_prefix(),
        jws_part(token.payload()),
        jws_part(token.signature())
    );
    if token.header().encodes_payload() {
        let again =
            CompactJws::parse("the JWT", written.as_bytes(), written.len()).expect("what was written can be read");
        assert_eq!(again.header().algorithm(), token.header().algorithm());
        assert_eq!((again.payload(), again.signature()), (token.payload(), token.signature()));
    }
});
