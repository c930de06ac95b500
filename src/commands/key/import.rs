//! `kmsctl key import`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use super::{
    create::new_key,
    created::{print_new, sole},
    new_key::NewKey,
};
use crate::{
    algorithm::Algorithm,
    cli::{PassphraseOptions, UsageError, answers, examples, values},
    commands::{
        command::Run,
        context::{Context, Need, Opened},
        custodian::CustodianKeys,
        key_file,
    },
    encoding::{self, KeyFile},
    io::Input,
    keystore::{Arrival, CreateRequest, Identity, Imported, Origin},
    model::Label,
    render,
};

/// Import a private, AES or HMAC key
///
/// A private key may be encrypted or not, in PEM or DER (PKCS#8, PKCS#1, SEC1), PKCS#12, OpenSSH's format, a private
/// JWK, or the JSON key file of a cloud service account. An AES-256 or HMAC key is 32 bytes, in binary, hexadecimal,
/// base64 or a JWK. The file must hold exactly one private key; other content, such as certificates, is skipped and
/// named. `use`, `key_ops` and `alg` of a JWK limit what the key may do; `alg` of an RSA key is its --signature-algorithm.
///
/// Both halves of a key pair are stored and tried once before the command succeeds. A key whose numbers do not fit
/// each other, or whose primes are not prime, is refused. --component joins the components of a key instead: files
/// from `kmsctl component split`, or the hexadecimal components of an AES key.
///
/// In the token the key is sensitive and, without --exportable, not extractable. The file stays as it is: destroy it
/// when the key works.
#[derive(Debug, Args)]
#[command(override_usage = "kmsctl key import --label LABEL [--in FILE | --component FILE...] [OPTIONS]\n\
                            kmsctl key import --check [--in FILE]")]
#[command(add = answers!["" => render::KeyView, "`--check`" => render::KeyFileView])]
#[command(after_help = examples![
    "A key from OpenSSL" => "kmsctl key import --label web --in web.key",
    "An encrypted key" => "kmsctl key import --label web --in web.key --passphrase-file web.pass",
    "A PKCS#12 file" => "kmsctl key import --label web --in web.p12 --passphrase-file web.pass",
    "What a file holds, without a token" => "kmsctl key import --check --in web.key",
    "The components of three custodians" =>
        "kmsctl key import --label web --component one.pem --component two.pem --component three.pem",
    "Hexadecimal components of an AES key, with the check value of the key" =>
        "kmsctl key import --label data --component one.txt --component two.txt --kcv 91c087",
    "An AES key from another program" =>
        "other-program | kmsctl key import --label data --algorithm aes-256",
])]
pub struct Import {
    /// Label of the new key, up to 255 bytes
    #[arg(long, value_name = "LABEL", required_unless_present = "check")]
    label: Option<Label>,

    /// Only print what the file holds, and exit as the import would; needs neither token nor PIN
    #[arg(long)]
    check: bool,

    /// Algorithm and size of the key; required for an AES or HMAC key
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    algorithm: Option<Algorithm>,

    /// Key file; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,

    /// File with a component of the key, in place of a key file; give the option once for each component
    #[arg(long = "component", value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["input", "passphrase_file", "passphrase_fd"])]
    components: Vec<PathBuf>,

    #[command(flatten)]
    custodians: CustodianKeys,

    /// Check value of the AES or HMAC key, six hexadecimal digits; or those of the components in order, then that of the key
    #[arg(long = "kcv", value_name = "HEX", value_parser = values::check_value)]
    check_values: Vec<String>,

    #[command(flatten)]
    passphrase: PassphraseOptions,

    /// Tag of a key that an earlier release made (default: the tag that follows from the key)
    ///
    /// It is the `keyTag` in the JSON of `kmsctl key show`, and in ciphertexts. `TAG:NUMBER` gives the key its `keyId`, too.
    #[arg(long, value_name = "TAG")]
    key_tag: Option<Identity>,

    #[command(flatten)]
    settings: NewKey,
}

