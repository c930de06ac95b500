//! What in the request for a key may be the reason why a token that makes such keys refuses this one.

use super::{error::Error, store::Keystore};
use crate::{
    algorithm::KeyKind,
    token::{self, KeyTemplate, Search},
};

/// Labels up to here are taken by every token that is known to limit them.
const SHORT_LABEL: usize = 32;

/// The error of a new key that the token refused, with what may be the reason. Others stay as they are.
pub(super) fn explained(
    keystore: &Keystore,
    template: &KeyTemplate<'_>,
    error: anyhow::Error,
) -> anyhow::Error {
    let Some(source) =
        error.downcast_ref::<token::Error>().filter(|source| source.refuses_new_key()).copied()
    else {
        return error;
    };
    if !keystore.session().lists_generation(template.kind) {
        return error;
    }
    let mut reasons = reasons(keystore, template.kind, template.label);
    if !template.is_id_free {
        reasons.push(
            "`--id`: leave it out, for a token may choose the CKA_ID or take one length only".to_owned(),
        );
    }
    if template.extractable {
        reasons.push("`--exportable`: leave it out, for the keys of some tokens never leave them".to_owned());
    }
    if keystore.session().keys(Search::Label(template.label)).is_ok_and(|found| !found.is_empty()) {
        reasons.push(
            "the label, which another object has: use a new one, without `--allow-duplicate-label`"
                .to_owned(),
        );
    }
    if reasons.is_empty() {
        return error;
    }
    Error::RequestRefused { kind: template.kind, reasons, source }.into()
}

/// Those that a later version has, too: its label, and the attributes of the profile.
pub(super) fn reasons(keystore: &Keystore, kind: KeyKind, label: &str) -> Vec<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let mut reasons = Vec::new();
    if keystore.session().lacks_key_attributes(kind) {
        reasons.push(format!("that `key-attributes` in the profile has no entry for {kind}"));
    }
    if !label.bytes().all(is_plain) {
        reasons.push(format!("the label {label:?}: some tokens take only letters, digits, - and _"));
    }
    if label.len() > SHORT_LABEL {
        reasons.push(format!("the label, which has {} bytes: some tokens take short ones only", label.len()));
    }
    reasons
}
