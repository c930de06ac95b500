//! Completes a rotation that was interrupted between the objects of the new version and their record. The CKA_ID of the
//! objects says which version of which key they are ([`super::Namespace::next_id`]).
//!
//! They are adopted, not destroyed: with an old record that was put back, a version in use looks the same, and to adopt it is
//! right then, too. The run that made them may still be alive on another machine. It must not destroy them when it fails, so
//! they first get other CKA_IDs, which that run sees on the objects even where the module hides new records from it
//! (SoftHSM), and a copy replaces the private or secret object: who destroys the original has the version, however late that
//! run fails; see [`super::transaction::Transaction::take_back`].

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    error::{Error, is_conflict},
    identity::{Namespace, Next},
    key::{Key, KeyVersion},
    make, new_id,
    record::Record,
    store::Keystore,
    transaction::Transaction,
};
use crate::{
    model::KeyId,
    token::{Class, KeyObject, KeyTemplate, NewKey, Uses},
};

/// The objects of a version that no record names.
#[derive(Debug)]
pub(super) struct Stray<'a> {
    pub(super) id: &'a KeyId,
    pub(super) next: Next,
    secret: Option<&'a KeyObject>,
    public: Option<&'a KeyObject>,
    /// The HMAC key of a convergent key.
    companion: Option<&'a KeyObject>,
}

impl<'a> Stray<'a> {
    /// Whether it can be the next version of the key: its halves are there, and no version has its number.
    pub(super) fn is_next(&self, record: &Record) -> bool {
        self.next.version == record.newest().version.next() && self.made().is_some()
    }

    /// Whether it cannot be in use: its run lost to another one, or was interrupted before it made the private half, or the
    /// version was destroyed.
    pub(super) fn is_void(&self, record: &Record) -> bool {
        let is_lost = record.version(self.next.version).is_some_and(|entry| entry.id != *self.id);
        let is_half = self.secret.is_none() && self.next.version == record.newest().version.next();
        is_lost || is_half || self.is_destroyed(record)
    }

    /// Whether the version was destroyed: the record names later ones, also if it is an old one that was put back. A change that
    /// another machine was making brought it back (SoftHSM).
    pub(super) fn is_destroyed(&self, record: &Record) -> bool {
        self.next.version < record.newest().version && record.version(self.next.version).is_none()
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &'a KeyObject> + use<'a> {
        [self.secret, self.public, self.companion].into_iter().flatten()
    }

    fn made(&self) -> Option<NewKey> {
        let secret = self.secret?;
        match (secret.class == Class::Secret, self.public) {
            (true, None) => Some(NewKey::Secret(secret.handle)),
            (false, Some(public)) => Some(NewKey::Pair { private: secret.handle, public: public.handle }),
            _ => None,
        }
    }
}

/// The strays of a key with a record, in the order of their versions. Without the PIN anyone could store a public object or one
/// that is not CKA_PRIVATE; the latter does not count.
pub(super) fn strays<'a>(names: &Namespace, key: &'a Key) -> Vec<Stray<'a>> {
    let Some(record) = key.record() else { return Vec::new() };
    let is_companion = |object: &KeyObject| record.convergent && object.kind.is_mac();
    let guarded = || key.strays.iter().filter(|object| object.class == Class::Public || object.is_guarded());
    let ids: BTreeSet<_> =
        guarded().filter(|object| !is_companion(object)).map(|object| &object.id).collect();
    let of_id = |id| {
        let next = record.version_of(names, id)?;
        let with = |is: fn(Class) -> bool| guarded().find(|object| object.id == *id && is(object.class));
        let of_next = |object: &&KeyObject| record.version_of(names, &object.id) == Some(next);
        Some(Stray {
            id,
            next,
            secret: with(|class| class != Class::Public),
            public: with(|class| class == Class::Public),
            companion: guarded().filter(|object| is_companion(object)).find(of_next),
        })
    };
    let mut strays: Vec<_> = ids.into_iter().filter_map(of_id).collect();
    strays.sort_by_key(|stray| (stray.next.version, stray.made().is_none()));
    strays
}

/// The objects that an interrupted rotation made for the next version. Fails if they cannot become the one that is `asked`
/// for: there must not be two next versions.
pub(super) fn next<'a>(keystore: &Keystore, key: &'a Key, asked: Next) -> Result<Option<Stray<'a>>, Error> {
    let strays = strays(keystore.names(), key);
    let Some(stray) =
        strays.into_iter().find(|stray| stray.next.version == asked.version && stray.secret.is_some())
    else {
        return Ok(None);
    };
    if stray.next != asked {
        return Err(Error::RotationPending { label: key.label.clone(), version: asked.version });
    }
    match stray.made() {
        Some(_) => Ok(Some(stray)),
        None => Err(unfit(key, &stray, "one of its halves is missing")),
    }
}

