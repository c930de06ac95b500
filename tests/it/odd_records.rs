//! Records that are damaged, orphaned, missing or written by a newer kmsctl: kmsctl uses what it can read, overwrites
//! nothing, and `doctor` reports each.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    storage::in_own_namespace,
    support::{TestEnv, field, is_full, oracle, output::Output, token},
};

token::on_both_tokens!(
    a_damaged_record_file_is_reported_and_kept,
    an_edited_record_file_is_rejected,
    a_record_cannot_be_moved,
    swapped_record_files_are_refused,
    a_key_with_a_record_elsewhere_is_not_adopted,
    an_old_record_enables_nothing,
    a_rotation_with_an_old_record_makes_no_second_version,
    an_orphan_record_file_is_reported,
    extreme_values_are_tolerated,
    a_record_that_is_not_a_file_is_damaged,
    temporary_files_and_a_read_only_directory_are_tolerated,
    an_id_claimed_by_a_record_cannot_be_reused,
);

/// Runs with records in files, which a test can damage.
pub(crate) fn run(env: &TestEnv, line: &str) -> Output {
    env.with("KMSCTL_RECORDS", "records").run(line.split(' '))
}

fn created(env: &TestEnv) -> (Value, PathBuf) {
    env.write("message", "m");
    let line = "key create --label k --algorithm ec-p256 --memo note --auto-rotate --json";
    let key = run(env, line).success().json();
    (key, env.record_files().remove(0))
}

/// The codes of `doctor`'s errors and warnings, each of which must have a remedy.
fn problem_codes(env: &TestEnv) -> Vec<String> {
    let report = run(env, "doctor --json").exits(3).json();
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|finding| finding["level"] != "info")
        .map(|finding| {
            assert!(finding["remedy"].is_string(), "{finding}");
            field(finding, "code").to_owned()
        })
        .collect()
}

pub(crate) const WRITES: [&str; 6] = [
    "key rotate --id @",
    "key disable --id @",
    "key revoke --id @",
    "key update --id @ --memo new",
    "key update --id @ --rename new",
    "key update --id @ --auto-rotate on",
];

/// Each of several damages meets a third of the commands, and each command two or more of them; in `./dev test full`, all meet all.
fn share<'a>(commands: &'a [&str], turn: usize) -> impl Iterator<Item = &'a str> {
    let is_taken = move |at: usize| is_full() || at % 3 == turn % 3;
    commands.iter().enumerate().filter(move |(at, _)| is_taken(*at)).map(|(_, command)| *command)
}

/// They cannot know whether a key with a damaged record is due.
const SCHEDULED: [&str; 5] = [
    "key rotate --due",
    "key rotate --due --dry-run",
    "key rotate --due --check",
    "key purge --due --yes",
    "key purge --due --dry-run",
];

fn a_damaged_record_file_is_reported_and_kept(env: &TestEnv) {
    let (key, file) = created(env);
    let id = field(&key, "ckaId");
    let whole = fs::read(&file).expect("a record");
    let doubled = String::from_utf8_lossy(&whole).replace("\"versions\":[", "\"versions\":[{},");
    let damages = [&b""[..], b"{", b"[]", b"\xff\xfe", &whole[..whole.len() / 2], doubled.as_bytes()];
    for (turn, damaged) in damages.into_iter().enumerate() {
        fs::write(&file, damaged).expect("damaged");
        run(env, "key list").success().saying("the record file records/");
        let listed = run(env, "key list --json").success().json();
        assert_eq!((&listed[0]["ckaId"], &listed[0]["memo"]), (&key["ckaId"], &Value::Null));
        run(env, &format!("key show --id {id}")).success();
        run(env, &format!("sign --id {id} --in message --out sig")).success();
        run(env, &format!("verify --id {id} --in message --signature sig")).success();
        for line in share(&WRITES, turn) {
            run(env, &line.replace('@', id)).fails(6).saying("damaged");
        }
        for scheduled in share(&SCHEDULED, turn) {
            run(env, scheduled)
                .fails(6)
                .saying("the record file records/")
                .saying("no keys are due")
                .saying("whether other keys are due is unknown");
        }
        assert_eq!(problem_codes(env), ["DAMAGED_RECORD"]);
        let remedy = run(env, "doctor").exits(3);
        assert!(
            remedy.text().contains("restore it from a backup") && !remedy.text().contains("rm "),
            "{remedy}"
        );
        assert_eq!(fs::read(&file).expect("still there"), damaged, "overwritten");
    }
    fs::remove_file(&file).expect("removed");
    for scheduled in SCHEDULED {
        run(env, scheduled).fails(6).saying("the record of key \"k\"").saying("no keys are due");
    }
    fs::write(&file, whole).expect("restored");
    assert_eq!(run(env, "key show --label k --json").success().json()["memo"], "note");
}

