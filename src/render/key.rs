//! Keys as text and JSON.

mod list;

pub use list::{Columns, key_list};

use super::{Document, sections};
use crate::{
    algorithm::{Algorithm, KeyKind, SignatureAlgorithm},
    keystore::{Key, KeyVersion, Namespace, Step},
    model::{ObjectType, ProtectionType, Status, Timestamp, Uri, Usage, answer},
    token::{Class, KeyObject, TokenInfo},
};

answer! {
    /// The object of `--json`; its field names and their order are a promise to scripts. What is not known is `null`.
    #[allow(clippy::struct_field_names, reason = "the fields are the contract's")]
    pub struct KeyView {
        /// Label of the key; it need not be unique
        label: String,
        /// CKA_ID of this version
        cka_id: String,
        /// Name of the key in ciphertexts, the same for all versions: 52 characters of base32; null without a login
        key_tag: Option<String>,
        /// Number made of the key tag, below 2^53; null without a login
        key_id: Option<u64>,
        /// PRIVATE or SECRET
        kind = "type": Option<&'static str>,
        /// Family of the algorithm, such as RSA
        algorithm: Option<&'static str>,
        /// Type of the key, such as RSA4096; ECDSA is P-256, as in a Create Key request, and ECDSA384 P-384
        key_type: Option<&'static str>,
        /// Bits of the key; null where they are not known
        bits: Option<u32>,
        /// Curve of an elliptic-curve key, such as prime256v1
        curve: Option<&'static str>,
        /// ENABLE, DISABLE or REVOKE, and for one version also STAGED or RETIRED; null for a key without a record
        status: Option<Status>,
        /// Version that is described, from 1; null without a login
        version: Option<u32>,
        /// BASIC for the embedded token, COMMON_HSM for a module
        protection_type: ProtectionType,
        /// Number made of the token's identity
        keystore_id: u32,
        /// Note; null for a key without a record
        memo: Option<String>,
        /// Whether equal plaintexts have equal ciphertexts; null for a key without a record
        is_convergent: Option<bool>,
        /// Whether the key is rotated on a schedule; null for a key without a record
        is_auto_rotation: Option<bool>,
        /// Days between scheduled rotations; null without a schedule
        rotation_period: Option<u32>,
        /// When the next scheduled rotation is due; null without a schedule
        next_rotation_date: Option<Timestamp>,
        /// Days between the staging of a version and its promotion by the schedule; left out unless it stages
        stage_days if "Option::is_none": Option<u32>,
        /// Version that is published and not yet promoted; left out if there is none
        staged_version if "Option::is_none": Option<u32>,
        /// When the schedule stages the next version; left out unless it is going to
        staging_date if "Option::is_none": Option<Timestamp>,
        /// When the schedule promotes the staged version; left out unless it is going to
        promotion_date if "Option::is_none": Option<Timestamp>,
        /// How many versions a rotation leaves in use; left out if it keeps all
        keep if "Option::is_none": Option<u32>,
        /// When the key was created; null for a key without a record
        register_date: Option<Timestamp>,
        /// When `kmsctl key purge --due` destroys the key or version; left out unless it is revoked
        deletion_date if "Option::is_none": Option<Timestamp>,
        /// What the key is for: sign, verify, encrypt, decrypt
        usage: Vec<&'static str>,
        /// Algorithm of its JWTs; left out unless one was chosen
        signature_algorithm if "Option::is_none": Option<&'static str>,
        /// Public key in PEM; null for a secret key; left out where a list or a change is printed
        public_key if "Option::is_none": Option<Option<String>>,
        /// SHA-256 of the public key (SubjectPublicKeyInfo); left out where the public key is left out, null where that is null
        fingerprint if "Option::is_none": Option<Option<String>>,
        /// true; left out unless the key may leave the token
        is_exportable if "std::ops::Not::not": bool,
        /// PKCS#11 URI that selects this version
        uri: String,
        /// Whether the token, too, refuses the use that the state forbids, or kmsctl alone; left out of a version that may be used
        is_enforced_by_token if "Option::is_none": Option<bool>,
        /// wrap, unwrap or derive, where another program allowed it; left out if none is
        other_usage if "Vec::is_empty": Vec<&'static str>,
        /// true; left out unless the key asks for the PIN at each use
        is_always_authenticate if "std::ops::Not::not": bool,
        /// Names of the only mechanisms that the key may be used with; left out if it is not limited
        allowed_mechanisms if "Vec::is_empty": Vec<String>,
        /// Whether the command changed the key, false if it was as asked for already; left out by commands that only read
        changed if "Option::is_none": Option<bool>,
        /// Whether the command made the key; left out by commands that do not make keys
        created if "Option::is_none": Option<bool>,
        hidden {
            /// Algorithm of its signatures, also where none was chosen.
            signs_by: Option<&'static str>,
            /// The algorithm in text output.
            kind_name: String,
            /// What the state of the version leaves of the key's usage; all of it for one that is disabled or revoked.
            version_usage: Usage,
            version_created: Option<Timestamp>,
        }
    }
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
            key_tag: Some(names.key_tag(&identity).as_str().to_owned()),
            key_id: Some(names.key_number(&identity)),
            kind: kind.map(|kind| if kind.is_secret() { "SECRET" } else { "PRIVATE" }),
            algorithm: kind.map(KeyKind::family),
            key_type: kind.and_then(KeyKind::algorithm).map(Algorithm::key_type),
            bits: kind.and_then(KeyKind::bits),
            curve: kind.and_then(KeyKind::curve),
            status: key.status_of(version),
            version: Some(version.version.number()),
            protection_type: protection,
            keystore_id: names.keystore_number(),
            memo: record.map(|record| record.memo.clone()),
            is_convergent: record.map(|record| record.convergent),
            is_auto_rotation: record.map(|record| record.auto_rotation),
            rotation_period: record
                .filter(|record| record.auto_rotation)
                .map(|record| record.rotation_period),
            next_rotation_date: record.and_then(|record| record.next_rotation),
            stage_days: record.map(|record| record.stage_days).filter(|days| *days > 0),
            staged_version: record.and_then(|record| record.staged()).map(|staged| staged.version.number()),
            staging_date: record.and_then(|record| record.step_date(Step::Stage)),
            promotion_date: record.and_then(|record| record.step_date(Step::Promote)),
            keep: record.and_then(|record| record.keep),
            register_date: record.and_then(|record| record.created),
            deletion_date: record.and_then(|record| record.deletion_date(version.version)),
            usage: key.usage().names(),
            signature_algorithm: record
                .and_then(|record| record.signature_algorithm)
                .map(SignatureAlgorithm::name),
            signs_by: signs_by(key),
            kind_name: kind.map_or_else(|| "unknown".to_owned(), |kind| kind.to_string()),
            version_usage: record
                .filter(|record| record.permits(version.version))
                .map_or_else(|| key.usage(), |record| record.usage_of(version.version)),
            version_created: version.created,
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
            changed: None,
            created: None,
        }
    }

    /// Without a login, each version looks like a key: which version of which key it is, only the private records say.
    #[must_use]
    pub fn without_records(mut self) -> Self {
        (self.key_tag, self.key_id, self.version) = (None, None, None);
        self
    }

    /// Adds whether the command changed the key.
    #[must_use]
    pub const fn with_change(mut self, changed: bool) -> Self {
        self.changed = Some(changed);
        self
    }

    /// Adds whether the command created the key or found an existing one.
    #[must_use]
    pub const fn with_creation(mut self, created: bool) -> Self {
        self.created = Some(created);
        self.with_change(created)
    }

    /// Adds the public key's fingerprint, or `null` where there is none.
    #[must_use]
    pub fn with_fingerprint(mut self, bytes: Option<&[u8; 32]>) -> Self {
        self.fingerprint = Some(bytes.map(|bytes| data_encoding::HEXLOWER.encode(bytes)));
        self
    }

    /// Adds the public key: its PEM, or `null` where there is none.
    #[must_use]
    pub fn with_public_key(mut self, pem: Option<&str>) -> Self {
        self.public_key = Some(pem.map(str::to_owned));
        self
    }
}

