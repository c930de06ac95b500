//! Opens a logged-in session on a module's token: a single login attempt, and retries for start-up races.

use std::{fmt, sync::Arc};

use cryptoki_sys as ck;

use super::{
    choice::TokenChoiceError,
    error::Error,
    facts::Fact,
    login::{LoginError, LoginPin, UserType, log_in},
    module::{Module, ModuleError},
    raw::Library,
    session::Session,
    slot::{PinState, TokenChoice, TokenInfo},
};
use crate::retry::{Policy, Retry};

/// How to log in. The PIN is requested once, after the token was found and only if it is needed.
pub struct Login<'a> {
    pub user: UserType,
    pub use_final_try: bool,
    /// Returns `None` if the token needs no login and no PIN was given.
    pub pin: &'a mut dyn FnMut(&TokenInfo) -> anyhow::Result<Option<LoginPin>>,
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What the first session of a run needs.
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

/// Opens the first session of this run.
///
/// Modules that keep their state in files give wrong answers while another process logs in: SoftHSM 2.6.1 rewrites
/// `token.object` at each login, and a reader finds no token, or gets `CKR_GENERAL_ERROR` or
/// `CKR_USER_PIN_NOT_INITIALIZED`; NSS fails in `C_Initialize`. All of this happens before any key is used, so the
/// whole start is retried after a short pause. A rejected PIN is never retried; nor is a login that failed for another
/// reason while the token reports a wrong attempt.
pub fn connect(module: &Module, choice: &TokenChoice, mut access: Access<'_>) -> anyhow::Result<Session> {
    let mut library = module.load()?;
    let mut retry = Retry::new(Policy::RACE);
    let max_retries = |error: &_| module.max_retries(error);
    let mut pin = None;
    let mut unanswered = None;
    loop {
        match start(module, choice, &mut library, &mut access, &mut pin, unanswered) {
            Ok((token, (handle, read_write))) => {
                let known = module.known(&token);
                let session = Session::new(Arc::new(library), handle, (token, known), read_write);
                if pin.is_some() {
                    session.note_login();
                }
                return Ok(session);
            }
            Err(error) if retry.count() < max_retries(&error) => {
                let of_login = |error: &&Error| error.function() == "C_Login";
                unanswered = error.downcast_ref().filter(of_login).copied().or(unanswered);
                library.finalize();
                retry.again(max_retries(&error));
            }
            Err(error) => return Err(error),
        }
    }
}

/// `unanswered` is the error of an earlier login attempt that neither succeeded nor was rejected.
fn start(
    module: &Module,
    choice: &TokenChoice,
    library: &mut Library,
    access: &mut Access<'_>,
    pin: &mut Option<LoginPin>,
    unanswered: Option<Error>,
) -> anyhow::Result<(TokenInfo, (ck::CK_SESSION_HANDLE, bool))> {
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
    let read_write = access.read_write || module.known(&token).facts.is(Fact::ReadWriteSessions);
    let (handle, read_write) = open_session(library, token.slot, read_write).map_err(|error| {
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
    Ok((token, (handle, read_write)))
}

/// Opens a session, and returns whether it is a read-write one: some network HSMs open no others.
fn open_session(
    library: &Library,
    slot: ck::CK_SLOT_ID,
    read_write: bool,
) -> Result<(ck::CK_SESSION_HANDLE, bool), Error> {
    let opened = library.open_session(slot, read_write);
    match opened {
        Err(error) if !read_write && error.refuses_session() => {
            // If it opens none at all, the first error is more helpful.
            library.open_session(slot, true).map(|handle| (handle, true)).map_err(|_| error)
        }
        opened => opened.map(|handle| (handle, read_write)),
    }
}

impl Session {
    /// Fails if the PIN is locked. Called before the user is asked for one.
    pub fn check_pin_state(&self, user: UserType) -> Result<(), LoginError> {
        check_pin_state(self.token(), user)
    }

    /// Logs in to a session that was opened without a login. Returns false if the login of another process interfered
    /// (see [`connect`]); the caller must then connect again.
    pub fn log_in_late(&self, user: UserType, pin: &LoginPin, use_final_try: bool) -> anyhow::Result<bool> {
        check_pin_state(self.token(), user)?;
        check_final_try(self.token(), user, pin, use_final_try)?;
        match self.log_in_with(user, pin) {
            Ok(()) => Ok(true),
            Err(error) if max_retries(&error) > 0 => Ok(false),
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

/// Whether the connection to the token was lost. Never true for a failed login, so a rejected PIN is not sent again.
pub fn is_lost(error: &anyhow::Error) -> bool {
    error.downcast_ref::<LoginError>().is_none()
        && error.chain().filter_map(|cause| cause.downcast_ref::<Error>()).any(Error::is_lost_connection)
}

/// For errors that can only be a race with other processes: about two seconds.
const RETRIES_IN_RACE: u32 = 45;
/// NSS recovers at once; a missing TPM never does, and is slow to report it.
const RETRIES_OF_INITIALIZE: u32 = 5;
/// A token was removed, or a network HSM restarted, between two calls.
const RETRIES_OF_LOST: u32 = 5;
/// About half a second: usually the token's name is misspelt or the token does not exist yet, but with twenty processes
/// logging in at once it is a race, for which four attempts were too few.
const RETRIES_OF_ABSENT: u32 = 12;

impl Module {
    /// How many retries an error is worth. A lock guards the store of the embedded token: no token is missing from it for a
    /// moment.
    fn max_retries(&self, error: &anyhow::Error) -> u32 {
        let is_lasting = matches!(self, Self::Embedded { .. }) && error.is::<TokenChoiceError>();
        if is_lasting { 0 } else { max_retries(error) }
    }
}

fn max_retries(error: &anyhow::Error) -> u32 {
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
            (true, true) => RETRIES_OF_ABSENT,
            (true, false) if choice.choice == TokenChoice::Only => RETRIES_OF_ABSENT,
            (true, false) => RETRIES_IN_RACE,
        };
    }
    match error.downcast_ref::<ModuleError>() {
        Some(ModuleError::Initialize { error, .. }) if busy(error) => return RETRIES_OF_INITIALIZE,
        Some(ModuleError::Slots { error, .. }) if busy(error) => return RETRIES_IN_RACE,
        Some(_) => return 0,
        None => {}
    }
    match (error.downcast_ref::<LoginError>(), error.downcast_ref::<Error>()) {
        (Some(LoginError::NotSet { .. }), _) => RETRIES_OF_ABSENT,
        (_, Some(error)) if busy(error) => RETRIES_IN_RACE,
        (_, Some(error)) if error.is_lost_connection() => RETRIES_OF_LOST,
        _ => 0,
    }
}
