//! RSA keys and signatures.

use cryptoki_sys as ck;
use cryptoki_sys::CK_ATTRIBUTE_TYPE;
use ossl::{
    digest::DigestAlg,
    pkey::{EvpPkey, EvpPkeyType, PkeyData, RsaData},
    signature::{OsslSignature, RsaPssParams, SigAlg, SigOp, rsa_sig_params},
};
use pkcs8::{
    ObjectIdentifier,
    der::{
        Decode, Encode,
        asn1::{AnyRef, UintRef},
    },
};
use rsa::{
    BigUint, RsaPrivateKey, RsaPublicKey,
    pkcs1::{self, EncodeRsaPrivateKey},
    traits::{PrivateKeyParts, PublicKeyParts},
};
use zeroize::Zeroizing;

use super::{
    Error, Hash, KeyKind, SignatureAlgorithm,
    openssl::CONTEXT,
    pair::{JwkMember, JwkMembers, PRIVATE, PUBLIC, Pair, PrivateKey, PublicKey},
    primes::require_primes,
};
use crate::secret::Secret;

#[derive(Debug)]
pub(super) struct Rsa;

/// The numbers of a private key, big-endian. Some files omit those that follow from others.
struct Numbers<'a> {
    modulus: &'a [u8],
    public_exponent: &'a [u8],
    private_exponent: &'a [u8],
    primes: Option<[&'a [u8]; 2]>,
    exponents: Option<[&'a [u8]; 2]>,
    coefficient: Option<&'a [u8]>,
}

impl Pair for Rsa {
    fn oid(&self) -> ObjectIdentifier {
        pkcs1::ALGORITHM_OID
    }

    /// NULL.
    fn parameters(&self, _: KeyKind) -> Vec<u8> {
        vec![0x05, 0x00]
    }

    fn read_public(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PublicKey, Error> {
        require_null(parameters)?;
        PublicKey::from_pkcs1(key)
    }

    fn read_private(&self, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<PrivateKey, Error> {
        require_null(parameters)?;
        PrivateKey::from_pkcs1(key)
    }

    fn write_private(&self, key: &PrivateKey) -> Secret {
        key.secret().clone()
    }

    fn numbers(&self) -> [CK_ATTRIBUTE_TYPE; 2] {
        [ck::CKA_MODULUS, ck::CKA_PUBLIC_EXPONENT]
    }

    fn read_numbers(&self, [modulus, exponent]: [&[u8]; 2]) -> Result<PublicKey, Error> {
        PublicKey::from_rsa(modulus, exponent)
    }

    fn to_numbers(&self, key: &PublicKey) -> [Vec<u8>; 2] {
        let key = pkcs1::RsaPublicKey::from_der(key.content());
        key.map(|key| [key.modulus, key.public_exponent].map(|number| number.as_bytes().to_vec()))
            .unwrap_or_default()
    }

    /// Always with the CRT values, which openCryptoki requires.
    fn private_numbers(&self, key: &PrivateKey) -> Vec<(CK_ATTRIBUTE_TYPE, Secret)> {
        let Ok(key) = pkcs1::RsaPrivateKey::from_der(key.secret().expose()) else { return Vec::new() };
        [
            (ck::CKA_MODULUS, key.modulus),
            (ck::CKA_PUBLIC_EXPONENT, key.public_exponent),
            (ck::CKA_PRIVATE_EXPONENT, key.private_exponent),
            (ck::CKA_PRIME_1, key.prime1),
            (ck::CKA_PRIME_2, key.prime2),
            (ck::CKA_EXPONENT_1, key.exponent1),
            (ck::CKA_EXPONENT_2, key.exponent2),
            (ck::CKA_COEFFICIENT, key.coefficient),
        ]
        .map(|(kind, number)| (kind, Secret::new(number.as_bytes().to_vec())))
        .into()
    }

    fn jwk_type(&self) -> Option<&'static str> {
        Some("RSA")
    }

    fn read_jwk(&self, jwk: &dyn JwkMembers) -> Result<PublicKey, Error> {
        PublicKey::from_rsa(jwk.required("n")?.expose(), jwk.required("e")?.expose())
    }

    /// The primes may be omitted, together with everything that follows from them (RFC 7518, section 6.3.2).
    fn read_private_jwk(&self, jwk: &dyn JwkMembers) -> Result<PrivateKey, Error> {
        const CRT: [&str; 5] = ["p", "q", "dp", "dq", "qi"];
        if jwk.has("oth") {
            return Err(more_than_two_primes());
        }
        let [modulus, public_exponent, private_exponent] =
            [jwk.required("n")?, jwk.required("e")?, jwk.required("d")?];
        let crt: Vec<_> = CRT
            .iter()
            .map(|name| jwk.bytes(name))
            .collect::<Result<Option<Vec<_>>, _>>()?
            .unwrap_or_default();
        if crt.is_empty() && CRT.iter().any(|name| jwk.has(name)) {
            return Err(Error::malformed("the JWK", "it has some of p, q, dp, dq and qi, but not all"));
        }
        let all = |at: usize| crt.get(at).map(Secret::expose);
        let pair = |first, second| Some([all(first)?, all(second)?]);
        read_numbers(&Numbers {
            modulus: modulus.expose(),
            public_exponent: public_exponent.expose(),
            private_exponent: private_exponent.expose(),
            primes: pair(0, 1),
            exponents: pair(2, 3),
            coefficient: all(4),
        })
    }

    fn to_jwk(&self, key: &PublicKey) -> Vec<(&'static str, JwkMember)> {
        let [modulus, exponent] = self.to_numbers(key);
        vec![("n", JwkMember::Bytes(modulus)), ("e", JwkMember::Bytes(exponent))]
    }

    fn read_ssh(&self, key: &ssh_key::public::KeyData) -> Option<Result<PublicKey, Error>> {
        let key = key.rsa()?;
        let number = |number: &ssh_key::Mpint| number.as_positive_bytes().map(<[u8]>::to_vec);
        let (Some(modulus), Some(exponent)) = (number(&key.n), number(&key.e)) else {
            return Some(Err(Error::malformed("the OpenSSH public key", "a number in it is negative")));
        };
        Some(PublicKey::from_rsa(&modulus, &exponent))
    }

    fn read_private_ssh(&self, key: &ssh_key::private::KeypairData) -> Option<Result<PrivateKey, Error>> {
        let pair = key.rsa()?;
        let number =
            |number: &'_ ssh_key::Mpint| number.as_positive_bytes().map(|bytes| Secret::new(bytes.to_vec()));
        let public = [&pair.public.n, &pair.public.e].map(number);
        let private = [&pair.private.d, &pair.private.p, &pair.private.q, &pair.private.iqmp].map(number);
        let ([Some(modulus), Some(public_exponent)], [Some(exponent), Some(first), Some(second), Some(crt)]) =
            (&public, &private)
        else {
            return Some(Err(Error::Inconsistent("one of its numbers is negative")));
        };
        Some(read_numbers(&Numbers {
            modulus: modulus.expose(),
            public_exponent: public_exponent.expose(),
            private_exponent: exponent.expose(),
            primes: Some([first.expose(), second.expose()]),
            exponents: None,
            coefficient: Some(crt.expose()),
        }))
    }

    fn to_ssh(&self, key: &PublicKey) -> Option<(String, Vec<Vec<u8>>)> {
        let [modulus, exponent] = self.to_numbers(key);
        Some(("ssh-rsa".to_owned(), vec![mpint(&exponent), mpint(&modulus)]))
    }

    /// A signature is as long as the modulus.
    fn is_signature(&self, kind: KeyKind, bytes: &[u8]) -> bool {
        kind.bits().is_some_and(|bits| bytes.len() == bits.div_ceil(8) as usize)
    }

    fn to_openssl(&self, key: &PublicKey) -> Result<EvpPkey, ossl::Error> {
        let bits = key.kind().bits().unwrap_or_default() as usize;
        let [modulus, exponent] = self.to_numbers(key);
        let data = RsaData { n: modulus, d: None, p: None, q: None, a: None, b: None, c: None };
        EvpPkey::import(&CONTEXT, EvpPkeyType::Rsa(bits, exponent), PkeyData::Rsa(data))
    }

    /// The salt of PSS must be as long as the digest (RFC 7518, section 3.5): otherwise kmsctl would accept signatures that
    /// JOSE libraries refuse.
    fn verify(
        &self,
        (key, kind): (&EvpPkey, KeyKind),
        algorithm: SignatureAlgorithm,
        covered: &[u8],
        signature: &[u8],
    ) -> bool {
        self.is_signature(kind, signature) && verify(key, algorithm, covered, signature).is_ok()
    }
}

fn verify(
    key: &EvpPkey,
    algorithm: SignatureAlgorithm,
    digest: &[u8],
    signature: &[u8],
) -> Result<(), ossl::Error> {
    // For PKCS #1 v1.5, OpenSSL gets the whole DigestInfo instead of the hash and compares it (RFC 8017, section 8.2.2).
    let pss = algorithm.mechanisms().pss.map(|hash| {
        let (hash, saltlen) = (digest_of(hash), digest.len());
        RsaPssParams { digest: hash, mgf1: hash, saltlen }
    });
    let input = algorithm.direct_input(digest);
    let algorithm = if pss.is_some() { SigAlg::RsaPss } else { SigAlg::Rsa };
    let parameters = rsa_sig_params(algorithm, &pss)?;
    OsslSignature::new(&CONTEXT, SigOp::Verify, algorithm, key, parameters.as_ref())?
        .verify(&input, Some(signature))
}

const fn digest_of(hash: Hash) -> DigestAlg {
    match hash {
        Hash::Sha256 => DigestAlg::Sha2_256,
        Hash::Sha384 => DigestAlg::Sha2_384,
        Hash::Sha512 => DigestAlg::Sha2_512,
    }
}

/// The parameters of rsaEncryption are NULL (RFC 3279, section 2.3.1); some writers omit them.
fn require_null(parameters: Option<AnyRef<'_>>) -> Result<(), Error> {
    match parameters {
        None | Some(AnyRef::NULL) => Ok(()),
        Some(_) => Err(Error::malformed(PUBLIC, "its RSA parameters are not NULL")),
    }
}

/// The content of an `mpint`: a number with its high bit set gets a zero byte, so that it is not negative.
fn mpint(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    [sign, number].concat()
}

impl PublicKey {
    /// Supported sizes of an RSA modulus in bits. Tokens may have keys of sizes that kmsctl does not create; the upper limit
    /// is OpenSSL's.
    pub const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=16_384;

    /// From `CKA_MODULUS` and `CKA_PUBLIC_EXPONENT`: big-endian, leading zeros allowed. The exponent must be odd and from 3
    /// to 2^33 - 1 (larger ones are slow to verify with and do not occur in practice).
    pub fn from_rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "the RSA public key";
        let (n, e) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
        if !Self::RSA_BITS.contains(&n.bits()) {
            return Err(Error::Unsupported(format!("an RSA modulus of {} bits", n.bits())));
        }
        if e > BigUint::from(RsaPublicKey::MAX_PUB_EXPONENT) {
            return Err(Error::Unsupported("an RSA public exponent above 2^33 - 1".to_owned()));
        }
        if e < BigUint::from(3u8) {
            return Err(Error::malformed(WHAT, "its public exponent is below 3"));
        }
        let key = RsaPublicKey::new_with_max_size(n, e, *Self::RSA_BITS.end())
            .map_err(|_| Error::malformed(WHAT, "its modulus or its public exponent is even"))?;
        let bits = u32::try_from(key.n().bits()).unwrap_or(u32::MAX);
        let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
        let numbers = (UintRef::new(&n), UintRef::new(&e));
        let (Ok(modulus), Ok(public_exponent)) = numbers else {
            return Err(Error::malformed(WHAT, "its numbers do not fit DER"));
        };
        let der = pkcs1::RsaPublicKey { modulus, public_exponent }.to_der();
        let der = der.map_err(|error| Error::malformed(WHAT, error))?;
        Ok(Self::new(KeyKind::Rsa { bits }, der))
    }

    /// RSAPublicKey (RFC 8017, appendix A.1.1).
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Error> {
        let key = pkcs1::RsaPublicKey::from_der(der).map_err(|error| Error::malformed(PUBLIC, error))?;
        Self::from_rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
    }

    /// The key as a type of the `rsa` crate, if it is an RSA key.
    pub fn to_rsa(&self) -> Option<RsaPublicKey> {
        let key = pkcs1::RsaPublicKey::from_der(self.content()).ok()?;
        let number = |number: UintRef<'_>| BigUint::from_bytes_be(number.as_bytes());
        let (n, e) = (number(key.modulus), number(key.public_exponent));
        RsaPublicKey::new_with_max_size(n, e, *Self::RSA_BITS.end()).ok()
    }
}

impl PrivateKey {
    /// RSAPrivateKey (RFC 8017, appendix A.1.2). All numbers are checked against each other.
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<Self, Error> {
        let file = pkcs1::RsaPrivateKey::from_der(der).map_err(|error| Error::malformed(PRIVATE, error))?;
        if file.version() != pkcs1::Version::TwoPrime {
            return Err(more_than_two_primes());
        }
        read_numbers(&Numbers {
            modulus: file.modulus.as_bytes(),
            public_exponent: file.public_exponent.as_bytes(),
            private_exponent: file.private_exponent.as_bytes(),
            primes: Some([file.prime1.as_bytes(), file.prime2.as_bytes()]),
            exponents: Some([file.exponent1.as_bytes(), file.exponent2.as_bytes()]),
            coefficient: Some(file.coefficient.as_bytes()),
        })
    }
}

fn more_than_two_primes() -> Error {
    Error::Unsupported("an RSA key of more than two primes".to_owned())
}

fn read_numbers(file: &Numbers<'_>) -> Result<PrivateKey, Error> {
    let public = PublicKey::from_rsa(file.modulus, file.public_exponent)?;
    let numbers = public.to_rsa().ok_or(Error::Inconsistent("its numbers make no RSA key"))?;
    let bits = numbers.n().bits();
    if public.kind().algorithm().is_none() {
        return Err(Error::Unsupported(format!("an RSA private key of {bits} bits")));
    }
    let number = |bytes: &[u8]| Zeroizing::new(BigUint::from_bytes_be(bytes));
    let exponent = number(file.private_exponent);
    if *exponent >= *numbers.n() {
        return Err(Error::Inconsistent("its private exponent is not below its modulus"));
    }
    // FIPS 186-5, appendix A.1.1: a smaller exponent can be computed from the public key (Wiener, Boneh and Durfee).
    if exponent.bits() <= bits / 2 {
        return Err(Error::Inconsistent("its private exponent is so small that the public key reveals it"));
    }
    let mut primes = Vec::new();
    for prime in file.primes.iter().flatten() {
        primes.push(BigUint::clone(&number(prime)));
    }
    if let [first, second] = primes.as_slice() {
        require_primes(first, second, bits)?;
    }
    // Without primes, the crate computes them from the exponents.
    let exponents = (numbers.e().clone(), BigUint::clone(&exponent));
    let key = RsaPrivateKey::from_components(numbers.n().clone(), exponents.0, exponents.1, primes).map_err(
        |error| match error {
            rsa::Error::InvalidModulus => Error::Inconsistent("its modulus is not the product of its primes"),
            rsa::Error::InvalidExponent => {
                Error::Inconsistent("its private exponent is not the inverse of its public exponent")
            }
            _ => Error::Inconsistent("its numbers make no RSA key"),
        },
    )?;
    let [first, second] = key.primes() else { return Err(more_than_two_primes()) };
    if file.primes.is_none() {
        require_primes(first, second, bits)?;
    }
    let coefficient = key.crt_coefficient().map(Zeroizing::new);
    let same = |ours: Option<&BigUint>, theirs: Option<&[u8]>| {
        theirs.is_none_or(|theirs| ours.is_some_and(|ours| *ours == *number(theirs)))
    };
    if !same(key.dp(), file.exponents.map(|[first, _]| first))
        || !same(key.dq(), file.exponents.map(|[_, second]| second))
        || !same(coefficient.as_deref(), file.coefficient)
    {
        return Err(Error::Inconsistent("its CRT values do not belong to its primes"));
    }
    let der = key.to_pkcs1_der().map_err(|error| Error::malformed(PRIVATE, error))?;
    Ok(PrivateKey::new(public, Secret::new(der.as_bytes().to_vec())))
}
