//! `random`: bytes from the token's random number generator.

use std::collections::BTreeSet;

use crate::support::{TestEnv, process, token};

token::on_both_tokens!(
    prints_the_requested_number_of_bytes,
    streams_more_than_fits_into_memory,
    runs_give_different_bytes,
    encodes_the_bytes,
    refuses_invalid_counts,
    bytes_have_no_pattern,
);

fn prints_the_requested_number_of_bytes(env: &TestEnv) {
    for count in [1_usize, 16, 65_537, 1_000_000] {
        let output = env.run(["random", &count.to_string(), "--encoding", "binary"]).success().silent();
        assert_eq!(output.stdout.len(), count);
    }
}

/// A reader that closes the pipe early is an error (exit 1), but receives what it read.
fn streams_more_than_fits_into_memory(env: &TestEnv) {
    for form in ["--encoding=binary", "--json"] {
        let script = format!(
            "ulimit -v 1000000; set -o pipefail; kmsctl random 4294967295 {form} | head -c 200000 | wc -c"
        );
        let output = process::run(env.command("bash", ["-c", &script]), b"", env.root()).exits(1);
        assert_eq!(output.text().trim(), "200000", "{output}");
    }
}

fn runs_give_different_bytes(env: &TestEnv) {
    let values: BTreeSet<_> = (0..5).map(|_| env.run(["random", "16"]).success().stdout).collect();
    assert_eq!(values.len(), 5);
}

fn encodes_the_bytes(env: &TestEnv) {
    assert_eq!(env.run(["random", "32"]).success().line().len(), 44);
    assert_eq!(env.run(["random", "32", "--encoding", "hex"]).success().line().len(), 64);
    let url = env.run(["random", "32", "--encoding", "base64url"]).success();
    assert_eq!(url.line().len(), 43);
    let json = env.run(["random", "32", "--json"]).success().json();
    assert_eq!(
        (json["bytes"].as_u64(), json["random"].as_str().map(str::len)),
        (Some(32), Some(44)),
        "{json}"
    );
    // The output is encoded in pieces: padding may appear only at the end.
    let long = env.run(["random", "100000"]).success();
    assert_eq!(long.line().len(), 133_336);
    assert!(!long.line()[..133_330].contains('='));
}

fn refuses_invalid_counts(env: &TestEnv) {
    for bytes in ["0", "-1", "ten", "", "99999999999999999999"] {
        env.run(["random", bytes]).fails(2);
    }
    env.run(["random"]).fails(2);
}

/// Detects zeros, repeated blocks and biased bits.
fn bytes_have_no_pattern(env: &TestEnv) {
    let bytes = env.run(["random", "65536", "--encoding", "binary"]).success().stdout;
    let blocks: BTreeSet<_> = bytes.chunks(16).collect();
    assert_eq!(blocks.len(), 4096);
    let ones: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
    // 524,288 bits: the mean is 262,144, the standard deviation 362; the limit is ten of them.
    assert!(ones.abs_diff(262_144) < 3_620, "{ones}");
}
