//! `kmsctl verify`.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum, ValueHint};

use super::{
    command::Run,
    context::{Context, selection},
    data::{self, Data},
    jws, key_file, public_key,
};
use crate::{
    algorithm::{KeyKind, SignatureAlgorithm},
    cli::{Selection, UsageError, VersionSelection, answers, examples, select, values},
    encoding::{CompactJws, is_encoded, read_signature},
    io::Input,
    operation::{self, Evidence, Judge, KeySource, NotValid, choose_algorithm, salt_of, signing_algorithm},
    render,
};

/// Input format of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum VerifyFormat {
    /// JWS if it looks like one, else raw
    #[default]
    Auto,
    /// The signature itself
    Raw,
    /// A JSON Web Signature in compact form (RFC 7515)
    Jws,
}

/// Verify a signature: exit 0 if it is valid, 3 if not
///
/// Prints the algorithm, the key with its fingerprint, and the SHA-256 of the data. --public-key needs no token. A key
/// of the token needs no PIN if the token shows public keys without a login.
///
/// The payload of a JWS must be equal to the data of --in or standard input. Without --in, a terminal or an empty
/// standard input counts as no data, and the payload itself is verified.
#[derive(Debug, Args)]
#[command(add = answers!["valid" => render::Verified, "not valid (exit 3)" => render::NotVerified])]
#[command(group = select::required_or("public_key"))]
#[command(after_help = examples![
    "With a key of the token" => "kmsctl verify --label web --signature release.sig --in release.tar",
    "With a public key alone" => "kmsctl verify --public-key web.pem --signature release.sig --in release.tar",
    "A JWS, and the file that must be its payload" =>
        "kmsctl verify --label web --signature order.jws --in release.tar",
])]
#[command(mut_arg(
    "key_version",
    select::version_is("Only this version of the key (default: every enabled version)")
))]
pub struct Verify {
    #[command(flatten)]
    key: VersionSelection,

    /// File with the public key: PEM, DER, a certificate, a JWK or an OpenSSH line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = select::VERSION_OPTIONS)]
    public_key: Option<PathBuf>,

    /// File with the signature, or the signature itself: base64, base64url, hex or binary, or a JWS
    #[arg(long, value_name = "FILE|TEXT", value_hint = ValueHint::FilePath, allow_hyphen_values = true)]
    signature: OsString,

    /// Signature algorithm (default: the key's own; for RSA, RS256 unless `key update` chose another)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    algorithm: Option<SignatureAlgorithm>,

    /// The input is a digest (raw, such as 32 bytes for SHA-256, or in hex or base64)
    #[arg(long)]
    digest: bool,

    /// Format of the signature
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    format: VerifyFormat,

    /// File that was signed; standard input if not given, unless a JWS holds it
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,
}

impl Run for Verify {
    fn run(&self, context: &Context) -> Result<()> {
        let given = given_signature(context, &self.signature)?;
        match self.format {
            VerifyFormat::Raw => {}
            VerifyFormat::Jws => return verify_jws(context, self, &jws::read(&given.bytes)?),
            VerifyFormat::Auto => {
                if let Some(jws) = jws::recognise(&given.bytes) {
                    return verify_jws(context, self, &jws?);
                }
            }
        }
        match &self.public_key {
            Some(path) => verify_offline(context, self, &given, path),
            None => verify_with_token(context, self, &given),
        }
    }

    fn selection(&self) -> Option<&Selection> {
        Some(&self.key.key)
    }
}

fn verify_jws(context: &Context, arguments: &Verify, jws: &CompactJws) -> Result<()> {
    if arguments.digest {
        return Err(UsageError::new("a JWS is verified with its data, not with a digest").into());
    }
    jws::verify(context, jws, arguments.algorithm, arguments.input.as_deref(), |header| {
        if let Some(path) = &arguments.public_key {
            return Ok(vec![public_key::read_verifier(context, path)?]);
        }
        let wanted = selection(&arguments.key.key, arguments.key.key_version);
        public_key::verifiers(context, &wanted, header, !wanted.names_version())
    })
}

fn verify_offline(context: &Context, arguments: &Verify, given: &GivenSignature, path: &Path) -> Result<()> {
    let file = key_file::read_public(context, path)?;
    file.limits.verify()?;
    let judge = Judge::Public(file.key);
    // A JWK may state its algorithm, which `verify_by` then requires.
    let stated = file.limits.algorithm().and_then(|name| name.parse::<SignatureAlgorithm>().ok());
    let stated = stated.filter(|stated| stated.fits(judge.kind()));
    let algorithm = choose_algorithm(Some(judge.kind()), arguments.algorithm.or(stated))?;
    file.limits.verify_by(algorithm)?;
    let source = KeySource::File { path: path.display().to_string() };
    let asked = Asked { context, arguments, algorithm, source, judge };
    let signature = match given.for_key(asked.judge.kind())? {
        Ok(signature) => signature,
        Err(form) => return asked.refused(Some(form)),
    };
    let data = asked.data(&signature, || Ok(vec![asked.judge.clone()]))?;
    if data.signed.is_signed_by(&asked.judge, algorithm, &signature)? {
        let evidence = Evidence::new(algorithm, asked.source, &asked.judge);
        return context.print_verdict(&render::verified(&evidence, data.sha256.as_deref()));
    }
    let salt = salt_of(&asked.judge, algorithm, data.signed.covered(), &signature);
    asked.refused(salt.map(NotValid::Salt))
}

