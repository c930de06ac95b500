//! Arithmetic on elliptic curves by OpenSSL, which is linked in anyway for the embedded token and supports every curve.

#![allow(
    unsafe_code,
    reason = "OpenSSL is a C library; every pointer is owned by a value here, which frees it"
)]

use std::{ffi::c_int, ptr};

use ossl::bindings as c;
use zeroize::Zeroizing;

use super::openssl::start_openssl;

/// A curve for one calculation. Neither the group nor the scratch space may be shared between threads.
pub(super) struct Group {
    curve: *mut c::EC_GROUP,
    scratch: *mut c::BN_CTX,
    /// Length of a coordinate and of a scalar in bytes.
    width: usize,
}

/// Wiped when dropped.
struct Number(*mut c::BIGNUM);

/// Wiped when dropped.
struct Point(*mut c::EC_POINT);

impl Drop for Group {
    fn drop(&mut self) {
        // SAFETY: both were made by `new` and belong to this value alone; either may be null.
        unsafe {
            c::EC_GROUP_free(self.curve);
            c::BN_CTX_free(self.scratch);
        }
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: the number belongs to this value alone; it may be null.
        unsafe { c::BN_clear_free(self.0) }
    }
}

impl Drop for Point {
    fn drop(&mut self) {
        // SAFETY: the point belongs to this value alone; it may be null.
        unsafe { c::EC_POINT_clear_free(self.0) }
    }
}

impl Number {
    fn new() -> Option<Self> {
        // SAFETY: takes no arguments.
        let number = Self(unsafe { c::BN_new() });
        (!number.0.is_null()).then_some(number)
    }

    /// `bytes` is big-endian.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let number = Self::new()?;
        let length = c_int::try_from(bytes.len()).ok()?;
        // SAFETY: `bytes` has `length` bytes.
        let read = unsafe { c::BN_bin2bn(bytes.as_ptr(), length, number.0) };
        (!read.is_null()).then_some(number)
    }
}

/// Big-endian, padded with zeros to `width` bytes. `None` if it is longer.
fn to_bytes(number: *const c::BIGNUM, width: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; width];
    // SAFETY: callers pass a number that outlives the call; `bytes` has `width` bytes.
    let written = unsafe { c::BN_bn2binpad(number, bytes.as_mut_ptr(), c_int::try_from(width).ok()?) };
    (written >= 0).then_some(bytes)
}

/// The parameters of a curve over a prime field, big-endian; the base point is uncompressed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CurveNumbers {
    pub(super) p: Vec<u8>,
    pub(super) a: Vec<u8>,
    pub(super) b: Vec<u8>,
    pub(super) base: Vec<u8>,
    pub(super) order: Vec<u8>,
}

impl Group {
    /// `nid` is OpenSSL's number of the curve. `None` if this build of OpenSSL lacks it, or if memory runs out.
    pub(super) fn new(nid: c_int, width: usize) -> Option<Self> {
        start_openssl();
        // SAFETY: the null pointers stand for the default context and properties.
        let (curve, scratch) =
            unsafe { (c::EC_GROUP_new_by_curve_name_ex(ptr::null_mut(), ptr::null(), nid), c::BN_CTX_new()) };
        let group = Self { curve, scratch, width };
        (!curve.is_null() && !scratch.is_null()).then_some(group)
    }

    fn order(&self) -> *const c::BIGNUM {
        // SAFETY: the group is alive, and it owns the result.
        unsafe { c::EC_GROUP_get0_order(self.curve) }
    }

    pub(super) fn numbers(&self) -> Option<CurveNumbers> {
        let [p, a, b] = [Number::new()?, Number::new()?, Number::new()?];
        // SAFETY: all arguments outlive the call.
        let done = unsafe { c::EC_GROUP_get_curve(self.curve, p.0, a.0, b.0, self.scratch) };
        // SAFETY: the group is alive, and it owns the result.
        let base = unsafe { c::EC_GROUP_get0_generator(self.curve) };
        let bytes = |number: &Number| to_bytes(number.0, self.width);
        (done == 1).then_some(CurveNumbers {
            p: bytes(&p)?,
            a: bytes(&a)?,
            b: bytes(&b)?,
            base: self.encode(base)?,
            order: to_bytes(self.order(), self.width)?,
        })
    }

    fn point(&self) -> Option<Point> {
        // SAFETY: the group is alive.
        let point = Point(unsafe { c::EC_POINT_new(self.curve) });
        (!point.0.is_null()).then_some(point)
    }

