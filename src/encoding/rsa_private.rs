//! RSAPrivateKey (RFC 8017, appendix A.1.2): every number is checked against the others.

use pkcs8::der::Decode;
use rsa::{
    BigUint, RsaPrivateKey, pkcs1,
    traits::{PrivateKeyParts, PublicKeyParts},
};
use zeroize::Zeroizing;

use super::{Error, PrivateKey, PrivateParts, PublicKey, private_key::WHAT};
use crate::secret::Secret;

pub(super) fn read(der: &[u8]) -> Result<PrivateKey, Error> {
    let file = pkcs1::RsaPrivateKey::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
    if file.version() != pkcs1::Version::TwoPrime {
        return Err(Error::Unsupported("an RSA key of more than two primes".to_owned()));
    }
    let PublicKey::Rsa(public) =
        PublicKey::from_rsa(file.modulus.as_bytes(), file.public_exponent.as_bytes())?
    else {
        return Err(Error::Inconsistent("its public half is not RSA"));
    };
    if public.n().bits() != 2048 && public.n().bits() != 4096 {
        return Err(Error::Unsupported(format!("an RSA private key of {} bits", public.n().bits())));
    }
    let number = |value: pkcs1::UintRef<'_>| Zeroizing::new(BigUint::from_bytes_be(value.as_bytes()));
    let (d, p, q) = (number(file.private_exponent), number(file.prime1), number(file.prime2));
    require_primes(&p, &q)?;
    if *d >= *public.n() {
        return Err(Error::Inconsistent("its private exponent is not below its modulus"));
    }
    let primes = vec![BigUint::clone(&p), BigUint::clone(&q)];
    let key =
        RsaPrivateKey::from_components(public.n().clone(), public.e().clone(), BigUint::clone(&d), primes)
            .map_err(|error| match error {
                rsa::Error::InvalidModulus => {
                    Error::Inconsistent("its modulus is not the product of its primes")
                }
                rsa::Error::InvalidExponent => {
                    Error::Inconsistent("its private exponent does not undo its public one")
                }
                _ => Error::Inconsistent("its numbers make no RSA key"),
            })?;
    let coefficient = key.crt_coefficient().map(Zeroizing::new);
    let same = |ours: Option<&BigUint>, theirs| ours.is_some_and(|ours| *ours == *number(theirs));
    if !same(key.dp(), file.exponent1)
        || !same(key.dq(), file.exponent2)
        || !same(coefficient.as_deref(), file.coefficient)
    {
        return Err(Error::Inconsistent("its CRT values do not belong to its primes"));
    }
    Ok(PrivateKey::Rsa(Box::new(key)))
}

/// Two different odd numbers that pass Fermat's test to base 2: enough to find a damaged key, which is what a key
/// whose other numbers agree can still be. (Somebody who makes a bad key on purpose harms only himself.)
fn require_primes(p: &BigUint, q: &BigUint) -> Result<(), Error> {
    let one = BigUint::from(1u8);
    let two = BigUint::from(2u8);
    let passes = |number: &BigUint| {
        let odd = number.to_bytes_le().first().is_some_and(|low| low & 1 == 1);
        odd && *number > two && two.modpow(&Zeroizing::new(number - &one), number) == one
    };
    if p == q || !passes(p) || !passes(q) {
        return Err(Error::Inconsistent("its primes are not two different primes"));
    }
    Ok(())
}

pub(super) fn parts(key: &RsaPrivateKey) -> PrivateParts {
    let secret = |number: &BigUint| Secret::new(number.to_bytes_be());
    let (p, q) = (&key.primes()[0], &key.primes()[1]);
    let one = BigUint::from(1u8);
    let exponent = |prime: &BigUint| secret(&Zeroizing::new(key.d() % &*Zeroizing::new(prime - &one)));
    PrivateParts::Rsa {
        modulus: key.n().to_bytes_be(),
        public_exponent: key.e().to_bytes_be(),
        private_exponent: secret(key.d()),
        prime_1: secret(p),
        prime_2: secret(q),
        exponent_1: exponent(p),
        exponent_2: exponent(q),
        coefficient: key
            .crt_coefficient()
            .map(Zeroizing::new)
            .map(|number| secret(&number))
            .unwrap_or_default(),
    }
}
