//! Key files that kmsctl does not read, known by how they begin, and the command that makes each one readable.

use std::fmt;

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::{Form, pem};
use crate::shell::shell_word;

/// A form that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// UTF-16, with the byte order of its mark or the one that its zero bytes show.
    Utf16 {
        encoding: &'static str,
    },
    /// PEM or DER in base64 as a whole.
    Base64,
    /// PEM on one line, with `\n` in the place of line ends.
    EscapedNewlines,
    /// PuTTY's format.
    Ppk,
    /// The format of SSH Communications Security (RFC 4716 for public keys).
    SshCom,
    /// Microsoft's private key of Authenticode.
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

/// How each begins, after white space where the form is text.
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

    /// A command that makes a file that kmsctl reads. `None` where no program does that by itself.
    pub fn conversion(self, file: &str) -> Option<String> {
        let (from, pem, p12) =
            (shell_word(file), shell_word(format!("{file}.pem")), shell_word(format!("{file}.p12")));
        let command = match self {
            Self::Utf16 { encoding } => format!("(umask 077; iconv -f {encoding} -t UTF-8 {from} > {pem})"),
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
        Some(command)
    }
}

/// Whether all of a text is base64 of something that is itself a key file.
fn is_base64_of_a_key(text: &[u8]) -> bool {
    let mut digits = Zeroizing::new(text.to_vec());
    digits.retain(|byte| !byte.is_ascii_whitespace());
    let Ok(decoded) = BASE64.decode(&digits).map(Zeroizing::new) else { return false };
    decoded.starts_with(b"-----BEGIN ") || Form::of_der(&decoded).is_ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_by_how_it_begins() {
        let pem = include_bytes!("../../tests/fixtures/keys/p256.pkcs8.pem");
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
