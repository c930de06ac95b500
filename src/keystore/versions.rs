//! The lifecycle of single versions, next to that of the key in [`super::lifecycle`].

use super::{
    clock::Clock,
    identity::{Namespace, Next},
    lifecycle::{DEFAULT_WAIT, Trigger},
    record::{Deletion, Record, VersionRecord},
    refusal::Refusal,
};
use crate::model::{KeyId, Status, Timestamp, Version};

impl Record {
    /// A version that is newer than the one that signs becomes staged again, so that nothing but a promotion changes
    /// which version signs.
    pub(super) fn enabled(&self, version: Version) -> Result<Self, Refusal> {
        let entry = self.entry(version)?;
        self.require_enabled("enable a version of")?;
        let is_newer = entry.version > self.current().version;
        let status = if is_newer { Status::Staged } else { Status::Enable };
        match entry.status {
            already if already == status => Err(Refusal::Already { version: Some(version), status }),
            Status::Revoke => Err(Refusal::VersionRevoked { version }),
            _ => {
                if let Some(staged) = self.staged().filter(|_| is_newer) {
                    return Err(Refusal::Staged { version: staged.version });
                }
                Ok(self.with(version, |entry| entry.status = status))
            }
        }
    }

    pub(super) fn disabled(&self, version: Version) -> Result<Self, Refusal> {
        let entry = self.entry(version)?;
        self.require_enabled("disable a version of")?;
        self.require_not_current(version, "disable")?;
        match entry.status {
            Status::Disable => Err(Refusal::Already { version: Some(version), status: Status::Disable }),
            Status::Revoke => Err(Refusal::VersionRevoked { version }),
            _ => Ok(self.with(version, |entry| entry.status = Status::Disable)),
        }
    }

    /// Repeated with the same wait, it keeps the date, as for a whole key.
    pub(super) fn version_revoked(
        &self,
        version: Version,
        after_days: Option<u32>,
        clock: &Clock,
    ) -> Result<Self, Refusal> {
        let entry = self.entry(version)?;
        if self.status == Status::Revoke {
            return Err(Refusal::State { status: self.status, operation: "revoke a version of" });
        }
        self.require_not_current(version, "revoke")?;
        let is_date_kept = |days| {
            entry.deletion.is_some_and(|Deletion { requested, due, .. }| {
                !clock.is_ahead(requested) && due == requested.after_days(days)
            })
        };
        if entry.status == Status::Revoke && after_days.is_none_or(is_date_kept) {
            return Err(Refusal::Already { version: Some(version), status: Status::Revoke });
        }
        if entry.is_being_destroyed() {
            return Err(Refusal::Deleting { version: Some(version) });
        }
        let requested = self.start_of_wait(clock);
        let due = requested.after_days(after_days.unwrap_or(DEFAULT_WAIT));
        let deletion = Deletion { requested, due, begun: false };
        Ok(self.with(version, |entry| entry.revoke(deletion)))
    }

    pub(super) fn version_restored(&self, version: Version) -> Result<Self, Refusal> {
        let entry = self.entry(version)?;
        if self.status == Status::Revoke {
            return Err(Refusal::State { status: self.status, operation: "restore a version of" });
        }
        match entry.status {
            Status::Revoke if entry.is_being_destroyed() => Err(Refusal::Deleting { version: Some(version) }),
            Status::Revoke => Ok(self.with(version, |entry| {
                entry.status = Status::Disable;
                entry.deletion = None;
            })),
            Status::Disable => Err(Refusal::Already { version: Some(version), status: Status::Disable }),
            _ => Err(Refusal::VersionNotRevoked { version }),
        }
    }

    /// The successor record in which the deletion of a version has begun: from then on it cannot be restored. By
    /// schedule only once its time has come.
    pub fn deleting(&self, version: Version, trigger: Trigger, now: Timestamp) -> Result<Self, Refusal> {
        self.require_not_deleting()?;
        let entry = self.entry(version)?;
        self.require_not_current(version, "delete")?;
        if trigger == Trigger::Schedule && !self.is_deletion_due(entry, now) {
            let due = entry.deletion.map(|deletion| deletion.due);
            return Err(Refusal::NotDue { operation: "be destroyed", due });
        }
        let deletion = entry.deletion.unwrap_or_else(|| self.deletion(0, now));
        Ok(self.with(version, |entry| entry.revoke(Deletion { begun: true, ..deletion })))
    }

    /// The successor record without a version, whose objects are gone.
    pub(super) fn without(&self, version: Version) -> Self {
        let mut successor = self.revised();
        successor.versions.retain(|entry| entry.version != version);
        successor
    }

