//! Recipients and identities of age files, as options, recipients files and identity files name them.

use std::{fmt, str::FromStr};

use age::{Identity, IdentityFile, NoCallbacks, Recipient, ssh, x25519};

use super::{AgeHeader, Error};
use crate::model::Invalid;

/// A recipient of an age file: `age1…`, or the line of an OpenSSH public key of type ssh-ed25519 or ssh-rsa.
#[derive(Debug, Clone)]
pub enum AgeRecipient {
    X25519(x25519::Recipient),
    Ssh(ssh::Recipient),
}

/// Key types of OpenSSH that age does not encrypt to.
const UNUSABLE_SSH: [&str; 4] = ["ecdsa-sha2-", "sk-ecdsa-sha2-", "sk-ssh-ed25519@", "ssh-dss"];

impl FromStr for AgeRecipient {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        // Not repeated in the error: a log would keep it.
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(Invalid::new("an identity, which is secret; `age-keygen -y` prints its recipient"));
        }
        if let Ok(recipient) = text.parse() {
            return Ok(Self::X25519(recipient));
        }
        // `age1pq1…` (post-quantum), `age1yubikey1…` (a plugin): version 0.12 of the `age` crate has none that `age` opens alone.
        if let Some((kind, _)) = text.rsplit_once('1').filter(|(kind, _)| kind.starts_with("age1")) {
            return Err(Invalid::new(format!(
                "a recipient of type `{kind}1…`, which kmsctl does not support; `age1…`, `ssh-ed25519 …` and `ssh-rsa …` are"
            )));
        }
        text.parse().map(Self::Ssh).map_err(|_| {
            Invalid::new("not a recipient of age: `age1…`, or a public key `ssh-ed25519 …` or `ssh-rsa …`")
        })
    }
}

impl AgeRecipient {
    /// Reads a file as `age --recipients-file` does: one recipient on each line, comments after `#`. SSH keys of types that age
    /// cannot use are skipped, as in a copy of `authorized_keys`; the second list says which. Errors name the line by its
    /// number only: it may be secret.
    pub fn read_file(text: &[u8]) -> Result<(Vec<Self>, Vec<String>), Error> {
        const WHAT: &str = "the recipients file";
        let text = std::str::from_utf8(text).map_err(|_| Error::malformed(WHAT, "it is not text"))?;
        let (mut recipients, mut skipped) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match (line.parse(), line.split_once(' ')) {
                (Ok(recipient), _) => recipients.push(recipient),
                (Err(_), Some((kind, _))) if UNUSABLE_SSH.iter().any(|known| kind.starts_with(known)) => {
                    skipped.push(format!("line {number} ({kind})"));
                }
                (Err(error), _) => return Err(Error::malformed(WHAT, format!("line {number} is {error}"))),
            }
        }
        if recipients.is_empty() {
            return Err(Error::malformed(WHAT, "it has no recipient"));
        }
        Ok((recipients, skipped))
    }

    pub fn as_age(&self) -> &dyn Recipient {
        match self {
            Self::X25519(recipient) => recipient,
            Self::Ssh(recipient) => recipient,
        }
    }
}

impl fmt::Display for AgeRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::X25519(recipient) => recipient.fmt(f),
            Self::Ssh(recipient) => recipient.fmt(f),
        }
    }
}

/// The secret keys that decrypt an age file.
pub struct AgeIdentities(Vec<Box<dyn Identity + Send + Sync>>);

const WHAT: &str = "the identity file";

