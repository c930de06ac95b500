//! `kmsctl inspect`.

use std::{
    fs,
    io::BufRead,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::{Args, ValueHint};

use super::{
    command::Run,
    context::{Context, Need},
    sealed::Sealed,
};
use crate::{
    algorithm::{Encryption, KeyKind},
    cli::{answers, examples},
    encoding::{Ciphertext, KeyName, Wrapping, age_plaintext_len},
    io::Input,
    keystore::{self, Keystore},
    operation::{Envelope, SealError},
    render::{self, CiphertextView},
    token::{NONCE_LEN, TAG_LEN},
};

/// Show what a ciphertext is: format, key, version, sizes
///
/// Needs no PIN, and authenticates nothing: it prints what the ciphertext says about itself. The key's label is shown if
/// the token can be reached and shows the key without a login, or the PIN is available. A truncated body is an error if
/// its length shows it.
#[derive(Debug, Args)]
#[command(add = answers![render::Inspected])]
#[command(after_help = INSPECT_EXAMPLES)]
#[command(after_long_help = [INSPECT_EXAMPLES, FORMATS].join("\n\n"))]
pub struct Inspect {
    /// File to look at; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,
}

/// The forms of a ciphertext, for readers without kmsctl.
const FORMATS: &str = "\
Text form:
  kms:v<version>:<key tag>:<base64url without padding>
  The last part is, for an AES key, nonce (12 bytes), ciphertext, tag (16);
  for an RSA key one block of RSA-OAEP with SHA-256, MGF1-SHA-256 and an
  empty label, which `openssl pkeyutl` opens. Its plaintext is the data.
  A plaintext that begins with kmsctl:envelope:, or has 48 bytes that are not
  readable text, belongs to an envelope and is refused in a text.
  For an ML-KEM key it is encapsulation (1088 bytes for ML-KEM-768, 1568 for
  ML-KEM-1024), nonce (12), ciphertext, tag (16), by AES-256-GCM. Its key is
  32 bytes of HKDF-SHA-256 of the encapsulated secret, with the encapsulation
  as salt and the info 'kmsctl ml-kem text'.
  In addition to the data, AES-GCM authenticates all characters up to and
  including the last colon, then the bytes of the context, if there is one.
  A convergent key's nonce is the first 12 bytes of HMAC-SHA-256 under its
  companion key, over the length of the context (8 bytes, big-endian),
  the context and the plaintext.

Key tag:
  52 characters of base32 that name the first version of the key, the same
  on every token. Ending in b or r: the SHA-256 of the SubjectPublicKeyInfo
  of a key pair, which encrypt --public-key computes too, with version 1.
  Ending in a or q: of an AES key the SHA-256 of kmsctl key tag, a zero
  byte and the block 45708e3d6ec3e61516c6720491f1b00d encrypted with the
  key by AES-ECB; of a key of an earlier release or another program a hash
  of its token and CKA_ID.

Envelope:
  An age file with the stanza
    -> kmsctl v<version> <key tag> <wrapping> [context]
  where wrapping is aes-gcm, rsa-oaep-sha256-2 or ml-kem-aes-gcm.
  The last word is there if a context was used. There may be several such
  stanzas, each for another key, and the file may be armored (base64).
  The body of an aes-gcm stanza is nonce, wrapped file key (16 bytes), tag;
  AES-GCM authenticates age:v<version>:<key tag>: and the context. The body
  of an rsa-oaep-sha256-2 stanza is one block of RSA-OAEP as above, over
  kmsctl:envelope: (16 bytes), the file key (16) and the SHA-256 of the
  bytes that AES-GCM would authenticate (32).
  The body of an ml-kem-aes-gcm stanza is encapsulation, nonce, wrapped file
  key (16), tag, as in a text but with the info 'kmsctl ml-kem envelope'; it
  authenticates the same bytes as that of an aes-gcm stanza.
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

  The same under ML-KEM-768, with the private half that FIPS 203 makes of the
  seed 00 01 02 to 3f (d, z); it is one line:
  ml-kem     kms:v1:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:
    GYS9e33SgZg8coAELyGUufk-Kk1FflGvuIwTsNw61J1VzovK-RBZlwuMySy8hWC5ZM
    E2aUEKdGldGb8-5na2g-82rKNB50ptTFxGxmoG-9hdfRdTW64zJL0NEm6-1GcrKns0
    gnUpjgLl2LtAZgwU3fnyecX0gnZXBd9gmEm3PDzomddlOah_GoYNEKGg88JcZsuTlq
    b2AuXb5fVi7JewKY6vbifjwJGa7G5bBZJsFsGmICT3kzhCqC_qr114y3UBwzNVlOtL
    AIC-U1MscpwtltruYD1jH4ksZOxGjtrob_gutNJb8Yu136a87-WXvd6LChgY9LbGni
    0smqN883OxWdlziRQydOrutDnkR2Y3UCNp5V6oCe5HYaphEH7oPx9O1DABMCMF_YqU
    g9wzN_y7TrLmtuTribBRo7rROxF9wqD7BSqwxhjLE2iW_L9fzzCAiekzwOB8csjZea
    EOvX63O9HE3COSwhYRtxDmrSMBqPZ4pgH3bI97m7Y7FrfzPJx4zanQ0srYc8_LXZ2o
    fXpJ3EijCKZ-VzrzZWV2jlppZ6YCQL_XYGuP5YFj_Tjf2KXAJ3v50SzjIrFuPbLoTy
    T4-vHSIhYh7l61f8GHivJbCY8lY39CQpp8K4mC-BpxiQpP06kQvsMFa_5nZxfs-avM
    A3H3VhOkZcSFomS6vDRmtcZ9f-aqGrLOdBuRs6qeFhjKu5ytTfjKAXsm9nZgZKfij3
    7_ioGHq5sszaxxAJ6mC4cDuxibbBBdD-H9HU0WVUFg0q8U8cNQTcwR7hyKVGo_XA3-
    oEQpMOMk2EO9r-VksHMvKVQfgk42U9_PWH8KSunUmzSuaeUqAjASTVnoNSe4xRSTEx
    M-LU-raQzdk1N5k0kTpMjlnyifxZxUhQUDVIqZROVtVbkA8eUJavRIOdTj2xUrwIw6
    VRPheVDmfV6tDjq3B_5RiIqcud4e_o6RGOralTXwRwyPwz4ObOTHiyEjDZNckYHCa_
    NkQqHjxfn6jZ4Z0YXNK16BP12hMR6YFSxnmEBXnKZxs6WNvhWVKQDd7KQDwZ0I1WiW
    qVLZACL3Y5MmOLbx8Z415aDoHRec_EvK6_rRDidVl2Z4PA1iN-dUHp3SpNtqEj0UPp
    is4OUf4I6ZPFbbuvUW85cSwKNLz5fYwBxrxXKzkLIRmlFMmbXwspU7iTO5zpjf09EL
    nYmLeTBBuVTtnyLUeqEeTAuCAZYIumeUVKmWDNkIR5Qknw93dV9F6wPZEIL_MdmSLa
    pQP22Hky1EAmCdSAwi9i1trUVjNDAMt_oNNmq8yN_WEtr3CU1vS99TcwOc9O71RoVM
    UcaCKMJiLbMbs947M224wwIqumB95KJY2cUYmKUEmYOdLmPLM71Oie5EufP_dmJhcf
    J3Zhe2vMKu2Rg7NJLBs7hjGIPho3m4WR_wJeOyVx_OnnPZm3PbLr0l6TsdYW93Mcnw
    oUS8OTyAI-2B5YeXaONAzj7GkS9ZOZ5fwWgja_726MyGWlZIVjNEd1Q

  The plaintext of an envelope's RSA block, without and with a context:
  file-key   000102030405060708090a0b0c0d0e0f
  bound-to   age:v3:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:
  rsa-block  6b6d7363746c3a656e76656c6f70653a000102030405060708090a0b0c0d0e0f
             982cade46c283b9a3fb92c612abc15f75c8612e294f55fb12d17208d083a9fd2
  bound-to   age:v3:zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq:db
  rsa-block      6b6d7363746c3a656e76656c6f70653a000102030405060708090a0b0c0d0e0f
             a0e405e77e8ca36bff1340b3a1276ea435147f62e8a57c09f4fde48939023894";

const INSPECT_EXAMPLES: &str = examples![
    "A file" => "kmsctl inspect --in srv.tar.age",
    "A text, for a script" => "kmsctl --json inspect --in password.kms",
];

impl Run for Inspect {
    fn run(&self, context: &Context) -> Result<()> {
        let sealed = Sealed::open(&context.stdin, &Input::from_path(self.input.as_deref()))?;
        let names = sealed.keys();
        let (shown, is_on_token, face) = faces(context, &names);
        let (label, kind) = face.map_or((None, None), |(label, kind)| (Some(label), kind));
        let mut view = match sealed {
            Sealed::Text(ciphertext) => of_text(&ciphertext, label, kind),
            Sealed::Envelope { envelope, body, is_armored, .. } => {
                let file = self.input.as_deref().filter(|_| !is_armored);
                let body = body_len(file, &envelope, body)?;
                of_envelope(&envelope, shown, label, body, is_armored)?
            }
        };
        view.is_on_token = is_on_token;
        context.print(&render::ciphertext(&view))
    }
}

/// Label and kind of a key.
type Face = (String, Option<KeyKind>);

/// Which of the keys to describe: the first that is on the token, as `decrypt` tries them in this order, or else the first.
/// With whether it is there, if the token shows that. Best effort: the ciphertext can be described without it.
fn faces(context: &Context, names: &[&KeyName]) -> (usize, Option<bool>, Option<Face>) {
    let Ok(opened) = context.open(Need::PublicKey) else { return (0, None, None) };
    let mut first = None;
    for (place, name) in names.iter().enumerate() {
        let (is_there, face) = face(&opened.keystore, name);
        if is_there == Some(true) {
            return (place, is_there, face);
        }
        first.get_or_insert(is_there);
    }
    (0, first.flatten(), None)
}

fn face(keystore: &Keystore, name: &KeyName) -> (Option<bool>, Option<Face>) {
    if let Some((label, kind)) = keystore.public_face(name).ok().flatten() {
        return (Some(true), Some((label, Some(kind))));
    }
    if !keystore.session().sees_private() {
        return (None, None);
    }
    match keystore.select_named(name) {
        Ok(selected) => (Some(true), Some((selected.key.label.clone(), selected.key.kind()))),
        Err(error) => {
            let is_missing = matches!(error.downcast_ref(), Some(keystore::Error::TagNotFound { .. }));
            (is_missing.then_some(false), None)
        }
    }
}

fn of_text(ciphertext: &Ciphertext, label: Option<String>, kind: Option<KeyKind>) -> CiphertextView {
    let length = ciphertext.payload.len();
    let may_be_block = length.is_multiple_of(128) && length >= 256;
    let wrapping = match kind.map(KeyKind::encryption) {
        Some(Some(Encryption::RsaOaep)) => Some(Wrapping::RsaOaep),
        Some(Some(Encryption::Encapsulation)) => Some(Wrapping::Encapsulated),
        // The length may be ambiguous; RSA is assumed.
        _ if ciphertext.key.tag.is_of_public_key() && may_be_block => Some(Wrapping::RsaOaep),
        _ if ciphertext.key.tag.is_of_public_key() => Some(Wrapping::Encapsulated),
        _ => (!may_be_block && length < Encryption::MIN_ENCAPSULATION_LEN).then_some(Wrapping::AesGcm),
    };
    // In addition to nonce and tag.
    let overhead = match (wrapping, kind) {
        (Some(Wrapping::AesGcm), _) => Some(0),
        (_, Some(kind)) => kind.encapsulation_len(),
        _ => None,
    };
    CiphertextView {
        format: "text",
        key: ciphertext.key.clone(),
        label,
        is_on_token: None,
        wrapping,
        // An RSA block has no context; the other forms do not reveal whether they have one.
        has_context: (wrapping == Some(Wrapping::RsaOaep)).then_some(false),
        ciphertext_len: length as u64,
        plaintext_len: overhead
            .and_then(|overhead| length.checked_sub(overhead + NONCE_LEN + TAG_LEN))
            .map(|length| length as u64),
        further: Vec::new(),
        recipients: Vec::new(),
        is_armored: None,
    }
}

/// Fails if the body has an impossible length, which means that it was truncated. Only decryption detects other damage.
fn of_envelope(
    envelope: &Envelope,
    shown: usize,
    label: Option<String>,
    body: u64,
    is_armored: bool,
) -> Result<CiphertextView> {
    let stanzas = envelope.stanzas();
    let stanza = &stanzas[shown].1;
    let further = stanzas.iter().enumerate().filter(|(place, _)| *place != shown);
    let plaintext_len = age_plaintext_len(body).ok_or(SealError::Broken { truncated: true })?;
    Ok(CiphertextView {
        format: "age",
        key: stanza.key.clone(),
        label,
        is_on_token: None,
        wrapping: Some(stanza.wrapping),
        has_context: Some(stanza.has_context),
        ciphertext_len: envelope.header_len() as u64 + body,
        plaintext_len: Some(plaintext_len),
        further: further.map(|(_, (_, stanza))| stanza.key.clone()).collect(),
        recipients: envelope.recipients(),
        is_armored: Some(is_armored),
    })
}

/// The length of the body: from the file size, else by reading to the end.
fn body_len(path: Option<&Path>, envelope: &Envelope, mut body: Box<dyn BufRead>) -> Result<u64> {
    let file = path.and_then(|path| fs::metadata(path).ok()).filter(fs::Metadata::is_file);
    if let Some(file) = file {
        return Ok(file.len().saturating_sub(envelope.header_len() as u64));
    }
    Ok(std::io::copy(&mut body, &mut std::io::sink())?)
}
