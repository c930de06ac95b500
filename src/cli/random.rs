//! `kmsctl random`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Encoding;

/// Print random bytes from the token's generator
///
/// They are printed as the token gives them; `kmsctl doctor` finds a generator that repeats itself.
#[derive(Debug, Args)]
#[command(after_help = examples![
    "A 256-bit value as text" => "kmsctl random 32 --encoding hex",
    "A file of random bytes" => "kmsctl random 1024 --encoding binary --out seed.bin",
])]
pub struct Random {
    /// How many bytes
    #[arg(value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    pub bytes: u32,

    /// How the bytes are written
    #[arg(long, value_name = "ENCODING", default_value = "base64")]
    pub encoding: Encoding,

    /// File to write to, of mode 0600; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
}
