//! Where something private is written.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::{
    Error, Fault, Sharing,
    walk::{Parents, Walk, is_descriptor},
};

/// What is at a path that private bytes are written to.
#[derive(Debug)]
pub enum Target {
    /// Nothing or a regular file, at this path without links: to be replaced by a file of mode 0600.
    File(PathBuf),
    /// A pipe or a device of the caller or of root, or a descriptor that the caller opened.
    Special(File),
}

/// Where a write to `path` would go. Refused if another user's link, pipe or device is in the way.
pub fn private_target(path: &Path, what: &'static str) -> Result<Target, Error> {
    let walk = Walk { what, given: path, sharing: Sharing::NONE, parents: Parents::Ignored };
    if is_descriptor(path) {
        let is_file = path.metadata()?.is_file();
        return Ok(if is_file {
            Target::File(path.canonicalize()?)
        } else {
            Target::Special(open(path, 0)?)
        });
    }
    let (path, found) = walk.walk()?;
    let Some(found) = found.filter(|found| !found.is_file()) else { return Ok(Target::File(path)) };
    judge(&walk, &path, &found)?;
    // In a directory that others can write, it may have been replaced since.
    let file = open(&path, OFlags::NOFOLLOW.bits())?;
    judge(&walk, &path, &file.metadata()?)?;
    Ok(Target::Special(file))
}

fn open(path: &Path, flags: u32) -> std::io::Result<File> {
    OpenOptions::new().write(true).custom_flags(i32::try_from(flags).unwrap_or_default()).open(path)
}

fn judge(walk: &Walk<'_>, path: &Path, found: &std::fs::Metadata) -> Result<(), Error> {
    if found.is_dir() {
        return Err(std::io::Error::from(std::io::ErrorKind::IsADirectory).into());
    }
    let kind = if found.file_type().is_fifo() { "a pipe" } else { "a device" };
    let foreign = |_| walk.refused(path, Fault::Foreign { uid: found.uid(), kind });
    Ok(walk.judge_owner(path, found).map_err(foreign)?)
}
