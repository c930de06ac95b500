//! NSS's token stores no data objects: records are files in the directory that `--records` names.

use std::{fs, path::Path};

use crate::support::{TestEnv, field, oracle::pkcs11_tool, path_text, token};

/// An environment with a new NSS database and its PIN.
fn nss() -> TestEnv {
    let mut env = TestEnv::new();
    let database = env.path("nss");
    fs::create_dir(&database).expect("a directory");
    let pin = env.write("pin", "nss-pin-12");
    let init =
        env.command("certutil", ["-N", "-d", &format!("sql:{}", path_text(&database)), "-f", "pin"]).output();
    assert!(init.expect("certutil: `./dev test` installs it").status.success());
    let module = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
        .iter()
        .map(|directory| Path::new(directory).join("libsoftokn3.so"))
        .find(|path| path.exists())
        .expect("NSS is not installed: `./dev test` installs it");
    let arguments = format!(
        "configdir='sql:{}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=",
        path_text(&database)
    );
    env.set("KMSCTL_MODULE", path_text(&module))
        .set("KMSCTL_MODULE_ARGS", &arguments)
        .set("KMSCTL_TOKEN", "NSS Certificate DB")
        .set("KMSCTL_PIN_FILE", path_text(&pin));
    env
}

#[test]
fn without_a_directory_changes_fail_with_a_hint() {
    let env = nss();
    env.write("message", "m");
    env.run("key create --label k --algorithm ec-p256".split(' ')).success().saying("--records");
    env.run("sign --label k --in message --out sig".split(' ')).success();
    env.run("verify --label k --signature sig --in message".split(' ')).success();
    let before = env.keys();
    for line in [
        "key rotate --label k",
        "key disable --label k",
        "key revoke --label k",
        "key update --label k --memo m",
    ] {
        env.run(line.split(' ')).fails(6).saying("--records");
        env.run("sign --label k --in message".split(' ')).success();
    }
    assert_eq!(env.keys(), before, "a failed command changed a key");
    env.run("key create --label l --algorithm ec-p256 --memo m".split(' ')).fails(6).saying("--records");
    assert_eq!(env.labels(), ["k"]);
    env.run("key delete --label k --yes".split(' ')).success();
}

#[test]
fn with_a_directory_every_state_works() {
    let mut env = nss();
    env.set("KMSCTL_RECORDS", "records");
    env.write("message", "m");
    env.run("key create --label k --algorithm ec-p256 --memo note --auto-rotate".split(' ')).success();
    env.run("sign --label k --in message --out sig".split(' ')).success();
    env.run("key rotate --label k".split(' ')).success();
    env.run("key update --label k --rename new".split(' ')).success();
    env.run("verify --label new --signature sig --in message".split(' ')).success();
    env.run("key disable --label new".split(' ')).success();
    env.run("sign --label new --in message".split(' ')).fails(7);
    env.run("key enable --label new".split(' ')).success();
    let key = env.run("key show --label new --json".split(' ')).success().json();
    assert_eq!((&key["version"], field(&key, "memo")), (&2.into(), "note"));
    let files = || {
        let names = fs::read_dir(env.file("records"))
            .expect("records")
            .map(|entry| entry.expect("entry").file_name());
        names.filter(|name| name.to_string_lossy().ends_with(".json")).count()
    };
    assert_eq!(files(), 1);
    env.run("key revoke --label new".split(' ')).success();
    env.run("key purge --label new --yes".split(' ')).success();
    assert_eq!(files(), 0);
    assert!(env.keys().is_empty());
}

/// Each machine would otherwise have records of its own, and destroy and rotate keys without those of the other.
#[test]
fn a_second_directory_is_refused() {
    let mut env = token::softhsm_with_record_files();
    env.write("message", "m");
    env.create("k", "ec-p256");
    let before = pkcs11_tool(&env, &["--list-objects"]).text().to_owned();
    let first = env.variable("KMSCTL_RECORDS").to_owned();
    let second = env.path("second");
    env.set("KMSCTL_RECORDS", path_text(&second));
    for line in [
        "key create --label new --algorithm ec-p256",
        "key rotate --label k",
        "key disable --label k",
        "key delete --label k --yes",
    ] {
        let refused = env.run(line.split(' ')).fails(6);
        assert!(refused.stderr_text().contains("the records of this token are not in"), "{line}: {refused}");
    }
    let shown = env.run(["doctor", "--json"]).exits(3);
    assert!(shown.text().contains("RECORDS_ELSEWHERE"), "{shown}");
    assert_eq!(pkcs11_tool(&env, &["--list-objects"]).text(), before);
    // The hint begins a second set on purpose.
    let hint = env.run("key create --label new --algorithm ec-p256 --json".split(' ')).fails(6).error();
    let hint = field(&hint, "hint");
    let command = hint.split('`').nth(1).expect("a command");
    env.shell(command).success();
    env.run("key create --label new --algorithm ec-p256".split(' ')).success();
    env.set("KMSCTL_RECORDS", &first);
    env.run("sign --label k --in message".split(' ')).success();
}
