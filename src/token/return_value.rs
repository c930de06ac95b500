//! The list of PKCS#11 return values: the error code that each maps to unless the caller knows better, and what it
//! means in practice. The descriptions in the standard (PKCS#11 3.1, section 5.1) address implementers.

use cryptoki_sys as ck;
use cryptoki_sys::CK_RV;

use crate::model::{Advice, Code};

const LOG: &str = "Check the log of the module or its service; -vv shows the calls.";
const REPORT: &str = "Report it with the output of -vv: kmsctl should not have caused this.";

/// A return value that the standard names (PKCS#11 3.2, header file).
#[derive(Debug)]
pub struct Named {
    pub rv: CK_RV,
    pub name: &'static str,
    pub code: Code,
    pub explained: &'static Explained,
}

/// The explanation shared by return values with the same causes.
#[derive(Debug)]
pub struct Explained {
    pub meaning: &'static str,
    pub advice: Advice,
}

impl Named {
    pub fn of(rv: CK_RV) -> Option<&'static Self> {
        NAMED.iter().find(|named| named.rv == rv)
    }
}

/// What `rv` means, including values that the standard does not name.
pub fn explained(rv: CK_RV) -> &'static Explained {
    match Named::of(rv) {
        Some(named) => named.explained,
        None if rv >= ck::CKR_VENDOR_DEFINED => &OF_VENDORS,
        None => &UNKNOWN,
    }
}

static OF_VENDORS: Explained = Explained {
    meaning: "A code that the vendor of the module defines.",
    advice: Advice {
        causes: &[
            "Only the vendor's documentation says. p11-kit reports a lost remote as CKR_VENDOR_DEFINED+0xffffffff7fffffff.",
        ],
        actions: &[
            "Look the number up in the vendor's documentation; for a remote token, check that its service runs.",
        ],
    },
};

static UNKNOWN: Explained = Explained {
    meaning: "A value that the standard does not define.",
    advice: Advice {
        causes: &["The module is newer than the standard that kmsctl knows, or broken."],
        actions: &["Look it up in the module's documentation.", LOG],
    },
};

macro_rules! named {
    ($($meaning:literal $causes:tt $actions:tt $($code:ident: $($name:ident)*);+ .)*) => {
        /// Every return value that the standard names, grouped by meaning.
        pub static NAMED: &[Named] = &[$($($(Named {
            rv: ck::$name,
            name: stringify!($name),
            code: Code::$code,
            explained: &Explained {
                meaning: $meaning,
                advice: Advice { causes: &$causes, actions: &$actions },
            },
        },)*)+)*];
    };
}

