//! `kmsctl key show`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};
use data_encoding::HEXLOWER;

use crate::{
    algorithm::{PublicKey, SignatureAlgorithm},
    cli::{self, VersionSelection, answers, examples, select},
    commands::{
        command::Run,
        context::{Context, Need, selection},
        public_key::{self, Public},
    },
    config::Target,
    encoding::JwkUse,
    io::Output,
    keystore::{self, Keystore, Selected, Selection},
    model::answer,
    operation,
    render::{self, Document, KeyView, recipe},
    token::ModuleError,
    ui,
};

/// Another program that can use the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Recipe {
    Openssl,
    #[value(alias = "openssh")]
    Ssh,
}

/// Show a key's details or its public key
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a separate flag")]
#[command(add = answers!["" => render::KeyView, "`--pem`" => Pem, "`--der`" => Der, "`--ssh`" => Ssh, "`--jwk` (RFC 7517)" => serde_json::Value, "`--kcv`" => CheckValue, "`--for`" => RecipeText])]
#[command(group = select::required())]
#[command(group = clap::ArgGroup::new("form").args(["pem", "der", "jwk", "ssh", "recipe", "kcv"]))]
#[command(after_help = examples![
    "The details" => "kmsctl key show --label web",
    "The public key for OpenSSL" => "kmsctl key show --label web --pem | openssl pkey -pubin -text -noout",
    "The check value of a secret key" => "kmsctl key show --label data --kcv",
    "The public key of an older version, to a file" =>
        "kmsctl key show --label web --key-version 1 --der --out web.der",
    "The public key, also to the clipboard" => "kmsctl key show --label web --pem --copy",
    "Commands to sign with this key in OpenSSL" =>
        "kmsctl key show --label web --module /usr/lib/softhsm/libsofthsm2.so --for openssl",
])]
#[command(mut_arg("key_version", select::version_is("Version to show (default: the newest)")))]
pub struct Show {
    #[command(flatten)]
    key: VersionSelection,

    /// Public key as PEM (SubjectPublicKeyInfo)
    #[arg(long)]
    pem: bool,

    /// Public key as DER (SubjectPublicKeyInfo)
    #[arg(long)]
    der: bool,

    /// Public key as JSON Web Key
    #[arg(long)]
    jwk: bool,

    /// Public key as a line for authorized_keys
    #[arg(long)]
    ssh: bool,

    /// Check value of an AES or HMAC key: three bytes, to compare by telephone
    #[arg(long)]
    kcv: bool,

    /// Commands that use the key in another program
    #[arg(long = "for", value_name = "PROGRAM")]
    recipe: Option<Recipe>,

    /// Also copy the public key, or the commands, to the clipboard
    #[arg(long, conflicts_with_all = ["der", "kcv"])]
    copy: bool,

    /// File to write to
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

answer! {
    /// A public key in PEM.
    pub struct Pem<'a> {
        /// The PEM, without the last end of line
        pem: &'a str,
    }
}

answer! {
    /// A public key in DER.
    pub struct Der {
        /// The DER
        der: String,
    }
}

answer! {
    /// A public key in OpenSSH's format.
    pub struct Ssh<'a> {
        /// The line
        ssh: &'a str,
    }
}

answer! {
    /// The check value of a secret key.
    pub struct CheckValue {
        /// The check value: three bytes
        kcv: String,
    }
}

answer! {
    /// How another program uses the key.
    pub struct RecipeText<'a> {
        /// The program
        program = "for": &'static str,
        /// PKCS#11 URI of the private half
        uri: String,
        /// What to paste
        text: &'a str,
    }
}

impl Run for Show {
    fn run(&self, context: &Context) -> Result<()> {
        let wanted = selection(&self.key.key, self.key.key_version);
        if let Some(recipe) = self.recipe {
            return print_recipe(context, self, &wanted, recipe);
        }
        if self.pem || self.der || self.jwk || self.ssh {
            let public = public_key::open_public(context, &wanted)?;
            return print_public_key(context, self, &public);
        }
        let opened = context.open(Need::Read)?;
        let selected = opened.keystore.select_version(&wanted)?;
        if self.kcv {
            let value = HEXLOWER.encode(&operation::check_value(&opened.keystore, &selected)?);
            let document = Document::of(&CheckValue { kcv: value.clone() }, format!("{value}\n"));
            return context.print_to(&Output::to(self.out.as_deref()), &document);
        }
        let (key, version) = (&selected.key, selected.version());
        let public = shown_public_key(context, &opened.keystore, &selected)?;
        let pem = public.as_ref().map(PublicKey::to_pem);
        let view =
            KeyView::new(key, version, opened.keystore.names(), opened.keystore.token(), opened.protection)
                .with_public_key(pem.as_deref())
                .with_fingerprint(public.as_ref().map(PublicKey::fingerprint).as_ref());
        let details = render::key_details(&view, version);
        match &self.out {
            None => context.print(&details)?,
            Some(path) => Output::to(Some(path)).write(&details.to_bytes(context.settings.json))?,
        }
        match pem.filter(|_| self.copy) {
            Some(pem) => copy(context, "the public key", &pem),
            None => Ok(()),
        }
    }

