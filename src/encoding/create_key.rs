//! The body of a cloud KMS's Create Key request (`POST /keys`, API 2.0), checked strictly: the error names each member that
//! is unknown or appears twice, and each value of the wrong type or outside its bounds.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

use crate::algorithm::{Algorithm, either};
use crate::model::{Code, Coded, Diagnosis, Label, ProtectionType};

/// A valid request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateKeyRequest {
    pub name: Label,
    pub algorithm: Algorithm,
    pub memo: String,
    pub is_convergent: bool,
    pub is_auto_rotation: bool,
    /// In days; only with `is_auto_rotation`.
    pub rotation_period: Option<u32>,
    pub protection_type: ProtectionType,
}

/// All rules that a request breaks, each with its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid Create Key request: {}", self.rules())]
pub struct RequestError {
    broken: Vec<(String, String)>,
}

impl RequestError {
    fn of_body(why: impl fmt::Display) -> Self {
        Self { broken: vec![("body".to_owned(), why.to_string())] }
    }

    fn rules(&self) -> String {
        let rules = self.broken.iter().map(|(field, rule)| format!("{field}: {rule}"));
        rules.collect::<Vec<_>>().join("; ")
    }

    /// The names of the fields, in the request's order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.broken.iter().map(|(field, _)| field.as_str())
    }
}

impl Coded for RequestError {
    fn diagnosis(&self) -> Diagnosis {
        Code::InvalidInput.into()
    }
}

/// The members before they are checked. A member that is `null` is present and has the wrong type.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Members {
    #[serde(default, deserialize_with = "present")]
    key_name: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    key_type: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    memo: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    is_convergent: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    is_auto_rotation: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    rotation_period: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    protection_type: Option<Value>,
    #[serde(flatten)]
    #[allow(clippy::zero_sized_map_values, reason = "serde flattens into maps only")]
    unknown: BTreeMap<String, IgnoredAny>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl CreateKeyRequest {
    /// Maximum length of a request in bytes.
    pub const MAX_BYTES: usize = 16 * 1024;

    pub fn from_json(body: &[u8]) -> Result<Self, RequestError> {
        if body.starts_with(b"\xef\xbb\xbf") {
            return Err(RequestError::of_body("starts with a byte order mark, which JSON does not allow"));
        }
        if body.len() > Self::MAX_BYTES {
            return Err(RequestError::of_body(format!("longer than {} bytes", Self::MAX_BYTES)));
        }
        // serde would accept an array with the members in order.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(RequestError::of_body("an array instead of an object"));
        }
        let value: serde_json::Result<Members> = serde_json::from_slice(body);
        let mut check = Check { members: value.map_err(RequestError::of_body)?, broken: Vec::new() };
        let name = check.name();
        let algorithm = check.key_type();
        let memo = check.memo();
        let is_convergent = check.convergent(algorithm);
        let is_auto_rotation = check.flag("isAutoRotation", |members| &members.is_auto_rotation);
        let rotation_period = check.period(is_auto_rotation);
        let protection_type = check.protection_type();
        check.unknown();
        match (name, algorithm, protection_type) {
            (Some(name), Some(algorithm), Some(protection_type)) if check.broken.is_empty() => Ok(Self {
                name,
                algorithm,
                memo,
                is_convergent,
                is_auto_rotation,
                rotation_period,
                protection_type,
            }),
            _ => Err(RequestError { broken: check.broken }),
        }
    }
}

/// Checks the members one by one and collects all broken rules.
struct Check {
    members: Members,
    broken: Vec<(String, String)>,
}

impl Check {
    fn breaks<T>(&mut self, field: &str, rule: impl Into<String>) -> Option<T> {
        self.broken.push((field.to_owned(), rule.into()));
        None
    }

