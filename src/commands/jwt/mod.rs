//! `kmsctl jwt`.

mod decode;
mod input;
mod sign;
mod verify;

use super::command::group;

pub(super) use sign::json_object;

group! {
    /// Sign, verify and decode JSON Web Tokens
    Jwt {
        "Commands":
            Sign(sign::Sign),
            Verify(verify::Verify),
            Decode(decode::Decode);
    }
}
