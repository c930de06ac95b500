//! What is left of a key after its destruction: a change that another machine was making may have brought an object back
//! (SoftHSM writes the file of an object anew when an attribute is set), or added one.

use anyhow::Result;

use super::{document, error::Error, key::Key, records, rivals, store::Keystore, stored_record::RecordPlace};
use crate::{
    model::KeyId,
    token::{Class, Handle, KeyObject, Object, Search},
};

/// An object or record that belongs to a destroyed key.
pub(super) struct Remain {
    pub(super) what: &'static str,
    pub(super) id: KeyId,
    handle: Handle,
}

/// Destroys what is left of a key, and returns it. `others` are other keys that have a CKA_ID of it. [`Error::NotDestroyed`] if
/// there is still something then.
pub(super) fn destroy(keystore: &Keystore, key: &Key, others: &[Handle]) -> Result<Vec<Remain>> {
    const MAX_ROUNDS: u32 = 3;
    let mut destroyed = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let found = find(keystore, key, others)?;
        if found.is_empty() {
            return Ok(destroyed);
        }
        for remain in found {
            // If it cannot be destroyed, the next search finds it.
            let _ = keystore.session().destroy(remain.handle);
            destroyed.push(remain);
        }
    }
    let found = find(keystore, key, others)?;
    let Some(id) = found.iter().map(|remain| remain.id.clone()).max() else { return Ok(destroyed) };
    let mut what: Vec<_> = found.iter().map(|remain| remain.what).collect();
    what.sort_unstable();
    what.dedup();
    Err(Error::NotDestroyed { label: key.label.clone(), id, what }.into())
}

/// Searches by label, by the CKA_ID of each version, and by the identity in the record.
fn find(keystore: &Keystore, key: &Key, others: &[Handle]) -> Result<Vec<Remain>> {
    let session = keystore.session();
    let mut objects = session.objects(Search::Label(&key.label))?;
    for id in key.ids().filter(|id| !id.is_empty()) {
        objects.extend(session.objects(Search::Id(id))?);
    }
    let identity = key.identity();
    let mut found: Vec<Remain> = Vec::new();
    let is_other = |object: &Object| matches!(object, Object::Key(object) if others.contains(&object.handle));
    for object in objects.into_iter().filter(|object| !is_other(object)) {
        let remain = match object {
            Object::Key(object) if is_of_key(keystore, key, &object)? => {
                Remain { what: object.class.name(), id: object.id, handle: object.handle }
            }
            Object::Data(data)
                if data.private != Some(false)
                    && document::read(&data.value).is_ok_and(|(record, _)| record.identity == identity) =>
            {
                Remain { what: "record", id: KeyId::default(), handle: data.handle }
            }
            Object::Key(_) | Object::Data(_) | Object::Certificate(_) => continue,
        };
        if found.iter().all(|known| known.handle != remain.handle) {
            found.push(remain);
        }
    }
    if key.record.is_some() {
        // A rename of another machine gives the record another label.
        for stored in records::of_tag_on_token(keystore, &keystore.names().key_tag(&key.identity())) {
            if let RecordPlace::Object(handle) = stored.place
                && found.iter().all(|known| known.handle != handle)
            {
                found.push(Remain { what: "record", id: KeyId::default(), handle });
            }
        }
    }
    Ok(found)
}

/// Whether an object is one of the key, whatever its label is by now. Another program may store a key with the same CKA_ID: it
/// does not match the record, or has another label; and without the PIN, anyone can store an object.
fn is_of_key(keystore: &Keystore, key: &Key, object: &KeyObject) -> Result<bool> {
    let is_labelled = object.is_labelled(&key.label);
    for version in &key.versions {
        let is_companion = version.companion.as_ref() == Some(&object.id);
        if !is_companion && (version.id != object.id || object.id.is_empty()) {
            continue;
        }
        if object.class != Class::Public {
            return Ok(rivals::matches(keystore, key, version, object)?.unwrap_or(is_labelled));
        }
        let was_there = version.strangers.iter().any(|stranger| stranger.handle == object.handle);
        let expected = key.binding(version.version).spki_sha256;
        let found = object.public_key().and_then(Result::ok).map(|public| public.fingerprint());
        return Ok(!was_there
            && version.kind().is_none_or(|kind| kind == object.kind)
            && if expected.is_some() && found.is_some() { expected == found } else { is_labelled });
    }
    Ok(is_labelled && keystore.names().is_version_id(&key.versions[0].id, &object.id))
}
