//! Key objects as the token presents them, each read with one call.

use cryptoki::object::{AttributeType, ObjectClass};
use cryptoki_sys as ck;

use super::{attribute::Attributes, error::Error, mechanism, session::Handle};
use crate::{
    algorithm::{KeyKind, PublicKey, PublicNumbers},
    encoding,
    model::{KeyId, Usage},
};

/// Which half of a pair, or a secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Private,
    Public,
    Secret,
}

impl Class {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private key",
            Self::Public => "public key",
            Self::Secret => "secret key",
        }
    }

    pub(super) const fn object_class(self) -> ObjectClass {
        match self {
            Self::Private => ObjectClass::PRIVATE_KEY,
            Self::Public => ObjectClass::PUBLIC_KEY,
            Self::Secret => ObjectClass::SECRET_KEY,
        }
    }
}

/// The protection attributes of a key; `None` where the token does not return one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protection {
    pub sensitive: Option<bool>,
    pub extractable: Option<bool>,
    pub always_sensitive: Option<bool>,
    pub never_extractable: Option<bool>,
    /// Generated inside the token, not imported.
    pub local: Option<bool>,
    /// Each use requires the PIN.
    pub always_authenticate: Option<bool>,
}

/// Names that the object may have but that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    pub label: bool,
    pub id: bool,
    /// No attribute could be read; the token returned this error.
    pub object: Option<Error>,
}

/// One key object.
#[derive(Debug, Clone)]
pub struct KeyObject {
    pub handle: Handle,
    pub class: Class,
    /// May be empty or arbitrary if another tool wrote it. Bytes that are not UTF-8 are shown as `\\xff`.
    pub label: String,
    /// The label as stored, where it is not UTF-8.
    raw_label: Option<Box<[u8]>>,
    /// Empty if the object has none, or if it could not be read: see [`Self::unread`].
    pub id: KeyId,
    /// Tells attributes that could not be read from empty ones.
    pub unread: Unread,
    pub kind: KeyKind,
    /// The usage attributes that are TRUE.
    pub usage: Usage,
    /// `CKA_WRAP`, `CKA_UNWRAP` or `CKA_DERIVE` is TRUE, which kmsctl never sets.
    pub wraps: bool,
    pub unwraps: bool,
    pub derives: bool,
    pub protection: Protection,
    /// `CKA_ALLOWED_MECHANISMS`; empty if every mechanism is allowed.
    pub allowed_mechanisms: Vec<u64>,
    /// `CKA_PRIVATE`. If FALSE, anyone who opens a session can create, replace and destroy the object without a PIN
    /// (PKCS#11, section 5.6.2).
    pub private: Option<bool>,
    numbers: Option<PublicNumbers>,
}

/// The attributes of keys of any class. Tokens skip those that a class does not have.
const COMMON: &[AttributeType] = &[
    AttributeType::Class,
    AttributeType::KeyType,
    AttributeType::Label,
    AttributeType::Id,
    AttributeType::Private,
];
const GUARDED: &[AttributeType] = &[
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::AlwaysSensitive,
    AttributeType::NeverExtractable,
    AttributeType::Local,
    AttributeType::AlwaysAuthenticate,
    AttributeType::AllowedMechanisms,
];
const USES: &[AttributeType] = &[
    AttributeType::Sign,
    AttributeType::Verify,
    AttributeType::Encrypt,
    AttributeType::Decrypt,
    AttributeType::Wrap,
    AttributeType::Unwrap,
    AttributeType::Derive,
];
const NUMBERS: &[AttributeType] = &[
    AttributeType::Modulus,
    AttributeType::PublicExponent,
    AttributeType::EcParams,
    AttributeType::EcPoint,
    AttributeType::ValueLen,
];

/// The usage attributes of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    pub usage: Usage,
    pub wrap: bool,
    pub unwrap: bool,
    pub derive: bool,
}

