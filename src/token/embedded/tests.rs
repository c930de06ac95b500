//! Tests of the store against kryoptic itself.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    thread,
    time::Duration,
};

use kryoptic_lib::pkcs11 as ck;
use rusqlite::Connection;

use super::{
    kryoptic::{Kryoptic, ok},
    *,
};
use crate::token::lock::{LockKind, TokenLock};

const NO_WAIT: Duration = Duration::ZERO;

fn pin(text: &str) -> Pin {
    Pin::new(text.into()).expect("a PIN")
}

const SO: &str = "so pin 1";
const USER: &str = "user pin";

fn initialise(draft: Draft, user: &Pin) -> Store {
    let so = draft.stretch(UserType::SecurityOfficer, &pin(SO)).expect("stretched");
    let mut token = Kryoptic::start(&draft.init_args()).expect("starts");
    token.init_token(&so);
    token.open(ck::CKF_RW_SESSION);
    ok(token.login(ck::CKU_SO, &so));
    token.init_pin(&draft.stretch(UserType::User, user).expect("stretched"));
    drop(token);
    draft.commit().expect("a store")
}

fn new_store(directory: &Path) -> Store {
    initialise(Store::create(directory, NO_WAIT, Sharing::NONE).expect("a draft"), &pin(USER))
}

fn logged_in(store: &Store, flags: ck::CK_FLAGS) -> Kryoptic {
    let mut token = Kryoptic::start(&store.init_args()).expect("starts");
    token.open(flags);
    ok(token.login(ck::CKU_USER, &store.stretch(UserType::User, &pin(USER)).expect("stretched")));
    token
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("exists").mode() & 0o7777
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("readable");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn a_new_store_is_private_sound_and_usable() {
    let parent = tempfile::tempdir().expect("a directory");
    // Paths may contain spaces, characters special in SQLite URIs and bytes that are not UTF-8.
    let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"a b?c#d%41&\xff");
    let directory = parent.path().join("not yet").join(name);
    let store = new_store(&directory);
    assert_eq!(store.directory(), directory);
    assert_eq!(names(&directory), ["lock", "token.sql"]);
    assert_eq!(mode(&directory), 0o700);

    let token = logged_in(&store, ck::CKF_RW_SESSION);
    ok(token.make_key());
    assert_eq!(token.count_keys(), 1);
    // The file that counts wrong PINs exists from the first one on.
    for file in store.files().into_iter().filter(|file| file.exists()) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert!(store.check().expect("checked").is_empty());
    drop(token);

    let store = Store::open(&directory, Sharing::NONE).expect("there");
    assert_eq!(logged_in(&store, 0).count_keys(), 1);
    assert!(store.write_obstacle().is_none());
}

#[test]
fn the_token_receives_stretched_or_generated_pins() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    let mut token = Kryoptic::start(&store.init_args()).expect("starts");
    token.open(0);
    assert_eq!(token.login(ck::CKU_USER, &pin(USER)), ck::CKR_PIN_INCORRECT);
    let other = store.stretch(UserType::SecurityOfficer, &pin(USER)).expect("stretched");
    assert_eq!(token.login(ck::CKU_USER, &other), ck::CKR_PIN_INCORRECT);
    drop(token);

    let directory = tempfile::tempdir().expect("a directory");
    let generated = generate().expect("random");
    let draft = Store::create(directory.path(), NO_WAIT, Sharing::NONE).expect("a draft");
    let store = initialise(draft, &generated);
    assert!(store.stretch(UserType::User, &generated).expect("unchanged").matches(&generated));
    let mut token = Kryoptic::start(&store.init_args()).expect("starts");
    token.open(0);
    ok(token.login(ck::CKU_USER, &generated));
}

#[test]
fn an_abandoned_draft_leaves_nothing() {
    let parent = tempfile::tempdir().expect("a directory");
    let directory = parent.path().join("new");
    drop(Store::create(&directory, NO_WAIT, Sharing::NONE).expect("a draft"));
    assert!(!directory.exists());

    fs::create_dir(&directory).expect("made");
    drop(Store::create(&directory, NO_WAIT, Sharing::NONE).expect("a draft"));
    assert_eq!(names(&directory), ["lock"]);
    assert!(matches!(Store::open(&directory, Sharing::NONE), Err(StoreError::NotInitialised { .. })));
}

#[test]
fn an_interrupted_initialisation_can_be_redone() {
    let directory = tempfile::tempdir().expect("a directory");
    let draft = Store::create(directory.path(), NO_WAIT, Sharing::NONE).expect("a draft");
    Kryoptic::start(&draft.init_args()).expect("starts").init_token(&pin(SO));
    // As if the process died: no destructor runs, and the kernel releases the lock.
    let left = directory.path().join(DRAFT);
    let saved = directory.path().join("saved");
    fs::rename(&left, &saved).expect("kept");
    drop(draft);
    fs::rename(&saved, &left).expect("put back");

    assert!(matches!(Store::open(directory.path(), Sharing::NONE), Err(StoreError::NotInitialised { .. })));
    let store = new_store(directory.path());
    assert_eq!(names(directory.path()), ["lock", "token.sql"]);
    assert_eq!(logged_in(&store, 0).count_keys(), 0);
}

