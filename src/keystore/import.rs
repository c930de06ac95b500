//! Importing a key: refuse what exists, bring in by the best way that works, check against the key itself, record.

use anyhow::{Context, Result};

use super::{
    CreateRequest, Created, Keystore, Origin,
    error::Error,
    identity::Identity,
    key::{Key, KeyVersion},
    vouch,
};
use crate::{
    encoding::KeyMaterial,
    model::{KeyId, Version},
    token::{ImportWay, KeyTemplate, NewKey},
};

/// What `import` did.
#[derive(Debug)]
pub struct Imported {
    pub created: Created,
    /// How the key came in; `None` when it was there already.
    pub way: Option<ImportWay>,
    /// The ways that were tried before, and why each failed.
    pub failed: Vec<(ImportWay, String)>,
}

impl Keystore {
    /// Imports a key as version 1 of a new logical key. `request.algorithm` must be the key's own. The caller holds the
    /// token's exclusive lock.
    pub fn import(&self, request: &CreateRequest, material: &KeyMaterial) -> Result<Imported> {
        let namesakes = self.without_lone_half(self.namesakes(request)?)?;
        if let Some(created) = self.finish(request, Some(material), &namesakes)? {
            return Ok(Imported { created, way: None, failed: Vec::new() });
        }
        if let Some(existing) = Self::existing(request, &namesakes)? {
            self.require_same_key(&existing, material)?;
            let created = Created { key: existing, origin: Origin::Found, excess: Vec::new() };
            return Ok(Imported { created, way: None, failed: Vec::new() });
        }
        let id = self.free_id(request)?;
        let template = request.template(&id);
        let identity = Identity::of_first(&id, request.label.as_str());
        let companion = if request.convergent { Some(self.version_id(&identity)?) } else { None };
        let mut failed = Vec::new();
        let mut last = None;
        for way in self.session().import_ways() {
            match self.bring_in(way, &template, material, companion.as_ref()) {
                Ok(version) => {
                    let created = self
                        .register(request, identity, version)
                        .map_err(|error| self.with_leftovers(template.label, &[&id], error))?;
                    return Ok(Imported { created, way: Some(way), failed });
                }
                Err(error) => {
                    failed.push((way, format!("{error:#}")));
                    // What a way left behind has the CKA_ID that the next one would use.
                    let is_made = error.is::<Error>();
                    let error =
                        if is_made { self.with_leftovers(template.label, &[&id], error) } else { error };
                    if matches!(error.downcast_ref(), Some(Error::LeftBehind { .. })) {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        // There is always one way at least.
        let last = last.unwrap_or_else(|| anyhow::anyhow!("no way was tried"));
        Err(self.with_leftovers(template.label, &[&id], last))
            .with_context(|| format!("key {:?} cannot be brought into the token", template.label))
    }

    /// One way in. What came in is destroyed again unless it is sound.
    fn bring_in(
        &self,
        way: ImportWay,
        template: &KeyTemplate<'_>,
        material: &KeyMaterial,
        companion: Option<&KeyId>,
    ) -> Result<KeyVersion> {
        let made = self.session().import(way, template, material)?;
        let version = self.finish_version(template, made, companion)?;
        let checked = self.check_is_the_key(template.label, made, material);
        checked.inspect_err(|_| self.discard(&version.handles()))?;
        Ok(version)
    }

    /// The proof shows that the halves belong together; this, that they are those of the file.
    fn check_is_the_key(&self, label: &str, made: NewKey, material: &KeyMaterial) -> Result<()> {
        let same = match made {
            NewKey::Pair { public, .. } => {
                Some(&self.new_public_key(label, public)?) == material.public_key()
            }
            // A token that does not compute the value, or not for this key's usage, has passed the round trip.
            NewKey::Secret(key) => match self.session().check_value(key) {
                Ok(value) => material.check_value() == Some(value),
                Err(_) => true,
            },
        };
        if same {
            return Ok(());
        }
        let deviations = vec!["it is another key than the one that was given".to_owned()];
        Err(Error::NotAsAsked { label: label.to_owned(), deviations }.into())
    }

    /// `existing` serves instead of an import only if one of its versions is the very key.
    fn require_same_key(&self, existing: &Key, material: &KeyMaterial) -> Result<()> {
        let same = |version: Version| {
            let version = existing.version(version)?;
            if let Some(public) = material.public_key() {
                let binding = existing.binding(version.version);
                let half = vouch::public_half_of(self, &existing.label, version, &binding).ok()?;
                return Some(half.is_proven() && half.key == *public);
            }
            let value = self.session().check_value(version.secret.as_ref()?.handle).ok()?;
            Some(material.check_value() == Some(value))
        };
        let answers: Vec<_> = existing.versions.iter().map(|version| same(version.version)).collect();
        if answers.contains(&Some(true)) {
            return Ok(());
        }
        let (label, id) = (existing.label.clone(), existing.current().id.clone());
        Err(Error::OtherKey { label, id }.into())
    }
}
