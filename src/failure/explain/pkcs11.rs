//! The standard's return values by groups that have the same causes and the same way out.
//!
//! The texts say what a value means in practice; the standard's own (PKCS#11 3.1, section 5.1) are for implementers.

use crate::model::Advice;

/// `CKR_VENDOR_DEFINED`: from here on, values are a vendor's own.
pub(super) const VENDOR_DEFINED: u64 = 0x8000_0000;

const LOG: &str = "Look into the log of the module or its service; with -vv kmsctl shows the calls.";
const REPORT: &str = "Report it, with the output of -vv: kmsctl should not have caused this.";

/// Meaning and advice of a return value's name.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn of(name: &str) -> (&'static str, Advice) {
    let (meaning, causes, actions): (_, &[&str], &[&str]) = match name {
        "CKR_OK" => ("The call succeeded.", &[], &[]),
        "CKR_PIN_INCORRECT" => (
            "The PIN is wrong.",
            &["The PIN of another token, an old PIN, or a stray blank at its end."],
            &[
                "Check which token is meant before the next try: tokens lock after a few. See `kmsctl explain PIN_INCORRECT`.",
            ],
        ),
        "CKR_PIN_LOCKED" => (
            "The PIN is locked, so that even the right one is refused.",
            &["Too many wrong PINs in a row."],
            &[
                "The security officer sets a new user PIN: `kmsctl token unlock`. See `kmsctl explain PIN_LOCKED`.",
            ],
        ),
        "CKR_PIN_INVALID" | "CKR_PIN_LEN_RANGE" | "CKR_PIN_TOO_WEAK" => (
            "The token does not take such a PIN.",
            &[
                "Tokens have rules: openCryptoki takes 4 to 8 characters, some take digits only, most have a least length.",
            ],
            &["`kmsctl token show` tells the lengths; choose another PIN."],
        ),
        "CKR_PIN_EXPIRED" => (
            "The PIN must be changed before anything else is allowed.",
            &["The first login after the token was set up, or a period that the vendor sets has passed."],
            &["`kmsctl token set-pin` changes it."],
        ),
        "CKR_USER_PIN_NOT_INITIALIZED" => (
            "The token has no user PIN yet.",
            &[
                "It was initialised without one.",
                "SoftHSM 2.6.1 also says so for a moment while another process logs in.",
            ],
            &["The security officer sets one: `kmsctl token unlock`."],
        ),
        "CKR_USER_NOT_LOGGED_IN" => (
            "The object or operation needs a login.",
            &["The token logged the session out, by a timeout or because another program ended the login."],
            &["Run the command again.", LOG],
        ),
        "CKR_USER_ALREADY_LOGGED_IN"
        | "CKR_USER_ANOTHER_ALREADY_LOGGED_IN"
        | "CKR_USER_TOO_MANY_TYPES"
        | "CKR_SESSION_READ_ONLY_EXISTS"
        | "CKR_SESSION_READ_WRITE_SO_EXISTS" => (
            "Somebody is logged in in a way that excludes this login.",
            &["PKCS#11 has one login per program and token; some services share it among programs."],
            &["End the other program that uses the token, then run the command again."],
        ),
        "CKR_USER_TYPE_INVALID" => (
            "The token does not know this kind of user.",
            &["Some tokens, such as NSS, have no security officer."],
            &["Use the vendor's tool for what a security officer does elsewhere."],
        ),
        "CKR_TOKEN_NOT_PRESENT"
        | "CKR_DEVICE_REMOVED"
        | "CKR_TOKEN_NOT_RECOGNIZED"
        | "CKR_SLOT_ID_INVALID" => (
            "There is no token in the slot, or none that the module knows.",
            &["It was unplugged, its service restarted, or slot numbers changed."],
            &["`kmsctl token list` shows what is there; name tokens by label, not by slot."],
        ),
        "CKR_SESSION_HANDLE_INVALID" | "CKR_SESSION_CLOSED" => (
            "The session is gone.",
            &["The token was removed or reset, or a network HSM dropped the connection."],
            &["Run the command again; if it comes back, look at the connection and its timeouts."],
        ),
        "CKR_SESSION_COUNT" | "CKR_TOKEN_RESOURCE_EXCEEDED" => (
            "The token has no more sessions or other room to give.",
            &["Other programs keep sessions open.", "A limit of the HSM's partition or licence."],
            &["Close other programs, lower --jobs, or raise the limit on the HSM."],
        ),
        "CKR_SESSION_READ_ONLY" | "CKR_TOKEN_WRITE_PROTECTED" => (
            "Nothing can be written to the token.",
            &["The token or slot is write-protected, or the file system of a software token is read-only."],
            &["Check permissions and mounts, or use a token that can be written."],
        ),
        "CKR_SESSION_EXISTS" => (
            "The token cannot be initialised while sessions are open.",
            &["Another program, or a service of the module, uses the token."],
            &["End the other program, then run the command again."],
        ),
        "CKR_TOKEN_NOT_INITIALIZED" => (
            "The token is blank.",
            &["It was never initialised, or was reset."],
            &["`kmsctl token init --label NAME` initialises it."],
        ),
        "CKR_DEVICE_MEMORY" | "CKR_HOST_MEMORY" => (
            "Memory or storage is exhausted.",
            &[
                "The token holds as many objects as it can.",
                "The disk is full, or the store is locked by another writer.",
                "openCryptoki says so of a full token.",
            ],
            &["Destroy what is not needed, make room on the disk, run the command again."],
        ),
        "CKR_GENERAL_ERROR"
        | "CKR_FUNCTION_FAILED"
        | "CKR_DEVICE_ERROR"
        | "CKR_FIPS_SELF_TEST_FAILED"
        | "CKR_LIBRARY_LOAD_FAILED"
        | "CKR_CANT_LOCK"
        | "CKR_NEED_TO_CREATE_THREADS" => (
            "The module or the device failed and says no more.",
            &[
                "Files of a software token cannot be read or written, or are half-written by another process.",
                "A service or device behind the module does not answer, or the module's configuration is wrong.",
            ],
            &[LOG, "Test the token with the vendor's own tool; run the command again."],
        ),
        "CKR_MECHANISM_INVALID"
        | "CKR_MECHANISM_PARAM_INVALID"
        | "CKR_FUNCTION_NOT_SUPPORTED"
        | "CKR_CURVE_NOT_SUPPORTED"
        | "CKR_DOMAIN_PARAMS_INVALID"
        | "CKR_KEY_SIZE_RANGE"
        | "CKR_PARAMETER_SET_NOT_SUPPORTED"
        | "CKR_RANDOM_NO_RNG"
        | "CKR_RANDOM_SEED_NOT_SUPPORTED"
        | "CKR_SEED_RANDOM_REQUIRED"
        | "CKR_STATE_UNSAVEABLE"
        | "CKR_SAVED_STATE_INVALID"
        | "CKR_SESSION_ASYNC_NOT_SUPPORTED"
        | "CKR_SESSION_PARALLEL_NOT_SUPPORTED"
        | "CKR_FUNCTION_NOT_PARALLEL" => (
            "The token does not implement this algorithm, size, parameter or function.",
            &[
                "Tokens differ; SoftHSM 2.6.1, for one, has OAEP with SHA-1 only.",
                "A FIPS mode switches algorithms off.",
            ],
            &["`kmsctl token show -v` lists what the token can; choose another algorithm or a newer module."],
        ),
        "CKR_ATTRIBUTE_TYPE_INVALID"
        | "CKR_ATTRIBUTE_VALUE_INVALID"
        | "CKR_TEMPLATE_INCONSISTENT"
        | "CKR_TEMPLATE_INCOMPLETE" => (
            "The token does not make an object with these attributes.",
            &["Tokens differ in the attributes that they take, and policies of an HSM forbid some."],
            &["Narrow what is asked, for example with --usage; look at the HSM's policy.", LOG],
        ),
        "CKR_ATTRIBUTE_READ_ONLY" | "CKR_ACTION_PROHIBITED" => (
            "The token does not allow this change of an object.",
            &[
                "The object cannot be modified, copied or destroyed, by an attribute or by the token's nature.",
            ],
            &["Create a new key in its place; with other tools, look at CKA_MODIFIABLE and CKA_DESTROYABLE."],
        ),
        "CKR_ATTRIBUTE_SENSITIVE"
        | "CKR_INFORMATION_SENSITIVE"
        | "CKR_KEY_UNEXTRACTABLE"
        | "CKR_KEY_NOT_WRAPPABLE" => (
            "The key's secret does not leave the token.",
            &["That is what the token is for: the key is sensitive, or was not made to be exported."],
            &[
                "A key that is to be backed up must be created exportable; this one cannot be changed any more.",
            ],
        ),
        "CKR_KEY_FUNCTION_NOT_PERMITTED"
        | "CKR_KEY_TYPE_INCONSISTENT"
        | "CKR_KEY_NOT_NEEDED"
        | "CKR_KEY_NEEDED"
        | "CKR_KEY_INDIGESTIBLE" => (
            "The key is not made for this operation.",
            &[
                "Its usage attributes forbid it: created so, or disabled since.",
                "The key is of another kind than the mechanism takes.",
            ],
            &["`kmsctl key show` tells what a key is made for and its state."],
        ),
        "CKR_KEY_HANDLE_INVALID" | "CKR_OBJECT_HANDLE_INVALID" | "CKR_KEY_CHANGED" => (
            "The object is gone.",
            &["Another program deleted or replaced it in this moment."],
            &["Run the command again; `kmsctl key list` shows what is there now."],
        ),
        "CKR_KEY_EXHAUSTED" => (
            "The key has been used as often as it may be.",
            &["The token counts the uses of a key and has a limit for them."],
            &["Make a new version: `kmsctl key rotate`."],
        ),
        "CKR_SIGNATURE_INVALID" | "CKR_SIGNATURE_LEN_RANGE" => (
            "The signature does not fit.",
            &["Another key, other data, another algorithm, or an ECDSA signature in its other form."],
            &["See `kmsctl explain SIGNATURE_INVALID`."],
        ),
        "CKR_ENCRYPTED_DATA_INVALID" | "CKR_ENCRYPTED_DATA_LEN_RANGE" | "CKR_AEAD_DECRYPT_FAILED" => (
            "The ciphertext is not authentic.",
            &["It was changed or cut off, or belongs to another key or context."],
            &[
                "`kmsctl inspect` tells which key and version a ciphertext names; give the same --context as at encryption.",
            ],
        ),
        "CKR_DATA_INVALID" | "CKR_DATA_LEN_RANGE" => (
            "The token does not take data of this kind or length.",
            &["The data is too long for the key, or a digest has the length of another hash."],
            &["Give data and algorithm that fit; sign large data without --digest."],
        ),
        "CKR_WRAPPED_KEY_INVALID"
        | "CKR_WRAPPED_KEY_LEN_RANGE"
        | "CKR_WRAPPING_KEY_HANDLE_INVALID"
        | "CKR_WRAPPING_KEY_SIZE_RANGE"
        | "CKR_WRAPPING_KEY_TYPE_INCONSISTENT"
        | "CKR_UNWRAPPING_KEY_HANDLE_INVALID"
        | "CKR_UNWRAPPING_KEY_SIZE_RANGE"
        | "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT"
        | "CKR_PUBLIC_KEY_INVALID" => (
            "A key cannot be wrapped or unwrapped so.",
            &[
                "The wrapped key is damaged or was made for another key.",
                "The wrapping key is of a kind or size that the token does not take for this.",
            ],
            &["Check which key it was wrapped for; wrap it again with a mechanism that both sides have."],
        ),
        "CKR_CRYPTOKI_NOT_INITIALIZED"
        | "CKR_CRYPTOKI_ALREADY_INITIALIZED"
        | "CKR_OPERATION_ACTIVE"
        | "CKR_OPERATION_NOT_INITIALIZED"
        | "CKR_ARGUMENTS_BAD"
        | "CKR_BUFFER_TOO_SMALL"
        | "CKR_MUTEX_BAD"
        | "CKR_MUTEX_NOT_LOCKED"
        | "CKR_OPERATION_CANCEL_FAILED"
        | "CKR_OPERATION_NOT_VALIDATED" => (
            "The calls came in an order or with arguments that the module does not take.",
            &[
                "The module understands the standard differently, or a parameter of the mechanism is not supported.",
            ],
            &["Run the command again; if it stays, use another algorithm.", REPORT],
        ),
        "CKR_FUNCTION_CANCELED" | "CKR_CANCEL" | "CKR_FUNCTION_REJECTED" => (
            "Somebody or something refused the operation.",
            &["The PIN pad's cancel key, a missing touch, or a policy or quorum of the HSM."],
            &["Do what the device asks for in time, or get the approval that the HSM's policy wants."],
        ),
        "CKR_NEW_PIN_MODE" | "CKR_NEXT_OTP" => (
            "The one-time password device wants another step.",
            &["Its code was used already, or a new PIN is to be set on it."],
            &["Wait for the next code, or set the device up with the vendor's tool."],
        ),
        "CKR_EXCEEDED_MAX_ITERATIONS" => (
            "The token gave up generating a key.",
            &["Bad luck with primes, or a random number generator that fails."],
            &["Run the command again; if it stays, the device may be broken."],
        ),
        "CKR_NO_EVENT" | "CKR_PENDING" => (
            "The answer is not there yet.",
            &["The module works asynchronously, which kmsctl never asks for."],
            &[REPORT],
        ),
        _ if name.starts_with("CKR_VENDOR_DEFINED") => (
            "A code of the vendor's own.",
            &[
                "Only the vendor's documentation tells. CKR_VENDOR_DEFINED+0xffffffff7fffffff, all ones, is how p11-kit reports a remote that is gone.",
            ],
            &[
                "Look the number up in the vendor's documentation; for a remote token, check that its service runs.",
            ],
        ),
        _ => (
            "A value that the standard does not name.",
            &["The module is newer than the standard that kmsctl knows, or broken."],
            &["Look it up in the module's documentation.", LOG],
        ),
    };
    (meaning, Advice { causes, actions })
}
