//! Manual pages that do not belong to a command.

use roff::Roff;

use super::{layout::entries, page::Page};
use crate::{
    cli::manual::pin_sources,
    setting::{self, Kind, MODULE_VARIABLES, Role, Setting},
};

/// The pages, from templates in which the parts generated from the table of settings are inserted.
pub(super) fn topics() -> [Page; 4] {
    let config = include_str!("../kmsctl-config.5");
    let config =
        config.replace("@KEYS@\n", &keys()).replace("@MODULE_VARIABLES@", &MODULE_VARIABLES.join(", "));
    let sources = |role| {
        let mut roff = Roff::new();
        entries(&pin_sources(role), &mut roff);
        roff.render()
    };
    let pin = include_str!("../kmsctl-pin.7");
    let pin =
        pin.replace("@SOURCES@", &sources(Role::UserPin)).replace("@SO_SOURCES@", &sources(Role::SoPin));
    let backup = include_str!("../kmsctl-backup.7").to_owned();
    let modules = include_str!("../kmsctl-modules.7").to_owned();
    let pages = [
        ("kmsctl-backup.7", backup),
        ("kmsctl-config.5", config),
        ("kmsctl-modules.7", modules),
        ("kmsctl-pin.7", pin),
    ];
    pages.map(|(name, text)| Page { name: name.to_owned(), content: text.into() })
}

/// An entry for each key of a profile: its type, its description and the meanings of its values.
fn keys() -> String {
    let entry = |setting: &Setting| {
        let choices = setting.choices();
        let value = match setting.kind {
            Kind::Number | Kind::Seconds => "number".to_owned(),
            _ if choices.is_empty() => "string".to_owned(),
            _ => choices.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(" | "),
        };
        let default = setting.default.map(|default| format!(" (default {default})")).unwrap_or_default();
        let meanings = choices.iter().filter(|(_, meaning)| !meaning.is_empty());
        let meanings = meanings.map(|(name, meaning)| format!(".br\n{name}: {meaning}.\n"));
        let meanings = escaped(&meanings.collect::<String>());
        let text = escaped(&format!("{}{default}.", setting.text));
        format!(".TP\n\\fB{}\\fR = {}\n{text}\n{meanings}", escaped(setting.name), escaped(&value))
    };
    setting::keys().map(entry).collect()
}

/// Escapes dashes for roff, which would print hyphens.
fn escaped(text: &str) -> String {
    text.replace('-', "\\-")
}
