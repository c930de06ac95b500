//! What a request of a batch answers.

use crate::{keystore::Selected, model::answer};

answer! {
    /// The result of a request: the fields of its operation, the others left out.
    #[derive(Default)]
    pub struct BatchResult {
        /// Of random: how many bytes; left out otherwise
        bytes if "Option::is_none": Option<u32>,
        /// Of random: the bytes; left out otherwise
        random if "Option::is_none": Option<String>,
        /// Of datakey: bits of the data key; left out otherwise
        bits if "Option::is_none": Option<u32>,
        /// Of sign: the signature; left out otherwise
        signature if "Option::is_none": Option<String>,
        /// Of jwt-sign: the JSON Web Token; left out otherwise
        token if "Option::is_none": Option<String>,
        /// Of sign and jwt-sign: the signature algorithm; left out otherwise
        algorithm if "Option::is_none": Option<&'static str>,
        /// Of jwt-sign: the key ID in the header; left out otherwise
        kid if "Option::is_none": Option<Option<String>>,
        /// Of encrypt, reencrypt and datakey: the ciphertext; left out otherwise
        ciphertext if "Option::is_none": Option<String>,
        /// Of reencrypt: whether the ciphertext is another one; left out otherwise
        changed if "Option::is_none": Option<bool>,
        /// Of decrypt, and of datakey with "plaintext": the data, or the data key; left out otherwise
        plaintext if "Option::is_none": Option<String>,
        /// Of verify: whether the signature is valid; left out otherwise
        valid if "Option::is_none": Option<bool>,
        /// Of verify: false if the public key is not verified; left out otherwise
        proven if "Option::is_none": Option<bool>,
        /// Label of the key; left out of random and verify
        label if "Option::is_none": Option<String>,
        /// CKA_ID of the key version; left out of random and verify
        cka_id if "Option::is_none": Option<String>,
        /// Number of the key version; left out of random and verify
        version if "Option::is_none": Option<u32>,
    }
}

impl BatchResult {
    /// With the key that gave the result.
    pub(super) fn of(selected: &Selected) -> Self {
        Self {
            label: Some(selected.key.label.clone()),
            cka_id: Some(selected.version().id.to_string()),
            version: Some(selected.version().version.number()),
            ..Self::default()
        }
    }
}
