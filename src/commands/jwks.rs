//! `kmsctl jwks`.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt::Display,
    path::PathBuf,
};

use anyhow::Result;
use clap::{Args, ValueEnum, ValueHint};
use serde_json::Value;

use super::{
    command::Run,
    context::{Context, selection},
    public_key,
};
use crate::{
    algorithm::{KeyKind, PublicKey, SignatureAlgorithm},
    cli::{self, answers, examples, values},
    encoding::JwkUse,
    io::Output,
    keystore::{self, Key, KeyVersion, Keystore, Selected},
    model::{KeyIdPrefix, Label, Status, Uri, answer},
    operation::{self, KeyName, signing_algorithm},
    render::Document,
    ui::Ui,
};

/// The kid of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum KidForm {
    /// RFC 7638, with SHA-256
    #[default]
    Thumbprint,
    /// The CKA_ID in hexadecimal
    Ckaid,
}

/// Print public keys as a JWK Set
///
/// Prints the enabled and staged versions of the named keys, or of all signing keys, the newest version of each key
/// first. With the PIN, the same keys always give the same bytes, so the set can be compared with a published one; without
/// it, records cannot be read, so that states are unknown and alg of a key that has a choice is left out. Publish the set again after a rotation; older versions stay in it, so that JWTs they signed still verify. The alg of an RSA key is the
/// one that `key create` or `key update --signature-algorithm` chose.
#[derive(Debug, Args)]
#[command(add = answers![KeySet])]
#[command(after_help = examples![
    "All signing keys" => "kmsctl jwks --out jwks.json",
    "Two keys, also their disabled versions" => "kmsctl jwks --label web --label mobile --include-disabled",
])]
pub struct Jwks {
    /// Key by its label; may be repeated
    #[arg(long, value_name = "LABEL")]
    label: Vec<Label>,

    /// Key by its CKA_ID in hexadecimal (or its first digits, at least six); may be repeated
    #[arg(long, value_name = "HEX")]
    id: Vec<KeyIdPrefix>,

    /// Key by a PKCS#11 URI; may be repeated
    #[arg(long, value_name = "URI")]
    uri: Vec<Uri>,

    /// Also disabled and revoked keys and versions
    #[arg(long)]
    include_disabled: bool,

    /// alg to print instead of the keys' own, where it fits, for signatures made with `sign --format jws`
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    algorithm: Option<SignatureAlgorithm>,

    /// kid of each key
    #[arg(long, value_name = "FORM", default_value = "thumbprint")]
    kid: KidForm,

    /// File for the set; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

answer! {
    /// A JWK Set (RFC 7517).
    pub struct KeySet {
        /// The keys, each a JWK with kty, use, alg, kid and its numbers
        keys: Vec<Value>,
    }
}

impl Run for Jwks {
    fn run(&self, context: &Context) -> Result<()> {
        // Logs in if the PIN is available: the records, which say which versions are enabled, are private.
        let mut opened = public_key::open_to_list(context, Ui::caution)?;
        let mut named = named_keys(&opened.keystore, self);
        if !opened.keystore.session().sees_private() && named.as_ref().is_err_and(is_not_found) {
            // The private half may be on the token alone.
            opened = context.log_in(opened)?;
            named = named_keys(&opened.keystore, self);
        }
        let keystore = &opened.keystore;
        let keys = match named? {
            Some(keys) => keys,
            None => signing_keys(context, keystore)?,
        };
        if let Some(first) = keys.first()
            && let Some(asked) = self.algorithm
            && !keys.iter().any(|key| key.kind().is_some_and(|kind| asked.fits(kind)))
        {
            operation::choose_algorithm(first.kind(), Some(asked))?;
        }
        let mut published = Vec::new();
        let mut seen: HashMap<String, &Key> = HashMap::new();
        for key in &keys {
            warn_of_other_algorithm(context, key, self.algorithm);
            let versions = key_versions(keystore, key, self)?;
            if versions.is_empty() {
                context.ui.warning(format!("no version of key {:?} is enabled", key.label));
            }
            for jwk in versions {
                match seen.entry(jwk.to_string()) {
                    Entry::Vacant(entry) => {
                        entry.insert(key);
                        published.push(jwk);
                    }
                    Entry::Occupied(entry) => warn_of_same_key(context, entry.get(), key),
                }
            }
        }
        let set = KeySet { keys: published };
        let pretty = format!("{}\n", serde_json::to_string_pretty(&set)?);
        let document = Document::of(&set, pretty);
        let bytes = document.to_bytes(context.settings.json);
        Ok(Output::to(self.out.as_deref()).write(&bytes)?)
    }

    fn prints_result(&self) -> bool {
        true
    }

