//! Traces calls for `-vv`: function, return value and duration. Never arguments, since some are PINs.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use cryptoki_sys::CK_RV;

use crate::token::error::Error;

type Sink = dyn Fn(&Call) + Send + Sync;

static SINK: OnceLock<Box<Sink>> = OnceLock::new();

/// One completed call.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub function: &'static str,
    pub took: Duration,
    rv: CK_RV,
}

impl Call {
    /// The return value by its standard name.
    pub fn returned(&self) -> String {
        Error::of_value(self.rv).name()
    }
}

/// Reports every call of a module to `sink`, on the calling thread. Only the first sink is used.
pub fn trace_calls(sink: impl Fn(&Call) + Send + Sync + 'static) {
    let _ = SINK.set(Box::new(sink));
}

/// Makes a call and reports it. Without a sink this costs one memory load.
pub(super) fn traced(function: &'static str, call: impl FnOnce() -> CK_RV) -> CK_RV {
    let Some(sink) = SINK.get() else { return call() };
    let start = Instant::now();
    let rv = call();
    sink(&Call { function, took: start.elapsed(), rv });
    rv
}
