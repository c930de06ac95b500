//! `kmsctl key create`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use super::{
    created::{line, make, print_new},
    new_key::{NewKey, check_schedule},
    request,
};
use crate::{
    algorithm::{Algorithm, SignatureAlgorithm},
    cli::{UsageError, answers, examples, values},
    commands::{command::Run, context::Context},
    keystore::{CreateRequest, DEFAULT_ROTATION_PERIOD},
    model::Label,
    operation, render,
};

const EXAMPLES: &str = examples![
    "A key for signatures only" => "kmsctl key create --label web --algorithm rsa-4096 --usage sign,verify",
    "A key that gets a new version every 30 days" =>
        "kmsctl key create --label data --algorithm aes-256 --auto-rotate --rotation-period 30",
    "In a script that may run twice" => "kmsctl key create --label data --algorithm aes-256 --if-not-exists",
    "The request body of a cloud KMS" => "kmsctl key create --request create-key.json",
];

const REQUEST: &str = "\
Create Key request:
  The body for --request is a JSON object with these members and no others:

  keyName         string, required: 3 to 15 of the characters A-Z, a-z, 0-9,
                  - and _, the first a letter; not yet a label on the token
  keyType         string, required: RSA2048, ECDSA (P-256) or AES256
  memo            string: a note of up to 100 characters
  isConvergent    true or false (the default); true only for AES256
  isAutoRotation  true or false (the default)
  rotationPeriod  integer: days, 1 to 730 (default 90); only if
                  isAutoRotation is true
  protectionType  string, required: BASIC for the embedded token,
                  COMMON_HSM for the token of a module

  {\"keyName\":\"orders\",\"keyType\":\"AES256\",\"memo\":\"order database\",
   \"isAutoRotation\":true,\"rotationPeriod\":30,\"protectionType\":\"BASIC\"}

  The answer on standard output is {\"code\":\"SUCCESS\",\"data\":{...}} with the
  members above and keyId, keyTag, status, keystoreId, nextRotationDate and
  registerDate (in Unix milliseconds). If a member breaks a rule, kmsctl exits
  with 2 and names each such member.";

/// Create a key inside the token
///
/// The token generates the key, which is sensitive and, without --exportable, not extractable. Without --usage the key
/// may do all that its algorithm can: RSA signs, verifies, encrypts and decrypts; EC and HMAC sign and verify; AES and
/// ML-KEM encrypt and decrypt.
///
/// Not every token that makes a key can wrap it for another token: the embedded token cannot wrap ML-DSA and ML-KEM
/// keys, and refuses --exportable for them. To have the key on two tokens, import it on both, or restore a backup.
///
/// With --request, a Create Key request describes the key in place of all other options; its members are listed below.
#[derive(Debug, Args)]
#[command(add = answers!["" => render::KeyView, "`--request`" => render::CloudResponse])]
#[command(override_usage = "kmsctl key create --label LABEL --algorithm ALGORITHM [OPTIONS]\n\
                            kmsctl key create --request FILE")]
#[command(after_help = EXAMPLES)]
#[command(after_long_help = [EXAMPLES, REQUEST].join("\n\n"))]
pub struct Create {
    /// Label of the new key, up to 255 bytes
    #[arg(long, value_name = "LABEL", required_unless_present = "request")]
    label: Option<Label>,

    /// Algorithm and size of the key
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm(), required_unless_present = "request")]
    algorithm: Option<Algorithm>,

    #[command(flatten)]
    settings: NewKey,

    /// File with the JSON body of a cloud KMS's Create Key request; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = [
        "label", "algorithm", "id", "usage", "signature_algorithm", "memo", "convergent", "auto_rotate", "rotation_period",
        "allow_duplicate_label", "if_not_exists", "exportable",
    ])]
    request: Option<PathBuf>,
}

impl Run for Create {
    fn run(&self, context: &Context) -> Result<()> {
        if let Some(path) = &self.request {
            return request::create(context, path);
        }
        let (opened, created) = make(context, &request(self)?)?;
        let line = line(&created);
        print_new(context, &opened, created, line)
    }

    fn changes(&self) -> bool {
        true
    }
}

fn request(arguments: &Create) -> Result<CreateRequest> {
    let (Some(label), Some(algorithm)) = (arguments.label.clone(), arguments.algorithm) else {
        return Err(UsageError::new("a label and an algorithm are required").into());
    };
    new_key(label, algorithm, &arguments.settings)
}

/// The request for a new key, created or imported. Refuses options that do not fit the algorithm.
pub(super) fn new_key(label: Label, algorithm: Algorithm, settings: &NewKey) -> Result<CreateRequest> {
    check_schedule(settings.auto_rotate, settings.rotation_period)?;
    let most = algorithm.usage();
    let usage = settings.usage.unwrap_or(most);
    if !usage.is_within(most) {
        return Err(
            UsageError::new(format!("{algorithm} keys can be made for {most}, not for {usage}")).into()
        );
    }
    if settings.convergent && !algorithm.may_be_convergent() {
        return Err(UsageError::new(format!("only AES keys can be convergent, not {algorithm}")).into());
    }
    if let Some(asked) = settings.signature_algorithm {
        if !usage.sign {
            return Err(UsageError::new("a key that does not sign has no signature algorithm").into());
        }
        let kind = algorithm.kind();
        if !asked.fits(kind) {
            let valid = SignatureAlgorithm::ALL.into_iter().filter(|valid| valid.fits(kind)).collect();
            return Err(operation::Error::Algorithm { asked: Some(asked), kind: Some(kind), valid }.into());
        }
    }
    Ok(CreateRequest {
        label,
        algorithm,
        id: settings.id.clone(),
        identity: None,
        usage,
        signature_algorithm: settings.signature_algorithm,
        memo: settings.memo.clone().unwrap_or_default(),
        convergent: settings.convergent,
        exportable: settings.exportable,
        auto_rotation: settings.auto_rotate.unwrap_or_default(),
        rotation_period: settings.rotation_period.unwrap_or(DEFAULT_ROTATION_PERIOD),
        allow_duplicate_label: settings.allow_duplicate_label,
        if_not_exists: settings.if_not_exists,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::CreateKeyRequest;

    #[test]
    fn the_example_request_is_valid() {
        let (from, to) =
            (REQUEST.find("{\"keyName").expect("a body"), REQUEST.find("  The answer").expect("an end"));
        let request = CreateKeyRequest::from_json(&REQUEST.as_bytes()[from..to]).expect("valid");
        assert_eq!(request.rotation_period, Some(30));
        for algorithm in Algorithm::in_requests() {
            assert!(REQUEST.contains(algorithm.key_type()), "{algorithm}");
        }
    }
}
