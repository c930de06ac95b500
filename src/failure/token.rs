//! Diagnoses of what the token layer says: modules, tokens, logins, stores, locks.

use std::io::ErrorKind;

use super::pkcs11;
use crate::encoding::{kmsctl_without_pin, shell_option};
use crate::model::{Code, Coded, Diagnosis, Uri};
use crate::token::{
    InitError, LoginError, ModuleError, PinState, TokenChoice, TokenChoiceError, TokenInfo, UserType,
    embedded::StoreError, lock::LockError,
};

/// `None` if the error is none of this layer's.
pub(super) fn of(cause: &(dyn std::error::Error + 'static)) -> Option<Diagnosis> {
    cause
        .downcast_ref()
        .map(of_module)
        .or_else(|| cause.downcast_ref().map(of_choice))
        .or_else(|| cause.downcast_ref().map(of_login))
        .or_else(|| cause.downcast_ref().map(of_init))
        .or_else(|| cause.downcast_ref().map(of_store))
        .or_else(|| cause.downcast_ref().map(of_lock))
}

fn of_module(error: &ModuleError) -> Diagnosis {
    match error {
        ModuleError::Missing { .. } => Code::ModuleNotFound.hint("`--module` takes the path of the vendor's PKCS#11 library",
        ),
        ModuleError::NotLoadable { .. } | ModuleError::NotPkcs11 { .. } => Code::ModuleUnusable.hint("`--module` takes the full path of a PKCS#11 library that is built for this machine",
        ),
        ModuleError::NoFile => Code::TokenIncapable.hint("`kmsctl sign` signs with it for other programs, `key show --pem` or `--ssh` gives them the public \
             key; a key that they load themselves must be made on a module's token: `--module`",
        ),
        ModuleError::NoFunctions { .. } => {
            Code::ModuleUnusable.hint("the module's own configuration or log may tell why")
        }
        ModuleError::Arguments(_) => Code::Usage.into(),
        ModuleError::Initialize { .. } => Code::ModuleUnusable.hint("the module's own configuration may be missing, or what it talks to may not run (a daemon, the network); \
             some modules want `--module-args`",
        ),
        ModuleError::Slots { error, .. } => match pkcs11::of(error) {
            Diagnosis { code: Code::TokenError, hint: None } => {
                Code::TokenError.hint(NOT_THERE)
            }
            told => told,
        },
    }
}

/// What stands between a module and its token.
const NOT_THERE: &str = "is the device connected, and does what the module talks to run (pcscd, a daemon, the network)? \
                         the module's own configuration or log may tell";

fn of_choice(error: &TokenChoiceError) -> Diagnosis {
    let listed = |tokens: &[TokenInfo]| {
        let line = |token: &TokenInfo| {
            let TokenInfo { label, serial, slot, .. } = token;
            format!("{}  (label {label:?}, serial {serial}, slot {slot})", selecting(token, &error.present))
        };
        let mut lines: Vec<_> = tokens.iter().map(line).collect();
        // Modules list their slots in any order.
        lines.sort();
        lines.join("\n  ")
    };
    if !error.fitting.is_empty() {
        let hint = format!("choose one:\n  {}", listed(&error.fitting));
        return Code::TokenAmbiguous.hint(hint);
    }
    if error.present.is_empty() {
        return Code::TokenNotFound.hint(NOT_THERE);
    }
    let initialized: Vec<_> = error.present.iter().filter(|token| token.is_initialized()).cloned().collect();
    let hint = match (&error.choice, initialized.is_empty()) {
        (_, false) => format!("present are:\n  {}", listed(&initialized)),
        (TokenChoice::Named(name), true) => {
            format!(
                "`{}` makes one",
                kmsctl_without_pin(format!("token init {}", shell_option("--label", name)))
            )
        }
        (_, true) => format!("`{}` makes one", kmsctl_without_pin("token init --label NAME")),
    };
    let code = if initialized.is_empty() { Code::TokenNotInitialized } else { Code::TokenNotFound };
    code.hint(hint)
}

/// The option that selects a token and no other: by its label, else its serial number, else its URI, else its slot.
fn selecting(token: &TokenInfo, present: &[TokenInfo]) -> String {
    let is_only = |choice: &TokenChoice| present.iter().filter(|one| one.is_chosen_by(choice)).count() == 1;
    // What looks like a URI is read as one.
    let names =
        [&token.label, &token.serial].into_iter().filter(|name| !name.is_empty() && !Uri::is_meant(name));
    for name in names {
        if is_only(&TokenChoice::Named(name.clone())) {
            return shell_option("--token", name);
        }
    }
    let uri = token.uri();
    if is_only(&TokenChoice::Uri(Box::new(uri.clone()))) {
        return shell_option("--token", uri.to_string());
    }
    format!("--slot {}", token.slot)
}

/// Who sets a user PIN that is not set or locked.
pub(super) fn unlock() -> String {
    format!("`{}` lets the SO set a new user PIN", kmsctl_without_pin("token unlock"))
}

fn of_login(error: &LoginError) -> Diagnosis {
    let unlock = |user: UserType| match user {
        UserType::User => unlock(),
        UserType::SecurityOfficer => {
            "a locked SO PIN cannot be unlocked by PKCS#11; see the vendor's documentation".to_owned()
        }
    };
    match error {
        LoginError::Rejected { user, state: PinState::Locked, .. } | LoginError::Locked { user, .. } => {
            Code::PinLocked.hint(unlock(*user))
        }
        LoginError::Rejected { error, .. } => pkcs11::of(error).code.hint(format!(
            "it was tried once; `{}` tells the state of the PIN",
            kmsctl_without_pin("token show")
        )),
        LoginError::FinalTry { .. } => Code::PinFinalTry.hint(
            "type the PIN at the prompt, or accept the risk of locking the token with `--use-final-try`",
        ),
        LoginError::NotSet { .. } => Code::PinNotSet.hint(unlock(UserType::User)),
    }
}

fn of_init(error: &InitError) -> Diagnosis {
    match error {
        InitError::Module(error) => of_module(error),
        InitError::Exists { .. } => Code::TokenExists.hint(
            "kmsctl never initialises a token twice, for that destroys its keys; use another label or slot",
        ),
        InitError::NoFreeSlot { .. } | InitError::NoSuchSlot { .. } => {
            let hint = format!("`{}` shows the tokens of the module", kmsctl_without_pin("token list"));
            Code::TokenNotFound.hint(hint)
        }
        InitError::Label { .. } => Code::Usage.into(),
        InitError::PinLength { .. } => Code::PinInvalid.into(),
        InitError::Token(error) => pkcs11::of(error),
        InitError::UserPin { .. } => {
            Code::PinNotSet.hint(format!("the same command with the same PINs finishes it; {}", unlock()))
        }
    }
}

fn of_store(error: &StoreError) -> Diagnosis {
    match error {
        StoreError::NotInitialised { .. } => Code::TokenNotInitialized.hint(format!(
                "`{}` makes one; another place is named by `--store` or KMSCTL_STORE",
                kmsctl_without_pin("token init --label NAME")
            ),
        ),
        StoreError::Exists { .. } => Code::TokenExists.hint("another place for a token is named by `--store` or KMSCTL_STORE",
        ),
        StoreError::NotEmpty { .. } => {
            Code::TokenExists.hint("name an empty or a new directory")
        }
        StoreError::Damaged { .. } => Code::StoreDamaged.into(),
        StoreError::Unrecovered { .. } => Code::TokenReadOnly.hint("run any command once where the store can be written; it takes in what is pending",
        ),
        StoreError::ReadOnly { .. } => Code::TokenReadOnly.hint("its file system, its modes or its owner forbid it; what is on the token can be used",
        ),
        StoreError::Full { .. } => Code::TokenFull.hint("nothing was changed; free some space on the disk and run it again",
        ),
        StoreError::MangledPin => {
            Code::PinInvalid.hint("no login was tried; the PIN file may be cut off")
        }
        StoreError::ShortPin { .. } => Code::PinInvalid.hint("whoever copies the store can guess at a short one; `--generate-pin FILE` makes one that nobody guesses",
        ),
        StoreError::Io { .. } | StoreError::Database { .. } => Code::TokenError.into(),
        StoreError::Lock(error) => of_lock(error),
        StoreError::Untrusted(error) => error.diagnosis(),
    }
}

fn of_lock(error: &LockError) -> Diagnosis {
    match error {
        LockError::Timeout { .. } => Code::LockTimeout.hint("wait longer with `--lock-timeout SECONDS`"),
        LockError::Unavailable { source, .. } => match source.kind() {
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Code::TokenReadOnly.into(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TokenFull.into(),
            _ => Code::TokenError.into(),
        },
        LockError::Untrusted(error) => error.diagnosis(),
        LockError::NoDirectory => {
            Code::TokenError.hint("name a directory that only you can write: `XDG_STATE_HOME=DIR`")
        }
    }
}
