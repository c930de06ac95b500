//! What output must not replace: the files that a run takes its keys, secrets and settings from.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{self, Path, PathBuf},
    sync::{Mutex, PoisonError},
};

static KEPT: Mutex<Vec<(PathBuf, &'static str)>> = Mutex::new(Vec::new());

/// From now on, [`kept`] finds this file, or directory and everything in it. `what` names it in errors ("the PIN file").
pub fn keep(path: &Path, what: &'static str) {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), what));
}

/// What a write to `target` would damage. A file is the same under each of its names: links, hard
/// links and bind mounts.
pub fn kept(target: &Path) -> Option<&'static str> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let is_same = |one: &Path, other: &Path| match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => path::absolute(one).is_ok_and(|one| one == other),
    };
    let target = target.canonicalize().or_else(|_| path::absolute(target)).ok()?;
    let found = kept.iter().find(|(path, _)| target.ancestors().any(|place| is_same(path, place)));
    found.map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_found_under_each_of_its_names() {
        let place = tempfile::tempdir().expect("a directory");
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("store/inner")).expect("made");
        for name in ["pin", "data", "store/key"] {
            fs::write(at(name), "text").expect("written");
        }
        fs::hard_link(at("pin"), at("second")).expect("linked");
        symlink(at("store"), at("link")).expect("linked");
        keep(&at("pin"), "the PIN file");
        keep(&at("link"), "the store");
        keep(&at("missing"), "the configuration file");
        for (name, expected) in [
            ("pin", Some("the PIN file")),
            ("second", Some("the PIN file")),
            ("store", Some("the store")),
            ("store/key", Some("the store")),
            ("store/new", Some("the store")),
            ("store/inner/new", Some("the store")),
            ("missing", Some("the configuration file")),
            ("data", None),
            ("stored", None),
        ] {
            assert_eq!(kept(&at(name)), expected, "{name}");
        }
    }
}
