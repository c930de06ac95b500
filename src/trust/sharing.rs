//! A group that shares a store or a directory of records on purpose.

use std::{io, os::unix::fs::chown, path::Path};

use nix::unistd::{Gid, Group, User, geteuid};

/// Which group may own and write the files, beside root and the caller. None by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sharing {
    group: Option<Gid>,
}

/// The system knows no group of this name.
#[derive(Debug, thiserror::Error)]
#[error("no group {name:?} on this system")]
pub struct UnknownGroup {
    pub name: String,
    pub source: Option<io::Error>,
}

impl Sharing {
    /// For everything that has one user: configuration, PIN files, modules.
    pub const NONE: Self = Self { group: None };

    /// Shared with the group of this name, or of this number.
    pub fn with_group(name: &str) -> Result<Self, UnknownGroup> {
        let unknown = |source| UnknownGroup { name: name.to_owned(), source };
        let found = Group::from_name(name).map_err(|error| unknown(Some(error.into())))?;
        let by_number = || name.parse().ok().map(Gid::from_raw);
        match found.map(|group| group.gid).or_else(by_number) {
            Some(group) => Ok(Self { group: Some(group) }),
            None => Err(unknown(None)),
        }
    }

    pub const fn is_shared(self) -> bool {
        self.group.is_some()
    }

    /// The mode of new files: the group's, too, in a shared directory.
    pub const fn file_mode(self) -> u32 {
        if self.is_shared() { 0o660 } else { 0o600 }
    }

    /// The mode of a directory. New files in a shared one get its group.
    pub const fn directory_mode(self) -> u32 {
        if self.is_shared() { 0o2770 } else { 0o700 }
    }

    /// Gives a new file or directory to the group that shares it.
    pub fn give(self, path: &Path) -> io::Result<()> {
        self.group.map_or(Ok(()), |group| chown(path, None, Some(group.as_raw())))
    }

    pub(super) fn includes(self, group: u32) -> bool {
        self.group == Some(Gid::from_raw(group))
    }
}

/// Whether the group has the caller as its only member, as far as the system's user database tells.
pub(super) fn is_private_group(group: u32) -> bool {
    let group = Gid::from_raw(group);
    let Ok(Some(user)) = User::from_uid(geteuid()) else { return false };
    let Ok(Some(found)) = Group::from_gid(group) else { return false };
    user.gid == group && found.name == user.name && found.mem.iter().all(|member| *member == user.name)
}