    fn uri(&self) -> Option<&Uri> {
        self.uri.first()
    }
}

/// Warns that a set for another algorithm than the key's own fits signatures of `sign --format jws`, but not JWTs.
fn warn_of_other_algorithm(context: &Context, key: &Key, asked: Option<SignatureAlgorithm>) {
    let own = key.signature_algorithm();
    let is_other =
        |asked: &SignatureAlgorithm| key.kind().is_some_and(|kind| asked.fits(kind)) && own != Some(*asked);
    if let (Some(asked), Some(own)) = (asked.filter(is_other), own) {
        context.ui.warning(format!(
            "key {:?} signs JWTs with {own}; they do not verify with this set, which is for {asked}",
            key.label
        ));
    }
}

/// Warns about a key pair that was imported twice, but not about a key that was given twice.
fn warn_of_same_key(context: &Context, first: &Key, second: &Key) {
    if first.current().id != second.current().id {
        context.ui.warning(format!(
            "key {:?} has the same public half as key {:?}, and is published with it",
            second.label, first.label
        ));
    }
}

fn is_not_found(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(keystore::Error::NotFound { .. }))
}

/// The keys in the options, in that order; `None` without such options.
fn named_keys(keystore: &Keystore, arguments: &Jwks) -> Result<Option<Vec<Key>>> {
    let labels = arguments
        .label
        .iter()
        .map(|label| cli::Selection { label: Some(label.to_string()), ..Default::default() });
    let ids = arguments.id.iter().map(|id| cli::Selection { id: Some(id.clone()), ..Default::default() });
    let uris =
        arguments.uri.iter().map(|uri| cli::Selection { uri: Some(uri.clone()), ..Default::default() });
    let mut keys = Vec::new();
    for wanted in labels.chain(ids).chain(uris) {
        let key = keystore.select(&selection(&wanted, None))?.key;
        if !is_for_signatures(&key) {
            let usage = key.usage();
            return Err(keystore::Error::Usage { label: key.label, usage, operation: "sign" }.into());
        }
        keys.push(key);
    }
    Ok(Some(keys).filter(|keys| !keys.is_empty()))
}

/// Every signing key, sorted by label. A key that anyone may have stored without the PIN is left out; of any other, a
/// public half that is gone or not proven makes the command fail, because a set without it would look complete.
fn signing_keys(context: &Context, keystore: &Keystore) -> Result<Vec<Key>> {
    let mut keys = keystore.inventory()?.keys;
    let left_out = |key: &Key, why: &dyn Display| {
        context.ui.warning(format!("key {:?} is left out: {why}", key.label));
        false
    };
    if !keystore.session().sees_private() {
        keys.retain(|key| {
            let half = key.usage().verify.then(|| published_half(keystore, key, key.current()));
            half.is_some_and(|half| half.map_or_else(|error| left_out(key, &error), |_| true))
        });
        return Ok(keys);
    }
    keys.retain(|key| key.usage().sign && !key.kind().is_some_and(KeyKind::is_secret));
    keys.retain(|key| match key.kind() {
        _ if !key.is_guarded() && key.current().secret.is_none() => false,
        _ if !key.is_guarded() => left_out(key, &"it is not private: anyone can replace it without the PIN"),
        Some(kind) if kind.default_signature().is_none() => {
            left_out(key, &format!("kmsctl cannot verify signatures by {kind} keys"))
        }
        _ => true,
    });
    for key in &keys {
        keystore.authenticate(key)?;
        keystore.require_record(key)?;
    }
    Ok(keys)
}

/// The public half, proven if there was a login; without one it cannot be proven.
fn published_half(keystore: &Keystore, key: &Key, version: &KeyVersion) -> Result<PublicKey> {
    let selected = Selected::new(key.clone(), version.version);
    if keystore.session().sees_private() {
        operation::public_key(keystore, &selected)
    } else {
        Ok(operation::public_half(keystore, &selected)?.key)
    }
}

fn is_for_signatures(key: &Key) -> bool {
    let usage = key.usage();
    usage.sign || usage.verify
}

/// The newest version first.
fn key_versions(keystore: &Keystore, key: &Key, arguments: &Jwks) -> Result<Vec<Value>> {
    let key_enabled = key.status().is_none_or(|status| status == Status::Enable);
    let published = key
        .versions
        .iter()
        .rev()
        .filter(|version| arguments.include_disabled || key_enabled && is_published(version.status));
    published.map(|version| jwk(keystore, &Selected::new(key.clone(), version.version), arguments)).collect()
}

/// Staged versions are published before they sign, so that verifiers already know them.
const fn is_published(status: Status) -> bool {
    matches!(status, Status::Enable | Status::Staged)
}

fn jwk(keystore: &Keystore, selected: &Selected, arguments: &Jwks) -> Result<Value> {
    selected.key.require_recent_record(selected.version())?;
    let public = published_half(keystore, &selected.key, selected.version())?;
    let asked = arguments.algorithm.filter(|algorithm| algorithm.fits(public.kind()));
    let algorithm = signing_algorithm(&selected.key, asked)?;
    let mut jwk = public.to_jwk(JwkUse::Signature(algorithm))?;
    // The key's algorithm is in its record, which is private.
    let is_known = asked.is_some()
        || keystore.session().sees_private()
        || public.kind().signature_algorithms().count() == 1;
    if let Some(members) = jwk.as_object_mut().filter(|_| !is_known) {
        members.remove("alg");
    }
    let name = match arguments.kid {
        KidForm::Thumbprint => KeyName::Thumbprint,
        KidForm::Ckaid => KeyName::CkaId,
    };
    jwk["kid"] = name.of(selected, Some(&public)).into();
    Ok(jwk)
}
