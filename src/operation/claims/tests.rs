use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_500);

fn claims(json: &str) -> Object {
    read_claims(json.as_bytes()).expect(json)
}

fn refused(json: &str, request: &Issue) -> String {
    issue(claims(json), request, NOW).expect_err(json).to_string()
}

#[test]
fn dates_and_identity_are_filled_in() {
    let request =
        Issue { lifetime: Some(Duration::from_secs(900)), id: Some("x".to_owned()), not_before: None };
    let issued = issue(claims(r#"{"n":1.0,"sub":"a"}"#), &request, NOW).expect("fine");
    assert_eq!(
        issued.to_string(),
        r#"{"n":1.0,"sub":"a","iat":1800000000,"nbf":1800000000,"exp":1800000900,"jti":"x"}"#
    );
    let given = issue(claims(r#"{"iat":5,"nbf":6.5}"#), &Issue::default(), NOW).expect("fine");
    assert_eq!(given.to_string(), r#"{"iat":5,"nbf":6.5}"#);
}

fn lasting(lifetime: Duration) -> Issue {
    Issue { lifetime: Some(lifetime), ..Issue::default() }
}

#[test]
fn the_unit_that_was_probably_meant_is_named() {
    let meant = |json: &str| match issue(claims(json), &Issue::default(), NOW) {
        Err(ClaimsError::Implausible { seconds, .. }) => seconds.map(|(unit, at)| (unit, at.seconds())),
        other => panic!("{json}: {other:?}"),
    };
    assert_eq!(meant(r#"{"exp":1795875362000}"#), Some(("milliseconds", 1_795_875_362)));
    assert_eq!(meant(r#"{"exp":1795875362000000}"#), Some(("microseconds", 1_795_875_362)));
    assert_eq!(meant(r#"{"iat":1795875362000000000}"#), Some(("nanoseconds", 1_795_875_362)));
    assert_eq!(meant(r#"{"exp":-5}"#), None);
    assert_eq!(meant(r#"{"exp":1e300}"#), None);
}

#[test]
fn a_token_may_be_dated_back() {
    let request = Issue { not_before: Some(Timestamp::from_millis(1_799_999_940_500)), ..Issue::default() };
    let issued = issue(claims("{}"), &request, NOW).expect("fine");
    assert_eq!(issued.to_string(), r#"{"nbf":1799999940,"iat":1800000000}"#);
    assert!(refused(r#"{"nbf":5}"#, &request).contains("\"nbf\" is given twice"));
}

#[test]
fn what_nobody_could_accept_is_not_signed() {
    let minute =
        Issue { lifetime: Some(Duration::from_secs(60)), id: Some("a".to_owned()), not_before: None };
    for (json, why) in [
        (r#"{"exp":1900000000}"#, "\"exp\" is given twice"),
        (r#"{"jti":"b"}"#, "\"jti\" is given twice"),
        (r#"{"nbf":1900000000}"#, "never valid"),
    ] {
        assert!(refused(json, &minute).contains(why), "{json}");
    }
    for (json, why) in [
        (r#"{"exp":1800000000}"#, "2027-01-15T08:00:00Z, which is not after now"),
        (r#"{"exp":-1}"#, "-1, which is not a time in seconds"),
        (r#"{"exp":1e300}"#, "1e+300, which is not a time in seconds"),
        (r#"{"iat":1800000000000}"#, "\"iat\" is 1800000000000, which is not a time"),
        (r#"{"nbf":253402300801}"#, "not a time in seconds"),
        (r#"{"iat":-0.5}"#, "not a time in seconds"),
        (r#"{"exp":"soon"}"#, "\"exp\" is not a number of seconds"),
        (r#"{"iat":null}"#, "\"iat\" is not a number"),
        (r#"{"sub":7}"#, "\"sub\" is not a string"),
        (r#"{"aud":["a",1]}"#, "\"aud\" is not a string or a list"),
    ] {
        assert!(refused(json, &Issue::default()).contains(why), "{json}");
    }
    let nothing = lasting(Duration::ZERO);
    assert!(refused("{}", &nothing).contains("not after now"));
    for seconds in [253_402_300_800 - 1_800_000_000, u64::MAX] {
        let forever = lasting(Duration::from_secs(seconds));
        assert!(refused("{}", &forever).contains("\"exp\" is not a date before the year 10000"));
    }
    let long = format!("{{\"a\":\"{}\"}}", "a".repeat(MAX_CLAIMS - 20));
    assert!(refused(&long, &Issue::default()).contains("larger than 262144 bytes"));
}

#[test]
fn presented_claims_are_checked_by_the_clock() {
    let check = |json: &str, leeway| {
        let expected = Expected { leeway: Duration::from_secs(leeway), ..Expected::default() };
        check_presented(&claims(json), &expected, NOW).map_err(|rejection| rejection.to_string())
    };
    for (json, leeway, rejection) in [
        (r#"{"exp":1800000001}"#, 0, None),
        (r#"{"exp":1800000000}"#, 0, Some("it expired at 2027-01-15T08:00:00Z")),
        (r#"{"exp":1800000000.6}"#, 0, None),
        (r#"{"exp":1799999990}"#, 11, None),
        (r#"{"exp":1799999990}"#, 10, Some("expired")),
        (r#"{"exp":1e300}"#, 0, None),
        (r#"{"nbf":1800000001}"#, 0, Some("not valid before")),
        (r#"{"nbf":1800000001}"#, 1, None),
        (r#"{"iat":1800000100}"#, 60, Some("issued in the future")),
        (r#"{"exp":"1900000000"}"#, 0, Some("\"exp\" is not a number")),
        (r#"{"exp":null}"#, 0, Some("\"exp\" is not a number")),
    ] {
        match (check(json, leeway), rejection) {
            (Ok(()), None) => {}
            (Err(found), Some(expected)) if found.contains(expected) => {}
            (found, expected) => panic!("{json}: {found:?}, expected {expected:?}"),
        }
    }
}

#[test]
fn presented_claims_are_checked_by_name() {
    let expected = Expected {
        audience: Audience::OneOf(vec!["api".into(), "web".into()]),
        issuer: Some("me".into()),
        ..Expected::default()
    };
    let check = |json: &str| check_presented(&claims(json), &expected, NOW);
    assert_eq!(check(r#"{"aud":"api","iss":"me"}"#), Ok(()));
    assert_eq!(check(r#"{"aud":["x","web"],"iss":"me"}"#), Ok(()));
    let wrong = |json| check(json).expect_err(json).to_string();
    assert_eq!(wrong(r#"{"iss":"me"}"#), "its audience is not \"api\" or \"web\": the JWT has none");
    assert_eq!(
        wrong(r#"{"aud":["x"],"iss":"me"}"#),
        "its audience is not \"api\" or \"web\": the JWT has [\"x\"]"
    );
    assert_eq!(wrong(r#"{"aud":"api","iss":"Me"}"#), "its issuer is not \"me\": the JWT has \"Me\"");
    assert_eq!(
        check(r#"{"aud":7,"iss":"me"}"#),
        Err(Rejection::Type { name: "aud", expected: "a string or a list of strings" })
    );
    assert_eq!(check(r#"{"aud":"api"}"#), Err(Rejection::Issuer { expected: "me".into(), found: None }));
    assert!(add_claim(&mut claims(r#"{"a":1}"#), "a", &json!(2)).is_err());
}

/// A token with an audience is refused by a verifier that names none (RFC 7519, section 4.1.3).
#[test]
fn an_audience_is_never_passed_over() {
    let check = |json: &str, audience: Audience| {
        let expected = Expected { audience, ..Expected::default() };
        check_presented(&claims(json), &expected, NOW).map_err(|rejection| rejection.to_string())
    };
    for json in [r#"{"aud":"api"}"#, r#"{"aud":["api","web"]}"#, r#"{"aud":[]}"#, r#"{"aud":""}"#] {
        let refused = check(json, Audience::default()).expect_err(json);
        assert!(refused.contains("no audience was expected"), "{json}: {refused}");
        assert_eq!(check(json, Audience::Any), Ok(()), "{json}");
    }
    assert_eq!(check("{}", Audience::default()), Ok(()));
    assert_eq!(check("{}", Audience::Any), Ok(()));
}

#[test]
fn an_end_may_be_required() {
    let expected = Expected { requires_expiry: true, ..Expected::default() };
    assert_eq!(check_presented(&claims("{}"), &expected, NOW), Err(Rejection::NoExpiry));
    assert_eq!(check_presented(&claims(r#"{"exp":1900000000}"#), &expected, NOW), Ok(()));
}
