//! The lifecycle of a key as pure functions: from a record, a request and the time to the next record or a refusal. The
//! rules are those of the cloud service that the names of the states come from.
//!
//! A key's state applies to all of its versions. A version's own state takes effect while the key is enabled, so
//! re-enabling a key restores each version to its previous state.

use super::{
    binding::Binding,
    clock::Clock,
    record::{Record, VersionRecord},
};
use crate::algorithm::SignatureAlgorithm;
use crate::model::{KeyId, Label, Status, Timestamp, Version};

/// A day in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

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
        after_days: Option<u32>,
    },
    Restore,
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
}

/// What triggers a rotation or destruction: a command for one key, or the schedule for all keys that are due.
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
}

impl NewVersion {
    pub(super) fn recorded_as(self, version: Version, now: Timestamp) -> VersionRecord {
        VersionRecord {
            version,
            id: self.id,
            companion: self.companion,
            binding: self.binding,
            status: Status::Enable,
            created: Some(now),
        }
    }
}

/// Why a change is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The key's state does not allow it.
    State {
        status: Status,
        operation: &'static str,
    },
    /// The key or version already has the requested state.
    Already {
        version: Option<Version>,
        status: Status,
    },
    /// The key already has the requested settings.
    SameSettings,
    /// The newest version signs and encrypts: only the key as a whole can be disabled.
    Newest {
        version: Version,
    },
    NoVersion {
        version: Version,
        newest: Version,
    },
    /// It is not due yet, or has no date at all.
    NotDue {
        operation: &'static str,
        due: Option<Timestamp>,
    },
    /// A period was given for a key that has no rotation schedule.
    NoSchedule,
}

impl Refusal {
    /// Whether the key already is as requested.
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Already { .. } | Self::SameSettings)
    }

    /// The error message, for the key with this label.
    pub fn describe(&self, label: &str) -> String {
        match self {
            Self::State { operation: "restore", .. } => {
                format!("key {label:?} is not revoked: nothing to restore")
            }
            Self::State { status, operation } => {
                format!("key {label:?} is {status}: cannot {operation} it")
            }
            Self::Already { version: None, status } => {
                format!("key {label:?} is already {status}")
            }
            Self::Already { version: Some(version), status } => {
                format!("version {version} of key {label:?} is already {status}")
            }
            Self::SameSettings => format!("key {label:?} already has these settings"),
            Self::Newest { version } => {
                format!("version {version} is the newest of key {label:?} and cannot be disabled alone")
            }
            Self::NoVersion { version, newest } => {
                format!("key {label:?} has no version {version}; the newest is {newest}")
            }
            Self::NotDue { operation, due: Some(due) } => {
                format!("key {label:?} is due to {operation} on {due}, not before")
            }
            Self::NotDue { operation, due: None } => format!("key {label:?} has no date to {operation} on"),
            Self::NoSchedule => format!("key {label:?} has no schedule, so it has no rotation period"),
        }
    }
}

