//! kmsctl: keys inside PKCS#11 tokens, managed and used from a terminal or a script.
//!
//! The modules are layers; each may use those below it only (`tests/it/layering.rs` holds the table). Those that tests, fuzz
//! targets and benchmarks need are public; of the others the compiler says what is never used.

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
