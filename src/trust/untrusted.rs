//! Why a file is not trusted, and what mends it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use nix::unistd::{Uid, User, geteuid};

use super::Sharing;
use crate::{
    model::{Code, Coded, Diagnosis},
    shell::shell_word,
};

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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {} is not trusted: {}", given.display(), self.reason())]
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

    fn reason(&self) -> String {
        let is_itself = std::path::absolute(&self.given).is_ok_and(|given| given == self.culprit);
        let culprit = if is_itself { "it".to_owned() } else { self.culprit.display().to_string() };
        match self.fault {
            Fault::Owner { uid, .. } => {
                format!("{culprit} belongs to user {}", user_name(Uid::from_raw(uid)))
            }
            Fault::Foreign { uid, kind } => {
                format!("{culprit} is {kind} of user {}", user_name(Uid::from_raw(uid)))
            }
            Fault::GroupWritable => format!("the group of {} can write to it", self.culprit.display()),
            Fault::WorldWritable => format!("every user can write to {culprit}"),
            Fault::NotFile => format!("{culprit} is not a regular file"),
            Fault::NotDirectory => format!("{culprit} is not a directory"),
        }
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

/// The hint is the command that mends it, ready to be pasted.
impl Coded for Untrusted {
    fn diagnosis(&self) -> Diagnosis {
        if let Fault::Foreign { .. } = self.fault {
            return Code::FileNotTrusted
                .hint("write to a directory that only you can write to, such as one in your home directory");
        }
        let Some(words) = self.remedy() else { return Code::FileNotTrusted.into() };
        let words: Vec<_> = words.iter().map(shell_word).collect();
        Code::FileNotTrusted.hint(format!("`{}`", words.join(" ")))
    }
}

/// The user's name, or the number if it has none.
fn user_name(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

/// Not trusted, or not there, or not readable. Displays like its source, which stays in the chain so that [`Untrusted`]
/// can be found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Untrusted(#[from] Untrusted),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Nothing is there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound)
    }
}