    /// A required string.
    fn text(&mut self, field: &'static str, get: fn(&Members) -> &Option<Value>) -> Option<String> {
        match get(&self.members) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => self.breaks(field, "must be a string"),
            None => self.breaks(field, "is required"),
        }
    }

    fn name(&mut self) -> Option<Label> {
        const RULE: &str = "must have 3 to 15 of the characters A-Z, a-z, 0-9, - and _, the first a letter";
        let name = self.text("keyName", |members| &members.key_name)?;
        let fits = (3..=15).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && name.starts_with(|first: char| first.is_ascii_alphabetic());
        match name.parse() {
            Ok(label) if fits => Some(label),
            _ => self.breaks("keyName", RULE),
        }
    }

    fn key_type(&mut self) -> Option<Algorithm> {
        let name = self.text("keyType", |members| &members.key_type)?;
        let found = Algorithm::in_requests().find(|algorithm| algorithm.key_type() == name);
        found.or_else(|| {
            let names = either(Algorithm::in_requests().map(Algorithm::key_type));
            self.breaks("keyType", format!("must be {names}"))
        })
    }

    fn memo(&mut self) -> String {
        match self.members.memo.take() {
            None => String::new(),
            Some(Value::String(memo)) if memo.chars().count() <= 100 => memo,
            Some(Value::String(_)) => {
                self.breaks("memo", "must have at most 100 characters").unwrap_or_default()
            }
            Some(_) => self.breaks("memo", "must be a string").unwrap_or_default(),
        }
    }

    /// An optional boolean, false if absent.
    fn flag(&mut self, field: &'static str, get: fn(&Members) -> &Option<Value>) -> bool {
        match get(&self.members) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => self.breaks(field, "must be true or false").unwrap_or_default(),
        }
    }

    fn convergent(&mut self, algorithm: Option<Algorithm>) -> bool {
        let is_convergent = self.flag("isConvergent", |members| &members.is_convergent);
        if is_convergent && algorithm.is_some_and(|algorithm| !algorithm.may_be_convergent()) {
            self.broken.push((
                "isConvergent".to_owned(),
                format!("can be true only for keyType {}", Algorithm::AES_256.key_type()),
            ));
        }
        is_convergent
    }

    fn period(&mut self, is_auto_rotation: bool) -> Option<u32> {
        let value = self.members.rotation_period.take()?;
        if !is_auto_rotation {
            return self.breaks("rotationPeriod", "can be given only when isAutoRotation is true");
        }
        match value.as_u64().and_then(|days| u32::try_from(days).ok()).filter(|days| (1..=730).contains(days))
        {
            Some(days) => Some(days),
            None => self.breaks("rotationPeriod", "must be a whole number of days from 1 to 730"),
        }
    }

    fn unknown(&mut self) {
        for name in std::mem::take(&mut self.members.unknown).into_keys() {
            // Quoted, so that control characters in a name do not reach the terminal.
            let _: Option<()> = self.breaks(&format!("{name:?}"), "is not a member of this request");
        }
    }

    fn protection_type(&mut self) -> Option<ProtectionType> {
        let name = self.text("protectionType", |members| &members.protection_type)?;
        match [ProtectionType::Basic, ProtectionType::CommonHsm]
            .into_iter()
            .find(|known| known.name() == name)
        {
            Some(known) => Some(known),
            None => self.breaks("protectionType", "must be BASIC or COMMON_HSM"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(field: &str, value: Value) -> Value {
        let mut body = json!({"keyName": "web", "keyType": "AES256", "protectionType": "BASIC"});
        body[field] = value;
        body
    }

    fn broken(body: &[u8]) -> Vec<String> {
        let error = CreateKeyRequest::from_json(body).expect_err("a broken rule");
        error.fields().map(str::to_owned).collect()
    }

    #[test]
    fn a_minimal_request_has_the_documented_defaults() {
        let body = with("keyName", json!("web")).to_string();
        let expected = CreateKeyRequest {
            name: "web".parse().expect("a label"),
            algorithm: Algorithm::AES_256,
            memo: String::new(),
            is_convergent: false,
            is_auto_rotation: false,
            rotation_period: None,
            protection_type: ProtectionType::Basic,
        };
        assert_eq!(CreateKeyRequest::from_json(body.as_bytes()), Ok(expected));
    }

    #[test]
    fn bounds_are_exact() {
        let fits = |field: &str, value: Value| {
            let mut body = with(field, value);
            if field == "rotationPeriod" {
                body["isAutoRotation"] = json!(true);
            }
            CreateKeyRequest::from_json(body.to_string().as_bytes())
                .map_err(|error| error.fields().map(str::to_owned).collect())
        };
        for (field, value) in [
            ("keyName", json!("a-_")),
            ("keyName", json!("A23456789012345")),
            ("keyType", json!("ECDSA")),
            ("keyType", json!("RSA2048")),
            ("memo", json!("ü".repeat(100))),
            ("isConvergent", json!(true)),
            ("rotationPeriod", json!(1)),
            ("rotationPeriod", json!(730)),
            ("protectionType", json!("COMMON_HSM")),
        ] {
            assert!(fits(field, value.clone()).is_ok(), "{field} {value}");
        }
        for (field, value) in [
            ("keyName", json!("ab")),
            ("keyName", json!("a234567890123456")),
            ("keyName", json!("1ab")),
            ("keyName", json!("-ab")),
            ("keyName", json!("a b")),
            ("keyName", json!("schlüssel")),
            ("keyName", json!(123)),
            ("keyName", Value::Null),
            ("keyType", json!("RSA4096")),
            ("keyType", json!("aes256")),
            ("keyType", json!(["AES256"])),
            ("memo", json!("ü".repeat(101))),
            ("memo", Value::Null),
            ("isConvergent", json!("true")),
            ("isAutoRotation", json!(1)),
            ("rotationPeriod", json!(0)),
            ("rotationPeriod", json!(731)),
            ("rotationPeriod", json!(-1)),
            ("rotationPeriod", json!(90.0)),
            ("rotationPeriod", json!("90")),
            ("rotationPeriod", json!(1u64 << 40)),
            ("protectionType", json!("basic")),
        ] {
            let refused: Result<_, Vec<_>> = fits(field, value.clone());
            assert_eq!(refused.expect_err(field), [field], "{field} {value}");
        }
    }

    #[test]
    fn rules_between_fields() {
        let body = json!({"keyName": "web", "keyType": "ECDSA", "protectionType": "BASIC", "isConvergent": true,
                          "isAutoRotation": false, "rotationPeriod": 90});
        assert_eq!(broken(body.to_string().as_bytes()), ["isConvergent", "rotationPeriod"]);
    }

    #[test]
    fn every_broken_rule_is_named() {
        assert_eq!(broken(b"{}"), ["keyName", "keyType", "protectionType"]);
        let body = json!({"keyname": "web", "keyType": 1, "memo": [], "isConvergent": 0, "isAutoRotation": null,
                          "rotationPeriod": {}, "protectionType": "X", "\u{1b}[2J": {"a": [1]}});
        let all = [
            "keyName",
            "keyType",
            "memo",
            "isConvergent",
            "isAutoRotation",
            "rotationPeriod",
            "protectionType",
        ];
        let unknown = ["\"\\u{1b}[2J\"", "\"keyname\""];
        assert_eq!(broken(body.to_string().as_bytes()), [&all[..], &unknown].concat());
        let text = CreateKeyRequest::from_json(b"{}").expect_err("empty").to_string();
        assert!(text.contains("keyName: is required; keyType: is required"), "{text}");
    }

    #[test]
    fn a_body_that_is_not_one_plain_object_is_refused() {
        let good = with("keyName", json!("web")).to_string();
        for (body, why) in [
            (format!("\u{feff}{good}"), "byte order mark"),
            (format!("{good}x"), "trailing characters"),
            (format!("{good}{good}"), "trailing characters"),
            (good.replace("\"keyName\"", "\"keyName\":\"abc\",\"keyName\""), "duplicate field `keyName`"),
            (format!("[{good}]"), "an array"),
            ("null".to_owned(), "expected an object"),
            ("7".to_owned(), "expected an object"),
            (format!("{{\"keyName\":{}", "[".repeat(9000)), "recursion limit"),
            (String::new(), "EOF"),
            (good.replace('"', "'"), "line 1"),
            (" ".repeat(CreateKeyRequest::MAX_BYTES + 1), "longer than"),
        ] {
            let error = CreateKeyRequest::from_json(body.as_bytes()).expect_err(why).to_string();
            assert!(error.contains(why), "{body}: {error}");
        }
    }
}