#[test]
fn of_two_initialisations_one_wins() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = Store::create(directory.path(), NO_WAIT, Sharing::NONE).expect("a draft");
    assert!(matches!(
        Store::create(directory.path(), NO_WAIT, Sharing::NONE),
        Err(StoreError::Lock(crate::token::lock::LockError::Timeout { .. }))
    ));
    let path = directory.path().to_owned();
    let second = thread::spawn(move || Store::create(&path, Duration::from_secs(60), Sharing::NONE));
    initialise(first, &pin(USER));
    let second = second.join().expect("no panic");
    assert!(matches!(second, Err(StoreError::Exists { .. })), "{second:?}");
    // A reader of the existing store does not delay the error.
    let store = Store::open(directory.path(), Sharing::NONE).expect("there");
    let _reader = TokenLock::acquire(&store.lock_file(), LockKind::Shared, NO_WAIT).expect("free");
    assert!(matches!(
        Store::create(directory.path(), NO_WAIT, Sharing::NONE),
        Err(StoreError::Exists { .. })
    ));
}

#[test]
fn a_directory_with_other_files_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("opened");
    fs::write(directory.path().join("thesis.tex"), "").expect("written");
    let refused = Store::create(directory.path(), NO_WAIT, Sharing::NONE).expect_err("not empty");
    assert!(matches!(refused, StoreError::NotEmpty { found, .. } if found == "thesis.tex"));
    assert_eq!(names(directory.path()), ["thesis.tex"]);
    assert_eq!(mode(directory.path()), 0o755);
}

#[test]
fn a_missing_store_is_distinguished_from_a_damaged_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let missing = directory.path().join("missing");
    assert!(matches!(Store::open(&missing, Sharing::NONE), Err(StoreError::NotInitialised { .. })));
    assert!(!missing.exists(), "opening creates nothing");
    for content in [&b""[..], b"SQLite", b"not a database at all, but long enough"] {
        fs::write(directory.path().join(TOKEN), content).expect("written");
        assert!(matches!(Store::open(directory.path(), Sharing::NONE), Err(StoreError::Damaged { .. })));
    }
}

#[test]
fn damage_is_found_and_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    let file = directory.path().join(TOKEN);
    let sql =
        |text: &str| Connection::open(&file).and_then(|database| database.execute_batch(text)).expect("done");
    let reason = || match store.stretch(UserType::User, &pin(USER)).expect_err("damaged") {
        StoreError::Damaged { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    sql("UPDATE kmsctl_pin_stretching SET memory_kib = 4194304");
    assert_eq!(reason(), "the PIN stretching's memory in KiB is 4194304, not 19456 to 1048576");
    sql("UPDATE kmsctl_pin_stretching SET memory_kib = 'much'");
    assert!(reason().contains("cannot be read"));
    sql("UPDATE kmsctl_pin_stretching SET format = 2");
    assert!(reason().contains("in format 1"));
    sql("DROP TABLE kmsctl_pin_stretching");
    assert!(reason().contains("no such table"));
    sql("ALTER TABLE objects ADD COLUMN extra");
    let faults = store.check().expect("checked");
    assert!(faults.iter().filter(|finding| !finding.is_repairable()).count() == 2, "{faults:?}");

    // Past the header and the schema, in the middle of the rows.
    let mut content = fs::read(&file).expect("readable");
    let middle = content.len() / 2;
    content[middle..].fill(0xa5);
    fs::write(&file, content).expect("written");
    let found = store.check();
    assert!(matches!(&found, Err(StoreError::Damaged { .. })) || found.is_ok_and(|found| !found.is_empty()));
}

#[test]
fn repair_fixes_modes_index_log_and_leftovers() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    // As a C_InitToken by another program: kryoptic drops its tables.
    let so = store.stretch(UserType::SecurityOfficer, &pin(SO)).expect("stretched");
    Kryoptic::start(&store.init_args()).expect("starts").init_token(&so);
    let database = Connection::open(store.file()).expect("opens");
    let mode: String = database.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).expect("set");
    assert_eq!(mode, "delete");
    drop(database);
    fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("opened");
    fs::set_permissions(store.file(), Permissions::from_mode(0o644)).expect("opened");
    fs::create_dir(directory.path().join(DRAFT)).expect("made");

    let faults = store.check().expect("checked");
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert!(faults.iter().all(StoreFault::is_repairable));
    store.repair().expect("repaired");
    assert!(store.check().expect("checked").is_empty());
}

