//! Keys as people and scripts see them.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Document,
    table::{fields, table},
};
use crate::{
    algorithm::{Algorithm, KeyKind, SignatureAlgorithm},
    keystore::{Key, KeyVersion, Namespace},
    model::{ObjectType, ProtectionType, Status, Timestamp, Uri},
    token::{Class, KeyObject, TokenInfo},
};

/// The object of `--json`; its field names and their order are a promise to scripts. What is not known is `null`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the fields are the contract's")]
pub struct KeyView {
    label: String,
    cka_id: String,
    key_tag: String,
    key_id: u64,
    #[serde(rename = "type")]
    kind: Option<&'static str>,
    algorithm: Option<&'static str>,
    key_type: Option<&'static str>,
    bits: Option<u32>,
    curve: Option<&'static str>,
    status: Option<Status>,
    version: u32,
    protection_type: ProtectionType,
    keystore_id: u32,
    memo: Option<String>,
    is_convergent: Option<bool>,
    is_auto_rotation: Option<bool>,
    rotation_period: Option<u32>,
    next_rotation_date: Option<Timestamp>,
    register_date: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_date: Option<Timestamp>,
    usage: Vec<&'static str>,
    /// What it signs JWTs by, where that was chosen; else it is the default of the algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_algorithm: Option<&'static str>,
    #[serde(skip)]
    signs_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// Said only of keys that may leave the token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_exportable: bool,
    uri: String,
    /// Only of a version that may not be used: whether the token refuses it too, or kmsctl alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_enforced_by_token: Option<bool>,
    /// Uses that kmsctl gives no key by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_usage: Vec<&'static str>,
    /// Only of a key that asks for the PIN at each use.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_always_authenticate: bool,
    /// Only of a key that is limited to these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_mechanisms: Vec<String>,
}

impl KeyView {
    pub fn new(
        key: &Key,
        version: &KeyVersion,
        names: &Namespace,
        token: &TokenInfo,
        protection: ProtectionType,
    ) -> Self {
        let identity = key.identity();
        let kind = version.kind().or_else(|| key.kind());
        let record = key.record();
        Self {
            label: key.label.clone(),
            cka_id: version.id.to_string(),
            key_tag: names.key_tag(&identity),
            key_id: names.key_number(&identity),
            kind: kind.map(|kind| if kind.is_secret() { "SECRET" } else { "PRIVATE" }),
            algorithm: kind.map(KeyKind::family),
            key_type: kind.and_then(KeyKind::algorithm).map(Algorithm::key_type),
            bits: kind.and_then(KeyKind::bits),
            curve: kind.and_then(KeyKind::curve),
            status: key.status().map(|of_key| if of_key == Status::Enable { version.status } else { of_key }),
            version: version.version.number(),
            protection_type: protection,
            keystore_id: names.keystore_number(),
            memo: record.map(|record| record.memo.clone()),
            is_convergent: record.map(|record| record.convergent),
            is_auto_rotation: record.map(|record| record.auto_rotation),
            rotation_period: record
                .filter(|record| record.auto_rotation)
                .map(|record| record.rotation_period),
            next_rotation_date: record.and_then(|record| record.next_rotation),
            register_date: record.and_then(|record| record.created),
            deletion_date: record.and_then(|record| record.destroy_at),
            usage: key.usage().names(),
            signature_algorithm: record
                .and_then(|record| record.signature_algorithm)
                .map(SignatureAlgorithm::name),
            signs_by: signs_by(key),
            public_key: None,
            fingerprint: None,
            is_exportable: is_exportable(key, version),
            uri: uri(key, version, token).to_string(),
            is_enforced_by_token: is_forbidden(key, version).then(|| version.is_idle()),
            other_usage: other_usage(version),
            is_always_authenticate: version.protection().always_authenticate == Some(true),
            allowed_mechanisms: version
                .secret
                .as_deref()
                .map(KeyObject::allowed_mechanism_names)
                .unwrap_or_default(),
        }
    }

    /// Adds the public key's fingerprint, where there is one.
    #[must_use]
    pub fn with_fingerprint(mut self, bytes: Option<&[u8; 32]>) -> Self {
        self.fingerprint = bytes.map(|bytes| data_encoding::HEXLOWER.encode(bytes));
        self
    }

