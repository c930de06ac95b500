//! PKCS#11 URIs (RFC 7512): parsing, printing, and which tokens and objects one matches.

use std::{fmt, fmt::Write as _, str::FromStr};

use super::{Invalid, KeyId};

/// A `pkcs11:` URI. Absent attributes match anything; unknown vendor attributes (`x-…`) are ignored, as section 2.3 allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uri {
    pub token: Option<String>,
    pub manufacturer: Option<String>,
    pub serial: Option<String>,
    pub model: Option<String>,
    pub object: Option<String>,
    /// `private`, `public`, `secret-key`, `cert` or `data`.
    pub kind: Option<String>,
    pub id: Option<KeyId>,
    pub slot_id: Option<u64>,
    pub module_path: Option<String>,
    pub module_name: Option<String>,
    pub pin_source: Option<String>,
}

impl Uri {
    pub const SCHEME: &'static str = "pkcs11:";

    /// The part that names a token; `None` where no attribute does.
    pub fn of_token(&self) -> Option<Self> {
        let token = Self {
            object: None,
            kind: None,
            id: None,
            module_path: None,
            module_name: None,
            pin_source: None,
            ..self.clone()
        };
        (token != Self::default()).then_some(token)
    }

    fn set(&mut self, name: &str, value: Vec<u8>) -> Result<(), Invalid> {
        if name == "id" {
            return fill(&mut self.id, name, KeyId::from_bytes(value));
        }
        let text = String::from_utf8(value)
            .map_err(|_| Invalid::new(format!("attribute {name:?} of the PKCS#11 URI is not UTF-8")))?;
        match name {
            "token" => fill(&mut self.token, name, text),
            "manufacturer" => fill(&mut self.manufacturer, name, text),
            "serial" => fill(&mut self.serial, name, text),
            "model" => fill(&mut self.model, name, text),
            "object" => fill(&mut self.object, name, text),
            "type" => fill(&mut self.kind, name, text),
            "slot-id" => {
                let slot = text.parse().map_err(|_| {
                    Invalid::new(format!("slot-id of the PKCS#11 URI is not a number: {text:?}"))
                })?;
                fill(&mut self.slot_id, name, slot)
            }
            "module-path" => fill(&mut self.module_path, name, text),
            "module-name" => fill(&mut self.module_name, name, text),
            "pin-source" => fill(&mut self.pin_source, name, text),
            "pin-value" => Err(Invalid::new(
                "pin-value in a PKCS#11 URI would show the PIN in the process list: use pin-source=file:… instead",
            )),
            "library-manufacturer"
            | "library-version"
            | "library-description"
            | "slot-manufacturer"
            | "slot-description" => Ok(()),
            vendor if vendor.starts_with("x-") => Ok(()),
            other => Err(Invalid::new(format!("unknown attribute {other:?} in the PKCS#11 URI"))),
        }
    }
}

/// An attribute may stand once only (RFC 7512, section 2.3).
fn fill<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), Invalid> {
    if place.replace(value).is_some() {
        return Err(Invalid::new(format!("attribute {name:?} stands twice in the PKCS#11 URI")));
    }
    Ok(())
}

impl FromStr for Uri {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rest = text
            .strip_prefix(Self::SCHEME)
            .ok_or_else(|| Invalid::new(format!("a PKCS#11 URI begins with \"pkcs11:\": {text:?}")))?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut uri = Self::default();
        let parts = path.split(';').chain(query.split('&')).filter(|part| !part.is_empty());
        for part in parts {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| Invalid::new(format!("{part:?} in the PKCS#11 URI is not name=value")))?;
            uri.set(name, percent_decode(value)?)?;
        }
        Ok(uri)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.slot_id.map(|slot| slot.to_string());
        let id = self.id.as_ref().map(|id| percent_encode_all(id.as_bytes()));
        let text = |value: &Option<String>, query| value.as_ref().map(|value| percent_encode(value, query));
        let path = [
            ("token", text(&self.token, false)),
            ("manufacturer", text(&self.manufacturer, false)),
            ("serial", text(&self.serial, false)),
            ("model", text(&self.model, false)),
            ("slot-id", slot),
            ("id", id),
            ("object", text(&self.object, false)),
            ("type", text(&self.kind, false)),
        ];
        let query = [
            ("module-path", text(&self.module_path, true)),
            ("module-name", text(&self.module_name, true)),
            ("pin-source", text(&self.pin_source, true)),
        ];
        f.write_str(Self::SCHEME)?;
        write_pairs(f, path, "", ";")?;
        write_pairs(f, query, "?", "&")
    }
}

fn write_pairs<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    pairs: [(&str, Option<String>); N],
    first: &str,
    between: &str,
) -> fmt::Result {
    let present = pairs.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (index, (name, value)) in present.enumerate() {
        write!(f, "{}{name}={value}", if index == 0 { first } else { between })?;
    }
    Ok(())
}

/// Whether a byte may stand as it is: unreserved, or one of the `pk11-res-avail` that serve both path and query;
/// `/` in a query only, where it keeps file names readable (RFC 7512, section 2.3).
fn is_plain(byte: u8, query: bool) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:[]@!$'()*+,=".contains(&byte) || (query && byte == b'/')
}

fn percent_encode(text: &str, query: bool) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if is_plain(byte, query) {
            out.push(char::from(byte));
        } else {
            push_percent(&mut out, byte);
        }
        out
    })
}

/// RFC 7512 recommends that every byte of `id` be encoded.
fn percent_encode_all(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        push_percent(&mut out, *byte);
        out
    })
}

fn push_percent(out: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(out, "%{byte:02X}");
}

fn percent_decode(text: &str) -> Result<Vec<u8>, Invalid> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
            let value = digits
                .filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or_else(|| {
                    Invalid::new(format!("broken percent-encoding in the PKCS#11 URI: {text:?}"))
                })?;
            out.push(value);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_p11tool_prints() {
        let uri: Uri = "pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=5a;token=prod;id=%01%02;\
                        object=web;type=private?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin"
            .parse()
            .expect("valid");
        assert_eq!(uri.model.as_deref(), Some("SoftHSM v2"));
        assert_eq!(uri.id, Some(KeyId::from_bytes([1, 2])));
        assert_eq!(uri.module_path.as_deref(), Some("/usr/lib/softhsm/libsofthsm2.so"));
        assert_eq!(uri.pin_source.as_deref(), Some("file:/run/pin"));
    }

    #[test]
    fn refuses_what_would_select_something_else() {
        for bad in [
            "token=prod",
            "pkcs11:token",
            "pkcs11:token=a;token=b",
            "pkcs11:tokn=a",
            "pkcs11:token=%zz",
            "pkcs11:token=%f",
            "pkcs11:token=%+1",
            "pkcs11:token=%ff",
            "pkcs11:token=a?pin-value=1234",
        ] {
            assert!(bad.parse::<Uri>().is_err(), "{bad}");
        }
        assert!("pkcs11:".parse::<Uri>().is_ok());
    }

    proptest::proptest! {
        #[test]
        fn printing_and_parsing_are_inverse(token in ".*", object in ".*", id in proptest::collection::vec(0u8.., 1..20)) {
            let uri = Uri {
                token: Some(token.clone()),
                object: Some(object),
                id: Some(KeyId::from_bytes(id)),
                pin_source: Some(token),
                ..Uri::default()
            };
            proptest::prop_assert_eq!(uri.to_string().parse(), Ok(uri));
        }

        #[test]
        fn parsing_never_panics(text in "pkcs11:.*") {
            let _ = text.parse::<Uri>();
        }
    }
}
