//! Tests a new key: it is used once before the run reports it.
//!
//! Some tokens create unusable keys: openCryptoki imports EC keys without having an EC mechanism, p11-kit's client
//! creates AES keys that it cannot use.

use anyhow::Result;

use super::{error::Error, key::KeyVersion, probe, store::Keystore};
use crate::{
    algorithm::PublicKey,
    encoding::KeyMaterial,
    token::{self, KeyObject, KeyTemplate, NONCE_LEN},
};

const MESSAGE: &[u8] = b"kmsctl proves a new key";

/// Signs and verifies, or encrypts and decrypts, as far as the key's usage allows.
pub(super) fn version(keystore: &Keystore, template: &KeyTemplate<'_>, version: &KeyVersion) -> Result<()> {
    let (session, usage) = (keystore.session(), template.usage);
    let judge = |outcome, failed, wrong| judge(template.label, outcome, failed, wrong);
    let Some(secret) = version.secret.as_deref() else { return Ok(()) };
    if secret.kind.is_mac() {
        if !usage.sign {
            return Ok(());
        }
        let outcome = probe::mac(session, secret.handle, MESSAGE);
        return judge(outcome.map_err(Into::into), "sign", "compute a MAC that is HMAC-SHA-256");
    }
    if secret.kind.is_secret() {
        if !usage.encrypt {
            return Ok(());
        }
        let outcome = probe::gcm(session, secret.handle, MESSAGE, usage.decrypt);
        return judge(outcome.map_err(Into::into), "encrypt", "decrypt what it encrypted");
    }
    let public = public_key(template.label, version)?;
    let pair = (secret.handle, &public);
    if usage.sign {
        let outcome = probe::signature(session, pair, MESSAGE, token::Error::lacks_mechanism);
        judge(outcome.map(|is_right| is_right.unwrap_or(true)), "sign", "make a signature that verifies")
    } else if usage.decrypt {
        judge(
            probe::decryption(session, pair, MESSAGE).map(|(is_right, _)| is_right),
            "decrypt",
            "decrypt what was encrypted for it",
        )
    } else {
        Ok(())
    }
}

/// `failed` names the operation if it failed, `wrong` if its result was wrong.
fn judge(label: &str, outcome: Result<bool>, failed: &'static str, wrong: &'static str) -> Result<()> {
    let unusable = |operation, source| Error::Unusable { label: label.to_owned(), operation, source };
    match outcome {
        Ok(true) => Ok(()),
        Ok(false) => Err(unusable(wrong, None).into()),
        Err(error) => {
            let source = error.downcast::<token::Error>()?;
            Err(unusable(failed, Some(source)).into())
        }
    }
}

/// The public half of a new pair, validated.
fn public_key(label: &str, version: &KeyVersion) -> Result<PublicKey> {
    let deviation = match version.public.as_deref().and_then(KeyObject::public_key) {
        Some(Ok(key)) => return Ok(key),
        Some(Err(reason)) => format!("the public half is not valid: {reason}"),
        None => "the public half contains no public key".to_owned(),
    };
    Err(Error::NotAsRequested { label: label.to_owned(), deviations: vec![deviation] }.into())
}

/// Derives a nonce and encrypts twice; the results must be equal. Some HSMs choose the nonce themselves.
pub(super) fn convergence(keystore: &Keystore, label: &str, version: &KeyVersion) -> Result<()> {
    let (Some(key), Some(companion)) = (&version.secret, &version.companion_key) else { return Ok(()) };
    let session = keystore.session();
    let run = || {
        let mac = session.hmac_sha256(companion.handle, MESSAGE)?;
        let mut nonce = [0; NONCE_LEN];
        nonce.iter_mut().zip(&mac).for_each(|(to, from)| *to = *from);
        let chosen = nonce;
        let ciphertext = session.encrypt_gcm(key.handle, &mut nonce, MESSAGE, MESSAGE)?;
        Ok::<_, token::Error>((mac.len(), nonce == chosen, ciphertext))
    };
    let both = run().and_then(|first| Ok((first, run()?)));
    let outcome = both.map(|(first, second)| matches!(first, (32, true, _)) && first == second);
    judge(label, outcome.map_err(Into::into), "derive nonces for it", "encrypt convergently")
}

/// Whether a version is the key in `material`. `None` if the token cannot compute the check value: it lacks the
/// mechanism, or the key may not encrypt.
pub(super) fn is_material(keystore: &Keystore, version: &KeyVersion, material: &KeyMaterial) -> Option<bool> {
    if let Some(public) = material.public_key() {
        let numbers = version.public_numbers().and_then(KeyObject::public_key);
        return Some(numbers.is_some_and(|found| found.as_ref() == Ok(public)));
    }
    let secret = version.secret.as_ref()?;
    let value = keystore.session().check_value(secret.kind, secret.handle).ok()?;
    Some(material.check_value() == Some(value))
}
