//! URIs that RFC 7512, section 2.3, allows and forbids, generated from its grammar, and the examples of section 3.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn parse(text: &str) -> Result<Uri, Invalid> {
    text.parse()
}

/// Attributes whose value is any text, and the field of each.
type Get = fn(&Uri) -> Option<&str>;

const TEXTS: [(&str, Get); 8] = [
    ("token", |uri| uri.token.as_deref()),
    ("manufacturer", |uri| uri.manufacturer.as_deref()),
    ("serial", |uri| uri.serial.as_deref()),
    ("model", |uri| uri.model.as_deref()),
    ("library-manufacturer", |uri| uri.library_manufacturer.as_deref()),
    ("library-description", |uri| uri.library_description.as_deref()),
    ("slot-manufacturer", |uri| uri.slot_manufacturer.as_deref()),
    ("slot-description", |uri| uri.slot_description.as_deref()),
];

const UNRESERVED: &str = "abcXYZ019-._~";
const BOTH: &str = ":[]@!$'()*+,=";

/// An encoded value and its decoded text.
fn value(reserved: &'static str) -> impl Strategy<Value = (String, String)> {
    let plain: Vec<char> = [UNRESERVED, BOTH, reserved].concat().chars().collect();
    let plain = select(plain).prop_map(|c| (c.to_string(), c.to_string()));
    let encoded = any::<char>().prop_map(|c| {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).bytes();
        (percent_encode_all(bytes.collect::<Vec<_>>().as_slice()).to_lowercase(), c.to_string())
    });
    let upper = select(vec![("%2F", "/"), ("%3B", ";"), ("%25", "%")])
        .prop_map(|(written, meant)| (written.to_owned(), meant.to_owned()));
    vec(prop_oneof![4 => plain, 2 => encoded, 1 => upper], 0..12).prop_map(|parts| parts.into_iter().unzip())
}

