//! Files, standard streams and child processes: input is read to its end, output appears whole or not at all.

mod bounded;
mod child;
mod closed;
mod error;
mod input;
mod output;
mod private;
mod source;
mod staged;
mod writer;

pub use bounded::{Ended, run_bounded};
pub use child::{NotStarted, catch_signals, run_child};
pub use closed::refuse_closed;
pub use error::Error;
pub use input::{Input, Meter, Reader, StdinGuard};
pub use output::{Output, refuse_kept};
pub use private::{create_private_dir, write_new_private};
pub use writer::{Writer, has_spoken, reader_may_leave, report_file_size_limit};
