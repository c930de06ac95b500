//! Loads a module and finds the token that the user chose.

use std::{
    collections::HashSet,
    ffi::{CString, NulError},
    fmt,
    path::{Path, PathBuf},
};

use super::{
    choice::{NO_ANSWER, TokenChoiceError},
    embedded::Tries,
    error::Error,
    facts::Facts,
    key_attributes::KeyAttributes,
    raw::{Library, LoadError},
    slot::{TokenChoice, TokenInfo, library_matches, slot_matches},
};
use crate::model::{Code, Coded, Diagnosis, Uri};

/// A PKCS#11 module to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Module {
    /// The token linked into the program; `arguments` names its store, see [`super::embedded`].
    Embedded { arguments: CString, tries: Option<Tries> },
    /// A shared library; `arguments` is the string that some modules need at `C_Initialize` (NSS).
    File { path: PathBuf, arguments: Option<String>, known: Known },
}

/// What the profile says about a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub facts: Facts,
    pub attributes: KeyAttributes,
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { .. } => f.write_str("the embedded token"),
            Self::File { path, .. } => write!(f, "{}", path.display()),
        }
    }
}

/// Why a module cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    #[error("there is no module {}", path.display())]
    Missing { path: PathBuf },
    #[error("cannot load module {}: {reason}", path.display())]
    NotLoadable { path: PathBuf, reason: String },
    #[error("{} is not a PKCS#11 module: it has no C_GetFunctionList", path.display())]
    NotPkcs11 { path: PathBuf },
    /// Its entry point failed.
    #[error("module {} returns no function list", path.display())]
    NoFunctions {
        path: PathBuf,
        #[source]
        error: Error,
    },
    #[error("the embedded token is built into kmsctl; there is no module file for other programs")]
    NoFile,
    #[error("the module arguments contain a NUL byte")]
    Arguments(#[source] NulError),
    #[error("module {module} cannot be initialised")]
    Initialize {
        module: String,
        #[source]
        error: Error,
    },
    /// A call about slots failed.
    #[error("module {module} does not list its slots")]
    Slots {
        module: String,
        #[source]
        error: Error,
    },
}

impl Coded for ModuleError {
    fn diagnosis(&self) -> Diagnosis {
        match self {
            Self::Missing { .. } => Code::ModuleNotFound.hint(
                "`--module` takes the path of a PKCS#11 library; `kmsctl token list --all-modules` lists those installed",
            ),
            Self::NotLoadable { .. } | Self::NotPkcs11 { .. } => Code::ModuleUnusable.hint(
                "`--module` takes the full path of a PKCS#11 library built for this machine; \
                 `kmsctl token list --all-modules` lists those installed",
            ),
            Self::NoFile => Code::TokenIncapable.hint(
                "other programs can call `kmsctl sign`, with the public key from `key show --pem` or `--ssh`; \
                 programs that load PKCS#11 modules need a key on a module's token (`--module`)",
            ),
            Self::NoFunctions { .. } => {
                Code::ModuleUnusable.hint("check the module's own configuration and log")
            }
            Self::Arguments(_) => Code::Usage.into(),
            Self::Initialize { .. } => Code::ModuleUnusable.hint(
                "check the module's own configuration, and that what it talks to is running (a daemon, the network); \
                 some modules need `--module-args`",
            ),
            Self::Slots { error, .. } => match error.diagnosis() {
                Diagnosis { code: Code::TokenError, hint: None } => Code::TokenError.hint(NO_ANSWER),
                diagnosis => diagnosis,
            },
        }
    }
}

impl Module {
    /// What the profile says about this token. Facts about another one are left out.
    pub(super) fn known(&self, token: &TokenInfo) -> Known {
        match self {
            Self::Embedded { .. } => Known::default(),
            Self::File { known, .. } if known.facts.are_of(&token.serial) => known.clone(),
            Self::File { known, .. } => {
                Known { facts: Facts::default(), attributes: known.attributes.clone() }
            }
        }
    }

