//! Diagnoses of bare return values, by meaning: which ones a user can do something about.

use super::token;
use crate::{
    encoding::kmsctl_without_pin,
    model::{Code, Diagnosis},
    token::Error,
};

pub(super) fn of(error: &Error) -> Diagnosis {
    match error.name().as_str() {
        "CKR_PIN_INCORRECT" => Code::PinIncorrect.into(),
        "CKR_PIN_LOCKED" => Code::PinLocked.hint(token::unlock()),
        "CKR_PIN_INVALID" | "CKR_PIN_LEN_RANGE" | "CKR_PIN_TOO_WEAK" | "CKR_PIN_EXPIRED" => Code::PinInvalid
            .hint(format!(
                "the token has rules for PINs; `{}` tells the lengths that it takes",
                kmsctl_without_pin("token show")
            )),
        "CKR_USER_PIN_NOT_INITIALIZED" => Code::PinNotSet.hint(token::unlock()),
        "CKR_TOKEN_NOT_PRESENT"
        | "CKR_DEVICE_REMOVED"
        | "CKR_SESSION_HANDLE_INVALID"
        | "CKR_SESSION_CLOSED"
        | "CKR_TOKEN_NOT_RECOGNIZED"
        | "CKR_CRYPTOKI_NOT_INITIALIZED" => {
            Code::TokenGone.hint(format!("`{}` shows whether it is back", kmsctl_without_pin("token list")))
        }
        "CKR_DEVICE_MEMORY" | "CKR_HOST_MEMORY" | "CKR_TOKEN_RESOURCE_EXCEEDED" | "CKR_SESSION_COUNT" => {
            Code::TokenFull.hint("the token has no room left, or its disk is full")
        }
        "CKR_TOKEN_WRITE_PROTECTED" | "CKR_SESSION_READ_ONLY" => Code::TokenReadOnly
            .hint("nothing on this token can be made or changed; what it holds can be used"),
        "CKR_MECHANISM_INVALID"
        | "CKR_MECHANISM_PARAM_INVALID"
        | "CKR_FUNCTION_NOT_SUPPORTED"
        | "CKR_CURVE_NOT_SUPPORTED"
        | "CKR_DOMAIN_PARAMS_INVALID"
        | "CKR_KEY_SIZE_RANGE"
        | "CKR_ATTRIBUTE_TYPE_INVALID"
        | "CKR_ATTRIBUTE_VALUE_INVALID"
        | "CKR_TEMPLATE_INCONSISTENT"
        | "CKR_TEMPLATE_INCOMPLETE" => Code::TokenIncapable.hint(format!(
            "the token cannot do this; `{}` lists what it can",
            kmsctl_without_pin("token show -v")
        )),
        "CKR_KEY_FUNCTION_NOT_PERMITTED" | "CKR_KEY_TYPE_INCONSISTENT" | "CKR_ACTION_PROHIBITED" => {
            Code::KeyUsage.hint("`key show` tells what a key is made for")
        }
        _ => Code::TokenError.into(),
    }
}
