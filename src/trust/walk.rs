//! The way from the root to a file, link by link.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs::{self, Metadata},
    io,
    os::unix::fs::{FileTypeExt, MetadataExt},
    path::{self, Component, Path, PathBuf},
};

use rustix::process::geteuid;

use super::{
    sharing::{Sharing, is_private_group},
    untrusted::{Error, Fault, Untrusted},
};

/// As many links as Linux follows itself (`ELOOP`).
const MAX_LINKS: u32 = 40;

const STICKY: u32 = 0o1000;

/// What must be at the end of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
}

pub(super) struct Walk<'a> {
    pub(super) what: &'static str,
    pub(super) given: &'a Path,
    pub(super) sharing: Sharing,
    pub(super) parents: Parents,
}

/// Whether the directories on the way count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parents {
    Judged,
    Ignored,
}

/// Where the path ends, with no link left in it.
pub(super) struct End {
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
}

/// Whether the path names a descriptor of this process.
pub fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/proc/self/fd"].iter().any(|parent| path.parent() == Some(Path::new(parent)))
        || ["/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
}

impl Walk<'_> {
    /// Judges every directory and link on the way; what is at the end is for the caller to judge.
    pub(super) fn to_end(&self) -> Result<End, Error> {
        match self.walk()? {
            (path, Some(metadata)) => Ok(End { path, metadata }),
            (_, None) => Err(io::Error::from(rustix::io::Errno::NOENT).into()),
        }
    }

    /// The path without links, and what is there if all of it exists. Else it ends with the first name that does not, in a
    /// directory that was judged.
    pub(super) fn walk(&self) -> Result<(PathBuf, Option<Metadata>), Error> {
        let mut rest: VecDeque<OsString> = VecDeque::new();
        push_front(&mut rest, &path::absolute(self.given)?);
        let mut here = PathBuf::from("/");
        let mut found = fs::symlink_metadata(&here)?;
        let mut links = 0;
        while let Some(name) = rest.pop_front() {
            self.judge_parent(&here, &found)?;
            if name == ".." {
                here.pop();
                found = fs::symlink_metadata(&here)?;
                continue;
            }
            here.push(name);
            found = match fs::symlink_metadata(&here) {
                Ok(found) => found,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    here.extend(rest);
                    return Ok((here, None));
                }
                Err(error) => return Err(error.into()),
            };
            if found.is_symlink() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::from(rustix::io::Errno::LOOP).into());
                }
                self.judge_link(&here, &found)?;
                let target = fs::read_link(&here)?;
                here = if target.is_absolute() { PathBuf::from("/") } else { parent(here) };
                found = fs::symlink_metadata(&here)?;
                push_front(&mut rest, &target);
            }
        }
        Ok((here, Some(found)))
    }

    /// A directory on the way.
    fn judge_parent(&self, path: &Path, found: &Metadata) -> Result<(), Error> {
        if !found.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory).into());
        }
        if self.parents == Parents::Ignored {
            return Ok(());
        }
        if !is_outside(found.uid()) {
            self.judge_owner(path, found)?;
        }
        if found.mode() & STICKY != 0 {
            return Ok(());
        }
        match self.judge_mode(path, found) {
            Err(refused) if refused.fault() == Fault::GroupWritable && is_private_group(found.gid()) => {
                Ok(())
            }
            judged => Ok(judged?),
        }
    }

    pub(super) fn judge_end(&self, end: &End, kind: Kind) -> Result<(), Untrusted> {
        match kind {
            Kind::File if !end.metadata.is_file() => return Err(self.refused(&end.path, Fault::NotFile)),
            Kind::Directory if !end.metadata.is_dir() => {
                return Err(self.refused(&end.path, Fault::NotDirectory));
            }
            _ => {}
        }
        self.judge_owner(&end.path, &end.metadata)?;
        self.judge_mode(&end.path, &end.metadata)
    }

    /// A file, a pipe or a device that is read. Write permission on a terminal does not let others type on it.
    pub(super) fn judge_open(&self, path: &Path, found: &Metadata) -> Result<(), Untrusted> {
        if found.is_dir() {
            return Err(self.refused(path, Fault::NotFile));
        }
        self.judge_owner(path, found)?;
        if is_device(found) { Ok(()) } else { self.judge_mode(path, found) }
    }

    fn judge_link(&self, path: &Path, found: &Metadata) -> Result<(), Untrusted> {
        let judged = if is_outside(found.uid()) { Ok(()) } else { self.judge_owner(path, found) };
        judged.map_err(|refused| match self.parents {
            Parents::Judged => refused,
            Parents::Ignored => self.refused(path, Fault::Foreign { uid: found.uid(), kind: "a link" }),
        })
    }

    pub(super) fn judge_owner(&self, path: &Path, found: &Metadata) -> Result<(), Untrusted> {
        let owner = found.uid();
        if owner == 0 || owner == geteuid().as_raw() || self.sharing.includes(found.gid()) {
            return Ok(());
        }
        Err(self.refused(path, Fault::Owner { uid: owner, is_link: found.is_symlink() }))
    }

    fn judge_mode(&self, path: &Path, found: &Metadata) -> Result<(), Untrusted> {
        if found.mode() & 0o002 != 0 {
            return Err(self.refused(path, Fault::WorldWritable));
        }
        if found.mode() & 0o020 != 0 && !self.sharing.includes(found.gid()) {
            return Err(self.refused(path, Fault::GroupWritable));
        }
        Ok(())
    }

    pub(super) fn refused(&self, culprit: &Path, fault: Fault) -> Untrusted {
        Untrusted::new(self.what, self.given, culprit, fault, self.sharing)
    }
}

/// Whether the owner is a user that does not exist in this user namespace, as the owner of a sandbox's or a rootless
/// container's `/` and `/usr` often is: no process inside can act as that user.
fn is_outside(uid: u32) -> bool {
    const OVERFLOW: u32 = 65_534;
    let maps_it = |line: &str| {
        let mut numbers = line.split_whitespace().map(|number| number.parse().unwrap_or(u64::MAX));
        let (first, _, count) = (numbers.next(), numbers.next(), numbers.next());
        first
            .zip(count)
            .is_none_or(|(first, count)| (first..first.saturating_add(count)).contains(&OVERFLOW.into()))
    };
    uid == OVERFLOW
        && fs::read_to_string("/proc/self/uid_map")
            .is_ok_and(|map| !map.is_empty() && !map.lines().any(maps_it))
}

fn push_front(rest: &mut VecDeque<OsString>, path: &Path) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => rest.push_front(name.to_owned()),
            Component::ParentDir => rest.push_front("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
}

fn parent(mut path: PathBuf) -> PathBuf {
    path.pop();
    path
}

/// Whether its content comes from its owner's files rather than from anyone who can write to it.
fn is_device(metadata: &Metadata) -> bool {
    metadata.file_type().is_char_device()
}
