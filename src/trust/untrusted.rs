//! Why a file is not trusted, and what mends it.

use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use nix::unistd::{Uid, User, geteuid};

use super::Sharing;

/// What is wrong with a file, a link or a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another user owns it.
    Owner {
        uid: u32,
        is_link: bool,
    },
    /// Members of its group can write it.
    GroupWritable,
    /// All users can write it.
    WorldWritable,
    /// Private output would go to another user through it.
    Foreign {
        uid: u32,
        kind: &'static str,
    },
    NotFile,
    NotDirectory,
}

/// A file that another user could have made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untrusted {
    /// What it was meant to be, such as "the configuration file".
    what: &'static str,
    given: PathBuf,
    /// Where the fault is: the file itself, a link to it, or a directory above it.
    culprit: PathBuf,
    fault: Fault,
    sharing: Sharing,
}

impl Untrusted {
    pub(super) fn new(
        what: &'static str,
        given: &Path,
        culprit: &Path,
        fault: Fault,
        sharing: Sharing,
    ) -> Self {
        Self { what, given: given.to_owned(), culprit: culprit.to_owned(), fault, sharing }
    }

    pub fn path(&self) -> &Path {
        &self.given
    }

    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The command that mends it, as words. `None` if there is none, because something of another kind is there.
    pub fn remedy(&self) -> Option<Vec<OsString>> {
        let words: &[&str] = match self.fault {
            Fault::Owner { is_link, .. } => {
                let owner = user_name(geteuid());
                let mut words: Vec<OsString> = if geteuid().is_root() { vec![] } else { vec!["sudo".into()] };
                words.push("chown".into());
                words.extend(is_link.then(|| "-h".into()));
                words.extend([owner.into(), self.culprit.clone().into()]);
                return Some(words);
            }
            Fault::GroupWritable => &["chmod", "g-w"],
            Fault::WorldWritable if self.sharing.is_shared() => &["chmod", "o-w"],
            Fault::WorldWritable => &["chmod", "go-w"],
            Fault::Foreign { .. } | Fault::NotFile | Fault::NotDirectory => return None,
        };
        let words = words.iter().map(OsString::from);
        Some(words.chain([self.culprit.clone().into()]).collect())
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} is not trusted: ", self.what, self.given.display())?;
        let is_itself = std::path::absolute(&self.given).is_ok_and(|given| given == self.culprit);
        let culprit = || if is_itself { "it".to_owned() } else { self.culprit.display().to_string() };
        match self.fault {
            Fault::Owner { uid, .. } => {
                let owner = user_name(Uid::from_raw(uid));
                write!(f, "{} belongs to user {owner}", culprit())
            }
            Fault::Foreign { uid, kind } => {
                write!(f, "{} is {kind} of user {}", culprit(), user_name(Uid::from_raw(uid)))
            }
            Fault::GroupWritable => write!(f, "the group of {} can write to it", self.culprit.display()),
            Fault::WorldWritable => write!(f, "every user can write to {}", culprit()),
            Fault::NotFile => write!(f, "{} is not a regular file", culprit()),
            Fault::NotDirectory => write!(f, "{} is not a directory", culprit()),
        }
    }
}

impl std::error::Error for Untrusted {}

/// The user's name, or the number if it has none.
fn user_name(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}
