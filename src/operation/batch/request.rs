//! One line of a batch: a JSON object that says what to do with which key.

use std::{fmt, time::Duration};

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    algorithm::SignatureAlgorithm,
    encoding::{Object, SignatureForm},
    keystore::Selection,
    model::{Code, Coded, Diagnosis, EncryptionContext, KeyIdPrefix, Uri, Version},
};

/// The longest line, in bytes.
pub const MAX_REQUEST: usize = 256 * 1024;

/// Why a line is not a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the request is malformed: {why}")]
pub struct RequestError {
    why: String,
}

impl RequestError {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl Coded for RequestError {
    fn diagnosis(&self) -> Diagnosis {
        Code::InvalidInput.into()
    }
}

/// The operation.
#[derive(Debug, Clone)]
pub enum Request {
    Sign {
        key: Selection,
        algorithm: Option<SignatureAlgorithm>,
        message: Message,
        ecdsa: Option<SignatureForm>,
    },
    Verify {
        key: Selection,
        algorithm: Option<SignatureAlgorithm>,
        message: Message,
        signature: String,
    },
    Encrypt {
        key: Selection,
        data: Vec<u8>,
        context: Option<EncryptionContext>,
    },
    Decrypt {
        ciphertext: String,
        context: Option<EncryptionContext>,
    },
    Reencrypt {
        ciphertext: String,
        context: Option<EncryptionContext>,
    },
    DataKey {
        key: Selection,
        bits: u32,
        plaintext: bool,
        context: Option<EncryptionContext>,
    },
    JwtSign(JwtRequest),
    Random {
        bytes: u32,
    },
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Data(Vec<u8>),
    Digest(Vec<u8>),
}

#[derive(Debug, Clone)]
pub struct JwtRequest {
    pub key: Selection,
    pub algorithm: Option<SignatureAlgorithm>,
    pub claims: Object,
    pub lifetime: Option<Duration>,
    pub key_name: Option<String>,
    pub header: Object,
}

/// Every member of any operation. Unknown and repeated ones are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
struct Line<'a> {
    op: String,
    /// Returned with the answer.
    #[serde(rename = "ref", borrow)]
    _reference: Option<&'a RawValue>,
    label: Option<String>,
    id: Option<String>,
    uri: Option<String>,
    version: Option<u32>,
    algorithm: Option<String>,
    data: Option<String>,
    digest: Option<String>,
    signature: Option<String>,
    ecdsa: Option<String>,
    #[serde(borrow)]
    claims: Option<&'a RawValue>,
    ttl: Option<Value>,
    kid: Option<String>,
    #[serde(borrow)]
    header: Option<&'a RawValue>,
    bytes: Option<u32>,
    context: Option<String>,
    ciphertext: Option<String>,
    bits: Option<u32>,
    plaintext: Option<bool>,
}

/// The `ref` of a line as JSON text, whatever else is wrong with the line; `null` if it has none.
pub fn reference(line: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Reference<'a> {
        #[serde(rename = "ref", borrow)]
        reference: Option<&'a RawValue>,
    }
    // serde would take an array for the members in their order.
    let is_array = line.trim_ascii_start().starts_with(b"[");
    let found: Option<Reference<'_>> = serde_json::from_slice(line).ok().filter(|_| !is_array);
    found.and_then(|found| found.reference).map_or_else(|| "null".to_owned(), |raw| raw.get().to_owned())
}

/// The text of an error. A request is one line, so its place is a column.
fn without_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

impl Request {
    pub fn parse(line: &[u8]) -> Result<Self, RequestError> {
        if line.len() > MAX_REQUEST {
            return Err(RequestError::new(format!("it is larger than {MAX_REQUEST} bytes")));
        }
        let text = std::str::from_utf8(line).map_err(|_| RequestError::new("it is not UTF-8"))?;
        // serde would take an array for the members in their order.
        if text.trim_start().starts_with('[') {
            return Err(RequestError::new("invalid type: an array in the place of an object"));
        }
        let mut line: Line<'_> =
            serde_json::from_str(text).map_err(|error| RequestError::new(without_line(&error)))?;
        let request = line.take_request()?;
        line.left_over()?;
        Ok(request)
    }
}

