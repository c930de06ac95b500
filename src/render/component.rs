//! Key components: which key they belong to, never their secret content.

use super::{Document, fields, table};
use crate::{
    encoding::{Component, KeyCheck, Scheme, Set},
    model::answer,
};

/// `component show`.
pub fn component(component: &Component) -> Document {
    if let Some(set) = &component.set {
        let text = fields(&[
            ("Scheme", Some(scheme(set))),
            ("Component", Some(format!("{} of {}", component.index, set.count))),
            ("Needed", Some(set.threshold.to_string())),
            ("Set", Some(set.identity.clone())),
            ("Key", Some(set.algorithm.to_string())),
            (key_check_name(set), Some(set.key_check.to_string())),
            ("Check value", Some(component.check_values().join(", "))),
        ]);
        Document::of(&view(component, set, None), text)
    } else {
        let [kcv, kcv_cmac] = plain_values(component);
        let text = fields(&[
            ("Scheme", Some("xor, plain hexadecimal".to_owned())),
            ("Check value (ECB)", kcv.clone()),
            ("Check value (CMAC)", kcv_cmac.clone()),
        ]);
        Document::of(&PlainComponentView { scheme: "xor", plain: true, kcv, kcv_cmac }, text)
    }
}

/// `component split`: the files that were written.
pub fn components(files: &[(String, Component)]) -> Document {
    let view =
        |(file, component): &(String, Component)| Some(view(component, component.set.as_ref()?, Some(file)));
    let json: Vec<_> = files.iter().filter_map(view).collect();
    let row = |(file, component): &(String, Component)| {
        let set = component.set.as_ref().map(|set| set.identity.clone()).unwrap_or_default();
        vec![file.clone(), component.index.to_string(), set, component.check_values().join(", ")]
    };
    let text = table(&["File", "Component", "Set", "Check value"], files.iter().map(row).collect());
    Document::of(&json, text)
}

answer! {
    /// A component that kmsctl made.
    pub struct ComponentView {
        /// xor (all components are needed) or shamir (a threshold of them)
        scheme: &'static str,
        /// false: it says what it belongs to
        plain: bool,
        /// Number of the component, from 1
        index: u8,
        /// How many components there are
        count: u8,
        /// How many of them join the key
        threshold: u8,
        /// Identity of the set that the component belongs to
        set: String,
        /// Type of the key, such as RSA4096
        key_type: &'static str,
        /// Fingerprint of the key's public half; null for a secret key
        key_fingerprint: Option<String>,
        /// Check value of a secret key; null for a key pair
        key_kcv: Option<String>,
        /// Check value of the component
        check: String,
        /// File that the component was written to; only in the answer of `kmsctl component split`
        file if "Option::is_none": Option<String>,
    }
}

answer! {
    /// A component in plain hexadecimal.
    pub struct PlainComponentView {
        /// xor
        scheme: &'static str,
        /// true: it says nothing of the key
        plain: bool,
        /// Check value of the component by AES-ECB; null if it is not as long as an AES key
        kcv: Option<String>,
        /// Check value of the component by AES-CMAC; null if it is not as long as an AES key
        kcv_cmac: Option<String>,
    }
}

fn view(component: &Component, set: &Set, file: Option<&str>) -> ComponentView {
    let (key_fingerprint, key_kcv) = match &set.key_check {
        check @ KeyCheck::Fingerprint(_) => (Some(check.to_string()), None),
        check @ KeyCheck::CheckValue(_) => (None, Some(check.to_string())),
    };
    ComponentView {
        scheme: set.scheme.name(),
        plain: false,
        index: component.index,
        count: set.count,
        threshold: set.threshold,
        set: set.identity.clone(),
        key_type: set.algorithm.key_type(),
        key_fingerprint,
        key_kcv,
        check: component.check_values().join(""),
        file: file.map(str::to_owned),
    }
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
