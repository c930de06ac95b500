//! What a key file holds, told from its PEM label or the shape of its DER, so that a wrong file is refused by name.

use std::fmt;

use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};
use zeroize::Zeroizing;

use super::{Error, MAX_KEY_FILE, pem};

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
    JwkPrivate,
    JwkSet,
    Certificate,
    CertificateRequest,
    Pkcs12,
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
            "OPENSSH PRIVATE KEY" => Self::OpensshPrivate,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
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
            [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Ok(Self::Pkcs1Private),
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Ok(Self::Pkcs8),
            [Tag::Integer, Tag::OctetString, ..] => Ok(Self::Sec1),
            [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::OctetString, ..] => Ok(Self::EcParameters),
            [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => Ok(Self::Pkcs12),
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => {
                // CertificationRequestInfo ends in its attributes, [0]; TBSCertificate begins with its version, [0].
                let body = elements(parts[0].value()).map_err(malformed)?;
                let request =
                    body.len() == 4 && body[0].tag() == Tag::Integer && body[3].tag().is_context_specific();
                Ok(if request { Self::CertificateRequest } else { Self::Certificate })
            }
            _ => Err(Error::malformed("the DER", "no key that is known begins like this")),
        }
    }
}

/// The elements of a SEQUENCE's content; the first twelve, more than any key has.
pub(super) fn elements(content: &[u8]) -> Result<Vec<AnyRef<'_>>, pkcs8::der::Error> {
    let mut reader = SliceReader::new(content)?;
    let mut found = Vec::new();
    while !reader.is_finished() && found.len() < 12 {
        found.push(reader.decode()?);
    }
    Ok(found)
}

/// One object out of a key file: its form and its DER, which may be a private key and is wiped.
pub(super) struct Object {
    pub(super) form: Form,
    /// Still encrypted where the form says so.
    pub(super) der: Zeroizing<Vec<u8>>,
    /// How OpenSSL encrypted it, where it did.
    pub(super) dek_info: Option<String>,
}

impl Object {
    /// Reads PEM or DER. `EC PARAMETERS` before a key are passed over; any other second block is refused. A form
    /// that has no DER that kmsctl reads (OpenSSH) comes back with none.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_KEY_FILE {
            return Err(Error::TooLarge { what: "the key file", limit: MAX_KEY_FILE });
        }
        if bytes.trim_ascii().is_empty() {
            return Err(Error::malformed("the key file", "it is empty"));
        }
        if pem::is_pem(bytes) {
            return Self::read_pem(bytes);
        }
        if bytes.first() == Some(&0x30) {
            return Ok(Self { form: Form::of_der(bytes)?, der: bytes.to_vec().into(), dek_info: None });
        }
        if [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-"].iter().any(|name| bytes.starts_with(name)) {
            return Ok(Self { form: Form::OpensshPublic, der: Vec::new().into(), dek_info: None });
        }
        Err(Error::malformed("the key file", "neither PEM nor DER"))
    }

    fn read_pem(bytes: &[u8]) -> Result<Self, Error> {
        let mut blocks = pem::blocks(bytes)?;
        if blocks.len() > 1 && Form::of_pem(&blocks[0]) == Form::EcParameters {
            blocks.remove(0);
        }
        let first = Form::of_pem(&blocks[0]);
        if let Some(second) = blocks.get(1) {
            return Err(Error::Several { first, second: Form::of_pem(second) });
        }
        if first == Form::OpensslEncrypted {
            let (dek_info, der) = blocks[0].encrypted()?;
            return Ok(Self { form: first, der, dek_info: Some(dek_info) });
        }
        let readable = !matches!(first, Form::OpensshPrivate | Form::OtherPem(_));
        let der = if readable { blocks[0].decode()? } else { Vec::new().into() };
        Ok(Self { form: first, der, dek_info: None })
    }
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
            Self::JwkPrivate => "a private or secret JWK",
            Self::JwkSet => "a JWK Set",
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate request",
            Self::Pkcs12 => "a PKCS#12 container",
            Self::OtherPem(label) => return write!(f, "a PEM block {label:?}"),
        };
        f.write_str(text)
    }
}
