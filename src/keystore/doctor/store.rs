//! Findings about the files of the embedded token.

use std::path::Path;

use super::Finding;
use crate::{
    shell::{kmsctl_without_pin, shell_word},
    token::embedded::StoreFault,
};

impl Finding {
    /// A fault of the store's files.
    pub fn of_store(fault: &StoreFault) -> Self {
        let text = fault.to_string();
        let finding = match fault {
            StoreFault::Mode { .. } => Self::error("STORE_MODE", text),
            StoreFault::NoIndex => Self::warning("STORE_INDEX", text),
            StoreFault::NoLog => Self::warning("STORE_LOG", text),
            StoreFault::Leftovers(_) => Self::warning("STORE_LEFTOVERS", text),
            StoreFault::Broken(_) => Self::error("STORE_BROKEN", text),
        };
        if fault.is_repairable() {
            finding.repairable()
        } else {
            let restore = kmsctl_without_pin("token restore --in FILE");
            finding.remedy(format!("move the store's directory away, then restore a backup: {restore}"))
        }
    }

    /// A PIN file that other users can read.
    pub fn of_pin_file(path: &Path) -> Self {
        Self::error("PIN_FILE_MODE", format!("other users can read the PIN file {}", path.display()))
            .remedy(format!("chmod 600 {}", shell_word(path)))
    }
}
