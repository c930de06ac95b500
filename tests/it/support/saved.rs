//! Copies of a token's files, to start again from one state.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use rusqlite::Connection;

use super::TestEnv;

/// The directory of SoftHSM's objects.
const SOFTHSM: &str = "softhsm";

pub(crate) fn is_softhsm(env: &TestEnv) -> bool {
    env.has("SOFTHSM2_CONF")
}

/// A copy of a token's files and of its record files.
pub(crate) struct Saved {
    live: PathBuf,
    copy: PathBuf,
    /// The directory of record files and its copy.
    records: Option<(PathBuf, PathBuf)>,
}

impl Saved {
    pub(crate) fn of(env: &TestEnv) -> Self {
        Self::named(env, "saved")
    }

    /// One of several copies.
    pub(crate) fn named(env: &TestEnv, name: &str) -> Self {
        let live = if is_softhsm(env) { env.path(SOFTHSM) } else { env.path("home/data") };
        let records = env.variable_if_set("KMSCTL_RECORDS").map(PathBuf::from);
        let records = records.map(|records| (records, env.path(format!("{name}-records"))));
        let saved = Self { live, copy: env.path(name), records };
        saved.places().for_each(|(live, saved)| copy(live, saved));
        saved
    }

    fn places(&self) -> impl Iterator<Item = (&Path, &Path)> {
        let records = self.records.iter().map(|(live, copy)| (live.as_path(), copy.as_path()));
        std::iter::once((self.live.as_path(), self.copy.as_path())).chain(records)
    }

    pub(crate) fn restore(&self) {
        for (live, saved) in self.places() {
            if live.exists() {
                fs::remove_dir_all(live).expect("removing the token");
            }
            copy(saved, live);
        }
    }

    /// The number of objects and record files now, and all their bytes.
    pub(crate) fn objects(&self) -> (usize, Vec<u8>) {
        let (mut count, mut content) =
            if self.live.ends_with(SOFTHSM) { object_files(&self.live) } else { table(&self.live) };
        if let Some((records, _)) = self.records.as_ref().filter(|(live, _)| live.exists()) {
            let (records, text) = contents(records, "json");
            count += records;
            content.extend(text);
        }
        (count, content)
    }

    /// Runs `act`, then undoes its changes to the token.
    pub(crate) fn temporarily<T>(&self, env: &TestEnv, act: impl FnOnce() -> T) -> T {
        let before = env.path("before");
        copy(&self.live, &before);
        let result = act();
        fs::remove_dir_all(&self.live).expect("removing the token");
        fs::rename(&before, &self.live).expect("the same file system");
        result
    }
}

/// There are no record files before the first key.
fn copy(from: &Path, to: &Path) {
    if !from.exists() {
        return;
    }
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp runs");
    assert!(status.success());
}

/// SoftHSM keeps one file per object: their number and all their bytes.
pub(crate) fn object_files(directory: &Path) -> (usize, Vec<u8>) {
    contents(directory, "object")
}

/// The number of files with an extension, and all their bytes.
fn contents(directory: &Path, extension: &str) -> (usize, Vec<u8>) {
    let mut files = files(directory);
    files.retain(|path| {
        path.extension().is_some_and(|end| end == extension) && !path.ends_with("token.object")
    });
    files.sort();
    let content = files.iter().flat_map(|path| fs::read(path).expect("a file")).collect();
    (files.len(), content)
}

/// kryoptic keeps one row per attribute: the number of objects and all their bytes.
fn table(directory: &Path) -> (usize, Vec<u8>) {
    let database = Connection::open(directory.join("kmsctl/token.sql")).expect("the token's database");
    let count = database.query_row("SELECT count(DISTINCT id) FROM objects", [], |row| row.get::<_, u32>(0));
    let mut rows = database
        .prepare("SELECT quote(id) || quote(attr) || quote(val) FROM objects ORDER BY id, attr")
        .expect("its table");
    let rows: Vec<String> =
        rows.query_map([], |row| row.get(0)).expect("rows").map(|row| row.expect("text")).collect();
    (count.expect("a number") as usize, rows.concat().into_bytes())
}

pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}
