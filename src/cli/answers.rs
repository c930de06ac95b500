//! The JSON output of commands, attached to the grammar.

use clap::builder::CommandExt;

use crate::model::Shape;

/// The forms of a command's output: the condition under which each is printed (empty if there is only one), and its shape.
#[derive(Debug, Clone, Copy)]
pub struct Answers(pub &'static [Answer]);

/// When a form is printed, and what makes its shape.
pub type Answer = (&'static str, fn() -> Shape);

impl CommandExt for Answers {}

/// The types that a command prints with `--json`.
macro_rules! answers {
    ($($when:literal => $answer:ty),+ $(,)?) => {
        $crate::cli::Answers(const { &[$(($when, <$answer as $crate::model::Describe>::shape as fn() -> $crate::model::Shape)),+] })
    };
    ($answer:ty) => {
        answers!["" => $answer]
    };
}
pub(crate) use answers;
