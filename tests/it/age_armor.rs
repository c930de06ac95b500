//! Armored age files, and age files with several keys in one header.

use crate::{
    age_kinds::{INVALID, VALID, check},
    support::{
        TestEnv,
        age::{self, CHUNK, FILE_KEY, armored, body, file, header, stanza, token_stanza},
        token,
    },
};

token::on_both_tokens!(several_keys_in_one_header, reencrypt_keeps_armor,);

#[test]
fn armor() {
    let env = token::embedded();
    let [tag, _] = age::import(&env);
    let plain = file(&token_stanza(&tag), b"age");
    let good = armored(&plain, "\n");
    let lines: Vec<&str> = good.lines().collect();
    let edited = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let with_line = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines.insert(at, line);
        (lines.join("\n") + "\n").into_bytes()
    };
    // A length at which the last line of base64 is full.
    let full = (0..48)
        .map(|length| file(&token_stanza(&tag), &vec![b'a'; length]))
        .find(|file| file.len().is_multiple_of(48))
        .expect("one of them");
    env.write("full", &full);
    env.run(["decrypt", "--in", "full", "--out", "plain"]).success();
    env.write("full.asc", armored(&full, "\n"));
    assert_eq!(env.run(["decrypt", "--in", "full.asc"]).success().stdout, env.read("plain"));
    let end = "-----END AGE ENCRYPTED FILE-----";
    let last = lines[lines.len() - 2];
    check(
        &env,
        vec![
            ("armor", good.clone().into_bytes(), VALID),
            ("armor_crlf", armored(&plain, "\r\n").into_bytes(), VALID),
            ("armor_no_eol", good.trim_end().as_bytes().to_vec(), VALID),
            ("armor_whitespace_outside", format!(" \n\t\r\n{good}\n \n\t\n").into_bytes(), VALID),
            ("armor_garbage_trailing", format!("{good}x").into_bytes(), INVALID),
            ("armor_garbage_on_the_last_line", edited(end, &format!("{end}x")), INVALID),
            ("armor_whitespace_eol", edited(lines[1], &format!("{} ", lines[1])), INVALID),
            ("armor_whitespace_line_start", edited(lines[1], &format!(" {}", lines[1])), INVALID),
            ("armor_whitespace_last_line", edited(last, &format!("{last} ")), INVALID),
            ("armor_empty_line_begin", with_line(1, ""), INVALID),
            ("armor_empty_line_end", with_line(lines.len() - 1, ""), INVALID),
            ("armor_empty_line_middle", with_line(3, ""), INVALID),
            ("armor_headers", with_line(1, "Headers: are\n"), INVALID),
            ("armor_proc_type_header", with_line(1, "Proc-Type: 4,ENCRYPTED\n"), INVALID),
            ("armor_pgp_checksum", with_line(lines.len() - 1, "=AAAA"), INVALID),
            ("armor_no_end_line", edited(&format!("{end}\n"), ""), INVALID),
            ("armor_wrong_end", edited(end, "-----END AGE ENCRYPTED MESSAGE-----"), INVALID),
            ("armor_lowercase_end", edited(end, &end.to_lowercase()), INVALID),
            ("armor_long_line", edited(&format!("{}\n", lines[1]), lines[1]), INVALID),
            (
                "armor_short_line",
                edited(lines[1], &format!("{}\n{}", &lines[1][..32], &lines[1][32..])),
                INVALID,
            ),
            (
                "armor_invalid_character",
                edited(lines[2], &lines[2].replacen(&lines[2][5..6], "*", 1)),
                INVALID,
            ),
            ("armor_base64url", edited(lines[1], &format!("-{}", &lines[1][1..])), INVALID),
            (
                "armor_no_padding",
                good.replacen('=', "", 2).into_bytes(),
                if last.contains('=') { INVALID } else { VALID },
            ),
            (
                "armor_eol_between_padding",
                edited(last, &format!("{}\n{}", &last[..last.len() - 1], &last[last.len() - 1..])),
                INVALID,
            ),
            ("armor_garbage_encoded", edited(last, &format!("{last}\nAAAA")), INVALID),
            ("armor_truncated", good.as_bytes()[..good.len() / 2].to_vec(), INVALID),
            ("armor_begin_line_only", format!("{}\n", lines[0]).into_bytes(), INVALID),
            ("armor_twice", format!("{good}{good}").into_bytes(), INVALID),
            ("armor_not_utf8", [&good.as_bytes()[..100], b"\xff", &good.as_bytes()[101..]].concat(), INVALID),
        ],
    );
    // Input that does not begin with the exact BEGIN line is not a ciphertext.
    for begin in [
        "-----BEGIN AGE ENCRYPTED MESSAGE-----",
        "-----begin age encrypted file-----",
        "garbage -----BEGIN AGE ENCRYPTED FILE-----",
        "-----BEGIN  AGE ENCRYPTED FILE-----",
        "----BEGIN AGE ENCRYPTED FILE-----",
    ] {
        env.write("file", good.replacen(lines[0], begin, 1));
        env.run(["decrypt", "--in", "file"]).fails(2);
    }
    env.write("file", format!("{}{good}", " ".repeat(3000)));
    env.run(["decrypt", "--in", "file"]).fails(2);
}

