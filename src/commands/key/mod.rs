//! `kmsctl key`.

mod change;
mod create;
mod created;
mod delete;
mod disable;
mod due;
mod enable;
mod import;
mod list;
mod new_key;
mod promote;
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
    /// Create, rotate, disable and destroy keys
    Key {
        "Create and look up":
            Create(create::Create),
            Import(import::Import),
            List(list::List),
            Show(show::Show),
            Versions(versions::Versions);
        "Rotate and change":
            Rotate(rotate::Rotate),
            Promote(promote::Promote),
            Timer(timer::Timer),
            Update(update::Update);
        "Disable and destroy":
            Disable(disable::Disable),
            Enable(enable::Enable),
            Revoke(revoke::Revoke),
            Restore(restore::Restore),
            Purge(purge::Purge),
            Delete(delete::Delete);
        "Move to another token":
            Wrap(wrap::Wrap),
            Unwrap(unwrap::Unwrap);
    }
}
