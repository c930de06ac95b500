//! Recognises what a key file contains by its PEM labels or the shape of its DER, so that errors can name it.

use data_encoding::BASE64;
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};
use zeroize::Zeroizing;

use super::{Error, Foreign, Form, MAX_KEY_FILE, ber, pem, ssh};

/// Recognises DER by the tags of the first elements of the outer SEQUENCE.
pub(super) fn form_of_der(der: &[u8]) -> Result<Form, Error> {
    let malformed = |_| Error::malformed("the DER", "not one ASN.1 SEQUENCE that fills the input exactly");
    let outer = AnyRef::from_der(der).map_err(malformed)?;
    if outer.tag() != Tag::Sequence {
        return Err(Error::malformed("the DER", "not a SEQUENCE, as every key is"));
    }
    let parts = elements(outer.value()).map_err(malformed)?;
    let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Sequence, Tag::BitString] => Ok(Form::Spki),
        [Tag::Sequence, Tag::OctetString] => Ok(Form::EncryptedPkcs8),
        [Tag::Integer, Tag::Integer] => Ok(Form::Pkcs1Public),
        // Version, p, q, g, y and x, as OpenSSL writes them.
        [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer] => {
            Ok(Form::DsaPrivate)
        }
        [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Ok(Form::Pkcs1Private),
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Ok(Form::Pkcs8),
        [Tag::Integer, Tag::OctetString, ..] => Ok(Form::Sec1),
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::OctetString, ..] => Ok(Form::EcParameters),
        [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => Ok(Form::Pkcs12),
        [Tag::ObjectIdentifier, tag] if tag.is_context_specific() => Ok(Form::Pkcs7),
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
            // CertificationRequestInfo ends with its attributes, [0]; TBSCertificate begins with its version, [0].
            let body = elements(parts[0].value()).map_err(malformed)?;
            let request =
                body.len() == 4 && body[0].tag() == Tag::Integer && body[3].tag().is_context_specific();
            Ok(if request { Form::CertificateRequest } else { Form::Certificate })
        }
        _ => Err(Error::malformed("the DER", "not a key of a known kind")),
    }
}

/// The elements of a SEQUENCE's content, at most twelve: no key has more.
pub(super) fn elements(content: &[u8]) -> Result<Vec<AnyRef<'_>>, pkcs8::der::Error> {
    first_elements(content, 12)
}

pub(super) fn first_elements(content: &[u8], limit: usize) -> Result<Vec<AnyRef<'_>>, pkcs8::der::Error> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() && found.len() < limit {
        found.push(reader.decode()?);
    }
    Ok(found)
}

/// One object of a key file.
pub(super) struct Object<'a> {
    pub(super) form: Form,
    body: Body<'a>,
}

enum Body<'a> {
    Block(pem::Block<'a>),
    Bytes(&'a [u8]),
    Der(Zeroizing<Vec<u8>>),
}

impl Object<'_> {
    /// The bytes, which may be a private key; encrypted if the form says so.
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match &self.body {
            Body::Block(block) => block.decode(),
            Body::Bytes(bytes) => Ok(bytes.to_vec().into()),
            Body::Der(der) => Ok(der.clone()),
        }
    }

    /// The `DEK-Info` header of OpenSSL's encryption, and the bytes.
    pub(super) fn encrypted(&self) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        match &self.body {
            Body::Block(block) => block.encrypted(),
            Body::Bytes(_) | Body::Der(_) => Ok((String::new(), self.bytes()?)),
        }
    }
}

/// A key file, split into objects that are not parsed yet.
pub(super) struct Content<'a> {
    /// At least one.
    pub(super) objects: Vec<Object<'a>>,
    /// Whether there is text around the objects.
    pub(super) has_text: bool,
}

impl<'a> Content<'a> {
    /// Splits PEM, DER or OpenSSH lines into objects. Key files of other programs are refused by name.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        require_size(bytes)?;
        if let Some(foreign) = Foreign::recognise(bytes) {
            return Err(Error::Foreign { found: foreign, file: None });
        }
        if pem::is_pem(bytes) {
            return Self::read_pem(bytes);
        }
        let one = |form, body| Self { objects: vec![Object { form, body }], has_text: false };
        if bytes.first() == Some(&0x30) {
            return match (form_of_der(bytes), ber::to_der(bytes)) {
                // Some programs write PKCS#12 in BER.
                (Err(_), Some(der)) if matches!(form_of_der(&der), Ok(Form::Pkcs12 | Form::Pkcs7)) => {
                    Ok(one(form_of_der(&der)?, Body::Der(der)))
                }
                (form, _) => Ok(one(form?, Body::Bytes(bytes))),
            };
        }
        let lines: Vec<_> = ssh::key_lines(bytes).collect();
        if !lines.is_empty() {
            let object = |line| Object { form: Form::OpensshPublic, body: Body::Bytes(line) };
            return Ok(Self { objects: lines.into_iter().map(object).collect(), has_text: false });
        }
        Err(Error::malformed("the key file", "neither PEM nor DER"))
    }

    fn read_pem(bytes: &'a [u8]) -> Result<Self, Error> {
        let pem = pem::read(bytes)?;
        let object = |block| Object { form: Form::of_pem(&block), body: Body::Block(block) };
        Ok(Self {
            objects: pem.blocks.into_iter().map(object).collect(),
            has_text: pem.has_text_before || pem.has_text_after,
        })
    }

    /// The only object of the wanted kind, and the forms of the others. Fails if there are none or several.
    pub(super) fn only(
        self,
        expected: &'static str,
        is_wanted: impl Fn(&Form) -> bool,
    ) -> Result<(Object<'a>, Vec<Form>), Error> {
        let (mut wanted, others): (Vec<_>, Vec<_>) =
            self.objects.into_iter().partition(|object| is_wanted(&object.form));
        let mut others: Vec<_> = others.into_iter().map(|object| object.form).collect();
        match (wanted.len(), others.is_empty()) {
            (1, _) => Ok((wanted.remove(0), others)),
            (0, false) => Err(Error::unexpected(expected, others.remove(0))),
            (0, true) => Err(Error::malformed("the key file", "it is empty")),
            _ => Err(Error::Several { first: wanted.remove(0).form, second: wanted.remove(0).form }),
        }
    }
}

