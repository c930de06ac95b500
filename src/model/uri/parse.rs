//! The grammar of RFC 7512, section 2.3, and of `file:` URIs in attributes (RFC 8089).

use std::{ffi::OsString, os::unix::ffi::OsStringExt, path::PathBuf, str::FromStr};

use super::{Invalid, KeyId, LibraryVersion, ObjectType, Uri};

/// The half of the URI that an attribute is in. Each has different reserved characters and attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Path,
    Query,
}

impl Half {
    /// `pk11-pchar` and `pk11-qchar` without percent-encoding.
    fn allows(self, byte: u8) -> bool {
        let reserved: &[u8] = match self {
            Self::Path => b"&",
            Self::Query => b"/?|",
        };
        byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || b":[]@!$'()*+,=".contains(&byte)
            || reserved.contains(&byte)
    }
}

impl FromStr for Uri {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rest = Some(text)
            .filter(|text| Self::is_meant(text))
            .and_then(|text| text.get(Self::SCHEME.len()..))
            .ok_or_else(|| Invalid::new(format!("a PKCS#11 URI begins with \"pkcs11:\": {text:?}")))?;
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let mut uri = Self::default();
        for (name, value) in attributes(path, ';')? {
            uri.set_path(name, value)?;
        }
        for (name, value) in attributes(query.unwrap_or_default(), '&')? {
            uri.set_query(name, value)?;
        }
        Ok(uri)
    }
}

/// The attributes of one half in order, with encoded values. A half may be empty, an attribute may not.
fn attributes(half: &str, between: char) -> Result<Vec<(&str, &str)>, Invalid> {
    if half.is_empty() {
        return Ok(Vec::new());
    }
    half.split(between)
        .map(|part| {
            let is_name = |name: &&str| {
                let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
                !name.is_empty() && name.bytes().all(is_allowed)
            };
            part.split_once('=').filter(|(name, _)| is_name(name)).ok_or_else(|| match part {
                "" => Invalid::new("the PKCS#11 URI has an empty attribute"),
                _ => Invalid::new(format!("{part:?} in the PKCS#11 URI is not name=value")),
            })
        })
        .collect()
}

impl Uri {
    fn set_path(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let bytes = || percent_decode(name, value, Half::Path);
        let text = || utf8(name, bytes()?);
        match name {
            "token" => fill(&mut self.token, name, text()?),
            "manufacturer" => fill(&mut self.manufacturer, name, text()?),
            "serial" => fill(&mut self.serial, name, text()?),
            "model" => fill(&mut self.model, name, text()?),
            "library-manufacturer" => fill(&mut self.library_manufacturer, name, text()?),
            "library-description" => fill(&mut self.library_description, name, text()?),
            "library-version" => fill(&mut self.library_version, name, version(value)?),
            "slot-manufacturer" => fill(&mut self.slot_manufacturer, name, text()?),
            "slot-description" => fill(&mut self.slot_description, name, text()?),
            "slot-id" => fill(&mut self.slot_id, name, slot(value)?),
            "object" => fill(&mut self.object, name, bytes()?),
            "type" => fill(&mut self.kind, name, object_type(value)?),
            "id" => fill(&mut self.id, name, KeyId::from_bytes(bytes()?)),
            // In the wrong half, but a PIN all the same: what is unknown is printed.
            "pin-value" => Err(shows_pin()),
            unknown if self.unknown.iter().any(|(known, _)| known == unknown) => Err(doubled(name)),
            unknown => {
                self.unknown.push((unknown.to_owned(), bytes()?));
                Ok(())
            }
        }
    }

    /// Unknown query attributes are ignored (section 2.4) if they are well formed.
    fn set_query(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let bytes = percent_decode(name, value, Half::Query)?;
        match name {
            "module-path" => fill(&mut self.module_path, name, file(&utf8(name, bytes)?)?),
            "module-name" => fill(&mut self.module_name, name, utf8(name, bytes)?),
            "pin-source" => fill(&mut self.pin_source, name, utf8(name, bytes)?),
            "pin-value" => Err(shows_pin()),
            _ => Ok(()),
        }
    }
}

fn shows_pin() -> Invalid {
    Invalid::new(
        "pin-value in a PKCS#11 URI would show the PIN in the process list: use pin-source=file:… instead",
    )
}

