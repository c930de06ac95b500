//! Key components: what they belong to, never what they hold.

use serde_json::{Value, json};

use super::{Document, fields, table};
use crate::encoding::{Component, KeyCheck, Scheme, Set};

/// `component show`.
pub fn component(component: &Component) -> Document {
    let text = if let Some(set) = &component.set {
        fields(&[
            ("Scheme", Some(scheme(set))),
            ("Component", Some(format!("{} of {}", component.index, set.count))),
            ("Needed", Some(set.threshold.to_string())),
            ("Set", Some(set.identity.clone())),
            ("Key", Some(set.algorithm.to_string())),
            (key_check_name(set), Some(set.key_check.to_string())),
            ("Check value", Some(component.check_values().join(", "))),
        ])
    } else {
        let [ecb, cmac] = plain_values(component);
        fields(&[
            ("Scheme", Some("xor, plain hexadecimal".to_owned())),
            ("Check value (ECB)", ecb),
            ("Check value (CMAC)", cmac),
        ])
    };
    Document::new(object(component), text)
}

/// `component split`: the files that were written.
pub fn components(files: &[(String, Component)]) -> Document {
    let json: Vec<_> = files
        .iter()
        .map(|(file, component)| {
            let mut object = object(component);
            object["file"] = json!(file);
            object
        })
        .collect();
    let row = |(file, component): &(String, Component)| {
        let set = component.set.as_ref().map(|set| set.identity.clone()).unwrap_or_default();
        vec![file.clone(), component.index.to_string(), set, component.check_values().join(", ")]
    };
    let text = table(&["File", "Component", "Set", "Check value"], files.iter().map(row).collect());
    Document::new(Value::Array(json), text)
}

fn object(component: &Component) -> Value {
    let Some(set) = &component.set else {
        let [ecb, cmac] = plain_values(component);
        return json!({"scheme": "xor", "plain": true, "kcv": ecb, "kcvCmac": cmac});
    };
    let (fingerprint, kcv) = match &set.key_check {
        check @ KeyCheck::Fingerprint(_) => (Some(check.to_string()), None),
        check @ KeyCheck::CheckValue(_) => (None, Some(check.to_string())),
    };
    json!({
        "scheme": set.scheme.name(),
        "plain": false,
        "index": component.index,
        "count": set.count,
        "threshold": set.threshold,
        "set": set.identity,
        "keyType": set.algorithm.key_type(),
        "keyFingerprint": fingerprint,
        "keyKcv": kcv,
        "check": component.check_values().join(""),
    })
}

fn scheme(set: &Set) -> String {
    match set.scheme {
        Scheme::Xor => "xor (all are needed)".to_owned(),
        Scheme::Shamir => "shamir".to_owned(),
    }
}

fn key_check_name(set: &Set) -> &'static str {
    match set.key_check {
        KeyCheck::Fingerprint(_) => "Key fingerprint",
        KeyCheck::CheckValue(_) => "Key check value",
    }
}

fn plain_values(component: &Component) -> [Option<String>; 2] {
    let mut values = component.check_values().into_iter();
    [values.next(), values.next()]
}
