//! SoftHSM completes an object when it is read, also one that another process has begun to create: it writes the file without
//! label, CKA_ID and value, over what the other process writes meanwhile. No command reads such an object.

use std::{fs, path::PathBuf};

use crate::support::{TestEnv, saved, token};

const BOOLEAN: u64 = 1;
const NUMBER: u64 = 2;
const BYTES: u64 = 3;

/// What SoftHSM has written of an AES key before its template, in this order: type, kind and value of an attribute.
const ATTRIBUTES: [(u64, u64, u64); 6] = [
    // CKA_KEY_TYPE: CKK_AES; CKA_CLASS: CKO_SECRET_KEY.
    (0x100, NUMBER, 0x1f),
    (0, NUMBER, 4),
    // CKA_TOKEN, CKA_PRIVATE, CKA_MODIFIABLE.
    (1, BOOLEAN, 0),
    (2, BOOLEAN, 1),
    (0x170, BOOLEAN, 1),
    // An empty CKA_LABEL: its length.
    (3, BYTES, 0),
];

/// The file of an object with the first attributes.
fn half_written(env: &TestEnv, count: usize) -> PathBuf {
    let files = saved::files(&env.path("softhsm"));
    let object = files.iter().find(|file| file.extension().is_some_and(|end| end == "object"));
    let generation = 1_u64.to_be_bytes().to_vec();
    let content = ATTRIBUTES[..count].iter().fold(generation, |mut content, (attribute, kind, value)| {
        content.extend(attribute.to_be_bytes());
        content.extend(kind.to_be_bytes());
        match *kind {
            BOOLEAN => content.push(u8::from(*value == 1)),
            _ => content.extend(value.to_be_bytes()),
        }
        content
    });
    let path =
        object.expect("an object").with_file_name(format!("00000000-0000-0000-0000-{count:012}.object"));
    fs::write(&path, content).expect("a file");
    path
}

#[test]
fn no_command_writes_what_another_process_creates() {
    let env = &token::softhsm();
    env.create("k", "ec-p256");
    let files: Vec<_> = (1..=ATTRIBUTES.len()).map(|count| half_written(env, count)).collect();
    let read = || -> Vec<_> { files.iter().map(|file| fs::read(file).expect("the file")).collect() };
    let before = read();
    let lines = [
        "key list",
        "key list --all",
        "key show --label k",
        "key show --label other",
        "key versions --label k",
        "key create --label c --algorithm aes-256",
        "key rotate --label k",
        "key disable --label k",
        "key rotate --due",
        "key purge --due --yes",
        "key delete --label k --yes",
        "token show",
        "jwks",
        "doctor",
        "doctor --repair",
    ];
    for line in lines {
        env.run(line.split(' ')).exits_any(&[0, 3, 4]);
        assert_eq!(read(), before, "{line}");
    }
    assert_eq!(env.labels(), ["c"]);
}
