//! Loading a module and finding the one token that is meant.

use std::{
    collections::HashSet,
    ffi::{CString, NulError},
    fmt,
    path::{Path, PathBuf},
};

use super::{
    embedded::Tries,
    error::Error,
    raw::{Library, LoadError},
    slot::{TokenChoice, TokenInfo, library_matches, slot_matches},
};
use crate::model::Uri;

/// Which code to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Module {
    /// The token that is linked into the program; `arguments` names its store, see [`super::embedded`].
    Embedded { arguments: CString, tries: Option<Tries> },
    /// A shared library; `arguments` is the string that some modules want at `C_Initialize` (NSS).
    File { path: PathBuf, arguments: Option<String> },
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded { .. } => f.write_str("the embedded token"),
            Self::File { path, .. } => write!(f, "{}", path.display()),
        }
    }
}

/// Why a module cannot be talked to.
#[derive(Debug)]
pub enum ModuleError {
    Missing {
        path: PathBuf,
    },
    NotLoadable {
        path: PathBuf,
        reason: String,
    },
    NotPkcs11 {
        path: PathBuf,
    },
    /// Its entry point failed.
    NoFunctions {
        path: PathBuf,
        error: Error,
    },
    /// The embedded token is no file that another program could load.
    NoFile,
    Arguments(NulError),
    Initialize {
        module: String,
        error: Error,
    },
    /// A call that asks about slots failed.
    Slots {
        module: String,
        error: Error,
    },
}

impl fmt::Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "no module file {}", path.display()),
            Self::NotLoadable { path, reason } => {
                write!(f, "cannot load module {}: {reason}", path.display())
            }
            Self::NotPkcs11 { path } => {
                write!(f, "{} is no PKCS#11 module: it has no C_GetFunctionList", path.display())
            }
            Self::NoFunctions { path, .. } => write!(f, "module {} gives no functions", path.display()),
            Self::NoFile => f.write_str(
                "the embedded token is part of kmsctl: there is no module file for other programs",
            ),
            Self::Arguments(_) => f.write_str("the module's argument string holds a NUL"),
            Self::Initialize { module, .. } => write!(f, "module {module} cannot be initialised"),
            Self::Slots { module, .. } => write!(f, "module {module} does not list its slots"),
        }
    }
}

impl std::error::Error for ModuleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoFunctions { error, .. } | Self::Initialize { error, .. } | Self::Slots { error, .. } => {
                Some(error)
            }
            Self::Arguments(error) => Some(error),
            Self::Missing { .. } | Self::NotLoadable { .. } | Self::NotPkcs11 { .. } | Self::NoFile => None,
        }
    }
}

/// No token, or more than one, fits what the user named.
#[derive(Debug)]
pub struct TokenChoiceError {
    pub choice: TokenChoice,
    /// The tokens that fit, when there are several.
    pub fitting: Vec<TokenInfo>,
    /// Every token that the module shows.
    pub present: Vec<TokenInfo>,
}

impl fmt::Display for TokenChoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.choice, self.fitting.is_empty()) {
            (_, true) if self.present.is_empty() => f.write_str("no slot of the module holds a token"),
            (TokenChoice::Only, true) => f.write_str("no initialised token is present"),
            (TokenChoice::Only, false) => {
                write!(f, "{} tokens are present and none is named", self.fitting.len())
            }
            (choice, true) => write!(f, "no initialised token fits {choice}"),
            (choice, false) => write!(f, "{} tokens fit {choice}", self.fitting.len()),
        }
    }
}

impl std::error::Error for TokenChoiceError {}

impl Module {
    pub(super) fn load(&self) -> Result<Library, ModuleError> {
        match self {
            Self::Embedded { tries, .. } => Library::embedded(tries.clone())
                .ok_or_else(|| ModuleError::NotPkcs11 { path: PathBuf::from("embedded") }),
            Self::File { path, .. } => load_file(path),
        }
    }

    /// What `C_Initialize` gets as `pReserved`.
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

    /// The tokens in the module's slots. A slot whose token cannot be asked (an empty reader, a half-written SoftHSM
    /// token) is passed over.
    pub(super) fn tokens(&self, library: &Library) -> Result<Vec<TokenInfo>, ModuleError> {
        let mut slots =
            library.slots().map_err(|error| ModuleError::Slots { module: self.to_string(), error })?;
        // Some modules list a slot twice, and its token would then be ambiguous.
        let mut seen = HashSet::new();
        slots.retain(|slot| seen.insert(*slot));
        let info = |slot| library.token_info(slot).ok().map(|info| TokenInfo::new(slot, &info));
        Ok(slots.into_iter().filter_map(info).collect())
    }
}

fn load_file(path: &Path) -> Result<Library, ModuleError> {
    // A bare file name is looked up by the dynamic linker, as every other PKCS#11 program does.
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
    /// Exactly one token, or an error that shows the candidates.
    pub(super) fn choose(&self, library: &Library, choice: &TokenChoice) -> anyhow::Result<TokenInfo> {
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

/// Whether what a URI says about the module and the slot is true of these. Asks only for what the URI speaks of.
pub(super) fn is_described(library: &Library, uri: &Uri, slot: u64) -> Result<bool, Error> {
    Ok((!uri.describes_library() || library_matches(uri, &library.info()?))
        && (!uri.describes_slot() || slot_matches(uri, &library.slot_info(slot)?)))
}