/// [`Error::Conflict`] with a rotation that is running, or was interrupted. The label and the CKA_ID of the first version say
/// which key its objects belong to, so these must not change or go before.
pub(super) fn refuse_pending(keystore: &Keystore, key: &Key) -> Result<(), Error> {
    if strays(keystore.names(), key).is_empty() {
        return Ok(());
    }
    Err(Error::Conflict { label: key.label.clone() })
}

/// [`Error::RotationPending`] in place of a conflict with a rotation that does not end.
pub(super) fn or_pending(keystore: &Keystore, key: &Key, error: anyhow::Error) -> anyhow::Error {
    let key = if is_conflict(&error) { keystore.reload(key).ok() } else { None };
    match key.filter(|key| refuse_pending(keystore, key).is_err()) {
        Some(key) => Error::RotationPending { version: key.newest().next(), label: key.label }.into(),
        None => error,
    }
}

fn unfit(key: &Key, stray: &Stray<'_>, reason: impl Into<String>) -> Error {
    let (label, id, version) = (key.label.clone(), stray.id.clone(), stray.next.version);
    Error::RotationLeft { label, id, version, reason: reason.into() }
}

/// Tests the objects like new ones, and takes them over. A newer record may have restricted them: what may do less than the
/// interrupted run let it do is refused.
pub(super) fn adopt(
    transaction: &mut Transaction<'_>,
    (key, stray): (&Key, &Stray<'_>),
    template: &KeyTemplate<'_>,
    convergent: bool,
) -> Result<KeyVersion> {
    let keystore = transaction.keystore();
    let Some(made) = stray.made() else {
        return Err(unfit(key, stray, "one of its halves is missing").into());
    };
    if stray.secret.is_none_or(|secret| secret.protection.local == Some(false)) {
        return Err(unfit(key, stray, "it was not made in the token").into());
    }
    let label = stray.secret.map_or(template.label, |secret| &secret.label);
    let template = KeyTemplate { id: stray.id, label, ..*template };
    restore_uses(keystore, stray, &template)?;
    let checked = make::check(keystore, &template, made).and_then(|mut version| {
        let companion = stray.companion.filter(|_| convergent);
        if let Some(companion) = companion {
            let template = make::companion_template(&template, &companion.id);
            make::take_companion(keystore, &mut version, &template, companion.handle)?;
        }
        Ok(version)
    });
    // Another machine that adopts the version puts a copy in place of the object that is tried here.
    let is_gone = || stray.secret.is_some_and(|secret| keystore.session().is_gone(secret.handle));
    let mut version = checked.map_err(|error| match error.downcast::<Error>() {
        Ok(_) if is_gone() => Error::Conflict { label: key.label.clone() }.into(),
        Ok(reason) => unfit(key, stray, reason.to_string()).into(),
        Err(error) => error,
    })?;
    if convergent && version.companion.is_none() {
        let id = new_id::next(keystore, first_id(key, stray), stray.next)?;
        make::add_companion(transaction, &mut version, &template, &id)?;
    }
    take_over(transaction, &mut version, first_id(key, stray), stray.next)?;
    Ok(version)
}

fn first_id<'a>(key: &'a Key, stray: &'a Stray<'_>) -> &'a KeyId {
    key.record().map_or(stray.id, Record::first_id)
}

/// A staged version that was about to be recorded may not sign any more, so it could not be tested.
fn restore_uses(keystore: &Keystore, stray: &Stray<'_>, template: &KeyTemplate<'_>) -> Result<()> {
    let is_idle = stray.objects().all(|object| object.uses() == Uses::default());
    if !stray.next.is_staged || is_idle {
        return Ok(());
    }
    for object in [stray.secret, stray.public].into_iter().flatten() {
        keystore.session().set_uses(object, template.uses().of_class(object.class))?;
    }
    Ok(())
}

/// Gives the objects CKA_IDs of this run. Best effort: a token that does not change them shows other machines each record at
/// once.
fn take_over(
    transaction: &mut Transaction<'_>,
    version: &mut KeyVersion,
    first: &KeyId,
    next: Next,
) -> Result<()> {
    let old = version.id.clone();
    let id = new_id::next(transaction.keystore(), first, next)?;
    // The private or secret object first, which decides: until then the others may be those of another run.
    let mut is_taken = true;
    for half in version.objects_mut().filter(|object| object.id == old) {
        is_taken = is_taken
            && match half.class {
                // The other run sees by it that it has lost.
                Class::Public => transaction.renumber(half, &id) || transaction.replace(half, &id)?,
                Class::Private | Class::Secret => {
                    transaction.replace(half, &id)? || transaction.renumber(half, &id)
                }
            };
    }
    if is_taken {
        version.id = id;
    } else {
        transaction.restore_ids();
        let changed = version.objects_mut().filter(|object| object.id == id);
        changed.for_each(|object| object.id.clone_from(&old));
    }
    Ok(())
}
