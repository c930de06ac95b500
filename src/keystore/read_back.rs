//! Reads a new key back: what counts is what the token says of it.

use anyhow::Result;

use super::{error::Error, key::KeyVersion, store::Keystore};
use crate::{
    model::Usage,
    token::{Class, KeyObject, KeyTemplate, NewKey},
};

/// Reads a new key back and compares it with the template.
pub(super) fn read_back(
    keystore: &Keystore,
    template: &KeyTemplate<'_>,
    made: NewKey,
) -> Result<Vec<KeyObject>> {
    let mut objects = Vec::new();
    let mut deviations = Vec::new();
    for handle in made.handles() {
        match keystore.session().key(handle)? {
            Some(object) => {
                // Another process may be writing the object: SoftHSM reads it without label and CKA_ID then.
                let is_named = !object.id.is_empty();
                if is_named
                    && object.label_bytes() == object.id.as_bytes()
                    && !object.is_labelled(template.label)
                {
                    keystore.session().note_label_is_id();
                }
                for deviation in differences(keystore, template, &object) {
                    if !deviations.contains(&deviation) {
                        deviations.push(deviation);
                    }
                }
                objects.push(object);
            }
            None => deviations.push("an object vanished".to_owned()),
        }
    }
    if let [one, other] = &objects[..]
        && one.id != other.id
    {
        deviations.push("its halves have different CKA_IDs".to_owned());
    }
    if !deviations.is_empty() {
        return Err(Error::NotAsRequested { label: template.label.to_owned(), deviations }.into());
    }
    Ok(objects)
}

/// Differences between the template and the object on the token, in PKCS#11 terms. Attributes that the token does not
/// return are not compared.
fn differences(keystore: &Keystore, template: &KeyTemplate<'_>, object: &KeyObject) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, text: String| {
        if !holds {
            found.push(text);
        }
    };
    expect(object.is_labelled(template.label), format!("CKA_LABEL is {:?}", object.label));
    let is_named = if template.is_id_free { !object.id.is_empty() } else { object.id == *template.id };
    expect(is_named, format!("CKA_ID is {:?}", object.id.to_string()));
    let (asked, made) = (template.kind, object.kind);
    let other_kind = if keystore.session().has_key_attributes(asked) {
        format!("`key-attributes` gives {asked} a number that makes {made}")
    } else {
        format!("the key is {made}")
    };
    expect(made == asked, other_kind);
    expect(object.protection.sensitive != Some(false), "CKA_SENSITIVE is FALSE".to_owned());
    let is_private = object.class == Class::Public || object.private != Some(false);
    expect(is_private, "CKA_PRIVATE is FALSE".to_owned());
    let private = object.class == Class::Private;
    let carried = template.carried;
    expect(
        !private || !carried.always_authenticate || object.protection.always_authenticate == Some(true),
        "CKA_ALWAYS_AUTHENTICATE is not TRUE".to_owned(),
    );
    expect(
        object.class == Class::Public || is_same_set(&object.allowed_mechanisms, carried.allowed_mechanisms),
        "CKA_ALLOWED_MECHANISMS differs".to_owned(),
    );
    let extractable = object.protection.extractable;
    if template.extractable {
        expect(
            object.class == Class::Public || extractable != Some(false),
            "CKA_EXTRACTABLE is FALSE".to_owned(),
        );
    } else {
        expect(extractable != Some(true), "CKA_EXTRACTABLE is TRUE".to_owned());
    }
    found
}

fn is_same_set(found: &[u64], wanted: &[u64]) -> bool {
    // Without a restriction in the template, a token may still list allowed mechanisms (tpm2-pkcs11).
    wanted.is_empty() || found.len() == wanted.len() && wanted.iter().all(|one| found.contains(one))
}

/// The usage attributes of a new key that are TRUE and should be FALSE.
pub(super) fn excess_uses(asked: Usage, version: &KeyVersion) -> Vec<String> {
    let halves = || [&version.secret, &version.public].into_iter().flatten();
    let any = |is: fn(&KeyObject) -> bool| halves().any(|object| is(object));
    [
        (any(|object| object.usage.sign) && !asked.sign, "CKA_SIGN"),
        (any(|object| object.usage.verify) && !asked.verify, "CKA_VERIFY"),
        (any(|object| object.usage.encrypt) && !asked.encrypt, "CKA_ENCRYPT"),
        (any(|object| object.usage.decrypt) && !asked.decrypt, "CKA_DECRYPT"),
        (any(|object| object.wraps), "CKA_WRAP"),
        (any(|object| object.unwraps), "CKA_UNWRAP"),
        (any(|object| object.derives), "CKA_DERIVE"),
    ]
    .into_iter()
    .filter(|(excessive, _)| *excessive)
    .map(|(_, name)| name.to_owned())
    .collect()
}
