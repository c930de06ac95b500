//! Results as bytes: tables, lists of fields and lines for people, JSON for scripts. A format is a function of a value;
//! `commands` writes it.

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
mod life;
mod paint;
pub mod recipe;
mod table;
mod timer;
mod token;
mod verified;

pub use bench::bench;
pub use ciphertext::{CiphertextView, ciphertext};
pub use cloud::created_key;
pub use component::{component, components};
pub use doctor::{Checkup, Repair, doctor};
pub use document::{Document, Text};
pub use fields::{fields, sections};
pub use installed::{Probed, installed};
pub use key::{KeyView, key_details, key_list, key_name, key_names, private_key_uri};
pub use key_file::key_file;
pub use life::{
    deleted, destroyed_line, first_use, key_versions, planned_purges, planned_rotations, purged, rotated,
    rotations,
};
pub use table::{Layout, Narrow, table};
pub use timer::{Schedule, TimerPin, timer};
pub use token::{token_details, token_list};
pub use verified::{evidence_fields, not_verified, verified};
