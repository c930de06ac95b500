//! `kmsctl key`.

mod change;
mod create;
mod delete;
mod disable;
mod due;
mod enable;
mod import;
mod list;
mod new_key;
mod purge;
mod request;
mod restore;
mod revoke;
mod rotate;
mod show;
mod timer;
mod unwrap;
mod update;
mod versions;
mod wrap;

use super::command::group;

group! {
    /// Create keys and manage their life
    Key {
        Create(Box<create::Create>),
        Import(Box<import::Import>),
        List(list::List),
        Show(show::Show),
        Delete(delete::Delete),
        Update(update::Update),
        Rotate(rotate::Rotate),
        Versions(versions::Versions),
        Enable(enable::Enable),
        Disable(disable::Disable),
        Revoke(revoke::Revoke),
        Restore(restore::Restore),
        Purge(purge::Purge),
        Wrap(wrap::Wrap),
        Unwrap(Box<unwrap::Unwrap>),
        Timer(timer::Timer),
    }
}