impl Line<'_> {
    /// Takes the members of the operation; what remains does not belong to it.
    fn take_request(&mut self) -> Result<Request, RequestError> {
        Ok(match self.op.as_str() {
            "sign" => Request::Sign {
                key: self.key()?,
                algorithm: self.algorithm()?,
                message: self.message()?,
                ecdsa: model_value("ecdsa", self.ecdsa.take())?,
            },
            "verify" => Request::Verify {
                key: self.key()?,
                algorithm: self.algorithm()?,
                message: self.message()?,
                signature: required("signature", self.signature.take())?,
            },
            "encrypt" => Request::Encrypt {
                key: self.key()?,
                data: base64("data", &required("data", self.data.take())?)?,
                context: self.context()?,
            },
            "decrypt" => Request::Decrypt {
                ciphertext: required("ciphertext", self.ciphertext.take())?,
                context: self.context()?,
            },
            "reencrypt" => Request::Reencrypt {
                ciphertext: required("ciphertext", self.ciphertext.take())?,
                context: self.context()?,
            },
            "datakey" => Request::DataKey {
                key: self.key()?,
                bits: self.bits()?,
                plaintext: self.plaintext.take().unwrap_or_default(),
                context: self.context()?,
            },
            "jwt-sign" => Request::JwtSign(JwtRequest {
                key: self.key()?,
                algorithm: self.algorithm()?,
                claims: required("claims", object("claims", self.claims.take())?)?,
                lifetime: self.ttl.take().as_ref().map(duration).transpose()?,
                key_name: self.kid.take(),
                header: object("header", self.header.take())?.unwrap_or_default(),
            }),
            "random" => Request::Random { bytes: self.bytes()? },
            other => {
                return Err(RequestError::new(format!(
                    "unknown op {other:?}: use sign, verify, encrypt, decrypt, reencrypt, datakey, jwt-sign or random"
                )));
            }
        })
    }

    fn key(&mut self) -> Result<Selection, RequestError> {
        let uri: Option<Uri> = model_value("uri", self.uri.take())?;
        let id: Option<KeyIdPrefix> = model_value("id", self.id.take())?;
        let version = self.version.take().map(|number| number.to_string());
        let version: Option<Version> = model_value("version", version)?;
        let label = self.label.take();
        if uri.is_some() && (label.is_some() || id.is_some()) {
            return Err(RequestError::new("it names its key by a URI and in another way"));
        }
        let by_name = Selection { label, ..Selection::default() };
        let key = match (&uri, &id) {
            (Some(uri), _) => Selection::of_uri(uri),
            (None, Some(id)) => by_name.with_id(id),
            (None, None) => by_name,
        };
        let key = Selection { version, ..key };
        if key.label.is_none() && key.id.is_none() && key.id_prefix.is_none() {
            return Err(RequestError::new("it names no key: \"label\", \"id\" or \"uri\" is missing"));
        }
        Ok(key)
    }

    fn algorithm(&mut self) -> Result<Option<SignatureAlgorithm>, RequestError> {
        model_value("algorithm", self.algorithm.take())
    }

    fn context(&mut self) -> Result<Option<EncryptionContext>, RequestError> {
        model_value("context", self.context.take())
    }

    fn bits(&mut self) -> Result<u32, RequestError> {
        match self.bits.take() {
            None => Ok(256),
            Some(bits @ (128 | 256 | 512)) => Ok(bits),
            Some(_) => Err(RequestError::new("\"bits\" is not 128, 256 or 512")),
        }
    }

    fn bytes(&mut self) -> Result<u32, RequestError> {
        match required("bytes", self.bytes.take())? {
            0 => Err(RequestError::new("\"bytes\" is 0")),
            bytes => Ok(bytes),
        }
    }

    fn message(&mut self) -> Result<Message, RequestError> {
        match (self.data.take(), self.digest.take()) {
            (Some(data), None) => Ok(Message::Data(base64("data", &data)?)),
            (None, Some(digest)) => Ok(Message::Digest(base64("digest", &digest)?)),
            (None, None) => Err(RequestError::new("\"data\" is missing")),
            (Some(_), Some(_)) => Err(RequestError::new("it has both \"data\" and \"digest\"")),
        }
    }

    fn left_over(&self) -> Result<(), RequestError> {
        let left = [
            ("label", self.label.is_some()),
            ("id", self.id.is_some()),
            ("uri", self.uri.is_some()),
            ("version", self.version.is_some()),
            ("algorithm", self.algorithm.is_some()),
            ("data", self.data.is_some()),
            ("digest", self.digest.is_some()),
            ("signature", self.signature.is_some()),
            ("ecdsa", self.ecdsa.is_some()),
            ("claims", self.claims.is_some()),
            ("ttl", self.ttl.is_some()),
            ("kid", self.kid.is_some()),
            ("header", self.header.is_some()),
            ("bytes", self.bytes.is_some()),
            ("context", self.context.is_some()),
            ("ciphertext", self.ciphertext.is_some()),
            ("bits", self.bits.is_some()),
            ("plaintext", self.plaintext.is_some()),
        ];
        match left.iter().find(|(_, left)| *left) {
            Some((name, _)) => Err(RequestError::new(format!("{name:?} is not for op {:?}", self.op))),
            None => Ok(()),
        }
    }
}

fn required<T>(name: &str, value: Option<T>) -> Result<T, RequestError> {
    value.ok_or_else(|| RequestError::new(format!("{name:?} is missing")))
}

fn base64(name: &str, text: &str) -> Result<Vec<u8>, RequestError> {
    BASE64
        .decode(text.as_bytes())
        .map_err(|error| RequestError::new(format!("{name:?} is not base64: {error}")))
}

