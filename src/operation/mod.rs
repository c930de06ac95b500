//! What is done with a key: each operation checks the key's state, asks the token, and checks the answer.

mod bench;
mod error;
mod sign;

pub use bench::{Measurement, Refusal, Report, Workload, bench};
pub use error::Error;
pub use sign::{Digested, choose_algorithm, digest_stream, given_digest, public_key, sign, verify};
