//! `kmsctl random`.

use std::{io::Write, path::PathBuf};

use anyhow::Result;
use clap::{Args, ValueHint};

use super::{
    command::Run,
    context::{Context, Need},
};
use crate::{
    cli::{answers, examples},
    encoding::Encoding,
    io::Output,
    model::answer,
    render::Document,
};

/// Print random bytes from the token
///
/// The bytes are printed as the token's generator returns them. `kmsctl doctor` reports a generator that repeats
/// itself.
#[derive(Debug, Args)]
#[command(add = answers![RandomBytes])]
#[command(after_help = examples![
    "A 256-bit value as text" => "kmsctl random 32 --encoding hex",
    "A file of random bytes" => "kmsctl random 1024 --encoding binary --out seed.bin",
])]
pub struct Random {
    /// Number of bytes
    #[arg(value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    bytes: u32,

    /// Encoding of the bytes
    #[arg(long, value_name = "ENCODING", default_value = "base64")]
    encoding: Encoding,

    /// File to write to, of mode 0600; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
}

/// Chunk size in bytes; a multiple of three, so that the base64 texts of the chunks can be concatenated.
const PIECE: u32 = 3 * 16 * 1024;

answer! {
    /// Random bytes. Written piece by piece, as they may be larger than memory.
    pub struct RandomBytes {
        /// How many bytes
        bytes: u32,
        /// The bytes as `--encoding` says; base64 in place of binary; left out where they went to the file of `--out`
        random if "Option::is_none": Option<String>,
    }
}

impl Run for Random {
    fn run(&self, context: &Context) -> Result<()> {
        // The generator needs no login.
        let opened = context.open(Need::Public)?;
        let output = Output::to(self.out.as_deref()).private();
        let is_split = context.settings.json && output.has_file();
        let (encoding, before, after) = match (context.settings.json && !is_split, self.encoding) {
            // JSON is written by hand, because it may not fit into memory. The text needs no escapes.
            (true, _) => {
                (self.encoding.in_json(), format!("{{\"bytes\":{},\"random\":\"", self.bytes), "\"}\n")
            }
            (false, Encoding::Binary) => (self.encoding, String::new(), ""),
            (false, _) => (self.encoding, String::new(), "\n"),
        };
        let mut writer = output.binary(encoding == Encoding::Binary).open()?;
        writer.write_all(before.as_bytes())?;
        for start in (0..self.bytes).step_by(PIECE as usize) {
            let length = PIECE.min(self.bytes - start);
            writer.write_all(&encoding.encode(&opened.keystore.session().token_random(length as usize)?))?;
        }
        writer.write_all(after.as_bytes())?;
        writer.commit()?;
        if is_split {
            context.print(&Document::of(&RandomBytes { bytes: self.bytes, random: None }, ""))?;
        }
        Ok(())
    }

    fn prints_result(&self) -> bool {
        true
    }
}
