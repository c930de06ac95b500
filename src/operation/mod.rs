//! Operations with a key: each checks the key's state, asks the token, and checks the answer.

mod age_file;
mod batch;
mod bench;
mod check_value;
mod claims;
mod envelope;
mod envelope_copy;
mod error;
mod evidence;
mod jws;
mod learn;
mod open;
mod ordered;
mod reseal;
mod seal;
mod seal_error;
mod sign;
mod signable;
mod transfer;
mod trial;
mod verifiers;
mod whole;

pub use age_file::{AgeError, AgeFile, AgeTo, FileKeyHolder, seal_age};
pub use batch::{
    BatchError, BatchResult, JwtRequest, Link, MAX_REQUEST, Message as BatchMessage, Reconnect, Request,
    RequestError, Rest, Worker, reference as batch_reference,
};
pub use bench::{Measurement, Refusal, Report, Workload, bench};
pub use check_value::check_value;
pub use claims::{
    Audience, ClaimsError, Expected, Issue, MAX_CLAIMS, Rejection, add_claim, check_issued, issue,
    read_claims,
};
pub use envelope::{Envelope, Unlocked, age_read_error, seal_envelope};
pub use envelope_copy::copy_envelope;
pub use error::{Error, NotValid};
pub use evidence::{Evidence, Judge, KeySource, OtherSalt, Verifier, salt_of};
pub use jws::{
    HeaderRequest, JwsInvalid, KeyName, RESERVED_MEMBERS, TokenInvalid, check_header, header, parse_jwt,
    sign_attached, sign_detached, verifiers_from_key, verifiers_from_set, verify_jwt, verify_signature,
};
pub use learn::learn;
pub use open::{Opened, open_text, open_text_with};
pub use ordered::{Queue, Workers, work_in_order};
pub use reseal::{
    RecipientChange, Resealed, is_current_envelope, is_current_text, require_allowed, require_names,
    reseal_body, reseal_header, reseal_text, reseal_text_with,
};
pub use seal::{DataKey, Sealer, data_key};
pub use seal_error::{ContextUse, SealError};
pub use sign::{
    Signer, Unverified, choose_algorithm, fixed_algorithm, public_half, public_key, sign, sign_stream,
    signature_form, signing_algorithm,
};
pub use signable::{Signable, digest_hash, given_digest, signable};
pub use transfer::{unwrap, wrap};
pub use trial::{Trial, TrialOutcome, try_token};
pub use verifiers::{Verifiers, mac_key, verify, verifying_keys};
pub use whole::read_signed;