/// An attribute may occur only once (section 2.3).
fn fill<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), Invalid> {
    if place.replace(value).is_some() { Err(doubled(name)) } else { Ok(()) }
}

fn doubled(name: &str) -> Invalid {
    Invalid::new(format!("attribute {name:?} occurs twice in the PKCS#11 URI"))
}

fn utf8(name: &str, value: Vec<u8>) -> Result<String, Invalid> {
    String::from_utf8(value)
        .map_err(|_| Invalid::new(format!("attribute {name:?} of the PKCS#11 URI is not UTF-8")))
}

/// `1*DIGIT [ "." 1*DIGIT ]`. Each number is a `CK_BYTE`.
fn version(value: &str) -> Result<LibraryVersion, Invalid> {
    let number = |text: &str| is_digits(text).then(|| text.parse().ok()).flatten();
    let (major, minor) = value.split_once('.').unwrap_or((value, "0"));
    let version = number(major).zip(number(minor)).map(|(major, minor)| LibraryVersion { major, minor });
    version.ok_or_else(|| {
        Invalid::new(format!("library-version of the PKCS#11 URI is not a version such as 2.6: {value:?}"))
    })
}

fn slot(value: &str) -> Result<u64, Invalid> {
    let number = is_digits(value).then(|| value.parse().ok()).flatten();
    number.ok_or_else(|| Invalid::new(format!("slot-id of the PKCS#11 URI is not a number: {value:?}")))
}

/// Needed because `parse` accepts a sign.
fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn object_type(value: &str) -> Result<ObjectType, Invalid> {
    ObjectType::ALL.into_iter().find(|kind| kind.name() == value).ok_or_else(|| {
        let names = ObjectType::ALL.map(ObjectType::name).join(", ");
        Invalid::new(format!("type {value:?} in the PKCS#11 URI is not one of {names}"))
    })
}

fn percent_decode(name: &str, text: &str, half: Half) -> Result<Vec<u8>, Invalid> {
    decode(text, |byte| half.allows(byte)).map_err(|fault| {
        Invalid::new(match fault {
            Fault::Encoding => format!("broken percent-encoding in attribute {name:?} of the PKCS#11 URI"),
            Fault::Character(c) => {
                format!("{c:?} in attribute {name:?} of the PKCS#11 URI must be percent-encoded")
            }
        })
    })
}

enum Fault {
    Encoding,
    Character(char),
}

fn decode(text: &str, allows: impl Fn(u8) -> bool) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '%' {
            let digits = rest.get(..2).filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let byte = digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(Fault::Encoding)?;
            out.push(byte);
            rest = &rest[2..];
        } else if u8::try_from(c).is_ok_and(|byte| byte.is_ascii() && allows(byte)) {
            out.push(c as u8);
        } else {
            return Err(Fault::Character(c));
        }
    }
    Ok(out)
}

/// A file by its path, or by a `file:` URI on this machine: `file:/p`, `file:///p`, `file://localhost/p` (RFC 8089,
/// section 2 and appendix B).
pub(super) fn file(text: &str) -> Result<PathBuf, Invalid> {
    let refused =
        || Invalid::new(format!("a file is expected in the PKCS#11 URI, as in file:/run/pin: {text:?}"));
    let Some((scheme, rest)) = text.split_once(':') else {
        return Some(text)
            .filter(|text| !text.is_empty() && !text.starts_with('|'))
            .map(PathBuf::from)
            .ok_or_else(refused);
    };
    let is_scheme = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
            && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
    };
    if !is_scheme(scheme) {
        // A path with a colon in it.
        return if text.starts_with('|') { Err(refused()) } else { Ok(PathBuf::from(text)) };
    }
    if !scheme.eq_ignore_ascii_case("file") {
        return Err(refused());
    }
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let (host, path) = rest.split_at(rest.find('/').ok_or_else(refused)?);
            Some(path)
                .filter(|_| host.is_empty() || host.eq_ignore_ascii_case("localhost"))
                .ok_or_else(refused)?
        }
        None => rest,
    };
    // The attribute was decoded once; the `file:` URI in it has its own percent-encoding.
    let bytes = if path.is_ascii() { decode(path, |_| true).map_err(|_| refused())? } else { path.into() };
    if bytes.is_empty() || bytes.contains(&0) {
        return Err(refused());
    }
    Ok(PathBuf::from(OsString::from_vec(bytes)))
}