    /// Adds the public key: its PEM, or `null` where there is none.
    #[must_use]
    pub fn with_public_key(mut self, pem: Option<&str>) -> Self {
        self.public_key = Some(json!(pem));
        self
    }
}

fn signs_by(key: &Key) -> Option<&'static str> {
    let usage = key.usage();
    key.signature_algorithm().filter(|_| usage.sign || usage.verify).map(SignatureAlgorithm::name)
}

/// SHA-256 of a SubjectPublicKeyInfo in groups, to be read out.
pub fn fingerprint(bytes: &[u8; 32]) -> String {
    let groups: Vec<_> = bytes.chunks(2).map(|pair| data_encoding::HEXLOWER.encode(pair)).collect();
    groups.join(" ")
}

fn other_usage(version: &KeyVersion) -> Vec<&'static str> {
    let any = |is: fn(&KeyObject) -> bool| version.objects().any(is);
    [
        ("wrap", any(|object| object.wraps)),
        ("unwrap", any(|object| object.unwraps)),
        ("derive", any(|object| object.derives)),
    ]
    .into_iter()
    .filter_map(|(name, has)| has.then_some(name))
    .collect()
}

fn is_exportable(key: &Key, version: &KeyVersion) -> bool {
    key.record().is_some_and(|record| record.exportable) || version.protection().extractable == Some(true)
}

fn is_forbidden(key: &Key, version: &KeyVersion) -> bool {
    key.record().is_some_and(|record| !record.permits(version.version))
}

/// The URI that selects this version of the key (RFC 7512).
fn uri(key: &Key, version: &KeyVersion, token: &TokenInfo) -> Uri {
    let object = version.object();
    let kind = object.map(|object| match object.class {
        Class::Private => ObjectType::Private,
        Class::Public => ObjectType::Public,
        Class::Secret => ObjectType::SecretKey,
    });
    // The label of the object itself: the other half of the pair, or the record, may have another.
    let label = object.map_or(key.label.as_bytes(), KeyObject::label_bytes);
    Uri {
        object: (!label.is_empty()).then(|| label.to_vec()),
        id: (!version.id.is_empty()).then(|| version.id.clone()),
        kind,
        ..token.uri()
    }
}

/// The URI by which another program selects the private half.
pub fn private_key_uri(key: &Key, version: &KeyVersion, token: &TokenInfo) -> Uri {
    Uri { kind: Some(ObjectType::Private), ..uri(key, version, token) }
}

/// What `key list` leaves out first where the terminal is narrow. The label selects a key, the state decides its use.
const LEAST_IMPORTANT: &[&str] =
    &["Memo", "Usage", "Version", "Created Date", "Next rotation", "CKA_ID", "Algorithm"];

/// `key list`, in the one form that is asked for: ten thousand keys are large in either. The four columns of the console
/// come first.
pub fn key_list(keys: impl Iterator<Item = KeyView>, wide: bool, json: bool) -> Document {
    if json {
        return Document::array(keys);
    }
    let mut headings = vec!["Label", "Algorithm", "CKA_ID", "Created Date", "Status"];
    if wide {
        headings.extend(["Version", "Next rotation", "Usage", "Memo"]);
    }
    let row = |view: KeyView| {
        let mut row = vec![
            view.label.clone(),
            view.algorithm_name(),
            view.cka_id.clone(),
            view.register_date.map_or_else(dash, |date| date.to_string()),
            view.status_text(),
        ];
        if wide {
            row.extend([
                view.version.to_string(),
                view.next_rotation_date.map_or_else(dash, |date| date.to_string()),
                view.usage.join(","),
                view.memo.clone().unwrap_or_default(),
            ]);
        }
        row
    };
    let table = table(&headings, keys.map(row).collect());
    Document::new(Value::Null, table.dropping(LEAST_IMPORTANT).states("Status"))
}

pub(super) fn dash() -> String {
    "-".to_owned()
}

