//! `kmsctl reencrypt`, `kmsctl inspect` and `kmsctl datakey`.

use std::path::PathBuf;

use clap::{
    Args, ValueHint,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::select::{self, VersionSelection};
use crate::model::EncryptionContext;

/// Move ciphertexts to the newest version of their key
///
/// A text is opened and sealed again; its plaintext is never written. For an age file only the header is rewritten, for
/// every key in it that is on this token; the body is copied without being checked, unless --verify is given. Nothing is
/// replaced before the token has opened what it sealed.
///
/// With a directory or several files each file is replaced in place, one by one, and what is not a ciphertext is skipped.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "One ciphertext" => "kmsctl reencrypt --context db --in password.kms --out password.kms",
    "All ciphertexts below a directory" => "kmsctl reencrypt --in /etc/app/secrets",
    "Is anything outdated? Exit 3 says yes" => "kmsctl reencrypt --check --in /etc/app/secrets",
    "Are all files whole and authentic?" => "kmsctl reencrypt --check --verify --in /etc/app/secrets",
])]
pub struct Reencrypt {
    /// File, directory, or several of them; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::AnyPath, num_args = 1..)]
    pub input: Vec<PathBuf>,

    /// File for the new ciphertext of one input; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// The context that was given to encrypt; it stays the same
    #[arg(long, value_name = "TEXT")]
    pub context: Option<EncryptionContext>,

    /// Change nothing: exit 3 if an older version or form sealed anything
    #[arg(long)]
    pub check: bool,

    /// Decrypt the body of an age file, too: one that is damaged or cut short is not replaced
    #[arg(long)]
    pub verify: bool,
}

/// The forms of a ciphertext, for readers without kmsctl.
const FORMATS: &str = "\
Text form:
  kms:v<version>:<key tag>:<base64url without padding>
  The last part is, for an AES key, nonce (12 bytes), ciphertext, tag (16);
  for an RSA key one block of RSA-OAEP with SHA-256, MGF1-SHA-256 and an
  empty label, which `openssl pkeyutl` opens. Its plaintext is the data;
  48 bytes that are not readable text, and what begins with the words
  kmsctl:envelope: are not: envelopes hold those.
  AES-GCM authenticates beside the data: all characters up to and with the
  last colon, then the bytes of the context, if there is one.
  A convergent key's nonce is the first 12 bytes of HMAC-SHA-256 under its
  companion key, over the length of the context (8 bytes, highest first),
  the context and the plaintext.

Key tag:
  52 characters of base32. Ending in a or q: a key of a token. Ending in b
  or r: the SHA-256 of a public key's SubjectPublicKeyInfo, for what was
  encrypted with --public-key; the version is then 1.

Envelope:
  An age file with the stanza
    -> kmsctl v<version> <key tag> aes-gcm|rsa-oaep-sha256-2 [context]
  The last word is there if a context was used. There may be several such
  stanzas, each for another key, and the file may be armored (base64).
  The body of an aes-gcm stanza is nonce, wrapped file key (16 bytes), tag;
  AES-GCM authenticates age:v<version>:<key tag>: and the context. The body
  of an rsa-oaep-sha256-2 stanza is one block of RSA-OAEP as above, over
  kmsctl:envelope: (16 bytes), the file key (16) and the SHA-256 of the
  bytes that AES-GCM would authenticate (32).
  A stanza rsa-oaep-sha256 is of an earlier release: its block lacks the
  first 16 bytes. It is read; reencrypt replaces it.

Test vectors:
  key        000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
  nonce      cafebabefacedbaddecaf888
  plaintext  attack at dawn
  context    db
  text       kms:v1:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:yv66vvrO263eyviI69fUR8kRb3oyKzm8DHNVFmV1I_nuskeH49Htqi-6

  The same, convergent:
  companion  202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f
  nonce      2256ad775c609f81f5dc61d6
  text       kms:v1:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:Ilatd1xgn4H13GHWjjUdAOdpHpIDZUgmE-ZHTiRBar37_TnbCvnl59K2

  The plaintext of an envelope's RSA block, without and with a context:
  file-key   000102030405060708090a0b0c0d0e0f
  bound-to   age:v3:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:
  rsa-block  6b6d7363746c3a656e76656c6f70653a000102030405060708090a0b0c0d0e0f
             982cade46c283b9a3fb92c612abc15f75c8612e294f55fb12d17208d083a9fd2
  bound-to   age:v3:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:db
  rsa-block      6b6d7363746c3a656e76656c6f70653a000102030405060708090a0b0c0d0e0f
             a0e405e77e8ca36bff1340b3a1276ea435147f62e8a57c09f4fde48939023894";

/// Show what a ciphertext is: format, key, version, sizes
///
/// Needs no PIN. Nothing is authenticated: it shows what the ciphertext says of itself. The key's label is shown if the
/// token can be reached and shows the key's public half to everyone. A body that was cut short is an error where its
/// length alone tells.
#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
#[command(after_long_help = [INSPECT_EXAMPLES, FORMATS].join("\n\n"))]
pub struct Inspect {
    /// File to look at; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,
}

const INSPECT_EXAMPLES: &str = examples![
    "A file" => "kmsctl inspect --in srv.tar.age",
    "A text, for a script" => "kmsctl --json inspect --in password.kms",
];

/// Make a data key and wrap it under a key of the token
///
/// The data key comes from the token's generator. Its ciphertext is in the text form: `kmsctl decrypt` gives the data
/// key back.
#[derive(Debug, Args)]
#[command(group = select::required())]
#[command(after_help = examples![
    "A key to be used later, or elsewhere" => "kmsctl datakey --label app --out disk.kms",
    "A key to be used now, and its ciphertext to keep" =>
        "kmsctl datakey --label app --plaintext --out disk.key > disk.kms",
])]
pub struct Datakey {
    #[command(flatten)]
    pub key: VersionSelection,

    /// Size of the data key
    #[arg(long, value_name = "N", default_value = "256", value_parser = data_key_bits())]
    pub bits: usize,

    /// Give the data key itself, too: in base64 on a second line, or raw in the file of --out
    #[arg(long)]
    pub plaintext: bool,

    /// File for the ciphertext; with --plaintext, file of mode 0600 for the bare data key
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Text that must be given again to decrypt: authenticated, not stored
    #[arg(long, value_name = "TEXT")]
    pub context: Option<EncryptionContext>,
}

fn data_key_bits() -> impl TypedValueParser<Value = usize> {
    PossibleValuesParser::new(["128", "256", "512"]).try_map(|text| text.parse())
}
