//! `kmsctl jwt …`

use std::{path::PathBuf, time::Duration};

use clap::{ArgGroup, Args, Subcommand, ValueHint};

use super::{
    select::{self, Selection, VersionSelection},
    values::{self, Assignment, Offset},
};
use crate::algorithm::SignatureAlgorithm;

/// Sign, verify and look into JSON Web Tokens
#[derive(Debug, Subcommand)]
pub enum Command {
    Sign(Box<Sign>),
    Verify(Box<Verify>),
    Decode(Decode),
}

impl Command {
    pub(super) fn selection(&self) -> Option<&Selection> {
        match self {
            Self::Sign(arguments) => Some(&arguments.key.key),
            Self::Verify(arguments) => Some(&arguments.key.key),
            Self::Decode(_) => None,
        }
    }
}

/// Sign claims and print the finished token
///
/// The header gets alg, typ and kid; the claims get iat and nbf, and exp with --ttl. A claim that you give is kept as
/// given. Giving one twice is an error, and so is a token that no verifier can accept: one that has expired, or whose
/// exp, nbf or iat is not a time in seconds.
///
/// The key decides the algorithm: RS256 for an RSA key unless `key update --signature-algorithm` chose another.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "A token for a quarter of an hour" => "kmsctl jwt sign --label web --sub alice --aud api --ttl 15m",
    "Claims from a file and from options" =>
        "kmsctl jwt sign --label web --claims claims.json --claim admin=true --claim-string zip=01234 --ttl 1h",
    "For a verifier whose clock is behind" => "kmsctl jwt sign --label web --sub alice --nbf -60s --ttl 15m",
    "The CKA_ID as kid, and another type" =>
        "kmsctl jwt sign --label web --kid ckaid --header typ=at+jwt --claims - --jti",
])]
pub struct Sign {
    #[command(flatten)]
    pub key: VersionSelection,

    /// File with the claims, one JSON object; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub claims: Option<PathBuf>,

    /// A claim: JSON where the value is JSON (n=1, admin=true), else text
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub claim: Vec<Assignment>,

    /// A claim whose value is text, whatever it looks like
    #[arg(long = "claim-string", value_name = "NAME=TEXT", value_parser = values::assignment)]
    pub claim_string: Vec<Assignment>,

    /// Issuer
    #[arg(long, value_name = "TEXT")]
    pub iss: Option<String>,

    /// Subject
    #[arg(long, value_name = "TEXT")]
    pub sub: Option<String>,

    /// Audience; several make a list
    #[arg(long, value_name = "TEXT")]
    pub aud: Vec<String>,

    /// How long the token is valid from now, with its unit: 90s, 15m, 8h; sets exp
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub ttl: Option<Duration>,

    /// When the token becomes valid, counted from now, such as -60s or 5m; sets nbf
    #[arg(long, value_name = "OFFSET", value_parser = values::offset, allow_hyphen_values = true)]
    pub nbf: Option<Offset>,

    /// A jti: random if no text is given
    #[arg(long, value_name = "TEXT", num_args = 0..=1)]
    #[allow(
        clippy::option_option,
        reason = "not given, given alone, and given with a text are three things"
    )]
    pub jti: Option<Option<String>>,

    /// File whose bytes are the claims as they are; nothing is added
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["claims", "claim", "claim_string", "iss", "sub", "aud", "ttl", "nbf", "jti"])]
    pub payload: Option<PathBuf>,

    /// A member of the header, its value as in --claim
    #[arg(long, value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub header: Vec<Assignment>,

    /// The kid: thumbprint (RFC 7638, as in jwks), ckaid, or a text of your own
    #[arg(long, value_name = "thumbprint|ckaid|TEXT", default_value = "thumbprint")]
    pub kid: String,

    /// Signature algorithm; must be the key's own (`key update --signature-algorithm` changes it)
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub algorithm: Option<SignatureAlgorithm>,

    /// File for the token; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}

/// Check a token and print its claims: exit 0 if it is valid, 3 if not
///
/// The token must be signed by the key, be within its time, and come from the issuer and be for the audience that you
/// name. A token that names an audience is refused unless --aud or --any-audience is given. The algorithms none and HS256
/// are never accepted. --jwks and --public-key need no PKCS#11 token.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("key").args(["label", "label_hex", "id", "uri", "public_key", "jwks"]).required(true).multiple(true))]
#[command(after_help = examples![
    "With a key of the token" => "kmsctl jwt verify --label web --aud api --in token.jwt",
    "With a published set of keys" =>
        "kmsctl jwt verify --jwks jwks.json --iss https://id.example --aud api --leeway 30s --in token.jwt",
    "By one type and algorithm alone, with an end" =>
        "kmsctl jwt verify --label web --aud api --typ JWT --algorithm RS256 --require-exp --in token.jwt",
])]
pub struct Verify {
    #[command(flatten)]
    pub key: VersionSelection,

    /// File with the public key: PEM, DER or JWK
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["label", "label_hex", "id", "uri", "key_version", "jwks"])]
    pub public_key: Option<PathBuf>,

    /// File with a JWK Set; the token's kid says which key is meant
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["label", "label_hex", "id", "uri", "key_version"])]
    pub jwks: Option<PathBuf>,

    /// Audience that the token must be for; may be repeated: one of them is enough
    #[arg(long, value_name = "TEXT")]
    pub aud: Vec<String>,

    /// Accept a token for any audience
    #[arg(long, conflicts_with = "aud")]
    pub any_audience: bool,

    /// Issuer that the token must be from
    #[arg(long, value_name = "TEXT")]
    pub iss: Option<String>,

    /// Type that the header must state (typ), such as at+jwt; application/ may be left out
    #[arg(long, value_name = "TYPE")]
    pub typ: Option<String>,

    /// Algorithm that the token must be signed by; may be repeated
    #[arg(long, value_name = "ALG", value_parser = values::signature_algorithm())]
    pub algorithm: Vec<SignatureAlgorithm>,

    /// Refuse a token that never expires
    #[arg(long)]
    pub require_exp: bool,

    /// How far the issuer's clock may be off, such as 30s
    #[arg(long, value_name = "DURATION", value_parser = values::duration, default_value = "0s")]
    pub leeway: Duration,

    #[command(flatten)]
    pub token: Token,
}

/// Print header and claims of a token without checking anything
#[derive(Debug, Args)]
#[command(after_help = examples![
    "What a token says" => "kmsctl jwt decode --in token.jwt",
])]
pub struct Decode {
    #[command(flatten)]
    pub token: Token,
}

/// Where a token is read from.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Token {
    /// The token; as an argument, other users can see it while the command runs
    #[arg(value_name = "TOKEN")]
    pub jwt: Option<String>,

    /// File with the token; standard input if neither is given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "jwt")]
    pub input: Option<PathBuf>,
}
