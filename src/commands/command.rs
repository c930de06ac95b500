//! The traits of a command: how it runs, and what the program must know before it does.

use anyhow::Result;

use super::context::Context;
use crate::{
    cli::{Global, Selection},
    model::Uri,
};

/// A command that uses the settings of the run.
pub trait Run {
    fn run(&self, context: &Context) -> Result<()>;

    /// Whether the command can change the token, its PINs included. Such a command is refused by a profile with
    /// `mode = "use"` and never retried.
    fn changes(&self) -> bool {
        false
    }

    /// Whether standard output is the result of the command, so that partial output must count as a failure. False for
    /// listings, and for reports whose change or exit code is valid without the output.
    fn prints_result(&self) -> bool {
        false
    }

    /// Whether the command may be restarted after the connection to the token was lost.
    fn may_start_again(&self) -> bool {
        !self.changes()
    }

    /// The key selected by the command's options, if any.
    fn selection(&self) -> Option<&Selection> {
        None
    }

    /// The URI of the selected key. It may also select the token.
    fn uri(&self) -> Option<&Uri> {
        self.selection()?.uri.as_ref()
    }
}

/// Returns the grammar of all commands, the source of completions and manual pages.
pub type Grammar = fn() -> clap::Command;

/// A command that needs neither settings nor a token, so it works in a broken environment too.
pub trait RunBare {
    /// Returns the exit code.
    fn run(&self, global: &Global, grammar: Grammar) -> Result<u8>;
}

/// The command on the command line.
#[allow(missing_debug_implementations, reason = "a reference to what implements it")]
pub enum Chosen<'a> {
    Bare(&'a dyn RunBare),
    WithContext(&'a dyn Run),
}

impl<'a> Chosen<'a> {
    fn with_context(&self) -> Option<&'a dyn Run> {
        match self {
            Self::Bare(_) => None,
            Self::WithContext(command) => Some(*command),
        }
    }

    /// See [`Run::prints_result`].
    pub fn prints_result(&self) -> bool {
        self.with_context().is_some_and(Run::prints_result)
    }

    /// See [`Run::changes`].
    pub fn changes(&self) -> bool {
        self.with_context().is_some_and(Run::changes)
    }

    /// See [`Run::uri`].
    pub fn uri(&self) -> Option<&'a Uri> {
        self.with_context()?.uri()
    }
}

/// A command, or a group of commands.
pub trait Choose {
    fn chosen(&self) -> Chosen<'_>;
}

impl<T: Run> Choose for T {
    fn chosen(&self) -> Chosen<'_> {
        Chosen::WithContext(self)
    }
}

/// A command of this type runs without settings.
macro_rules! bare {
    ($command:ty) => {
        impl $crate::commands::command::Choose for $command {
            fn chosen(&self) -> $crate::commands::command::Chosen<'_> {
                $crate::commands::command::Chosen::Bare(self)
            }
        }
    };
}
pub(super) use bare;

/// A group of commands, listed under headings.
macro_rules! group {
    ($(#[$meta:meta])* $name:ident {
        $($heading:literal: $($(#[$attribute:meta])* $command:ident($arguments:ty)),+;)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, clap::Subcommand)]
        pub enum $name {
            $($($(#[$attribute])* #[command(add = $crate::cli::Heading($heading))] $command($crate::cli::Deferred<$arguments>),)+)+
        }

        impl $crate::commands::command::Choose for $name {
            fn chosen(&self) -> $crate::commands::command::Chosen<'_> {
                match self {
                    $($(Self::$command(command) => command.0.chosen(),)+)+
                }
            }
        }
    };
}
pub(super) use group;
