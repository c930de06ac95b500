//! Private keys in files: PEM, DER, PKCS#12 and OpenSSH.

use super::{
    Error, Form,
    content::{Content, Object, form_of_der},
    pbe, pem_encryption, pkcs12, ssh,
};
use crate::{algorithm::PrivateKey, secret::Secret};

impl PrivateKey {
    /// Reads PEM, DER or OpenSSH's format; see [`KeyFile::read`](super::KeyFile::read).
    pub fn read(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Self, Error> {
        let (object, _) = Content::read(bytes)?.only("a private key", Form::is_private)?;
        Ok(read_object(&object, passphrase)?.key)
    }
}

/// A private key from a file, and its name there.
pub(super) struct Found {
    pub(super) key: PrivateKey,
    pub(super) name: Option<String>,
    /// Descriptions of the other content of the container.
    pub(super) skipped: Vec<String>,
}

pub(super) fn read_object(object: &Object<'_>, passphrase: Option<&Secret>) -> Result<Found, Error> {
    let key = match &object.form {
        Form::Pkcs8 => PrivateKey::from_pkcs8(&object.bytes()?)?,
        Form::EncryptedPkcs8 => {
            let der = object.bytes()?;
            let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?;
            PrivateKey::from_pkcs8(&pbe::decrypt_pkcs8(&der, passphrase)?)?
        }
        Form::OpensslEncrypted => {
            let (dek_info, der) = object.encrypted()?;
            let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?;
            let der = pem_encryption::decrypt(&dek_info, &der, passphrase)?;
            match form_of_der(&der) {
                Ok(Form::Pkcs1Private) => PrivateKey::from_pkcs1(&der)?,
                Ok(Form::Sec1) => PrivateKey::from_sec1(&der)?,
                Ok(Form::Pkcs8) => PrivateKey::from_pkcs8(&der)?,
                Ok(found @ Form::DsaPrivate) => {
                    return Err(Error::unexpected(EXPECTED, found));
                }
                // One wrong passphrase in 256 gives valid padding by chance.
                _ => return Err(Error::WrongPassphrase),
            }
        }
        Form::Pkcs1Private => PrivateKey::from_pkcs1(&object.bytes()?)?,
        Form::Sec1 => PrivateKey::from_sec1(&object.bytes()?)?,
        Form::OpensshPrivate => ssh::read_private(&object.bytes()?, passphrase)?,
        Form::Pkcs12 => {
            let only = pkcs12::read(&object.bytes()?, passphrase)?;
            let key = PrivateKey::from_pkcs8(&only.info)?;
            return Ok(Found { key, name: only.name, skipped: only.skipped });
        }
        found => return Err(Error::unexpected(EXPECTED, found.clone())),
    };
    Ok(Found { key, name: None, skipped: Vec::new() })
}

const EXPECTED: &str = "an RSA or EC private key";

#[cfg(test)]
mod tests {
    use pkcs8::der::Decode;
    use rsa::pkcs1;

    use super::{super::pem, *};
    use crate::algorithm::{PublicKey, sample::fixture};

    fn read(bytes: &[u8]) -> PrivateKey {
        PrivateKey::read(bytes, None).expect("a private key")
    }

    fn refusal(bytes: &[u8]) -> String {
        PrivateKey::read(bytes, None).expect_err("refused").to_string()
    }

    fn der(pem: &[u8]) -> Vec<u8> {
        pem::blocks(pem).expect("PEM")[0].decode().expect("base64").to_vec()
    }

    fn passphrase() -> Secret {
        Secret::new(b"correct-horse".to_vec())
    }

    #[test]
    fn every_form_is_the_same_key() {
        let rsa = PublicKey::read(fixture!("rsa-2048.pub.pem")).expect("a fixture");
        let ec = PublicKey::read(fixture!(ec "pub.pem")).expect("a fixture");
        for bytes in [
            fixture!("rsa-2048.pkcs1.pem"),
            fixture!("rsa-2048.pkcs8.pem"),
            &der(fixture!("rsa-2048.pkcs1.pem")),
            &der(fixture!("rsa-2048.pkcs8.pem")),
            read(fixture!("rsa-2048.pkcs1.pem")).to_pkcs8_der().expect("writable").expose(),
        ] {
            assert_eq!(read(bytes).public_key(), rsa);
        }
        for bytes in [
            fixture!(ec "sec1.pem"),
            fixture!(ec "sec1-no-public.pem"),
            fixture!(ec "sec1-explicit.pem"),
            fixture!(ec "pkcs8.pem"),
            &der(fixture!(ec "pkcs8.pem")),
            read(fixture!(ec "sec1.pem")).to_pkcs8_der().expect("writable").expose(),
        ] {
            assert_eq!(read(bytes).public_key(), ec);
        }
        let bits = read(fixture!("rsa-4096.pkcs8.pem")).public_key().kind().bits();
        assert_eq!(bits, Some(4096));
    }

