//! From a module's name to a session that is logged in, with one login attempt and patience for start-up races.

use std::{fmt, sync::Arc};

use cryptoki_sys as ck;

use super::{
    choice::TokenChoiceError,
    error::{Error, unlock},
    module::{Module, ModuleError},
    patience::pause,
    raw::Library,
    session::Session,
    slot::{PinState, TokenChoice, TokenInfo},
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

    fn pin_state(self, token: &TokenInfo) -> PinState {
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
    /// The token refused the PIN. `state` is what its flags say afterwards, `origin` names where the PIN came from.
    #[error("{}", rejected(*user, token, *state, *error, origin))]
    Rejected {
        user: UserType,
        token: String,
        state: PinState,
        #[source]
        error: Error,
        origin: String,
    },
    /// One try is left and the PIN does not come from a person.
    #[error("one try is left for the {user} of token {token:?}; it is not spent on a stored PIN")]
    FinalTry { user: UserType, token: String },
    /// The token says so before any attempt.
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
        // A second try could lock the PIN, should this one have been counted.
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

/// A PIN for one login, and whether somebody typed it for this run.
#[derive(Debug, Clone)]
pub struct LoginPin {
    /// `None` where the token has a key pad of its own.
    pub pin: Option<Pin>,
    pub from_person: bool,
    /// Where it came from, for the error of a token that refuses it; empty where that says nothing.
    pub source: String,
}

/// How to log in. The PIN is asked for once, when the token is known and only if it is needed.
pub struct Login<'a> {
    pub user: UserType,
    pub use_final_try: bool,
    /// `None`: the token needs no login and nobody gave a PIN.
    pub pin: &'a mut dyn FnMut(&TokenInfo) -> anyhow::Result<Option<LoginPin>>,
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What a run wants of its first session.
#[derive(Debug)]
pub struct Access<'a> {
    pub read_write: bool,
    pub login: Option<Login<'a>>,
}

/// Every token that a module shows, initialised or not.
pub fn list_tokens(module: &Module) -> Result<Vec<TokenInfo>, ModuleError> {
    let mut library = module.load()?;
    module.initialize(&mut library)?;
    module.tokens(&library)
}

/// Opens the session of this run.
///
/// Modules that keep their state in files answer wrongly while another process logs in: SoftHSM 2.6.1 rewrites
/// `token.object` at each login, and a reader finds no token, or gets `CKR_GENERAL_ERROR` or
/// `CKR_USER_PIN_NOT_INITIALIZED`; NSS fails at `C_Initialize`. All of that comes before any key is used, so the whole
/// start is tried again after a short wait. A refused PIN is never tried again, nor is one whose login ended in another
/// error while the token counts a wrong try.
pub fn connect(module: &Module, choice: &TokenChoice, mut access: Access<'_>) -> anyhow::Result<Session> {
    let mut library = module.load()?;
    let mut patience = Patience::new();
    let mut pin = None;
    let mut unanswered = None;
    loop {
        match start(module, choice, &mut library, &mut access, &mut pin, unanswered) {
            Ok((token, handle)) => {
                let session = Session::new(Arc::new(library), handle, token, access.read_write);
                if pin.is_some() {
                    session.note_login();
                }
                return Ok(session);
            }
            Err(error) if patience.allows(&error) => {
                let of_login = |error: &&Error| error.function() == "C_Login";
                unanswered = error.downcast_ref().filter(of_login).copied().or(unanswered);
                library.finalize();
                patience.wait();
            }
            Err(error) => return Err(error),
        }
    }
}

/// `unanswered` is the error of an earlier login that was neither taken nor refused.
fn start(
    module: &Module,
    choice: &TokenChoice,
    library: &mut Library,
    access: &mut Access<'_>,
    pin: &mut Option<LoginPin>,
    unanswered: Option<Error>,
) -> anyhow::Result<(TokenInfo, ck::CK_SESSION_HANDLE)> {
    module.initialize(library)?;
    let token = module.choose(library, choice)?;
    if let Some(login) = &mut access.login {
        check_pin_state(&token, login.user)?;
        if let (Some(error), state) = (unanswered, login.user.pin_state(&token))
            && state != PinState::Fine
        {
            let origin = pin.as_ref().map(|pin| pin.source.clone()).unwrap_or_default();
            let user = login.user;
            return Err(LoginError::Rejected { user, token: token.label, state, error, origin }.into());
        }
        if pin.is_none() {
            *pin = (login.pin)(&token)?;
        }
    }
    let handle = library.open_session(token.slot, access.read_write).map_err(|error| {
        if error.is(ck::CKR_TOKEN_WRITE_PROTECTED) {
            anyhow::Error::new(error).context(format!("token {:?} is write-protected", token.label))
        } else {
            error.into()
        }
    })?;
    if let (Some(login), Some(pin)) = (&access.login, pin) {
        check_final_try(&token, login.user, pin, login.use_final_try)?;
        log_in(library, handle, &token, login.user, pin)?;
    }
    Ok((token, handle))
}

impl Session {
    /// Before anybody is asked for a PIN: whether the token takes one at all.
    pub fn check_pin_state(&self, user: UserType) -> Result<(), LoginError> {
        check_pin_state(self.token(), user)
    }

    /// Logs in within a session that began without. False: the login of another process came in between (see
    /// [`connect`]), which only a new start heals.
    pub fn log_in_late(&self, user: UserType, pin: &LoginPin, use_final_try: bool) -> anyhow::Result<bool> {
        check_pin_state(self.token(), user)?;
        check_final_try(self.token(), user, pin, use_final_try)?;
        match self.log_in_with(user, pin) {
            Ok(()) => Ok(true),
            Err(error) if most_tries(&error) > 0 => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn check_final_try(
    token: &TokenInfo,
    user: UserType,
    pin: &LoginPin,
    use_final_try: bool,
) -> Result<(), LoginError> {
    if user.pin_state(token) == PinState::FinalTry && !pin.from_person && !use_final_try {
        return Err(LoginError::FinalTry { user, token: token.label.clone() });
    }
    Ok(())
}

fn check_pin_state(token: &TokenInfo, user: UserType) -> Result<(), LoginError> {
    match user.pin_state(token) {
        PinState::Locked => Err(LoginError::Locked { user, token: token.label.clone() }),
        _ => Ok(()),
    }
}

/// One `C_Login`. A PIN that is refused for any reason is a `LoginError`; everything else stays a plain `Error`.
pub(super) fn log_in(
    library: &Library,
    session: ck::CK_SESSION_HANDLE,
    token: &TokenInfo,
    user: UserType,
    given: &LoginPin,
) -> anyhow::Result<()> {
    const REFUSED: &[ck::CK_RV] = &[
        ck::CKR_PIN_INCORRECT,
        ck::CKR_PIN_INVALID,
        ck::CKR_PIN_LEN_RANGE,
        ck::CKR_PIN_LOCKED,
        ck::CKR_PIN_EXPIRED,
    ];
    const NOBODY: &[ck::CK_RV] = &[ck::CKR_USER_TYPE_INVALID, ck::CKR_FUNCTION_NOT_SUPPORTED];
    match library.login(session, user.user_type(), given.pin.as_ref().map(Pin::expose)) {
        Err(error) if error.is(ck::CKR_USER_ALREADY_LOGGED_IN) => Ok(()),
        // p11-kit's trust module has nobody to log in, and says so to a PIN that was given for other tokens.
        Err(error) if !token.login_required() && error.is_any(NOBODY) => Ok(()),
        Err(error) if error.is_any(REFUSED) => {
            let after = library.token_info(token.slot).map(|info| TokenInfo::new(token.slot, &info));
            let state = match after {
                _ if error.is(ck::CKR_PIN_LOCKED) => PinState::Locked,
                Ok(after) => user.pin_state(&after),
                Err(_) => PinState::Fine,
            };
            let (token, origin) = (token.label.clone(), given.source.clone());
            Err(LoginError::Rejected { user, token, state, error, origin }.into())
        }
        // Without the flag it is so; with it, SoftHSM was read while another login rewrote its file.
        Err(error) if error.is(ck::CKR_USER_PIN_NOT_INITIALIZED) && !token.user_pin_is_set() => {
            Err(LoginError::NotSet { token: token.label.clone(), error }.into())
        }
        other => Ok(other?),
    }
}

/// Whether the token was lost in the middle of something. A login that was refused is never the reason for another one.
pub fn is_lost(error: &anyhow::Error) -> bool {
    error.downcast_ref::<LoginError>().is_none()
        && error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).any(Error::is_lost_connection)
}

/// How long a start is tried again. Bounded by tries, not by a clock, so that a run behaves the same on a slow machine.
struct Patience {
    tries: u32,
}

impl Patience {
    /// With waits of 20 to 70 ms: about two seconds for what is surely a race.
    const RACE: u32 = 45;
    /// NSS heals at once; a TPM that is not there never does, and is slow to say so.
    const INITIALIZE: u32 = 5;
    /// A token that was taken out, or a network HSM that was restarted, between two calls.
    const LOST: u32 = 5;
    /// About half a second for what is most often a typing error in the token's name, or a token yet to be made, but
    /// with twenty processes logging in at once it is the race: four tries were seen not to be enough.
    const ABSENT: u32 = 12;

    const fn new() -> Self {
        Self { tries: 0 }
    }

    fn allows(&self, error: &anyhow::Error) -> bool {
        self.tries < most_tries(error)
    }

    fn wait(&mut self) {
        self.tries += 1;
        pause(self.tries);
    }
}

/// How often an error is worth a new start.
fn most_tries(error: &anyhow::Error) -> u32 {
    const BUSY: &[ck::CK_RV] = &[
        ck::CKR_GENERAL_ERROR,
        ck::CKR_FUNCTION_FAILED,
        ck::CKR_DEVICE_ERROR,
        ck::CKR_USER_PIN_NOT_INITIALIZED,
    ];
    let busy = |error: &Error| error.is_any(BUSY);
    if let Some(choice) = error.downcast_ref::<TokenChoiceError>() {
        let some_token_is_there = choice.present.iter().any(TokenInfo::is_initialized);
        return match (choice.fitting.is_empty(), some_token_is_there) {
            (false, _) => 0,
            (true, true) => Patience::ABSENT,
            (true, false) if choice.choice == TokenChoice::Only => Patience::ABSENT,
            (true, false) => Patience::RACE,
        };
    }
    match error.downcast_ref::<ModuleError>() {
        Some(ModuleError::Initialize { error, .. }) if busy(error) => return Patience::INITIALIZE,
        Some(ModuleError::Slots { error, .. }) if busy(error) => return Patience::RACE,
        Some(_) => return 0,
        None => {}
    }
    match (error.downcast_ref::<LoginError>(), error.downcast_ref::<Error>()) {
        (Some(LoginError::NotSet { .. }), _) => Patience::ABSENT,
        (_, Some(error)) if busy(error) => Patience::RACE,
        (_, Some(error)) if error.is_lost_connection() => Patience::LOST,
        _ => 0,
    }
}
