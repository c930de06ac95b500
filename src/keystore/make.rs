//! Making the objects of one version: generate, read back, prove. Whatever fails, nothing stays on the token.

use anyhow::{Context as _, Result};

use super::{Keystore, error::Error, identity::Identity, key::KeyVersion};
use crate::{
    model::KeyId,
    token::{Class, Handle, KeyObject, KeyTemplate, NewKey},
};

impl Keystore {
    /// A CKA_ID for an object of a key: half of it random, the other half telling whose it is.
    pub(super) fn version_id(&self, identity: &Identity) -> Result<KeyId> {
        Ok(self.names().version_id(identity, &self.session().random(Identity::SALT_LEN)?))
    }

    /// Makes the objects of a version, numbered 1 until the caller knows better. `companion` is the CKA_ID of the HMAC
    /// key of a convergent key.
    pub(super) fn make_version(
        &self,
        template: &KeyTemplate<'_>,
        companion: Option<&KeyId>,
    ) -> Result<KeyVersion> {
        if companion.is_some() {
            self.require_convergence()?;
        }
        let made = self
            .session()
            .generate(template)
            .with_context(|| format!("the token cannot make a key of {}", template.algorithm))?;
        self.finish_version(template, made, companion)
    }

    /// Checks and proves what was generated or imported, and adds the companion. On an error nothing stays.
    pub(super) fn finish_version(
        &self,
        template: &KeyTemplate<'_>,
        made: NewKey,
        companion: Option<&KeyId>,
    ) -> Result<KeyVersion> {
        let mut handles = made.handles();
        let version = self.check_version(template, made).and_then(|mut version| {
            if let Some(id) = companion {
                let hmac = self.session().generate_hmac_key(template.label, id)?;
                handles.extend(hmac.handles());
                self.add_companion(&mut version, template.label, id, (made.secret(), hmac.secret()))?;
            }
            Ok(version)
        });
        if version.is_err() {
            self.discard(&handles);
        }
        version
    }

    /// Reads the objects of a version back, and proves that they work.
    pub(super) fn check_version(&self, template: &KeyTemplate<'_>, made: NewKey) -> Result<KeyVersion> {
        let objects = self.read_new_key(template, made)?;
        self.prove(template, made)?;
        let (public, secret): (Vec<_>, Vec<_>) =
            objects.into_iter().map(Box::new).partition(|object| object.class == Class::Public);
        let (secret, public) = (secret.into_iter().next(), public.into_iter().next());
        Ok(KeyVersion::of_objects(template.id.clone(), secret, public))
    }

    /// Adds the HMAC key beside the key of a convergent version, once both together have been proven.
    pub(super) fn add_companion(
        &self,
        version: &mut KeyVersion,
        label: &str,
        id: &KeyId,
        (key, hmac): (Handle, Handle),
    ) -> Result<()> {
        version.companion_key = Some(Box::new(self.check_companion(label, id, hmac)?));
        version.companion = Some(id.clone());
        self.prove_convergence(label, key, hmac)
    }

    fn check_companion(&self, label: &str, id: &KeyId, handle: Handle) -> Result<KeyObject> {
        let not_as_asked = |deviation: &str| {
            let deviations = vec![format!("of its HMAC key {deviation}")];
            Error::NotAsAsked { label: label.to_owned(), deviations }
        };
        let object = self.session().key(handle)?.ok_or_else(|| not_as_asked("nothing is there"))?;
        let protection = object.protection;
        if object.id != *id {
            return Err(not_as_asked("the CKA_ID differs").into());
        }
        if protection.sensitive == Some(false) || protection.extractable == Some(true) {
            return Err(not_as_asked("the value can be read").into());
        }
        Ok(object)
    }
}
