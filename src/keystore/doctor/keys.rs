//! Checks of each key: names, protection, state on the token, schedule.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Finding, some_of};
use crate::{
    algorithm::KeyKind,
    keystore::{
        clock::Clock,
        enforce::{may_be_old, wanted_uses},
        key::{Key, KeyVersion},
        lifecycle::MAX_WAIT,
        record::Record,
        stored_record::StoredRecord,
    },
    model::{Counted, KeyId, Status, Version},
    shell::{kmsctl, shell_option},
    token::{Class, KeyObject, Uses},
};

/// `unfinished` are the labels of keys whose creation was interrupted; several objects may share them until it is
/// finished.
pub(super) fn check(keys: &[Key], clock: &Clock, unfinished: &HashSet<String>) -> Vec<Finding> {
    let mut findings = shared_labels(keys, unfinished);
    findings.extend(ids(keys));
    for key in keys {
        findings.extend(key.versions.iter().flat_map(unreadable));
        // Strangers are reported elsewhere; a finding with this label would seem to be about the real key.
        if !is_stranger(keys, key) {
            findings.extend(key.versions.iter().flat_map(|version| protection(key, version)));
        }
        if key.is_being_destroyed() {
            let text = "its destruction was interrupted, or is running elsewhere";
            findings.push(Finding::warning("PURGE_DUE", text).of_key(&key.label).by_record().repairable());
        } else if let Some(stored) = key.record.as_ref().filter(|one| one.record.schema <= Record::SCHEMA) {
            findings.extend(states(stored, &key.versions));
            findings.extend(schedule(&stored.record, clock));
        }
    }
    findings
}

/// Objects that the token lists but that cannot be read.
fn unreadable(version: &KeyVersion) -> impl Iterator<Item = Finding> {
    version.objects().filter_map(|object| {
        let (class, error) = (object.class.name(), object.unread.object?);
        let text = format!("a {class} cannot be read ({error}): this module may not know its key type");
        Some(Finding::info("UNREADABLE_OBJECT", text))
    })
}

/// What to do about keys that neither label nor CKA_ID tells apart.
const APART: &str =
    "give one of them another CKA_ID, or remove it, with a program that selects objects by handle";

fn shared_labels(keys: &[Key], unfinished: &HashSet<String>) -> Vec<Finding> {
    let mut by_label: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
    for key in keys.iter().filter(|key| !key.label.is_empty() && !unfinished.contains(&key.label)) {
        by_label.entry(&key.label).or_default().push(key);
    }
    let shared = by_label.into_iter().map(|(label, keys)| (label, without_strangers(keys)));
    let finding = |(label, keys): (&str, Vec<&Key>)| {
        let text = format!("{} have this label, so it does not select one", Counted(keys.len(), "key"));
        let finding = Finding::warning("SHARED_LABEL", text).of_key(label);
        match keys.iter().rfind(|key| key.others.is_empty()) {
            Some(key) => {
                let id = &key.current().id;
                finding.remedy(kmsctl(format!("key update --id {id} --rename NEW_LABEL")))
            }
            None => finding.remedy(APART),
        }
    };
    shared.filter(|(_, keys)| keys.len() > 1).map(finding).collect()
}

pub(super) const SHARED_ID: &str = "SHARED_ID";

fn ids(keys: &[Key]) -> Vec<Finding> {
    let mut by_id: BTreeMap<&KeyId, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        for id in key.ids().collect::<BTreeSet<_>>() {
            by_id.entry(id).or_default().push(key);
        }
    }
    let nameless = by_id.remove(&KeyId::default()).unwrap_or_default();
    let states_no_id = |key: &&&Key| key.current().objects().all(KeyObject::states_no_id);
    let no_id = "it has no CKA_ID, which other programs need to find the other half";
    let nameless =
        nameless.iter().filter(states_no_id).map(|key| Finding::warning("NO_ID", no_id).of_key(&key.label));
    let by_id = by_id.into_iter().map(|(id, keys)| (id, without_strangers(keys)));
    let shared = by_id.filter(|(_, keys)| keys.len() > 1).map(|(id, keys)| {
        let labels: Vec<_> = keys.iter().map(|key| key.label.clone()).collect();
        let (keys, labels) = (Counted(keys.len(), "key"), some_of(&labels));
        let text =
            format!("{keys} share CKA_ID {id}: {labels}; programs that select by it may take the wrong one");
        Finding::warning(SHARED_ID, text).remedy(APART)
    });
    shared.chain(nameless).collect()
}

/// Whether the key may have been created without the PIN, while a key protected by the PIN has the same label.
fn is_stranger(keys: &[Key], key: &Key) -> bool {
    !key.is_guarded() && keys.iter().any(|other| other.is_guarded() && other.label == key.label)
}

fn without_strangers(keys: Vec<&Key>) -> Vec<&Key> {
    if keys.iter().any(|key| key.is_guarded()) {
        keys.into_iter().filter(|key| key.is_guarded()).collect()
    } else {
        keys
    }
}