/// Before updating kryoptic, check its tables and statements again: `database::TABLES`, the statements below, and how
/// it passes its configuration text to SQLite.
#[test]
fn the_version_of_kryoptic_is_pinned() {
    let manifest: toml::Table = include_str!("../../../Cargo.toml").parse().expect("TOML");
    let wanted = &manifest["dependencies"]["kryoptic-lib"]["version"];
    assert_eq!(wanted.as_str(), Some(format!("={}", database::KRYOPTIC).as_str()));
    let lock: toml::Table = include_str!("../../../Cargo.lock").parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages").iter();
    let versions: Vec<_> =
        packages.filter(|package| package["name"].as_str() == Some("kryoptic-lib")).collect();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0]["version"].as_str(), Some(database::KRYOPTIC));
}

#[test]
fn kryoptic_creates_the_expected_tables() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    store.database().and_then(|database| database.check_schema()).expect("the known schema");
    let database = Connection::open(store.file()).expect("opens");
    let mut tables =
        database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").expect("SQL");
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("the tables");
    assert_eq!(tables, ["kmsctl_pin_stretching", "meta", "objects"]);
}

/// kryoptic's statements (`storage/sqlite.rs`): only listing all objects may read a whole table.
#[test]
fn lookups_use_the_indexes() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    let database = Connection::open(store.file()).expect("opens");
    let plan = |statement: &str| -> Vec<String> {
        let mut explain = database.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).expect("SQL");
        let count = explain.parameter_count();
        let values = rusqlite::params_from_iter(std::iter::repeat_n(1, count));
        explain.query_map(values, |row| row.get(3)).and_then(Iterator::collect).expect("a plan")
    };
    let by_value = "SELECT id FROM objects WHERE attr = ? AND val = ?";
    let lookups = [
        by_value.to_owned(),
        format!("SELECT * FROM objects WHERE id IN ({by_value})"),
        format!("SELECT * FROM objects WHERE id IN ({by_value}) AND (attr = ? OR attr = ? OR attr = ?)"),
        format!("SELECT * FROM objects WHERE id IN ( {by_value} INTERSECT {by_value} ) ORDER by id"),
        "SELECT IFNULL(MAX(id), 0) FROM objects".to_owned(),
        "DELETE FROM objects WHERE id = ?".to_owned(),
    ];
    for statement in &lookups {
        let plan = plan(statement);
        assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{statement}: {plan:?}");
    }
    // Verify that the check above can fail.
    database.execute_batch(&format!("DROP INDEX {}", database::INDEX)).expect("dropped");
    assert!(plan(by_value).iter().any(|step| step.starts_with("SCAN")));
}

#[test]
fn a_commit_reaches_the_disk_before_it_is_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    let database = Connection::open(store.file()).expect("opens");
    let mode: String = database.query_row("PRAGMA journal_mode", [], |row| row.get(0)).expect("a mode");
    // 2 is FULL, which syncs the log at each commit. It is the compile-time default of this SQLite, so it also holds
    // for kryoptic's connection; the file does not store it.
    let synchronous: i64 = database.query_row("PRAGMA synchronous", [], |row| row.get(0)).expect("a level");
    assert_eq!((mode.as_str(), synchronous), ("wal", 2));
}

#[test]
fn a_read_only_store_can_be_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = new_store(directory.path());
    ok(logged_in(&store, ck::CKF_RW_SESSION).make_key());
    // As Store::open finds it on a read-only file system. Set directly, since modes do not restrict root.
    let frozen = Store { access: Access::Frozen, ..store };
    let token = logged_in(&frozen, 0);
    assert_eq!(token.count_keys(), 1);
    assert_eq!(names(directory.path()), ["lock", "token.sql"], "no log was made");
    drop(token);
    assert!(frozen.check().expect("checked").is_empty());
    assert!(matches!(frozen.write_obstacle(), Some(StoreError::ReadOnly { .. })));
    assert!(matches!(frozen.repair(), Err(StoreError::ReadOnly { .. })));
    assert_ne!(logged_in(&frozen, ck::CKF_RW_SESSION).make_key(), ck::CKR_OK);
    assert_eq!(logged_in(&frozen, 0).count_keys(), 1);
}

#[test]
fn a_read_only_store_is_read_with_its_log() {
    let access = |can_write, has_space, has_log, has_log_index| {
        Conditions { can_write, has_space, has_log, has_log_index }.access()
    };
    for (has_log, has_index) in [(false, false), (false, true), (true, false), (true, true)] {
        assert_eq!(access(true, true, has_log, has_index), Some(Access::Write));
        // On a full disk, only a database that no process has open may be opened as immutable.
        let full = if has_log || has_index { Access::Write } else { Access::Frozen };
        assert_eq!(access(true, false, has_log, has_index), Some(full));
    }
    for has_space in [true, false] {
        assert_eq!(access(false, has_space, false, false), Some(Access::Frozen));
        assert_eq!(access(false, has_space, false, true), Some(Access::Frozen));
        assert_eq!(access(false, has_space, true, true), Some(Access::Read));
        assert_eq!(access(false, has_space, true, false), None);
    }
}
