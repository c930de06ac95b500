//! The lifecycle of a key as pure functions, continued: rotation, at once or in two steps, by command or by schedule.
//!
//! A staged version is published so that verifiers know it before it signs. A schedule with `stage_days` stages a version
//! that many days before the date of the rotation, and promotes it on that date, or later if it was staged late.

use super::{
    clock::Clock,
    lifecycle::{NewVersion, Trigger},
    record::{Record, VersionRecord},
    refusal::Refusal,
};
use crate::model::{Status, Timestamp};

/// A day in milliseconds.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// A request for a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It signs and encrypts at once.
    Now,
    /// It signs and encrypts once it is promoted.
    Staged,
    /// As the schedule says.
    Due,
}

/// A step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Rotate,
    Stage,
    Promote,
}

impl Step {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Stage => "stage",
            Self::Promote => "promote",
        }
    }

    /// As the subject of a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Rotate => "the rotation",
            Self::Stage => "the staging of the next version",
            Self::Promote => "the promotion of the staged version",
        }
    }
}

impl Record {
    /// The version that waits for its promotion.
    pub fn staged(&self) -> Option<&VersionRecord> {
        self.versions.iter().find(|entry| entry.status == Status::Staged)
    }

    /// The next step of the schedule, and its date. `None` without a schedule.
    pub fn next_step(&self) -> Option<(Step, Timestamp)> {
        let date = self.next_rotation.filter(|_| self.auto_rotation && self.status != Status::Revoke)?;
        Some(match self.staged() {
            // Verifiers get their time even if the version was staged late.
            Some(staged) => {
                let published = staged.created.map_or(date, |created| created.after_days(self.stage_days));
                (Step::Promote, date.max(published))
            }
            None if self.stage_days > 0 => (Step::Stage, date.before(Timestamp::DAY * self.stage_days)),
            None => (Step::Rotate, date),
        })
    }

    /// When the schedule takes this step, if it is the next one.
    pub fn step_date(&self, wanted: Step) -> Option<Timestamp> {
        self.next_step().filter(|(step, _)| *step == wanted).map(|(_, date)| date)
    }

    /// The date of the next rotation or promotion if it is further away than the schedule allows: no clock that is right can have
    /// set it.
    pub(super) fn schedule_ahead(&self, clock: &Clock) -> Option<(Step, Timestamp)> {
        let next = self.next_rotation.filter(|_| self.next_step().is_some())?;
        // Later than the rotation if the version was staged late.
        let promotion = self.step_date(Step::Promote).filter(|date| *date > next);
        let promotion = promotion.map(|date| (Step::Promote, date, self.stage_days));
        let (step, date, days) = promotion.unwrap_or((Step::Rotate, next, self.rotation_period));
        clock.is_ahead(date.before(Timestamp::DAY * days)).then_some((step, date))
    }

    /// The step of the schedule that is due, and since when.
    pub fn step_due(&self, now: Timestamp) -> Option<(Step, Timestamp)> {
        self.next_step().filter(|(_, date)| *date <= now)
    }

    /// The step of the schedule that is due.
    fn require_due(&self, operation: &'static str, now: Timestamp) -> Result<Step, Refusal> {
        let step = self.step_due(now).map(|(step, _)| step);
        let due = self.next_step().map(|(_, date)| date);
        step.ok_or(Refusal::NotDue { operation, due })
    }

    /// The step that a rotation would take: by command only while the key is enabled, by schedule also while it is
    /// disabled.
    pub fn may_rotate(&self, rotation: Rotation, now: Timestamp) -> Result<Step, Refusal> {
        self.require_not_deleting()?;
        let by_command = rotation != Rotation::Due;
        if self.status == Status::Revoke || by_command && self.status != Status::Enable {
            return Err(Refusal::State { status: self.status, operation: "rotate" });
        }
        match (rotation, self.staged()) {
            (Rotation::Now | Rotation::Staged, Some(staged)) => {
                Err(Refusal::Staged { version: staged.version })
            }
            (Rotation::Now, None) => Ok(Step::Rotate),
            (Rotation::Staged, None) => Ok(Step::Stage),
            (Rotation::Due, _) => self.require_due("rotate", now),
        }
    }

    /// The successor record with one more version. Only a scheduled rotation advances the schedule.
    pub fn rotated(&self, rotation: Rotation, new: NewVersion, now: Timestamp) -> Result<Self, Refusal> {
        let status = match self.may_rotate(rotation, now)? {
            Step::Rotate => Status::Enable,
            Step::Stage => Status::Staged,
            Step::Promote => return Err(Refusal::NotDue { operation: "get a new version", due: None }),
        };
        let mut successor = self.revised();
        successor.versions.push(new.recorded_as(self.newest().version.next(), status, now));
        if status == Status::Enable {
            successor.retire(now);
            if rotation == Rotation::Due {
                successor.advance_schedule(now);
            }
        }
        Ok(successor)
    }

    /// The successor record in which the staged version signs and encrypts. A promotion by command after the schedule
    /// would have staged a version takes the place of the scheduled rotation.
    pub(super) fn promoted(&self, trigger: Trigger, now: Timestamp) -> Result<Self, Refusal> {
        if self.status == Status::Revoke || trigger == Trigger::Hand && self.status != Status::Enable {
            return Err(Refusal::State { status: self.status, operation: "promote a version of" });
        }
        let staged = self.staged().ok_or(Refusal::NothingStaged)?.version;
        if trigger == Trigger::Schedule {
            self.require_due("be promoted", now)?;
        }
        let mut successor = self.revised();
        for entry in successor.versions.iter_mut().filter(|entry| entry.version == staged) {
            entry.status = Status::Enable;
        }
        successor.retire(now);
        let is_scheduled = self.auto_rotation
            && self.next_rotation.is_some_and(|date| date.before(Timestamp::DAY * self.stage_days) <= now);
        if is_scheduled {
            successor.advance_schedule(now);
        }
        Ok(successor)
    }

    /// To the next date in the future: missed dates are skipped, and no date is used twice.
    fn advance_schedule(&mut self, now: Timestamp) {
        self.next_rotation = self.next_rotation.map(|due| next_date(due, self.rotation_period, now));
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
