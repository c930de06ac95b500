//! Value parsers of options.

use std::{ffi::OsStr, marker::PhantomData, str::FromStr, time::Duration};

use clap::{
    Arg, Command, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser},
};

use data_encoding::HEXLOWER_PERMISSIVE;

use super::global;
use crate::{
    algorithm::{Algorithm, SignatureAlgorithm},
    encoding::{Encoding, SignatureForm},
    model::{Invalid, KeyId, Status},
    setting::{Choice, SortField},
};

impl ValueEnum for Encoding {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Self::Base64 => "RFC 4648 with padding, on one line",
            Self::Base64Url => "RFC 4648 for URLs, without padding",
            Self::Hex => "Lower-case hexadecimal",
            Self::Binary => "The bytes themselves",
        }))
    }
}

impl ValueEnum for SignatureForm {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Self::Der => "ASN.1 SEQUENCE, as in OpenSSL and X.509",
            Self::P1363 => "r and s of fixed length, as in JWS",
        }))
    }
}

/// Parses a type by its `FromStr`, which may accept more spellings than help and completions list.
#[derive(Debug, Clone)]
pub struct Named<T> {
    names: Vec<&'static str>,
    kind: PhantomData<T>,
}

impl<T> Named<T> {
    fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self { names: names.into_iter().collect(), kind: PhantomData }
    }
}

impl<T> TypedValueParser for Named<T>
where
    T: FromStr<Err = Invalid> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        StringValueParser::new().try_map(|text| text.parse::<T>()).parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.names.iter().map(|name| PossibleValue::new(*name))))
    }
}

pub fn algorithm() -> Named<Algorithm> {
    Named::new(Algorithm::ALL.map(Algorithm::name))
}

pub fn signature_algorithm() -> Named<SignatureAlgorithm> {
    Named::new(SignatureAlgorithm::ALL.map(SignatureAlgorithm::name))
}

/// Those that a kind of key has a choice of: RSA. Others are accepted, and refused for the key that they do not fit.
pub fn key_signature_algorithm() -> Named<SignatureAlgorithm> {
    let has_choice = |algorithm: &SignatureAlgorithm| {
        Algorithm::ALL
            .iter()
            .map(|key| key.kind())
            .any(|kind| algorithm.fits(kind) && kind.signature_algorithms().count() > 1)
    };
    Named::new(SignatureAlgorithm::ALL.into_iter().filter(has_choice).map(SignatureAlgorithm::name))
}

pub fn status() -> Named<Status> {
    Named::new(["enabled", "staged", "retired", "disabled", "revoked"])
}

/// The order of a list.
pub fn sort_field() -> impl TypedValueParser<Value = SortField> {
    global::one_of(SortField::names()).map(|name| SortField::named(&name).unwrap_or_default())
}

/// How many versions are kept; `None` for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep(pub Option<u32>);

/// `all`, or 1 to 1000.
pub fn keep(text: &str) -> Result<Keep, Invalid> {
    if text == "all" {
        return Ok(Keep(None));
    }
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.map(|number| Keep(Some(number))).ok_or_else(|| Invalid::new("use 1 to 1000, or all"))
}

/// `on` or `off`.
pub fn on_off() -> impl TypedValueParser<Value = bool> {
    PossibleValuesParser::new(["on", "off"]).map(|text| text == "on")
}

/// `NAME=VALUE`. The name is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    pub value: String,
}

pub fn assignment(text: &str) -> Result<Assignment, Invalid> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok(Assignment { name: name.to_owned(), value: value.to_owned() })
        }
        _ => Err(Invalid::new(format!("{text:?} is not of the form NAME=VALUE"))),
    }
}

/// `15m`, `1h 30m`. A number without a unit is refused.
pub fn duration(text: &str) -> Result<Duration, Invalid> {
    let number = text.trim();
    if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let rule = format!("{text:?} has no unit: write {number}s for seconds, {number}m for minutes");
        return Err(Invalid::new(rule));
    }
    crate::model::duration(text)
}

/// A time relative to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offset {
    Before(Duration),
    After(Duration),
}

/// `-60s`, `+5m` or `5m`.
pub fn offset(text: &str) -> Result<Offset, Invalid> {
    match text.strip_prefix('-') {
        Some(before) => duration(before).map(Offset::Before),
        None => duration(text.strip_prefix('+').unwrap_or(text)).map(Offset::After),
    }
}

/// The bytes of a label, which may not be UTF-8, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelBytes(pub Vec<u8>);

impl FromStr for LabelBytes {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok().filter(|bytes| !bytes.is_empty());
        bytes.map(Self).ok_or_else(|| Invalid::new(format!("not a label in hexadecimal: {text:?}")))
    }
}

/// The CKA_ID of a new key.
pub fn new_key_id(text: &str) -> Result<KeyId, Invalid> {
    let id: KeyId = text.parse()?;
    if id.as_bytes().len() > KeyId::MAX_NEW_BYTES {
        let limit = KeyId::MAX_NEW_BYTES;
        return Err(Invalid::new(format!("the CKA_ID of a new key has at most {limit} bytes: {text:?}")));
    }
    Ok(id)
}

/// The number of sessions that work in parallel.
pub fn jobs() -> impl TypedValueParser<Value = usize> {
    clap::value_parser!(u16).range(1..=256).map(usize::from)
}

/// At most 100 characters.
pub fn memo(text: &str) -> Result<String, Invalid> {
    match text.chars().count() {
        0..=100 => Ok(text.to_owned()),
        count => Err(Invalid::new(format!("a memo has at most 100 characters, this one {count}"))),
    }
}

/// The check value of a secret key: three bytes.
pub fn check_value(text: &str) -> Result<String, Invalid> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Invalid::new("a check value has six hexadecimal digits"))
    }
}

/// `CKA_LABEL` of a token has 32 bytes (PKCS#11, C_InitToken).
pub fn token_label(text: &str) -> Result<String, Invalid> {
    if text.trim_end().is_empty() || text.len() > 32 || text.chars().any(char::is_control) {
        let rule = "a token's label has 1 to 32 bytes of UTF-8 without control characters";
        return Err(Invalid::new(rule));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_assignments() {
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        for no_unit in ["90", "0", " 15", "1.5"] {
            assert!(
                duration(no_unit).is_err_and(|error| error.to_string().contains("has no unit")),
                "{no_unit}"
            );
        }
        let minute = Duration::from_secs(60);
        assert_eq!(offset("-60s"), Ok(Offset::Before(minute)));
        assert_eq!((offset("1m"), offset("+1m")), (Ok(Offset::After(minute)), Ok(Offset::After(minute))));
        for bad in ["-60", "--60s", "+-60s", "-", ""] {
            assert!(offset(bad).is_err(), "{bad:?}");
        }
        assert_eq!(assignment("a=b=c"), Ok(Assignment { name: "a".to_owned(), value: "b=c".to_owned() }));
        for bad in ["a", "=b", ""] {
            assert!(assignment(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "-1", "m", "1 fortnight"] {
            assert!(duration(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_memo_counts_characters_and_a_token_label_bytes() {
        assert!(memo(&"ü".repeat(100)).is_ok());
        assert!(memo(&"ü".repeat(101)).is_err());
        assert!(token_label(&"a".repeat(32)).is_ok());
        for bad in ["", "  ", "a\n", &"ü".repeat(17)] {
            assert!(token_label(bad).is_err(), "{bad:?}");
        }
    }
}
