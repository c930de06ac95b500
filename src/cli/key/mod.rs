//! `kmsctl key`.

mod create;
mod delete;
mod import;
mod list;
mod new_key;
mod rotate;
mod show;
mod state;
mod timer;
mod transfer;
mod update;

use clap::Subcommand;

use super::Selection;

pub use create::Create;
pub use delete::Delete;
pub use import::Import;
pub use list::{List, SortField};
pub use new_key::NewKey;
pub use rotate::{Rotate, Versions};
pub use show::{Recipe, Show};
pub use state::{Disable, Enable, Purge, Restore, Revoke};
pub use timer::Timer;
pub use transfer::{Unwrap, Wrap};
pub use update::Update;

/// Create keys and manage their life
#[derive(Debug, Subcommand)]
pub enum Command {
    Create(Box<Create>),
    Import(Box<Import>),
    List(List),
    Show(Show),
    Delete(Delete),
    Update(Update),
    Rotate(Rotate),
    Versions(Versions),
    Enable(Enable),
    Disable(Disable),
    Revoke(Revoke),
    Restore(Restore),
    Purge(Purge),
    Wrap(Wrap),
    Unwrap(Box<Unwrap>),
    Timer(Timer),
}

impl Command {
    /// Whether it can change what is on the token.
    pub(super) const fn changes(&self) -> bool {
        match self {
            Self::List(_) | Self::Show(_) | Self::Versions(_) | Self::Wrap(_) | Self::Timer(_) => false,
            Self::Rotate(arguments) => !(arguments.check || arguments.dry_run),
            Self::Create(_)
            | Self::Import(_)
            | Self::Delete(_)
            | Self::Update(_)
            | Self::Enable(_)
            | Self::Disable(_)
            | Self::Revoke(_)
            | Self::Restore(_)
            | Self::Purge(_)
            | Self::Unwrap(_) => true,
        }
    }

    /// The key that the command names, if it names one.
    pub const fn selection(&self) -> Option<&Selection> {
        match self {
            Self::Create(_) | Self::Import(_) | Self::List(_) | Self::Unwrap(_) | Self::Timer(_) => None,
            Self::Show(arguments) => Some(&arguments.key.key),
            Self::Delete(arguments) => Some(&arguments.key),
            Self::Update(arguments) => Some(&arguments.key),
            Self::Rotate(arguments) => Some(&arguments.key),
            Self::Versions(arguments) => Some(&arguments.key),
            Self::Enable(arguments) => Some(&arguments.key.key),
            Self::Disable(arguments) => Some(&arguments.key.key),
            Self::Revoke(arguments) => Some(&arguments.key),
            Self::Restore(arguments) => Some(&arguments.key),
            Self::Wrap(arguments) => Some(&arguments.key.key),
            Self::Purge(arguments) => Some(&arguments.key),
        }
    }
}
