//! What a key file holds, told from its PEM labels or the shape of its DER, so that a wrong file is refused by name.

use std::fmt;

use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};
use zeroize::Zeroizing;

use super::{Error, Foreign, MAX_KEY_FILE, ber, pem, ssh};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// SubjectPublicKeyInfo (RFC 5280, section 4.1).
    Spki,
    /// RSAPublicKey (RFC 8017, appendix A.1.1).
    Pkcs1Public,
    /// PrivateKeyInfo (RFC 5208), also OneAsymmetricKey (RFC 5958).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5208).
    EncryptedPkcs8,
    /// RSAPrivateKey (RFC 8017, appendix A.1.2).
    Pkcs1Private,
    /// ECPrivateKey (RFC 5915).
    Sec1,
    /// EcpkParameters on their own, as `openssl ecparam -genkey` writes them before the key.
    EcParameters,
    /// A private key under OpenSSL's own PEM encryption (`Proc-Type: 4,ENCRYPTED`).
    OpensslEncrypted,
    OpensshPrivate,
    OpensshPublic,
    DsaPrivate,
    JwkPrivate,
    JwkPublic,
    JwkSet,
    Certificate,
    CertificateRequest,
    Pkcs7,
    Pkcs12,
    /// A PKCS#12 container that holds certificates alone.
    Pkcs12WithoutKey,
    /// A PEM block with any other label.
    OtherPem(String),
}

impl Form {
    fn of_pem(block: &pem::Block<'_>) -> Self {
        if block.is_encrypted() {
            return Self::OpensslEncrypted;
        }
        match block.label {
            "PUBLIC KEY" => Self::Spki,
            "RSA PUBLIC KEY" => Self::Pkcs1Public,
            "PRIVATE KEY" => Self::Pkcs8,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPkcs8,
            "RSA PRIVATE KEY" => Self::Pkcs1Private,
            "EC PRIVATE KEY" => Self::Sec1,
            "EC PARAMETERS" => Self::EcParameters,
            "DSA PRIVATE KEY" => Self::DsaPrivate,
            "OPENSSH PRIVATE KEY" => Self::OpensshPrivate,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            "PKCS7" | "CMS" => Self::Pkcs7,
            "PKCS12" => Self::Pkcs12,
            other => Self::OtherPem(other.chars().filter(|c| !c.is_control()).take(40).collect()),
        }
    }

    /// Tells DER files apart by the tags of the outer SEQUENCE's first elements.
    pub(super) fn of_der(der: &[u8]) -> Result<Self, Error> {
        let malformed =
            |_| Error::malformed("the DER", "not one ASN.1 SEQUENCE that fills the input exactly");
        let outer = AnyRef::from_der(der).map_err(malformed)?;
        if outer.tag() != Tag::Sequence {
            return Err(Error::malformed("the DER", "not a SEQUENCE, as every key is"));
        }
        let parts = elements(outer.value()).map_err(malformed)?;
        let tags: Vec<Tag> = parts.iter().map(Tagged::tag).collect();
        match tags.as_slice() {
            [Tag::Sequence, Tag::BitString] => Ok(Self::Spki),
            [Tag::Sequence, Tag::OctetString] => Ok(Self::EncryptedPkcs8),
            [Tag::Integer, Tag::Integer] => Ok(Self::Pkcs1Public),
            // Version, p, q, g, y and x, as OpenSSL writes them.
            [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer] => {
                Ok(Self::DsaPrivate)
            }
            [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Ok(Self::Pkcs1Private),
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Ok(Self::Pkcs8),
            [Tag::Integer, Tag::OctetString, ..] => Ok(Self::Sec1),
            [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::OctetString, ..] => Ok(Self::EcParameters),
            [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => Ok(Self::Pkcs12),
            [Tag::ObjectIdentifier, tag] if tag.is_context_specific() => Ok(Self::Pkcs7),
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
                // CertificationRequestInfo ends in its attributes, [0]; TBSCertificate begins with its version, [0].
                let body = elements(parts[0].value()).map_err(malformed)?;
                let request =
                    body.len() == 4 && body[0].tag() == Tag::Integer && body[3].tag().is_context_specific();
                Ok(if request { Self::CertificateRequest } else { Self::Certificate })
            }
            _ => Err(Error::malformed("the DER", "not a key of a known kind")),
        }
    }

    /// Whether it holds a private key, in a form that kmsctl knows or not.
    pub(super) fn is_private(&self) -> bool {
        match self {
            Self::Pkcs8
            | Self::EncryptedPkcs8
            | Self::Pkcs1Private
            | Self::Sec1
            | Self::OpensslEncrypted
            | Self::OpensshPrivate
            | Self::DsaPrivate
            | Self::JwkPrivate
            | Self::Pkcs12 => true,
            Self::OtherPem(label) => label.contains("PRIVATE KEY"),
            _ => false,
        }
    }

    /// Whether it holds a public key and nothing secret.
    pub(super) const fn is_public(&self) -> bool {
        matches!(
            self,
            Self::Spki | Self::Pkcs1Public | Self::Certificate | Self::OpensshPublic | Self::JwkPublic
        )
    }
}

/// The elements of a SEQUENCE's content; the first twelve, more than any key has.
pub(super) fn elements(content: &[u8]) -> Result<Vec<AnyRef<'_>>, pkcs8::der::Error> {
    first_elements(content, 12)
}

