//! What is done with a key: each operation checks the key's state, asks the token, and checks the answer.

mod batch;
mod bench;
mod claims;
mod error;
mod jws;
mod ordered;
mod sign;

pub use batch::{
    BatchError, JwtRequest, KeyCache, MAX_REQUEST, Message as BatchMessage, Request, RequestError, Worker,
    reference as batch_reference,
};
pub use bench::{Measurement, Refusal, Report, Workload, bench};
pub use claims::{
    ClaimsError, Expected, Issue, MAX_CLAIMS, Rejection, add_claim, check_issued, issue, read_claims,
};
pub use error::Error;
pub use jws::{
    HeaderRequest, KeyName, TokenInvalid, Verifier, check_header, header, parse_jwt, sign_attached,
    sign_detached, verifiers_from_key, verifiers_from_set, verify_jwt, verify_signature,
};
pub use ordered::{Queue, work_in_order};
pub use sign::{Digested, choose_algorithm, digest_stream, given_digest, public_key, sign, verify};
