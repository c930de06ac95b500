//! Turns an error into what the user sees: code, message, causes, hint and exit code.

mod explain;

pub use explain::{Explanation, Kind, explain, names, nearest};

use crate::{
    cli, config, encoding, io, keystore,
    model::{self, Code, Coded, Diagnosis, answer},
    operation, public, secret, token, trust,
};

/// The diagnosis of an error. A type that is missing in this list is reported as FAILED.
fn diagnosis(cause: &(dyn std::error::Error + 'static)) -> Option<Diagnosis> {
    macro_rules! one_of {
        ($($error:ty),* $(,)?) => {
            None$(.or_else(|| cause.downcast_ref::<$error>().map(Coded::diagnosis)))*
        };
    }
    one_of![
        cli::UsageError,
        config::ConfigError,
        config::UseOnly,
        encoding::ComponentError,
        encoding::Error,
        encoding::JwkForbids,
        encoding::RequestError,
        io::Error,
        io::NotStarted,
        keystore::Error,
        keystore::doctor::FaultsFound,
        model::Invalid,
        operation::AgeError,
        operation::BatchError,
        operation::ClaimsError,
        operation::Error,
        operation::JwsInvalid,
        operation::RequestError,
        operation::SealError,
        operation::TokenInvalid,
        public::Error,
        secret::PassphraseError,
        secret::PinError,
        std::io::Error,
        token::Error,
        token::InitError,
        token::LoginError,
        token::ModuleError,
        token::TokenChoiceError,
        token::embedded::StoreError,
        token::lock::LockError,
        trust::Untrusted,
    ]
}

answer! {
    /// An error.
    pub struct ErrorView<'a> {
        /// Code of the error, such as KEY_NOT_FOUND: `kmsctl explain CODE` explains it
        code: &'static str,
        /// Exit code
        exit: u8,
        /// What went wrong
        message: &'a str,
        /// What caused it, the outermost first
        causes: &'a [String],
        /// What to do about it
        hint: Option<&'a str>,
        /// What the token answered, such as CKR_DEVICE_ERROR; null if no PKCS#11 call failed
        ckr: Option<String>,
        /// PKCS#11 function that failed, such as C_Sign
        function: Option<&'static str>,
    }
}

answer! {
    /// The object that standard error ends with.
    pub struct ErrorAnswer<'a> {
        /// Why the command failed
        error: ErrorView<'a>,
    }
}

/// An error as it is shown to the user.
#[derive(Debug)]
pub struct Failure {
    code: Code,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    /// The PKCS#11 call that failed, if one did.
    call: Option<token::Error>,
}

impl Failure {
    pub fn new(error: &anyhow::Error) -> Self {
        // The outermost error with a code has the most context.
        let Diagnosis { code, hint } =
            error.chain().find_map(diagnosis).unwrap_or_else(|| Code::Failed.into());
        let mut texts = error.chain().map(ToString::to_string);
        let message = texts.next().unwrap_or_default();
        let mut causes: Vec<String> = texts.collect();
        // Skip wrappers that repeat the text of their source.
        causes.dedup();
        causes.retain(|cause| *cause != message);
        let call = error.chain().find_map(|cause| cause.downcast_ref::<token::Error>()).copied();
        Self { code, message, causes, hint, call }
    }

    /// The failure with its hint in other words, or without.
    #[must_use]
    pub fn with_hint(self, reword: impl FnOnce(&str) -> Option<String>) -> Self {
        Self { hint: self.hint.as_deref().and_then(reword), ..self }
    }

    pub fn exit(&self) -> u8 {
        self.code.exit()
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The error in an answer of `--json`.
    pub fn view(&self) -> ErrorView<'_> {
        ErrorView {
            code: self.code.name(),
            exit: self.exit(),
            message: &self.message,
            causes: &self.causes,
            hint: self.hint(),
            ckr: self.call.map(|call| call.name()),
            function: self.call.map(|call| call.function()),
        }
    }

    /// The error object of `--json`.
    pub fn to_json(&self) -> String {
        // Strings and numbers always serialise.
        serde_json::to_string(&ErrorAnswer { error: self.view() }).unwrap_or_default()
    }
}
