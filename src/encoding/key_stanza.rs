//! The stanza of an age file whose file key is wrapped under a key of a token.

use super::{
    AgeHeader, Error, SealedForm,
    age_header::{Stanza, damaged},
    ciphertext::KeyName,
};
use crate::model::EncryptionContext;

/// How a file key is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// nonce (12 bytes) ‖ encrypted file key (16) ‖ tag (16).
    AesGcm,
    /// RSA-OAEP, SHA-256, MGF1-SHA-256, empty label, of a block with a marker and a hash of the associated data
    /// ([`super::envelope_block`]): OAEP itself authenticates nothing but its plaintext.
    RsaOaep,
    /// encapsulation ‖ nonce (12 bytes) ‖ encrypted file key (16) ‖ tag (16), by ML-KEM and AES-GCM.
    Encapsulated,
    /// Like `RsaOaep`, but without the marker, as earlier releases wrote it. Read, never written.
    OldRsaOaep,
}

impl Wrapping {
    const ALL: [Self; 4] = [Self::AesGcm, Self::RsaOaep, Self::Encapsulated, Self::OldRsaOaep];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AesGcm => "aes-gcm",
            Self::RsaOaep => "rsa-oaep-sha256-2",
            Self::Encapsulated => "ml-kem-aes-gcm",
            Self::OldRsaOaep => "rsa-oaep-sha256",
        }
    }
}

/// The stanza of an envelope: a file key under a key of a token.
///
/// `-> kmsctl v<version> <key tag> aes-gcm|rsa-oaep-sha256-2|ml-kem-aes-gcm|rsa-oaep-sha256 [context]`; the body is the
/// wrapped file key. The associated data is `age:v<version>:<key tag>:` followed by the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStanza {
    pub key: KeyName,
    pub wrapping: Wrapping,
    pub has_context: bool,
    pub wrapped: Vec<u8>,
}

impl KeyStanza {
    const KIND: &'static str = "kmsctl";
    const CONTEXT: &'static str = "context";

    /// The stanzas of this kind in a header, with their positions. An unknown one may come from a later release; it is an
    /// error only if there is no other.
    pub fn all_in(header: &AgeHeader) -> Result<Vec<(usize, Self)>, Error> {
        let ours = || header.stanzas().iter().enumerate().filter(|(_, stanza)| stanza.kind == Self::KIND);
        let known: Vec<_> =
            ours().filter_map(|(place, stanza)| Some((place, Self::read(stanza).ok()?))).collect();
        match ours().next() {
            Some((_, first)) if known.is_empty() => Self::read(first).map(|_| known),
            _ => Ok(known),
        }
    }

    /// The stanzas of a header, with those at some positions replaced or dropped, and others added at the end. Of two that then
    /// name the same key version, the first is kept; those that bear a name wrongly do not count.
    pub fn replace_in(
        header: &AgeHeader,
        replaced: &[(usize, Self)],
        (dropped, misnamed): (&[usize], &[usize]),
        added: Vec<Stanza>,
    ) -> Vec<Stanza> {
        let mut named: Vec<(KeyName, bool)> = Vec::new();
        let kept = header.stanzas().iter().enumerate().filter(|(place, _)| !dropped.contains(place));
        let kept = kept.map(|(place, stanza)| {
            let replacement = replaced.iter().find(|(at, _)| *at == place);
            let stanza = replacement.map_or_else(|| stanza.clone(), |(_, other)| other.to_stanza());
            (!misnamed.contains(&place), stanza)
        });
        let mut is_first = |(has_name, stanza): &(bool, Stanza)| {
            let ours = Some(stanza).filter(|stanza| *has_name && stanza.kind == Self::KIND);
            let Some(ours) = ours.and_then(|stanza| Self::read(stanza).ok()) else { return true };
            let name = (ours.key, ours.has_context);
            let is_new = !named.contains(&name);
            named.push(name);
            is_new
        };
        let added = added.into_iter().map(|stanza| (true, stanza));
        kept.chain(added).filter(|stanza| is_first(stanza)).map(|(_, stanza)| stanza).collect()
    }

    fn read(stanza: &Stanza) -> Result<Self, Error> {
        let unknown = || damaged("its stanza for a token is of an unknown form");
        let (version, tag, wrapping, has_context) = match stanza.arguments.as_slice() {
            [version, tag, wrapping] => (version, tag, wrapping, false),
            [version, tag, wrapping, context] if context == Self::CONTEXT => (version, tag, wrapping, true),
            _ => return Err(unknown()),
        };
        let named = |form: &Wrapping| form.name() == wrapping;
        Ok(Self {
            key: name(version, tag).map_err(|_| unknown())?,
            wrapping: Wrapping::ALL.into_iter().find(named).ok_or_else(unknown)?,
            has_context,
            wrapped: stanza.body.clone(),
        })
    }

