//! Destroying keys: every version, both halves, companions and the record.

use anyhow::Result;

use super::{Keystore, key::Key};
use crate::{
    model::{KeyId, Version},
    token::{Class, Handle, Search},
};

/// One object that is gone now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destroyed {
    pub what: &'static str,
    pub version: Option<Version>,
    pub id: KeyId,
}

impl Keystore {
    /// Destroys a key at once. The objects go first and the record last, so that a crash in between leaves a record that
    /// still says what there was, and a second run finishes.
    pub fn destroy(&self, key: &Key) -> Result<Vec<Destroyed>> {
        let mut destroyed = Vec::new();
        for version in &key.versions {
            let halves = [(version.secret.as_ref(), true), (version.public.as_ref(), false)];
            for (object, _) in halves {
                let Some(object) = object else { continue };
                self.session().destroy(object.handle)?;
                let what = class_name(object.class);
                destroyed.push(Destroyed { what, version: Some(version.version), id: object.id.clone() });
            }
            if let Some(companion) = &version.companion {
                for handle in self.companions(companion)? {
                    self.session().destroy(handle)?;
                    let what = "HMAC companion key";
                    destroyed.push(Destroyed { what, version: Some(version.version), id: companion.clone() });
                }
            }
        }
        if let Some(stored) = &key.record {
            // Older revisions that a crash left behind go with the newest.
            for stale in self.records_of_tag(&self.names.key_tag(&stored.record.identity))? {
                self.destroy_record(&stale.place)?;
            }
            destroyed.push(Destroyed { what: "record", version: None, id: KeyId::default() });
        }
        Ok(destroyed)
    }

    fn companions(&self, id: &KeyId) -> Result<Vec<Handle>> {
        let keys = self.session().keys(Search::Id(id))?;
        Ok(keys.into_iter().filter(|key| key.class == Class::Secret).map(|key| key.handle).collect())
    }
}

const fn class_name(class: Class) -> &'static str {
    match class {
        Class::Private => "private key",
        Class::Public => "public key",
        Class::Secret => "secret key",
    }
}
