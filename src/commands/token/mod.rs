//! `kmsctl token`.

mod all_modules;
mod backup;
mod init;
mod list;
mod pin;
mod restore;
mod set_pin;
mod show;
mod unlock;

use super::command::group;

group! {
    /// Set up tokens and their PINs
    Token {
        "Commands":
            Init(init::Init),
            List(list::List),
            Show(show::Show),
            SetPin(set_pin::SetPin),
            Unlock(unlock::Unlock),
            Backup(backup::Backup),
            Restore(restore::Restore);
    }
}
