//! `kmsctl batch`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::values;

/// Do many operations with one login (JSON lines in, JSON lines out)
///
/// A request names its operation, its key and what the operation takes; a member "ref" comes back with the answer.
/// Answers come in the order of the requests, each with "result" or with "error", the object that other commands print
/// with --json. A request that fails does not stop the others. Binary data is base64.
///
///   {"op":"sign","label":"web","algorithm":"ES256","data":"aGk=","ref":1}
///   {"op":"verify","label":"web","data":"aGk=","signature":"MEUC..."}
///   {"op":"encrypt","label":"data","data":"aGk=","context":"row 7"}
///   {"op":"decrypt","ciphertext":"kms:v1:...","context":"row 7"}
///   {"op":"reencrypt","ciphertext":"kms:v1:..."}
///   {"op":"datakey","label":"data","bits":256,"plaintext":true}
///   {"op":"jwt-sign","label":"web","claims":{"sub":"alice"},"ttl":"15m"}
///   {"op":"random","bytes":32}
///
/// A key is named by "label", "id" or "uri", and "version"; instead of "data", sign and verify take "digest".
///
/// The exit code is 3 if the answer to any request is no (a signature that is not valid, a ciphertext that is not
/// authentic), else 1 if any request failed. Ctrl-C finishes what is under way and ends with exit code 130.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
#[command(after_help = examples![
    "Requests from a file" => "kmsctl batch --in requests.ndjson --out answers.ndjson",
    "From a pipe, with four sessions, until the first failure" => "make-requests | kmsctl batch --jobs 4 --fail-fast",
])]
pub struct Batch {
    /// File with the requests; standard input if not given
    #[arg(long = "in", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub input: Option<PathBuf>,

    /// File for the answers; standard output if not given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Sessions that work at once; if not given, one, and as many as there are processors where the token is slow
    #[arg(long, value_name = "N", value_parser = values::jobs())]
    pub jobs: Option<usize>,

    /// Begin nothing new after the first request that fails or whose answer is no
    #[arg(long)]
    pub fail_fast: bool,
}
