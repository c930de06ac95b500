//! The key files among pyca's vectors (the PyPI package `cryptography_vectors`): kmsctl reads the same keys as Python's
//! cryptography and refuses the rest. `DIFFERENCES` lists the exceptions with their reasons.

use data_encoding::HEXLOWER;
use kmsctl::{encoding::KeyFile, secret::Secret};
use serde_json::Value;

use crate::support::{TestEnv, field, judge, path_text};

/// The end of a file name, part of kmsctl's error message (empty if it reads the key), and why Python's result differs.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    ("rsa_pss_2048.pem", "RSASSA-PSS", "PKCS#11 has no key type restricted to PSS"),
    ("rsa_pss_2048_hash.pem", "RSASSA-PSS", "the same"),
    ("rsa_pss_2048_hash_mask.pem", "RSASSA-PSS", "the same"),
    ("rsa_pss_2048_hash_mask_diff.pem", "RSASSA-PSS", "the same"),
    ("rsa_pss_2048_hash_mask_salt.pem", "RSASSA-PSS", "the same"),
    (
        "enc-ec-sha1-128-rc4.pem",
        "RC4",
        "no program encrypts key files this way by default; openssl converts them",
    ),
    ("rsa-pbewithmd5anddescbc.pem", "PBES1 (MD5 and DES)", "the same"),
    ("rsa-rc2-cbc.pem", "RC2", "the same"),
    ("rsa-rc2-cbc-effective-key-length.pem", "RC2", "the same"),
    (
        "rsa-psw.key",
        "",
        "Python needs the package bcrypt to read it; `key_files` checks such files with ssh-keygen",
    ),
    ("ecdsa-psw.key", "", "the same"),
    ("ed25519-psw.key", "", "the same"),
    ("ed25519-aesgcm-psw.key", "", "the same"),
];

/// Part of the error message for a key that Python reads and kmsctl does not support.
fn refusal_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "secp256r1" | "secp384r1" | "secp521r1" | "rsa-2048" | "rsa-3072" | "rsa-4096"
        | "Ed25519PrivateKey" => {
            return None;
        }
        "rsa-1024" => "1024 bits",
        "DSAPrivateKey" => "DSA",
        other => panic!("unknown kind {other}"),
    })
}

fn vectors(env: &TestEnv) -> Vec<Value> {
    let vectors = judge::python(env, &[&judge::judge("key_vectors.py")]).success().json();
    vectors.as_array().expect("a list").clone()
}

/// The fingerprint, or the error message.
fn read(path: &str, passphrase: Option<&str>) -> Result<String, String> {
    let bytes = std::fs::read(path).expect("a vector");
    // Like `key import`: a passphrase is used only if the file needs one.
    let given = Secret::new(passphrase.unwrap_or("password").as_bytes().to_vec());
    let file = match KeyFile::read(&bytes, None, None) {
        Err(kmsctl::encoding::Error::PassphraseNeeded) => KeyFile::read(&bytes, None, Some(&given)),
        read => read,
    };
    let file = file.map_err(|error| error.to_string())?;
    Ok(HEXLOWER.encode(&file.material.public_key().expect("a pair").fingerprint()))
}

#[test]
fn kmsctl_and_python_agree_about_key_files() {
    let env = TestEnv::new();
    let (mut imported, mut refused) = (0, 0);
    for vector in vectors(&env) {
        let name = field(&vector, "name");
        let found = read(field(&vector, "path"), vector["passphrase"].as_str());
        if let Some((_, why, _)) = DIFFERENCES.iter().find(|(file, ..)| name.ends_with(&format!("/{file}"))) {
            let said = found.err().unwrap_or_default();
            assert!(said.contains(why) && said.is_empty() == why.is_empty(), "{name}: {said}");
            continue;
        }
        let key = &vector["key"];
        if key.is_null() {
            assert!(found.is_err(), "{name}: kmsctl reads a key that Python refuses");
            refused += 1;
        } else if let Some(why) = refusal_of(field(key, "kind")) {
            let said = found.err().unwrap_or_default();
            assert!(said.contains(why), "{name}: {said}");
            refused += 1;
        } else {
            assert_eq!(found.as_deref(), Ok(field(key, "fingerprint")), "{name}");
            imported += 1;
        }
    }
    assert!(imported > 40 && refused > 100, "{imported} imported, {refused} refused");
}

/// Runs the program on one vector of each format.
#[test]
fn the_program_agrees_with_the_library() {
    let env = TestEnv::new();
    let mut seen = 0;
    for vector in vectors(&env) {
        let name = field(&vector, "name");
        let one_of =
            ["high-bit-set.pem", "name-unicode-pwd.p12", "key1.pem", "ecdsa-nopsw.key", "testrsa.der"];
        let Some(_) = one_of.iter().find(|file| name.ends_with(&format!("/{file}"))) else { continue };
        let passphrase = env.write("passphrase", vector["passphrase"].as_str().unwrap_or_default());
        let args = ["key", "import", "--check", "--json", "--in", field(&vector, "path")];
        let found =
            env.run([&args[..], &["--passphrase-file", path_text(&passphrase)]].concat()).success().json();
        assert_eq!(found["fingerprint"], vector["key"]["fingerprint"], "{name}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}
