//! A template with secret values, for the duration of one call.

use std::{fmt, ops::Deref};

use cryptoki::object::Attribute;
use zeroize::Zeroize;

/// Wipes its values when dropped; `cryptoki`'s attributes are plain vectors.
pub(super) struct SecretTemplate(Vec<Attribute>);

impl SecretTemplate {
    pub(super) fn new(public: Vec<Attribute>, secret: impl IntoIterator<Item = Attribute>) -> Self {
        let mut template = Self(public);
        template.0.extend(secret);
        template
    }
}

impl Deref for SecretTemplate {
    type Target = [Attribute];

    fn deref(&self) -> &[Attribute] {
        &self.0
    }
}

impl Drop for SecretTemplate {
    fn drop(&mut self) {
        for attribute in &mut self.0 {
            if let Attribute::Value(bytes) | Attribute::VendorDefined((_, bytes)) = attribute {
                bytes.zeroize();
            }
        }
    }
}

impl fmt::Debug for SecretTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretTemplate({} attributes, …)", self.0.len())
    }
}