/// A record file that was edited without the PIN makes kmsctl refuse the key; it has no other effect.
fn an_edited_record_file_is_rejected(env: &TestEnv) {
    let (key, file) = created(env);
    let id = field(&key, "ckaId");
    run(env, "sign --label k --in message --out sig").success();
    let whole = fs::read_to_string(&file).expect("a record");
    let mac = whole.find(",\"mac\":").expect("a MAC");
    let without_mac = format!("{}}}", &whole[..mac]);
    let edits = [
        without_mac.clone(),
        without_mac.replace("\"schema\":3", "\"schema\":1"),
        whole.replace("\"memo\":\"note\"", "\"memo\":\"nota\""),
        whole
            .replace("\"status\":\"ENABLE\",\"statusSince\"", "\"status\":\"REVOKE\",\"statusSince\"")
            .replace("\"destroyAt\":null", "\"destroyAt\":1"),
        whole.replace("\"schema\":3", "\"schema\":9"),
        format!("{}{}", &whole[..whole.len() - 4], "0\"}"),
    ];
    for (turn, edited) in edits.into_iter().enumerate() {
        assert_ne!(edited, whole);
        fs::write(&file, &edited).expect("written");
        run(env, "key list").success();
        let uses = [
            "sign --id @ --in message",
            "verify --id @ --in message --signature sig",
            "key show --id @ --pem",
            "key purge --id @ --yes",
            "key delete --id @ --yes",
            "jwks --id @",
        ];
        for line in share(&uses, turn).chain(share(&WRITES, turn)) {
            let refused = run(env, &format!("{} --json", line.replace('@', id)));
            assert_eq!(refused.status.code(), Some(6), "{edited}: {refused}");
            assert_eq!(field(&refused.error(), "code"), "RECORD_NOT_AUTHENTIC", "{line}: {edited}");
        }
        run(env, "key purge --due --yes");
        assert!(problem_codes(env).contains(&"RECORD_NOT_AUTHENTIC".to_owned()), "{edited}");
        run(env, "doctor --repair").exits(3);
        assert_eq!(fs::read_to_string(&file).expect("still there"), edited, "overwritten");
    }
    fs::write(&file, &whole).expect("restored");
    run(env, "sign --id @ --in message".replace('@', id).as_str()).success();
    run(env, "doctor").success();
}

/// A record is valid only for its own token and key.
fn a_record_cannot_be_moved(env: &TestEnv) {
    let (_, file) = created(env);
    run(env, "key create --label other --algorithm ec-p256").success();
    let other = env.record_files().into_iter().find(|path| *path != file).expect("the other record");
    let text = fs::read_to_string(&other).expect("a record");
    fs::write(&file, text.replace("\"label\":\"other\"", "\"label\":\"k\"")).expect("written");
    run(env, "key disable --label k").fails(6).saying("it is the record of key \"k\", whose file is");
}

/// Each file is the record of one key: nothing is changed by the record of another.
fn swapped_record_files_are_refused(env: &TestEnv) {
    let (_, one) = created(env);
    run(env, "key create --label other --algorithm ec-p256").success();
    run(env, "key disable --label other").success();
    let swap = "cd records && set -- *.json && mv $1 x && mv $2 $1 && mv x $2";
    env.shell(swap).success();
    for line in ["key disable --label k", "key enable --label other", "key rotate --label k"] {
        run(env, line).fails(6).saying("it is the record of key");
    }
    assert_eq!(problem_codes(env)[..2], ["DAMAGED_RECORD", "DAMAGED_RECORD"]);
    run(env, "doctor --repair").exits(3).showing("whose file is");
    run(env, "sign --label k --in message").fails(6).saying("it is the record of key");
    env.shell(swap).success();
    run(env, "doctor").success();
    run(env, "sign --label other --in message").fails(7);
    assert!(one.exists());
}

/// A run without the records directory does not take a key for one whose creation was interrupted.
fn a_key_with_a_record_elsewhere_is_not_adopted(env: &TestEnv) {
    created(env);
    let create = ["key", "create", "--label", "k", "--algorithm", "ec-p256"];
    for more in [&[][..], &["--records", "elsewhere"], &["--if-not-exists"]] {
        env.run([&create[..], more].concat()).fails(8).saying("--records DIR");
    }
    env.run(["doctor"]).exits(3).showing("a directory that is not used here");
    assert_eq!(run(env, "key show --label k --json").success().json()["memo"], "note");
    run(env, "doctor").success();
    // One that was interrupted is completed by the same command.
    let line = "key create --label l --algorithm ec-p256 --memo m";
    let killed = crate::support::fault::watched(env).with("KMSCTL_RECORDS", "records");
    let killed = killed.with("KMSCTL_FAULT", "C_Sign:1 kill-after").run(line.split(' '));
    assert_eq!(killed.status.code(), None, "not killed\n{killed}");
    run(env, line).success().saying("interrupted");
    run(env, "doctor").success();
}

