//! Session keys for a single use: AES-256 keys, an RSA pair, and what a token decapsulates.

use cryptoki::{
    mechanism::{
        Mechanism, MechanismType,
        hkdf::{HkdfParams, HkdfSalt},
    },
    object::{Attribute, KeyType, ObjectClass},
};
use cryptoki_sys as ck;
use cryptoki_sys::CK_MECHANISM_TYPE;

use super::{
    create::{generation, with_detail},
    error::Result,
    form::Detail,
    mechanism,
    secret_template::SecretTemplate,
    session::{Handle, Session},
};
use crate::{
    algorithm::{Algorithm, PublicKey},
    secret::Secret,
};

/// What a one-time key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `CKA_WRAP`.
    Wrap,
    /// `CKA_UNWRAP`.
    Unwrap,
    /// `CKA_UNWRAP` and `CKA_ENCRYPT`: the token encrypts what it then unwraps.
    EncryptAndUnwrap,
}

/// Destroyed when dropped. As a session object it does not outlive the run in any case.
#[derive(Debug)]
pub(super) struct OneTimeKey<'a> {
    session: &'a Session,
    pub(super) handle: Handle,
}

impl Drop for OneTimeKey<'_> {
    fn drop(&mut self) {
        // Best effort: the token destroys it when the session ends.
        let _ = self.session.destroy(self.handle);
    }
}

impl<'a> OneTimeKey<'a> {
    /// Generates the key inside the token; its value never leaves it.
    pub(super) fn generate(session: &'a Session, purpose: Purpose) -> Result<Self> {
        let key = with_detail(|detail| {
            let template = [template(purpose, detail), vec![Attribute::ValueLen(32u64.into())]].concat();
            session.library.generate_key(session.handle, &Mechanism::AesKeyGen, &template)
        })?;
        Ok(Self { session, handle: Handle(key) })
    }

    /// Creates the key from a known value, so that software can wrap under it.
    pub(super) fn create(session: &'a Session, purpose: Purpose, key: &Secret) -> Result<Self> {
        let handle = with_detail(|detail| {
            let public = [
                vec![Attribute::Class(ObjectClass::SECRET_KEY), Attribute::KeyType(KeyType::AES)],
                template(purpose, detail),
            ];
            let value = Attribute::Value(key.expose().to_vec());
            session.create(&SecretTemplate::new(public.concat(), [value]))
        })?;
        Ok(Self { session, handle })
    }
}

/// An AES-256 key that decrypts, made by HKDF-SHA-256 (RFC 5869) of a shared secret. Destroyed when dropped.
#[derive(Debug)]
pub struct DerivedKey<'a>(OneTimeKey<'a>);

impl DerivedKey<'_> {
    pub fn handle(&self) -> Handle {
        self.0.handle
    }
}

impl Session {
    /// Decapsulates a shared secret and derives a key from it, with the encapsulation as salt. Neither leaves the token.
    /// ML-KEM gives another secret for an encapsulation that was altered, not an error (FIPS 203, section 6.3).
    pub fn decapsulate(&self, private: Handle, encapsulation: &[u8], info: &[u8]) -> Result<DerivedKey<'_>> {
        let common = |kind| {
            vec![
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(kind),
                Attribute::Token(false),
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::ValueLen(32u64.into()),
            ]
        };
        let shared = [common(KeyType::GENERIC_SECRET), vec![Attribute::Derive(true)]].concat();
        let mechanism = mechanism::bare(ck::CKM_ML_KEM)?;
        let shared =
            self.library.decapsulate_key(self.handle, &mechanism, private.0, encapsulation, &shared)?;
        let shared = OneTimeKey { session: self, handle: Handle(shared) };
        let salt = Some(HkdfSalt::Data(encapsulation));
        let hkdf = Mechanism::HkdfDerive(HkdfParams::new(MechanismType::SHA256, salt, Some(info)));
        let derived = [common(KeyType::AES), vec![Attribute::Decrypt(true)]].concat();
        let derived = self.library.derive_key(self.handle, &hkdf, shared.handle.0, &derived)?;
        Ok(DerivedKey(OneTimeKey { session: self, handle: Handle(derived) }))
    }
}

/// An RSA-2048 pair generated inside the token; the private half unwraps. Destroyed when dropped.
#[derive(Debug)]
pub(super) struct OneTimePair<'a> {
    session: &'a Session,
    pub(super) private: Handle,
    public: Handle,
}

impl Drop for OneTimePair<'_> {
    fn drop(&mut self) {
        for half in [self.private, self.public] {
            let _ = self.session.destroy(half);
        }
    }
}

impl<'a> OneTimePair<'a> {
    pub(super) fn generate(session: &'a Session) -> Result<Self> {
        let (public, private) = with_detail(|detail| {
            let (mechanism, numbers) = generation(Algorithm::RSA_2048.kind())?;
            let (public, private) = pair_templates(detail, numbers);
            session.library.generate_key_pair(session.handle, &mechanism, &public, &private)
        })?;
        Ok(Self { session, private: Handle(private), public: Handle(public) })
    }

    /// `None` if the token returns no valid public key.
    pub(super) fn public_key(&self) -> Result<Option<PublicKey>> {
        let object = self.session.key(self.public)?;
        Ok(object.and_then(|object| object.public_key()).and_then(std::result::Result::ok))
    }
}

fn pair_templates(detail: Detail, numbers: Vec<Attribute>) -> (Vec<Attribute>, Vec<Attribute>) {
    let mut public = vec![Attribute::Token(false), Attribute::Private(false), Attribute::Encrypt(false)];
    public.extend([Attribute::Wrap(true), Attribute::Verify(false)]);
    public.extend(numbers);
    let mut private = vec![Attribute::Token(false), Attribute::Private(true), Attribute::Sensitive(true)];
    private.extend([Attribute::Extractable(false), Attribute::Unwrap(true)]);
    private.extend([Attribute::Decrypt(false), Attribute::Sign(false)]);
    if detail == Detail::Full {
        public.push(Attribute::Derive(false));
        private.extend([Attribute::Derive(false), Attribute::SignRecover(false)]);
    }
    (public, private)
}

fn template(purpose: Purpose, detail: Detail) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Wrap(purpose == Purpose::Wrap),
        Attribute::Unwrap(purpose != Purpose::Wrap),
        Attribute::Encrypt(purpose == Purpose::EncryptAndUnwrap),
        Attribute::Decrypt(false),
    ];
    if detail == Detail::Full {
        template.extend([Attribute::Sign(false), Attribute::Verify(false), Attribute::Derive(false)]);
    }
    template
}

impl Session {
    /// The mechanisms of this token that may implement RFC 5649. `CKM_AES_KEY_WRAP_PAD` does on SoftHSM; on NSS it is
    /// another scheme, which the integrity check on unwrapping detects.
    pub(super) fn kwp_mechanisms(&self) -> Vec<CK_MECHANISM_TYPE> {
        [ck::CKM_AES_KEY_WRAP_KWP, ck::CKM_AES_KEY_WRAP_PAD]
            .into_iter()
            .filter(|mechanism| self.offers(*mechanism))
            .collect()
    }
}