    /// Decodes a point (SEC 1, section 2.3.4). `None` if it is not on the curve.
    fn decode(&self, bytes: &[u8]) -> Option<Point> {
        let point = self.point()?;
        // SAFETY: all arguments outlive the call; `bytes` has the length that is passed.
        let read =
            unsafe { c::EC_POINT_oct2point(self.curve, point.0, bytes.as_ptr(), bytes.len(), self.scratch) };
        (read == 1).then_some(point)
    }

    /// The uncompressed form. `None` for the point at infinity.
    fn encode(&self, point: *const c::EC_POINT) -> Option<Vec<u8>> {
        let mut bytes = vec![0; 1 + 2 * self.width];
        let form = c::point_conversion_form_t::POINT_CONVERSION_UNCOMPRESSED;
        // SAFETY: all arguments outlive the call; `bytes` has the length that is passed.
        let length = unsafe {
            c::EC_POINT_point2oct(self.curve, point, form, bytes.as_mut_ptr(), bytes.len(), self.scratch)
        };
        (length == bytes.len()).then_some(bytes)
    }

    /// The uncompressed form of an encoded point. `None` if it is not on the curve.
    pub(super) fn uncompressed(&self, point: &[u8]) -> Option<Vec<u8>> {
        self.encode(self.decode(point)?.0)
    }

    /// The public point of a private scalar, which must be from 1 to the order minus 1.
    pub(super) fn public(&self, scalar: &[u8]) -> Option<Vec<u8>> {
        let (point, scalar) = (self.point()?, Number::from_bytes(scalar)?);
        // SAFETY: all arguments outlive the call; without a second point, its factor is not read.
        let done =
            unsafe { c::EC_POINT_mul(self.curve, point.0, scalar.0, ptr::null(), ptr::null(), self.scratch) };
        (done == 1).then_some(())?;
        self.encode(point.0)
    }

    /// The public points of the keys that may have made an ECDSA signature (SEC 1, section 4.1.6): two, in rare cases four.
    /// Empty if the digest is longer than the order.
    pub(super) fn recover(&self, digest: &[u8], r: &[u8], s: &[u8]) -> Vec<Vec<u8>> {
        let candidates = [false, true].into_iter().flat_map(|wraps| [(wraps, 0x02), (wraps, 0x03)]);
        candidates.filter_map(|(wraps, sign)| self.recover_one(digest, r, s, wraps, sign)).collect()
    }

    /// Q = r⁻¹ (s R − e G), where the x-coordinate of R is r, or r plus the order.
    fn recover_one(&self, digest: &[u8], r: &[u8], s: &[u8], wraps: bool, sign: u8) -> Option<Vec<u8>> {
        let (order, scratch) = (self.order(), self.scratch);
        let [e, r, s] = [Number::from_bytes(digest)?, Number::from_bytes(r)?, Number::from_bytes(s)?];
        let [x, inverse, of_base, of_point] =
            [Number::new()?, Number::new()?, Number::new()?, Number::new()?];
        let zero = Number::new()?;
        let last = if wraps { order } else { zero.0.cast_const() };
        // SAFETY: all numbers outlive the calls.
        let done = unsafe {
            c::BN_add(x.0, r.0, last) == 1
                && !c::BN_mod_inverse(inverse.0, r.0, order, scratch).is_null()
                && c::BN_mod_mul(of_point.0, s.0, inverse.0, order, scratch) == 1
                && c::BN_mod_mul(of_base.0, e.0, inverse.0, order, scratch) == 1
                && c::BN_sub(of_base.0, order, of_base.0) == 1
        };
        (done && digest.len() <= self.width).then_some(())?;
        let compressed = [vec![sign], to_bytes(x.0, self.width)?].concat();
        let (nonce, public) = (self.decode(&compressed)?, self.point()?);
        // SAFETY: all arguments outlive the call.
        let done = unsafe { c::EC_POINT_mul(self.curve, public.0, of_base.0, nonce.0, of_point.0, scratch) };
        (done == 1).then_some(())?;
        self.encode(public.0)
    }
}

/// A scalar as a secret, padded with zeros to `width` bytes. `None` if it is longer.
pub(super) fn padded(scalar: &[u8], width: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; width]);
    bytes[width.checked_sub(scalar.len())?..].copy_from_slice(scalar);
    Some(bytes)
}
