//! Creates the objects of one version: generate or import, read back, test.

use anyhow::{Context as _, Result};

use super::{
    arrival::not_what_arrived, error::Error, identity::Identity, key::KeyVersion, mac, prove,
    read_back::read_back, record::version_label, refused_request, store::Keystore, transaction::Transaction,
};
use crate::{
    algorithm::{Algorithm, Encryption, KeyKind},
    encoding::{KeyMaterial, SECRET_KEY_LEN},
    model::{KeyId, Version},
    secret::Secret,
    token::{self, Carried, Class, Fact, Handle, Importer, KeyObject, KeyTemplate, NewKey, Search},
};

/// Generates the objects of a version; the caller sets its number. `companion` is the CKA_ID for the HMAC key of a
/// convergent key.
pub(super) fn generate(
    transaction: &mut Transaction<'_>,
    template: &KeyTemplate<'_>,
    companion: Option<&KeyId>,
) -> Result<KeyVersion> {
    if companion.is_some() {
        require_convergence(transaction.keystore())?;
    }
    transaction.expect(template.id);
    with_label_as_id(transaction, template, |transaction| {
        let made = transaction
            .keystore()
            .session()
            .generate(template)
            .with_context(|| format!("the token cannot create a key of type {}", template.kind))?;
        transaction.made(&made.handles());
        complete(transaction, template, made, companion.map(|id| (id, None)))
    })
}

