//! The keys that a header may refer to, and the verification of its signature with them.

use anyhow::Result;

use super::{
    super::{
        Evidence, Judge, KeySource, Signable, Verifier,
        claims::{Expected, MAX_CLAIMS, Rejection, check_presented, read_claims},
        public_half, read_signed, salt_of,
        verifiers::lost_proof,
        verifying_keys,
    },
    TokenInvalid,
};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    encoding::{CompactJws, JwsHeader, Object, SetKey},
    keystore::{Keystore, Operation, Selected},
    model::Timestamp,
};

/// The keys of a set that the header may refer to: those with its `kid`, or all if it has none.
pub fn verifiers_from_set(header: &JwsHeader, set: &[SetKey]) -> Result<Vec<Verifier>, TokenInvalid> {
    let key_id = || header.key_id().map(str::to_owned);
    let (meant, others): (Vec<&SetKey>, Vec<_>) = set
        .iter()
        .filter(|entry| header.key_id().is_none() || entry.key_id.as_deref() == header.key_id())
        .partition(|entry| entry.limits.verify().is_ok());
    let usable: Vec<_> = meant
        .iter()
        .filter_map(|entry| {
            let source = KeySource::Set { key_id: entry.key_id.clone() };
            let algorithm = entry.limits.algorithm().map(str::to_owned);
            Some(Verifier { judge: Judge::Public(entry.key.clone().ok()?), algorithm, source, proven: None })
        })
        .collect();
    match (usable.is_empty(), meant.first().map(|entry| &entry.key)) {
        (false, _) => Ok(usable),
        (true, Some(Err(why))) => Err(TokenInvalid::Unusable { key_id: key_id(), why: why.to_string() }),
        (true, _) => Err(match (key_id(), others.iter().find_map(|entry| entry.limits.verify().err())) {
            (key_id @ Some(_), Some(forbids)) => TokenInvalid::OtherUse { key_id, forbids },
            (key_id, _) => TokenInvalid::NoKey { key_id, skipped: skipped(set) },
        }),
    }
}

/// The first key of a set that may have any `kid`, because it cannot be read: its number and why.
fn skipped(set: &[SetKey]) -> Option<(usize, String)> {
    let unknown = set.iter().zip(1..).filter(|(entry, _)| entry.key_id.is_none());
    unknown.into_iter().find_map(|(entry, number)| Some((number, entry.key.as_ref().err()?.to_string())))
}

/// The versions of a key that the header may refer to: the one whose thumbprint or CKA_ID is its `kid`, else all enabled
/// ones, the newest first.
pub fn verifiers_from_key(
    keystore: &Keystore,
    header: &JwsHeader,
    selected: &Selected,
    any_version: bool,
) -> Result<Vec<Verifier>> {
    if any_version && let Some(key_id) = header.key_id() {
        selected.key.allow(Operation::Verify)?;
        for version in selected.key.versions.iter().rev() {
            let selected = selected.at(version.version);
            if has_key_id(keystore, &selected, key_id)? {
                return Ok(verifying_keys(keystore, &selected, false)?.usable);
            }
        }
    }
    Ok(verifying_keys(keystore, selected, any_version)?.usable)
}

