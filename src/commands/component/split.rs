//! `kmsctl component split`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueHint};

use crate::{
    algorithm::Algorithm,
    cli::{PassphraseOptions, answers, examples, values},
    commands::{command::Run, context::Context, custodian::Custodians, key_file},
    encoding::{self, Component},
    io::{self, Input},
    render,
    secret::Secret,
};

/// Split a key file into components
///
/// The key is one outside the token: a key in a token cannot be split, because it cannot be read.
///
/// Without --threshold all components are needed to join the key (exclusive or); with it, any K of them (Shamir's
/// secret sharing). Fewer reveal nothing about the key. `kmsctl key import --component` joins them in memory: the
/// joined key is never written to disk. Destroy the key file afterwards.
///
/// With --recipient, --recipients-file or --component-passphrase-file each file is encrypted to its custodian: an age file, which `age` opens
/// too.
#[derive(Debug, Args)]
#[command(add = answers![Vec<render::ComponentView>])]
#[command(after_help = examples![
    "Three custodians, all needed" => "kmsctl component split --in web.key --shares 3 --out-dir ceremony",
    "Each component encrypted to its custodian" =>
        "kmsctl component split --in web.key --shares 2 --out-dir ceremony \
         --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p \
         --recipient age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg",
    "Five custodians, any three needed" =>
        "kmsctl component split --in web.key --shares 5 --threshold 3 --out-dir ceremony",
])]
pub struct Split {
    /// Key file; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    input: Option<PathBuf>,

    /// Algorithm and size of the key; required for an AES or HMAC key
    #[arg(long, value_name = "ALGORITHM", value_parser = values::algorithm())]
    algorithm: Option<Algorithm>,

    /// Number of components, 2 to 255
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..))]
    shares: u8,

    /// Number of components needed to join the key, at least 2 (default: all)
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..))]
    threshold: Option<u8>,

    /// Directory for the component files; created if it does not exist
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out_dir: PathBuf,

    #[command(flatten)]
    custodians: Custodians,

    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Run for Split {
    fn run(&self, context: &Context) -> Result<()> {
        self.custodians.require(self.shares)?;
        let input = Input::from_path(self.input.as_deref());
        let file = key_file::read(context, &input, self.algorithm, &self.passphrase)
            .with_context(|| format!("cannot split {input}"))?;
        let threshold = self.threshold.unwrap_or(self.shares);
        let components = encoding::split(&file.material, self.shares, threshold)?;
        let texts = self.custodians.files(context, &components)?;
        let extension = if self.custodians.are_given() { "age" } else { "pem" };
        let files = write(&self.out_dir, &components, &texts, extension)?;
        let named: Vec<_> = files.iter().map(|path| path.display().to_string()).zip(components).collect();
        context.print(&render::components(&named))?;
        context.ui.advice("give each custodian one file and its check value, then destroy the key file");
        Ok(())
    }
}

/// Writes all files or none.
fn write(dir: &Path, components: &[Component], texts: &[Secret], extension: &str) -> Result<Vec<PathBuf>> {
    io::create_private_dir(dir)?;
    let path = |component: &Component| {
        dir.join(format!("component-{}-of-{}.{extension}", component.index, components.len()))
    };
    let mut written = Vec::new();
    for (component, text) in components.iter().zip(texts) {
        let path = path(component);
        if let Err(error) = io::write_new_private(&path, text.expose()) {
            for path in &written {
                let _ = std::fs::remove_file(path);
            }
            return Err(error.into());
        }
        written.push(path);
    }
    Ok(written)
}
