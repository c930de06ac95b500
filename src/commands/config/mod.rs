//! `kmsctl config`.

mod add_profile;
mod edit;
mod learn;
mod path;
mod show;
mod target;

use super::command::group;

group! {
    /// Show and change the configuration
    Config {
        "Commands":
            Show(show::Show),
            Path(path::Path),
            Edit(edit::Edit),
            AddProfile(add_profile::AddProfile),
            Learn(learn::Learn);
    }
}