fn verify_with_token(context: &Context, arguments: &Verify, given: &GivenSignature) -> Result<()> {
    let wanted = selection(&arguments.key.key, arguments.key.key_version);
    let mut found = public_key::open_public(context, &wanted)?;
    let any_version = !wanted.names_version();
    let algorithm = signing_algorithm(&found.selected.key, arguments.algorithm)?;
    let mut verifiers = operation::verifying_keys(&found.opened.keystore, &found.selected, any_version)?;
    let (source, judge) = (KeySource::of(&found.selected), found.judge(context)?);
    let asked = Asked { context, arguments, algorithm, source, judge };
    let signature = match given.for_key(asked.judge.kind())? {
        Ok(signature) => signature,
        Err(form) => return asked.refused(Some(form)),
    };
    let data = asked.data(&signature, || {
        // Long data is read once.
        if any_version && found.selected.key.is_partial() {
            found.read_all_versions(&wanted)?;
            verifiers = operation::verifying_keys(&found.opened.keystore, &found.selected, any_version)?;
        }
        Ok(verifiers.judges())
    })?;
    if any_version
        && found.selected.key.is_partial()
        && operation::verify(&verifiers.usable, algorithm, &data.signed, &signature)?.is_none()
    {
        found.read_all_versions(&wanted)?;
        verifiers = operation::verifying_keys(&found.opened.keystore, &found.selected, any_version)?;
    }
    if let Some(by) = operation::verify(&verifiers.usable, algorithm, &data.signed, &signature)? {
        public_key::warn_of_version(context, &found, &asked.judge, by);
        let evidence = Evidence::of(algorithm, by);
        return context.print_verdict(&render::verified(&evidence, data.sha256.as_deref()));
    }
    let salt = salt_of(&asked.judge, algorithm, data.signed.covered(), &signature);
    let why = match salt {
        Some(salt) => Some(NotValid::Salt(salt)),
        None => verifiers.blame(algorithm, &data.signed, &signature)?,
    };
    asked.refused(why)
}

/// A verification with its algorithm and key.
struct Asked<'a> {
    context: &'a Context,
    arguments: &'a Verify,
    algorithm: SignatureAlgorithm,
    source: KeySource,
    judge: Judge,
}

impl Asked<'_> {
    fn data(&self, signature: &[u8], judges: impl FnOnce() -> Result<Vec<Judge>>) -> Result<Data> {
        let input = Input::from_path(self.arguments.input.as_deref());
        data::read(self.context, (self.algorithm, signature), &input, self.arguments.digest, judges)
    }

    fn refused(&self, why: Option<NotValid>) -> Result<()> {
        self.context.print_verdict(&render::not_verified(self.algorithm))?;
        Err(operation::Error::SignatureInvalid { key: self.source.to_string(), why }.into())
    }
}

/// The value of `--signature`.
struct GivenSignature {
    bytes: Vec<u8>,
    origin: Origin,
}

enum Origin {
    File(PathBuf),
    /// The argument is the signature itself.
    Text(String),
}

/// The bytes of a text from which on it is a signature rather than the name of a file.
const MIN_ENCODED: usize = 32;

/// Reads the file with this name if it exists, else takes the text itself.
fn given_signature(context: &Context, given: &OsStr) -> Result<GivenSignature> {
    let path = Path::new(given);
    if given == "-" || path.exists() {
        let bytes = Input::from_path(Some(path)).read(&context.stdin, "the signature", jws::MAX_JWS_TEXT)?;
        return Ok(GivenSignature { bytes, origin: Origin::File(path.to_owned()) });
    }
    let text = given.to_string_lossy().into_owned();
    Ok(GivenSignature { bytes: given.as_encoded_bytes().to_vec(), origin: Origin::Text(text) })
}

impl GivenSignature {
    /// The signature as bytes. A malformed file or encoded text counts as an invalid signature; short or other text is more
    /// likely a mistyped file name, so it is an error.
    fn for_key(&self, kind: KeyKind) -> Result<Result<Vec<u8>, NotValid>> {
        match (read_signature(&self.bytes, kind), &self.origin) {
            (Ok(signature), _) => Ok(Ok(signature)),
            (Err(_), Origin::File(path)) => {
                let name = Input::from_path(Some(path)).to_string();
                Ok(Err(NotValid::Form { name, kind }))
            }
            (Err(_), Origin::Text(text)) if is_encoded(text.as_bytes(), MIN_ENCODED) => {
                Ok(Err(NotValid::Form { name: "the text of --signature".to_owned(), kind }))
            }
            (Err(error), Origin::Text(text)) => {
                /// In characters.
                const MAX_SHOWN: usize = 64;
                let shown: String = text.chars().take(MAX_SHOWN).collect();
                let cut = if shown == *text { "" } else { " …" };
                Err(error).with_context(|| format!("{shown:?}{cut} is neither a file nor a signature"))
            }
        }
    }
}