    #[test]
    fn an_encrypted_key_asks_for_its_passphrase() {
        let plain = read(fixture!("rsa-2048.pkcs8.pem")).public_key();
        for bytes in [
            fixture!("rsa-2048.pbes2.pem"),
            fixture!("rsa-2048.pbes2-old.pem"),
            fixture!("rsa-2048.scrypt.pem"),
            fixture!("rsa-2048.pbes1.pem"),
            fixture!("rsa-2048.proc-type.pem"),
            &der(fixture!("rsa-2048.pbes2.pem")),
        ] {
            assert_eq!(PrivateKey::read(bytes, None).err(), Some(Error::PassphraseNeeded));
            let key = PrivateKey::read(bytes, Some(&passphrase())).expect("the right passphrase");
            assert_eq!(key.public_key(), plain);
        }
        // One wrong passphrase in 256 gives valid padding by chance.
        for wrong in 0..600u32 {
            let wrong = Secret::new(wrong.to_string().into_bytes());
            let error = PrivateKey::read(fixture!(ec "pbes2.pem"), Some(&wrong)).err();
            assert_eq!(error, Some(Error::WrongPassphrase));
            let error = PrivateKey::read(fixture!("rsa-2048.proc-type.pem"), Some(&wrong)).err();
            assert_eq!(error, Some(Error::WrongPassphrase));
        }
        let text = std::str::from_utf8(fixture!("rsa-2048.proc-type.pem")).expect("PEM");
        for (old, new, why) in [
            ("AES-128-CBC", "DES-CBC", "encrypted with DES-CBC"),
            ("AES-128-CBC,", "AES-128-CBC,00", "the IV in its DEK-Info"),
            ("AES-128-CBC,", "AES-128-CBC", "no IV"),
            ("DEK-Info", "DEK-Inf", "does not say how it is encrypted"),
        ] {
            let changed = PrivateKey::read(text.replace(old, new).as_bytes(), Some(&passphrase()));
            let error = changed.expect_err("refused").to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn containers_of_other_programs_are_opened() {
        let p12 = fixture!("container.p12");
        assert_eq!(PrivateKey::read(p12, None).err(), Some(Error::PassphraseNeeded));
        let wrong = Secret::new(b"wrong".to_vec());
        assert_eq!(PrivateKey::read(p12, Some(&wrong)).err(), Some(Error::WrongPassphrase));
        let key = PrivateKey::read(p12, Some(&passphrase())).expect("the right passphrase");
        assert_eq!(key.public_key(), read(fixture!(ec "pkcs8.pem")).public_key());
        let public = PublicKey::read(fixture!("openssh.pub")).expect("a fixture");
        assert_eq!(read(fixture!("openssh.pem")).public_key(), public);
    }

    #[test]
    fn unusable_files_are_refused_with_the_reason() {
        for (bytes, reason) in [
            (fixture!("rsa-2048.pub.pem"), "found a public key"),
            (fixture!("certificate.pem"), "found a certificate"),
            (fixture!("request.pem"), "found a certificate request"),
            (fixture!("openssh.pub"), "OpenSSH"),
            (fixture!("rsa-2048-3-primes.pkcs8.pem"), "more than two primes"),
            (fixture!("rsa-pss-2048.pkcs8.pem"), "RSASSA-PSS"),
            (b"hello", "neither PEM nor DER"),
            (b"PuTTY-User-Key-File-3: ssh-rsa", "PuTTY"),
            (b"", "empty"),
            (&vec![b'-'; super::super::MAX_KEY_FILE + 1], "larger than 524288"),
        ] {
            assert!(refusal(bytes).contains(reason), "{reason}: {}", refusal(bytes));
        }
        let two = [fixture!(ec "pkcs8.pem"), fixture!("rsa-2048.pkcs8.pem")].concat();
        assert!(refusal(&two).contains("found several: a private key (PKCS#8), then a private key (PKCS#8)"));
        let trailing = [&der(fixture!(ec "pkcs8.pem"))[..], b"\n"].concat();
        assert!(refusal(&trailing).contains("fills the input exactly"));
        let mut pbes1 = der(fixture!("rsa-2048.pbes1.pem"));
        let scheme = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];
        let at = pbes1.windows(9).position(|window| window == scheme).expect("its scheme") + 9;
        pbes1[at] = 1;
        let rc4 = PrivateKey::read(&pbes1, Some(&passphrase()));
        assert!(rc4.expect_err("refused").to_string().contains("encrypted with RC4"));
    }

    #[test]
    fn each_number_of_an_rsa_key_is_checked() {
        let der = der(fixture!("rsa-2048.pkcs1.pem"));
        let key = pkcs1::RsaPrivateKey::from_der(&der).expect("a fixture");
        let numbers = [
            key.modulus,
            key.public_exponent,
            key.private_exponent,
            key.prime1,
            key.prime2,
            key.exponent1,
            key.exponent2,
            key.coefficient,
        ];
        for number in numbers {
            let bytes = number.as_bytes();
            let end =
                der.windows(bytes.len()).position(|window| window == bytes).expect("inside") + bytes.len();
            for bit in [1, 2] {
                let mut changed = der.clone();
                changed[end - 1] ^= bit;
                assert!(PrivateKey::read(&changed, None).is_err(), "{number:?}");
            }
        }
    }

    #[test]
    fn the_halves_of_an_ec_key_must_belong_together() {
        let mut der = der(fixture!(ec "pkcs8.pem"));
        let other = PublicKey::read(fixture!(ec "other.pub.pem")).expect("a fixture").to_spki_der();
        let start = der.len() - 65;
        der[start..].copy_from_slice(&other[other.len() - 65..]);
        assert!(refusal(&der).contains("another key"));
    }

    #[test]
    fn parts_are_the_numbers_in_the_file() {
        let der = der(fixture!("rsa-2048.pkcs1.pem"));
        let file = pkcs1::RsaPrivateKey::from_der(&der).expect("a fixture");
        let expected = [
            file.modulus,
            file.public_exponent,
            file.private_exponent,
            file.prime1,
            file.prime2,
            file.exponent1,
            file.exponent2,
            file.coefficient,
        ];
        let attributes = read(&der).attributes();
        let found: Vec<_> = attributes.iter().map(|(_, value)| value.expose()).collect();
        assert_eq!(found, expected.map(|number| number.as_bytes()));
        let attributes = read(fixture!(ec "pkcs8.pem")).attributes();
        assert_eq!(attributes.last().map(|(_, value)| value.len()), Some(32));
    }

    #[test]
    fn debug_shows_no_number() {
        let rsa = read(fixture!("rsa-2048.pkcs8.pem"));
        for key in [&rsa, &read(fixture!(ec "pkcs8.pem"))] {
            assert_eq!(format!("{key:?}"), format!("PrivateKey({}, …)", key.public_key().kind()));
        }
        let shown = format!("{:?}", rsa.attributes());
        assert!(shown.contains("Secret(…)") && shown.len() < 300, "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let _ = PrivateKey::read(&bytes, Some(&passphrase()));
        }

        #[test]
        fn a_changed_byte_of_a_container_never_panics(at in 0usize..2000, value in 0u8..) {
            let openssh = der(fixture!("openssh.pem"));
            for (name, bytes) in [("p12", fixture!("container.p12")), ("openssh", &openssh)] {
                let mut changed = bytes.to_vec();
                let at = at % changed.len();
                changed[at] = value;
                let passphrase = passphrase();
                let _ = match name {
                    "p12" => PrivateKey::read(&changed, Some(&passphrase)),
                    _ => ssh::read_private(&changed, Some(&passphrase)),
                };
            }
        }

        #[test]
        fn a_changed_byte_is_refused_or_changes_nothing(at in 0usize..2000, value in 0u8..) {
            for pem in [fixture!("rsa-2048.pkcs8.pem"), fixture!(ec "pkcs8.pem"), fixture!(ec "pbes2.pem")] {
                let original = PrivateKey::read(pem, Some(&passphrase())).expect("a fixture").public_key();
                let mut changed = der(pem);
                let at = at % changed.len();
                changed[at] = value;
                if let Ok(key) = PrivateKey::read(&changed, Some(&passphrase())) {
                    proptest::prop_assert_eq!(key.public_key(), original);
                }
            }
        }
    }
}
