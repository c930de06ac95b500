//! PKCS#11 URIs (RFC 7512): every path attribute restricts the selection, and other programs accept kmsctl's URIs.

use crate::support::{TestEnv, fault, field, is_full, oracle::pkcs11_tool, path_text, process, token};

token::on_both_tokens!(
    the_type_restricts_the_selection,
    token_slot_and_module_attributes_restrict_the_selection,
    unknown_path_attributes_match_nothing_and_query_attributes_are_ignored,
    malformed_uris_are_refused,
    a_batch_obeys_uris,
);

/// Creates a key pair and a secret key with the same label.
fn create_keys(env: &TestEnv) {
    env.create("dup", "rsa-2048");
    env.run(["key", "create", "--label", "dup", "--algorithm", "aes-256", "--allow-duplicate-label"])
        .success();
    env.write("message", "m");
}

fn the_type_restricts_the_selection(env: &TestEnv) {
    create_keys(env);
    let kind =
        |uri: &str| env.run(["key", "show", "--uri", uri, "--json"]).success().json()["algorithm"].clone();
    for (restriction, algorithm) in [("secret-key", "AES"), ("private", "RSA"), ("public", "RSA")] {
        assert_eq!(kind(&format!("pkcs11:object=dup;type={restriction}")), algorithm, "{restriction}");
    }
    env.run(["encrypt", "--uri", "pkcs11:object=dup;type=secret-key", "--in", "message", "--out", "sealed"])
        .success();
    let inspected = env.run(["inspect", "--in", "sealed", "--json"]).success().json();
    assert!(inspected.to_string().contains("AES"), "{inspected}");
    for command in
        ["key show", "key delete --yes", "key disable", "key rotate", "sign", "encrypt", "jwks", "datakey"]
    {
        for kind in ["cert", "data"] {
            let uri = format!("pkcs11:object=dup;type={kind}");
            let args: Vec<_> = command.split(' ').chain(["--uri", &uri]).collect();
            env.run(&args).fails(4);
        }
    }
    for command in ["key delete --yes", "key purge --yes", "key revoke"] {
        let args: Vec<_> = command.split(' ').chain(["--uri", "pkcs11:object=dup;type=public"]).collect();
        env.run(&args).fails(2).saying("only the public key");
    }
    assert_eq!(env.keys().len(), 2, "nothing was deleted");
}

fn token_slot_and_module_attributes_restrict_the_selection(env: &TestEnv) {
    env.create("web", "ec-p256");
    let token = env.run(["token", "show", "--json"]).success().json();
    let slot = token["slot"].to_string();
    for right in [
        format!("slot-id={slot}"),
        format!("token={}", token::LABEL),
        format!("serial={}", field(&token, "serial")),
    ] {
        env.run(["sign", "--uri", &format!("pkcs11:{right};object=web;type=private")]).success();
    }
    for wrong in [
        "token=x",
        "manufacturer=x",
        "model=x",
        "serial=x",
        "slot-id=4242",
        "slot-description=x",
        "slot-manufacturer=x",
        "library-manufacturer=x",
        "library-description=x",
        "library-version=99.1",
        "token=",
        "slot-description=",
    ] {
        let uri = format!("pkcs11:{wrong};object=web");
        for command in ["sign", "key delete --yes", "verify --signature AA==", "key show"] {
            // Each waits half a second for a token of SoftHSM that may be there soon.
            if is_full() || command == "sign" || wrong == "token=x" {
                let args: Vec<_> = command.split(' ').chain(["--uri", &uri]).collect();
                env.run(&args).exits_any(&[4, 6]);
            }
        }
    }
    assert_eq!(env.labels(), ["web"]);
}

fn unknown_path_attributes_match_nothing_and_query_attributes_are_ignored(env: &TestEnv) {
    env.create("web", "ec-p256");
    for unknown in ["x-own=1", "foo=", "TOKEN=test", "objects=web"] {
        for command in ["sign", "key delete --yes", "key show", "jwks"] {
            let uri = format!("pkcs11:object=web;{unknown}");
            let args: Vec<_> = command.split(' ').chain(["--uri", &uri]).collect();
            env.run(&args).fails(4);
        }
    }
    for query in ["foo=1", "x-own=%00&x-own=2", "max-size=17"] {
        env.run(["sign", "--uri", &format!("PKCS11:object=web?{query}")]).success();
    }
    assert_eq!(env.labels(), ["web"]);
}

fn malformed_uris_are_refused(env: &TestEnv) {
    for uri in [
        "pkcs11:library-version=23.",
        "pkcs11:object=a;object=b",
        "pkcs11:object=a;",
        "pkcs11:object=a b",
        "pkcs11:object=%4",
        "pkcs11:type=key",
        "pkcs12:object=a",
        "pkcs11:object=a?pin-value=1234",
    ] {
        env.run(["sign", "--uri", uri]).fails(2);
        env.run(["token", "show", "--token", uri]).exits_any(&[2, 6]);
    }
}

