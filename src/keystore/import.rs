//! Imports a key: refuse an existing label or CKA_ID, try the import methods in order, record.

use anyhow::{Context as _, Result};

use super::{
    create::{existing, free_ids, namesakes, require_uses},
    error::Error,
    finish,
    key::Key,
    make, prove,
    register::register,
    request::{CreateRequest, Created, Origin},
    store::Keystore,
    transaction::Transaction,
    vouch,
};
use crate::{encoding::KeyMaterial, model::Version, token::ImportWay};

/// The result of [`Keystore::import`].
#[derive(Debug)]
pub struct Imported {
    pub created: Created,
    /// How the key was imported; `None` if it already existed.
    pub way: Option<ImportWay>,
    /// The methods that failed before, and why.
    pub failed: Vec<(ImportWay, String)>,
}

impl Keystore {
    /// Imports a key as version 1 of a new logical key. `request.algorithm` must be the key's own. The caller holds the
    /// token's exclusive lock.
    pub fn import(&self, request: &CreateRequest, material: &KeyMaterial) -> Result<Imported> {
        let existing_key = |created| Ok(Imported { created, way: None, failed: Vec::new() });
        let namesakes = finish::without_lone_half(self, namesakes(self, request)?)?;
        if let Some(created) = finish::finish(self, request, Some(material), &namesakes)? {
            return existing_key(created);
        }
        if let Some(existing) = existing(request, &namesakes)? {
            require_same_key(self, &existing, material)?;
            return existing_key(Created { key: existing, origin: Origin::Found, excess: Vec::new() });
        }
        require_uses(self, request)?;
        let (id, companion) = free_ids(self, request)?;
        let template = request.template(&id);
        let mut failed = Vec::new();
        let mut last = None;
        for way in self.session().import_ways() {
            let mut transaction = Transaction::begin(self, template.label, None);
            match make::import(&mut transaction, way, (&template, material), companion.as_ref()) {
                Ok(version) => {
                    let created = transaction.run(|transaction| register(transaction, request, version))?;
                    return Ok(Imported { created, way: Some(way), failed });
                }
                Err(error) => {
                    failed.push((way, format!("{error:#}")));
                    let error = transaction.take_back(error);
                    // The objects left have the CKA_ID that the next attempt would use.
                    if matches!(error.downcast_ref(), Some(Error::LeftBehind { .. })) {
                        return Err(error);
                    }
                    last = Some(error);
                }
            }
        }
        // There is always at least one method.
        let last = last.unwrap_or_else(|| anyhow::anyhow!("no import method was tried"));
        let mut transaction = Transaction::begin(self, template.label, None);
        transaction.expect(&id);
        Err(transaction.left_behind(last)).with_context(|| format!("cannot import key {:?}", template.label))
    }
}

/// `existing` is accepted instead of an import only if one of its versions is the same key.
fn require_same_key(keystore: &Keystore, existing: &Key, material: &KeyMaterial) -> Result<()> {
    let same = |version: Version| {
        let version = existing.version(version)?;
        if let Some(public) = material.public_key() {
            let binding = existing.binding(version.version);
            let half = vouch::public_half_of(keystore, &existing.label, version, &binding).ok()?;
            return Some(half.is_proven() && half.key == *public);
        }
        prove::is_material(keystore, version, material)
    };
    let answers: Vec<_> = existing.versions.iter().map(|version| same(version.version)).collect();
    if answers.contains(&Some(true)) {
        return Ok(());
    }
    let (label, id) = (existing.label.clone(), existing.current().id.clone());
    Err(Error::OtherKey { label, id }.into())
}
