//! PKCS#11 URIs (RFC 7512): their attributes and how they are printed. [`parse`] has the grammar.

mod parse;

use std::{fmt, fmt::Write as _, os::unix::ffi::OsStrExt, path::PathBuf};

use super::{Invalid, KeyId};

/// A `pkcs11:` URI. Each path attribute that is present restricts what the URI matches, even if it is empty (section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Uri {
    pub token: Option<String>,
    pub manufacturer: Option<String>,
    pub serial: Option<String>,
    pub model: Option<String>,
    pub library_manufacturer: Option<String>,
    pub library_description: Option<String>,
    pub library_version: Option<LibraryVersion>,
    pub slot_manufacturer: Option<String>,
    pub slot_description: Option<String>,
    pub slot_id: Option<u64>,
    /// The label as bytes: other programs may write any.
    pub object: Option<Vec<u8>>,
    pub kind: Option<ObjectType>,
    pub id: Option<KeyId>,
    /// Unknown path attributes. Nothing matches them (section 2.5).
    pub unknown: Vec<(String, Vec<u8>)>,
    /// The module's file; a `file:` URI is read as a path.
    pub module_path: Option<PathBuf>,
    pub module_name: Option<String>,
    pub pin_source: Option<String>,
}

/// `library-version`. A missing minor version is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LibraryVersion {
    pub major: u8,
    pub minor: u8,
}

/// `type`: the class of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectType {
    Private,
    Public,
    SecretKey,
    Certificate,
    Data,
}

impl ObjectType {
    const ALL: [Self; 5] = [Self::Private, Self::Public, Self::SecretKey, Self::Certificate, Self::Data];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
            Self::SecretKey => "secret-key",
            Self::Certificate => "cert",
            Self::Data => "data",
        }
    }
}

impl Uri {
    pub const SCHEME: &'static str = "pkcs11:";

    /// Whether the text has the scheme of a PKCS#11 URI. Schemes are case-insensitive (RFC 3986, section 3.1).
    pub fn is_meant(text: &str) -> bool {
        text.get(..Self::SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(Self::SCHEME))
    }

    /// The attributes of the token, its slot and its library; `None` if there are none. Unknown attributes are dropped here:
    /// they may be about the key, and then no key matches.
    pub fn of_token(&self) -> Option<Self> {
        let token = Self {
            object: None,
            kind: None,
            id: None,
            unknown: Vec::new(),
            module_path: None,
            module_name: None,
            pin_source: None,
            ..self.clone()
        };
        (token != Self::default()).then_some(token)
    }

    /// Whether `C_GetSlotInfo` is needed to match it.
    pub const fn describes_slot(&self) -> bool {
        self.slot_manufacturer.is_some() || self.slot_description.is_some()
    }

    /// Whether `C_GetInfo` is needed to match it.
    pub const fn describes_library(&self) -> bool {
        self.library_manufacturer.is_some()
            || self.library_description.is_some()
            || self.library_version.is_some()
    }

    /// The file that a `pin-source` or `module-path` names: a path or a `file:` URI. Commands (`|…`) and other schemes are
    /// refused, because URIs often come from untrusted sources.
    pub fn file(value: &str) -> Result<PathBuf, Invalid> {
        parse::file(value)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<String>, query| {
            value.as_ref().map(|value| percent_encode(value.as_bytes(), query))
        };
        let path = [
            ("token", text(&self.token, false)),
            ("manufacturer", text(&self.manufacturer, false)),
            ("serial", text(&self.serial, false)),
            ("model", text(&self.model, false)),
            ("library-manufacturer", text(&self.library_manufacturer, false)),
            ("library-description", text(&self.library_description, false)),
            ("library-version", self.library_version.map(|version| version.to_string())),
            ("slot-manufacturer", text(&self.slot_manufacturer, false)),
            ("slot-description", text(&self.slot_description, false)),
            ("slot-id", self.slot_id.map(|slot| slot.to_string())),
            ("id", self.id.as_ref().map(|id| percent_encode_all(id.as_bytes()))),
            ("object", self.object.as_ref().map(|label| percent_encode(label, false))),
            ("type", self.kind.map(|kind| kind.name().to_owned())),
        ];
        let unknown = self.unknown.iter().map(|(name, value)| (&**name, Some(percent_encode(value, false))));
        let query = [
            (
                "module-path",
                self.module_path.as_ref().map(|path| percent_encode(path.as_os_str().as_bytes(), true)),
            ),
            ("module-name", text(&self.module_name, true)),
            ("pin-source", text(&self.pin_source, true)),
        ];
        f.write_str(Self::SCHEME)?;
        write_pairs(f, path.into_iter().chain(unknown), "", ";")?;
        write_pairs(f, query.into_iter(), "?", "&")
    }
}

impl fmt::Display for LibraryVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

fn write_pairs<'a>(
    f: &mut fmt::Formatter<'_>,
    pairs: impl Iterator<Item = (&'a str, Option<String>)>,
    first: &str,
    between: &str,
) -> fmt::Result {
    let present = pairs.filter_map(|(name, value)| Some((name, value?)));
    for (index, (name, value)) in present.enumerate() {
        write!(f, "{}{name}={value}", if index == 0 { first } else { between })?;
    }
    Ok(())
}

/// Whether a byte is printed unencoded: unreserved, or one of the `pk11-res-avail` that both path and query allow; `/` only
/// in a query, where it keeps file names readable (section 2.3).
fn is_unencoded(byte: u8, query: bool) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:[]@!$'()*+,=".contains(&byte) || (query && byte == b'/')
}

fn percent_encode(bytes: &[u8], query: bool) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        if is_unencoded(*byte, query) {
            out.push(char::from(*byte));
        } else {
            push_percent(&mut out, *byte);
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

#[cfg(test)]
mod tests;
