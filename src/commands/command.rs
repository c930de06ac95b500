//! What a command is to the program: its arguments, what it does, and what must be known of it before it runs.

use anyhow::Result;

use super::context::Context;
use crate::{
    cli::{Global, Selection},
    model::Uri,
};

/// A command that works with the settings of a run.
pub trait Run {
    fn run(&self, context: &Context) -> Result<()>;

    /// Whether it can change what is on the token, its PINs included. This decides what a profile for use only refuses and
    /// what is never run twice.
    fn changes(&self) -> bool {
        false
    }

    /// Whether standard output is what the command was run for, so that a reader who has only a part of it must not believe
    /// that all went well. Else it is a listing, or a report of a change or an answer that stands without it.
    fn prints_result(&self) -> bool {
        false
    }

    /// Whether it may be run once more from the beginning after the connection to the token was lost.
    fn may_start_again(&self) -> bool {
        !self.changes()
    }

    /// The key that the command names, if it names one.
    fn selection(&self) -> Option<&Selection> {
        None
    }

    /// The URI of the key that the command names. It may also say where the token is.
    fn uri(&self) -> Option<&Uri> {
        self.selection()?.uri.as_ref()
    }
}

/// Makes the grammar of all commands, from which completions and manual pages are made.
pub type Grammar = fn() -> clap::Command;

/// A command that needs neither settings nor token, and so works in a broken environment too.
pub trait RunBare {
    /// Returns the exit code.
    fn run(&self, global: &Global, grammar: Grammar) -> Result<u8>;
}

/// The command that was typed.
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
            $($($(#[$attribute])* #[command(add = $crate::cli::Heading($heading))] $command($arguments),)+)+
        }

        impl $crate::commands::command::Choose for $name {
            fn chosen(&self) -> $crate::commands::command::Chosen<'_> {
                match self {
                    $($(Self::$command(command) => command.chosen(),)+)+
                }
            }
        }
    };
}
pub(super) use group;