/// Stanzas are tried in order. One that is damaged, wraps another file key or names a key of another token is skipped.
fn several_keys_in_one_header(env: &TestEnv) {
    let [tag, rsa] = age::import(env);
    let ours = token_stanza(&tag);
    let foreign = "zx2hhnkguvghrizpnexl3x4huuopem3po2xmazmke4batm7fihsq";
    let elsewhere = token_stanza(foreign);
    let damaged = stanza(&format!("kmsctl v1 {tag} aes-gcm"), &[7; 44]);
    let later = stanza("kmsctl v1 a-later-form", &[7; 44]);
    let other_file_key = stanza(&format!("kmsctl v1 {tag} aes-gcm"), &age::wrap(&tag, 1, "", &[1; 16]));
    for before in
        [&elsewhere, &damaged, &later, &other_file_key, &ours, &format!("{later}{elsewhere}{damaged}")]
    {
        for stanzas in [format!("{before}{ours}"), format!("{ours}{before}")] {
            env.write("file", file(&stanzas, b"age"));
            assert_eq!(env.run(["decrypt", "--in", "file"]).success().stdout, b"age");
        }
    }
    // No stanza opens: the error is about the key that is on this token.
    env.write("file", file(&elsewhere, b"age"));
    env.run(["decrypt", "--in", "file"]).fails(4).saying(foreign);
    env.write("file", file(&format!("{elsewhere}{damaged}"), b"age"));
    env.run(["decrypt", "--in", "file"]).fails(3).saying("not authentic under key \"aes\"");
    // Either key of this token decrypts the file. Both stanzas are re-encrypted; the one of the other token is unchanged.
    let bound = <sha2::Sha256 as sha2::Digest>::digest(format!("age:v1:{rsa}:"));
    let block = age::seal_block(&[b"kmsctl:envelope:", &FILE_KEY[..], &bound].concat());
    let by_rsa = stanza(&format!("kmsctl v1 {rsa} rsa-oaep-sha256-2"), &block);
    env.write("file", file(&format!("{by_rsa}{elsewhere}{ours}"), b"age"));
    let seen = env.run(["inspect", "--in", "file", "--json"]).success().json();
    assert_eq!(seen["tokenKeys"], 3);
    env.run(["reencrypt", "--check", "--in", "file"]).success();
    env.run(["key", "rotate", "--label", "aes"]).success();
    env.run(["reencrypt", "--check", "--in", "file"]).fails(3);
    env.run(["key", "rotate", "--label", "rsa"]).success();
    env.run(["reencrypt", "--verify", "--in", "file", "--out", "file"]).success();
    let moved = env.read("file");
    let moved = String::from_utf8_lossy(&moved);
    let words: Vec<_> = moved.lines().filter_map(|line| line.strip_prefix("-> kmsctl ")).collect();
    assert_eq!(
        words,
        [format!("v2 {rsa} rsa-oaep-sha256-2"), format!("v1 {foreign} aes-gcm"), format!("v2 {tag} aes-gcm"),]
    );
    env.run(["reencrypt", "--check", "--in", "file"]).success();
    for label in ["aes", "rsa"] {
        env.run(["key", "disable", "--label", label]).success();
        assert_eq!(env.run(["decrypt", "--in", "file"]).success().stdout, b"age", "without {label}");
        env.run(["key", "enable", "--label", label]).success();
    }
    env.run(["key", "disable", "--label", "aes"]).success();
    env.run(["key", "disable", "--label", "rsa"]).success();
    env.run(["decrypt", "--in", "file"]).fails(7).saying("disabled");
}

fn reencrypt_keeps_armor(env: &TestEnv) {
    let [tag, _] = age::import(env);
    let plaintext = vec![5; 150_000];
    let chunks: Vec<_> = plaintext.chunks(CHUNK).collect();
    let marked: Vec<_> =
        chunks.iter().enumerate().map(|(at, chunk)| (*chunk, at + 1 == chunks.len())).collect();
    let plain = [header(&token_stanza(&tag)), body(&marked)].concat();
    env.write("file", armored(&plain, "\n"));
    assert!(env.run(["decrypt", "--in", "file"]).success().stdout == plaintext);
    let seen = env.run(["inspect", "--in", "file", "--json"]).success().json();
    assert_eq!((&seen["armored"], &seen["plaintextBytes"]), (&true.into(), &150_000.into()));
    assert_eq!(seen["ciphertextBytes"], plain.len());
    env.run(["key", "rotate", "--label", "aes"]).success();
    for args in [&[][..], &["--verify"]] {
        env.run([&["reencrypt", "--in", "file", "--out", "moved"], args].concat()).success();
        let moved = String::from_utf8(env.read("moved")).expect("ASCII");
        assert!(moved.starts_with("-----BEGIN AGE ENCRYPTED FILE-----\n"), "{moved:.80}");
        assert!(moved.ends_with("-----END AGE ENCRYPTED FILE-----\n"));
        assert!(moved.lines().all(|line| line.len() <= 64));
        assert!(env.run(["decrypt", "--in", "moved"]).success().stdout == plaintext);
    }
    // From standard output to standard input.
    env.shell("set -o pipefail; kmsctl reencrypt --in file | kmsctl decrypt > opened").success();
    assert!(env.read("opened") == plaintext);
}
