//! The lifecycle of a key as pure functions: from a record, a request and the time to the next record or a refusal. The
//! rules are those of the cloud service that the names of the states come from.
//!
//! A key's state applies to all of its versions. A version's own state takes effect while the key is enabled, so
//! re-enabling a key restores each version to its previous state.

use super::{
    binding::Binding,
    clock::Clock,
    record::{Record, VersionRecord},
    refusal::Refusal,
};
use crate::algorithm::SignatureAlgorithm;
use crate::model::{KeyId, Label, Status, Timestamp, Usage, Version};

/// Days between the request of a deletion and the deletion.
pub const DEFAULT_WAIT: u32 = 3;

/// The longest wait that can be requested, in days.
pub const MAX_WAIT: u32 = 30;

/// A change of state or settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The whole key, or one of its versions.
    Enable(Option<Version>),
    Disable(Option<Version>),
    /// Requests deletion after this many days: `DEFAULT_WAIT` by default, unless deletion was requested before.
    Revoke {
        version: Option<Version>,
        after_days: Option<u32>,
    },
    Restore(Option<Version>),
    /// Lets the staged version sign and encrypt.
    Promote(Trigger),
    Update(Update),
}

/// New settings; `None` leaves a setting unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Update {
    pub label: Option<Label>,
    pub memo: Option<String>,
    pub signature_algorithm: Option<SignatureAlgorithm>,
    pub auto_rotation: Option<bool>,
    /// In days.
    pub rotation_period: Option<u32>,
    /// Starts the period now.
    pub reset_schedule: bool,
    /// In days; 0 for a schedule that does not stage.
    pub stage_days: Option<u32>,
    /// `Some(None)` keeps all versions.
    pub keep: Option<Option<u32>>,
}

/// What triggers a promotion or destruction: a command for one key, or the schedule for all keys that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Hand,
    Schedule,
}

/// The objects of a new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    pub id: KeyId,
    pub companion: Option<KeyId>,
    pub binding: Binding,
    pub own_label: bool,
}

impl NewVersion {
    pub(super) fn recorded_as(self, version: Version, status: Status, now: Timestamp) -> VersionRecord {
        VersionRecord {
            version,
            id: self.id,
            companion: self.companion,
            binding: self.binding,
            status,
            created: Some(now),
            deletion: None,
            own_label: self.own_label,
        }
    }
}

impl Record {
    /// The successor record after a change.
    pub fn changed(&self, change: &Change, clock: &Clock) -> Result<Self, Refusal> {
        self.require_not_deleting()?;
        let now = clock.now;
        match change {
            Change::Enable(None) => self.moved(Status::Disable, Status::Enable, "enable", now),
            Change::Disable(None) => self.moved(Status::Enable, Status::Disable, "disable", now),
            Change::Enable(Some(version)) => self.enabled(*version),
            Change::Disable(Some(version)) => self.disabled(*version),
            Change::Revoke { version: None, after_days } => self.revoked(*after_days, clock),
            Change::Revoke { version: Some(version), after_days } => {
                self.version_revoked(*version, *after_days, clock)
            }
            Change::Restore(None) => {
                let restored = self.moved(Status::Revoke, Status::Disable, "restore", now)?;
                Ok(Self { destroy_at: None, ..restored })
            }
            Change::Restore(Some(version)) => self.version_restored(*version),
            Change::Promote(trigger) => self.promoted(*trigger, now),
            Change::Update(update) => self.updated(update, now),
        }
    }

