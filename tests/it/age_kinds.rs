//! Every kind of age file in the C2SP test kit (<https://c2sp.org/CCTV/age>), encrypted to a token key: header, stanzas,
//! MAC and body, valid and invalid. The expected results are the kit's.

use crate::support::{
    TestEnv,
    age::{self, CHUNK, FILE_KEY, FIRST_LINE, body, file, header, mac, stanza, token_stanza},
    token,
};

/// Decrypts to this plaintext.
pub(crate) const VALID: Option<&[u8]> = Some(b"age");

/// Refused with exit code 3.
pub(crate) const INVALID: Option<&[u8]> = None;

/// One full chunk, two full chunks, and a full chunk plus one byte.
static FULL: [u8; CHUNK] = [7; CHUNK];

static TWO: [u8; 2 * CHUNK] = [7; 2 * CHUNK];

static MORE: [u8; CHUNK + 1] = [7; CHUNK + 1];

/// Name, file, and the plaintext if the file is valid.
pub(crate) type Case = (&'static str, Vec<u8>, Option<&'static [u8]>);

pub(crate) fn check(env: &TestEnv, cases: Vec<Case>) {
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
