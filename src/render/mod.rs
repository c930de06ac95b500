//! Results as bytes: tables and field lists for people, JSON for scripts. A format is a function from a value; writing is
//! someone else's job.

mod bench;
mod ciphertext;
mod cloud;
mod component;
mod doctor;
mod document;
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
pub use installed::{Probed, installed};
pub use key::{KeyView, fingerprint, key_details, key_list, key_names, private_key_uri};
pub use key_file::key_file;
pub use life::{Rotation, deleted, key_versions, purged, rotations};
pub use table::{Layout, Table, fields, table};
pub use timer::{Schedule, TimerFile, TimerPin, timer};
pub use token::{token_details, token_list};
pub use verified::{evidence_fields, not_verified, verified};
