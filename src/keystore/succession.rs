//! A record in the place of another, where several machines may try the same at once.
//!
//! Machines that share a token share no lock. Whoever writes looks afterwards whether somebody else wrote too, and then
//! takes the own revision back: of two that meet at least one sees the other, on a token that shows what is there. SoftHSM
//! does not: of what came between two calls of a process, it shows nothing if the second of them writes. So the destruction
//! of the old revision decides. It succeeds once, whoever sees what, and all others take theirs back: no change is lost and
//! none is doubled.
//!
//! The first record of a key succeeds none. There a change that another machine makes from beginning to end, between two
//! calls of this one, stays unseen on SoftHSM.

use std::{thread, time::Duration};

use anyhow::{Context as _, Result};

use super::{
    Keystore,
    error::Error,
    key::{RecordPlace, StoredRecord},
    record::Record,
};
use crate::{
    model::KeyId,
    token::{Handle, Search, TakenAway},
};

/// How a record that was just written stands among the others of its key.
pub(super) enum Standing {
    Undisputed,
    /// Somebody changed the key as this record has it: it counted, and is gone.
    Succeeded,
    /// Somebody else changed or destroyed the key.
    Disputed,
}

/// Whether one of the records came after another and names all that it names.
fn is_succeeded(record: &Record, found: &[StoredRecord]) -> bool {
    found.iter().map(|stored| &stored.record).any(|later| {
        let names = |id: &KeyId| later.versions.iter().any(|version| version.id == *id);
        later.revision > record.revision && record.versions.iter().all(|version| names(&version.id))
    })
}

impl Keystore {
    /// Makes a record that was just written count: it is there, and what it succeeds goes. Of several successors the one
    /// counts whose writer destroyed that, which only one can.
    pub(super) fn put_into_effect(&self, old: Option<&StoredRecord>, record: &Record) -> Result<Standing> {
        let standing = self.standing(old, record)?;
        let Some((old, RecordPlace::Object(handle))) = old.map(|old| (old, &old.place)) else {
            return Ok(standing);
        };
        match standing {
            Standing::Disputed => Ok(Standing::Disputed),
            Standing::Succeeded => {
                // What succeeded this record left that to us.
                let _ = self.session.destroy(*handle);
                Ok(Standing::Succeeded)
            }
            Standing::Undisputed => match self.session.take_away(*handle) {
                TakenAway::Here => Ok(Standing::Undisputed),
                TakenAway::Elsewhere => Ok(Standing::Disputed),
                TakenAway::Unclear(_) => self.standing_after_all(old, record),
            },
        }
    }

    /// How a record stands when it is not clear who destroyed what it succeeds, if anybody did. One that stays harms nobody,
    /// and `doctor` removes it.
    fn standing_after_all(&self, old: &StoredRecord, record: &Record) -> Result<Standing> {
        // What the other one did, SoftHSM shows a moment after.
        const LOOKS: u32 = 4;
        for look in 0..LOOKS {
            thread::sleep(Duration::from_millis(20 << look));
            let found = self.revisions(Some(old), record)?;
            let find = |wanted: &Record| found.iter().find(|stored| stored.record == *wanted);
            let still_there = find(&old.record);
            // Where the old one is gone, the one before it counts again if the old one was taken back.
            let least = match still_there {
                Some(_) => record.revision,
                None => old.record.revision.saturating_sub(1),
            };
            let is_other = |other: &Record| *other != *record && *other != old.record;
            let is_rival = |other: &Record| is_other(other) && other.revision >= least;
            if find(record).is_none() || found.iter().any(|stored| is_rival(&stored.record)) {
                return Ok(Standing::Disputed);
            }
            if let Some(RecordPlace::Object(handle)) = still_there.map(|stored| &stored.place)
                && matches!(self.session.take_away(*handle), TakenAway::Here)
            {
                return Ok(Standing::Undisputed);
            }
        }
        let oldest = old.record.versions.first().map(|version| &version.id);
        let is_destroyed = match oldest {
            Some(id) if !id.is_empty() => self.session.keys(Search::Id(id))?.is_empty(),
            _ => false,
        };
        Ok(if is_destroyed { Standing::Disputed } else { Standing::Undisputed })
    }

    /// How a record that was just written stands among those of its key.
    fn standing(&self, old: Option<&StoredRecord>, record: &Record) -> Result<Standing> {
        let found = self.revisions(old, record)?;
        let count = |wanted: &Record| found.iter().filter(|stored| stored.record == *wanted).count();
        let is_after_old = old.is_none_or(|old| count(&old.record) > 0);
        let is_rival = |other: &Record| match old {
            Some(_) => other.revision == record.revision,
            None => true,
        };
        match count(record) {
            0 if is_succeeded(record, &found) => Ok(Standing::Succeeded),
            0 if is_after_old => Err(Error::RecordLost { label: record.label.clone() }.into()),
            // Without what it succeeds, somebody was faster, or the key was destroyed.
            1 if is_after_old
                && !found.iter().any(|other| other.record != *record && is_rival(&other.record)) =>
            {
                Ok(Standing::Undisputed)
            }
            _ => Ok(Standing::Disputed),
        }
    }

    /// Takes a record back that does not count. False if somebody had built upon it already: then it did.
    pub(super) fn withdraw(
        &self,
        handle: Handle,
        old: Option<&StoredRecord>,
        record: &Record,
    ) -> Result<bool> {
        if matches!(self.session.take_away(handle), TakenAway::Here) {
            return Ok(true);
        }
        let look_again = || {
            let found = self.revisions(old, record)?;
            match found.iter().find(|stored| stored.record == *record) {
                Some(still_there) => self.destroy_record(&still_there.place).map(|()| true),
                None => Ok(!is_succeeded(record, &found)),
            }
        };
        look_again().context(Error::RecordUnsettled { label: record.label.clone() })
    }
}