pub(super) fn first_elements(content: &[u8], most: usize) -> Result<Vec<AnyRef<'_>>, pkcs8::der::Error> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() && found.len() < most {
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
    /// Its bytes, which may be a private key; still encrypted where the form says so.
    pub(super) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        match &self.body {
            Body::Block(block) => block.decode(),
            Body::Bytes(bytes) => Ok(bytes.to_vec().into()),
            Body::Der(der) => Ok(der.clone()),
        }
    }

    /// How OpenSSL encrypted it, and its bytes.
    pub(super) fn encrypted(&self) -> Result<(String, Zeroizing<Vec<u8>>), Error> {
        match &self.body {
            Body::Block(block) => block.encrypted(),
            Body::Bytes(_) | Body::Der(_) => Ok((String::new(), self.bytes()?)),
        }
    }
}

/// A key file, taken apart and not yet read.
pub(super) struct Content<'a> {
    /// One at least.
    pub(super) objects: Vec<Object<'a>>,
    /// There is text beside them.
    pub(super) has_text: bool,
}

impl<'a> Content<'a> {
    /// Reads PEM, DER or lines of OpenSSH. What another program calls a key file is named.
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
            return match (Form::of_der(bytes), ber::to_der(bytes)) {
                // Some programs write PKCS#12 in pieces.
                (Err(_), Some(der)) if matches!(Form::of_der(&der), Ok(Form::Pkcs12 | Form::Pkcs7)) => {
                    Ok(one(Form::of_der(&der)?, Body::Der(der)))
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

    /// The one object of the wanted kind, and the others.
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
            (0, false) => Err(Error::Unexpected { expected, found: others.remove(0) }),
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

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Spki => "a public key",
            Self::Pkcs1Public => "an RSA public key (PKCS#1)",
            Self::Pkcs8 => "a private key (PKCS#8)",
            Self::EncryptedPkcs8 => "an encrypted private key (PKCS#8)",
            Self::Pkcs1Private => "an RSA private key (PKCS#1)",
            Self::Sec1 => "an EC private key (SEC1)",
            Self::EcParameters => "curve parameters without a key",
            Self::OpensslEncrypted => {
                "a private key in OpenSSL's traditional encryption (Proc-Type: 4,ENCRYPTED)"
            }
            Self::OpensshPrivate => "a private key in OpenSSH's own format",
            Self::OpensshPublic => "a public key in OpenSSH's own format",
            Self::DsaPrivate => "a DSA private key",
            Self::JwkPrivate => "a private or secret JWK",
            Self::JwkPublic => "a public JWK",
            Self::JwkSet => "a JWK Set",
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate request",
            Self::Pkcs7 => "a PKCS#7 container",
            Self::Pkcs12 => "a PKCS#12 container",
            Self::Pkcs12WithoutKey => "a PKCS#12 container without one",
            Self::OtherPem(label) => return write!(f, "a PEM block {label:?}"),
        };
        f.write_str(text)
    }
}
