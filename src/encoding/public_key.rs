//! Public keys in files: PEM, DER, JWK and OpenSSH.

use super::{Error, Form, content::Object, error::PUBLIC_KEY, pem, spki, ssh};
use crate::algorithm::PublicKey;

impl PublicKey {
    /// One `PUBLIC KEY` block and nothing else.
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", self.to_spki_der())
    }
}

pub(super) fn read_object(object: &Object<'_>) -> Result<PublicKey, Error> {
    let bytes = object.bytes()?;
    match &object.form {
        Form::Spki => spki::read(&bytes),
        Form::Pkcs1Public => Ok(PublicKey::from_pkcs1(&bytes)?),
        Form::Certificate => spki::read_certificate(&bytes),
        Form::OpensshPublic => ssh::read_public(&bytes),
        other => Err(Error::unexpected(PUBLIC_KEY, other.clone())),
    }
}

#[cfg(test)]
mod tests {
    use rsa::traits::PublicKeyParts;

    use super::{super::MAX_KEY_FILE, *};
    use crate::algorithm::{
        KeyKind, PublicNumbers,
        sample::{CURVE, fixture},
    };

    fn read(bytes: &[u8]) -> PublicKey {
        PublicKey::read(bytes).expect("a public key")
    }

    fn refusal(bytes: &[u8]) -> String {
        PublicKey::read(bytes).expect_err("refused").to_string()
    }

    fn rsa() -> PublicKey {
        read(fixture!("rsa-2048.pub.pem"))
    }

    fn ec() -> PublicKey {
        read(fixture!(ec "pub.pem"))
    }

    /// The uncompressed point of the fixture: the end of its SPKI.
    fn point() -> Vec<u8> {
        let der = ec().to_spki_der();
        der[der.len() - 65..].to_vec()
    }

    fn curve_parameters() -> Vec<u8> {
        CURVE.parameters()
    }

    #[test]
    fn writing_gives_what_openssl_wrote() {
        assert_eq!(rsa().to_pem().as_bytes(), fixture!("rsa-2048.pub.pem"));
        assert_eq!(ec().to_pem().as_bytes(), fixture!(ec "pub.pem"));
        assert_eq!(rsa().kind(), KeyKind::Rsa { bits: 2048 });
        assert_eq!(ec().kind(), KeyKind::Ec(CURVE));
    }

    #[test]
    fn every_form_is_the_same_key() {
        for other in [
            fixture!("rsa-2048.pub.pkcs1.pem"),
            fixture!("rsa-2048.ssh"),
            &[b"# mine\n\nno-pty,from=\"a b\" ", fixture!("rsa-2048.ssh")].concat(),
            &rsa().to_spki_der(),
        ] {
            assert_eq!(read(other), rsa());
        }
        for other in [
            fixture!(ec "pub-compressed.pem"),
            fixture!(ec "pub-explicit.pem"),
            fixture!(ec "ssh"),
            fixture!("certificate.pem"),
            &pem::read(fixture!("certificate.pem")).expect("PEM").blocks[0].decode().expect("base64"),
            &ec().to_spki_der(),
        ] {
            assert_eq!(read(other), ec());
        }
        assert_eq!(
            read(rsa().to_jwk(super::super::JwkUse::Any).expect("a JWK").to_string().as_bytes()),
            rsa()
        );
        assert_eq!(ec().fingerprint(), read(fixture!(ec "pub-compressed.pem")).fingerprint());
    }

    #[test]
    fn parts_make_the_key_again() {
        for key in [rsa(), ec()] {
            let mut attributes = key.attributes();
            let kind = key.kind().key_type().expect("a kind that kmsctl supports");
            attributes.push((cryptoki_sys::CKA_KEY_TYPE, kind.to_ne_bytes().to_vec()));
            let value = |kind| {
                let found = attributes.iter().find(|(known, _)| *known == kind);
                found.map(|(_, value)| value.as_slice())
            };
            let again = PublicNumbers::find(value).expect("all attributes").key();
            assert_eq!(again, Ok(key));
        }
    }

    #[test]
    fn ssh_lines_are_those_of_ssh_keygen() {
        let line = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        assert_eq!(rsa().to_ssh("").expect("a line"), line(fixture!("rsa-2048.ssh")));
        assert_eq!(
            ec().to_ssh(" prod\nssh-rsa AAAA ").expect("a line"),
            line(fixture!(ec "ssh")) + " prod ssh-rsa AAAA"
        );
    }