    /// The token that the facts of the profile are about, if it is still in its slot and the one that is wanted by name or slot.
    /// This saves listing the slots, and asking each for its token.
    fn known_token(&self, library: &Library, choice: &TokenChoice) -> Option<TokenInfo> {
        let Self::File { known, .. } = self else { return None };
        // Without a name it must be the only token; a URI can say more than facts do.
        let is_named = matches!(choice, TokenChoice::Named(_) | TokenChoice::Slot(_));
        let slot = known.facts.slot().filter(|_| is_named)?;
        let token = TokenInfo::new(slot, &library.token_info(slot).ok()?);
        (known.facts.are_of(&token.serial) && token.is_chosen_by(choice)).then_some(token)
    }

    pub(super) fn load(&self) -> Result<Library, ModuleError> {
        match self {
            Self::Embedded { tries, .. } => Library::embedded(tries.clone())
                .ok_or_else(|| ModuleError::NotPkcs11 { path: PathBuf::from("embedded") }),
            Self::File { path, .. } => load_file(path),
        }
    }

    /// The `pReserved` argument of `C_Initialize`.
    fn reserved(&self) -> Result<Option<CString>, ModuleError> {
        match self {
            Self::Embedded { arguments, .. } => Ok(Some(arguments.clone())),
            Self::File { arguments, .. } => {
                arguments.clone().map(CString::new).transpose().map_err(ModuleError::Arguments)
            }
        }
    }

    pub(super) fn initialize(&self, library: &mut Library) -> Result<(), ModuleError> {
        let reserved = self.reserved()?;
        library
            .initialize(reserved.as_deref())
            .map_err(|error| ModuleError::Initialize { module: self.to_string(), error })
    }

    /// The tokens in the module's slots. Slots whose token information cannot be read are skipped (an empty reader, a
    /// half-written SoftHSM token).
    pub(super) fn tokens(&self, library: &Library) -> Result<Vec<TokenInfo>, ModuleError> {
        let mut slots =
            library.slots().map_err(|error| ModuleError::Slots { module: self.to_string(), error })?;
        // Some modules list a slot twice, which would make its token ambiguous.
        let mut seen = HashSet::new();
        slots.retain(|slot| seen.insert(*slot));
        let info = |slot| library.token_info(slot).ok().map(|info| TokenInfo::new(slot, &info));
        Ok(slots.into_iter().filter_map(info).collect())
    }
}

fn load_file(path: &Path) -> Result<Library, ModuleError> {
    // A bare file name is left to the dynamic linker, as in other PKCS#11 programs.
    if path.components().count() > 1 && !path.exists() {
        return Err(ModuleError::Missing { path: path.to_owned() });
    }
    Library::load(path).map_err(|error| match error {
        LoadError::File(error) => {
            ModuleError::NotLoadable { path: path.to_owned(), reason: error.to_string() }
        }
        LoadError::NoEntry => ModuleError::NotPkcs11 { path: path.to_owned() },
        LoadError::Entry(error) => ModuleError::NoFunctions { path: path.to_owned(), error },
    })
}

impl Module {
    /// The one token that matches the choice, or an error that lists the candidates.
    pub(super) fn choose(&self, library: &Library, choice: &TokenChoice) -> anyhow::Result<TokenInfo> {
        if let Some(token) = self.known_token(library, choice) {
            return Ok(token);
        }
        let present = self.tokens(library)?;
        let mut fitting = Vec::new();
        for token in present.iter().filter(|token| token.is_chosen_by(choice)) {
            let is_there = match choice {
                TokenChoice::Uri(uri) => is_described(library, uri, token.slot)
                    .map_err(|error| ModuleError::Slots { module: self.to_string(), error })?,
                _ => true,
            };
            fitting.extend(is_there.then(|| token.clone()));
        }
        match fitting.len() {
            1 => Ok(fitting.remove(0)),
            _ => Err(TokenChoiceError { choice: choice.clone(), fitting, present }.into()),
        }
    }
}

/// Whether the library and slot attributes of a URI match. Only calls what the URI requires.
pub(super) fn is_described(library: &Library, uri: &Uri, slot: u64) -> Result<bool, Error> {
    Ok((!uri.describes_library() || library_matches(uri, &library.info()?))
        && (!uri.describes_slot() || slot_matches(uri, &library.slot_info(slot)?)))
}
