//! Initialising a token: label, SO PIN, user PIN.

use cryptoki_sys as ck;

use super::{
    error::{Error, unlock},
    login::UserType,
    module::{Module, ModuleError},
    raw::Library,
    slot::{PinState, TokenInfo},
};
use crate::{
    model::{Code, Coded, Diagnosis},
    secret::Pin,
    shell::kmsctl_without_pin,
};

/// Why a token was not initialised, or not completely.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error(transparent)]
    Module(ModuleError),
    /// Initialising would destroy every key on it.
    #[error("token {label:?} (serial {serial}, slot {slot}) is already initialised")]
    Exists { label: String, serial: String, slot: u64 },
    /// No slot holds an uninitialised token.
    #[error("{module} has no slot with a blank token")]
    NoFreeSlot { module: String },
    #[error("no token in slot {slot}")]
    NoSuchSlot { slot: u64 },
    #[error("{label:?} cannot be a token label: it must have 1 to 32 bytes")]
    Label { label: String },
    /// This token does not accept a PIN of this length. Checked first: nothing was changed.
    #[error("the {user} of this token must have {least} to {most} bytes")]
    PinLength { user: UserType, least: u64, most: u64 },
    /// `C_InitToken` failed, so the token should be unchanged.
    #[error("the token refused to be initialised")]
    Token(#[source] Error),
    /// The token has its label and SO PIN, but no user PIN.
    #[error("token {label:?} was initialised, but refused its user PIN")]
    UserPin {
        label: String,
        #[source]
        error: Error,
    },
}

impl Coded for InitError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Module(error) => error.diagnosis(),
            Self::Exists { .. } => Code::TokenExists
                .hint("initialising it again would destroy its keys; use another label or slot"),
            Self::NoFreeSlot { .. } | Self::NoSuchSlot { .. } => {
                let list = kmsctl_without_pin("token list");
                Code::TokenNotFound.hint(format!("`{list}` lists the tokens of the module"))
            }
            Self::Label { .. } => Code::Usage.into(),
            Self::PinLength { .. } => Code::PinInvalid.into(),
            Self::Token(error) => match error.diagnosis().code {
                Code::PinIncorrect => Code::PinIncorrect
                    .hint("give the SO PIN that the token has from its vendor or an earlier initialisation"),
                _ => error.diagnosis(),
            },
            Self::UserPin { .. } => {
                Code::PinNotSet.hint(format!("finish it with the same command and PINs, or: {}", unlock()))
            }
        }
    }
}

impl InitError {
    /// Whether the token is certainly unchanged.
    pub const fn changed_nothing(&self) -> bool {
        !matches!(self, Self::Token(_) | Self::UserPin { .. })
    }
}

/// Initialises the token in `slot`, or the first uninitialised token. Never reinitialises a token: that would destroy
/// its keys. If a token with this label has no user PIN, because an earlier initialisation was interrupted, only the
/// user PIN is set.
pub fn init_token(
    module: &Module,
    slot: Option<u64>,
    label: &str,
    so_pin: &Pin,
    user_pin: &Pin,
) -> Result<TokenInfo, InitError> {
    let padded = padded_label(label)?;
    let mut library = module.load().map_err(InitError::Module)?;
    module.initialize(&mut library).map_err(InitError::Module)?;
    let blank = blank_token(module, &library, slot, label)?;
    for (user, pin) in [(UserType::SecurityOfficer, so_pin), (UserType::User, user_pin)] {
        check_length(&blank, user, pin)?;
    }
    let slot = blank.slot;
    if !blank.is_initialized() {
        library.init_token(slot, so_pin.expose(), &padded).map_err(InitError::Token)?;
    }
    set_first_pin(&library, slot, so_pin, user_pin)
        .map_err(|error| InitError::UserPin { label: label.to_owned(), error })?;
    // SoftHSM assigns the permanent slot number at the next `C_Initialize`.
    library.finalize();
    module.initialize(&mut library).map_err(InitError::Module)?;
    let tokens = module.tokens(&library).map_err(InitError::Module)?;
    let made = tokens.into_iter().find(|token| token.is_initialized() && token.label == label);
    made.ok_or(InitError::Token(Error::new("C_InitToken", ck::CKR_TOKEN_NOT_PRESENT)))
}

/// The label as in `CK_TOKEN_INFO`: 32 bytes, padded with blanks.
fn padded_label(label: &str) -> Result<[u8; 32], InitError> {
    let mut padded = [b' '; 32];
    let bytes = label.as_bytes();
    match padded.get_mut(..bytes.len()) {
        Some(place) if !bytes.is_empty() => place.copy_from_slice(bytes),
        _ => return Err(InitError::Label { label: label.to_owned() }),
    }
    Ok(padded)
}

/// The token to initialise, or whose initialisation to complete.
fn blank_token(
    module: &Module,
    library: &Library,
    asked: Option<u64>,
    label: &str,
) -> Result<TokenInfo, InitError> {
    let mut tokens = module.tokens(library).map_err(InitError::Module)?;
    let exists = |token: &TokenInfo| InitError::Exists {
        label: token.label.clone(),
        serial: token.serial.clone(),
        slot: token.slot,
    };
    let mut namesakes = tokens.iter().filter(|token| token.is_initialized() && token.label == label);
    if let Some(namesake) = namesakes.next() {
        let is_half = !namesake.user_pin_is_set() && namesake.so_pin() == PinState::Fine;
        let is_meant = asked.is_none_or(|slot| slot == namesake.slot) && namesakes.next().is_none();
        return if is_half && is_meant { Ok(namesake.clone()) } else { Err(exists(namesake)) };
    }
    let (place, none) = match asked {
        Some(slot) => (tokens.iter().position(|token| token.slot == slot), InitError::NoSuchSlot { slot }),
        None => (
            tokens.iter().position(|token| !token.is_initialized()),
            InitError::NoFreeSlot { module: module.to_string() },
        ),
    };
    let token = place.map(|place| tokens.swap_remove(place)).ok_or(none)?;
    if token.is_initialized() { Err(exists(&token)) } else { Ok(token) }
}

/// A token that states no limits is left to check the PIN itself.
fn check_length(token: &TokenInfo, user: UserType, pin: &Pin) -> Result<(), InitError> {
    let length = pin.expose().len() as u64;
    match token.pin_length {
        Some((least, most)) if !(least..=most).contains(&length) => {
            Err(InitError::PinLength { user, least, most })
        }
        _ => Ok(()),
    }
}

fn set_first_pin(library: &Library, slot: u64, so_pin: &Pin, user_pin: &Pin) -> Result<(), Error> {
    let session = library.open_session(slot, true)?;
    let set = library
        .login(session, UserType::SecurityOfficer.user_type(), Some(so_pin.expose()))
        .and_then(|()| library.init_pin(session, user_pin.expose()));
    let closed = library.close_session(session);
    set.and(closed)
}
