//! Tokens as text and JSON.

use super::{Document, Narrow, fields, table};
use crate::{model::answer, token::TokenInfo};

answer! {
    /// The shortest and the longest PIN.
    pub struct PinLength {
        /// Bytes of the shortest PIN
        min: u64,
        /// Bytes of the longest PIN
        max: u64,
    }
}

answer! {
    /// A token.
    pub struct TokenView {
        /// Label of the token
        label: String,
        /// Serial number
        serial: String,
        /// Manufacturer, as the token says
        manufacturer: String,
        /// Model, as the token says
        model: String,
        /// Number of its slot; it may change
        slot: u64,
        /// Whether the token was initialised
        initialized: bool,
        /// State of the user PIN: ok, count-low (a try failed), final-try (one try is left), locked or not-set
        user_pin: &'static str,
        /// State of the security officer's PIN
        so_pin: &'static str,
        /// How long a PIN may be
        pin_length: Option<PinLength>,
        /// Version of the firmware
        firmware_version: String,
        /// Version of the hardware
        hardware_version: String,
        /// Names of the flags that are set, such as login-required (PKCS#11, CK_TOKEN_INFO)
        flags: Vec<&'static str>,
        /// PKCS#11 URI that selects the token
        uri: String,
    }
}

answer! {
    /// A token with its mechanisms.
    pub struct TokenDetails<'a> {
        ..token: TokenView,
        /// Names of the token's mechanisms
        mechanisms if "Option::is_none": Option<&'a [String]>,
    }
}

answer! {
    /// A token that a command made, or found there.
    pub struct MadeToken {
        ..token: TokenView,
        /// Whether the command changed the token
        changed: bool,
        /// Whether the command made the token
        created: bool,
    }
}

impl From<&TokenInfo> for TokenView {
    fn from(token: &TokenInfo) -> Self {
        Self {
            label: token.label.clone(),
            serial: token.serial.clone(),
            manufacturer: token.manufacturer.clone(),
            model: token.model.clone(),
            slot: token.slot,
            initialized: token.is_initialized(),
            user_pin: pin_text(token),
            so_pin: token.so_pin().name(),
            pin_length: token.pin_length.map(|(min, max)| PinLength { min, max }),
            firmware_version: token.firmware.clone(),
            hardware_version: token.hardware.clone(),
            flags: token.flag_names(),
            uri: token.uri().to_string(),
        }
    }
}

impl MadeToken {
    /// A token that a command made, or found there.
    pub fn of(token: &TokenInfo, created: bool) -> Self {
        Self { token: token.into(), changed: created, created }
    }
}

fn pin_text(token: &TokenInfo) -> &'static str {
    if token.user_pin_is_set() { token.user_pin().name() } else { "not-set" }
}

pub fn token_list(tokens: &[TokenInfo]) -> Document {
    let row = |token: &TokenInfo| {
        let label = if token.is_initialized() { token.label.clone() } else { "(not initialised)".to_owned() };
        vec![
            label,
            token.serial.clone(),
            token.model.clone(),
            token.manufacturer.clone(),
            token.slot.to_string(),
            pin_text(token).to_owned(),
        ]
    };
    let table = table(
        &["Label", "Serial", "Model", "Manufacturer", "Slot", "User PIN"],
        tokens.iter().map(row).collect(),
    );
    let table = table.states("User PIN").narrow(&[
        Narrow::Cut("Manufacturer", 8),
        Narrow::Cut("Model", 8),
        Narrow::Drop("Manufacturer"),
        Narrow::Drop("Model"),
        Narrow::Drop("Slot"),
    ]);
    Document::of(&tokens.iter().map(TokenView::from).collect::<Vec<_>>(), table)
}

/// `token init`: the token, and whether the command made it.
pub fn initialised(token: &TokenInfo, created: bool) -> Document {
    Document::of(&MadeToken::of(token, created), "")
}

/// One token, with the names of its mechanisms if requested.
pub fn token_details(token: &TokenInfo, mechanisms: Option<&[String]>) -> Document {
    let json = TokenDetails { token: token.into(), mechanisms };
    let text = fields(&[
        ("Label", Some(token.label.clone())),
        ("Serial", Some(token.serial.clone())),
        ("Manufacturer", Some(token.manufacturer.clone())),
        ("Model", Some(token.model.clone())),
        ("Firmware", Some(token.firmware.clone())),
        ("Slot", Some(token.slot.to_string())),
        ("User PIN", Some(pin_text(token).to_owned())),
        ("SO PIN", Some(token.so_pin().name().to_owned())),
        ("PIN length", token.pin_length.map(|(least, most)| format!("{least} to {most} bytes"))),
        ("Flags", Some(token.flag_names().join(", "))),
        ("URI", Some(token.uri().to_string())),
        ("Mechanisms", mechanisms.map(|mechanisms| mechanisms.join(" "))),
    ]);
    Document::of(&json, text)
}
