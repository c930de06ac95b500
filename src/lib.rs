//! kmsctl: manages and uses keys inside PKCS#11 tokens, from a terminal or a script.
//!
//! The modules are layers; each may use only those below it (`tests/it/layering.rs` has the table). Modules that tests, fuzz
//! targets and benchmarks need are public; the others are private, so that the compiler finds dead code in them.

pub mod algorithm;
pub mod cli;
pub mod commands;
mod config;
pub mod encoding;
mod failure;
mod io;
pub mod keystore;
pub mod model;
pub mod operation;
pub mod public;
mod render;
mod retry;
pub mod secret;
mod setting;
mod shell;
pub mod token;
pub mod trust;
mod ui;

mod run;

pub use run::run;
