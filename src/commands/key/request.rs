//! `kmsctl key create --request`: a Create Key request of a cloud KMS, with a response in its format.

use std::path::Path;

use anyhow::Result;

use super::created::{line, make, warn_of_limits};
use crate::{
    cli::UsageError,
    commands::context::Context,
    encoding::CreateKeyRequest,
    io::Input,
    keystore::{self, CreateRequest, DEFAULT_ROTATION_PERIOD},
    model::ProtectionType,
    render::{self, KeyView},
};

pub(super) fn create(context: &Context, path: &Path) -> Result<()> {
    let body =
        Input::from_path(Some(path)).read(&context.stdin, "the request", CreateKeyRequest::MAX_BYTES)?;
    let asked = CreateKeyRequest::from_json(&body)?;
    if asked.protection_type != context.protection() {
        return Err(wrong_protection(asked.protection_type, context.protection()).into());
    }
    let (opened, created) = make(context, &new_key(asked)).map_err(without_option_hint)?;
    warn_of_limits(context, &created);
    let (key, keystore) = (&created.key, &opened.keystore);
    let view = KeyView::new(key, key.current(), keystore.names(), keystore.token(), opened.protection);
    context.print(&render::created_key(&view).saying(line(&created)))
}

fn new_key(asked: CreateKeyRequest) -> CreateRequest {
    CreateRequest {
        label: asked.name,
        algorithm: asked.algorithm,
        id: None,
        identity: None,
        usage: asked.algorithm.usage(),
        signature_algorithm: None,
        memo: asked.memo,
        convergent: asked.is_convergent,
        exportable: false,
        auto_rotation: asked.is_auto_rotation,
        rotation_period: asked.rotation_period.unwrap_or(DEFAULT_ROTATION_PERIOD),
        allow_duplicate_label: false,
        if_not_exists: false,
    }
}

/// Replaces an error whose hint names options that a request does not have.
fn without_option_hint(error: anyhow::Error) -> anyhow::Error {
    match error.downcast() {
        Ok(keystore::Error::LabelExists { label, id, .. }) => {
            keystore::Error::LabelTaken { label, id }.into()
        }
        Ok(other) => other.into(),
        Err(error) => error,
    }
}

fn wrong_protection(asked: ProtectionType, selected: ProtectionType) -> UsageError {
    let (asked, name) = (asked.name(), selected.name());
    let error = UsageError::new(format!("protectionType: the request asks for {asked}, the token is {name}"));
    error.hinted(match selected {
        ProtectionType::Basic => "COMMON_HSM is a PKCS#11 module: `--module PATH` or a profile selects one",
        ProtectionType::CommonHsm => {
            "BASIC is the embedded token: leave the module out, or select it by `--store`"
        }
    })
}
