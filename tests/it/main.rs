//! The end-to-end tests, in one binary: they run the real program on real tokens.

use std::{collections::BTreeSet, fs, path::Path};

mod age_kinds;
mod all_modules;
mod answers;
mod batch;
mod budget;
mod callers;
mod ci_examples;
mod ciphertext_format;
mod completions;
mod component;
mod concurrency;
mod config;
mod convergent;
mod create_request;
mod datakey;
mod decrypt;
mod decrypt_by_key;
mod docs;
mod doctor;
mod encrypt;
mod envelope;
mod ephemeral;
mod errors;
mod explain;
mod faults;
mod generated;
mod golden;
mod help_examples;
mod ignored_options;
mod import_cycles;
mod imported;
mod input_kinds;
mod inspect;
mod interleaved;
mod jose_vectors;
mod json_fields;
mod jwks;
mod jws;
mod jwt_decode;
mod jwt_limits;
mod jwt_sign;
mod jwt_verify;
mod key_create;
mod key_delete;
mod key_files;
mod key_import;
mod key_list;
mod key_pairs;
mod key_show;
mod key_vectors;
mod layering;
mod leftovers;
mod lifecycle;
mod odd_records;
mod other_users;
mod output_files;

mod pin_examples;
mod pin_files;
mod pin_memory;
mod pin_sources;
mod planted;
mod precedence;
mod printed;
mod progress;
mod public_keys;
mod random;
mod readme;
mod recipes;
mod records_directory;
mod reencrypt;
mod resilience;
mod restricted_keys;
mod restricted_tokens;
mod rotate;
mod rsa_forms;
mod selection;
mod set_pin_unlock;
mod sign;
mod signals;
mod signature_algorithm;
mod states;
mod storage;
mod streams;
mod support;
mod sweep;
mod terminal_output;
mod timer;
mod token_init;
mod token_list_show;
mod tokens;
mod traced_calls;
mod two_machines;
mod unfinished;
mod unknown_objects;
mod uris;
mod vectors;
mod verify;
mod whole_attributes;
mod wrap_unwrap;
mod wrong_pins;

/// Tests in a file without a `mod` line would never run.
#[test]
fn every_file_has_a_mod_line() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = include_str!("main.rs");
    let listed: BTreeSet<_> =
        main.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    let names = fs::read_dir(directory).expect("tests/it").map(|entry| entry.expect("entry").file_name());
    let names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
    let present =
        names.iter().map(|name| name.strip_suffix(".rs").unwrap_or(name)).filter(|name| *name != "main");
    assert_eq!(listed, present.collect());
}
