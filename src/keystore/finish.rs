//! A creation that was cut short between the objects and their record: the same command, run again, finishes it.
//!
//! What was left behind works and may have been used since, so it is never destroyed here, but for a public half alone. It
//! is known by its CKA_ID ([`super::Namespace::first_id`]), for a day: a key that lost its record later is no new one, and
//! stands in the way of its label as any other does.

use anyhow::Result;

use super::{
    CreateRequest, Created, Keystore, Origin,
    create::{excess_uses, is_without_records},
    error::Error,
    identity::{Identity, Namespace},
    key::{Key, KeyVersion},
};
use crate::{
    algorithm::KeyKind,
    encoding::KeyMaterial,
    model::Timestamp,
    token::{Handle, KeyObject, KeyTemplate, NewKey},
};

/// The objects of a key whose creation was cut short.
pub(super) struct Unfinished<'a> {
    pub(super) version: &'a KeyVersion,
    /// The HMAC key of a convergent key.
    companion: Option<&'a KeyObject>,
}

impl<'a> Unfinished<'a> {
    /// `namesakes` are all keys of one label. `None` if there is any other among them.
    pub(super) fn among(namesakes: &[&'a Key], names: &Namespace, now: Timestamp) -> Option<Self> {
        let is_fresh = |key: &&&Key| names.is_fresh_id(&key.label, now, &key.current().id);
        let main: &'a Key = namesakes.iter().find(is_fresh)?;
        // Whoever opens a session could have made a key that is not private, to have it taken for a new one.
        if main.current().secret.as_ref().is_some_and(|secret| !secret.is_guarded()) {
            return None;
        }
        let identity = main.identity();
        let rest: Vec<&'a Key> =
            namesakes.iter().copied().filter(|key| key.current().id != main.current().id).collect();
        let is_companion = |key: &&Key| {
            key.kind() == Some(KeyKind::GenericSecret) && names.is_version_id(&identity, &key.current().id)
        };
        let unrecorded = namesakes.iter().all(|key| key.record.is_none());
        let is_whole = rest.len() < 2 && rest.len() + 1 == namesakes.len() && rest.iter().all(is_companion);
        let companion = rest.first().and_then(|key| key.current().secret.as_deref());
        (unrecorded && is_whole).then_some(Self { version: main.current(), companion })
    }

    /// Whether there is nothing but a public half.
    pub(super) fn is_lone_half(&self) -> bool {
        self.version.secret.is_none() && self.version.public.is_some()
    }

    /// `None` for half a pair.
    fn whole(&self) -> Option<NewKey> {
        let handle = |object: &Option<Box<KeyObject>>| object.as_ref().map(|object| object.handle);
        let (secret, public) = (handle(&self.version.secret)?, handle(&self.version.public));
        match (self.version.kind()?.is_secret(), public) {
            (true, None) => Some(NewKey::Secret(secret)),
            (false, Some(public)) => Some(NewKey::Pair { private: secret, public }),
            _ => None,
        }
    }
}

impl Keystore {
    /// Removes a public half that waits for its private half: the token was stopped within the creation of the pair, so
    /// there is nothing that it could be the public half of. What is left of the namesakes.
    pub(super) fn without_lone_half(&self, namesakes: Vec<Key>) -> Result<Vec<Key>> {
        let all: Vec<_> = namesakes.iter().collect();
        match Unfinished::among(&all, self.names(), self.now()) {
            Some(left) if left.is_lone_half() => {
                for handle in left.version.handles() {
                    self.session().destroy(handle)?;
                }
                Ok(Vec::new())
            }
            _ => Ok(namesakes),
        }
    }

    /// Proves and records what an earlier run of the same command left behind. `None` if there is no such thing, or if it
    /// is not what the request asks for, or not `material`, of an import.
    pub(super) fn finish(
        &self,
        request: &CreateRequest,
        material: Option<&KeyMaterial>,
        namesakes: &[Key],
    ) -> Result<Option<Created>> {
        let namesakes: Vec<_> = namesakes.iter().collect();
        let Some(left) = Unfinished::among(&namesakes, self.names(), self.now()) else { return Ok(None) };
        let version = left.version;
        let is_asked = request.id.is_none()
            && version.kind() == Some(request.algorithm.kind())
            && version.protection().extractable.unwrap_or(request.exportable) == request.exportable
            // What an import left behind has been outside: it is no key that was made here.
            && (material.is_some() || version.protection().local != Some(false))
            && (request.convergent || left.companion.is_none());
        if !is_asked {
            return Ok(None);
        }
        let template = request.template(&version.id);
        let (made, added) = match (left.whole(), material, &version.secret) {
            (Some(made), ..) => (made, None),
            (None, Some(material), Some(private)) => match self.other_half(&template, material)? {
                Some(public) => (NewKey::Pair { private: private.handle, public }, Some(public)),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let finished = self.finish_objects(request, material, made, &left);
        if !matches!(finished, Ok(Some(_))) {
            self.discard(added.as_slice());
        }
        finished
    }

    /// An import that was cut short between the halves of a pair. Whether they belong together is to be proven, so the key
    /// must be good for something.
    fn other_half(&self, template: &KeyTemplate<'_>, material: &KeyMaterial) -> Result<Option<Handle>> {
        let is_provable = template.usage.sign || template.usage.decrypt;
        match material.public_key().filter(|_| is_provable) {
            Some(public) => Ok(Some(self.session().create_public(template, public)?)),
            None => Ok(None),
        }
    }

    fn finish_objects(
        &self,
        request: &CreateRequest,
        material: Option<&KeyMaterial>,
        made: NewKey,
        left: &Unfinished<'_>,
    ) -> Result<Option<Created>> {
        let (id, label) = (&left.version.id, request.label.as_str());
        let mut version = match self.check_version(&request.template(id), made) {
            Ok(version) => version,
            Err(error) if error.is::<Error>() => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_same = material.is_none_or(|material| self.is_surely(material, made, &version));
        if version.token_usage() != request.usage || !is_same {
            return Ok(None);
        }
        let identity = Identity::of_first(id, label);
        if request.convergent {
            self.complete_convergence(&mut version, label, (&identity, made.secret()), left)?;
        }
        let excess = excess_uses(request.usage, &version);
        match self.store_first(request, identity, version) {
            Ok(key) => Ok(Some(Created { key, origin: Origin::Finished, excess })),
            // On such a token a key without a record is whole.
            Err(error) if is_without_records(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A secret key whose check value the token does not compute may be another.
    fn is_surely(&self, material: &KeyMaterial, made: NewKey, version: &KeyVersion) -> bool {
        match material.public_key() {
            Some(public) => version
                .public_numbers()
                .and_then(KeyObject::public_key)
                .is_some_and(|found| found.as_ref() == Ok(public)),
            None => self
                .session()
                .check_value(made.secret())
                .is_ok_and(|value| material.check_value() == Some(value)),
        }
    }

    /// Takes the companion that is there, or makes it.
    fn complete_convergence(
        &self,
        version: &mut KeyVersion,
        label: &str,
        (identity, key): (&Identity, Handle),
        left: &Unfinished<'_>,
    ) -> Result<()> {
        if let Some(companion) = left.companion {
            return self.add_companion(version, label, &companion.id, (key, companion.handle));
        }
        self.require_convergence()?;
        let id = self.version_id(identity)?;
        let hmac = self.session().generate_hmac_key(label, &id)?;
        let added = self.add_companion(version, label, &id, (key, hmac.secret()));
        added.inspect_err(|_| self.discard(&hmac.handles()))
    }
}
