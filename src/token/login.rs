//! One login, and its errors.

use std::fmt;

use cryptoki_sys as ck;

use super::{
    error::{Error, unlock},
    raw::Library,
    slot::{PinState, TokenInfo},
};
use crate::{
    model::{Code, Coded, Diagnosis},
    secret::Pin,
    shell::kmsctl_without_pin,
};

/// Who logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    User,
    SecurityOfficer,
}

impl UserType {
    pub(super) const fn user_type(self) -> ck::CK_USER_TYPE {
        match self {
            Self::User => ck::CKU_USER,
            Self::SecurityOfficer => ck::CKU_SO,
        }
    }

    pub(super) fn pin_state(self, token: &TokenInfo) -> PinState {
        match self {
            Self::User => token.user_pin(),
            Self::SecurityOfficer => token.so_pin(),
        }
    }
}

impl fmt::Display for UserType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user PIN",
            Self::SecurityOfficer => "SO PIN",
        })
    }
}

/// Why a login failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The token rejected the PIN. `state` is the PIN's state afterwards by the token's flags, `origin` is where the
    /// PIN came from.
    #[error("{}", rejected(*user, token, *state, *error, origin))]
    Rejected {
        user: UserType,
        token: String,
        state: PinState,
        #[source]
        error: Error,
        origin: String,
    },
    /// One try is left and the PIN was not typed in this run.
    #[error("one try is left for the {user} of token {token:?}; it is not spent on a stored PIN")]
    FinalTry { user: UserType, token: String },
    /// By the token's flags, before any attempt.
    #[error("the {user} of token {token:?} is locked")]
    Locked { user: UserType, token: String },
    /// No user PIN was ever set.
    #[error("token {token:?} has no user PIN yet")]
    NotSet {
        token: String,
        #[source]
        error: Error,
    },
}

fn rejected(user: UserType, token: &str, state: PinState, error: Error, origin: &str) -> String {
    let refused = match error.rv() {
        ck::CKR_PIN_INVALID => format!("token {token:?} does not accept the characters of this {user}"),
        ck::CKR_PIN_LEN_RANGE => format!("token {token:?} does not accept a {user} of this length"),
        ck::CKR_PIN_EXPIRED => format!("the {user} of token {token:?} has expired"),
        ck::CKR_PIN_LOCKED => return format!("the {user} of token {token:?} is locked"),
        ck::CKR_PIN_INCORRECT => format!("wrong {user} for token {token:?}"),
        // Not retried: if this attempt was counted, another could lock the PIN.
        _ => format!("login to token {token:?} failed and is not repeated"),
    };
    let from = if origin.is_empty() { String::new() } else { format!(", from {origin}") };
    let left = match state {
        PinState::Fine => "",
        PinState::CountLow => "; the token locks the PIN after too many wrong tries",
        PinState::FinalTry => "; one try is left",
        PinState::Locked => "; the PIN is now locked",
    };
    format!("{refused}{from}{left}")
}

impl Coded for LoginError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Rejected { user: UserType::User, state: PinState::Locked, .. }
            | Self::Locked { user: UserType::User, .. } => Code::PinLocked.hint(unlock()),
            Self::Rejected { state: PinState::Locked, .. } | Self::Locked { .. } => Code::PinLocked
                .hint("PKCS#11 cannot unlock an SO PIN; see the documentation of the token's vendor"),
            Self::Rejected { error, .. } => error.diagnosis().code.hint(format!(
                "it was tried once; `{}` shows the state of the PIN",
                kmsctl_without_pin("token show")
            )),
            Self::FinalTry { .. } => Code::PinFinalTry
                .hint("type the PIN at the prompt, or risk locking the token with `--use-final-try`"),
            Self::NotSet { .. } => Code::PinNotSet.hint(unlock()),
        }
    }
}

/// A PIN for one login, and whether it was typed for this run.
#[derive(Debug, Clone)]
pub struct LoginPin {
    /// `None` if the PIN is entered on the token's key pad.
    pub pin: Option<Pin>,
    pub from_person: bool,
    /// Where the PIN came from, for errors; may be empty.
    pub source: String,
}

/// Return values about the PIN: after any of them it is not tried again.
pub(super) const PIN_REFUSED: &[ck::CK_RV] = &[
    ck::CKR_PIN_INCORRECT,
    ck::CKR_PIN_INVALID,
    ck::CKR_PIN_LEN_RANGE,
    ck::CKR_PIN_LOCKED,
    ck::CKR_PIN_EXPIRED,
];

/// One `C_Login`. A rejected PIN gives a `LoginError`, any other failure a plain `Error`.
pub(super) fn log_in(
    library: &Library,
    session: ck::CK_SESSION_HANDLE,
    token: &TokenInfo,
    user: UserType,
    given: &LoginPin,
) -> anyhow::Result<()> {
    const NO_LOGIN: &[ck::CK_RV] = &[ck::CKR_USER_TYPE_INVALID, ck::CKR_FUNCTION_NOT_SUPPORTED];
    match library.login(session, user.user_type(), given.pin.as_ref().map(Pin::expose)) {
        Err(error) if error.is(ck::CKR_USER_ALREADY_LOGGED_IN) => Ok(()),
        // p11-kit's trust module has no users and returns this for a PIN that is meant for other tokens.
        Err(error) if !token.login_required() && error.is_any(NO_LOGIN) => Ok(()),
        Err(error) if error.is_any(PIN_REFUSED) => {
            let after = library.token_info(token.slot).map(|info| TokenInfo::new(token.slot, &info));
            let state = match after {
                _ if error.is(ck::CKR_PIN_LOCKED) => PinState::Locked,
                Ok(after) => user.pin_state(&after),
                Err(_) => PinState::Fine,
            };
            let (token, origin) = (token.label.clone(), given.source.clone());
            Err(LoginError::Rejected { user, token, state, error, origin }.into())
        }
        // Only if the flag agrees: SoftHSM also returns this while another login rewrites its file.
        Err(error) if error.is(ck::CKR_USER_PIN_NOT_INITIALIZED) && !token.user_pin_is_set() => {
            Err(LoginError::NotSet { token: token.label.clone(), error }.into())
        }
        other => Ok(other?),
    }
}
