//! A fresh token of either kind for each test, made by `kmsctl token init`.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use tempfile::TempDir;

use super::{TestEnv, fault, is_full, path_text, write_private};

/// The label of every fixture's token.
pub(crate) const LABEL: &str = "test";
/// The PINs of the SoftHSM fixture; the embedded token's PIN is generated.
pub(crate) const PIN: &str = "correct-horse-7";
pub(crate) const SO_PIN: &str = "security-officer-9";

/// Where `tests/quick-rsa` counts the keys that SoftHSM generates.
static RSA_COUNTERS: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("temporary directory"));

/// The files of an embedded token that `kmsctl token init` made: its database and its PIN.
struct Prepared {
    database: Vec<u8>,
    pin: Vec<u8>,
}

/// Made once per test run, because deriving a key from the PIN takes longer than most tests.
static PREPARED: LazyLock<Prepared> = LazyLock::new(|| {
    let env = TestEnv::new();
    env.write("so-pin", SO_PIN);
    let init = ["token", "init", "--label", LABEL, "--so-pin-file", "so-pin", "--generate-pin", "pin"];
    env.run(init).success();
    Prepared { database: fs::read(fault::database(&env)).expect("a database"), pin: env.read("pin") }
});

/// An environment with an initialised embedded token in the default store. `KMSCTL_PIN_FILE` names its PIN file.
pub(crate) fn embedded() -> TestEnv {
    let mut env = TestEnv::new();
    let pin = env.path("pin");
    env.write("so-pin", SO_PIN);
    let database = fault::database(&env);
    let store = database.parent().expect("the store");
    DirBuilder::new().mode(0o700).create(store).expect("the store");
    write_private(&database, &PREPARED.database);
    write_private(&pin, &PREPARED.pin);
    env.set("KMSCTL_PIN_FILE", path_text(&pin));
    env
}

/// An environment with an initialised SoftHSM2 token, selected by `KMSCTL_MODULE`; it is the module's only token.
pub(crate) fn softhsm() -> TestEnv {
    let env = blank_softhsm();
    env.run(["token", "init", "--label", LABEL, "--so-pin-file", "so-pin"]).success();
    env
}

/// A SoftHSM2 token that stores no data objects for runs over the fault module. The records of all keys are files.
pub(crate) fn softhsm_with_record_files() -> TestEnv {
    let mut env = softhsm();
    let records = env.path("records");
    env.set("KMSCTL_RECORDS", path_text(&records)).set("KMSCTL_FAULT_RULES", "no-data-objects");
    env
}

/// An environment with SoftHSM2 and PIN files, in which no token has been initialised yet.
pub(crate) fn blank_softhsm() -> TestEnv {
    let mut env = TestEnv::new();
    let directory = env.path("softhsm");
    let conf = env.path("softhsm2.conf");
    fs::create_dir(&directory).expect("directory of SoftHSM");
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        path_text(&directory)
    );
    fs::write(&conf, text).expect("configuration of SoftHSM");
    let pin = env.path("pin");
    write_private(&pin, PIN.as_bytes());
    env.write("so-pin", SO_PIN);
    if !is_full() {
        env.set("LD_PRELOAD", path_text(&fault::library("kmsctl_quick_rsa")))
            .set("QUICK_RSA_COUNTERS", path_text(RSA_COUNTERS.path()));
    }
    env.set("SOFTHSM2_CONF", path_text(&conf))
        .set("KMSCTL_MODULE", path_text(&softhsm_module()))
        .set("KMSCTL_PIN_FILE", path_text(&pin));
    env
}

/// Where distributions install SoftHSM2. Fails the test if it is missing: skipping would hide that nothing was tested.
pub(crate) fn softhsm_module() -> PathBuf {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    ]
    .iter()
    .map(PathBuf::from)
    .find(|path| Path::exists(path))
    .expect("SoftHSM2 is not installed: `./dev test` installs it")
}

/// Runs each named test function on a fresh token of both kinds, as separate tests: `embedded::name` and `softhsm::name`.
macro_rules! on_both_tokens {
    ($($test:ident),+ $(,)?) => {
        mod embedded {
            $(#[test] fn $test() { super::$test(&crate::support::token::embedded()); })+
        }
        mod softhsm {
            $(#[test] fn $test() { super::$test(&crate::support::token::softhsm()); })+
        }
    };
}
pub(crate) use on_both_tokens;
