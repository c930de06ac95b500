//! Every kind of age file in the C2SP test kit (<https://c2sp.org/CCTV/age>), encrypted to a token key: header, stanzas,
//! MAC, body and armor, valid and invalid. The expected results are the kit's.

use crate::support::{
    TestEnv,
    age::{self, CHUNK, FILE_KEY, FIRST_LINE, armored, body, file, header, mac, stanza, token_stanza},
    token,
};

token::on_both_tokens!(several_keys_in_one_header, reencrypt_keeps_armor,);

/// Decrypts to this plaintext.
const VALID: Option<&[u8]> = Some(b"age");
/// Refused with exit code 3.
const INVALID: Option<&[u8]> = None;

/// One full chunk, two full chunks, and a full chunk plus one byte.
static FULL: [u8; CHUNK] = [7; CHUNK];
static TWO: [u8; 2 * CHUNK] = [7; 2 * CHUNK];
static MORE: [u8; CHUNK + 1] = [7; CHUNK + 1];

/// Name, file, and the plaintext if the file is valid.
type Case = (&'static str, Vec<u8>, Option<&'static [u8]>);

fn check(env: &TestEnv, cases: Vec<Case>) {
    for (name, file, expected) in cases {
        env.write("file", &file);
        let opened = env.run(["decrypt", "--in", "file", "--out", "opened"]);
        if let Some(plaintext) = expected {
            opened.success();
            assert!(env.read("opened") == plaintext, "{name}");
            std::fs::remove_file(env.file("opened")).expect("written");
            // A valid file can be re-encrypted.
            env.run(["reencrypt", "--verify", "--in", "file", "--out", "moved"]).success();
        } else {
            assert_eq!(opened.status.code(), Some(3), "{name}\n{opened}");
            assert!(!env.file("opened").exists(), "{name}");
            let moved = env.run(["reencrypt", "--verify", "--in", "file", "--out", "moved-wrong"]);
            assert_eq!(moved.status.code(), Some(3), "{name}\n{moved}");
            assert!(!env.file("moved-wrong").exists(), "{name}");
        }
        // Without a key, inspect succeeds or refuses the file, but never crashes.
        env.run(["inspect", "--in", "file"]).exits_any(&[0, 3]);
    }
}

/// A header of exactly these bytes, which end with the dashes, and a valid MAC over them.
fn header_with_valid_mac(covered: &str) -> Vec<u8> {
    format!("{covered} {}\n", mac(covered.as_bytes(), &FILE_KEY)).into_bytes()
}

fn small() -> Vec<u8> {
    body(&[(b"age", true)])
}

fn with(header: Vec<u8>) -> Vec<u8> {
    [header, small()].concat()
}

