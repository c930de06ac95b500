//! The forms of keys in files, and their names in errors.

use std::fmt;

use super::pem;
use crate::shell::shell_word;

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
    /// A private key in OpenSSL's traditional PEM encryption (`Proc-Type: 4,ENCRYPTED`).
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
    /// A PKCS#12 container with certificates only.
    Pkcs12WithoutKey,
    /// A PEM block with any other label.
    OtherPem(String),
}

impl Form {
    pub(super) fn of_pem(block: &pem::Block<'_>) -> Self {
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

    /// Whether it holds a private key, even in a form that kmsctl does not read.
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

impl Form {
    /// What to do about a file of this form where a public or a private key is expected.
    pub(super) fn instead(&self, wants_public: bool, file: &str) -> Option<String> {
        let file = shell_word(file);
        let command = match self {
            _ if !wants_public => {
                return self.is_public().then(|| {
                    "give the file with its private key; `encrypt` and `verify` take this one with `--public-key`"
                        .to_owned()
                });
            }
            Self::Pkcs8 | Self::EncryptedPkcs8 | Self::Pkcs1Private | Self::Sec1 | Self::OpensslEncrypted => {
                format!("openssl pkey -in {file} -pubout")
            }
            Self::OpensshPrivate => format!("ssh-keygen -y -f {file}"),
            Self::CertificateRequest => format!("openssl req -in {file} -noout -pubkey"),
            Self::Pkcs12 => format!("openssl pkcs12 -in {file} -nokeys -clcerts"),
            Self::JwkSet => format!("jq '.keys[0]' {file}"),
            _ => return None,
        };
        Some(format!(
            "`{command}` prints {}",
            if *self == Self::JwkSet { "its first key" } else { "its public key" }
        ))
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
            Self::OpensshPrivate => "a private key in OpenSSH's format",
            Self::OpensshPublic => "a public key in OpenSSH's format",
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