proptest! {
    #[test]
    fn every_text_attribute_accepts_the_grammar(at in 0..TEXTS.len(), (written, meant) in value("&")) {
        let (name, get) = TEXTS[at];
        let uri = parse(&format!("pkcs11:{name}={written}")).expect("allowed");
        prop_assert_eq!(get(&uri), Some(meant.as_str()));
    }

    #[test]
    fn attributes_come_in_any_order_and_number(
        order in Just((0..TEXTS.len()).collect::<Vec<_>>()).prop_shuffle(),
        count in 0..=TEXTS.len(),
        values in vec(value("&"), TEXTS.len()),
        (source, meant) in value("/?|"),
        scheme in select(vec!["pkcs11:", "PKCS11:", "Pkcs11:"]),
    ) {
        let path: Vec<_> =
            order.iter().take(count).map(|at| format!("{}={}", TEXTS[*at].0, values[*at].0)).collect();
        let uri = parse(&format!("{scheme}{}?pin-source={source}&x-other={source}", path.join(";"))).expect("allowed");
        for (at, (_, get)) in TEXTS.iter().enumerate() {
            let wanted = order[..count].contains(&at).then_some(values[at].1.as_str());
            prop_assert_eq!(get(&uri), wanted);
        }
        prop_assert_eq!(uri.pin_source, Some(meant));
    }

    #[test]
    fn object_and_id_hold_any_bytes(bytes in vec(any::<u8>(), 0..40)) {
        let encoded = percent_encode_all(&bytes);
        let uri = parse(&format!("pkcs11:id={encoded};object={encoded}")).expect("allowed");
        prop_assert_eq!(uri.id, Some(KeyId::from_bytes(bytes.clone())));
        prop_assert_eq!(uri.object, Some(bytes));
    }

    #[test]
    fn numbers_are_digits(major in any::<u8>(), minor in any::<u8>(), slot in any::<u64>()) {
        let uri = parse(&format!("pkcs11:library-version={major}.{minor};slot-id={slot}")).expect("allowed");
        prop_assert_eq!(uri.library_version, Some(LibraryVersion { major, minor }));
        prop_assert_eq!(uri.slot_id, Some(slot));
        let uri = parse(&format!("pkcs11:library-version={major}")).expect("allowed");
        prop_assert_eq!(uri.library_version, Some(LibraryVersion { major, minor: 0 }));
    }

    /// Characters that the grammar forbids, in the middle of a valid value.
    #[test]
    fn unencoded_forbidden_characters_are_refused(
        at in 0..TEXTS.len(),
        (before, _) in value("&"),
        (after, _) in value("&"),
        bad in prop_oneof![select(" \"#<>\\^`{|}/%\t\n".chars().collect::<Vec<_>>()), "[^ -~]".prop_map(|c| c.chars().next().unwrap_or('é'))],
    ) {
        // The following characters could complete a `%`.
        let after = if bad == '%' { format!("x{after}") } else { after };
        let uri = format!("pkcs11:{}={before}{bad}{after}", TEXTS[at].0);
        prop_assert!(parse(&uri).is_err(), "{uri:?}");
    }

    #[test]
    fn an_attribute_occurs_once(at in 0..TEXTS.len(), (one, _) in value("&"), (other, _) in value("&")) {
        let name = TEXTS[at].0;
        let uri = format!("pkcs11:{name}={one};{name}={other}");
        prop_assert!(parse(&uri).is_err());
    }

    #[test]
    fn printing_and_parsing_are_inverse(
        texts in vec(proptest::option::of(".*"), 8),
        (object, id) in (proptest::option::of(vec(any::<u8>(), 0..20)), proptest::option::of(vec(any::<u8>(), 0..20))),
        (major, minor, slot) in (any::<u8>(), any::<u8>(), proptest::option::of(any::<u64>())),
        kind in proptest::option::of(select(&ObjectType::ALL[..])),
        unknown in vec(("[a-z_-]{1,8}", vec(any::<u8>(), 0..8)), 0..2),
    ) {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        let unknown: Vec<_> = unknown.into_iter().map(|(name, value)| (format!("x-{name}"), value)).collect();
        prop_assume!(unknown.len() < 2 || unknown[0].0 != unknown[1].0);
        let uri = Uri {
            token: next(),
            manufacturer: next(),
            serial: next(),
            model: next(),
            library_manufacturer: next(),
            slot_description: next(),
            pin_source: next(),
            module_path: next().map(|path| format!("/{}", path.replace(['\0', '%'], "_")).into()),
            library_version: Some(LibraryVersion { major, minor }),
            slot_id: slot,
            object,
            id: id.map(KeyId::from_bytes),
            kind,
            unknown,
            ..Uri::default()
        };
        prop_assert_eq!(parse(&uri.to_string()), Ok(uri));
    }

    #[test]
    fn parsing_never_panics(text in "(pkcs11:)?.*") {
        let _ = parse(&text);
        let _ = parse(&format!("pkcs11:{text}"));
    }
}

