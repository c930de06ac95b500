//! Which files kmsctl trusts: one rule for every file that decides something or holds a secret.
//!
//! A configuration file runs commands, a record says what is destroyed, a store holds the keys, a module gets the PIN. So a
//! file is used only if no other user of the machine could have made or changed it:
//!
//! - it belongs to root or to the caller (the effective user), and so does each symbolic link on the way to it;
//! - neither its group nor others can write it. In a directory that is shared on purpose ([`Sharing`]), members of that
//!   one group may own and write it;
//! - the same holds for each directory above it, up to the root, as in OpenSSH's `StrictModes`. Two things are right there
//!   that are not right for the file itself: a sticky directory such as `/tmp`, where only the owner can replace
//!   an entry, and a group that has the caller as its only member (the "user private groups" of many distributions).
//!
//! When all of it holds, no other user but root can change what the path leads to, so a check by name is no race.
//!
//! - [`check`] judges a path that something else opens (a store, a module, a directory).
//! - [`open`] judges a file and opens it for reading. A descriptor by its name (`/dev/fd/N`, `<(…)` of a shell) is what the
//!   caller opened, and only its owner counts.
//! - [`check_place`] judges where something is to be made.
//! - [`private_target`] judges where something private is to be written: the directory may be open to all, as what is
//!   written there is one file of mode 0600, but no other user may have laid a link or a pipe in the way.
//! - [`keep`] names what output must not replace, which [`kept()`] finds.
//!
//! A refusal is [`Untrusted`]: exit code 2, with the command that mends it ([`Untrusted::remedy`]).

mod kept;
mod reader;
mod sharing;
mod target;
mod untrusted;
mod walk;

use std::{os::unix::fs::MetadataExt, path::Path};

pub use kept::{keep, kept};
pub use reader::FileReader;
pub use sharing::{Sharing, UnknownGroup};
pub use target::{Target, private_target};
pub use untrusted::{Error, Fault, Untrusted};
pub use walk::{Kind, is_descriptor};

use walk::{Parents, Walk};

/// Judges what is at `path`, and everything on the way to it. `what` names it in the error ("the configuration file").
/// A path that leads nowhere is an [`Error::Io`] of kind `NotFound`.
pub fn check(path: &Path, what: &'static str, kind: Kind, sharing: Sharing) -> Result<(), Error> {
    let walk = Walk { what, given: path, sharing, parents: Parents::Judged };
    let end = walk.to_end()?;
    walk.judge_end(&end, kind)?;
    Ok(())
}

/// Judges a file and opens it for reading. It may be a device or a pipe with a writer, as `/dev/fd/N` can be.
pub fn open(path: &Path, what: &'static str, sharing: Sharing) -> Result<FileReader, Error> {
    let walk = Walk { what, given: path, sharing, parents: Parents::Judged };
    if is_descriptor(path) {
        let file = FileReader::open(path)?;
        walk.judge_open(path, &file.metadata()?)?;
        return Ok(file);
    }
    let end = walk.to_end()?;
    // Before it is opened: opening another user's pipe would wait for that user.
    walk.judge_open(&end.path, &end.metadata)?;
    let file = FileReader::open(&end.path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) != (end.metadata.dev(), end.metadata.ino()) {
        walk.judge_open(&end.path, &opened)?;
    }
    Ok(file)
}

/// Judges the directory that is to hold a new file or directory: the nearest one above `path` that exists.
pub fn check_place(path: &Path, what: &'static str, sharing: Sharing) -> Result<(), Error> {
    let walk = Walk { what, given: path, sharing, parents: Parents::Judged };
    match walk.walk()? {
        // Nothing is created in another user's directory; an existing file is judged when it is read.
        (path, Some(found)) if found.is_dir() => Ok(walk.judge_owner(&path, &found)?),
        _ => Ok(()),
    }
}

/// Whether a path is another name of standard input.
pub fn is_stdin(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path == Path::new(name))
}

#[cfg(test)]
mod tests;