    pub fn to_stanza(&self) -> Stanza {
        let (version, tag) = (format!("v{}", self.key.version), self.key.tag.to_string());
        let mut arguments = vec![version, tag, self.wrapping.name().to_owned()];
        arguments.extend(self.has_context.then(|| Self::CONTEXT.to_owned()));
        Stanza { kind: Self::KIND.to_owned(), arguments, body: self.wrapped.clone() }
    }

    pub fn associated_data(&self, context: Option<&EncryptionContext>) -> Vec<u8> {
        self.key.associated_data(SealedForm::Envelope, context)
    }
}

fn name(version: &str, tag: &str) -> Result<KeyName, Error> {
    Ok(KeyName { tag: tag.parse()?, version: KeyName::version(version)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const TAG: &str = "zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq";

    fn stanza(has_context: bool) -> KeyStanza {
        let key = name("v3", TAG).expect("valid");
        KeyStanza { key, wrapping: Wrapping::AesGcm, has_context, wrapped: vec![7; 44] }
    }

    fn file_key() -> Secret {
        Secret::new(vec![1; 16])
    }

    #[test]
    fn a_stanza_survives_the_header() {
        for ours in [stanza(false), stanza(true)] {
            let other = Stanza { kind: "x-grease".to_owned(), arguments: Vec::new(), body: vec![1] };
            let header = AgeHeader::new(vec![ours.to_stanza(), other], &file_key());
            assert_eq!(KeyStanza::all_in(&header), Ok(vec![(0, ours)]));
        }
        let text = String::from_utf8(AgeHeader::new(vec![stanza(true).to_stanza()], &file_key()).to_bytes());
        let line = format!("-> kmsctl v3 {TAG} aes-gcm context\n");
        assert!(text.is_ok_and(|text| text.contains(&line)));
    }

    #[test]
    fn unknown_stanzas_are_an_error_only_without_a_known_one() {
        let with = |stanzas: Vec<Stanza>| KeyStanza::all_in(&AgeHeader::new(stanzas, &file_key()));
        let foreign = Stanza { kind: "X25519".to_owned(), arguments: Vec::new(), body: Vec::new() };
        assert_eq!(with(vec![foreign.clone()]), Ok(Vec::new()));
        let several = [stanza(true).to_stanza(), foreign, stanza(false).to_stanza()];
        assert_eq!(with(several.to_vec()), Ok(vec![(0, stanza(true)), (2, stanza(false))]));
        for arguments in [
            vec![],
            vec!["v3", TAG],
            vec!["v0", TAG, "aes-gcm"],
            vec!["v3", "tag", "aes-gcm"],
            vec!["v3", TAG, "aes-cbc"],
            vec!["v3", TAG, "aes-gcm", "Context"],
            vec!["v3", TAG, "aes-gcm", "context", "more"],
        ] {
            let arguments: Vec<_> = arguments.into_iter().map(str::to_owned).collect();
            let strange = Stanza { arguments, ..stanza(false).to_stanza() };
            assert!(matches!(with(vec![strange.clone()]), Err(Error::Damaged { .. })));
            assert_eq!(with(vec![strange, stanza(false).to_stanza()]), Ok(vec![(1, stanza(false))]));
        }
    }

    #[test]
    fn replacing_a_stanza_keeps_the_others_in_place() {
        let other = Stanza { kind: "x-grease".to_owned(), arguments: Vec::new(), body: vec![1] };
        let header = AgeHeader::new(vec![other.clone(), stanza(false).to_stanza()], &file_key());
        let next = KeyStanza { key: name("v4", TAG).expect("valid"), ..stanza(false) };
        let replaced = [(1, next.clone())];
        let replace =
            |dropped: &[usize], added| KeyStanza::replace_in(&header, &replaced, (dropped, &[]), added);
        assert_eq!(replace(&[], Vec::new()), [other.clone(), next.to_stanza()]);
        let added = vec![next.to_stanza(), stanza(true).to_stanza()];
        assert_eq!(replace(&[0], added), [next.to_stanza(), stanza(true).to_stanza()]);
        let doubled = AgeHeader::new(vec![stanza(false).to_stanza(), next.to_stanza()], &file_key());
        let replace = |place, misnamed: &[usize]| {
            KeyStanza::replace_in(&doubled, &[(place, next.clone())], (&[], misnamed), Vec::new())
        };
        assert_eq!(replace(0, &[]), [next.to_stanza()]);
        assert_eq!(replace(0, &[1]), [next.to_stanza(), next.to_stanza()]);
    }
}
