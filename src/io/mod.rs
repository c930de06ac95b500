//! Files and standard streams: input is read to its end, output appears whole or not at all.

mod error;
mod input;
mod output;
mod staged;

pub use error::{Error, is_broken_pipe};
pub use input::{Input, Reader, StdinGuard};
pub use output::{Output, Writer};
