//! Enables and disables the uses of a key on the token, which then enforces them for every program.

use cryptoki::object::Attribute;
use cryptoki_sys as ck;

use super::{
    error::{Error, Result},
    facts::Fact,
    key::{Class, KeyObject, Uses},
    session::{Handle, Session},
    template::use_of,
};
use crate::model::KeyId;

impl Uses {
    /// What both allow.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self {
            usage: self.usage.intersection(other.usage),
            wrap: self.wrap && other.wrap,
            unwrap: self.unwrap && other.unwrap,
            derive: self.derive && other.derive,
        }
    }

    /// The attributes in which `self` differs from `other`, with the values of `self`.
    fn differences(self, other: Self) -> Vec<Attribute> {
        [
            (self.usage.sign, other.usage.sign, Attribute::Sign(self.usage.sign)),
            (self.usage.verify, other.usage.verify, Attribute::Verify(self.usage.verify)),
            (self.usage.encrypt, other.usage.encrypt, Attribute::Encrypt(self.usage.encrypt)),
            (self.usage.decrypt, other.usage.decrypt, Attribute::Decrypt(self.usage.decrypt)),
            (self.wrap, other.wrap, Attribute::Wrap(self.wrap)),
            (self.unwrap, other.unwrap, Attribute::Unwrap(self.unwrap)),
            (self.derive, other.derive, Attribute::Derive(self.derive)),
        ]
        .into_iter()
        .filter(|(wanted, stated, _)| wanted != stated)
        .map(|(.., attribute)| attribute)
        .collect()
    }
}

/// Returned by a token that does not allow an attribute to be changed.
const UNCHANGEABLE: &[ck::CK_RV] = &[
    ck::CKR_ATTRIBUTE_READ_ONLY,
    ck::CKR_ATTRIBUTE_TYPE_INVALID,
    ck::CKR_ATTRIBUTE_VALUE_INVALID,
    ck::CKR_ACTION_PROHIBITED,
    ck::CKR_TEMPLATE_INCONSISTENT,
    ck::CKR_FUNCTION_NOT_SUPPORTED,
    // A card that leaves it to its own program.
    ck::CKR_USER_NOT_LOGGED_IN,
];

/// Returned by a token that does not change attributes.
const FIXED: &[ck::CK_RV] = &[
    ck::CKR_ATTRIBUTE_READ_ONLY,
    ck::CKR_ACTION_PROHIBITED,
    ck::CKR_FUNCTION_NOT_SUPPORTED,
    ck::CKR_USER_NOT_LOGGED_IN,
];

impl Session {
    /// Sets the uses of an object as far as the token allows, and returns the object as read back: some tokens report
    /// success without changing anything.
    pub fn set_uses(&self, object: &KeyObject, wanted: Uses) -> Result<KeyObject> {
        let changes = wanted.differences(object.uses());
        let changes: Vec<_> = changes.into_iter().map(|change| use_of(object.kind, change)).collect();
        if changes.is_empty() || self.knows(Fact::FixedUses) {
            return Ok(object.clone());
        }
        match self.change(object.handle, &changes) {
            Err(error) if error.is(ck::CKR_FUNCTION_NOT_SUPPORTED) => {
                self.note(Fact::FixedUses, true);
                return Ok(object.clone());
            }
            // One by one: an attribute that cannot be changed must not hold back the others.
            Err(error) if error.is_any(UNCHANGEABLE) && changes.len() > 1 => {
                for change in changes {
                    self.change_if_allowed(object, change)?;
                }
            }
            Err(error) if error.is_any(UNCHANGEABLE) => {}
            other => other?,
        }
        Ok(self.key(object.handle)?.unwrap_or_else(|| object.clone()))
    }

    /// Finds out whether the token changes usage attributes, by setting one to the value that it has.
    pub fn learn_fixed_uses(&self, object: &KeyObject) {
        let same = match object.class {
            Class::Public => Attribute::Verify(object.usage.verify),
            Class::Private | Class::Secret => Attribute::Sign(object.usage.sign),
        };
        if self.change(object.handle, &[same]).is_err_and(|error| error.is_any(FIXED)) {
            self.note(Fact::FixedUses, true);
        }
    }

    fn change_if_allowed(&self, object: &KeyObject, change: Attribute) -> Result<()> {
        match self.change(object.handle, &[change]) {
            Err(error) if error.is_any(UNCHANGEABLE) => Ok(()),
            other => other,
        }
    }

    /// Sets the label of an object.
    pub fn set_label(&self, object: Handle, label: &str) -> Result<()> {
        self.change(object, &[Attribute::Label(label.as_bytes().to_vec())])
    }

    /// The answer of a token that changes no labels. Asked of the handle that no object has (PKCS#11 3.1, section 3.4), since
    /// SoftHSM writes an object anew that gets the label that it has.
    pub fn label_refusal(&self) -> Option<Error> {
        let refused = self.set_label(Handle(ck::CK_INVALID_HANDLE), "").err();
        refused.filter(|error| error.is_any(FIXED))
    }

    /// Sets the CKA_ID of an object.
    pub fn set_id(&self, object: Handle, id: &KeyId) -> Result<()> {
        self.change(object, &[Attribute::Id(id.as_bytes().to_vec())])
    }

    /// A copy of a private or secret object with another CKA_ID, read back. `None` if the token makes none that is equal
    /// otherwise.
    pub fn copied(&self, object: &KeyObject, id: &KeyId) -> Result<Option<KeyObject>> {
        let made =
            self.library.copy_object(self.handle, object.handle.0, &[Attribute::Id(id.as_bytes().to_vec())]);
        let handle = match made {
            Err(error) if error.is_gone() || error.is_lost_connection() => return Err(error),
            Err(_) if self.is_gone(object.handle) => {
                return Err(Error::new("C_CopyObject", ck::CKR_OBJECT_HANDLE_INVALID));
            }
            Err(_) => return Ok(None),
            Ok(copy) => Handle(copy),
        };
        let is_equal = |copy: &KeyObject| {
            copy.id == *id
                && copy.label == object.label
                && copy.uses() == object.uses()
                && copy.protection == object.protection
                && copy.allowed_mechanisms == object.allowed_mechanisms
        };
        let copy = self.key(handle)?.filter(is_equal);
        if copy.is_none() {
            self.destroy(handle)?;
        }
        Ok(copy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Usage;

    #[test]
    fn each_class_has_its_own_uses() {
        let usage = Usage { sign: true, verify: true, encrypt: true, decrypt: true };
        let all = Uses { usage, wrap: true, unwrap: true, derive: true };
        let names = |class| all.of_class(class).usage.names();
        assert_eq!(names(Class::Private), ["sign", "decrypt"]);
        assert_eq!(names(Class::Public), ["verify", "encrypt"]);
        assert_eq!(all.of_class(Class::Secret), all);
    }

    #[test]
    fn only_differences_are_changed() {
        let signs = Uses { usage: Usage { sign: true, ..Usage::NONE }, ..Uses::default() };
        assert!(signs.differences(signs).is_empty());
        assert_eq!(signs.differences(Uses::default()), [Attribute::Sign(true)]);
        let off = Uses::default().differences(Uses { unwrap: true, ..signs });
        assert_eq!(off, [Attribute::Sign(false), Attribute::Unwrap(false)]);
    }
}
