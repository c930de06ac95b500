//! What the template of a new key states. A token that refuses one form is offered the next, which differs in one thing;
//! what counts is what the new object says of itself.

/// Which of a key's absent uses a template states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Every usage attribute, TRUE or FALSE.
    Full,
    /// Without the attributes that kmsctl never sets: some tokens do not know them.
    Plain,
    /// Only what is TRUE: tpm2-pkcs11 enables a use that is mentioned at all.
    Bare,
    /// The label and the attributes of the profile alone, for a service that derives the rest from them.
    Minimal,
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

/// In the order in which they are tried, with the name of each in a profile.
pub(super) const FORMS: [(&str, Form); 9] = [
    ("full", form(Detail::Full, IdForm::Whole, false)),
    ("plain", form(Detail::Plain, IdForm::Whole, false)),
    ("bare", form(Detail::Bare, IdForm::Whole, false)),
    ("full-private", form(Detail::Full, IdForm::Whole, true)),
    ("bare-private", form(Detail::Bare, IdForm::Whole, true)),
    ("full-short-id", form(Detail::Full, IdForm::Short, false)),
    ("bare-short-id", form(Detail::Bare, IdForm::Short, false)),
    ("bare-no-id", form(Detail::Bare, IdForm::None, false)),
    ("minimal", form(Detail::Minimal, IdForm::None, false)),
];