    /// The version that a CKA_ID was made for; `None` if it was not made for this key. Those of later versions were derived from
    /// that of the oldest, which may be destroyed.
    pub(super) fn version_of(&self, names: &Namespace, id: &KeyId) -> Option<Next> {
        let is_later = |entry: &VersionRecord| {
            names.next_of(id, &entry.id).is_some_and(|next| next.version == entry.version)
        };
        let was_oldest = || self.version(Version::FIRST).is_none() && self.versions.iter().any(is_later);
        let oldest = Next { version: Version::FIRST, is_staged: false };
        names.next_of(self.first_id(), id).or_else(|| was_oldest().then_some(oldest))
    }

    /// The successor record in which the destruction of the whole key has begun: from then on nothing changes the key.
    pub(super) fn destroying(&self, now: Timestamp) -> Self {
        let status_since = if self.status == Status::Revoke { self.status_since } else { now };
        let destroy_at = self.destroy_at.or(Some(now));
        Self { status: Status::Revoke, status_since, destroy_at, is_deleting: true, ..self.revised() }
    }

    /// Refuses a change of a key whose destruction has begun.
    pub(super) fn require_not_deleting(&self) -> Result<(), Refusal> {
        if self.is_deleting { Err(Refusal::Deleting { version: None }) } else { Ok(()) }
    }

    /// When `purge` destroys a version, with its key or alone.
    pub fn deletion_date(&self, version: Version) -> Option<Timestamp> {
        self.destroy_at.or_else(|| Some(self.version(version)?.deletion?.due))
    }

    /// What `purge` destroys now, and since when it may: the whole key (`None`), or single versions of a key that is not
    /// revoked.
    pub fn purges_due(&self, now: Timestamp) -> Vec<(Option<Version>, Option<Timestamp>)> {
        if self.may_purge(Trigger::Schedule, now).is_ok() {
            // Once begun, it is due whatever the clock says.
            return vec![(None, self.destroy_at.filter(|_| !self.is_deleting))];
        }
        let due = self.versions.iter().filter(|entry| self.is_deletion_due(entry, now));
        due.map(|entry| (Some(entry.version), entry.deletion.map(|deletion| deletion.due))).collect()
    }

    fn is_deletion_due(&self, entry: &VersionRecord, now: Timestamp) -> bool {
        self.status != Status::Revoke
            && entry.status == Status::Revoke
            && entry.deletion.is_some_and(|deletion| deletion.begun || deletion.due <= now)
    }

    /// Takes all but the newest versions out of use. Versions that only sign are revoked: nothing that they signed is
    /// lost with them. Others are retired, since only they decrypt what was encrypted with them.
    pub(super) fn retire(&mut self, now: Timestamp) {
        let Some(keep) = self.keep else { return };
        let current = self.current().version;
        let usage = self.usage;
        let only_signs = !usage.encrypt && !usage.decrypt && self.foreign_usage.is_empty();
        let deletion = self.deletion(DEFAULT_WAIT, now);
        let in_use = self
            .versions
            .iter_mut()
            .rev()
            .filter(|entry| entry.version <= current && entry.status != Status::Revoke);
        for entry in in_use.skip(keep.max(1) as usize) {
            if only_signs {
                entry.revoke(deletion);
            } else if entry.status == Status::Enable {
                entry.status = Status::Retired;
            }
        }
    }

    /// A clock that is behind must not shorten the waiting period.
    fn deletion(&self, after_days: u32, now: Timestamp) -> Deletion {
        let requested = self.latest_near(now);
        Deletion { requested, due: requested.after_days(after_days), begun: false }
    }

    fn entry(&self, version: Version) -> Result<&VersionRecord, Refusal> {
        let newest = self.newest().version;
        self.version(version).ok_or(Refusal::NoVersion { version, newest })
    }

    fn require_enabled(&self, operation: &'static str) -> Result<(), Refusal> {
        match self.status {
            Status::Enable => Ok(()),
            status => Err(Refusal::State { status, operation }),
        }
    }

    fn require_not_current(&self, version: Version, operation: &'static str) -> Result<(), Refusal> {
        if self.current().version != version {
            return Ok(());
        }
        let staged = self.staged().map(|staged| staged.version);
        Err(Refusal::Newest { version, operation, staged })
    }

    fn with(&self, version: Version, change: impl Fn(&mut VersionRecord)) -> Self {
        let mut successor = self.revised();
        successor.versions.iter_mut().filter(|entry| entry.version == version).for_each(change);
        successor
    }
}

impl VersionRecord {
    fn revoke(&mut self, deletion: Deletion) {
        self.status = Status::Revoke;
        self.deletion = Some(deletion);
    }
}