#[test]
fn stanzas() {
    let env = token::embedded();
    let [tag, _] = age::import(&env);
    let ours = token_stanza(&tag);
    let beside = |other: &str| with(header(&format!("{other}{ours}")));
    let edited = |from: &str, to: &str| with(header(&ours.replacen(from, to, 1)));
    let last = ours.trim_end().to_owned();
    let body_line = last.rsplit('\n').next().expect("a body").to_owned();
    let off = format!("{}B", &body_line[..body_line.len() - 1]);
    check(
        &env,
        vec![
            ("the file", file(&ours, b"age"), VALID),
            ("stanza_no_arguments", beside("-> grease\n\n"), VALID),
            ("stanza_empty_body", beside("-> empty a b\n\n"), VALID),
            (
                "stanza_valid_characters",
                beside("-> !\"#$%&'()*+,-./0189:;<=>?@AZ[\\]^_`az{|}~ ~ !\n\n"),
                VALID,
            ),
            ("stanza_full_line", beside(&stanza("full", &[1; 48])), VALID),
            ("stanza_two_lines", beside(&stanza("long", &[1; 50])), VALID),
            ("token stanza first", with(header(&format!("{ours}-> grease\n\n"))), VALID),
            ("stanza_missing_body", beside("-> empty\n"), INVALID),
            (
                "stanza_missing_final_line",
                beside(&stanza("full", &[1; 48]).replacen("\n\n", "\n", 1)),
                INVALID,
            ),
            ("stanza_empty_argument", beside("-> empty  a\n\n"), INVALID),
            ("stanza_empty_kind", beside("-> \n\n"), INVALID),
            ("stanza_no_space", beside("->grease\n\n"), INVALID),
            ("stanza_bad_start", beside("-- grease\n\n"), INVALID),
            ("stanza_trailing_space", beside("-> grease \n\n"), INVALID),
            ("stanza_invalid_character", beside("-> gr\u{e8}ase\n\n"), INVALID),
            ("stanza_tab", beside("-> gr\tease\n\n"), INVALID),
            ("stanza_long_line", beside(&format!("-> long\n{}\nAAAA\n", "A".repeat(68))), INVALID),
            (
                "stanza_short_line_in_the_middle",
                beside(&format!("-> long\n{}\n{}\nAAAA\n", "A".repeat(60), "A".repeat(64))),
                INVALID,
            ),
            ("stanza_multiple_short_lines", beside("-> long\nAAAA\nAAAA\n"), INVALID),
            ("stanza_empty_last_line", beside("-> grease\nAAAA\n\n"), INVALID),
            ("stanza_base64_padding", beside("-> grease\nAA==\n"), INVALID),
            ("stanza_base64_one_character", beside("-> grease\nA\n"), INVALID),
            ("stanza_not_canonical", beside("-> grease\nAB\n"), INVALID),
            ("stanza_base64url", beside("-> grease\n-_-_\n"), INVALID),
            ("stanza_spurious_cr", beside("-> grease\r\n\n"), INVALID),
            ("token stanza not canonical", edited(&body_line, &off), INVALID),
            (
                "token stanza one byte short",
                with(header(&stanza(
                    &format!("kmsctl v1 {tag} aes-gcm"),
                    &age::wrap(&tag, 1, "", &FILE_KEY)[..43],
                ))),
                INVALID,
            ),
            (
                "token stanza one byte long",
                with(header(&stanza(
                    &format!("kmsctl v1 {tag} aes-gcm"),
                    &[&age::wrap(&tag, 1, "", &FILE_KEY)[..], &[0]].concat(),
                ))),
                INVALID,
            ),
            (
                "a file key of 15 bytes",
                with(header(&stanza(
                    &format!("kmsctl v1 {tag} aes-gcm"),
                    &age::wrap(&tag, 1, "", &FILE_KEY[1..]),
                ))),
                INVALID,
            ),
            (
                "a file key of 17 bytes",
                with(header(&stanza(
                    &format!("kmsctl v1 {tag} aes-gcm"),
                    &age::wrap(&tag, 1, "", &[&FILE_KEY[..], &[0]].concat()),
                ))),
                INVALID,
            ),
            (
                "another file key",
                with(header(&stanza(&format!("kmsctl v1 {tag} aes-gcm"), &age::wrap(&tag, 1, "", &[1; 16])))),
                INVALID,
            ),
            ("a version with a leading zero", edited("v1", "v01"), INVALID),
            ("an extra argument", edited(" aes-gcm", " aes-gcm context more"), INVALID),
            ("an unknown wrapping", edited("aes-gcm", "aes-siv"), INVALID),
            ("a wrapping in capitals", edited("aes-gcm", "AES-GCM"), INVALID),
            ("a context claimed but not used", edited("aes-gcm", "aes-gcm context"), INVALID),
            (
                "an additional scrypt stanza",
                beside(&stanza("scrypt bBjlhJVYZeE4aqUdmtRHfw 10", &[1; 32])),
                INVALID,
            ),
            ("no stanza", with(header("")), INVALID),
        ],
    );
}

#[test]
fn headers_and_macs() {
    let env = token::embedded();
    let [tag, _] = age::import(&env);
    let ours = token_stanza(&tag);
    let whole = String::from_utf8(header(&ours)).expect("ASCII");
    let mac_of = whole.rsplit_once("--- ").expect("a MAC").1.trim_end().to_owned();
    let covered = format!("{FIRST_LINE}{ours}---");
    let ending = |end: &str| with(format!("{covered}{end}").into_bytes());
    let last = mac_of.chars().last().expect("a character");
    let off = char::from(u32::from(last).try_into().unwrap_or(b'A') ^ 1);
    check(
        &env,
        vec![
            (
                "hmac_bad",
                ending(&format!(
                    " {}{mac}\n",
                    if mac_of.starts_with('A') { 'B' } else { 'A' },
                    mac = &mac_of[1..]
                )),
                INVALID,
            ),
            ("hmac_extra_space", ending(&format!("  {mac_of}\n")), INVALID),
            ("hmac_garbage", ending(&format!(" {mac_of}AAA\n")), INVALID),
            ("hmac_missing", ending("\n"), INVALID),
            ("hmac_space_only", ending(" \n"), INVALID),
            ("hmac_no_space", ending(&format!("{mac_of}\n")), INVALID),
            ("hmac_not_canonical", ending(&format!(" {}{off}\n", &mac_of[..mac_of.len() - 1])), INVALID),
            ("hmac_trailing_space", ending(&format!(" {mac_of} \n")), INVALID),
            ("hmac_truncated", ending(&format!(" {}\n", &mac_of[..mac_of.len() - 1])), INVALID),
            ("hmac_padding", ending(&format!(" {mac_of}=\n")), INVALID),
            ("hmac_cr", ending(&format!(" {mac_of}\r\n")), INVALID),
            (
                "hmac over the dashes and the space",
                with(
                    format!("{covered} {}\n", mac(format!("{covered} ").as_bytes(), &FILE_KEY)).into_bytes(),
                ),
                INVALID,
            ),
            (
                "hmac with another file key",
                with(format!("{covered} {}\n", mac(covered.as_bytes(), &[0; 16])).into_bytes()),
                INVALID,
            ),
            ("header_crlf", with(header_with_valid_mac(&covered.replace('\n', "\r\n"))), INVALID),
            ("header_blank_line", with(header_with_valid_mac(&format!("{FIRST_LINE}\n{ours}---"))), INVALID),
            ("the end of the header is missing", covered.clone().into_bytes(), INVALID),
            ("the first line alone", FIRST_LINE.as_bytes().to_vec(), INVALID),
            (
                "bytes changed after the MAC was made",
                with(whole.replacen("-> kmsctl", "-> grease\n\n-> kmsctl", 1).into_bytes()),
                INVALID,
            ),
        ],
    );
    for (version, code) in [("v2", 2), ("v1x", 2), ("v1 ", 2), ("V1", 2), ("v", 2)] {
        env.write("file", with(whole.replacen("/v1", &format!("/{version}"), 1).into_bytes()));
        env.run(["decrypt", "--in", "file"]).fails(code).saying("version");
    }
    env.write("file", "");
    env.run(["decrypt", "--in", "file"]).fails(2);
}

