//! The command line: the parts of the grammar that commands share, and everything generated from it. Commands themselves are
//! in [`crate::commands`].
#![allow(
    rustdoc::bare_urls,
    rustdoc::invalid_html_tags,
    reason = "the doc comments are help texts for a terminal"
)]

/// The examples at the end of a help text: commands, each below a comment with its purpose.
macro_rules! examples {
    ($($purpose:literal => $command:literal),+ $(,)?) => {
        concat!("Examples:", $("\n  # ", $purpose, "\n  ", $command),+)
    };
}
pub(crate) use examples;

mod answers;
mod clap_text;
pub mod complete;
mod deferred;
pub mod global;
mod guess;
mod help;
pub mod manual;
pub mod pages;
mod passphrase;
pub mod select;
mod synopsis;
mod usage;
pub mod values;

pub(crate) use answers::answers;
pub use answers::{Answer, Answers};
pub use complete::{Candidate, Wanted};
pub use deferred::Deferred;
pub use global::{Global, ProfileOptions};
pub use help::Heading;
pub use passphrase::PassphraseOptions;
pub use select::{Selection, VersionSelection};
pub use usage::{Parsed, UsageError, parse, wants_json};
pub use values::{Assignment, LabelBytes, Offset};
