//! `reencrypt` keeps, adds and drops recipients, and makes a new file key.

use std::io::Read;

use age::{Decryptor, Identity, x25519};
use serde_json::json;

use crate::{
    storage::in_own_namespace,
    support::{KMSCTL, TestEnv, age as age_support, output::Output, token},
};

token::on_both_tokens!(
    recipients_stay_are_added_and_dropped,
    a_new_file_key_shuts_out_those_who_know_the_old_one,
    a_new_file_key_needs_all_recipients,
    a_new_file_key_keeps_context_and_armor,
    a_stanza_that_only_bears_the_name_of_a_key_is_another_recipient,
    what_is_damaged_is_not_replaced,
    a_directory_gets_new_recipients,
    a_header_that_could_not_be_read_is_not_written,
);

/// The plaintext if the identity opens the envelope.
pub(crate) fn by_age(envelope: &[u8], identity: &dyn Identity) -> Option<Vec<u8>> {
    let mut body = Decryptor::new(envelope).expect("an age file").decrypt(std::iter::once(identity)).ok()?;
    let mut opened = Vec::new();
    body.read_to_end(&mut opened).expect("authentic");
    Some(opened)
}

pub(crate) fn plaintext() -> Vec<u8> {
    (0..200_000_u32).flat_map(u32::to_le_bytes).collect()
}

/// An identity and its recipient.
pub(crate) fn custodian() -> (x25519::Identity, String) {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    (identity, recipient)
}

/// `sealed`: an envelope for key `app` and these recipients.
pub(crate) fn seal(env: &TestEnv, recipients: &[&str]) {
    env.create("app", "aes-256");
    env.write("plain", plaintext());
    let encrypt = ["encrypt", "--label", "app", "--in", "plain", "--out", "sealed", "--format", "age"];
    let recipients = recipients.iter().flat_map(|recipient| ["--recipient", *recipient]);
    env.run(encrypt.into_iter().chain(recipients)).success();
}

pub(crate) fn reencrypt(env: &TestEnv, more: &[&str]) -> Output {
    env.run([&["reencrypt", "--in", "sealed", "--out", "sealed"], more].concat())
}

#[track_caller]
pub(crate) fn opens_on_the_token(env: &TestEnv) {
    assert!(env.run("decrypt --in sealed".split(' ')).success().stdout == plaintext());
}

/// The bytes after the header.
fn body(envelope: &[u8]) -> &[u8] {
    let at = envelope.windows(5).position(|window| window == b"\n--- ").expect("a MAC");
    &envelope[at + 5 + 43..]
}

fn recipients_stay_are_added_and_dropped(env: &TestEnv) {
    let ((one, first), (two, second)) = (custodian(), custodian());
    seal(env, &[&first]);
    let before = env.read("sealed");
    reencrypt(env, &["--recipient", &second]).success();
    let both = env.read("sealed");
    assert!(body(&before) == body(&both), "the body was changed");
    for identity in [&one, &two] {
        assert!(by_age(&both, identity) == Some(plaintext()));
    }
    opens_on_the_token(env);
    let shown = env.run("inspect --in sealed --json".split(' ')).success().json();
    assert_eq!(shown["recipients"], json!(["X25519", "X25519"]));
    // They stay through a rotation.
    env.run("key rotate --label app".split(' ')).success();
    reencrypt(env, &[]).success();
    assert!(by_age(&env.read("sealed"), &one).is_some());
    // Dropped from the header: a recipient who kept the file key still opens the body, and the run says so.
    let dropped = reencrypt(env, &["--drop-recipients", "--recipient", &second]).success();
    let hint = dropped
        .saying("sealed: 2 recipients replaced by 1")
        .saying("the file key is unchanged")
        .stderr_text();
    let command = hint.split('`').find(|part| part.starts_with("kmsctl ")).expect("a command").to_owned();
    assert!(command.contains("--new-file-key") && command.contains(&second), "{command}");
    let file = env.read("sealed");
    assert!(by_age(&file, &one).is_none() && by_age(&file, &two) == Some(plaintext()));
    opens_on_the_token(env);
    // The command in the hint does what it says, and drops no other recipient.
    env.shell(&command).success();
    let file = env.read("sealed");
    assert!(body(&file) != body(&before), "the body is the old one");
    assert!(by_age(&file, &one).is_none() && by_age(&file, &two) == Some(plaintext()));
    reencrypt(env, &["--drop-recipients"]).success();
    assert!(by_age(&env.read("sealed"), &two).is_none());
    let nothing = env.read("sealed");
    reencrypt(env, &["--drop-recipients"]).success();
    assert!(env.read("sealed") == nothing, "nothing was left to drop");
    opens_on_the_token(env);
}

