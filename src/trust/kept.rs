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

/// What a write to `target` would damage. A file is the same under each of its names: links, hard links and bind mounts.
pub fn kept(target: &Path) -> Option<&'static str> {
    let target = without_links(target)?;
    let places: Vec<_> = target.ancestors().map(|place| (place, number(place))).collect();
    let is_there = |path: &Path| match number(path) {
        Some(found) => places.iter().any(|(_, number)| *number == Some(found)),
        None => without_links(path).is_some_and(|path| places.iter().any(|(place, _)| *place == path)),
    };
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter().find(|(path, _)| is_there(path)).map(|(_, what)| *what)
}

/// The path without links and `..`, as far as it exists.
fn without_links(path: &Path) -> Option<PathBuf> {
    let path = path::absolute(path).ok()?;
    let (place, mut found) = path.ancestors().find_map(|place| Some((place, place.canonicalize().ok()?)))?;
    found.extend(path.strip_prefix(place).ok()?);
    Some(found)
}

/// Device and inode number of what is there.
fn number(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
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
        symlink(place.path(), at("self")).expect("linked");
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
            ("self/missing", Some("the configuration file")),
            ("data", None),
            ("store/../new", None),
            ("stored", None),
        ] {
            assert_eq!(kept(&at(name)), expected, "{name}");
        }
    }
}