fn a_batch_obeys_uris(env: &TestEnv) {
    create_keys(env);
    let line = |uri: &str| format!("{{\"op\":\"encrypt\",\"uri\":\"{uri}\",\"data\":\"aGk=\"}}\n");
    for (uri, works) in [
        ("pkcs11:object=dup;type=secret-key", true),
        ("pkcs11:object=dup;type=cert", false),
        ("pkcs11:token=x;object=dup;type=secret-key", false),
        ("pkcs11:library-manufacturer=x;object=dup;type=secret-key", false),
        ("pkcs11:x-own=1;object=dup;type=secret-key", false),
    ] {
        let answer = env.run_with_stdin(line(uri), ["batch"]).exits_any(&[0, 1]);
        assert_eq!(answer.text().contains("\"result\""), works, "{uri}: {answer}");
    }
}

/// A printed URI selects exactly its key, in kmsctl and in `p11tool`.
#[test]
fn printed_uris_select_their_key_everywhere() {
    let env = token::softhsm();
    for label in ["web", "a;b&c?d", "50% of=it", "schlüssel/1", " blank ", "#'\"$(x)"] {
        env.run(["key", "create", "--label", label, "--algorithm", "ec-p256"]).success();
    }
    env.create("aes", "aes-256");
    pkcs11_tool(&env, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "web", "--id", "01"]);
    for key in env.keys() {
        let uri = field(&key, "uri");
        let shown = env.run(["key", "show", "--uri", uri, "--json"]).success().json();
        assert_eq!(shown["ckaId"], key["ckaId"], "{uri}");
        let found = p11tool(&env, uri);
        let objects: Vec<_> = found.lines().filter(|line| line.starts_with("Object ")).collect();
        assert_eq!(objects.len(), 1, "{uri}\n{found}");
        let id = found.lines().find_map(|line| line.trim().strip_prefix("ID: ")).expect("an ID");
        assert_eq!(id.replace(':', ""), field(&key, "ckaId"), "{uri}");
        // kmsctl accepts p11tool's URI too.
        let theirs = found.lines().find_map(|line| line.trim().strip_prefix("URL: ")).expect("a URL");
        let shown = env.run(["key", "show", "--uri", theirs, "--json"]).success().json();
        assert_eq!(shown["ckaId"], key["ckaId"], "{theirs}");
    }
}

fn p11tool(env: &TestEnv, uri: &str) -> String {
    let module = token::softhsm_module();
    let mut command =
        env.command("p11tool", ["--provider", path_text(&module), "--login", "--list-all", uri]);
    command.env("GNUTLS_PIN", token::PIN);
    process::run(command, b"", env.root()).success().text().to_owned()
}

/// `file:` URIs name files in `pin-source` and `module-path`.
#[test]
fn file_uris_name_pin_files_and_modules() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let (pin, module) = (env.path("pin"), token::softhsm_module());
    for prefix in ["", "file:", "file://", "file://localhost", "FILE://LOCALHOST"] {
        let uri = format!(
            "pkcs11:object=web?module-path={prefix}{}&pin-source={prefix}{}",
            path_text(&module),
            path_text(&pin)
        );
        env.without("KMSCTL_MODULE").without("KMSCTL_PIN_FILE").run(["sign", "--uri", &uri]).success();
    }
    let uri = "pkcs11:object=web?pin-source=file://elsewhere/pin";
    env.without("KMSCTL_PIN_FILE").run(["sign", "--uri", uri]).fails(2);
}

/// `C_GetInfo` and `C_GetSlotInfo` are called only if the URI has an attribute that needs them.
#[test]
fn module_and_slot_info_are_read_only_when_needed() {
    let env = token::softhsm();
    env.create("web", "ec-p256");
    let calls = |uri: &str| {
        fault::watched(&env).run(["sign", "--uri", uri]).success();
        fault::take_calls(&env).into_iter().map(|call| call.function).collect::<Vec<_>>()
    };
    let of = |calls: &[String], name: &str| calls.iter().filter(|call| *call == name).count();
    let plain = calls("pkcs11:token=test;object=web");
    assert_eq!((of(&plain, "C_GetInfo"), of(&plain, "C_GetSlotInfo")), (0, 0));
    let full = calls("pkcs11:library-manufacturer=SoftHSM;slot-manufacturer=SoftHSM%20project;object=web");
    assert!(of(&full, "C_GetInfo") > 0 && of(&full, "C_GetSlotInfo") > 0, "{full:?}");
}