fn model_value<T>(name: &str, text: Option<String>) -> Result<Option<T>, RequestError>
where
    T: std::str::FromStr<Err: fmt::Display>,
{
    let parse = |text: String| text.parse().map_err(|error| RequestError::new(format!("{name:?}: {error}")));
    text.map(parse).transpose()
}

fn object(name: &str, raw: Option<&RawValue>) -> Result<Option<Object>, RequestError> {
    let read = |raw: &RawValue| {
        Object::read(raw.get().as_bytes(), "the object", MAX_REQUEST)
            .map_err(|error| RequestError::new(format!("{name:?}: {error}")))
    };
    raw.map(read).transpose()
}

/// Seconds, or text such as `15m`.
fn duration(value: &Value) -> Result<Duration, RequestError> {
    match value {
        Value::Number(number) => number.as_u64().map(Duration::from_secs),
        Value::String(text) => crate::model::duration(text).ok(),
        _ => None,
    }
    .ok_or_else(|| RequestError::new("\"ttl\" is neither seconds nor a duration such as \"15m\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Request, RequestError> {
        Request::parse(line.as_bytes())
    }

    #[test]
    fn requests_are_read() {
        let line = r#"{"op":"sign","label":"web","algorithm":"ES256","data":"aGk=","ref":"42"}"#;
        let Ok(Request::Sign { key, algorithm, message, ecdsa }) = parse(line) else { panic!("a request") };
        assert_eq!((key.label.as_deref(), key.version), (Some("web"), None));
        assert_eq!((algorithm, ecdsa), (Some(SignatureAlgorithm::ES256), None));
        assert_eq!(message, Message::Data(b"hi".to_vec()));
        assert_eq!(reference(line.as_bytes()), "\"42\"");
        let line = r#"{"op":"jwt-sign","uri":"pkcs11:object=web","claims":{"n":1.0},"ttl":"15m"}"#;
        let Ok(Request::JwtSign(request)) = parse(line) else { panic!("a request") };
        assert_eq!(request.claims.to_string(), r#"{"n":1.0}"#);
        assert_eq!(request.lifetime, Some(Duration::from_secs(900)));
    }

    #[test]
    fn what_is_no_request_is_refused_by_name() {
        for (line, why) in [
            ("", "EOF"),
            ("[]", "invalid type"),
            ("{}", "missing field `op`"),
            (r#"{"op":"sing"}"#, "unknown op \"sing\""),
            (r#"{"op":"sign","data":""}"#, "names no key"),
            (r#"{"op":"sign","label":"a"}"#, "\"data\" is missing"),
            (r#"{"op":"sign","label":"a","data":"","digest":""}"#, "both \"data\" and \"digest\""),
            (r#"{"op":"sign","label":"a","data":"YQ"}"#, "\"data\" is not base64"),
            (r#"{"op":"sign","label":"a","data":"-_8="}"#, "\"data\" is not base64"),
            (r#"{"op":"sign","label":"a","label":"b","data":""}"#, "duplicate field `label`"),
            (r#"{"op":"sign","label":"a","data":"","dta":""}"#, "unknown field `dta`"),
            (r#"{"op":"sign","label":"a","data":"","bytes":1}"#, "\"bytes\" is not for op \"sign\""),
            (r#"{"op":"sign","label":"a","algorithm":"none","data":""}"#, "\"algorithm\": unknown"),
            (r#"{"op":"sign","uri":"pkcs11:object=a","label":"a","data":""}"#, "by a URI and in another way"),
            (r#"{"op":"jwt-sign","label":"a","claims":[]}"#, "\"claims\": the object is malformed"),
            (r#"{"op":"jwt-sign","label":"a","claims":{"a":1,"a":2}}"#, "\"a\" appears twice"),
            (r#"{"op":"jwt-sign","label":"a","claims":{},"ttl":-1}"#, "\"ttl\" is neither"),
            (r#"{"op":"encrypt","label":"a"}"#, "\"data\" is missing"),
            (r#"{"op":"decrypt","label":"a","ciphertext":""}"#, "\"label\" is not for op \"decrypt\""),
            (r#"{"op":"datakey","label":"a","bits":100}"#, "128, 256 or 512"),
            (r#"{"op":"random","bytes":0}"#, "\"bytes\" is 0"),
            (r#"{"op":"random"}"#, "\"bytes\" is missing"),
        ] {
            let error = parse(line).expect_err(line).to_string();
            assert!(error.contains(why), "{line}: {error}");
        }
        assert!(Request::parse(b"{\"op\":\"\xff\"}").expect_err("not UTF-8").to_string().contains("UTF-8"));
        assert!(Request::parse(&vec![b' '; MAX_REQUEST + 1]).is_err());
        assert_eq!(reference(br#"{"ref":7,"nonsense":1}"#), "7");
        assert_eq!(reference(b"{\"ref\":7"), "null");
        assert_eq!(reference(b" [3e333]"), "null");
        // As it was given, though few readers know such numbers.
        assert_eq!(reference(br#"{"ref":3e333}"#), "3e333");
    }
}
