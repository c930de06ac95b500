//! Preloaded into programs that use SoftHSM, this gives `RSA_generate_key_ex` prepared primes: the search for primes takes a
//! third of the time of all tests. Files in the directory `QUICK_RSA_COUNTERS` count the keys of each size, so that those of a
//! test run differ. Sizes without primes are left to OpenSSL.

use std::{
    env,
    ffi::{c_int, c_void},
    fs::OpenOptions,
    io::{Read, Seek, Write},
    path::Path,
    ptr,
};

use libloading::os::unix::{Library, RTLD_NOW, Symbol};
use num_bigint_dig::{BigUint, ModInverse};

/// One a line, in hexadecimal.
const PRIMES: &str = include_str!("primes.txt");
const EXPONENT: u32 = 65_537;
/// Of dlopen(3): the library that the program has loaded, and no other.
const RTLD_NOLOAD: c_int = 4;

/// `RSA`, `BIGNUM` or `BN_GENCB` of OpenSSL.
type Pointer = *mut c_void;
type Generate = unsafe extern "C" fn(Pointer, c_int, Pointer, Pointer) -> c_int;
type BinToNumber = unsafe extern "C" fn(*const u8, c_int, Pointer) -> Pointer;
type SetTwo = unsafe extern "C" fn(Pointer, Pointer, Pointer) -> c_int;
type SetThree = unsafe extern "C" fn(Pointer, Pointer, Pointer, Pointer) -> c_int;

/// As `RSA_generate_key_ex(3)`. The exponent of a key from prepared primes is 65537, the only one that kmsctl asks for.
///
/// # Safety
/// As of OpenSSL's function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RSA_generate_key_ex(
    rsa: Pointer,
    bits: c_int,
    exponent: Pointer,
    callback: Pointer,
) -> c_int {
    // SAFETY: the library is loaded, since the caller has an `RSA` of it; and the caller's.
    unsafe {
        let Ok(crypto) = Library::open(Some("libcrypto.so.3"), RTLD_NOLOAD | RTLD_NOW) else { return 0 };
        if let Some((p, q)) = usize::try_from(bits).ok().and_then(|bits| primes(bits / 2)) {
            return c_int::from(set(&crypto, rsa, p, q).is_some());
        }
        let own = crypto.get::<Generate>(b"RSA_generate_key_ex");
        own.map_or(0, |generate| generate(rsa, bits, exponent, callback))
    }
}

unsafe fn set(crypto: &Library, rsa: Pointer, p: BigUint, q: BigUint) -> Option<()> {
    let one = &BigUint::from(1_u32);
    let (p1, q1) = (&p - one, &q - one);
    let d = BigUint::from(EXPONENT).mod_inverse(&p1 * &q1)?.to_biguint()?;
    let coefficient = (&q).mod_inverse(&p)?.to_biguint()?;
    // SAFETY: the functions are called as RSA_set0_key(3) and BN_bin2bn(3) say. The key takes the numbers over.
    unsafe {
        let new: Symbol<BinToNumber> = crypto.get(b"BN_bin2bn").ok()?;
        let set_key: Symbol<SetThree> = crypto.get(b"RSA_set0_key").ok()?;
        let set_factors: Symbol<SetTwo> = crypto.get(b"RSA_set0_factors").ok()?;
        let set_crt: Symbol<SetThree> = crypto.get(b"RSA_set0_crt_params").ok()?;
        let number = |number: BigUint| {
            let bytes = number.to_bytes_be();
            new(bytes.as_ptr(), c_int::try_from(bytes.len()).unwrap_or(0), ptr::null_mut())
        };
        let is_set = set_key(rsa, number(&p * &q), number(EXPONENT.into()), number(d.clone())) == 1
            && set_crt(rsa, number(&d % p1), number(&d % q1), number(coefficient)) == 1
            && set_factors(rsa, number(p), number(q)) == 1;
        is_set.then_some(())
    }
}

/// The next two of this length, the larger one first.
fn primes(bits: usize) -> Option<(BigUint, BigUint)> {
    let primes: Vec<_> = PRIMES.lines().filter(|line| line.len() * 4 == bits).collect();
    let pairs: Vec<_> = (1..primes.len()).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    let (i, j) = *pairs.get(count(bits)?.checked_rem(pairs.len())?)?;
    let parsed = |index: usize| BigUint::parse_bytes(primes[index].as_bytes(), 16);
    let (one, other) = (parsed(i)?, parsed(j)?);
    Some(if one > other { (one, other) } else { (other, one) })
}

/// How many keys of primes of this length the programs of a test run have made before.
fn count(bits: usize) -> Option<usize> {
    let path = Path::new(&env::var_os("QUICK_RSA_COUNTERS")?).join(bits.to_string());
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).ok()?;
    file.lock().ok()?;
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    let count = text.parse().unwrap_or(0);
    file.rewind().ok()?;
    write!(file, "{}", count + 1).ok()?;
    Some(count)
}