    fn prints_result(&self) -> bool {
        self.pem || self.der || self.jwk || self.ssh || self.kcv
    }

    fn selection(&self) -> Option<&cli::Selection> {
        Some(&self.key.key)
    }
}

/// The public key, if there is one that can be shown. Fails on a mismatch.
fn shown_public_key(
    context: &Context,
    keystore: &Keystore,
    selected: &Selected,
) -> Result<Option<PublicKey>> {
    match operation::public_half(keystore, selected) {
        Ok(half) => {
            public_key::warn_if_unproven(context, keystore, &selected.key.label, &half);
            Ok(Some(half.key))
        }
        Err(error) if error.downcast_ref().is_some_and(keystore::Error::is_wrong_public_half) => Err(error),
        Err(_) => Ok(None),
    }
}

fn print_public_key(context: &Context, arguments: &Show, found: &Public) -> Result<()> {
    let (selected, public) = (&found.selected, found.half(context)?.key);
    let bytes = if arguments.der {
        public.to_spki_der()
    } else if arguments.jwk {
        format!("{}\n", public.to_jwk(jwk_use(selected, &public))?).into_bytes()
    } else if arguments.ssh {
        format!("{}\n", public.to_ssh(&selected.key.label)?).into_bytes()
    } else {
        public.to_pem().into_bytes()
    };
    let output = Output::to(arguments.out.as_deref());
    if context.settings.json && !arguments.jwk {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches('\n');
        if output.has_file() {
            output.write(&bytes)?;
        }
        context.print(&if arguments.der {
            Document::of(&Der { der: data_encoding::BASE64.encode(&bytes) }, "")
        } else if arguments.ssh {
            Document::of(&Ssh { ssh: text }, "")
        } else {
            Document::of(&Pem { pem: text }, "")
        })?;
    } else {
        output.binary(arguments.der).write(&bytes)?;
    }
    if arguments.copy { copy(context, "the public key", &String::from_utf8_lossy(&bytes)) } else { Ok(()) }
}

/// Prints commands that use the key in another program, through the same module.
fn print_recipe(context: &Context, arguments: &Show, wanted: &Selection, recipe: Recipe) -> Result<()> {
    let Target::Module { path, args } = &context.settings.target else {
        return Err(ModuleError::NoFile.into());
    };
    let found = public_key::open_public(context, wanted)?;
    let public = found.half(context)?.key;
    let Public { opened, selected } = found;
    let token = opened.keystore.token();
    let uri = render::private_key_uri(&selected.key, selected.version(), token);
    let module = path.canonicalize().unwrap_or_else(|_| path.clone());
    let hash = public.kind().default_signature().and_then(SignatureAlgorithm::hash);
    let subject = recipe::Subject { uri: &uri, module: &module, arguments: args.as_deref(), hash };
    let (name, text) = match recipe {
        Recipe::Openssl => ("openssl", recipe::for_openssl(subject)),
        Recipe::Ssh => ("ssh", recipe::for_ssh(subject, &public.to_ssh(&selected.key.label)?)),
    };
    let document =
        Document::of(&RecipeText { program: name, uri: uri.to_string(), text: &text }, text.clone());
    context.print_to(&Output::to(arguments.out.as_deref()), &document)?;
    if arguments.copy { copy(context, "the text", &text) } else { Ok(()) }
}

/// Copies to the clipboard and names the program or terminal that took the text: a terminal does not confirm it.
fn copy(context: &Context, what: &str, text: &str) -> Result<()> {
    let by = ui::copy(text).context("no clipboard: found neither a clipboard program nor a terminal")?;
    context.ui.status(format!("copied {what} to the clipboard with {by}"));
    Ok(())
}

/// The `use` and `alg` of the JWK, if the key has only one.
fn jwk_use(selected: &Selected, public: &PublicKey) -> JwkUse {
    let usage = selected.key.usage();
    let mut algorithms = public.kind().signature_algorithms();
    match (algorithms.next(), algorithms.next()) {
        (Some(only), None) => JwkUse::Signature(only),
        _ if (usage.encrypt || usage.decrypt) && !(usage.sign || usage.verify) => JwkUse::Encryption,
        _ => JwkUse::Any,
    }
}
