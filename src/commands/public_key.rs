//! Public keys for operations without a private half: from the token, with or without a login, or from a file.

use std::path::Path;

use anyhow::Result;

use super::{
    context::{Context, Need, Opened},
    key_file::read_public,
};
use crate::{
    algorithm::PublicKey,
    encoding::JwsHeader,
    keystore::{Key, Keystore, PublicHalf, Selected, Selection},
    model::Fingerprint,
    operation::{self, Judge, KeySource, TokenInvalid, Verifier},
    secret::PinError,
    shell::kmsctl,
    ui::Ui,
};

/// A key and the session that found it.
pub(super) struct Public {
    pub(super) opened: Opened,
    pub(super) selected: Selected,
}

/// Selects a key for an operation that needs only its public half. Logs in if the PIN is available or if public objects
/// are not enough.
pub(super) fn open_public(context: &Context, wanted: &Selection) -> Result<Public> {
    choose(context, context.open(Need::PublicKey)?, wanted)
}

/// Opens the token to list its keys. Without a PIN and a terminal to ask on, falls back to public objects with a warning:
/// [`Ui::caution`] for what is published.
pub(super) fn open_to_list(context: &Context, warn: fn(&Ui, &'static str)) -> Result<Opened> {
    match context.open(Need::Read) {
        Err(error) if matches!(error.downcast_ref(), Some(PinError::NoTerminal { .. })) => {
            warn(
                &context.ui,
                "not logged in: private and secret keys, records and states are not shown, and the public keys shown \
                 are not verified",
            );
            context.open(Need::Public)
        }
        opened => opened,
    }
}

/// Like [`open_public`], but accepts only the public key with this fingerprint.
pub(super) fn open_expected(
    context: &Context,
    wanted: &Selection,
    fingerprint: Fingerprint,
) -> Result<Public> {
    let mut opened = context.open(Need::PublicKey)?;
    opened.keystore.expect(fingerprint);
    choose(context, opened, wanted)
}

fn choose(context: &Context, opened: Opened, wanted: &Selection) -> Result<Public> {
    if opened.keystore.session().sees_private() {
        let selected = opened.keystore.select_version(wanted)?;
        return Ok(Public { opened, selected });
    }
    if let Some(selected) = opened.keystore.select_public(wanted)? {
        return Ok(Public { opened, selected });
    }
    let opened = context.log_in(opened)?;
    let selected = opened.keystore.select_version(wanted)?;
    Ok(Public { opened, selected })
}

impl Public {
    /// Reads the versions that were not read so far.
    pub(super) fn read_all_versions(&mut self, wanted: &Selection) -> Result<()> {
        if self.selected.key.is_partial() {
            self.selected = self.opened.keystore.select(wanted)?;
        }
        Ok(())
    }

    /// The public key of the selected version, for display. Warns if nothing proves it.
    pub(super) fn half(&self, context: &Context) -> Result<PublicHalf> {
        let half = operation::public_half(&self.opened.keystore, &self.selected)?;
        warn_if_unproven(context, &self.opened.keystore, &self.selected.key.label, &half);
        Ok(half)
    }

    /// The verifier of signatures of the selected version. Warns like [`Self::half`].
    pub(super) fn judge(&self, context: &Context) -> Result<Judge> {
        let keystore = &self.opened.keystore;
        match operation::mac_key(keystore, &self.selected)? {
            Some(key) => Ok(key),
            None => Ok(Judge::Public(self.half(context)?.key)),
        }
    }
}

/// Warns if nothing proves that the public key belongs to the key.
pub(super) fn warn_if_unproven(context: &Context, keystore: &Keystore, label: &str, half: &PublicHalf) {
    if !half.is_proven() {
        warn_unproven(context, keystore, label, &half.key);
    }
}

/// Like [`warn_if_unproven`] for a version other than the selected one, which `shown` belongs to and the user was warned
/// about already.
pub(super) fn warn_of_version(context: &Context, public: &Public, shown: &Judge, verifier: &Verifier) {
    if let Some(key) = verifier.judge.public_key()
        && verifier.proven == Some(false)
        && shown.public_key() != Some(key)
    {
        warn_unproven(context, &public.opened.keystore, &public.selected.key.label, key);
    }
}

fn warn_unproven(context: &Context, keystore: &Keystore, label: &str, key: &PublicKey) {
    context.ui.caution(format!(
        "nothing proves that the public key {label:?} is the one you mean: anyone who reaches the token can replace it \
         (fingerprint {})",
        Fingerprint(key.fingerprint())
    ));
    if !keystore.session().sees_private() {
        context.ui.hint("give the PIN to check it against the private key and its record");
    }
}

/// The versions of a key that may have signed a JWS with this header.
pub(super) fn verifiers(
    context: &Context,
    wanted: &Selection,
    header: &JwsHeader,
    any_version: bool,
) -> Result<Vec<Verifier>> {
    let mut found = open_public(context, wanted)?;
    if any_version {
        found.read_all_versions(wanted)?;
    }
    let shown = found.judge(context)?;
    let verifiers =
        operation::verifiers_from_key(&found.opened.keystore, header, &found.selected, any_version)?;
    for verifier in &verifiers {
        warn_of_version(context, &found, &shown, verifier);
    }
    Ok(verifiers)
}

/// Reads a public key that verifies a JWT or JWS. Enforces the limits that a JWK states.
pub(super) fn read_verifier(context: &Context, path: &Path) -> Result<Verifier> {
    let file = read_public(context, path)?;
    file.limits.verify().map_err(|forbids| TokenInvalid::OtherUse { key_id: None, forbids })?;
    let source = KeySource::File { path: path.display().to_string() };
    Ok(Verifier {
        judge: Judge::Public(file.key),
        algorithm: file.limits.algorithm().map(str::to_owned),
        source,
        proven: None,
    })
}

/// Warns about an overdue scheduled rotation.
pub(super) fn warn_if_overdue(context: &Context, key: &Key) {
    let due = key.record().and_then(|record| record.step_due(context.now()));
    if let Some((step, due)) = due {
        context.ui.warning(format!("{} of key {:?} was due on {due}", step.noun(), key.label));
        context.ui.hint(format!("`{}` rotates all that are due", kmsctl("key rotate --due")));
    }
}
