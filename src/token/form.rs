//! What the template of a new key states. A token that refuses one form is offered the next, which differs in one thing;
//! what counts is what the new object says of itself.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Which of a key's absent uses a template states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Every usage attribute, TRUE or FALSE.
    Full,
    /// Without the attributes that kmsctl never sets: some tokens do not know them.
    Plain,
    /// Only what is TRUE: tpm2-pkcs11 enables a use that is mentioned at all.
    Bare,
}

/// What a template says about `CKA_ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdForm {
    Whole,
    /// Two bytes, of the whole.
    Short,
    /// The bytes of the label, for a token that keeps one name for both.
    Label,
    /// The token chooses it.
    None,
}

/// The form of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) detail: Detail,
    pub(super) id: IdForm,
    /// Whether the public half has `CKA_PRIVATE` TRUE: some HSMs hold no other.
    pub(super) private_public_half: bool,
}

const fn form(detail: Detail, id: IdForm, private_public_half: bool) -> Form {
    Form { detail, id, private_public_half }
}

/// In the order in which they are tried.
const FORMS: [Form; 8] = [
    form(Detail::Full, IdForm::Whole, false),
    form(Detail::Plain, IdForm::Whole, false),
    form(Detail::Bare, IdForm::Whole, false),
    form(Detail::Full, IdForm::Whole, true),
    form(Detail::Bare, IdForm::Whole, true),
    form(Detail::Full, IdForm::Short, false),
    form(Detail::Bare, IdForm::Short, false),
    form(Detail::Bare, IdForm::None, false),
];

/// What a token was found to accept; shared by all sessions of a run.
#[derive(Debug, Default)]
pub(super) struct Forms {
    accepted: AtomicUsize,
    label_is_id: AtomicBool,
    token_makes_iv: AtomicBool,
}

impl Forms {
    /// The forms to try, those that were refused before left out. Without `is_id_free` only those with the whole CKA_ID.
    pub(super) fn to_try(&self, is_id_free: bool) -> Vec<(usize, Form)> {
        let forms = FORMS.into_iter().enumerate();
        if !is_id_free {
            return forms.filter(|(_, form)| form.id == IdForm::Whole).collect();
        }
        let named =
            |form: Form| Form { id: if self.label_is_id() { IdForm::Label } else { form.id }, ..form };
        let forms = forms.skip(self.accepted.load(Ordering::Relaxed));
        forms.map(|(step, form)| (step, named(form))).collect()
    }

    pub(super) fn accept(&self, step: usize) {
        self.accepted.fetch_max(step, Ordering::Relaxed);
    }

    /// Whether new objects have the CKA_ID of their template, as far as is known.
    pub(super) fn keep_ids(&self) -> bool {
        let accepted = FORMS.get(self.accepted.load(Ordering::Relaxed));
        accepted.is_none_or(|form| form.id == IdForm::Whole) && !self.label_is_id()
    }

    /// Whether the token makes the IV of AES-GCM.
    pub(super) fn token_makes_iv(&self) -> bool {
        self.token_makes_iv.load(Ordering::Relaxed)
    }

    pub(super) fn note_iv_of_token(&self) {
        self.token_makes_iv.store(true, Ordering::Relaxed);
    }

    pub(super) fn label_is_id(&self) -> bool {
        self.label_is_id.load(Ordering::Relaxed)
    }

    pub(super) fn note_label_is_id(&self) {
        self.label_is_id.store(true, Ordering::Relaxed);
    }
}
