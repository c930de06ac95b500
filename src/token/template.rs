//! What a template states in each form: every usage attribute, TRUE or FALSE, as far as the form has it.

use cryptoki::object::{Attribute, AttributeType};

use super::{
    form::{Detail, Form, IdForm},
    key::Uses,
};
use crate::algorithm::{Algorithm, KeyKind};
use crate::model::{KeyId, Usage};

/// The attributes of a new key.
#[derive(Debug, Clone, Copy)]
pub struct KeyTemplate<'a> {
    pub kind: KeyKind,
    pub label: &'a str,
    pub id: &'a KeyId,
    pub usage: Usage,
    /// Whether the token may choose another `CKA_ID`.
    pub is_id_free: bool,
    /// `CKA_EXTRACTABLE`: the key may leave the token wrapped.
    pub extractable: bool,
    pub carried: Carried<'a>,
}

/// Attributes that kmsctl never sets by default, but that a new version inherits from the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is one attribute")]
pub struct Carried<'a> {
    pub always_authenticate: bool,
    /// Empty allows every mechanism.
    pub allowed_mechanisms: &'a [u64],
    pub wrap: bool,
    pub unwrap: bool,
    pub derive: bool,
}

impl Carried<'_> {
    /// The attributes, by their standard names.
    pub fn names(&self) -> Vec<&'static str> {
        [
            (self.always_authenticate, "CKA_ALWAYS_AUTHENTICATE"),
            (!self.allowed_mechanisms.is_empty(), "CKA_ALLOWED_MECHANISMS"),
            (self.wrap, "CKA_WRAP"),
            (self.unwrap, "CKA_UNWRAP"),
            (self.derive, "CKA_DERIVE"),
        ]
        .into_iter()
        .filter_map(|(carried, name)| carried.then_some(name))
        .collect()
    }

    /// Attributes that restrict the half with the secret.
    fn restrictions(&self) -> Vec<Attribute> {
        let mechanisms = || {
            let bytes = self.allowed_mechanisms.iter().flat_map(|mechanism| mechanism.to_ne_bytes());
            Attribute::VendorDefined((AttributeType::AllowedMechanisms, bytes.collect()))
        };
        let ask = self.always_authenticate.then_some(Attribute::AlwaysAuthenticate(true));
        let restrict = (!self.allowed_mechanisms.is_empty()).then(mechanisms);
        ask.into_iter().chain(restrict).collect()
    }
}

impl<'a> KeyTemplate<'a> {
    /// A 256-bit key for HMACs that never leaves the token.
    pub fn hmac(label: &'a str, id: &'a KeyId) -> Self {
        let usage = Usage { sign: true, verify: true, ..Usage::NONE };
        let (kind, carried) = (Algorithm::HMAC_256.kind(), Carried::default());
        Self { kind, label, id, usage, is_id_free: true, extractable: false, carried }
    }

    /// Of both halves.
    pub fn uses(&self) -> Uses {
        let Carried { wrap, unwrap, derive, .. } = self.carried;
        Uses { usage: self.usage, wrap, unwrap, derive }
    }
}

/// A template in one form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer<'a> {
    pub(super) template: KeyTemplate<'a>,
    pub(super) form: Form,
    /// Those of the profile, for the half with the secret.
    pub(super) further: &'a [Attribute],
}

impl Offer<'_> {
    pub(super) fn is_minimal(&self) -> bool {
        self.form.detail == Detail::Minimal
    }

    fn minimal(&self) -> Vec<Attribute> {
        [&[Attribute::Label(self.template.label.as_bytes().to_vec())], self.further].concat()
    }

    fn common(&self) -> Vec<Attribute> {
        let mut common =
            vec![Attribute::Token(true), Attribute::Label(self.template.label.as_bytes().to_vec())];
        if self.form.id != IdForm::None {
            common.push(Attribute::Id(self.template.id.as_bytes().to_vec()));
        }
        common
    }

    /// What private and secret keys have in common.
    fn guarded(&self, uses: Vec<Attribute>) -> Vec<Attribute> {
        let (detail, derive) = (self.form.detail, self.template.carried.derive);
        let mut template = self.common();
        template.extend([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(self.template.extractable),
        ]);
        template.extend(stated(detail, uses));
        if detail == Detail::Full || derive {
            template.push(Attribute::Derive(derive));
        }
        template.extend_from_slice(self.further);
        template
    }

    pub(super) fn private(&self) -> Vec<Attribute> {
        if self.is_minimal() {
            return self.minimal();
        }
        let KeyTemplate { usage, carried, .. } = self.template;
        let mut template = self.guarded(vec![
            Attribute::Sign(usage.sign),
            Attribute::Decrypt(usage.decrypt),
            Attribute::Unwrap(carried.unwrap),
        ]);
        if self.form.detail == Detail::Full {
            template.push(Attribute::SignRecover(false));
        }
        template.extend(carried.restrictions());
        self.in_terms_of_kind(template)
    }

    /// With `CKA_ENCAPSULATE` and `CKA_DECAPSULATE` where the kind has them.
    fn in_terms_of_kind(&self, template: Vec<Attribute>) -> Vec<Attribute> {
        template.into_iter().map(|attribute| use_of(self.template.kind, attribute)).collect()
    }

    pub(super) fn public(&self) -> Vec<Attribute> {
        if self.is_minimal() {
            return Vec::new();
        }
        let (detail, KeyTemplate { usage, carried, .. }) = (self.form.detail, self.template);
        let mut template = self.common();
        template.push(Attribute::Private(self.form.private_public_half));
        template.extend(stated(
            detail,
            vec![
                Attribute::Verify(usage.verify),
                Attribute::Encrypt(usage.encrypt),
                Attribute::Wrap(carried.wrap),
            ],
        ));
        if detail == Detail::Full {
            template.push(Attribute::Derive(false));
        }
        self.in_terms_of_kind(template)
    }

    pub(super) fn secret(&self) -> Vec<Attribute> {
        if self.is_minimal() {
            return self.minimal();
        }
        let KeyTemplate { usage, carried, .. } = self.template;
        let mut template = self.guarded(vec![
            Attribute::Encrypt(usage.encrypt),
            Attribute::Decrypt(usage.decrypt),
            Attribute::Sign(usage.sign),
            Attribute::Verify(usage.verify),
            Attribute::Wrap(carried.wrap),
            Attribute::Unwrap(carried.unwrap),
        ]);
        let restrictions = carried.restrictions();
        template
            .extend(restrictions.into_iter().filter(|one| !matches!(one, Attribute::AlwaysAuthenticate(_))));
        template
    }
}

/// A usage attribute as keys of this kind have it.
pub(super) fn use_of(kind: KeyKind, attribute: Attribute) -> Attribute {
    match attribute {
        Attribute::Encrypt(allowed) if kind.encapsulation_len().is_some() => Attribute::Encapsulate(allowed),
        Attribute::Decrypt(allowed) if kind.encapsulation_len().is_some() => Attribute::Decapsulate(allowed),
        other => other,
    }
}

/// Drops the FALSE attributes for [`Detail::Bare`].
fn stated(detail: Detail, uses: Vec<Attribute>) -> Vec<Attribute> {
    let is_false = |attribute: &Attribute| {
        matches!(
            attribute,
            Attribute::Sign(false)
                | Attribute::Verify(false)
                | Attribute::Encrypt(false)
                | Attribute::Decrypt(false)
                | Attribute::Wrap(false)
                | Attribute::Unwrap(false)
        )
    };
    uses.into_iter().filter(|attribute| detail != Detail::Bare || !is_false(attribute)).collect()
}
