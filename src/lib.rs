//! kmsctl: keys inside PKCS#11 tokens, managed and used from a terminal or a script.
//!
//! The modules are layers; each may use those below it only (`tests/it/layering.rs` holds the table).

pub mod algorithm;
pub mod cli;
pub mod commands;
pub mod config;
pub mod encoding;
pub mod failure;
pub mod io;
pub mod keystore;
pub mod model;
pub mod operation;
pub mod public;
pub mod render;
pub mod secret;
pub mod setting;
pub mod shell;
pub mod token;
pub mod trust;
pub mod ui;

mod run;

pub use run::run;
