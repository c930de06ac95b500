//! `key import` of private keys in OpenSSH's format.

use crate::{
    key_files::{check, fingerprint, make},
    support::{TestEnv, oracle},
};

#[test]
fn reads_openssh_keys() {
    let env = TestEnv::new();
    env.write("right", "right\n");
    for (name, options) in [
        ("plain", "-t ecdsa -b 256 -N ''"),
        ("rsa", "-t rsa -b 2048 -N ''"),
        ("rsa-locked", "-t rsa -b 2048 -N right -a 3"),
        ("gcm", "-t ecdsa -b 256 -N right -Z aes256-gcm@openssh.com -a 3"),
        ("cbc", "-t ecdsa -b 256 -N right -Z aes256-cbc -a 3"),
        ("chacha", "-t ecdsa -b 256 -N right -Z chacha20-poly1305@openssh.com -a 3"),
    ] {
        make(
            &env,
            &format!(
                "ssh-keygen -q {options} -C me -f {name}; ssh-keygen -e -m PKCS8 -f {name}.pub > {name}.spki"
            ),
        );
        let found = check(&env, name, &["--passphrase-file", "right"]).success().json();
        assert_eq!(found["fingerprint"], fingerprint(&env, &format!("{name}.spki")), "{name}");
    }
    env.write("wrong", "wrong\n");
    check(&env, "gcm", &["--passphrase-file", "wrong"]).fails(2).saying("does not decrypt");
    // `ssh-keygen` converts no Ed25519 key to SPKI, Python's cryptography does.
    for (name, options) in [("ed25519", "-N ''"), ("ed25519-locked", "-N right -a 3")] {
        make(&env, &format!("ssh-keygen -q -t ed25519 {options} -C me -f {name}"));
        env.write("spki", oracle::pyca(&env, &["ssh", &format!("{name}.pub")]).text());
        let found = check(&env, name, &["--passphrase-file", "right"]).success().json();
        assert_eq!(found["fingerprint"], fingerprint(&env, "spki"), "{name}");
    }
}

/// OpenSSH writes the scalar without leading zeros: half of its P-521 keys are shorter than the curve.
#[test]
fn reads_openssh_keys_with_a_short_scalar() {
    let env = TestEnv::new();
    env.write("right", "right\n");
    for (name, width, oid) in [
        ("p256", 32, &b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"[..]),
        ("p384", 48, b"\x06\x05\x2b\x81\x04\x00\x22"),
        ("p521", 66, b"\x06\x05\x2b\x81\x04\x00\x23"),
    ] {
        for (zeros, first) in [(1, 0x7f), (1, 0x80), (2, 0xff)] {
            let scalar = [vec![0; zeros], vec![first; width - zeros]].concat();
            let value = [&[0x02, 1, 1, 0x04, u8::try_from(width).expect("short")], &scalar[..]].concat();
            let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("short");
            let key = [value.as_slice(), &[0xa0, length(oid)], oid].concat();
            env.write("sec1", [&[0x30, length(&key)], &key[..]].concat());
            make(
                &env,
                "openssl ec -inform DER -in sec1 -out openssh; chmod 600 openssh
                 openssl ec -inform DER -in sec1 -pubout -out public
                 ssh-keygen -q -p -N '' -f openssh; cp openssh locked; ssh-keygen -q -p -N right -f locked
                 grep -q OPENSSH openssh locked",
            );
            for file in ["openssh", "locked"] {
                let found = check(&env, file, &["--passphrase-file", "right"]).success().json();
                assert_eq!(
                    found["fingerprint"],
                    fingerprint(&env, "public"),
                    "{name} {zeros} {first:#x} {file}"
                );
            }
        }
    }
}