    #[test]
    fn other_files_are_refused_by_name() {
        for (bytes, name) in [
            (fixture!("rsa-2048.pkcs8.pem"), "a private key (PKCS#8)"),
            (fixture!("rsa-2048.pkcs1.pem"), "an RSA private key"),
            (fixture!(ec "sec1.pem"), "an EC private key"),
            (fixture!("rsa-2048.pbes2.pem"), "an encrypted private key"),
            (fixture!("rsa-2048.proc-type.pem"), "traditional encryption"),
            (fixture!("request.pem"), "a certificate request"),
            (fixture!("container.p12"), "a PKCS#12 container"),
            (fixture!("openssh.pem"), "OpenSSH"),
            (fixture!(ec "params-explicit.der"), "without a key"),
            (b"", "empty"),
            (b"hello", "neither PEM nor DER"),
            (&vec![0x30; MAX_KEY_FILE + 1], "larger than 524288"),
        ] {
            assert!(refusal(bytes).contains(name), "{name}: {}", refusal(bytes));
        }
        for name in ["rsa-2048.pkcs8.pem", "request.pem"] {
            let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
            let pem = std::fs::read_to_string(path).expect("a fixture");
            let der = pem::blocks(pem.as_bytes()).expect("PEM")[0].decode().expect("base64");
            let by_label = refusal(pem.as_bytes());
            assert_eq!(refusal(&der), by_label, "DER and PEM of {name} give the same error");
        }
        let two = [fixture!(ec "pub.pem"), fixture!("certificate.pem")].concat();
        assert!(refusal(&two).contains("a public key, then a certificate"));
        let mut longer = ec().to_spki_der();
        longer.push(0);
        assert!(refusal(&longer).contains("fills the input exactly"));
    }

    #[test]
    fn rsa_numbers_have_limits() {
        let key = rsa().to_rsa().expect("an RSA key");
        let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        assert_eq!(PublicKey::from_rsa(&[&[0, 0], &n[..]].concat(), &[0, 1, 0, 1]), Ok(rsa()));
        let even: Vec<u8> = n[..255].iter().copied().chain([n[255] & 0xfe]).collect();
        for (modulus, exponent) in [
            (&[][..], &e[..]),
            (&[0; 256], &e),
            (&even, &e),
            (&n[..127], &e),
            (&[0xff; 2049], &e),
            (&n, &[]),
            (&n, &[1]),
            (&n, &[4]),
            (&n, &[1; 9]),
        ] {
            assert!(PublicKey::from_rsa(modulus, exponent).is_err(), "{modulus:02x?} {exponent:02x?}");
        }
        for bits in [1024usize, 16_384] {
            let key = PublicKey::from_rsa(&vec![0xff; bits / 8], &[3]).expect("within the limits");
            assert_eq!(PublicKey::read(&key.to_spki_der()), Ok(key));
        }
    }

    #[test]
    fn points_come_wrapped_or_bare() {
        let bare = point();
        let wrapped = [&[0x04, 0x41], &bare[..]].concat();
        let compressed = [&[0x02 + (bare[64] & 1)], &bare[1..33]].concat();
        let wrapped_compressed = [&[0x04, 0x21], &compressed[..]].concat();
        for form in [&bare, &wrapped, &compressed, &wrapped_compressed] {
            assert_eq!(PublicKey::from_ec(&curve_parameters(), form), Ok(ec()));
        }
        let mut off_curve = bare.clone();
        off_curve[64] ^= 1;
        for form in [&off_curve[..], &bare[..64], &[0], &[], &[0x04, 0x41], &[0x05; 33]] {
            assert!(PublicKey::from_ec(&curve_parameters(), form).is_err(), "{form:02x?}");
        }
        let p224 = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21];
        let error = PublicKey::from_ec(&p224, &bare).expect_err("another curve").to_string();
        assert!(error.contains("secp224r1"), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(0u8.., 0..200)) {
            let _ = PublicKey::read(&bytes);
            let _ = PublicKey::from_rsa(&bytes, &bytes);
            let _ = PublicKey::from_ec(&curve_parameters(), &bytes);
            let _ = PublicKey::from_ec(&bytes, &point());
        }

        #[test]
        fn a_changed_byte_never_panics(at in 0usize..300, value in 0u8..) {
            for key in [rsa(), ec()] {
                let mut der = key.to_spki_der();
                let at = at % der.len();
                der[at] = value;
                let _ = PublicKey::read(&der);
                let mut pem = key.to_pem().into_bytes();
                pem[at] = value;
                let _ = PublicKey::read(&pem);
            }
        }
    }
}
