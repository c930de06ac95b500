//! Error codes and advice. Each layer assigns codes to its own errors ([`Coded`]).

macro_rules! exits {
    ($($name:ident $number:literal $meaning:literal;)*) => {
        /// Exit codes.
        pub mod exit {
            $(pub const $name: u8 = $number;)*

            /// Every exit code with its meaning, as a clause.
            pub const ALL: &[(u8, &str)] = &[$(($name, $meaning)),*];
        }
    };
}

macro_rules! codes {
    ($($variant:ident $name:ident $exit:ident $meaning:literal [$($cause:literal)*] [$($action:literal)*];)*) => {
        /// The kind of an error, more specific than its exit code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in `--json` errors.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name)),* }
            }

            pub const fn exit(self) -> u8 {
                match self { $(Self::$variant => exit::$exit),* }
            }

            /// One sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }

            pub const fn advice(self) -> super::Advice {
                match self {
                    $(Self::$variant => super::Advice { causes: &[$($cause),*], actions: &[$($action),*] }),*
                }
            }
        }
    };
}

mod table;

pub use table::{Code, exit};

/// Usual causes of an error and what to do, as full sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    pub causes: &'static [&'static str],
    pub actions: &'static [&'static str],
}

/// The code of an error, and a hint for this case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    pub code: Code,
    pub hint: Option<String>,
}

/// An error with a code. `crate::failure` lists all implementations.
pub trait Coded: std::error::Error {
    fn diagnosis(&self) -> Diagnosis;
}

impl Code {
    /// Adds a hint: what to do, with the command that does it.
    pub fn hint(self, hint: impl Into<String>) -> Diagnosis {
        Diagnosis { code: self, hint: Some(hint.into()) }
    }
}

impl From<Code> for Diagnosis {
    fn from(code: Code) -> Self {
        Self { code, hint: None }
    }
}
