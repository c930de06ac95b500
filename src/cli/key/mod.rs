//! `kmsctl key`.

mod create;
mod delete;
mod list;
mod rotate;
mod show;
mod state;
mod update;

use clap::Subcommand;

pub use create::Create;
pub use delete::Delete;
pub use list::{List, SortField};
pub use rotate::{Rotate, Versions};
pub use show::{Recipe, Show};
pub use state::{Disable, Enable, Purge, Restore, Revoke};
pub use update::Update;

/// Create keys and manage their life
#[derive(Debug, Subcommand)]
pub enum Command {
    Create(Box<Create>),
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
}