fn protection(key: &Key, version: &KeyVersion) -> Vec<Finding> {
    let number = version.version;
    let protection = version.protection();
    let any = |is: fn(&KeyObject) -> bool| version.objects().any(is);
    // EC keys neither wrap nor decrypt, whatever their attributes say: there is no mechanism for it.
    let may_wrap = version.kind().is_none_or(KeyKind::may_wrap);
    // Records of earlier releases also set `exportable` for keys of other programs.
    let is_wanted = key.record().is_some_and(|record| record.exportable && record.created.is_some());
    let rotate = || {
        if key.label.is_empty() && version.id.is_empty() {
            let kind = version.secret.as_ref().map_or("private", |secret| match secret.class {
                Class::Secret => "secret-key",
                Class::Private | Class::Public => "private",
            });
            let delete = kmsctl(format!("key delete --uri 'pkcs11:type={kind};object='"));
            return format!(
                "it has neither label nor CKA_ID; if it is what an interrupted creation left, destroy it: {delete}"
            );
        }
        replacement(key, version)
    };
    let mut findings = Vec::new();
    if protection.sensitive == Some(false) {
        let text =
            format!("version {number} is not CKA_SENSITIVE: after a login it can be read in the clear");
        findings.push(Finding::error("READABLE", text).remedy(rotate()));
    }
    if protection.extractable == Some(true) && is_wanted {
        let text = format!("version {number} can leave the token wrapped, as requested when it was created");
        findings.push(Finding::info("EXTRACTABLE", text));
    } else if protection.extractable == Some(true) {
        let text = format!("version {number} is CKA_EXTRACTABLE: it can leave the token");
        findings.push(Finding::warning("EXTRACTABLE", text).remedy(rotate()));
    }
    if may_wrap && any(|object| object.wraps) && any(|object| object.usage.decrypt) {
        let text = format!(
            "version {number} may both wrap and decrypt: every key that it wraps can be read in the clear"
        );
        let remedy = "create a key for one of the two uses and move to it";
        // kmsctl asks for no key that wraps: the token would give the next one the same uses.
        let is_of_token = key.record().is_some_and(|record| record.created.is_some());
        findings.push(if is_of_token {
            Finding::info(
                "WRAPS_AND_DECRYPTS",
                format!("{text}; the token gives its keys these uses unasked"),
            )
        } else {
            Finding::warning("WRAPS_AND_DECRYPTS", text).remedy(remedy)
        });
    }
    findings.extend(restricted(version));
    findings.into_iter().map(|finding| finding.of_key(&key.label)).collect()
}

/// How to get a protected key. One that anyone may have put there gets no record, and without one it is not rotated.
fn replacement(key: &Key, version: &KeyVersion) -> String {
    if key.record.is_none() && version.secret.as_ref().is_some_and(|secret| !secret.is_guarded()) {
        let select = if version.id.is_empty() {
            shell_option("--label", &key.label)
        } else {
            format!("--id {}", version.id)
        };
        let advice = "create a key with kmsctl, move to it, and delete this one";
        // The command must not select another key.
        let is_alone = key.others.is_empty();
        return if is_alone {
            format!("{advice}: {}", kmsctl(format!("key delete {select}")))
        } else {
            advice.to_owned()
        };
    }
    let rotate = kmsctl(format!("key rotate {}", shell_option("--label", &key.label)));
    format!("rotate the key, new versions are protected: {rotate}")
}

/// A key whose allowed mechanisms exclude uses that its usage attributes allow.
fn restricted(version: &KeyVersion) -> Option<Finding> {
    let secret = version.secret.as_ref().filter(|secret| !secret.allowed_mechanisms.is_empty())?;
    let left = version.feasible(secret.usage).names();
    let lost: Vec<_> = secret.usage.names().into_iter().filter(|name| !left.contains(name)).collect();
    let text = format!(
        "version {} cannot {}, whatever its usage attributes say: CKA_ALLOWED_MECHANISMS ({}) leaves no mechanism for it that \
         kmsctl uses",
        version.version,
        lost.join(" or "),
        secret.allowed_mechanism_names().join(" ")
    );
    (!lost.is_empty()).then(|| Finding::info("RESTRICTED", text))
}

/// [`state`] of each version, with one finding for all that do more than the record allows.
fn states(stored: &StoredRecord, versions: &[KeyVersion]) -> Vec<Finding> {
    let found = versions.iter().filter_map(|version| Some((version.version, state(stored, version)?)));
    let (more, mut others): (Vec<_>, Vec<_>) =
        found.partition(|(_, finding)| finding.code == MORE_THAN_RECORDED);
    if let [(first, finding), .., (last, _)] = &more[..] {
        let numbers: Vec<_> = more.iter().map(|(version, _)| version.to_string()).collect();
        let before_last = numbers[..numbers.len() - 1].join(", ");
        let text =
            format!("the token lets versions {before_last} and {last} do more than their record allows");
        others.push((*first, finding.clone().saying(text)));
    } else {
        others.extend(more);
    }
    others.into_iter().map(|(_, finding)| finding).collect()
}

const MORE_THAN_RECORDED: &str = "MORE_THAN_RECORDED";

