//! Finds out in which ways a token allows less than others. Leaves nothing on the token.

use crate::{
    algorithm::Algorithm,
    keystore::probe,
    token::{Error, Fact, Facts, KeyObject, Result, Session, Uses},
};

use super::trial::SessionKey;

/// Learns the facts about the token anew; the session has them afterwards. What cannot be tried stays unknown.
/// Without `may_change` only the sessions are tried; with it, also session keys and a data object, which are destroyed again.
pub fn learn(session: &Session, may_change: bool) {
    let mut facts = Facts::default();
    facts.note_place(session.token().slot, &session.token().serial);
    *session.facts() = facts;
    session.learn_sessions();
    if !may_change {
        return;
    }
    let pair = Algorithm::COMMON_PAIRS.into_iter().find_map(|algorithm| {
        let made = SessionKey::new(session, algorithm);
        if is_minimal(&made, session.has_key_attributes(algorithm.kind())) {
            session.facts().note_minimal();
        }
        Some((algorithm, made.ok()?))
    });
    if let Some((algorithm, made)) = pair {
        // Best effort: an attempt that fails for another reason shows nothing.
        let _ = learn_names(session, &made, algorithm);
        let _ = learn_uses(session, &made);
    }
    let _ = learn_iv(session);
    if let Some(stores) = session.stores_data_objects() {
        session.note(Fact::NoDataObjects, !stores);
    }
}

/// Whether the token refused every form that can be tried with a session key, and the profile has what another needs.
fn is_minimal(made: &Result<SessionKey<'_>>, has_attributes: bool) -> bool {
    has_attributes && made.as_ref().is_err_and(Error::refuses_template)
}

fn learn_names(session: &Session, made: &SessionKey<'_>, algorithm: Algorithm) -> Result<()> {
    if let Some(object) = session.key(made.secret())? {
        session.note(Fact::LabelIsId, object.label_bytes() == object.id.as_bytes());
    }
    match SessionKey::new(session, algorithm) {
        Ok(_) => session.note(Fact::UniqueLabels, false),
        Err(error) if error.may_be_about_label() => session.note(Fact::UniqueLabels, true),
        Err(_) => {}
    }
    Ok(())
}

fn learn_uses(session: &Session, made: &SessionKey<'_>) -> Result<()> {
    let Some(object) = session.key(made.secret())? else { return Ok(()) };
    let changed = session.set_uses(&object, Uses::default())?;
    session.note(Fact::FixedUses, KeyObject::uses(&changed) != Uses::default());
    Ok(())
}

fn learn_iv(session: &Session) -> Result<()> {
    let key = SessionKey::new(session, Algorithm::AES_256)?;
    if probe::gcm(session, key.secret(), b"kmsctl learns who makes the IV", false)? {
        let is_of_token = session.knows(Fact::IvOfToken);
        session.note(Fact::IvOfToken, is_of_token);
    }
    Ok(())
}