// Each entry: meaning, usual causes, what to do; then error codes and their return values.
named! {
    "The call succeeded." [] []
        TokenError: CKR_OK.
    "The PIN is wrong."
        ["It is the PIN of another token, an old PIN, or has a trailing space."]
        ["Check which token is used before the next try: tokens lock after a few. See `kmsctl explain PIN_INCORRECT`."]
        PinIncorrect: CKR_PIN_INCORRECT.
    "The PIN is locked; even the right one is refused."
        ["Too many wrong PINs in a row."]
        ["The security officer sets a new user PIN: `kmsctl token unlock`. See `kmsctl explain PIN_LOCKED`."]
        PinLocked: CKR_PIN_LOCKED.
    "The token does not accept such a PIN."
        ["Tokens have rules: openCryptoki takes 4 to 8 characters, some take only digits, most have a minimum length."]
        ["`kmsctl token show` prints the lengths; choose another PIN."]
        PinInvalid: CKR_PIN_INVALID CKR_PIN_LEN_RANGE CKR_PIN_TOO_WEAK.
    "The PIN must be changed before anything else is allowed."
        ["This is the first login after the token was set up, or the vendor's expiry period has passed."]
        ["`kmsctl token set-pin` changes it."]
        PinInvalid: CKR_PIN_EXPIRED.
    "The token has no user PIN yet."
        ["It was initialised without one.",
         "SoftHSM 2.6.1 also returns this for a moment while another process logs in."]
        ["The security officer sets one: `kmsctl token unlock`."]
        PinNotSet: CKR_USER_PIN_NOT_INITIALIZED.
    "The object or operation needs a login."
        ["The token ended the login: by a timeout, or because another program logged out."]
        ["Run the command again.", LOG]
        TokenError: CKR_USER_NOT_LOGGED_IN.
    "Another login excludes this one."
        ["PKCS#11 has one login per program and token; some services share it among programs."]
        ["End the other program that uses the token, then run the command again."]
        TokenError: CKR_USER_ALREADY_LOGGED_IN CKR_USER_ANOTHER_ALREADY_LOGGED_IN CKR_USER_TOO_MANY_TYPES
            CKR_SESSION_READ_ONLY_EXISTS CKR_SESSION_READ_WRITE_SO_EXISTS.
    "The token does not have this kind of user."
        ["Some tokens, such as NSS, have no security officer."]
        ["Use the vendor's tool for what the security officer does on other tokens."]
        TokenError: CKR_USER_TYPE_INVALID.
    "There is no token in the slot, or none that the module recognises."
        ["It was unplugged, its service restarted, or slot numbers changed."]
        ["`kmsctl token list` lists the tokens; select them by label, not by slot."]
        TokenGone: CKR_TOKEN_NOT_PRESENT CKR_DEVICE_REMOVED CKR_TOKEN_NOT_RECOGNIZED;
        TokenError: CKR_SLOT_ID_INVALID.
    "The session was lost."
        ["The token was removed or reset, or a network HSM dropped the connection."]
        ["Run the command again; if it happens again, check the connection and its timeouts."]
        TokenGone: CKR_SESSION_HANDLE_INVALID CKR_SESSION_CLOSED.
    "The token has no more sessions or other resources."
        ["Other programs keep sessions open.", "A limit of the HSM's partition or licence."]
        ["Close other programs, lower --jobs, or raise the limit on the HSM."]
        TokenFull: CKR_SESSION_COUNT CKR_TOKEN_RESOURCE_EXCEEDED.
    "The token cannot be written."
        ["The token or slot is write-protected, or the file system of a software token is read-only."]
        ["Check permissions and mounts, or use a token that can be written."]
        TokenReadOnly: CKR_SESSION_READ_ONLY CKR_TOKEN_WRITE_PROTECTED.
    "The token cannot be initialised while sessions are open."
        ["Another program, or a service of the module, uses the token."]
        ["End the other program, then run the command again."]
        TokenError: CKR_SESSION_EXISTS.
    "The token is blank."
        ["It was never initialised, or was reset."]
        ["`kmsctl token init --label NAME` initialises it."]
        TokenError: CKR_TOKEN_NOT_INITIALIZED.
    "Memory or storage is exhausted."
        ["The token holds as many objects as it can.",
         "The disk is full, or the store is locked by another writer.",
         "openCryptoki returns this for a full token."]
        ["Destroy keys that are no longer needed or free space on the disk, then run the command again."]
        TokenFull: CKR_DEVICE_MEMORY CKR_HOST_MEMORY.
    "The module or the device failed, and gives no details."
        ["The files of a software token cannot be read or written, or another process is writing them.",
         "A service or device behind the module does not answer, or the module's configuration is wrong."]
        [LOG, "Test the token with the vendor's tool; run the command again."]
        TokenError: CKR_GENERAL_ERROR CKR_FUNCTION_FAILED CKR_DEVICE_ERROR CKR_FIPS_SELF_TEST_FAILED
            CKR_LIBRARY_LOAD_FAILED CKR_CANT_LOCK CKR_NEED_TO_CREATE_THREADS.
    "The token does not implement this algorithm, size, parameter or function."
        ["Tokens differ: SoftHSM 2.6.1, for example, has OAEP with SHA-1 only.",
         "A FIPS mode switches algorithms off."]
        ["`kmsctl token show -v` lists the mechanisms of the token; choose another algorithm or a newer module."]
        TokenIncapable: CKR_MECHANISM_INVALID CKR_MECHANISM_PARAM_INVALID CKR_FUNCTION_NOT_SUPPORTED
            CKR_CURVE_NOT_SUPPORTED CKR_DOMAIN_PARAMS_INVALID CKR_KEY_SIZE_RANGE;
        TokenError: CKR_PARAMETER_SET_NOT_SUPPORTED CKR_RANDOM_NO_RNG CKR_RANDOM_SEED_NOT_SUPPORTED
            CKR_SEED_RANDOM_REQUIRED CKR_STATE_UNSAVEABLE CKR_SAVED_STATE_INVALID CKR_SESSION_ASYNC_NOT_SUPPORTED
            CKR_SESSION_PARALLEL_NOT_SUPPORTED CKR_FUNCTION_NOT_PARALLEL.
    "The token does not make an object with these attributes."
        ["Tokens differ in the attributes that they accept, and the policy of an HSM may forbid some."]
        ["Ask for less, for example with --usage; check the HSM's policy.", LOG]
        TokenIncapable: CKR_ATTRIBUTE_TYPE_INVALID CKR_ATTRIBUTE_VALUE_INVALID CKR_TEMPLATE_INCONSISTENT
            CKR_TEMPLATE_INCOMPLETE.
    "The token does not allow this change of an object."
        ["An attribute of the object, or the token itself, forbids modifying, copying or destroying it."]
        ["Create a new key instead; with other tools, check CKA_MODIFIABLE and CKA_DESTROYABLE."]
        TokenError: CKR_ATTRIBUTE_READ_ONLY;
        KeyUsage: CKR_ACTION_PROHIBITED.
    "The key does not leave the token."
        ["It is sensitive, or was not made to be exported."]
        ["A key that is to be backed up must be created exportable; this cannot be changed later."]
        TokenError: CKR_ATTRIBUTE_SENSITIVE CKR_INFORMATION_SENSITIVE CKR_KEY_UNEXTRACTABLE CKR_KEY_NOT_WRAPPABLE.
    "The key is not made for this operation."
        ["Its usage attributes forbid it: created so, or disabled since.",
         "The key is of another kind than the mechanism takes."]
        ["`kmsctl key show` prints the usages and the state of a key."]
        KeyUsage: CKR_KEY_FUNCTION_NOT_PERMITTED CKR_KEY_TYPE_INCONSISTENT;
        TokenError: CKR_KEY_NOT_NEEDED CKR_KEY_NEEDED CKR_KEY_INDIGESTIBLE.
    "The object is gone."
        ["Another program deleted or replaced it at this moment."]
        ["Run the command again; `kmsctl key list` lists the keys that exist now."]
        TokenError: CKR_KEY_HANDLE_INVALID CKR_OBJECT_HANDLE_INVALID CKR_KEY_CHANGED.
    "The key has been used as often as the token allows."
        ["The token counts the uses of a key and limits them."]
        ["Make a new version: `kmsctl key rotate`."]
        TokenError: CKR_KEY_EXHAUSTED.
    "The signature is not valid."
        ["It is of another key, other data or another algorithm, or an ECDSA signature in the other form."]
        ["See `kmsctl explain SIGNATURE_INVALID`."]
        TokenError: CKR_SIGNATURE_INVALID CKR_SIGNATURE_LEN_RANGE.
    "The ciphertext is not authentic."
        ["It was changed or cut off, or belongs to another key or context."]
        ["`kmsctl inspect` prints the key and version of a ciphertext; give the same --context as at encryption."]
        TokenError: CKR_ENCRYPTED_DATA_INVALID CKR_ENCRYPTED_DATA_LEN_RANGE CKR_AEAD_DECRYPT_FAILED.
    "The token does not take data of this kind or length."
        ["The data is too long for the key, or a digest has the length of another hash."]
        ["Use data and an algorithm that fit together; sign large data without --digest."]
        TokenError: CKR_DATA_INVALID CKR_DATA_LEN_RANGE.
    "The key cannot be wrapped or unwrapped this way."
        ["The wrapped key is damaged or was made for another key.",
         "The token does not wrap with a key of this kind or size."]
        ["Check which key it was wrapped for; wrap it again with a mechanism that both sides have."]
        TokenError: CKR_WRAPPED_KEY_INVALID CKR_WRAPPED_KEY_LEN_RANGE CKR_WRAPPING_KEY_HANDLE_INVALID
            CKR_WRAPPING_KEY_SIZE_RANGE CKR_WRAPPING_KEY_TYPE_INCONSISTENT CKR_UNWRAPPING_KEY_HANDLE_INVALID
            CKR_UNWRAPPING_KEY_SIZE_RANGE CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT CKR_PUBLIC_KEY_INVALID.
    "The module does not accept these calls in this order, or these arguments."
        ["The module reads the standard differently, or does not support a parameter of the mechanism."]
        ["Run the command again; if it fails again, use another algorithm.", REPORT]
        TokenGone: CKR_CRYPTOKI_NOT_INITIALIZED;
        TokenError: CKR_CRYPTOKI_ALREADY_INITIALIZED CKR_OPERATION_ACTIVE CKR_OPERATION_NOT_INITIALIZED
            CKR_ARGUMENTS_BAD CKR_BUFFER_TOO_SMALL CKR_MUTEX_BAD CKR_MUTEX_NOT_LOCKED CKR_OPERATION_CANCEL_FAILED
            CKR_OPERATION_NOT_VALIDATED.
    "The operation was refused or cancelled at the device."
        ["The cancel key of a PIN pad, a missing touch, or a policy or quorum of the HSM."]
        ["Do what the device asks for in time, or get the approval that the HSM's policy requires."]
        TokenError: CKR_FUNCTION_CANCELED CKR_CANCEL CKR_FUNCTION_REJECTED.
    "The one-time password device requires another step."
        ["Its code was used already, or it needs a new PIN."]
        ["Wait for the next code, or set the device up with the vendor's tool."]
        TokenError: CKR_NEW_PIN_MODE CKR_NEXT_OTP.
    "The token gave up generating a key."
        ["It found no suitable primes in time, or its random number generator fails."]
        ["Run the command again; if it fails again, the device may be broken."]
        TokenError: CKR_EXCEEDED_MAX_ITERATIONS.
    "The answer is not there yet."
        ["The module works asynchronously, which kmsctl never asks for."]
        [REPORT]
        TokenError: CKR_NO_EVENT CKR_PENDING.
}
