//! PKCS#12 containers (RFC 7292) with one private key and any other content.

mod mac;

use pkcs8::{
    ObjectIdentifier,
    der::{Decode, Tag, Tagged, asn1::AnyRef},
};
use zeroize::Zeroizing;

use super::{
    Error, Form, ber,
    content::{elements, first_elements},
    pbe::{self, Password},
};
use crate::secret::Secret;

const WHAT: &str = "the PKCS#12 container";
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
/// Maximum nesting of bags.
const MAX_DEPTH: usize = 8;
/// Maximum number of bags; a certificate chain has a few.
const MAX_BAGS: usize = 1000;

/// The content of an opened container.
#[derive(Default)]
pub(super) struct Opened {
    /// Each private key, as PrivateKeyInfo.
    keys: Vec<Zeroizing<Vec<u8>>>,
    /// The name of the first key.
    name: Option<String>,
    /// Descriptions of the other content.
    skipped: Vec<String>,
    /// Why a part cannot be read.
    unreadable: Option<Error>,
    bags: usize,
}

/// The only private key, as PrivateKeyInfo, its name, and descriptions of the other content.
pub(super) struct Only {
    pub(super) info: Zeroizing<Vec<u8>>,
    pub(super) name: Option<String>,
    pub(super) skipped: Vec<String>,
}