impl KeyView {
    fn algorithm_name(&self) -> String {
        match (self.algorithm, self.curve, self.bits) {
            (Some(family), Some(curve), _) => format!("{family} {curve}"),
            (Some(family), None, Some(bits)) => format!("{family} {bits}"),
            (Some(family), None, None) => family.to_owned(),
            (None, ..) => "unknown".to_owned(),
        }
    }

    fn status_text(&self) -> String {
        match (self.status, self.deletion_date) {
            (Some(status), Some(date)) => format!("{status} until {date}"),
            (Some(status), None) if self.is_exportable => format!("{status}, exportable"),
            (Some(status), None) => status.to_string(),
            (None, _) if self.is_exportable => "exportable".to_owned(),
            (None, _) => dash(),
        }
    }
}

/// `key show`: what the token and the record say, and how the token protects the key.
pub fn key_details(view: &KeyView, version: &KeyVersion) -> Document {
    let protection = version.protection();
    let yes_no = |value: Option<bool>| value.map(|value| if value { "yes" } else { "no" }.to_owned());
    let text = fields(&[
        ("Label", Some(view.label.clone())),
        ("Type", view.kind.map(str::to_lowercase)),
        ("Algorithm", view.algorithm.map(str::to_owned)),
        ("CKA_ID", Some(view.cka_id.clone())),
        ("Length", view.bits.map(|bits| format!("{bits} bits"))),
        ("Curve", view.curve.map(str::to_owned)),
        ("Created Date", view.register_date.map(|date| date.to_string())),
        ("Status", view.status.map(|_| view.status_text())),
        ("Enforced by", view.enforced_text()),
        ("Version", Some(view.version.to_string())),
        ("Usage", Some(view.usage.join(", "))),
        ("Signs by", view.signs_by.map(str::to_owned)),
        ("Other uses", Some(view.other_usage.join(", ")).filter(|uses| !uses.is_empty())),
        ("Allowed mechanisms", Some(view.allowed_mechanisms.join(", ")).filter(|names| !names.is_empty())),
        ("PIN", view.is_always_authenticate.then(|| "asked for at each use".to_owned())),
        ("Memo", view.memo.clone().filter(|memo| !memo.is_empty())),
        ("Convergent", view.is_convergent.filter(|convergent| *convergent).map(|_| "yes".to_owned())),
        ("Rotation", view.rotation_text()),
        ("Sensitive", yes_no(protection.sensitive)),
        ("Extractable", yes_no(protection.extractable)),
        ("Always sensitive", yes_no(protection.always_sensitive)),
        ("Never extractable", yes_no(protection.never_extractable)),
        ("Made on the token", yes_no(protection.local)),
        ("Exportable", view.is_exportable.then(|| "yes, wrapped under a public key".to_owned())),
        ("Fingerprint", view.fingerprint_text()),
        ("Key tag", Some(view.key_tag.clone())),
        ("Key number", Some(view.key_id.to_string())),
        ("URI", Some(view.uri.clone())),
    ]);
    let pem = view.public_key.as_ref().and_then(Value::as_str).unwrap_or_default();
    Document::new(json!(view), text + pem)
}

impl KeyView {
    fn fingerprint_text(&self) -> Option<String> {
        let digits = self.fingerprint.as_ref()?.as_bytes();
        let groups: Vec<_> = digits.chunks(4).map(String::from_utf8_lossy).collect();
        Some(groups.join(" "))
    }

    fn enforced_text(&self) -> Option<String> {
        let text = if self.is_enforced_by_token? {
            "the token"
        } else {
            "kmsctl alone; the token lets other programs use the key"
        };
        Some(text.to_owned())
    }

    fn rotation_text(&self) -> Option<String> {
        let next = self.next_rotation_date.map(|date| format!(", next {date}")).unwrap_or_default();
        let rotation = if self.is_auto_rotation? {
            format!("every {} days{next}", self.rotation_period.unwrap_or_default())
        } else {
            "by hand".to_owned()
        };
        Some(rotation)
    }
}

/// Just labels and CKA_IDs, for confirmations.
pub fn key_names(key: &Key) -> String {
    format!("{:?} (CKA_ID {})", key.label, key.current().id)
}
