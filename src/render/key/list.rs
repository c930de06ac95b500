//! The table of `key list`.

use serde_json::Value;

use super::{KeyView, dash};
use crate::render::{Document, Narrow, table};

/// A heading, and the cell of a key.
type Column = (&'static str, fn(&KeyView) -> String);

const COLUMNS: [Column; 5] = [
    ("Label", |view| view.label.clone()),
    ("Algorithm", |view| view.kind_name.clone()),
    ("CKA_ID", |view| view.cka_id.clone()),
    ("Created", |view| or_dash(view.register_date.as_ref())),
    ("Status", KeyView::status_text),
];

const NEXT_ROTATION: Column = ("Next rotation", |view| or_dash(view.next_rotation_date.as_ref()));

const MORE_COLUMNS: [Column; 5] = [
    ("Version", |view| or_dash(view.version.as_ref())),
    NEXT_ROTATION,
    ("Usage", |view| view.usage.join(",")),
    ("Memo", |view| view.memo.clone().unwrap_or_default()),
    ("Tag", |view| or_dash(view.key_tag.as_ref())),
];

/// Which columns `key list` shows.
#[derive(Debug, Clone, Copy)]
pub enum Columns {
    Usual,
    NextRotation,
    All,
}

/// `key list` as text or JSON, not both, because ten thousand keys need much memory.
pub fn key_list(keys: impl Iterator<Item = KeyView>, columns: Columns, json: bool) -> Document {
    if json {
        return Document::array(keys);
    }
    let (more, narrow) = match columns {
        Columns::Usual => (&[][..], NARROW),
        Columns::NextRotation => (&[NEXT_ROTATION][..], NARROW),
        Columns::All => (&MORE_COLUMNS[..], ALL_SHOWN),
    };
    let (headings, cells): (Vec<_>, Vec<_>) = COLUMNS.iter().chain(more).copied().unzip();
    let rows = keys.map(|view| cells.iter().map(|cell| cell(&view)).collect()).collect();
    Document::new(Value::Null, table(&headings, rows).states("Status").narrow(narrow))
}

fn or_dash(value: Option<&impl ToString>) -> String {
    value.map_or_else(dash, ToString::to_string)
}

/// Label and status are kept longest: one selects the key, the other decides whether it can be used.
const NARROW: &[Narrow] = &[
    Narrow::Before("Created", "T"),
    Narrow::Before("Next rotation", "T"),
    Narrow::Before("Status", ","),
    Narrow::Cut("Label", 12),
    Narrow::Drop("Created"),
    Narrow::Drop("Algorithm"),
    Narrow::Cut("Label", 6),
];

/// For `--wide`, whose columns are never dropped.
const ALL_SHOWN: &[Narrow] = &[
    Narrow::Before("Created", "T"),
    Narrow::Before("Next rotation", "T"),
    Narrow::Before("Status", ", to be destroyed"),
    Narrow::Cut("Memo", 8),
    Narrow::Cut("Label", 12),
];
