//! Keys for the unit tests of other layers, which are about forms and not about algorithms.

use super::{Algorithm, Curve};

/// The algorithm and the curve of `fixture!(ec …)`.
pub(crate) const EC: Algorithm = Algorithm::EC_P256;
pub(crate) const CURVE: Curve = Curve::P256;

/// A file of `tests/fixtures/keys`; after `ec`, a form of the key on [`CURVE`].
macro_rules! fixture {
    (ec $form:literal) => {
        $crate::algorithm::sample::fixture!(concat!("p256.", $form))
    };
    ($name:expr) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/", $name)).as_slice()
    };
}
pub(crate) use fixture;