/// The old header in front of the new body is what a recipient who kept the file key would try.
fn a_new_file_key_shuts_out_those_who_know_the_old_one(env: &TestEnv) {
    let (one, first) = custodian();
    seal(env, &[&first]);
    let before = env.read("sealed");
    let old_header = || before[..before.len() - body(&before).len()].to_vec();
    let spliced = |env: &TestEnv| [&old_header()[..], body(&env.read("sealed"))].concat();
    let opens = |file: &[u8]| {
        let mut body =
            Decryptor::new(file).expect("a header").decrypt(std::iter::once(&one as &dyn Identity));
        body.as_mut().is_ok_and(|body| body.read_to_end(&mut Vec::new()).is_ok())
    };
    reencrypt(env, &["--drop-recipients"]).success();
    assert!(opens(&spliced(env)), "the file key is still the same");
    reencrypt(env, &["--new-file-key"]).success();
    assert!(!opens(&spliced(env)));
    opens_on_the_token(env);
}

fn a_new_file_key_needs_all_recipients(env: &TestEnv) {
    let (one, first) = custodian();
    env.create("rsa", "rsa-2048");
    env.run("key show --label rsa --pem --out rsa.pem".split(' ')).success();
    let other = token::embedded();
    other.create("kem", "ml-kem-768");
    env.write("kem.pem", other.run("key show --label kem --pem".split(' ')).success().stdout);
    env.create("app", "aes-256");
    env.write("plain", plaintext());
    let encrypt =
        "encrypt --label app --public-key rsa.pem --public-key kem.pem --in plain --out sealed --recipient";
    env.run(encrypt.split(' ').chain([first.as_str()])).success();
    let before = env.read("sealed");
    let refused = reencrypt(env, &["--new-file-key"]).fails(2);
    refused.saying("2 recipients outside this token").saying("--drop-recipients");
    reencrypt(env, &["--new-file-key", "--public-key", "kem.pem"]).fails(2).saying("1 recipient outside");
    assert!(env.read("sealed") == before);
    let all = ["--new-file-key", "--drop-recipients", "--public-key", "kem.pem", "--recipient", &first];
    reencrypt(env, &all).success();
    let file = env.read("sealed");
    assert!(body(&file) != body(&before));
    assert!(by_age(&file, &one) == Some(plaintext()));
    opens_on_the_token(env);
    other.write("sealed", &file);
    opens_on_the_token(&other);
    // A key that is in it already is not added again.
    let report = reencrypt(env, &["--public-key", "kem.pem", "--json"]).success().json();
    assert_eq!(report["status"], "current");
    assert!(env.read("sealed") == file);
    // The RSA key of this token stays without being named.
    env.delete("app");
    opens_on_the_token(env);
}

