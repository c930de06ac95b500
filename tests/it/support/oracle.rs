//! Independent checks: `openssl` for keys and signatures, `pkcs11-tool` for objects on a token, `ssh-keygen` for SSH keys.

use std::path::Path;

use super::{TestEnv, fault, judge, output::Output, path_text, process, token};

/// Whether `openssl` accepts the signature (binary; ECDSA as DER) of the file with this public key; for ML-DSA, Python's
/// cryptography.
pub(crate) fn accepts(
    env: &TestEnv,
    algorithm: &str,
    public_key: &str,
    signature: &str,
    message: &str,
) -> bool {
    // OpenSSL 3.0 does not verify an empty message.
    let is_empty = env.read(message).is_empty();
    if algorithm == "EdDSA" && !is_empty {
        let args = ["pkeyutl", "-verify", "-pubin", "-inkey", public_key, "-rawin", "-sigfile", signature];
        let output = run(env, "openssl", &[&args[..], &["-in", message]].concat());
        assert!(output.text().starts_with("Signature "), "{output}");
        return output.text().contains("Successfully");
    }
    if algorithm.starts_with("ML-DSA") || algorithm == "EdDSA" {
        return pyca(env, &["verify", public_key, signature, message]).line() == "valid";
    }
    let hash = match &algorithm[2..] {
        "256" => "-sha256",
        "384" => "-sha384",
        "512" => "-sha512",
        other => panic!("no hash in {algorithm}: {other}"),
    };
    let mut args = vec!["dgst", hash, "-verify", public_key, "-signature", signature];
    if algorithm.starts_with("PS") {
        // RFC 7518, section 3.5: salt as long as the hash, MGF1 with the same hash.
        args.extend(["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]);
    }
    args.push(message);
    let output = run(env, "openssl", &args);
    match output.text() {
        "Verified OK\n" => true,
        "Verification failure\n" | "Verification Failure\n" => false,
        _ => panic!("openssl neither accepted nor rejected the signature\n{output}"),
    }
}

/// Runs `tests/judges/pyca.py`.
#[track_caller]
pub(crate) fn pyca(env: &TestEnv, args: &[&str]) -> Output {
    judge::python(env, &[&[judge::judge("pyca.py").as_str()], args].concat()).success()
}

/// Runs a tool in the test's environment; it must succeed.
#[track_caller]
pub(crate) fn tool(env: &TestEnv, program: &str, args: &[&str]) -> Output {
    run(env, program, args).success()
}

fn run(env: &TestEnv, program: &str, args: &[&str]) -> Output {
    process::run(env.command(program, args), b"", env.root())
}

/// How `openssl pkey -text` describes a PEM public key.
#[track_caller]
pub(crate) fn describe_public_key(env: &TestEnv, pem: &str) -> String {
    let path = env.write("described.pem", pem);
    tool(env, "openssl", &["pkey", "-pubin", "-in", path_text(&path), "-text", "-noout"]).text().to_owned()
}

/// Converts a PEM public key to DER with `openssl`.
#[track_caller]
pub(crate) fn der_of(env: &TestEnv, pem: &Path) -> Vec<u8> {
    tool(env, "openssl", &["pkey", "-pubin", "-in", path_text(pem), "-outform", "DER"]).stdout
}

/// Runs `pkcs11-tool` on the test's token, logged in. It reaches the embedded token through the fault module, which
/// forwards every call.
#[track_caller]
pub(crate) fn pkcs11_tool(env: &TestEnv, args: &[&str]) -> Output {
    let is_embedded = !env.has("KMSCTL_MODULE");
    let module = if is_embedded { fault::module() } else { token::softhsm_module() };
    let pin = std::fs::read_to_string(env.variable("KMSCTL_PIN_FILE")).expect("the PIN");
    let mut all = vec!["--module", path_text(&module), "--token-label", token::LABEL];
    all.extend(["--login", "--pin", pin.trim_end()]);
    all.extend(args);
    let mut command = env.command("pkcs11-tool", all);
    if is_embedded {
        command.env("KMSCTL_FAULT_MODULE", "kryoptic").env("KRYOPTIC_CONF", fault::database(env));
    }
    process::run(command, b"", env.root()).success()
}

/// Sets the user PIN of the test's SoftHSM token as its security officer, with `pkcs11-tool`.
#[track_caller]
pub(crate) fn set_user_pin(env: &TestEnv, so_pin: &str, pin: &str) {
    let module = token::softhsm_module();
    let args = [
        "--module",
        path_text(&module),
        "--token-label",
        token::LABEL,
        "--login",
        "--login-type",
        "so",
        "--so-pin",
        so_pin,
        "--init-pin",
        "--new-pin",
        pin,
    ];
    tool(env, "pkcs11-tool", &args);
}
