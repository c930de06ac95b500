//! The directory for the records of keys, and what the user must know about a record that went there.

use super::Context;
use crate::{
    keystore::{Key, Keystore, RecordNotice, RecordsDirectory},
    shell::kmsctl,
    token::TokenInfo,
    trust::Sharing,
};

impl Context {
    /// Without a directory in the settings, the user's own takes records for which a token has no room, so that a key on it
    /// can be disabled. The embedded token has room whenever a directory has.
    pub(super) fn records_directory(&self, token: &TokenInfo) -> Option<RecordsDirectory> {
        if let Some(path) = self.settings.records.clone() {
            let sharing = self.settings.sharing;
            return Some(RecordsDirectory { path, sharing, is_last_resort: false });
        }
        let state = self.environment.state_directory().filter(|_| !token.is_embedded())?;
        let path = state.join("kmsctl/records");
        Some(RecordsDirectory { path, sharing: Sharing::NONE, is_last_resort: true })
    }

    /// Says what a file with the record of a changed key means.
    pub fn explain_record(&self, keystore: &Keystore, key: &Key) {
        match keystore.record_notice(key) {
            Some(RecordNotice::LastResort(directory)) => {
                self.ui.warning(format!(
                    "the token has no room for the record of key {:?}: it is in {}, where other users and machines do not \
                     see it",
                    key.label,
                    directory.display()
                ));
                self.ui.hint("keep records in a directory that all users share: `records` in the profile");
            }
            Some(RecordNotice::WithoutMac(directory)) => {
                self.ui.warning(format!(
                    "the token cannot create the key that authenticates records: anyone who can write to {} can change them",
                    directory.display()
                ));
                self.ui.hint(format!("`{}` says more", kmsctl("doctor")));
            }
            None => {}
        }
    }
}