/// A key was disabled since the record was copied. The token still says so.
fn an_old_record_enables_nothing(env: &TestEnv) {
    let (_, file) = created(env);
    let old = fs::read(&file).expect("a record");
    run(env, "sign --label k --in message --out sig").success();
    run(env, "jwt sign --label k --sub a --ttl 1h --out token").success();
    run(env, "key disable --label k").success();
    fs::write(&file, old).expect("put back");
    run(env, "doctor --repair").exits(3).showing("key enable --label k");
    env.write("requests", r#"{"op":"verify","label":"k","data":"bQ==","signature":"AAAA"}"#);
    assert!(run(env, "batch --in requests").text().contains("RECORD_NOT_AUTHENTIC"));
    for line in [
        "sign --label k --in message",
        "verify --label k --in message --signature sig",
        "jwt verify --label k --in token",
        "jwks --label k",
        "jwks",
        "key rotate --label k",
        "key rotate --label k --stage",
        "key rotate --label k --dry-run",
    ] {
        let refused = run(env, &format!("{line} --json")).fails(6);
        assert_eq!(field(&refused.error(), "code"), "RECORD_NOT_AUTHENTIC", "{line}");
    }
    run(env, "key rotate --due").success();
    assert_eq!(problem_codes(env), ["UNUSABLE_THOUGH_ALLOWED"]);
    run(env, "key disable --label k").success();
    run(env, "doctor").success();
    run(env, "key enable --label k").success();
    run(env, "sign --label k --in message").success();
}

/// The version that the old record does not know is found by its CKA_ID, and stays version 2.
fn a_rotation_with_an_old_record_makes_no_second_version(env: &TestEnv) {
    let (_, file) = created(env);
    let public = || run(env, "key show --label k --pem").success().text().to_owned();
    for mends in ["key rotate --label k", "doctor --repair"] {
        let old = fs::read(&file).expect("a record");
        let version = |more: u64| {
            let shown = run(env, "key show --label k --json").success().json();
            shown["version"].as_u64().expect("a number") + more
        };
        let next = version(1);
        run(env, "key rotate --label k").success();
        let newest = public();
        fs::write(&file, old).expect("put back");
        run(env, mends).exits_any(&[0, 3]);
        assert_eq!((public(), version(0)), (newest, next), "{mends}");
        run(env, "sign --label k --in message").success();
        run(env, "doctor").success();
    }
}

fn an_orphan_record_file_is_reported(env: &TestEnv) {
    let (_, file) = created(env);
    let record = fs::read(&file).expect("a record");
    run(env, "key delete --label k --yes").success();
    assert!(!file.exists());
    fs::write(&file, record).expect("written");
    assert_eq!(problem_codes(env), ["NOTHING_LEFT"]);
    run(env, "key delete --label k --yes").success();
    assert!(!file.exists());
    run(env, "doctor").success();
}

/// Dates, periods and counters at their limits are shown or refused; nothing overflows.
fn extreme_values_are_tolerated(env: &TestEnv) {
    let (key, file) = created(env);
    let id = field(&key, "ckaId");
    let whole: Value = serde_json::from_slice(&fs::read(&file).expect("a record")).expect("JSON");
    let max = u64::MAX;
    for (member, value) in [
        ("statusSince", json!(max)),
        ("created", json!(max)),
        ("nextRotation", json!(max)),
        ("destroyAt", json!(max)),
        ("rotationPeriod", json!(u32::MAX)),
        ("rotationPeriod", json!(0)),
        ("revision", json!(max)),
        ("label", json!("\u{1b}[2J\n")),
        ("memo", json!("\u{9b}31m\u{202e}")),
    ] {
        let mut record = whole.clone();
        record[member] = value;
        if member == "destroyAt" {
            record["status"] = json!("REVOKE");
        }
        record["nextRotation"] = if member == "nextRotation" { json!(max) } else { json!(1) };
        fs::write(&file, record.to_string()).expect("written");
        let lines = ["key list", "key list --json", "key show --id @", "key versions --id @", "doctor"];
        let writes =
            ["key rotate --due", "key update --id @ --memo m", "key rotate --id @", "key disable --id @"];
        for line in lines.iter().chain(&writes) {
            let output = run(env, &line.replace('@', id));
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 1 | 3 | 6 | 7)), "{member}: {output}");
            assert!(!output.stderr_text().contains("internal error"), "{member}: {output}");
            let raw =
                |bytes: &[u8]| bytes.contains(&0x1b) || String::from_utf8_lossy(bytes).contains('\u{9b}');
            let is_json = line.ends_with("--json");
            assert!(is_json || !raw(&output.stdout) && !raw(&output.stderr), "{member}: {output}");
        }
        let verify = format!("verify --id {id} --in message --signature AAAA");
        run(env, &verify).exits_any(&[2, 3, 6]);
    }
}

