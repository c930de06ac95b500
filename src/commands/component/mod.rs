//! `kmsctl component`.

mod show;
mod split;

use super::command::group;
group! {
    /// Split a key into components for several custodians
    Component {
        "Commands":
            Split(split::Split),
            Show(show::Show);
    }
}