/// Creates objects, and once more if only then it shows that the token keeps one name for label and CKA_ID.
fn with_label_as_id(
    transaction: &mut Transaction<'_>,
    template: &KeyTemplate<'_>,
    mut create: impl FnMut(&mut Transaction<'_>) -> Result<KeyVersion>,
) -> Result<KeyVersion> {
    let session = transaction.keystore().session();
    if !session.label_is_id() {
        let created = create(transaction);
        if created.is_ok() || !session.label_is_id() || !transaction.discard() {
            return created;
        }
    }
    let label_as_id = KeyId::from_bytes(template.label.as_bytes());
    if !template.is_id_free && *template.id != label_as_id {
        return Err(Error::IdIsLabel { label: template.label.to_owned() }.into());
    }
    if !session.keys(Search::Id(&label_as_id))?.is_empty() {
        return Err(Error::LabelIsId { label: template.label.to_owned() }.into());
    }
    create(transaction)
}

/// Makes the objects of a later version: with the label of the key, or with [`version_label`] on a token where no two
/// objects of a class have the same label. `make` is called again with the other label.
pub(super) fn later(
    transaction: &mut Transaction<'_>,
    template: &KeyTemplate<'_>,
    version: Version,
    mut make: impl FnMut(&mut Transaction<'_>, &KeyTemplate<'_>) -> Result<KeyVersion>,
) -> Result<KeyVersion> {
    let session = transaction.keystore().session();
    if version == Version::FIRST {
        return make(transaction, template);
    }
    let mut first = None;
    if !session.knows(Fact::UniqueLabels) && !session.label_is_id() {
        match make(transaction, template) {
            Err(error) if may_be_about_label(&error) && transaction.discard() => first = Some(error),
            done => return done,
        }
    }
    let label = version_label(template.label, version);
    if let Some(other) = session.keys(Search::Label(&label))?.into_iter().next() {
        let (key, taken, id) = (template.label.to_owned(), label, other.id);
        return Err(Error::VersionLabelTaken { label: key, version, taken, id }.into());
    }
    match make(transaction, &KeyTemplate { label: &label, ..*template }) {
        Ok(version) => {
            session.note(Fact::UniqueLabels, true);
            Ok(version)
        }
        Err(error) => Err(first.unwrap_or(error)),
    }
}

fn may_be_about_label(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(token::Error::may_be_about_label)
        || matches!(error.downcast_ref(), Some(Error::LabelIsId { .. }))
}

/// Whether the objects of a version have a label that differs from that of their key.
pub(super) fn has_own_label(made: &KeyVersion, version: Version, label: &str) -> bool {
    let own = version_label(label, version);
    made.secret.as_ref().is_some_and(|secret| secret.is_labelled(&own))
}

/// Imports the objects of a version, with the bytes of its companion if it has one. The test shows that
/// the halves belong together, the last check that they are those of `material`.
pub(super) fn import(
    transaction: &mut Transaction<'_>,
    importer: &Importer<'_>,
    (template, material): (&KeyTemplate<'_>, &KeyMaterial),
    companion: Option<(&KeyId, Option<&KeyMaterial>)>,
) -> Result<KeyVersion> {
    let keystore = transaction.keystore();
    transaction.expect(template.id);
    let version = with_label_as_id(transaction, template, |transaction| {
        let made = importer.import(template, material)?;
        transaction.made(&made.handles());
        let companion =
            companion.map(|(id, companion)| (id, companion.map(|companion| (importer, companion))));
        complete(transaction, template, made, companion)
    })?;
    // If the token cannot compute the check value for this key, the round trip has to suffice.
    if prove::is_material(keystore, &version, material).unwrap_or(true) {
        return Ok(version);
    }
    Err(not_what_arrived(template.label).into())
}

/// Tests new objects, and adds the companion: a new one, or one that is imported in the same way.
fn complete(
    transaction: &mut Transaction<'_>,
    template: &KeyTemplate<'_>,
    made: NewKey,
    companion: Option<(&KeyId, Option<(&Importer<'_>, &KeyMaterial)>)>,
) -> Result<KeyVersion> {
    let keystore = transaction.keystore();
    let mut version = check(keystore, template, made)?;
    for object in version.objects_mut() {
        narrow(keystore, template, object);
    }
    match companion {
        Some((id, Some((importer, companion)))) => {
            let template = companion_template(template, id);
            transaction.expect(id);
            let made = importer.import(&template, companion)?;
            transaction.made(&made.handles());
            take_companion(keystore, &mut version, &template, made.secret())?;
        }
        Some((id, None)) => add_companion(transaction, &mut version, template, id)?,
        None => {}
    }
    Ok(version)
}

/// The companion can leave the token with its key, and only then.
pub(super) fn companion_template<'a>(of: &KeyTemplate<'a>, id: &'a KeyId) -> KeyTemplate<'a> {
    KeyTemplate { extractable: of.extractable, ..KeyTemplate::hmac(of.label, id) }
}

/// Reads the objects of a version back, and tests that they work.
pub(super) fn check(keystore: &Keystore, template: &KeyTemplate<'_>, made: NewKey) -> Result<KeyVersion> {
    let objects = read_back(keystore, template, made)?;
    let (public, secret): (Vec<_>, Vec<_>) =
        objects.into_iter().map(Box::new).partition(|object| object.class == Class::Public);
    let (secret, public) = (secret.into_iter().next(), public.into_iter().next());
    let id = [&secret, &public].into_iter().flatten().next().map_or(template.id, |object| &object.id).clone();
    let version = KeyVersion::of_objects(id, secret, public);
    prove::version(keystore, template, &version)?;
    Ok(version)
}

/// Generates the HMAC companion of a convergent version.
pub(super) fn add_companion(
    transaction: &mut Transaction<'_>,
    version: &mut KeyVersion,
    template: &KeyTemplate<'_>,
    id: &KeyId,
) -> Result<()> {
    let session = transaction.keystore().session();
    let refused = |source| Error::NotConvergent { lacks: "takes each label once".to_owned(), source };
    if session.label_is_id() {
        return Err(refused(None).into());
    }
    transaction.expect(id);
    let template = companion_template(template, id);
    let made = session.generate_hmac_key(&template).map_err(|error| match error {
        error if error.may_be_about_label() => refused(Some(error)).into(),
        error => anyhow::Error::new(error)
            .context("the token cannot create the HMAC key, which convergent encryption needs"),
    })?;
    transaction.made(&made.handles());
    take_companion(transaction.keystore(), version, &template, made.secret())
}

/// Sets the companion of a version, and tests both together.
pub(super) fn take_companion(
    keystore: &Keystore,
    version: &mut KeyVersion,
    template: &KeyTemplate<'_>,
    hmac: Handle,
) -> Result<()> {
    let companion = check_companion(keystore, template, hmac)?;
    version.companion = Some(companion.id.clone());
    version.companion_key = Some(Box::new(companion));
    prove::convergence(keystore, template.label, version)
}

/// Refuses a schedule that the token could not follow: makes a session key in place of the next version of a key.
pub(super) fn require_another(
    keystore: &Keystore,
    label: &str,
    version: Version,
    algorithm: Algorithm,
) -> Result<()> {
    let session = keystore.session();
    // The embedded token makes every key that it holds.
    if mac::is_writable_without_pin(keystore) {
        return Ok(());
    }
    let made = match session_key(keystore, label, algorithm, false)? {
        Err(error) if error.may_be_about_label() => {
            session_key(keystore, &version_label(label, version), algorithm, false)?
        }
        made => made,
    };
    match made {
        Ok(made) => Ok(made.handles().into_iter().try_for_each(|handle| session.destroy(handle))?),
        // The attributes of the profile suffice for a token key; a session key may need others.
        Err(_) if session.has_key_attributes(algorithm.kind()) => Ok(()),
        Err(source) if source.refuses_template() || source.refuses_user() || source.lacks_mechanism() => {
            Err(no_new_version(keystore, label, (version, algorithm.kind()), source).into())
        }
        // It may make token keys all the same.
        Err(_) => Ok(()),
    }
}

/// The refusal of a version, with what may be its reason.
pub(super) fn no_new_version(
    keystore: &Keystore,
    label: &str,
    (version, kind): (Version, KeyKind),
    source: token::Error,
) -> Error {
    let reasons = refused_request::reasons(keystore, kind, &version_label(label, version));
    Error::NoNewVersion { label: label.to_owned(), reasons, source }
}

/// Refuses an exportable key that the token could never wrap: wraps a session key in its place.
pub(super) fn require_export(keystore: &Keystore, label: &str, algorithm: Algorithm) -> Result<()> {
    let session = keystore.session();
    // The type of the key decides, and longer RSA keys take long to generate.
    let of_type = if algorithm.kind().encryption() == Some(Encryption::RsaOaep) {
        Algorithm::RSA_2048
    } else {
        algorithm
    };
    // A token that makes no session keys may wrap token keys all the same.
    let Ok(made) = session_key(keystore, label, of_type, true)? else { return Ok(()) };
    let wrapping = Secret::new(session.random(SECRET_KEY_LEN)?.to_vec());
    let wrapped = session.wrap(made.secret(), &wrapping);
    made.handles().into_iter().try_for_each(|handle| session.destroy(handle))?;
    match wrapped {
        Ok(_) => Ok(()),
        Err(source) if source.is_lost_connection() => Err(source.into()),
        Err(source) => Err(Error::NoExport { kind: algorithm.kind(), source }.into()),
    }
}

/// A session key like one that is to be made on the token; the inner error is the token's refusal.
fn session_key(
    keystore: &Keystore,
    label: &str,
    algorithm: Algorithm,
    extractable: bool,
) -> Result<token::Result<NewKey>> {
    let session = keystore.session();
    let id = KeyId::from_bytes(session.random(Identity::SALT_LEN)?.to_vec());
    Ok(session.generate_session_key(&KeyTemplate {
        kind: algorithm.kind(),
        label,
        id: &id,
        usage: algorithm.usage(),
        is_id_free: true,
        extractable,
        carried: Carried::default(),
    }))
}

/// Checks that the token lists all mechanisms that convergent keys need. Called before anything is created.
pub(super) fn require_convergence(keystore: &Keystore) -> Result<()> {
    let needed = ["CKM_GENERIC_SECRET_KEY_GEN", "CKM_SHA256_HMAC", "CKM_AES_GCM"];
    match keystore.session().first_missing(&needed) {
        Some(missing) => Err(Error::NotConvergent { lacks: format!("lacks {missing}"), source: None }.into()),
        None => Ok(()),
    }
}

fn check_companion(keystore: &Keystore, template: &KeyTemplate<'_>, handle: Handle) -> Result<KeyObject> {
    let not_as_requested = |deviation: &str| {
        let deviations = vec![format!("its HMAC key {deviation}")];
        Error::NotAsRequested { label: template.label.to_owned(), deviations }
    };
    let object = keystore.session().key(handle)?.ok_or_else(|| not_as_requested("is missing"))?;
    let protection = object.protection;
    if object.id.is_empty() {
        return Err(not_as_requested("has no CKA_ID").into());
    }
    if protection.sensitive == Some(false) || !template.extractable && protection.extractable == Some(true) {
        return Err(not_as_requested("can be read in the clear").into());
    }
    Ok(object)
}

/// Takes back what the token allows beyond the template, if it lets: tpm2-pkcs11 creates no EC keys by a template that forbids
/// a use, but changes them. Best effort; [`super::read_back::excess_uses`] finds what stays.
fn narrow(keystore: &Keystore, template: &KeyTemplate<'_>, object: &mut KeyObject) {
    let wanted = template.uses().of_class(object.class);
    if !object.uses().is_within(wanted)
        && let Ok(narrowed) = keystore.session().set_uses(object, wanted)
    {
        *object = narrowed;
    }
}