#[test]
fn bodies() {
    let env = token::embedded();
    let [tag, _] = age::import(&env);
    let head = header(&token_stanza(&tag));
    let of = |body: Vec<u8>| [head.clone(), body].concat();
    let flipped = |chunks: &[(&[u8], bool)], at: usize| {
        let mut bytes = body(chunks);
        let at = if at == usize::MAX { bytes.len() - 1 } else { at };
        bytes[at] ^= 1;
        of(bytes)
    };
    let cut = |chunks: &[(&[u8], bool)], length: usize| of(body(chunks)[..length].to_vec());
    check(
        &env,
        vec![
            ("stream_small", of(small()), VALID),
            ("stream_empty_payload", of(body(&[(b"", true)])), Some(b"")),
            ("stream_last_chunk_full", of(body(&[(&FULL, true)])), Some(&FULL)),
            ("stream_last_chunk_full_second", of(body(&[(&FULL, false), (&FULL, true)])), Some(&TWO)),
            ("stream_two_chunks", of(body(&[(&FULL, false), (&[7], true)])), Some(&MORE)),
            ("stream_last_chunk_empty", of(body(&[(&FULL, false), (b"", true)])), INVALID),
            ("stream_no_nonce", of(Vec::new()), INVALID),
            ("stream_short_nonce", of(small()[..15].to_vec()), INVALID),
            ("stream_no_chunks", of(small()[..16].to_vec()), INVALID),
            ("stream_missing_tag", cut(&[(b"age", true)], 19), INVALID),
            ("stream_short_chunk", cut(&[(b"age", true)], 34), INVALID),
            ("stream_bad_tag", flipped(&[(b"age", true)], usize::MAX), INVALID),
            ("stream_bad_tag_second_chunk", flipped(&[(&FULL, false), (&[7], true)], usize::MAX), INVALID),
            (
                "stream_bad_tag_second_chunk_full",
                flipped(&[(&FULL, false), (&FULL, true)], usize::MAX),
                INVALID,
            ),
            ("stream_bad_nonce", flipped(&[(b"age", true)], 0), INVALID),
            ("stream_bad_first_chunk", flipped(&[(&FULL, false), (&[7], true)], 16), INVALID),
            ("stream_no_final", of(body(&[(b"age", false)])), INVALID),
            ("stream_no_final_full", of(body(&[(&FULL, false)])), INVALID),
            ("stream_no_final_two_chunks", of(body(&[(&FULL, false), (&[7], false)])), INVALID),
            ("stream_no_final_two_chunks_full", of(body(&[(&FULL, false), (&FULL, false)])), INVALID),
            ("stream_two_final_chunks", of(body(&[(b"age", true), (b"age", true)])), INVALID),
            ("stream_two_final_chunks_full", of(body(&[(&FULL, true), (&FULL, true)])), INVALID),
            (
                "stream_short_second_chunk",
                cut(&[(&FULL, false), (&[7; 9], true)], 16 + CHUNK + 16 + 20),
                INVALID,
            ),
            ("stream_trailing_garbage_short", of([small(), b"x".to_vec()].concat()), INVALID),
            ("stream_trailing_garbage_long", of([small(), vec![0; CHUNK + 20]].concat()), INVALID),
            ("garbage after a full chunk", of([body(&[(&FULL, true)]), vec![0]].concat()), INVALID),
            ("a tag's worth after a full chunk", of([body(&[(&FULL, true)]), vec![0; 16]].concat()), INVALID),
            (
                "the tag alone in the second chunk",
                cut(&[(&FULL, false), (&[7], true)], 16 + CHUNK + 16 + 16),
                INVALID,
            ),
        ],
    );
}

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