fn signs_by(key: &Key) -> Option<&'static str> {
    let usage = key.usage();
    key.signature_algorithm().filter(|_| usage.sign || usage.verify).map(SignatureAlgorithm::name)
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
    let is_recorded = || key.record().is_some_and(|record| record.exportable);
    version.protection().extractable.unwrap_or_else(is_recorded)
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
    // The label of this object: the other half of the pair or the record may have a different one.
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

pub(super) fn dash() -> String {
    "-".to_owned()
}

/// `key show`: the key on the token, its record, and how the token protects it.
pub fn key_details(view: &KeyView, version: &KeyVersion) -> Document {
    let protection = version.protection();
    let since = |now: Option<bool>, for_good: Option<bool>, name: &str| match (now, for_good) {
        (Some(_), Some(true)) => Some(name.to_owned()),
        (now, _) => now.map(|now| if now { "yes" } else { "no" }.to_owned()),
    };
    let list = |names: &[String]| Some(names.join(", ")).filter(|names| !names.is_empty());
    let text = sections(&[
        (
            "Identity",
            vec![
                ("Label", Some(view.label.clone())),
                ("Memo", view.memo.clone().filter(|memo| !memo.is_empty())),
                ("Algorithm", Some(view.algorithm_text())),
                ("CKA_ID", Some(view.cka_id.clone())),
                ("Fingerprint", view.fingerprint.clone().flatten()),
                ("Key tag", view.key_tag.clone()),
                ("Key number", view.key_id.map(|number| number.to_string())),
            ],
        ),
        (
            "Use",
            vec![
                ("Status", view.status.map(|_| view.status_text())),
                ("Enforced by", view.enforced_text()),
                ("Usage", Some(view.version_usage.names().join(", "))),
                ("JWT alg", view.signs_by.map(str::to_owned)),
                ("Other uses", Some(view.other_usage.join(", ")).filter(|uses| !uses.is_empty())),
                ("Mechanisms", list(&view.allowed_mechanisms)),
                ("PIN", view.is_always_authenticate.then(|| "asked for at each use".to_owned())),
                ("Convergent", view.is_convergent.filter(|convergent| *convergent).map(|_| "yes".to_owned())),
            ],
        ),
        (
            "Rotation",
            vec![
                ("Version", view.version.map(|version| version.to_string())),
                ("Key created", view.register_date.map(|date| date.to_string())),
                (
                    "Version created",
                    view.version_created
                        .filter(|created| Some(*created) != view.register_date)
                        .map(|date| date.to_string()),
                ),
                ("Schedule", view.rotation_text()),
                ("Next", view.next_rotation_date.map(|date| date.to_string())),
                ("Staged", view.staged_text()),
                (
                    "Keeps",
                    view.keep.map(|keep| {
                        if keep == 1 { "the newest".to_owned() } else { format!("the newest {keep}") }
                    }),
                ),
            ],
        ),
        (
            "Protection",
            vec![
                ("Sensitive", since(protection.sensitive, protection.always_sensitive, "yes, always")),
                ("Extractable", since(protection.extractable, protection.never_extractable, "no, never")),
                (
                    "Origin",
                    protection
                        .local
                        .map(|made| if made { "made on the token" } else { "imported" }.to_owned()),
                ),
                ("Exportable", view.is_exportable.then(|| "yes, wrapped under a public key".to_owned())),
            ],
        ),
    ]);
    // Unindented, so that they can be copied even from a narrow terminal.
    let pem = view.public_key.as_ref().and_then(Option::as_deref).unwrap_or_default();
    Document::of(view, text.and(format!("\n{}\n{pem}", view.uri)))
}

/// A key version in the line that reports a change: `"web" (aes-256, id 78496c3f…)`.
pub fn key_name(key: &Key, version: &KeyVersion) -> String {
    const DIGITS: usize = 8;
    let id = version.id.to_string();
    let id = if id.len() > DIGITS { format!("{}…", &id[..DIGITS]) } else { id };
    let kind =
        version.kind().or_else(|| key.kind()).map_or_else(|| "unknown".to_owned(), |kind| kind.to_string());
    format!("{:?} ({kind}, id {id})", key.label)
}
