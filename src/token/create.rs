//! Creating keys: templates that state every usage attribute, TRUE or FALSE.

use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, AttributeType},
};
use cryptoki_sys as ck;

use super::{
    attribute,
    error::{Error, Result},
    form::{Detail, Form, IdForm},
    key::{Class, KeyObject},
    mechanism,
    object::Search,
    session::{Handle, Session},
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

/// The handles of a new key: both halves of a pair, or a secret key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKey {
    Pair { private: Handle, public: Handle },
    Secret(Handle),
}

impl NewKey {
    pub fn handles(self) -> Vec<Handle> {
        match self {
            Self::Pair { private, public } => vec![private, public],
            Self::Secret(key) => vec![key],
        }
    }

    /// The half that holds the secret.
    pub fn secret(self) -> Handle {
        match self {
            Self::Pair { private, .. } => private,
            Self::Secret(key) => key,
        }
    }
}

/// Returned by a token that does not accept an attribute of the template.
pub(super) const TEMPLATE_REFUSED: &[ck::CK_RV] =
    &[ck::CKR_ATTRIBUTE_TYPE_INVALID, ck::CKR_ATTRIBUTE_VALUE_INVALID, ck::CKR_TEMPLATE_INCONSISTENT];

impl<'a> KeyTemplate<'a> {
    /// A 256-bit key for HMACs that never leaves the token.
    pub fn hmac(label: &'a str, id: &'a KeyId) -> Self {
        let usage = Usage { sign: true, verify: true, ..Usage::NONE };
        let (kind, carried) = (Algorithm::HMAC_256.kind(), Carried::default());
        Self { kind, label, id, usage, is_id_free: true, extractable: false, carried }
    }
}

/// A template in one form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer<'a> {
    template: KeyTemplate<'a>,
    form: Form,
}

