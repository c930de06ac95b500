//! Commands and settings to paste, with which another program uses the same key.

use data_encoding::BASE64;

use std::path::Path;

use crate::{
    algorithm::Hash,
    model::Uri,
    shell::{shell_option, shell_word},
    ui::safe,
};

/// The values for the recipes.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Selects the private key.
    pub uri: &'a Uri,
    /// The module's file.
    pub module: &'a Path,
    /// Its argument string.
    pub arguments: Option<&'a str>,
    /// Hash of the key's signatures; `None` if it signs the data itself.
    pub hash: Option<Hash>,
}

/// For OpenSSL 3 with pkcs11-provider, a file that refers to the key, and commands. For the older engine, the URI.
pub fn for_openssl(subject: Subject<'_>) -> String {
    let Subject { uri, module, arguments, hash } = subject;
    let arguments =
        arguments.map(|text| format!(" {}", shell_option("--module-args", text))).unwrap_or_default();
    let (pem, uri, module) = (uri_pem(&uri.to_string()), shell_word(uri.to_string()), shell_word(module));
    let hash = hash.map(|hash| hash.name().replace('-', "").to_lowercase());
    let providers = "-provider pkcs11 -provider default";
    let sign = match &hash {
        Some(hash) => format!("dgst -{hash} {providers} -sign key.p11.pem -out FILE.sig FILE"),
        None => format!("pkeyutl -sign -rawin {providers} -inkey key.p11.pem -in FILE -out FILE.sig"),
    };
    let engine = hash.map_or_else(String::new, |hash| {
        format!(
            "# With the engine of libp11 (libengine-pkcs11-openssl):
PKCS11_MODULE_PATH={module} openssl dgst -{hash} -engine pkcs11 -keyform engine -sign {uri} -out FILE.sig FILE

"
        )
    });
    format!(
        "# With pkcs11-provider (OpenSSL 3.0 and later): this file stands for the key wherever OpenSSL reads one.
cat > key.p11.pem <<'END'
{pem}END
export PKCS11_PROVIDER_MODULE={module}
openssl {sign}

{engine}# OpenSSL asks for the PIN. Verify with the public key alone:
kmsctl verify --uri {uri} --module {module}{arguments} --signature FILE.sig --in FILE
"
    )
}

/// For OpenSSH, the line for the server and ways to use the key. `ssh` is the public key as a line of `authorized_keys`.
pub fn for_ssh(subject: Subject<'_>, ssh: &str) -> String {
    let Subject { module, hash, .. } = subject;
    // Of the keys with an SSH form, Ed25519 alone names no hash.
    let needed = if hash.is_some() { "" } else { " Ed25519 keys in a module need OpenSSH 10.1." };
    let (value, module, ssh) = (ssh_value(module), shell_word(module), ssh.trim_end());
    let (in_file, value) = (safe(&value), shell_word(&value));
    format!(
        "# On the server, a line of ~/.ssh/authorized_keys:
{ssh}

# Here: all keys of the module, as OpenSSH sees them.{needed}
ssh-keygen -D {module}

# Log in; ssh asks for the PIN.
ssh -o PKCS11Provider={value} USER@HOST

# Permanently. The public key in a file chooses this key among those of the module:
printf '%s\\n' {} > ~/.ssh/key.p11.pub

# ... and in ~/.ssh/config:
#   Host HOST
#     PKCS11Provider {in_file}
#     IdentityFile ~/.ssh/key.p11.pub
#     IdentitiesOnly yes
",
        shell_word(ssh)
    )
}

/// Quotes a value for ssh, which splits options at spaces and removes quotes (ssh_config(5)).
fn ssh_value(path: &Path) -> String {
    let text = path.to_string_lossy();
    if !text.contains(|c: char| c.is_whitespace() || "\"'\\#".contains(c)) {
        return text.into_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A PEM file that pkcs11-provider accepts as a private key: SEQUENCE { VisibleString, UTF8String }.
fn uri_pem(uri: &str) -> String {
    const KIND: &[u8] = b"PKCS#11 Provider URI v1.0";
    let content = [der(0x1a, KIND), der(0x0c, uri.as_bytes())].concat();
    let text = BASE64.encode(&der(0x30, &content));
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!(
        "-----BEGIN PKCS#11 PROVIDER URI-----\n{}\n-----END PKCS#11 PROVIDER URI-----\n",
        lines.join("\n")
    )
}

/// A DER value (X.690, 8.1.3). Lengths from 128 use the long form: the number of length bytes, then the length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = &length[length.iter().position(|byte| *byte != 0).unwrap_or(length.len() - 1)..];
    let mut value = vec![tag];
    match significant {
        [short] if *short < 0x80 => value.push(*short),
        long => {
            value.extend(long.len().to_be_bytes().last().map(|count| 0x80 | count));
            value.extend(long);
        }
    }
    value.extend(content);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_uri_uses_the_long_der_length() {
        assert_eq!(der(0x0c, b"ab"), [0x0c, 2, b'a', b'b']);
        assert_eq!(der(0x0c, &[0; 127])[..2], [0x0c, 127]);
        assert_eq!(der(0x0c, &[0; 128])[..3], [0x0c, 0x81, 128]);
        assert_eq!(der(0x0c, &[0; 256])[..4], [0x0c, 0x82, 1, 0]);
        assert_eq!(der(0x0c, b""), [0x0c, 0]);
    }
}