impl Run for Import {
    fn run(&self, context: &Context) -> Result<()> {
        // The input is checked completely before the token is opened.
        let file = if self.components.is_empty() { from_file(context, self) } else { joined(context, self) }?;
        if let Some(reason) = file.material.suspicion() {
            context.ui.warning(format!("the secret key may be a password: {reason}"));
        }
        let settings = narrowed(context, &file, &self.settings)?;
        // `--check` needs no label.
        let label = self.label.clone().map_or_else(|| "check".parse(), Ok)?;
        let mut request = new_key(label, file.material.algorithm(), &settings)?;
        if self.key_tag.as_ref().is_some_and(|identity| !identity.fits(&file.material)) {
            return Err(UsageError::new("the key tag is that of another public key").into());
        }
        request.identity.clone_from(&self.key_tag);
        if self.check {
            return context.print(&render::key_file(&file, &request));
        }
        let opened = context.open(Need::Write)?;
        let progress = context.waiting(format_args!("importing key {:?}", request.label.as_str()));
        let arrival = Arrival::of_material(file.material);
        let (opened, imported) = import(context, opened, &request, &arrival)?;
        drop(progress);
        report(context, &opened, imported)
    }

    fn changes(&self) -> bool {
        !self.check
    }
}

/// Imports a key that no other machine imports or creates at the same time.
pub(super) fn import(
    context: &Context,
    opened: Opened,
    request: &CreateRequest,
    arrival: &Arrival,
) -> Result<(Opened, Imported)> {
    sole(
        context,
        opened,
        request,
        |imported: &mut Imported| &mut imported.created,
        |keystore| keystore.import(request, arrival),
    )
}

/// Restricts the usage and the signature algorithm to what `use`, `key_ops` and `alg` of a JWK allow.
fn narrowed(context: &Context, file: &KeyFile, settings: &NewKey) -> Result<NewKey> {
    let algorithm = file.material.algorithm();
    let most = algorithm.usage();
    let usage = file.limits.import(most, settings.usage)?;
    let mut narrowed = settings.clone();
    if settings.usage.is_none() && usage != most {
        context.ui.status(format!("the JWK says that the key is for {usage} only"));
        narrowed.usage = Some(usage);
    }
    let signs_by = file.limits.import_by(settings.signature_algorithm)?;
    let has_choice = algorithm.kind().signature_algorithms().count() > 1;
    narrowed.signature_algorithm =
        settings.signature_algorithm.or(signs_by.filter(|_| usage.sign && has_choice));
    Ok(narrowed)
}

/// Reports an imported key; with `-v`, also the method and those that failed.
pub(super) fn report(context: &Context, opened: &Opened, imported: Imported) -> Result<()> {
    let name = render::key_name(&imported.created.key, imported.created.key.current());
    let line = match imported.way {
        Some(way) => {
            for (failed, reason) in &imported.failed {
                context.ui.detail(format!("not by {failed}: {reason}"));
            }
            context.ui.detail(format!("imported by {way}"));
            format!("imported key {name}")
        }
        None if imported.created.origin == Origin::Finished => {
            format!("finished key {name}, whose import was interrupted")
        }
        None => format!("key {name} already exists"),
    };
    print_new(context, opened, imported.created, line)
}

fn from_file(context: &Context, arguments: &Import) -> Result<KeyFile> {
    let input = Input::from_path(arguments.input.as_deref());
    let doing = || format!("cannot import {input}");
    let file =
        key_file::read(context, &input, arguments.algorithm, &arguments.passphrase).with_context(doing)?;
    if let [first, rest @ ..] = arguments.check_values.as_slice() {
        if !rest.is_empty() {
            return Err(UsageError::new("a key file has one check value").into());
        }
        file.material.require_check_value(first).with_context(doing)?;
    }
    Ok(file)
}

fn joined(context: &Context, arguments: &Import) -> Result<KeyFile> {
    let components = arguments.components.iter().map(|path| {
        let input = Input::from_path(Some(path));
        Ok((input.to_string(), arguments.custodians.read(context, &input)?))
    });
    let components: Vec<_> = components.collect::<Result<_>>()?;
    if arguments.check_values.is_empty() && components.iter().any(|(_, component)| component.set.is_none()) {
        context.ui.warning(
            "without a check value, kmsctl cannot tell whether plain components are correct and complete",
        );
        context.ui.hint("`--kcv` compares the joined key with what its custodians expect");
    }
    let material = encoding::join(&components, &arguments.check_values, arguments.algorithm)?;
    Ok(KeyFile::of(material.require(arguments.algorithm)?))
}
