//! Tokens as people and scripts see them.

use serde_json::{Value, json};

use super::{Document, Narrow, fields, table};
use crate::token::TokenInfo;

/// The JSON object of one token.
fn object(token: &TokenInfo) -> Value {
    json!({
        "label": token.label,
        "serial": token.serial,
        "manufacturer": token.manufacturer,
        "model": token.model,
        "slot": token.slot,
        "initialized": token.is_initialized(),
        "userPin": pin_text(token),
        "soPin": token.so_pin().name(),
        "pinLength": token.pin_length.map(|(least, most)| json!({"min": least, "max": most})),
        "firmwareVersion": token.firmware,
        "hardwareVersion": token.hardware,
        "flags": token.flag_names(),
        "uri": token.uri().to_string(),
    })
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
    Document::new(tokens.iter().map(object).collect(), table)
}

/// One token; `mechanisms` by name when they were asked for.
pub fn token_details(token: &TokenInfo, mechanisms: Option<&[String]>) -> Document {
    let mut json = object(token);
    if let (Some(mechanisms), Some(object)) = (mechanisms, json.as_object_mut()) {
        object.insert("mechanisms".to_owned(), json!(mechanisms));
    }
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
    Document::new(json, text)
}
