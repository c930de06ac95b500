//! `kmsctl component`.

mod show;
mod split;

use super::command::group;
group! {
    /// Split a key among custodians
    Component {
        "Commands":
            Split(split::Split),
            Show(show::Show);
    }
}
