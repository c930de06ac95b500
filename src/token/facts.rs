//! What is known of a token that allows less than others: learnt from its refusals during a run, or kept in a profile.

use std::{fmt, str::FromStr};

use super::form::{Detail, FORMS, Form, IdForm};
use crate::model::Invalid;

/// A way in which tokens differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The token opens no read-only sessions.
    ReadWriteSessions,
    /// `CKA_LABEL` and `CKA_ID` are one name.
    LabelIsId,
    /// Two objects of a class never have the same label.
    UniqueLabels,
    /// Usage attributes cannot be changed, so the record alone says what a key may do.
    FixedUses,
    /// The token stores no data objects.
    NoDataObjects,
    /// The token makes the IV of AES-GCM.
    IvOfToken,
}

/// Each with its name in a profile, and its two values there.
const FACTS: [(Fact, &str, [&str; 2]); 6] = [
    (Fact::ReadWriteSessions, "sessions", ["read-only", "read-write"]),
    (Fact::LabelIsId, "label", ["apart", "is-id"]),
    (Fact::UniqueLabels, "labels", ["shared", "unique"]),
    (Fact::FixedUses, "uses", ["changeable", "fixed"]),
    (Fact::NoDataObjects, "records", ["on-token", "in-files"]),
    (Fact::IvOfToken, "iv", ["of-caller", "of-token"]),
];
const TEMPLATE: &str = "template";
const SLOT: &str = "slot";
const SERIAL: &str = "serial";

/// The facts that are known. As text: `slot=1 serial=0815 template=bare sessions=read-write`; a fact that is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The first form that the token did not refuse.
    template: Option<usize>,
    known: [Option<bool>; FACTS.len()],
    /// The slot that the token was in.
    slot: Option<u64>,
    /// The token that the facts are about.
    serial: Option<String>,
}

impl Facts {
    /// `None` if it is not known.
    pub fn get(&self, fact: Fact) -> Option<bool> {
        self.known[fact as usize]
    }

    pub fn note(&mut self, fact: Fact, holds: bool) {
        self.known[fact as usize] = Some(holds);
    }

    pub fn is(&self, fact: Fact) -> bool {
        self.get(fact) == Some(true)
    }

    /// Notes which token the facts are about.
    pub fn note_place(&mut self, slot: u64, serial: &str) {
        // As text the facts are separated by blanks.
        let is_word = !serial.is_empty() && !serial.contains(char::is_whitespace);
        (self.slot, self.serial) = if is_word { (Some(slot), Some(serial.to_owned())) } else { (None, None) };
    }

    /// The slot in which the token probably still is.
    pub(super) const fn slot(&self) -> Option<u64> {
        self.slot
    }

    /// Whether they are about the token with this serial number, as far as they say.
    pub(super) fn are_of(&self, serial: &str) -> bool {
        self.serial.as_deref().is_none_or(|known| known == serial)
    }

    /// The forms to try, those that were refused before left out. Without `is_id_free` only those with the whole CKA_ID.
    pub(super) fn forms_to_try(&self, is_id_free: bool, may_be_minimal: bool) -> Vec<(usize, Form)> {
        let forms = FORMS.into_iter().map(|(_, form)| form).enumerate();
        let forms = forms.filter(|(_, form)| may_be_minimal || form.detail != Detail::Minimal);
        if !is_id_free {
            return forms.filter(|(_, form)| form.id == IdForm::Whole).collect();
        }
        let label_is_id = self.is(Fact::LabelIsId);
        let named = |form: Form| Form { id: if label_is_id { IdForm::Label } else { form.id }, ..form };
        let forms: Vec<_> = forms.map(|(step, form)| (step, named(form))).collect();
        let first = self.template.unwrap_or_default().min(forms.len() - 1);
        forms[first..].to_vec()
    }

    pub(super) fn accept(&mut self, step: usize) {
        self.template = self.template.max(Some(step));
    }

    /// Notes that the token refused all other forms.
    pub fn note_minimal(&mut self) {
        self.template = Some(FORMS.len() - 1);
    }

    /// Whether new objects have the CKA_ID of their template, as far as is known.
    pub(super) fn keep_ids(&self) -> bool {
        let (_, form) = FORMS[self.template.unwrap_or_default()];
        form.id == IdForm::Whole && !self.is(Fact::LabelIsId)
    }

    /// The facts as words.
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let template = self.template.map(|step| (TEMPLATE, FORMS[step].0.to_owned()));
        let slot = self.slot.map(|slot| (SLOT, slot.to_string()));
        let serial = self.serial.clone().map(|serial| (SERIAL, serial));
        let others = FACTS.iter().filter_map(|(fact, name, values)| {
            Some((*name, values[usize::from(self.get(*fact)?)].to_owned()))
        });
        slot.into_iter().chain(serial).chain(template).chain(others).collect()
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.words().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Facts {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut facts = Self::default();
        for word in text.split_whitespace() {
            let unknown = || {
                Invalid::new(format!("{word:?} is not a fact about a token, as `config learn` writes them"))
            };
            let (name, value) = word.split_once('=').ok_or_else(unknown)?;
            match name {
                TEMPLATE => {
                    let step = FORMS.iter().position(|(form, _)| *form == value);
                    facts.template = Some(step.ok_or_else(unknown)?);
                }
                SLOT => facts.slot = Some(value.parse().map_err(|_| unknown())?),
                SERIAL => facts.serial = Some(value.to_owned()),
                _ => {
                    let (fact, _, values) =
                        FACTS.iter().find(|(_, known, _)| *known == name).ok_or_else(unknown)?;
                    let at = values.iter().position(|known| *known == value).ok_or_else(unknown)?;
                    facts.note(*fact, at == 1);
                }
            }
        }
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_are_written() {
        let mut facts = Facts::default();
        assert_eq!(facts.to_string(), "");
        facts.accept(4);
        for (index, (fact, ..)) in FACTS.into_iter().enumerate() {
            assert_eq!(fact as usize, index);
            facts.note(fact, index % 2 == 0);
        }
        facts.note_place(7, "ab 1");
        assert_eq!(facts.slot(), None);
        facts.note_place(7, "ab1");
        assert!(facts.are_of("ab1") && !facts.are_of("ab2"));
        let text = facts.to_string();
        assert!(
            text.starts_with("slot=7 serial=ab1 template=bare-private sessions=read-write label=apart"),
            "{text}"
        );
        assert_eq!(text.parse::<Facts>().expect(&text), facts);
        for bad in ["slot=x", "template", "template=best", "iv=mine", "pin=1234"] {
            assert!(bad.parse::<Facts>().is_err(), "{bad}");
        }
    }

    #[test]
    fn refused_forms_are_not_tried_again() {
        let mut facts = Facts::default();
        let steps = |facts: &Facts, is_id_free, may_be_minimal| {
            facts.forms_to_try(is_id_free, may_be_minimal).iter().map(|(step, _)| *step).collect::<Vec<_>>()
        };
        assert_eq!(steps(&facts, true, true), (0..9).collect::<Vec<_>>());
        assert_eq!(steps(&facts, false, true), [0, 1, 2, 3, 4]);
        facts.accept(6);
        assert_eq!(steps(&facts, true, false), [6, 7]);
        facts.note_minimal();
        assert_eq!(steps(&facts, true, true), [8]);
        assert_eq!(steps(&facts, true, false), [7]);
    }
}
