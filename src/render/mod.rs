//! Formats results: tables, lists of fields and lines for people, JSON for scripts. Formatting has no side effects;
//! `commands` writes the output.

mod bench;
mod ciphertext;
mod cloud;
mod component;
mod doctor;
mod document;
mod fields;
mod installed;
mod key;
mod key_file;
mod key_text;
mod life;
mod paint;
pub mod recipe;
mod rotation;
mod table;
mod timer;
mod token;
mod verified;

pub use bench::{BenchReport, bench};
pub use ciphertext::{CiphertextView, Inspected, ciphertext};
pub use cloud::{CloudResponse, created_key};
pub use component::{ComponentView, PlainComponentView, component, components};
pub use doctor::{Checkup, Repair, Report, doctor};
pub use document::{Document, Text};
pub use fields::{fields, sections};
pub use installed::{ModuleView, Probed, installed};
pub use key::{Columns, KeyView, key_details, key_list, key_name, private_key_uri};
pub use key_file::{KeyFileView, key_file};
pub use life::{
    DestroyedKey, PlannedPurge, VersionView, deleted, destroyed_line, first_use, key_versions, part_name,
    planned_purges, purged,
};
pub use rotation::{Rotated, RotationView, planned_rotations, rotations, taken_out_of_use};
pub use table::{Layout, Narrow, table};
pub use timer::{Schedule, TimerFiles, TimerPin, timer};
pub use token::{MadeToken, TokenDetails, TokenView, initialised, token_details, token_list};
pub use verified::{EvidenceView, NotVerified, Verified, evidence_view, not_verified, verified};