impl Offer<'_> {
    fn common(&self) -> Vec<Attribute> {
        let mut common =
            vec![Attribute::Token(true), Attribute::Label(self.template.label.as_bytes().to_vec())];
        if self.form.id != IdForm::None {
            common.push(Attribute::Id(self.template.id.as_bytes().to_vec()));
        }
        common
    }

    fn guarded(&self) -> [Attribute; 3] {
        [
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(self.template.extractable),
        ]
    }

    pub(super) fn private(&self) -> Vec<Attribute> {
        let (detail, KeyTemplate { usage, carried, .. }) = (self.form.detail, self.template);
        let mut template = self.common();
        template.extend(self.guarded());
        template.extend(stated(
            detail,
            vec![
                Attribute::Sign(usage.sign),
                Attribute::Decrypt(usage.decrypt),
                Attribute::Unwrap(carried.unwrap),
            ],
        ));
        if detail == Detail::Full || carried.derive {
            template.push(Attribute::Derive(carried.derive));
        }
        if detail == Detail::Full {
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
        let (detail, KeyTemplate { usage, carried, .. }) = (self.form.detail, self.template);
        let mut template = self.common();
        template.extend(self.guarded());
        template.extend(stated(
            detail,
            vec![
                Attribute::Encrypt(usage.encrypt),
                Attribute::Decrypt(usage.decrypt),
                Attribute::Sign(usage.sign),
                Attribute::Verify(usage.verify),
                Attribute::Wrap(carried.wrap),
                Attribute::Unwrap(carried.unwrap),
            ],
        ));
        if detail == Detail::Full || carried.derive {
            template.push(Attribute::Derive(carried.derive));
        }
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

/// Whether another form may help. tpm2-pkcs11 also refuses templates with `CKR_GENERAL_ERROR`.
fn is_about_form(error: &Error, form: Form) -> bool {
    let is_refused = error.is_any(TEMPLATE_REFUSED);
    is_refused || error.is(ck::CKR_GENERAL_ERROR) && form.detail != Detail::Bare && !form.private_public_half
}

/// Tries the full template first, then smaller ones, as [`Session::make`].
pub(super) fn with_detail<T>(mut make: impl FnMut(Detail) -> Result<T>) -> Result<T> {
    let refused = |error: &Error| error.is_any(TEMPLATE_REFUSED) || error.is(ck::CKR_GENERAL_ERROR);
    let first = make(Detail::Full);
    match first {
        Err(error) if refused(&error) => {
            make(Detail::Plain).or_else(|error| if refused(&error) { make(Detail::Bare) } else { Err(error) })
        }
        other => other,
    }
}

impl Session {
    /// Creates the objects of a new key in the first form that the token accepts.
    ///
    /// A call that failed may have taken effect, if its response was lost on the way from a network HSM. What it left
    /// of these classes is destroyed before the next attempt, so that no CKA_ID is used twice.
    pub(super) fn make<T>(
        &self,
        template: &KeyTemplate<'_>,
        classes: &[Class],
        mut make: impl FnMut(&Offer<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut first = None;
        for (step, form) in self.forms.to_try(template.is_id_free) {
            let id = match form.id {
                IdForm::Short => self.short_id(template.id)?,
                IdForm::Label => KeyId::from_bytes(template.label.as_bytes()),
                IdForm::Whole | IdForm::None => template.id.clone(),
            };
            let template = KeyTemplate { id: &id, ..*template };
            match make(&Offer { template, form }) {
                Ok(objects) => {
                    self.forms.accept(step);
                    return Ok(objects);
                }
                Err(error) => {
                    if !error.refuses_template() && !error.lacks_mechanism() {
                        self.destroy_left(&template, classes);
                    }
                    let is_final = !is_about_form(&error, form);
                    let first = *first.get_or_insert(error);
                    if is_final {
                        return Err(if error.is_any(TEMPLATE_REFUSED) { first } else { error });
                    }
                }
            }
        }
        Err(first.unwrap_or(Error::new("C_GenerateKey", ck::CKR_TEMPLATE_INCONSISTENT)))
    }

    /// Two bytes of a CKA_ID that no object has.
    fn short_id(&self, id: &KeyId) -> Result<KeyId> {
        for pair in id.as_bytes().chunks_exact(2) {
            let short = KeyId::from_bytes(pair);
            if self.find(&[Attribute::Id(pair.to_vec())])?.is_empty() {
                return Ok(short);
            }
        }
        Err(Error::new("C_GenerateKey", ck::CKR_ATTRIBUTE_VALUE_INVALID))
    }

    /// Whether the token keeps one name for label and CKA_ID, as [`Self::note_label_is_id`] noted.
    pub fn label_is_id(&self) -> bool {
        self.forms.label_is_id()
    }

    /// From now on new keys get the bytes of their label as CKA_ID.
    pub fn note_label_is_id(&self) {
        self.forms.note_label_is_id();
    }

    /// Best effort: the run fails anyway. The caller has checked that no other object has the CKA_ID; the label is
    /// compared too, since another machine may have picked the same one.
    fn destroy_left(&self, template: &KeyTemplate<'_>, classes: &[Class]) {
        if classes.is_empty() {
            return;
        }
        let left = self.keys(Search::Id(template.id)).unwrap_or_default();
        let is_it = |object: &&KeyObject| {
            // Compared again: a token that ignores the search template must not lose other objects.
            object.id == *template.id && object.label == template.label && classes.contains(&object.class)
        };
        for object in left.iter().filter(is_it) {
            let _ = self.destroy(object.handle);
        }
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

/// How long a new key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Token,
    Session,
}

impl Lifetime {
    /// The template with its `CKA_TOKEN` set.
    fn set(self, template: &[Attribute]) -> Vec<Attribute> {
        let others = template.iter().filter(|attribute| !matches!(attribute, Attribute::Token(_)));
        std::iter::once(&Attribute::Token(self == Self::Token)).chain(others).cloned().collect()
    }

    /// What to destroy after a failed call. A session key is gone with its session, and may have the label and CKA_ID of a
    /// token key.
    fn left(self, classes: &[Class]) -> &[Class] {
        if self == Self::Token { classes } else { &[] }
    }
}

impl Session {
    /// Generates a key inside the token.
    pub fn generate(&self, template: &KeyTemplate<'_>) -> Result<NewKey> {
        self.generate_for(Lifetime::Token, template)
    }

    /// Generates a session key (`CKA_TOKEN` is FALSE): destroyed when this session ends.
    pub fn generate_session_key(&self, template: &KeyTemplate<'_>) -> Result<NewKey> {
        self.generate_for(Lifetime::Session, template)
    }

    fn generate_for(&self, lifetime: Lifetime, template: &KeyTemplate<'_>) -> Result<NewKey> {
        let (mechanism, numbers) = generation(template.kind)?;
        if template.kind.is_secret() {
            let key = self.make(template, lifetime.left(&[Class::Secret]), |offer| {
                let template = [lifetime.set(&offer.secret()), numbers.clone()].concat();
                self.library.generate_key(self.handle, &mechanism, &template)
            })?;
            return Ok(NewKey::Secret(Handle(key)));
        }
        let left = lifetime.left(&[Class::Private, Class::Public]);
        let (public, private) = self.make(template, left, |offer| {
            let public = lifetime.set(&[offer.public(), numbers.clone()].concat());
            let private = lifetime.set(&offer.private());
            self.library.generate_key_pair(self.handle, &mechanism, &public, &private)
        })?;
        Ok(NewKey::Pair { private: Handle(private), public: Handle(public) })
    }

    /// Generates the HMAC companion of a convergent key: 256 bits, for MACs only.
    pub fn generate_hmac_key(&self, template: &KeyTemplate<'_>) -> Result<NewKey> {
        self.generate_for(Lifetime::Token, template)
    }

    /// As [`Self::generate_hmac_key`], but a session key.
    pub fn generate_session_hmac_key(&self, label: &str, id: &KeyId) -> Result<NewKey> {
        self.generate_for(Lifetime::Session, &KeyTemplate::hmac(label, id))
    }

    /// Generates a 256-bit key that can only compute MACs.
    pub fn generate_mac_key(&self, label: &str, id: &KeyId) -> Result<NewKey> {
        let usage = Usage { sign: true, ..Usage::NONE };
        self.generate_for(Lifetime::Token, &KeyTemplate { usage, ..KeyTemplate::hmac(label, id) })
    }
}

/// The mechanism that generates a key of this kind, and the attributes that describe it.
pub(super) fn generation(kind: KeyKind) -> Result<(Mechanism<'static>, Vec<Attribute>)> {
    let (mechanism, numbers) =
        kind.generation().ok_or(Error::new("C_GenerateKey", ck::CKR_MECHANISM_INVALID))?;
    Ok((mechanism::bare(mechanism)?, attribute::raw(numbers)))
}