    /// Moves from one state to another; any other current state is refused.
    fn moved(
        &self,
        from: Status,
        to: Status,
        operation: &'static str,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if self.status == to {
            return Err(Refusal::Already { version: None, status: to });
        }
        if self.status != from {
            return Err(Refusal::State { status: self.status, operation });
        }
        Ok(Self { status: to, status_since: now, ..self.revised() })
    }

    /// Repeated with the same wait, it keeps the date: a script that repeats itself must not postpone the deletion forever.
    fn revoked(&self, after_days: Option<u32>, clock: &Clock) -> Result<Self, Refusal> {
        // A request in the future came from a clock that was ahead.
        let is_date_kept = |days| {
            !clock.is_ahead(self.status_since) && self.destroy_at == Some(self.status_since.after_days(days))
        };
        if self.status == Status::Revoke && after_days.is_none_or(is_date_kept) {
            return Err(Refusal::Already { version: None, status: Status::Revoke });
        }
        let start = self.start_of_wait(clock);
        Ok(Self {
            status: Status::Revoke,
            status_since: start,
            destroy_at: Some(start.after_days(after_days.unwrap_or(DEFAULT_WAIT))),
            ..self.revised()
        })
    }

    /// The time of the request. A clock that is behind must not shorten the waiting period: it is before the first event of the
    /// key, or a little before the latest of it or of the token. An event far ahead was recorded by a clock that was ahead.
    pub(super) fn start_of_wait(&self, clock: &Clock) -> Timestamp {
        let now = clock.now;
        if clock.is_confirmed() {
            return now;
        }
        let newest = clock.newest.filter(|event| is_near(*event, now));
        newest.map_or(now, |newest| newest.max(now)).max(self.latest_near(now))
    }

    /// Now, or the latest event of the key.
    pub(super) fn latest_near(&self, now: Timestamp) -> Timestamp {
        let latest = self.latest_event();
        if now < self.first_event() || is_near(latest, now) { latest.max(now) } else { now }
    }

    fn updated(&self, update: &Update, now: Timestamp) -> Result<Self, Refusal> {
        if self.status == Status::Revoke {
            return Err(Refusal::State { status: self.status, operation: "update" });
        }
        let auto_rotation = update.auto_rotation.unwrap_or(self.auto_rotation);
        if !auto_rotation
            && (update.rotation_period.is_some()
                || update.reset_schedule
                || update.stage_days.is_some_and(|days| days > 0))
        {
            return Err(Refusal::NoSchedule);
        }
        let rotation_period = update.rotation_period.unwrap_or(self.rotation_period);
        let stage_days = if auto_rotation { update.stage_days.unwrap_or(self.stage_days) } else { 0 };
        if stage_days >= rotation_period {
            return Err(Refusal::StagedTooEarly { days: stage_days, rotation_period });
        }
        let is_same_schedule = (auto_rotation, rotation_period) == (self.auto_rotation, self.rotation_period);
        let mut versions = self.versions.clone();
        let mut staged =
            versions.iter_mut().find(|entry| entry.status == Status::Staged && update.reset_schedule);
        if let Some(created) = staged.as_mut().and_then(|staged| staged.created.as_mut()) {
            // Its promotion must not wait for a date that a wrong clock has set.
            *created = now.min(*created);
        }
        let wait = if staged.is_some() && stage_days > 0 { stage_days } else { rotation_period };
        let next_rotation = match self.next_rotation {
            Some(next) if auto_rotation && is_same_schedule && !update.reset_schedule => Some(next),
            // A new schedule starts now.
            _ => auto_rotation.then(|| now.after_days(wait)),
        };
        let successor = Self {
            label: update.label.as_ref().map_or_else(|| self.label.clone(), ToString::to_string),
            memo: update.memo.clone().unwrap_or_else(|| self.memo.clone()),
            signature_algorithm: update.signature_algorithm.or(self.signature_algorithm),
            auto_rotation,
            rotation_period,
            next_rotation,
            stage_days,
            keep: update.keep.unwrap_or(self.keep),
            versions,
            ..self.clone()
        };
        if successor == *self {
            return Err(Refusal::SameSettings);
        }
        Ok(successor.revised())
    }

    /// Whether the key as a whole may be destroyed by `purge`: only after its deletion was requested.
    pub fn may_purge(&self, trigger: Trigger, now: Timestamp) -> Result<(), Refusal> {
        match (self.status, trigger) {
            _ if self.is_deleting => Ok(()),
            (Status::Revoke, Trigger::Hand) => Ok(()),
            (Status::Revoke, Trigger::Schedule) if self.destroy_at.is_some_and(|date| date <= now) => Ok(()),
            (Status::Revoke, Trigger::Schedule) => {
                Err(Refusal::NotDue { operation: "be destroyed", due: self.destroy_at })
            }
            (status, _) => Err(Refusal::State { status, operation: "purge" }),
        }
    }

    /// The state of a version: the key's, unless that is enabled.
    pub fn status_of(&self, version: Version) -> Status {
        match self.status {
            Status::Enable => self.version(version).map_or(Status::Disable, |entry| entry.status),
            of_key => of_key,
        }
    }

    /// What the state of a version leaves of the key's usage.
    pub fn usage_of(&self, version: Version) -> Usage {
        match self.status_of(version) {
            Status::Enable => Usage { sign: self.usage.sign && !self.is_superseded(version), ..self.usage },
            Status::Staged | Status::Retired => Usage { sign: false, encrypt: false, ..self.usage },
            Status::Disable | Status::Revoke => Usage::NONE,
        }
    }

    /// Whether a version may be used at all.
    pub fn permits(&self, version: Version) -> bool {
        !matches!(self.status_of(version), Status::Disable | Status::Revoke)
    }

    /// Whether a later version signs instead of this one, which then only verifies and decrypts.
    pub fn is_superseded(&self, version: Version) -> bool {
        self.current().version > version
    }

    /// The latest timestamp of an event in the record.
    pub(super) fn latest_event(&self) -> Timestamp {
        self.events().fold(self.status_since, Ord::max)
    }

    /// The earliest timestamp of an event in the record.
    pub(super) fn first_event(&self) -> Timestamp {
        self.events().fold(self.status_since, Ord::min)
    }

    fn events(&self) -> impl Iterator<Item = Timestamp> {
        let created = self.versions.iter().filter_map(|version| version.created);
        let deletions = self.versions.iter().filter_map(|version| version.deletion);
        created.chain(deletions.map(|deletion| deletion.requested)).chain(self.created)
    }

    /// The date of the destruction of the key, or of a version, if it is further away than any waiting period.
    pub(super) fn destruction_ahead(&self, clock: &Clock) -> Option<(Option<Version>, Timestamp)> {
        if !clock.is_confirmed() && clock.is_ahead(self.first_event()) {
            // This clock may be the one that is wrong, so that no command shortens the wait.
            return None;
        }
        let of_version = |entry: &VersionRecord| Some((Some(entry.version), entry.deletion?.due));
        let dates: Vec<_> = match self.destroy_at.filter(|_| self.status == Status::Revoke) {
            Some(date) => vec![(None, date)],
            None => {
                self.versions.iter().filter(|one| !one.is_being_destroyed()).filter_map(of_version).collect()
            }
        };
        dates.into_iter().find(|(_, date)| clock.is_ahead(date.before(Timestamp::DAY * MAX_WAIT)))
    }
}

/// Whether a clock that is a little ahead may have recorded an event.
fn is_near(event: Timestamp, now: Timestamp) -> bool {
    event <= now.after_days(MAX_WAIT)
}

#[cfg(test)]
pub(super) mod tests;
