//! The program's entry.

use std::process::ExitCode;

fn main() -> ExitCode {
    kmsctl::run(std::env::args_os().collect())
}