impl AgeIdentities {
    /// Reads a file of `age-keygen`, with one identity or more, or an OpenSSH private key without a passphrase.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        if AgeHeader::is_at_start(text) {
            return Err(Error::malformed(WHAT, "it is encrypted: decrypt it with `age --decrypt` first"));
        }
        if text.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return Self::parse_ssh(text);
        }
        let not_one = |_| Error::malformed(WHAT, "it has a line that is not `AGE-SECRET-KEY-1…`");
        let identities = IdentityFile::from_buffer(text).map_err(not_one)?.into_identities();
        let identities = identities.map_err(|error| Error::malformed(WHAT, error))?;
        if identities.is_empty() {
            return Err(Error::malformed(WHAT, "it has no identity"));
        }
        Ok(Self(identities))
    }

    fn parse_ssh(text: &[u8]) -> Result<Self, Error> {
        let not_one = |_| Error::malformed(WHAT, "it is not a private key of OpenSSH");
        let identity = ssh::Identity::from_buffer(text, None).map_err(not_one)?;
        match identity {
            ssh::Identity::Unencrypted(_) => Ok(Self(vec![Box::new(identity.with_callbacks(NoCallbacks))])),
            ssh::Identity::Encrypted(_) => Err(Error::malformed(
                WHAT,
                "the SSH key is encrypted: `ssh-keygen -p` removes the passphrase from a copy",
            )),
            ssh::Identity::Unsupported(_) => {
                Err(Error::Unsupported("this type of SSH key as an identity of age".to_owned()))
            }
        }
    }

    pub fn each(&self) -> impl Iterator<Item = &dyn Identity> {
        self.0.iter().map(|identity| &**identity as &dyn Identity)
    }
}

impl fmt::Debug for AgeIdentities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeIdentities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::sample::fixture;

    /// From age's own documentation and tests (<https://c2sp.org/age>).
    const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    /// A recipient of `age`, which takes no key on a curve.
    const SSH: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN alice@rust";
    const ECDSA: &[u8] = fixture!(ec "ssh");

    #[test]
    fn recipients_are_of_age_or_of_openssh() {
        for text in [RECIPIENT, SSH] {
            let recipient: AgeRecipient = format!(" {text}\n").parse().expect("a recipient");
            assert!(text.starts_with(&recipient.to_string()), "{recipient}");
        }
        for text in ["", "age1", "age1pq1xyz", "ssh-dss AAAA", &RECIPIENT.replace('w', "x")] {
            assert!(text.parse::<AgeRecipient>().is_err(), "{text}");
        }
        for (text, kind) in [("age1pq1qqqq", "`age1pq1…`"), ("age1yubikey1q", "`age1yubikey1…`")] {
            let refused = text.parse::<AgeRecipient>().expect_err("unknown").to_string();
            assert!(refused.contains(kind) && refused.contains("not support"), "{refused}");
        }
        let refused = IDENTITY.parse::<AgeRecipient>().expect_err("secret").to_string();
        assert!(refused.contains("secret") && !refused.contains("GFPYY"), "{refused}");
    }

    #[test]
    fn recipients_files_have_comments_and_ssh_keys() {
        let ecdsa = std::str::from_utf8(ECDSA).expect("a line");
        let text = format!("# ours\r\n\n {RECIPIENT} \n{SSH}\n{ecdsa}");
        let (recipients, skipped) = AgeRecipient::read_file(text.as_bytes()).expect("two");
        assert_eq!(recipients.len(), 2);
        let kind = ecdsa.split(' ').next().unwrap_or_default();
        assert_eq!(skipped, [format!("line 5 ({kind})")]);
        for text in ["", "# nothing\n", ecdsa, &format!("{RECIPIENT}\nage1")] {
            assert!(AgeRecipient::read_file(text.as_bytes()).is_err(), "{text}");
        }
        let refused = AgeRecipient::read_file(format!("{RECIPIENT}\n{IDENTITY}").as_bytes());
        let refused = refused.expect_err("secret").to_string();
        assert!(refused.contains("line 2 is an identity") && !refused.contains("GFPYY"), "{refused}");
    }

    #[test]
    fn identity_files_have_comments_and_several_identities() {
        let text = format!("# created: today\n# public key: {RECIPIENT}\n{IDENTITY}\n\n{IDENTITY}\n");
        let identities = AgeIdentities::parse(text.as_bytes()).expect("two");
        assert_eq!(identities.each().count(), 2);
        assert_eq!(format!("{identities:?}"), "AgeIdentities(2)");
        for text in ["", "# nothing\n", RECIPIENT, "-----BEGIN PUBLIC KEY-----\n", "age-encryption.org/v1\n"]
        {
            assert!(AgeIdentities::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
