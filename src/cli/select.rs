//! Selection of a key.

use clap::{Arg, ArgGroup, Args, builder::NonEmptyStringValueParser};

use super::values::LabelBytes;
use crate::model::{Invalid, KeyIdPrefix, Uri, Version};

/// Selects exactly one key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[group(skip)]
pub struct Selection {
    /// Key by its label
    #[arg(long, value_name = "LABEL", value_parser = NonEmptyStringValueParser::new())]
    pub label: Option<String>,

    /// Key by its label in hexadecimal, for labels that are not UTF-8
    #[arg(long, value_name = "HEX", conflicts_with = "label", hide_short_help = true)]
    pub label_hex: Option<LabelBytes>,

    /// Key by its CKA_ID in hexadecimal (or its first digits, at least six)
    #[arg(long, value_name = "HEX")]
    pub id: Option<KeyIdPrefix>,

    /// Key by a PKCS#11 URI
    #[arg(long, value_name = "URI", value_parser = uri_of_key, conflicts_with_all = ["label", "label_hex", "id"])]
    pub uri: Option<Uri>,
}

/// A URI that names a key: one with neither label nor CKA_ID would select whichever key is alone on its token.
fn uri_of_key(text: &str) -> Result<Uri, Invalid> {
    let uri: Uri = text.parse()?;
    match (&uri.object, &uri.id) {
        (None, None) => Err(Invalid::new("the URI names no key: add `object=LABEL` or `id=CKA_ID`")),
        _ => Ok(uri),
    }
}

impl Selection {
    /// Whether the selection names anything.
    pub const fn is_given(&self) -> bool {
        self.label.is_some() || self.label_hex.is_some() || self.id.is_some() || self.uri.is_some()
    }
}

/// One version of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[group(skip)]
pub struct VersionSelection {
    #[command(flatten)]
    pub key: Selection,

    /// Version of the key (default: the newest)
    #[arg(long, value_name = "N")]
    pub key_version: Option<Version>,
}

/// Sets the help of `--key-version` in a command.
pub fn version_is(help: &'static str) -> impl FnOnce(Arg) -> Arg {
    move |arg| arg.help(help)
}

/// The options of [`Selection`].
pub const OPTIONS: [&str; 4] = ["label", "label_hex", "id", "uri"];

/// The options of [`VersionSelection`].
pub const VERSION_OPTIONS: [&str; 5] = ["label", "label_hex", "id", "uri", "key_version"];

/// Requires that a key is selected.
pub fn required() -> ArgGroup {
    ArgGroup::new("key").args(OPTIONS).required(true).multiple(true)
}

/// Requires that a key is selected or that the option `other` is given.
pub fn required_or(other: &'static str) -> ArgGroup {
    required().arg(other)
}
