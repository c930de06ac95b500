use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::PathBuf,
};

use nix::unistd::{getegid, geteuid};

use super::*;

/// A user and a group that own nothing.
const STRANGER: u32 = 54_321;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(&path, "content").expect("written");
        path
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("set");
}

fn fault(path: &Path) -> Option<Fault> {
    fault_in(path, Sharing::NONE)
}

/// Of both ways to judge, which must agree.
fn fault_in(path: &Path, sharing: Sharing) -> Option<Fault> {
    let of = |judged: Result<(), Error>| match judged {
        Ok(()) => None,
        Err(Error::Untrusted(refused)) => Some(refused.fault()),
        Err(Error::Io(error)) => panic!("{error}"),
    };
    let checked = of(check(path, "the file", Kind::File, sharing));
    assert_eq!(checked, of(open(path, "the file", sharing).map(drop)));
    checked
}

/// Only root can make files of other users.
#[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
fn is_root() -> bool {
    let is_root = geteuid().is_root();
    if !is_root {
        eprintln!("skipped: files of other users can be made by root only");
    }
    is_root
}

#[test]
fn the_modes_of_a_file_and_of_all_above_it_count() {
    let place = Place::new();
    let file = place.file("a/b/file");
    assert_eq!(fault(&file), None);
    for (bits, expected) in [
        (0o644, None),
        (0o400, None),
        (0o660, Some(Fault::GroupWritable)),
        (0o602, Some(Fault::WorldWritable)),
        (0o666, Some(Fault::WorldWritable)),
    ] {
        mode(&file, bits);
        assert_eq!(fault(&file), expected, "{bits:o}");
    }
    mode(&file, 0o600);
    let above = place.0.path().join("a");
    mode(&above, 0o777);
    assert_eq!(fault(&file), Some(Fault::WorldWritable));
    mode(&above, 0o1777);
    assert_eq!(fault(&file), None, "nobody can replace another user's entry of a sticky directory");
}

#[test]
fn links_lead_to_what_is_judged() {
    let place = Place::new();
    let file = place.file("open/file");
    let link = place.0.path().join("link");
    symlink("dir/../open/file", &link).expect("linked");
    place.file("dir/other");
    assert_eq!(fault(&link), None);
    mode(&file, 0o606);
    assert_eq!(fault(&link), Some(Fault::WorldWritable));
    mode(&file, 0o600);
    mode(file.parent().expect("a parent"), 0o777);
    assert_eq!(fault(&link), Some(Fault::WorldWritable));
    let circle = place.0.path().join("circle");
    symlink(&circle, &circle).expect("linked");
    assert!(matches!(check(&circle, "the file", Kind::File, Sharing::NONE), Err(Error::Io(_))));
}

#[test]
fn another_users_files_links_and_directories_are_refused() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let file = place.file("a/file");
    let foreign = |is_link| Some(Fault::Owner { uid: STRANGER, is_link });
    let above = file.parent().expect("a parent").to_owned();
    for path in [&file, &above] {
        chown(path, Some(STRANGER), None).expect("given away");
        assert_eq!(fault(&file), foreign(false), "{}", path.display());
        chown(path, Some(0), None).expect("taken back");
    }
    assert_eq!(fault(&file), None);
    let link = place.0.path().join("link");
    symlink(&file, &link).expect("linked");
    std::os::unix::fs::lchown(&link, Some(STRANGER), None).expect("given away");
    assert_eq!(fault(&link), foreign(true));
}

#[test]
fn a_group_can_share_a_directory_on_purpose() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    let file = place.file("store/file");
    let store = file.parent().expect("a parent").to_owned();
    for (path, bits) in [(&store, 0o2770), (&file, 0o660)] {
        chown(path, Some(STRANGER), Some(STRANGER)).expect("given away");
        mode(path, bits);
    }
    assert_eq!(fault(&file), Some(Fault::Owner { uid: STRANGER, is_link: false }));
    let group = |number: u32| Sharing::with_group(&number.to_string()).expect("a number is a group");
    assert_eq!(fault_in(&file, group(STRANGER)), None);
    assert!(fault_in(&file, group(STRANGER + 1)).is_some());
    mode(&store, 0o2777);
    assert_eq!(fault_in(&file, group(STRANGER)), Some(Fault::WorldWritable));
}

#[test]
fn groups_are_known_by_name_and_number() {
    assert!(!Sharing::NONE.is_shared());
    assert!(Sharing::with_group("no such group here").is_err());
    let own = Sharing::with_group(&getegid().to_string()).expect("a group");
    assert!(own.includes(getegid().as_raw()));
    assert_eq!(Sharing::with_group("root").expect("a group"), Sharing::with_group("0").expect("a group"));
}

#[test]
fn pipes_and_devices_are_read_but_nothing_is_waited_for() {
    assert!(open(Path::new("/dev/null"), "the file", Sharing::NONE).is_ok());
    assert!(check(Path::new("/dev/null"), "the file", Kind::File, Sharing::NONE).is_err());
    let place = Place::new();
    let pipe = place.0.path().join("pipe");
    nix_mkfifo(&pipe);
    mode(&pipe, 0o622);
    let refused = open(&pipe, "the file", Sharing::NONE).expect_err("open to all");
    assert!(matches!(refused, Error::Untrusted(refused) if refused.fault() == Fault::WorldWritable));
    let directory = open(place.0.path(), "the file", Sharing::NONE).expect_err("a directory");
    assert!(matches!(directory, Error::Untrusted(refused) if refused.fault() == Fault::NotFile));
    let (reader, _writer) = io::pipe().expect("a pipe");
    let name = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
    assert!(open(Path::new(&name), "the file", Sharing::NONE).is_ok());
}

fn nix_mkfifo(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
}

#[test]
fn a_refusal_names_the_culprit_and_the_remedy() {
    let place = Place::new();
    let file = place.file("a/file");
    let above = file.parent().expect("a parent");
    mode(above, 0o775);
    let refused = match check(&file, "the PIN file", Kind::File, Sharing::NONE) {
        Err(Error::Untrusted(refused)) => refused,
        // The group of a temporary directory can be the caller's own.
        other => return assert!(other.is_ok() && sharing::is_private_group(getegid().as_raw())),
    };
    let text = format!(
        "the PIN file {} is not trusted: the group of {} can write to it",
        file.display(),
        above.display()
    );
    assert_eq!(refused.to_string(), text);
    let remedy = refused.remedy().expect("one");
    assert_eq!(remedy, ["chmod".into(), "g-w".into(), above.as_os_str().to_owned()]);
}

#[test]
fn a_place_is_judged_as_far_as_it_exists() {
    let place = Place::new();
    let (file, new) = (place.file("a/file"), place.0.path().join("a/new/directory"));
    assert!(check_place(&new, "the store", Sharing::NONE).is_ok());
    let missing = check(&new, "the store", Kind::Directory, Sharing::NONE);
    assert!(matches!(missing, Err(Error::Io(error)) if error.kind() == io::ErrorKind::NotFound));
    mode(file.parent().expect("a parent"), 0o777);
    assert!(check_place(&new, "the store", Sharing::NONE).is_err());
}