/// Opens a container in DER or BER. Without a passphrase, the empty one is tried.
pub(super) fn read(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Only, Error> {
    let der = ber::to_der(bytes).ok_or_else(|| malformed("it is not one ASN.1 SEQUENCE"))?;
    let pfx = AnyRef::from_der(&der).map_err(|error| Error::malformed(WHAT, error))?;
    let pfx = parts(pfx)?;
    let content = pfx.get(1).ok_or_else(|| malformed("it has no content"))?;
    let content = match content_of(*content)? {
        (DATA, Some(content)) => octets(content)?,
        (SIGNED_DATA, _) => {
            return Err(Error::Unsupported("a PKCS#12 container that is signed with a key".to_owned()));
        }
        _ => return Err(malformed("its content is of an unknown kind")),
    };
    let wrong = || if passphrase.is_some() { Error::WrongPassphrase } else { Error::PassphraseNeeded };
    for password in Password::readings(passphrase) {
        if let Some(data) = pfx.get(2)
            && !mac::verify(*data, &content, &password)?
        {
            continue;
        }
        let mut opened = Opened::default();
        match opened.authenticated_safe(&content, &password) {
            Ok(()) => return opened.only(),
            // Reached only without a MAC: try the next encoding of the password.
            Err(Error::WrongPassphrase) => {}
            Err(error) => return Err(error),
        }
    }
    Err(wrong())
}

impl Opened {
    fn only(mut self) -> Result<Only, Error> {
        match (self.keys.len(), self.unreadable) {
            (0, Some(error)) => Err(error),
            (0, None) => Err(Error::unexpected("a private key", Form::Pkcs12WithoutKey)),
            (1, _) => Ok(Only { info: self.keys.remove(0), name: self.name, skipped: self.skipped }),
            _ => Err(Error::Several { first: Form::Pkcs8, second: Form::Pkcs8 }),
        }
    }

    fn authenticated_safe(&mut self, content: &[u8], password: &Password) -> Result<(), Error> {
        let content = ber::to_der(content).ok_or_else(|| malformed("its content is not a list"))?;
        let safes = AnyRef::from_der(&content).map_err(|error| Error::malformed(WHAT, error))?;
        for safe in parts(safes)? {
            match content_of(safe)? {
                (DATA, Some(content)) => self.safe_contents(&octets(content)?, password, 0)?,
                (ENCRYPTED_DATA, Some(content)) => match decrypt(content, password) {
                    Ok(safe) => self.safe_contents(&safe, password, 0)?,
                    // The key may be in another part.
                    Err(error @ (Error::Unsupported(_) | Error::UnsupportedKey(_))) => {
                        self.skipped.push("an encrypted part".to_owned());
                        self.unreadable = Some(error);
                    }
                    Err(error) => return Err(error),
                },
                _ => self.skipped.push("a part of an unknown kind".to_owned()),
            }
        }
        Ok(())
    }

    fn safe_contents(&mut self, bytes: &[u8], password: &Password, depth: usize) -> Result<(), Error> {
        let der = ber::to_der(bytes).ok_or_else(|| malformed("a part of it is not a list of bags"))?;
        let bags = AnyRef::from_der(&der).map_err(|error| Error::malformed(WHAT, error))?;
        for bag in parts(bags)? {
            self.bags += 1;
            if depth > MAX_DEPTH || self.bags > MAX_BAGS {
                return Err(malformed("it has too many bags"));
            }
            self.bag(bag, password, depth)?;
        }
        Ok(())
    }

    fn bag(&mut self, bag: AnyRef<'_>, password: &Password, depth: usize) -> Result<(), Error> {
        let bag = parts(bag)?;
        let [kind, value, attributes @ ..] = bag.as_slice() else {
            return Err(malformed("a bag in it is empty"));
        };
        let kind: ObjectIdentifier = kind.decode_as().map_err(|error| Error::malformed(WHAT, error))?;
        match kind {
            pkcs12::PKCS_12_KEY_BAG_OID => self.key(value.value().to_vec().into(), attributes),
            pkcs12::PKCS_12_PKCS8_KEY_BAG_OID => {
                self.key(pbe::decrypt_pkcs8_by(value.value(), password)?, attributes);
            }
            pkcs12::PKCS_12_SAFE_CONTENTS_BAG_OID => {
                self.safe_contents(value.value(), password, depth + 1)?;
            }
            pkcs12::PKCS_12_CERT_BAG_OID => self.skipped.push("a certificate".to_owned()),
            pkcs12::PKCS_12_CRL_BAG_OID => self.skipped.push("a revocation list".to_owned()),
            pkcs12::PKCS_12_SECRET_BAG_OID => self.skipped.push("a secret".to_owned()),
            _ => self.skipped.push("a bag of an unknown kind".to_owned()),
        }
        Ok(())
    }

    fn key(&mut self, info: Zeroizing<Vec<u8>>, attributes: &[AnyRef<'_>]) {
        if self.keys.is_empty() {
            self.name = attributes.first().and_then(|attributes| friendly_name(*attributes));
        }
        self.keys.push(info);
    }
}

/// The `friendlyName` in the SET of a bag's attributes, a BMPString.
fn friendly_name(attributes: AnyRef<'_>) -> Option<String> {
    elements(attributes.value()).ok()?.into_iter().find_map(|attribute| {
        let attribute = parts(attribute).ok()?;
        let [kind, values] = attribute.as_slice() else { return None };
        let kind: ObjectIdentifier = kind.decode_as().ok()?;
        let value = *elements(values.value()).ok()?.first()?;
        (kind == FRIENDLY_NAME && value.tag() == Tag::BmpString).then(|| {
            let units: Vec<_> =
                value.value().chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
        })
    })
}

/// Decrypts an EncryptedData (RFC 5652, section 8).
fn decrypt(data: AnyRef<'_>, password: &Password) -> Result<Zeroizing<Vec<u8>>, Error> {
    let data = parts(data)?;
    let info = parts(*data.get(1).ok_or_else(|| malformed("an encrypted part of it is empty"))?)?;
    let [_, algorithm, encrypted, ..] = info.as_slice() else {
        return Err(malformed("an encrypted part of it is empty"));
    };
    // The OCTET STRING is implicitly tagged [0]; if constructed, it contains OCTET STRINGs.
    let whole = if encrypted.tag().is_constructed() {
        ber::joined(encrypted.value()).ok_or_else(|| malformed("an encrypted part of it is not a string"))?
    } else {
        encrypted.value().to_vec().into()
    };
    pbe::decrypt(*algorithm, &whole, password)
}

/// Kind and content of a ContentInfo (RFC 5652, section 3).
fn content_of(info: AnyRef<'_>) -> Result<(ObjectIdentifier, Option<AnyRef<'_>>), Error> {
    let info = parts(info)?;
    let kind = info.first().ok_or_else(|| malformed("a part of it is empty"))?;
    let kind = kind.decode_as().map_err(|error| Error::malformed(WHAT, error))?;
    let content = info.get(1).map(|content| AnyRef::from_der(content.value()));
    Ok((kind, content.transpose().map_err(|error| Error::malformed(WHAT, error))?))
}

fn octets(string: AnyRef<'_>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let is_string = string.tag() == Tag::OctetString;
    is_string
        .then(|| string.value().to_vec().into())
        .ok_or_else(|| malformed("a part of it is not an OCTET STRING"))
}

/// The elements of a SEQUENCE.
fn parts(sequence: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, Error> {
    if sequence.tag() != Tag::Sequence {
        return Err(malformed("a part of it is not a SEQUENCE"));
    }
    first_elements(sequence.value(), MAX_BAGS + 1).map_err(|error| Error::malformed(WHAT, error))
}

fn malformed(why: &str) -> Error {
    Error::malformed(WHAT, why)
}