#[test]
fn the_examples_of_section_3_are_read() {
    for text in [
        "pkcs11:",
        "pkcs11:object=my-pubkey;type=public",
        "pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;\
         object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin",
        "pkcs11:object=my-sign-key;type=private?module-name=mypkcs11",
        "pkcs11:object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1",
        "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-source=file:/etc/pin",
        "pkcs11:slot-description=Sun%20Metaslot",
        "pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
        "pkcs11:token=My%20token%25%20created%20by%20Joe;library-version=3;id=%01%02%03%Ba%dd%Ca%fe%04%05%06",
        "pkcs11:token=A%20name%20with%20a%20substring%20%25%3B;object=my-certificate;type=cert",
        "pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;object=my-certificate;type=cert",
        "pkcs11:token=my-token;object=my-certificate;type=cert;vendor-aaa=value-a\
         ?pin-source=file:/etc/token_pin&vendor-bbb=value-b",
    ] {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
    let refused = parse("pkcs11:object=my-key?module-path=/m.so&pin-value=the-pin").expect_err("a PIN in it");
    assert!(!refused.to_string().contains("the-pin"));
}

#[test]
fn invalid_uris_are_refused() {
    for text in [
        "",
        "token=prod",
        "pkcs12:token=prod",
        "pkcs11",
        "pkcs11:token",
        "pkcs11:=prod",
        "pkcs11:;",
        "pkcs11:token=a;",
        "pkcs11:;token=a",
        "pkcs11:token=a;;serial=b",
        "pkcs11:token=a;token=b",
        "pkcs11:x-own=a;x-own=b",
        "pkcs11:tok en=a",
        "pkcs11:t%6fken=a",
        "pkcs11:token=%zz",
        "pkcs11:token=%f",
        "pkcs11:token=%",
        "pkcs11:token=%+1",
        "pkcs11:token=%é1",
        "pkcs11:token=%ff",
        "pkcs11:token=a/b",
        "pkcs11:token=a b",
        "pkcs11:token=a#b",
        "pkcs11:type=",
        "pkcs11:type=key",
        "pkcs11:type=Private",
        "pkcs11:slot-id=",
        "pkcs11:slot-id=+1",
        "pkcs11:slot-id=0x1",
        "pkcs11:slot-id=99999999999999999999",
        "pkcs11:library-version=",
        "pkcs11:library-version=23.",
        "pkcs11:library-version=.23",
        "pkcs11:library-version=2.3.4",
        "pkcs11:library-version=+2",
        "pkcs11:library-version=256",
        "pkcs11:token=a?pin-source",
        "pkcs11:token=a?&",
        "pkcs11:token=a?pin-source=a&pin-source=b",
        "pkcs11:token=a?module-path=a;b",
        "pkcs11:token=a?x=%q1",
        "pkcs11:token=a?pin-value=1234",
        "pkcs11:token=a;pin-value=1234",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn unknown_attributes_are_kept_in_the_path_and_ignored_in_the_query() {
    let uri = parse("pkcs11:token=a;TOKEN=b;x-own=%00?x-own=1&x-own=2&pin-value2=3").expect("allowed");
    assert_eq!(uri.unknown, [("TOKEN".to_owned(), b"b".to_vec()), ("x-own".to_owned(), vec![0])]);
    assert_eq!(Uri { unknown: Vec::new(), ..uri }, Uri { token: Some("a".to_owned()), ..Uri::default() });
}

#[test]
fn an_empty_value_is_a_value() {
    let uri = parse("pkcs11:token=;id=;object=").expect("allowed");
    assert_eq!((uri.token.as_deref(), uri.object.as_deref()), (Some(""), Some(&b""[..])));
    assert!(uri.id.is_some_and(|id| id.is_empty()));
}

#[test]
fn files_are_paths_or_file_uris() {
    for (text, path) in [
        ("/run/pin", "/run/pin"),
        ("pin", "pin"),
        ("/run/a:b", "/run/a:b"),
        ("file:/run/pin", "/run/pin"),
        ("file:///run/pin", "/run/pin"),
        ("file://localhost/run/pin", "/run/pin"),
        ("FILE://LocalHost/run/pin", "/run/pin"),
        ("file:/run/my%2520pin", "/run/my pin"),
        ("file:/run/my%20pin", "/run/my pin"),
    ] {
        let uri = parse(&format!("pkcs11:?pin-source={text}&module-path={text}")).expect("allowed");
        assert_eq!(uri.module_path, Some(PathBuf::from(path)), "{text}");
        assert_eq!(Uri::file(&uri.pin_source.expect("given")), Ok(PathBuf::from(path)), "{text}");
    }
    for text in [
        "",
        "|pass%20show%20pin",
        "|a:b",
        "http://host/pin",
        "file:",
        "file://",
        "file://host/run/pin",
        "file://localhost",
        "file:/run/%2500",
        "file:/run/%25q",
        "x+y.z-1:/run/pin",
    ] {
        let uri = parse(&format!("pkcs11:?pin-source={text}")).expect("allowed");
        assert!(Uri::file(&uri.pin_source.expect("given")).is_err(), "{text}");
        assert!(parse(&format!("pkcs11:?module-path={text}")).is_err(), "{text}");
    }
}
