//! The versions of a key that verify a signature, and those that do not, with the reason.

use anyhow::Result;

use super::{Judge, KeySource, NotValid, Signable, Verifier, evidence::MacKey, public_half, sign::unproven};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    keystore::{self, Keystore, Operation, Selected},
    model::Version,
};

/// The keys that may judge a signature.
#[derive(Debug)]
pub struct Verifiers {
    /// Of the version that was named, else of every enabled one, the newest first.
    pub usable: Vec<Verifier>,
    untried: Vec<Untried>,
}

/// A version that does not judge signatures, and the reason.
#[derive(Debug)]
struct Untried {
    version: Version,
    why: keystore::Error,
    /// Its public key, if only its state forbids it.
    by: Option<Verifier>,
    is_mac: bool,
}

/// The keys that may judge a signature by the selected key. What the key's state forbids is refused.
pub fn verifying_keys(keystore: &Keystore, selected: &Selected, any_version: bool) -> Result<Verifiers> {
    if !any_version {
        selected.allow(Operation::Verify)?;
        return Ok(Verifiers { usable: vec![verifier(keystore, selected)?], untried: Vec::new() });
    }
    selected.key.allow(Operation::Verify)?;
    let mut verifiers = Verifiers { usable: Vec::new(), untried: Vec::new() };
    for version in selected.key.versions.iter().rev() {
        let selected = selected.at(version.version);
        let is_mac = version.kind().is_some_and(KeyKind::is_mac);
        let forbidden = selected.allow(Operation::Verify).err();
        let mut not_by = |why, by| {
            verifiers.untried.push(Untried { version: version.version, why, by, is_mac });
        };
        match (forbidden, is_mac) {
            (Some(why), true) => not_by(why, None),
            (Some(why), false) => not_by(why, verifier(keystore, &selected).ok()),
            (None, _) => match verifier(keystore, &selected) {
                Ok(verifier) => verifiers.usable.push(verifier),
                Err(error) => not_by(lost_proof(&error).ok_or(error)?, None),
            },
        }
    }
    let lost = |untried: &Untried| !matches!(untried.why, keystore::Error::State { .. });
    match verifiers.untried.iter().rposition(lost) {
        Some(at) if verifiers.usable.is_empty() => Err(verifiers.untried.swap_remove(at).why.into()),
        _ => Ok(verifiers),
    }
}

impl Verifiers {
    /// The keys that [`verify`] and [`Self::blame`] try.
    pub fn judges(&self) -> Vec<Judge> {
        let untried = self.untried.iter().filter_map(|untried| untried.by.as_ref());
        self.usable.iter().chain(untried).map(|verifier| verifier.judge.clone()).collect()
    }

    /// For a signature that no usable version accepts: fails with the reason if a version that may not be used accepts it,
    /// or if a version has lost what it would be tried with. Returns the disabled versions of an HMAC key: the token does
    /// not try them.
    pub fn blame(
        &self,
        algorithm: SignatureAlgorithm,
        input: &Signable,
        signature: &[u8],
    ) -> Result<Option<NotValid>> {
        for untried in &self.untried {
            let is_reason = match &untried.by {
                Some(by) => input.is_signed_by(&by.judge, algorithm, signature)?,
                None => !matches!(untried.why, keystore::Error::State { .. }),
            };
            if let Some(why) = repeated(&untried.why).filter(|_| is_reason) {
                return Err(why.into());
            }
        }
        let macs = self.untried.iter().filter(|untried| untried.is_mac);
        let versions: Vec<_> = macs.map(|untried| untried.version).collect();
        Ok((!versions.is_empty()).then_some(NotValid::Untried { versions }))
    }
}

/// The selected version, if it is an HMAC key.
pub fn mac_key(keystore: &Keystore, selected: &Selected) -> Result<Option<Judge>> {
    let is_mac = selected.version().kind().is_some_and(KeyKind::is_mac);
    is_mac.then(|| Ok(Judge::Mac(MacKey::new(keystore, selected)?))).transpose()
}

pub(super) fn verifier(keystore: &Keystore, selected: &Selected) -> Result<Verifier> {
    let source = KeySource::of(selected);
    if let Some(judge) = mac_key(keystore, selected)? {
        return Ok(Verifier { judge, algorithm: None, source, proven: Some(true) });
    }
    let half = public_half(keystore, selected)?;
    let proven = half.is_proven();
    // After a login, every proof has been looked for: anyone may have stored this public key.
    if !proven && keystore.session().sees_private() {
        return Err(unproven(selected, &half));
    }
    Ok(Verifier { judge: Judge::Public(half.key), algorithm: None, source, proven: Some(proven) })
}

/// The error again, if a version has lost its public half or its proof. Other versions can still verify.
pub(super) fn lost_proof(error: &anyhow::Error) -> Option<keystore::Error> {
    let error = error.downcast_ref()?;
    if matches!(error, keystore::Error::State { .. }) { None } else { repeated(error) }
}

/// Another of the errors that keep a version from verifying: each request of a batch reports it.
fn repeated(error: &keystore::Error) -> Option<keystore::Error> {
    use keystore::Error as E;
    Some(match error {
        E::State { label, version, status, operation } => {
            E::State { label: label.clone(), version: *version, status: *status, operation }
        }
        E::MissingObject { label, version, what } => {
            E::MissingObject { label: label.clone(), version: *version, what }
        }
        E::OlderHalfMissing { label, version } => {
            E::OlderHalfMissing { label: label.clone(), version: *version }
        }
        E::PublicKeyUnproven { label, version, found } => {
            E::PublicKeyUnproven { label: label.clone(), version: *version, found: *found }
        }
        E::RecordOutdated { label, version } => E::RecordOutdated { label: label.clone(), version: *version },
        E::OtherSecretKey { label, version } => E::OtherSecretKey { label: label.clone(), version: *version },
        E::KeyUnproven { label, version } => E::KeyUnproven { label: label.clone(), version: *version },
        _ => return None,
    })
}

/// The key under which a signature is good, if it is.
pub fn verify<'a>(
    verifiers: &'a [Verifier],
    algorithm: SignatureAlgorithm,
    input: &Signable,
    signature: &[u8],
) -> Result<Option<&'a Verifier>> {
    for verifier in verifiers {
        if input.is_signed_by(&verifier.judge, algorithm, signature)? {
            return Ok(Some(verifier));
        }
    }
    Ok(None)
}