pub(super) fn require_size(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() > MAX_KEY_FILE {
        return Err(Error::TooLarge { what: "the key file", limit: MAX_KEY_FILE });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Error::malformed("the key file", "it is empty"));
    }
    Ok(())
}

/// The first bytes of each form; leading white space is skipped.
const BEGINNINGS: &[(&[u8], Foreign)] = &[
    (b"\xff\xfe", Foreign::Utf16 { encoding: "UTF-16" }),
    (b"\xfe\xff", Foreign::Utf16 { encoding: "UTF-16" }),
    (b"-\0-\0-\0", Foreign::Utf16 { encoding: "UTF-16LE" }),
    (b"{\0", Foreign::Utf16 { encoding: "UTF-16LE" }),
    (b"\0-\0-\0-", Foreign::Utf16 { encoding: "UTF-16BE" }),
    (b"\0{\0", Foreign::Utf16 { encoding: "UTF-16BE" }),
    (b"PuTTY-User-Key-File-", Foreign::Ppk),
    (b"---- BEGIN SSH2 ", Foreign::SshCom),
    (b"\x1e\xf1\xb5\xb0", Foreign::Pvk),
    (b"\x07\x02\0\0", Foreign::MsBlob),
    (b"\x06\x02\0\0", Foreign::MsBlob),
    (b"\xfe\xed\xfe\xed", Foreign::JavaKeyStore),
    (b"\xce\xce\xce\xce", Foreign::JavaKeyStore),
    (b"-----BEGIN PGP ", Foreign::Pgp),
    (b"age-encryption.org/v1", Foreign::Age),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", Foreign::Age),
    (b"Salted__", Foreign::OpensslEnc),
    (b"U2FsdGVkX1", Foreign::OpensslEnc),
    (b"$ANSIBLE_VAULT;", Foreign::AnsibleVault),
    (b"<", Foreign::Xml),
];

impl Foreign {
    /// Recognises a foreign form by its first bytes or its content.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Self> {
        let text = bytes.trim_ascii_start();
        let known = BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning));
        if let Some((_, foreign)) = known {
            return Some(*foreign);
        }
        if pem::is_pem(bytes) {
            let escaped = bytes.windows(7).any(|window| window == b"-----\\n");
            return escaped.then_some(Self::EscapedNewlines);
        }
        is_base64_of_a_key(text).then_some(Self::Base64)
    }
}

/// Whether the whole text is base64 of a key file.
fn is_base64_of_a_key(text: &[u8]) -> bool {
    let mut digits = Zeroizing::new(text.to_vec());
    digits.retain(|byte| !byte.is_ascii_whitespace());
    let Ok(decoded) = BASE64.decode(&digits).map(Zeroizing::new) else { return false };
    decoded.starts_with(b"-----BEGIN ") || form_of_der(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::sample::fixture;

    #[test]
    fn foreign_forms_are_recognised() {
        let pem = fixture!(ec "pkcs8.pem");
        let utf_16: Vec<u8> = pem.iter().flat_map(|byte| [*byte, 0]).collect();
        let escaped = String::from_utf8_lossy(pem).replace('\n', "\\n");
        for (bytes, expected) in [
            (utf_16.as_slice(), "UTF-16"),
            (&[b"\xff\xfe", utf_16.as_slice()].concat(), "UTF-16"),
            (BASE64.encode(pem).as_bytes(), "base64"),
            (escaped.as_bytes(), "\\n"),
            (b"PuTTY-User-Key-File-3: ssh-rsa\n", "PuTTY"),
            (b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "ssh.com"),
            (b"\n<RSAKeyValue>", "XML"),
        ] {
            let found = Foreign::recognise(bytes).map(|foreign| foreign.to_string()).unwrap_or_default();
            assert!(found.contains(expected), "{expected}: {found}");
        }
        assert_eq!(Foreign::recognise(pem), None);
        assert_eq!(Foreign::recognise(BASE64.encode(&[7; 32]).as_bytes()), None);
    }
}