/// Whether `key_id` is the CKA_ID or the thumbprint of the selected version. Without its public half, a version has no
/// thumbprint.
fn has_key_id(keystore: &Keystore, selected: &Selected, key_id: &str) -> Result<bool> {
    if key_id == selected.version().id.to_string() {
        return Ok(true);
    }
    if selected.version().kind().is_some_and(KeyKind::is_mac) {
        return Ok(false);
    }
    match public_half(keystore, selected) {
        Ok(half) => Ok(key_id == half.key.thumbprint()),
        Err(error) if lost_proof(&error).is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns the key that made the signature. The header names an algorithm; the keys decide whether it is one of theirs.
pub fn verify_signature(
    header: &JwsHeader,
    signed: impl FnOnce(SignatureAlgorithm, Vec<Judge>) -> Result<Signable>,
    signature: &[u8],
    verifiers: &[Verifier],
) -> Result<Evidence> {
    let algorithm = check_header(header)?;
    let fitting = fitting(header, algorithm, verifiers)?;
    // JWS has one form of an ECDSA signature, r ‖ s (RFC 7518, section 3.4).
    let right_form = algorithm.p1363_len().is_none_or(|length| signature.len() == length);
    let signed = signed(algorithm, fitting.iter().map(|verifier| verifier.judge.clone()).collect())?;
    for verifier in &fitting {
        if right_form && signed.is_signed_by(&verifier.judge, algorithm, signature)? {
            return Ok(Evidence::of(algorithm, verifier));
        }
    }
    for verifier in &fitting {
        if let Some(salt) = salt_of(&verifier.judge, algorithm, signed.covered(), signature) {
            return Err(TokenInvalid::Salt(salt).into());
        }
    }
    let names: Vec<_> = fitting.iter().map(|verifier| verifier.source.to_string()).collect();
    Err(TokenInvalid::Signature { keys: names.join(" or ") }.into())
}

/// The algorithm, if kmsctl knows it; names are case-sensitive (RFC 7515, section 4.1.1).
pub fn check_header(header: &JwsHeader) -> Result<SignatureAlgorithm, TokenInvalid> {
    if let Some(name) = header.unknown_critical() {
        return Err(TokenInvalid::Critical { name: name.to_owned() });
    }
    let known = SignatureAlgorithm::ALL.into_iter().find(|known| known.is_named(header.algorithm()));
    known.ok_or_else(|| TokenInvalid::Algorithm { name: header.algorithm().to_owned() })
}

fn fitting<'a>(
    header: &JwsHeader,
    algorithm: SignatureAlgorithm,
    verifiers: &'a [Verifier],
) -> Result<Vec<&'a Verifier>, TokenInvalid> {
    let name = || header.algorithm().to_owned();
    let by_kind: Vec<_> = verifiers.iter().filter(|verifier| algorithm.fits(verifier.judge.kind())).collect();
    let pinned =
        |verifier: &Verifier| verifier.algorithm.clone().filter(|pinned| !algorithm.is_named(pinned));
    let fitting: Vec<_> = by_kind.iter().copied().filter(|verifier| pinned(verifier).is_none()).collect();
    if let Some(bits) = fitting.iter().find_map(|verifier| verifier.judge.kind().too_short()) {
        return Err(TokenInvalid::ShortKey { bits });
    }
    match (fitting.is_empty(), by_kind.first(), verifiers.first()) {
        (false, ..) => Ok(fitting),
        (true, Some(other), _) => {
            Err(TokenInvalid::Pinned { name: name(), pinned: pinned(other).unwrap_or_default() })
        }
        (true, None, Some(other)) => Err(TokenInvalid::Mismatch { name: name(), kind: other.judge.kind() }),
        (true, None, None) => {
            Err(TokenInvalid::NoKey { key_id: header.key_id().map(str::to_owned), skipped: None })
        }
    }
}

/// A JWT, taken apart but not verified.
pub fn parse_jwt(token: &[u8]) -> Result<CompactJws, crate::encoding::Error> {
    CompactJws::parse("the JWT", token.trim_ascii(), MAX_CLAIMS)
}

/// Whether the header states the expected type. Media types are compared without regard to case, and
/// `application/` is implied (RFC 7515, section 4.1.9).
fn check_typ(header: &JwsHeader, expected: &str) -> Result<(), Rejection> {
    let normal = |typ: &str| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").filter(|rest| !rest.contains('/')).map_or(typ.clone(), str::to_owned)
    };
    let found = header.typ();
    if found.as_deref().map(normal) == Some(normal(expected)) {
        return Ok(());
    }
    Err(Rejection::Typ { expected: expected.to_owned(), found })
}