impl Uses {
    /// The subset that objects of the class can have (PKCS#11, sections 4.8 to 4.10): a public half never signs.
    #[must_use]
    pub fn of_class(self, class: Class) -> Self {
        let (private, public) = (class != Class::Public, class != Class::Private);
        let Usage { sign, verify, encrypt, decrypt } = self.usage;
        Self {
            usage: Usage {
                sign: sign && private,
                verify: verify && public,
                encrypt: encrypt && public,
                decrypt: decrypt && private,
            },
            wrap: self.wrap && public,
            unwrap: self.unwrap && private,
            derive: self.derive && private,
        }
    }

    /// Whether everything that `self` allows is allowed by `other`, too.
    pub fn is_within(self, other: Self) -> bool {
        let is_within = |own: bool, other: bool| !own || other;
        self.usage.is_within(other.usage)
            && is_within(self.wrap, other.wrap)
            && is_within(self.unwrap, other.unwrap)
            && is_within(self.derive, other.derive)
    }
}

impl KeyObject {
    /// The attributes to read from an object that may be a key of any class.
    pub(super) fn kinds() -> Vec<AttributeType> {
        [COMMON, GUARDED, USES, NUMBERS].concat()
    }

    /// Further attributes of kinds that few tokens know. `CKA_VALUE` is public only in a public key; a private one
    /// has no numbers but `CKA_PUBLIC_KEY_INFO`, if the token stores that.
    pub(super) fn further_kinds(attributes: &Attributes) -> &'static [AttributeType] {
        const PRIVATE: &[AttributeType] =
            &[AttributeType::ParameterSet, AttributeType::Decapsulate, AttributeType::PublicKeyInfo];
        const PUBLIC: &[AttributeType] =
            &[AttributeType::ParameterSet, AttributeType::Encapsulate, AttributeType::Value];
        let number = |kind| attributes.ulong(kind);
        match (number(AttributeType::KeyType), number(AttributeType::Class)) {
            (Some(ck::CKK_ML_KEM), Some(ck::CKO_PUBLIC_KEY)) => PUBLIC,
            (Some(ck::CKK_ML_KEM), _) => PRIVATE,
            (Some(ck::CKK_ML_DSA), Some(ck::CKO_PUBLIC_KEY)) => {
                &[AttributeType::ParameterSet, AttributeType::Value]
            }
            (Some(ck::CKK_ML_DSA), _) => &[AttributeType::ParameterSet, AttributeType::PublicKeyInfo],
            _ => &[],
        }
    }

    /// `None` if the object is not a key.
    pub(super) fn from_attributes(handle: Handle, attributes: &Attributes) -> Option<Self> {
        let class = match attributes.ulong(AttributeType::Class)? {
            ck::CKO_PRIVATE_KEY => Class::Private,
            ck::CKO_PUBLIC_KEY => Class::Public,
            ck::CKO_SECRET_KEY => Class::Secret,
            _ => return None,
        };
        let is = |kind| attributes.bool(kind).unwrap_or(false);
        let usage = Usage {
            sign: is(AttributeType::Sign),
            verify: is(AttributeType::Verify),
            encrypt: is(AttributeType::Encrypt) || is(AttributeType::Encapsulate),
            decrypt: is(AttributeType::Decrypt) || is(AttributeType::Decapsulate),
        };
        let (wrap, unwrap, derive) =
            (is(AttributeType::Wrap), is(AttributeType::Unwrap), is(AttributeType::Derive));
        // tpm2-pkcs11 1.9 gives both halves the attributes of either.
        let Uses { usage, wrap, unwrap, derive } = Uses { usage, wrap, unwrap, derive }.of_class(class);
        Some(Self {
            handle,
            class,
            label: attributes.text(AttributeType::Label).unwrap_or_default(),
            raw_label: attributes
                .bytes(AttributeType::Label)
                .filter(|bytes| std::str::from_utf8(bytes).is_err())
                .map(Into::into),
            unread: Unread {
                label: attributes.is_unknown(AttributeType::Label),
                id: attributes.is_unknown(AttributeType::Id),
                object: None,
            },
            id: KeyId::from_bytes(attributes.bytes(AttributeType::Id).unwrap_or_default()),
            kind: KeyKind::of_object(|kind| attributes.value(kind)),
            usage,
            wraps: wrap,
            unwraps: unwrap,
            derives: derive,
            protection: protection(class, attributes),
            allowed_mechanisms: match class {
                Class::Public => Vec::new(),
                Class::Private | Class::Secret => attributes.ulongs(AttributeType::AllowedMechanisms),
            },
            private: attributes.bool(AttributeType::Private),
            numbers: PublicNumbers::find(|kind| attributes.value(kind)),
        })
    }

    /// The usage attributes, as far as objects of the class have them.
    pub fn uses(&self) -> Uses {
        Uses { usage: self.usage, wrap: self.wraps, unwrap: self.unwraps, derive: self.derives }
    }

    /// Whether creating, replacing or destroying the object requires a login. Assumed so if the module does not return
    /// `CKA_PRIVATE`.
    pub fn is_guarded(&self) -> bool {
        self.class != Class::Public && self.private != Some(false)
    }

    /// A placeholder for an object that cannot be read: the token, or its build, does not know the key type.
    pub(super) fn unreadable(handle: Handle, class: Class, error: Error) -> Self {
        Self {
            handle,
            class,
            label: String::new(),
            raw_label: None,
            id: KeyId::default(),
            unread: Unread { label: true, id: true, object: Some(error) },
            kind: KeyKind::Unknown,
            usage: Usage::NONE,
            wraps: false,
            unwraps: false,
            derives: false,
            protection: Protection::default(),
            allowed_mechanisms: Vec::new(),
            private: None,
            numbers: None,
        }
    }

    /// The standard names of the only mechanisms that the key may be used with; empty if it may be used with any.
    pub fn allowed_mechanism_names(&self) -> Vec<String> {
        self.allowed_mechanisms.iter().copied().map(mechanism::name).collect()
    }

    /// Whether the key may be used with one of these mechanisms.
    pub fn allows_any(&self, mechanisms: impl IntoIterator<Item = u64>) -> bool {
        let is_allowed = |mechanism: u64| self.allowed_mechanisms.contains(&mechanism);
        self.allowed_mechanisms.is_empty() || mechanisms.into_iter().any(is_allowed)
    }

    /// `CKA_LABEL` as stored.
    pub fn label_bytes(&self) -> &[u8] {
        self.raw_label.as_deref().unwrap_or(self.label.as_bytes())
    }

    /// Whether the object has this label. Some modules append a NUL.
    pub fn is_labelled(&self, label: &str) -> bool {
        self.label == label || self.label.trim_end_matches('\0') == label
    }

    /// Whether the object was read and returned no CKA_ID.
    pub fn states_no_id(&self) -> bool {
        self.id.is_empty() && !self.unread.id
    }

    /// Whether the object holds the public numbers. A private EC key does not on most tokens.
    pub fn has_public_key(&self) -> bool {
        self.numbers.is_some()
    }

    /// The public key, checked: the modulus is plausible, the point is on the curve. `None` without numbers.
    pub fn public_key(&self) -> Option<Result<PublicKey, encoding::Error>> {
        self.numbers.as_ref().map(|numbers| Ok(numbers.key()?))
    }
}

/// A public key has no secret to protect: what a token returns for it (wolfPKCS11: `CKA_SENSITIVE` is FALSE) is
/// ignored.
fn protection(class: Class, attributes: &Attributes) -> Protection {
    let local = attributes.bool(AttributeType::Local);
    match class {
        Class::Public => Protection { local, ..Protection::default() },
        Class::Private | Class::Secret => Protection {
            sensitive: attributes.bool(AttributeType::Sensitive),
            extractable: attributes.bool(AttributeType::Extractable),
            always_sensitive: attributes.bool(AttributeType::AlwaysSensitive),
            never_extractable: attributes.bool(AttributeType::NeverExtractable),
            local,
            always_authenticate: attributes
                .bool(AttributeType::AlwaysAuthenticate)
                // Only private keys have it (PKCS#11, section 4.9).
                .filter(|_| class == Class::Private),
        },
    }
}
