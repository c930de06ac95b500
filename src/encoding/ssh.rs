//! OpenSSH keys: public ones as in `authorized_keys` (RFC 4253 section 6.6, RFC 5656 section 3.1), private ones in OpenSSH's
//! format (PROTOCOL.key).

use data_encoding::BASE64;
use ssh_key::{Algorithm, Kdf, private};

use super::{
    Error,
    error::PRIVATE_KEY as WHAT,
    ssh_ecdsa::{Container, string},
};
use crate::{
    algorithm::{PrivateKey, PublicKey},
    secret::Secret,
};

/// Limit against hostile files. `ssh-keygen` uses 16 to 24 rounds; some 150 take a second.
const MAX_ROUNDS: u32 = 2_000;
const PUBLIC: &str = "the OpenSSH public key";

/// The lines with a public key, each from its type on: options may precede it, as in `authorized_keys`.
pub(super) fn key_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        // known_hosts marks keys that must not be trusted with @revoked.
        .filter(|line| !line.starts_with(b"#") && !line.starts_with(b"@revoked"))
        .filter_map(|line| {
            let is_type = |at: usize| {
                let rest = &line[at..];
                // Looks beyond the word only where a word begins with a type, so that a long line takes linear time.
                let key = || {
                    rest.iter().position(u8::is_ascii_whitespace).map(|end| rest[end..].trim_ascii_start())
                };
                (at == 0 || line[at - 1].is_ascii_whitespace())
                    && [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-"].iter().any(|name| rest.starts_with(name))
                    // Every key begins with the length of its type, which is below 2^16.
                    && key().is_some_and(|key| key.starts_with(b"AAAA"))
            };
            (0..line.len()).find(|at| is_type(*at)).map(|at| &line[at..])
        })
}

/// Reads one line: type, key, comment.
pub(super) fn read_public(line: &[u8]) -> Result<PublicKey, Error> {
    // The comment may be in any encoding.
    let line = String::from_utf8_lossy(line);
    let kind = line.split_ascii_whitespace().next().unwrap_or_default();
    if kind.contains("-cert-") {
        return Err(Error::Unsupported(format!("a certificate of OpenSSH ({kind})")));
    }
    let key = ssh_key::PublicKey::from_openssh(&line).map_err(|error| Error::malformed(PUBLIC, error))?;
    let read = PublicKey::from_ssh(key.key_data()).ok_or_else(|| unsupported(&key.algorithm()))?;
    Ok(read?)
}

/// Reads a private key in OpenSSH's format, decoded from PEM.
pub(super) fn read_private(bytes: &[u8], passphrase: Option<&Secret>) -> Result<PrivateKey, Error> {
    let ecdsa = Container::of_ecdsa(bytes);
    let read =
        |bytes: &[u8]| private::PrivateKey::from_bytes(bytes).map_err(|error| Error::malformed(WHAT, error));
    let mut key = match &ecdsa {
        Some(container) if !container.is_encrypted() => read(container.widened()?.expose())?,
        _ => read(bytes)?,
    };
    if key.is_encrypted() {
        if let Kdf::Bcrypt { rounds, .. } = key.kdf()
            && *rounds > MAX_ROUNDS
        {
            return Err(Error::Unsupported("so costly a derivation of the key's encryption".to_owned()));
        }
        let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?;
        key = match &ecdsa {
            Some(container) => read(container.decrypted(&key, passphrase)?.expose())?,
            None => key.decrypt(passphrase.expose()).map_err(|_| Error::WrongPassphrase)?,
        };
    }
    let read = PrivateKey::from_ssh(key.key_data()).ok_or_else(|| unsupported(&key.algorithm()))?;
    Ok(read?)
}

fn unsupported(algorithm: &Algorithm) -> Error {
    Error::Unsupported(match algorithm {
        Algorithm::Dsa => "a DSA key".to_owned(),
        other if other.as_str().starts_with("sk-") => "a key that lives on a security key (FIDO)".to_owned(),
        other => format!("a key of the type {other}"),
    })
}

impl PublicKey {
    /// One line without its newline: type, key, comment. Control characters in the comment become spaces, so that it
    /// cannot begin a second line. Fails for a kind of key that OpenSSH does not have.
    pub fn to_ssh(&self, comment: &str) -> Result<String, Error> {
        let lacking = || Error::NoForm { form: "OpenSSH", kind: self.kind() };
        let (name, fields) = self.ssh_fields().ok_or_else(lacking)?;
        let blob: Vec<u8> =
            [name.as_bytes().to_vec()].iter().chain(&fields).flat_map(|field| string(field)).collect();
        let comment: String = comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Ok(format!("{name} {} {}", BASE64.encode(&blob), comment.trim()).trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quadratic time would be hours.
    #[test]
    fn a_long_line_takes_linear_time() {
        for part in [&b"["[..], b"-", b"ssh-", b" ssh- ", b" "] {
            let line = [b"x".as_slice(), &part.repeat(8_000_000 / part.len()), b"x"].concat();
            assert_eq!(key_lines(&line).count(), 0);
        }
        let line = [&b"from=\"a\" ".repeat(100_000)[..], b"ssh-rsa AAAAB3 me"].concat();
        assert_eq!(key_lines(&line).collect::<Vec<_>>(), [b"ssh-rsa AAAAB3 me"]);
    }
}