/// Compares the token's usage attributes with the record.
pub(super) fn state(stored: &StoredRecord, version: &KeyVersion) -> Option<Finding> {
    let record = &stored.record;
    let number = version.version;
    let pairs: Vec<_> =
        version.objects().map(|object| (wanted_uses(record, number, object), object.uses())).collect();
    let finding = if !record.permits(number) {
        if pairs.iter().all(|(_, stated)| *stated == Uses::default()) {
            return None;
        }
        let text = format!("version {number} is not enabled, but the token lets every program use it");
        if may_be_old(stored) {
            let finding = Finding::error("USABLE_THOUGH_FORBIDDEN", format!("{text}: {OLD_RECORD}"));
            return Some(finding.remedy(decisions(record, number)).of_key(&record.label).by_record());
        }
        Finding::error("USABLE_THOUGH_FORBIDDEN", text)
    } else if pairs.iter().any(|(wanted, stated)| !wanted.is_within(*stated)) {
        let text = format!("version {number} is enabled, but the token refuses some of its uses");
        if !may_be_old(stored) {
            let finding = Finding::error("UNUSABLE_THOUGH_ALLOWED", text);
            return Some(finding.of_key(&record.label).by_record().repairable());
        }
        let text = format!("{text}: {OLD_RECORD}");
        let enable = kmsctl(format!("key enable {}", shell_option("--label", &record.label)));
        let remedy =
            format!("run the command that was interrupted again; or, to allow these uses again: {enable}");
        let finding = Finding::error("UNUSABLE_THOUGH_ALLOWED", text).remedy(remedy);
        return Some(finding.of_key(&record.label).by_record());
    } else if pairs.iter().any(|(wanted, stated)| !stated.is_within(*wanted)) {
        let text = format!("the token lets version {number} do more than its record allows");
        Finding::warning(MORE_THAN_RECORDED, text)
    } else {
        return None;
    };
    Some(finding.of_key(&record.label).by_record().repairable())
}

const OLD_RECORD: &str = "a change was interrupted, or an old record was put back";

/// The commands by which the user decides about a version that only the token allows to be used.
fn decisions(record: &Record, version: Version) -> String {
    let (status, of) = match record.status {
        Status::Enable => (record.status_of(version), format!(" --key-version {version}")),
        of_key => (of_key, String::new()),
    };
    let command = |name: &str| kmsctl(format!("key {name} {}{of}", shell_option("--label", &record.label)));
    if status == Status::Revoke {
        let (restore, enable, revoke) = (command("restore"), command("enable"), command("revoke"));
        return format!("to keep it: {restore}, then {enable}; to have it destroyed: {revoke}");
    }
    format!("to allow these uses: {}; to forbid them: {}", command("enable"), command("disable"))
}

/// The code of a date that a wrong clock has set.
pub(super) const SCHEDULE_AHEAD: &str = "SCHEDULE_AHEAD";

/// [`super::token::check_clock`] says which, as far as it can be known.
const WRONG_CLOCK: &str = "a clock was ahead when that was recorded, or this one is behind";

fn schedule(record: &Record, clock: &Clock) -> Option<Finding> {
    let label = || shell_option("--label", &record.label);
    let now = clock.now;
    let finding = if let Some((step, date)) = record.schedule_ahead(clock) {
        let text = format!("{} is on {date}, later than the schedule allows: {WRONG_CLOCK}", step.noun());
        let reset = kmsctl(format!("key update {} --reset-schedule", label()));
        Finding::warning(SCHEDULE_AHEAD, text).remedy(reset)
    } else if let Some((version, date)) = record.destruction_ahead(clock) {
        let what = version.map_or_else(|| "it".to_owned(), |version| format!("its version {version}"));
        let text = format!("{what} is destroyed on {date}, more than {MAX_WAIT} days away: {WRONG_CLOCK}");
        let of = version.map(|version| format!(" --key-version {version}")).unwrap_or_default();
        let revoke = kmsctl(format!("key revoke {}{of} --after {MAX_WAIT}", label()));
        Finding::warning(SCHEDULE_AHEAD, text).remedy(revoke)
    } else if let Some((step, date)) = record.step_due(now) {
        let text = format!("{} was due on {date}", step.noun());
        Finding::warning("ROTATION_OVERDUE", text).remedy(kmsctl("key rotate --due"))
    } else {
        let (version, date) = record.purges_due(now).into_iter().next()?;
        let date = date?;
        let what = version.map_or_else(|| "it".to_owned(), |version| format!("its version {version}"));
        let finding = |text| Finding::warning("PURGE_DUE", text);
        match clock.doubt(date) {
            // Deleted by command before its date: a run was stopped.
            None if date > now => finding(format!("the destruction of {what} was interrupted"))
                .remedy(kmsctl("key purge --due")),
            None => finding(format!("{what} should have been destroyed on {date}"))
                .remedy(kmsctl("key purge --due")),
            Some(doubt) => {
                finding(format!("if the clock is right, {what} should have been destroyed: {doubt}"))
                    .remedy(kmsctl("key purge --due --trust-clock"))
            }
        }
    };
    Some(finding.of_key(&record.label).by_record())
}