impl Record {
    /// The successor record after a change.
    pub fn changed(&self, change: &Change, clock: &Clock) -> Result<Self, Refusal> {
        let now = clock.now;
        match change {
            Change::Enable(None) => self.moved(Status::Disable, Status::Enable, "enable", now),
            Change::Disable(None) => self.moved(Status::Enable, Status::Disable, "disable", now),
            Change::Enable(Some(version)) => self.with_version(*version, Status::Enable),
            Change::Disable(Some(version)) => self.with_version(*version, Status::Disable),
            Change::Revoke { after_days } => self.revoked(*after_days, clock),
            Change::Restore => {
                let restored = self.moved(Status::Revoke, Status::Disable, "restore", now)?;
                Ok(Self { destroy_at: None, ..restored })
            }
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

    fn with_version(&self, version: Version, status: Status) -> Result<Self, Refusal> {
        let newest = self.newest().version;
        let entry = self.version(version).ok_or(Refusal::NoVersion { version, newest })?;
        if self.status != Status::Enable {
            let operation =
                if status == Status::Enable { "enable a version of" } else { "disable a version of" };
            return Err(Refusal::State { status: self.status, operation });
        }
        if version == newest && status == Status::Disable {
            return Err(Refusal::Newest { version });
        }
        if entry.status == status {
            return Err(Refusal::Already { version: Some(version), status });
        }
        let mut successor = self.revised();
        for entry in successor.versions.iter_mut().filter(|entry| entry.version == version) {
            entry.status = status;
        }
        Ok(successor)
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
    /// key, or a little before the latest. An event far ahead was recorded by a clock that was ahead.
    fn start_of_wait(&self, clock: &Clock) -> Timestamp {
        let (now, latest) = (clock.now, self.latest_event());
        let is_behind = now < self.first_event() || latest <= now.after_days(MAX_WAIT);
        if is_behind && !clock.is_confirmed() { latest.max(now) } else { now }
    }

    fn updated(&self, update: &Update, now: Timestamp) -> Result<Self, Refusal> {
        if self.status == Status::Revoke {
            return Err(Refusal::State { status: self.status, operation: "update" });
        }
        let auto_rotation = update.auto_rotation.unwrap_or(self.auto_rotation);
        if (update.rotation_period.is_some() || update.reset_schedule) && !auto_rotation {
            return Err(Refusal::NoSchedule);
        }
        let rotation_period = update.rotation_period.unwrap_or(self.rotation_period);
        let is_same_schedule = (auto_rotation, rotation_period) == (self.auto_rotation, self.rotation_period);
        let next_rotation = match self.next_rotation {
            Some(next) if auto_rotation && is_same_schedule && !update.reset_schedule => Some(next),
            // A new schedule starts now.
            _ => auto_rotation.then(|| now.after_days(rotation_period)),
        };
        let successor = Self {
            label: update.label.as_ref().map_or_else(|| self.label.clone(), ToString::to_string),
            memo: update.memo.clone().unwrap_or_else(|| self.memo.clone()),
            signature_algorithm: update.signature_algorithm.or(self.signature_algorithm),
            auto_rotation,
            rotation_period,
            next_rotation,
            ..self.clone()
        };
        if successor == *self {
            return Err(Refusal::SameSettings);
        }
        Ok(successor.revised())
    }

    /// Whether the key may get a new version: by command only while it is enabled, by schedule also while it is
    /// disabled.
    pub fn may_rotate(&self, trigger: Trigger, now: Timestamp) -> Result<(), Refusal> {
        let refused = Err(Refusal::State { status: self.status, operation: "rotate" });
        match (trigger, self.status) {
            (_, Status::Revoke) | (Trigger::Hand, Status::Disable) => refused,
            (Trigger::Hand, Status::Enable) => Ok(()),
            (Trigger::Schedule, _) if self.is_rotation_due(now) => Ok(()),
            (Trigger::Schedule, _) => Err(Refusal::NotDue { operation: "rotate", due: self.next_rotation }),
        }
    }

    /// The successor record with one more version. Only a scheduled rotation advances the schedule, to its next date in
    /// the future: missed dates are skipped, and no date is used twice.
    pub fn rotated(&self, trigger: Trigger, new: NewVersion, now: Timestamp) -> Result<Self, Refusal> {
        self.may_rotate(trigger, now)?;
        let mut successor = self.revised();
        successor.versions.push(new.recorded_as(self.newest().version.next(), now));
        if trigger == Trigger::Schedule {
            successor.next_rotation = self.next_rotation.map(|due| next_date(due, self.rotation_period, now));
        }
        Ok(successor)
    }

    /// Whether a scheduled rotation is due.
    pub fn is_rotation_due(&self, now: Timestamp) -> bool {
        self.auto_rotation
            && self.status != Status::Revoke
            && self.next_rotation.is_some_and(|due| due <= now)
    }

    /// Whether the key may be destroyed by `purge`: only after its deletion was requested.
    pub fn may_purge(&self, trigger: Trigger, now: Timestamp) -> Result<(), Refusal> {
        match (self.status, trigger) {
            (Status::Revoke, Trigger::Hand) => Ok(()),
            (Status::Revoke, Trigger::Schedule) if self.destroy_at.is_some_and(|date| date <= now) => Ok(()),
            (Status::Revoke, Trigger::Schedule) => {
                Err(Refusal::NotDue { operation: "be destroyed", due: self.destroy_at })
            }
            (status, _) => Err(Refusal::State { status, operation: "purge" }),
        }
    }

    /// Whether a version may be used.
    pub fn permits(&self, version: Version) -> bool {
        self.status == Status::Enable
            && self.version(version).is_some_and(|entry| entry.status == Status::Enable)
    }

    /// Whether a later version signs instead of this one, which then only verifies and decrypts.
    pub fn is_superseded(&self, version: Version) -> bool {
        self.versions.iter().any(|later| later.version > version && later.status == Status::Enable)
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
        self.versions.iter().filter_map(|version| version.created).chain(self.created)
    }

    /// The next date of the schedule if it is more than a period away, which no clock that is right can have set.
    pub(super) fn schedule_ahead(&self, clock: &Clock) -> Option<Timestamp> {
        let date = self.next_rotation.filter(|_| self.auto_rotation && self.status != Status::Revoke)?;
        clock.is_ahead(date.before(Timestamp::DAY * self.rotation_period)).then_some(date)
    }

    /// The date of the destruction if it is further away than any waiting period.
    pub(super) fn destruction_ahead(&self, clock: &Clock) -> Option<Timestamp> {
        let is_revoked = self.status == Status::Revoke && !clock.is_ahead(self.first_event());
        let date = self.destroy_at.filter(|_| is_revoked)?;
        clock.is_ahead(date.before(Timestamp::DAY * MAX_WAIT)).then_some(date)
    }
}

/// The first date of a schedule after `now`.
fn next_date(due: Timestamp, period: u32, now: Timestamp) -> Timestamp {
    // A damaged record could contain 0.
    let period = DAY * u64::from(period.max(1));
    let missed = now.millis().saturating_sub(due.millis()) / period;
    Timestamp::from_millis(due.millis().saturating_add(period.saturating_mul(missed + 1)))
}

#[cfg(test)]
mod tests;
