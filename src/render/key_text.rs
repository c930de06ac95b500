//! Texts about a key in tables and lists of fields.

use super::key::{KeyView, dash};
use crate::model::Counted;

impl KeyView {
    pub(super) fn algorithm_text(&self) -> String {
        let details = [
            self.algorithm.map(str::to_owned),
            self.curve.map(str::to_owned),
            self.bits.map(|bits| format!("{bits} bits")),
        ];
        let details: Vec<_> = details.into_iter().flatten().collect();
        if details.is_empty() {
            return self.kind_name.clone();
        }
        format!("{} ({})", self.kind_name, details.join(", "))
    }

    pub(super) fn status_text(&self) -> String {
        match (self.status, self.deletion_date) {
            (Some(status), Some(date)) => format!("{status}, to be destroyed from {}", date.day()),
            (Some(status), None) if self.is_exportable => format!("{status}, exportable"),
            (Some(status), None) => {
                match self.staged_version.filter(|staged| Some(*staged) != self.version) {
                    Some(staged) => format!("{status}, version {staged} staged"),
                    None => status.to_string(),
                }
            }
            (None, _) if self.is_exportable => "exportable".to_owned(),
            (None, _) => dash(),
        }
    }

    pub(super) fn enforced_text(&self) -> Option<String> {
        let text = if self.is_enforced_by_token? {
            "the token"
        } else {
            "kmsctl alone; the token lets other programs use the key"
        };
        Some(text.to_owned())
    }

    pub(super) fn staged_text(&self) -> Option<String> {
        Some(match (self.staged_version?, self.promotion_date) {
            (version, Some(date)) => format!("version {version}, to be promoted on {date}"),
            (version, None) => format!("version {version}, to be promoted by hand"),
        })
    }

    pub(super) fn rotation_text(&self) -> Option<String> {
        let days = usize::try_from(self.rotation_period.unwrap_or_default()).unwrap_or(usize::MAX);
        let is_automatic = self.is_auto_rotation?;
        let every = || format!("every {}", Counted(days, "day"));
        let staged = self.stage_days.map(|days| Counted(days as usize, "day"));
        Some(if let Some(before) = staged {
            format!("{}, staged {before} before", every())
        } else if is_automatic {
            every()
        } else {
            "by hand".to_owned()
        })
    }
}