fn a_new_file_key_keeps_context_and_armor(env: &TestEnv) {
    env.create("app", "aes-256");
    env.write("plain", plaintext());
    env.run("encrypt --label app --in plain --out sealed --format age --context db".split(' ')).success();
    env.run("key rotate --label app".split(' ')).success();
    reencrypt(env, &["--new-file-key"]).fails(3);
    let report = reencrypt(env, &["--new-file-key", "--context", "db", "--json"]).success().json();
    assert_eq!(
        json!([report["status"], report["version"], report["newestVersion"], report["bodyVerified"]]),
        json!(["reencrypted", 1, 2, true])
    );
    env.run("decrypt --in sealed".split(' ')).fails(3);
    assert!(env.run("decrypt --in sealed --context db".split(' ')).success().stdout == plaintext());
    let (_, recipient) = custodian();
    reencrypt(env, &["--context", "db", "--recipient", &recipient]).fails(2);
    // Armored, and through pipes.
    let mut armored = Vec::new();
    let mut writer =
        age::armor::ArmoredWriter::wrap_output(&mut armored, age::armor::Format::AsciiArmor).expect("memory");
    std::io::Write::write_all(&mut writer, &env.read("sealed")).expect("memory");
    writer.finish().expect("memory");
    let again = ["reencrypt", "--new-file-key", "--context", "db"];
    let moved = env.run_with_stdin(&armored, again).success().stdout;
    assert!(moved.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n") && moved != armored);
    let opened = env.run_with_stdin(&moved, "decrypt --context db".split(' ')).success();
    assert!(opened.stdout == plaintext());
    // Of any length: armor by age, and armor by kmsctl.
    for length in [0, 60_000, 65_536, 100_001] {
        let plain = &plaintext()[..length];
        let made = env.run_with_stdin(plain, "encrypt --label app --format age".split(' ')).success();
        env.write("sealed", age_support::armored(&made.stdout, "\n"));
        for _ in 0..2 {
            reencrypt(env, &["--new-file-key"]).success();
            assert!(env.run("decrypt --in sealed".split(' ')).success().stdout == plain, "{length}");
        }
    }
}

/// Anyone who knows the file key can name a key of the token in a stanza for a key that is not on it.
fn a_stanza_that_only_bears_the_name_of_a_key_is_another_recipient(env: &TestEnv) {
    let [aes, rsa] = age_support::import(env);
    let ours = age_support::token_stanza(&aes);
    let misnamed = [
        age_support::stanza(&format!("kmsctl v1 {rsa} rsa-oaep-sha256-2"), &[1; 256]),
        age_support::stanza(&format!("kmsctl v1 {rsa} aes-gcm"), &[1; 44]),
        age_support::stanza(&format!("kmsctl v1 {aes} aes-gcm"), &age_support::wrap(&aes, 1, "", &[7; 16])),
        age_support::stanza(&format!("kmsctl v1 {aes} aes-gcm"), &[1; 44]),
        age_support::stanza(&format!("kmsctl v1 {aes} aes-gcm context"), &[1; 44]),
    ];
    let stanzas = |env: &TestEnv| {
        let file = env.read("sealed");
        file[..file.len() - body(&file).len()].windows(7).filter(|words| words == b"-> kmsc").count()
    };
    for planted in misnamed {
        let planted_file = age_support::file(&format!("{planted}{ours}"), b"text");
        env.write("sealed", &planted_file);
        env.run("reencrypt --check --verify --in sealed".split(' '))
            .fails(3)
            .saying("bears the name of key")
            .saying("--drop-recipients");
        // It stays until recipients are dropped, and does not become one of a new file key.
        reencrypt(env, &[]).success();
        assert_eq!(stanzas(env), 2);
        reencrypt(env, &["--new-file-key"]).fails(2).saying("1 recipient outside");
        reencrypt(env, &["--drop-recipients"]).success().saying("1 recipient dropped").saying("still can");
        assert_eq!(stanzas(env), 1);
        env.run("reencrypt --check --verify --in sealed".split(' ')).success();
        assert_eq!(env.run("decrypt --in sealed".split(' ')).success().stdout, b"text");
        env.write("sealed", &planted_file);
        reencrypt(env, &["--new-file-key", "--drop-recipients"]).success();
        assert_eq!(stanzas(env), 1);
        let shown = env.run("inspect --in sealed --json".split(' ')).success().json();
        assert_eq!(shown["keyTag"], json!(aes));
    }
    // A stanza that bears the newest name does not take the place of the one that the key opens.
    env.run("key rotate --label aes".split(' ')).success();
    let newest = age_support::stanza(&format!("kmsctl v2 {aes} aes-gcm"), &[1; 44]);
    env.write("sealed", age_support::file(&format!("{newest}{ours}"), b"text"));
    reencrypt(env, &[]).success();
    assert_eq!(env.run("decrypt --in sealed".split(' ')).success().stdout, b"text");
    // Scripts see it too: the warning stays with -q, and JSON has fields.
    let planted = age_support::stanza(&format!("kmsctl v1 {rsa} aes-gcm"), &[1; 44]);
    env.write("sealed", age_support::file(&format!("{planted}{ours}"), b"text"));
    let told = |more: &[&str]| {
        let report = reencrypt(env, more).success().json();
        json!([report["fileKey"], report["recipientsDropped"]])
    };
    assert_eq!(told(&["--json"]), json!(["kept", 0]));
    let planted_file = env.read("sealed");
    assert_eq!(told(&["--json", "--drop-recipients", "--new-file-key"]), json!(["new", 1]));
    env.write("sealed", &planted_file);
    assert_eq!(told(&["--json", "--drop-recipients"]), json!(["kept", 1]));
    env.write("sealed", &planted_file);
    reencrypt(env, &["-q", "--drop-recipients"]).success().saying("the file key is unchanged");
    // The public key of the key that a stanza only names is added for it, and the stanza counts as dropped.
    env.run("key show --label rsa --pem --out rsa.pem".split(' ')).success();
    let planted = age_support::stanza(&format!("kmsctl v1 {rsa} rsa-oaep-sha256-2"), &[1; 256]);
    env.write("sealed", age_support::file(&format!("{planted}{ours}"), b"text"));
    reencrypt(env, &["--drop-recipients", "--public-key", "rsa.pem"])
        .success()
        .saying("1 recipient replaced by 1");
    env.delete("aes");
    assert_eq!(env.run("decrypt --in sealed".split(' ')).success().stdout, b"text");
}

fn what_is_damaged_is_not_replaced(env: &TestEnv) {
    seal(env, &[]);
    let whole = env.read("sealed");
    let mut flipped = whole.clone();
    let at = whole.len() - 300_000;
    flipped[at] ^= 1;
    for damaged in [flipped, whole[..whole.len() - 1].to_vec(), [&whole[..], b"x"].concat()] {
        env.write("sealed", &damaged);
        reencrypt(env, &["--new-file-key"]).fails(3);
        assert!(env.read("sealed") == damaged);
        let piped = env.run_with_stdin(&damaged, ["reencrypt", "--new-file-key"]).fails(3);
        assert!(piped.stdout.is_empty(), "output of a damaged file");
    }
    env.write("sealed", &whole);
    env.run("key disable --label app".split(' ')).success();
    reencrypt(env, &["--new-file-key"]).fails(7);
    assert!(env.read("sealed") == whole);
    // A text has one key.
    env.run("key enable --label app".split(' ')).success();
    let text = env.run_with_stdin("x", "encrypt --label app".split(' ')).success();
    let (_, recipient) = custodian();
    env.run_with_stdin(text.line(), ["reencrypt", "--recipient", &recipient]).fails(2).saying("--format age");
    env.run_with_stdin(text.line(), ["reencrypt", "--new-file-key", "--drop-recipients"]).success();
    reencrypt(env, &["--check", "--new-file-key"]).fails(2);
}

fn a_directory_gets_new_recipients(env: &TestEnv) {
    let ((one, first), (two, second)) = (custodian(), custodian());
    seal(env, &[&first]);
    let text = env.run_with_stdin("x", "encrypt --label app".split(' ')).success();
    std::fs::create_dir(env.file("all")).expect("made");
    env.write("all/a.age", env.read("sealed"));
    env.write("all/b.age", env.read("sealed"));
    env.write("all/notes", "no ciphertext");
    let change = ["reencrypt", "--in", "all", "--drop-recipients", "--recipient", &second];
    env.run(change).success().saying("all/b.age: 1 recipient replaced by 1").saying("--in all");
    for name in ["all/a.age", "all/b.age"] {
        assert!(by_age(&env.read(name), &one).is_none() && by_age(&env.read(name), &two).is_some());
    }
    // A text cannot have recipients: the run says so.
    env.write("all/c.kms", text.text());
    env.run(change.into_iter().chain(["--new-file-key"])).fails(2).saying("1 of 3");
    assert_eq!(env.read("all/c.kms"), text.stdout);
    assert!(by_age(&env.read("all/a.age"), &two).is_some());
}

fn a_header_that_could_not_be_read_is_not_written(env: &TestEnv) {
    seal(env, &[]);
    let before = env.read("sealed");
    env.write("many", (0..900).map(|_| custodian().1 + "\n").collect::<String>());
    reencrypt(env, &["-R", "many"]).fails(2).saying("header");
    reencrypt(env, &["-R", "many", "--new-file-key"]).fails(2).saying("header");
    assert!(env.read("sealed") == before);
    env.run("encrypt --label app --in plain --out new -R many".split(' ')).fails(2).saying("header");
    assert!(!env.file("new").exists());
}

/// Memory does not grow with the file, and what cannot be written whole does not replace it.
#[test]
fn a_new_file_key_takes_little_memory_and_a_full_disk_loses_nothing() {
    let env = token::embedded();
    env.create("app", "aes-256");
    let seal = |megabytes: usize, out: &str| {
        let script =
            format!("head -c {megabytes}M /dev/zero | {KMSCTL} encrypt --label app --format age --out {out}");
        env.shell(&script).success();
    };
    seal(1, "small");
    seal(12, "large");
    let peak = |file: &str| env.peak_memory(0, &format!("reencrypt --new-file-key --in {file} --out {file}"));
    let (small, large) = (peak("small"), peak("large"));
    assert!(large < small + 6 * 1024, "{small} KiB for 1 MiB, {large} KiB for 12 MiB");
    let script = format!(
        r#"mount -t tmpfs -o size=3m,mode=700 none "$TMPDIR"
        cp small "$TMPDIR/sealed"
        dd if=/dev/zero of="$TMPDIR/ballast" bs=1k count=1500 2> /dev/null
        code=0; {KMSCTL} reencrypt --new-file-key --in "$TMPDIR/sealed" --out "$TMPDIR/sealed" || code=$?
        cmp small "$TMPDIR/sealed"; ls -A "$TMPDIR" | tr '\n' ' '
        echo "$code""#
    );
    let Some(output) = in_own_namespace(&env, &script) else { return };
    let output = output.success();
    assert!(output.text().starts_with("ballast sealed ") && !output.text().ends_with(" 0\n"), "{output}");
    assert!(output.stderr_text().contains("cannot write"), "{output}");
}