/// A directory, pipe or device in place of a record is reported, not waited for, and not overwritten.
fn a_record_that_is_not_a_file_is_damaged(env: &TestEnv) {
    let (key, file) = created(env);
    let id = field(&key, "ckaId");
    fs::remove_file(&file).expect("removed");
    let path = file.to_str().expect("UTF-8");
    for make in ["mkdir", "mkfifo", "ln -s /dev/zero"] {
        env.shell(&format!("{make} '{path}'")).success();
        assert_eq!(problem_codes(env), ["DAMAGED_RECORD"], "{make}");
        run(env, &format!("sign --id {id} --in message")).success();
        run(env, &format!("key disable --id {id}")).fails(6).saying("damaged");
        env.shell(&format!("rm -r '{path}'")).success();
    }
    // Larger than any record.
    fs::File::create(&file).and_then(|large| large.set_len(1 << 40)).expect("a sparse file");
    assert_eq!(problem_codes(env), ["DAMAGED_RECORD"]);
}

/// Temporary files of a killed writer are not taken for records. In a read-only directory writes fail and change nothing,
/// while reads and `doctor` work.
fn temporary_files_and_a_read_only_directory_are_tolerated(env: &TestEnv) {
    let (_, file) = created(env);
    let directory = file.parent().expect("a directory");
    let record = fs::read(&file).expect("a record");
    fs::write(directory.join(".tmpAbCdEf"), &record[..record.len() / 2]).expect("written");
    fs::write(directory.join("notes.txt"), "mine").expect("written");
    run(env, "doctor").success();
    run(env, "key update --label k --memo new").success();
    let before = fs::read(&file).expect("a record");
    let script = r#"
        mount --bind records records
        mount -o remount,bind,ro records
        export KMSCTL_RECORDS=records
        kmsctl doctor > report; kmsctl sign --label k --in message > signature
        for change in "update --label k --memo other" "rotate --label k" "disable --label k" \
            "create --label l --algorithm aes-256" "delete --label k --yes"; do
            code=0; kmsctl key $change 2>> said || code=$?
            echo "$code"
        done
        kmsctl sign --label k --in message > signature
        kmsctl key list --json | grep -o '"label":"[a-z]*"'"#;
    let Some(output) = in_own_namespace(env, script) else { return };
    let codes: Vec<_> = output.text().lines().collect();
    assert_eq!(output.status.code(), Some(0), "{output}");
    assert_eq!(codes, ["6", "6", "6", "6", "6", "\"label\":\"k\""], "{output}");
    assert_eq!(fs::read(&file).expect("a record"), before);
    run(env, "doctor").success();
}

/// Otherwise the record would take the new objects for the version that it lost.
fn an_id_claimed_by_a_record_cannot_be_reused(env: &TestEnv) {
    let receiver = ["key", "create", "--label", "receiver", "--algorithm", "rsa-2048"];
    env.run(receiver).success();
    env.write("receiver.pem", env.run(["key", "show", "--label", "receiver", "--pem"]).success().stdout);
    env.run("key create --label lost --algorithm aes-256 --id 0a --exportable".split(' ')).success();
    env.run("key wrap --label lost --wrapping-key receiver.pem --out wrapped".split(' ')).success();
    let rotated = env.run("key rotate --label lost --json".split(' ')).success().json();
    oracle::pkcs11_tool(env, &["--delete-object", "--type", "secrkey", "--id", "0a"]);
    env.write("raw", [7; 32]);
    for line in [
        "key create --label new --algorithm aes-256 --id 0A",
        "key create --label new --algorithm ec-p256 --id 0a --allow-duplicate-label",
        "key import --label new --algorithm aes-256 --in raw --id 0a",
        "key unwrap --label new --in wrapped --id 0a",
    ] {
        let refused = env.run([line, "--json"].join(" ").split(' ')).fails(8).error();
        assert_eq!(field(&refused, "code"), "KEY_EXISTS", "{line}");
        // Unwrapped, it would be the same key again.
        let why = if line.contains("unwrap") {
            "already on the token: \"lost\""
        } else {
            "version 1 of key \"lost\""
        };
        assert!(field(&refused, "message").contains(why), "{line}: {refused}");
    }
    assert_eq!(env.labels(), ["lost", "receiver"]);
    let shown = env.run("key show --label lost --json".split(' ')).success().json();
    assert_eq!(shown["ckaId"], rotated["ckaId"], "the remaining version is not the newest");
    env.run("key delete --label lost --yes".split(' ')).success();
    env.run("key create --label new --algorithm aes-256 --id 0a".split(' ')).success();
}