/// Verifies a JWT: header, signature, and only then the claims. Returns the claims and the key that made the signature.
pub fn verify_jwt(
    token: &CompactJws,
    verifiers: &[Verifier],
    expected: &Expected,
    now: Timestamp,
) -> Result<(Object, Evidence)> {
    if !token.header().encodes_payload() {
        return Err(TokenInvalid::Unencoded.into());
    }
    let signed =
        |algorithm, judges| read_signed(algorithm, token.signing_input(), token.signature(), || Ok(judges));
    let evidence = verify_signature(token.header(), signed, token.signature(), verifiers)?;
    if let Some(typ) = &expected.typ {
        check_typ(token.header(), typ).map_err(TokenInvalid::Claims)?;
    }
    if token.is_detached() {
        return Err(TokenInvalid::Empty.into());
    }
    let claims = read_claims(token.payload())?;
    check_presented(&claims, expected, now).map_err(TokenInvalid::Claims)?;
    Ok((claims, evidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{jws_part, read_jwk_set};

    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"MORE}"#;
    /// RFC 7515, appendix A.3.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const BEFORE: Timestamp = Timestamp::from_millis(1_300_819_379_000);

    fn set(members: &str) -> Vec<SetKey> {
        let text = format!("{{\"keys\":[{}]}}", EC.replace("MORE", members));
        read_jwk_set(text.as_bytes()).expect("a set")
    }

    fn verify(token: &str, set: &[SetKey], now: Timestamp) -> Result<String, String> {
        let token = parse_jwt(token.as_bytes()).map_err(|error| error.to_string())?;
        let verifiers = verifiers_from_set(token.header(), set).map_err(|error| error.to_string())?;
        verify_jwt(&token, &verifiers, &Expected::default(), now)
            .map(|(claims, _)| claims.to_string())
            .map_err(|error| error.to_string())
    }

    fn with_header(header: &str) -> String {
        let rest = ES256.split_once('.').expect("a dot").1;
        format!("{}.{rest}", jws_part(header.as_bytes()))
    }

    #[test]
    fn the_token_of_rfc_7515_a3() {
        assert_eq!(
            verify(ES256, &set(""), BEFORE).as_deref(),
            Ok(r#"{"iss":"joe","exp":1300819380,"http://example.com/is_root":true}"#)
        );
        let after = Timestamp::from_millis(1_300_819_380_000);
        assert!(
            verify(ES256, &set(""), after).expect_err("expired").contains("expired at 2011-03-22T18:43:00Z")
        );
    }

    #[test]
    fn the_header_cannot_choose_what_the_key_does_not_say() {
        for (header, why) in [
            (r#"{"alg":"none"}"#, "algorithm \"none\" is not accepted"),
            (r#"{"alg":"HS256"}"#, "\"HS256\" does not work with"),
            (r#"{"alg":"es256"}"#, "algorithm \"es256\" is not accepted"),
            (r#"{"alg":"ES384"}"#, "\"ES384\" does not work with"),
            (r#"{"alg":"RS256"}"#, "\"RS256\" does not work with"),
            (r#"{"alg":"ES256","crit":["exp"],"exp":1}"#, "critical header member \"exp\""),
            (r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#, "not encoded"),
            (r#"{"alg":"ES256","typ":"JWT"}"#, "its signature is not by the key of the set"),
            (r#"{"alg":"ES256","kid":"a"}"#, "the JWK Set has no key with kid \"a\""),
        ] {
            let found = verify(&with_header(header), &set(""), BEFORE).expect_err(header);
            assert!(found.contains(why), "{header}: {found}");
        }
    }

    #[test]
    fn a_set_says_what_its_keys_are_for() {
        assert!(verify(ES256, &set(",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"x\""), BEFORE).is_ok());
        for (members, why) in [
            (",\"alg\":\"RS256\"", "the key is for \"RS256\" only"),
            (",\"use\":\"enc\"", "there is no key"),
            (",\"key_ops\":[\"sign\"]", "there is no key"),
            (",\"d\":\"AQAB\"", "cannot be used: expected a public key"),
        ] {
            let found = verify(ES256, &set(members), BEFORE).expect_err(members);
            assert!(found.contains(why), "{members}: {found}");
        }
        assert!(verify(ES256, &[], BEFORE).expect_err("no key").contains("there is no key"));
    }

    #[test]
    fn a_type_is_a_media_type() {
        let typ = |stated: &str, expected: &str| {
            let header = format!(r#"{{"alg":"ES256","typ":"{stated}"}}"#);
            let token = parse_jwt(with_header(&header).as_bytes()).expect("a token");
            check_typ(token.header(), expected).is_ok()
        };
        for (stated, expected) in [
            ("at+jwt", "at+jwt"),
            ("AT+JWT", "at+jwt"),
            ("application/at+jwt", "at+jwt"),
            ("JWT", "application/jwt"),
        ] {
            assert!(typ(stated, expected), "{stated} {expected}");
        }
        for (stated, expected) in
            [("JWT", "at+jwt"), ("", "JWT"), ("text/at+jwt", "at+jwt"), ("at+jwt ", "at+jwt")]
        {
            assert!(!typ(stated, expected), "{stated} {expected}");
        }
    }

    #[test]
    fn an_ecdsa_signature_has_one_form() {
        let (signed, signature) = ES256.rsplit_once('.').expect("a dot");
        let raw = data_encoding::BASE64URL_NOPAD.decode(signature.as_bytes()).expect("base64url");
        let der = crate::algorithm::sample::CURVE.to_der(&raw).expect("r and s");
        let token = format!("{signed}.{}", jws_part(&der));
        assert!(verify(&token, &set(""), BEFORE).expect_err("DER").contains("its signature is not by"));
        assert!(verify(&format!("{signed}."), &set(""), BEFORE).expect_err("none").contains("its signature"));
    }
}
