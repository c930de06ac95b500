//! Key files that kmsctl does not read but recognises, and the command that converts each.

use std::fmt;

use crate::shell::shell_word;

/// A form that other programs use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// UTF-16, recognised by its byte order mark or its zero bytes.
    Utf16 {
        encoding: &'static str,
    },
    /// A whole PEM or DER file in base64.
    Base64,
    /// PEM on one line, with `\n` instead of line ends.
    EscapedNewlines,
    /// PuTTY's format.
    Ppk,
    /// The format of SSH Communications Security (RFC 4716 for public keys).
    SshCom,
    /// Microsoft's private key format for Authenticode.
    Pvk,
    /// Microsoft's key blob.
    MsBlob,
    /// Java's key stores before PKCS#12.
    JavaKeyStore,
    Pgp,
    /// .NET's `RSAKeyValue` or another XML form.
    Xml,
    /// A file that `age` encrypted.
    Age,
    /// A file that `openssl enc` encrypted.
    OpensslEnc,
    AnsibleVault,
}

impl Foreign {
    /// A command that converts the file to a form that kmsctl reads. `None` if no single command does.
    pub fn conversion(self, file: &str) -> Option<String> {
        let (from, pem, p12) =
            (shell_word(file), shell_word(format!("{file}.pem")), shell_word(format!("{file}.p12")));
        let command = match self {
            Self::Utf16 { encoding } => format!("iconv -f {encoding} -t UTF-8 {from} > {pem}"),
            Self::Base64 => format!("base64 -d {from} > {pem}"),
            Self::EscapedNewlines => format!("sed 's/\\\\n/\\n/g' {from} > {pem}"),
            Self::Ppk => format!("puttygen {from} -O private-openssh -o {pem}"),
            Self::SshCom => format!("ssh-keygen -i -f {from} > {pem}"),
            Self::Pvk => format!("openssl rsa -inform PVK -in {from} -out {pem}"),
            Self::MsBlob => format!("openssl rsa -inform MSBLOB -in {from} -out {pem}"),
            Self::JavaKeyStore => format!(
                "keytool -importkeystore -srckeystore {from} -destkeystore {p12} -deststoretype pkcs12"
            ),
            Self::Age => format!("age -d -o {pem} {from}"),
            Self::AnsibleVault => format!("ansible-vault decrypt --output {pem} {from}"),
            Self::Pgp | Self::Xml | Self::OpensslEnc => return None,
        };
        // The file may be a private key.
        Some(format!("(umask 077; {command})"))
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf16 { .. } => "a text in UTF-16",
            Self::Base64 => "base64 of a key file",
            Self::EscapedNewlines => "PEM with \\n in place of its line ends",
            Self::Ppk => "a PuTTY key (.ppk)",
            Self::SshCom => "a key in the format of ssh.com (SSH2)",
            Self::Pvk => "a Microsoft private key (.pvk)",
            Self::MsBlob => "a Microsoft key blob",
            Self::JavaKeyStore => "a Java key store (JKS or JCEKS)",
            Self::Pgp => "an OpenPGP key",
            Self::Xml => "an XML file",
            Self::Age => "a file that age encrypted",
            Self::OpensslEnc => "a file that `openssl enc` encrypted",
            Self::AnsibleVault => "an Ansible vault",
        })
    }
}
