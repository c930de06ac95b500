//! `kmsctl component show`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueHint};

use crate::{
    cli::{answers, examples},
    commands::{command::Run, context::Context, custodian::CustodianKeys},
    io::Input,
    render,
};

/// Show the key, number and check value of a component
#[derive(Debug, Args)]
#[command(add = answers!["" => render::ComponentView, "a component in plain hexadecimal" => render::PlainComponentView])]
#[command(after_help = examples![
    "Before a ceremony" => "kmsctl component show component-1-of-3.pem",
])]
pub struct Show {
    /// Component file; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "input")]
    file: Option<PathBuf>,

    /// Component file, as an option
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "file")]
    input: Option<PathBuf>,

    #[command(flatten)]
    keys: CustodianKeys,
}

impl Run for Show {
    fn run(&self, context: &Context) -> Result<()> {
        let input = Input::from_path(self.file.as_deref().or(self.input.as_deref()));
        let component = self.keys.read(context, &input)?;
        context.print(&render::component(&component))
    }
}
