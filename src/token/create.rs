//! Creating keys, in the first form of a template that the token accepts.

use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, AttributeType},
};
use cryptoki_sys as ck;

use super::{
    attribute,
    error::{Error, Result},
    facts::Fact,
    form::{Detail, Form, IdForm},
    key::{Class, KeyObject},
    mechanism,
    object::Search,
    session::{Handle, Session},
    template::{KeyTemplate, Offer},
};
use crate::algorithm::KeyKind;
use crate::model::{KeyId, Usage};

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
        make: impl FnMut(&Offer<'_>) -> Result<T>,
    ) -> Result<T> {
        let forms = self.facts().forms_to_try(template.is_id_free, false);
        self.make_in(&forms, template, classes, make)
    }

    fn make_in<T>(
        &self,
        forms: &[(usize, Form)],
        template: &KeyTemplate<'_>,
        classes: &[Class],
        mut make: impl FnMut(&Offer<'_>) -> Result<T>,
    ) -> Result<T> {
        let further = self.key_attributes.of(template.kind);
        let mut first = None;
        for &(step, form) in forms {
            let id = match form.id {
                IdForm::Short => self.short_id(template.id)?,
                IdForm::Label => KeyId::from_bytes(template.label.as_bytes()),
                IdForm::Whole | IdForm::None => template.id.clone(),
            };
            let template = KeyTemplate { id: &id, ..*template };
            match make(&Offer { template, form, further: &further }) {
                Ok(objects) => {
                    self.facts().accept(step);
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
        self.knows(Fact::LabelIsId)
    }

    /// From now on new keys get the bytes of their label as CKA_ID.
    pub fn note_label_is_id(&self) {
        self.note(Fact::LabelIsId, true);
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
        // The minimal form does not say how long the key lives.
        let may_be_minimal = lifetime == Lifetime::Token && self.key_attributes.has(template.kind);
        let forms = self.facts().forms_to_try(template.is_id_free, may_be_minimal);
        let stated = |offer: &Offer<'_>, half: Vec<Attribute>, numbers: &[Attribute]| {
            if offer.is_minimal() { half } else { [&lifetime.set(&half)[..], numbers].concat() }
        };
        if template.kind.is_secret() {
            return self.make_in(&forms, template, lifetime.left(&[Class::Secret]), |offer| {
                let template = stated(offer, offer.secret(), &numbers);
                let key = Handle(self.library.generate_key(self.handle, &mechanism, &template)?);
                self.require_kept(offer, key)?;
                Ok(NewKey::Secret(key))
            });
        }
        let left = lifetime.left(&[Class::Private, Class::Public]);
        self.make_in(&forms, template, left, |offer| {
            let public = stated(offer, offer.public(), &numbers);
            let private = stated(offer, offer.private(), &[]);
            let made = self.library.generate_key_pair(self.handle, &mechanism, &public, &private)?;
            let (public, private) = (Handle(made.0), Handle(made.1));
            self.require_kept(offer, private)?;
            Ok(NewKey::Pair { private, public })
        })
    }

    /// Fails unless the new key outlives the session: a minimal template does not ask for that.
    fn require_kept(&self, offer: &Offer<'_>, secret: Handle) -> Result<()> {
        let is_kept =
            || Ok(self.read(secret, &[AttributeType::Token])?.bool(AttributeType::Token) == Some(true));
        if offer.is_minimal() && !is_kept()? {
            return Err(Error::new("C_GenerateKey", ck::CKR_TEMPLATE_INCOMPLETE));
        }
        Ok(())
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
