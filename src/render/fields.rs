//! Lists of fields that describe one thing.

use unicode_width::UnicodeWidthStr;

use super::Text;
use crate::ui::safe;

/// A name and its value; fields without a value are left out.
type Field<'a> = (&'a str, Option<String>);

/// `Name:  value` lines.
pub fn fields(fields: &[Field<'_>]) -> Text {
    Text::prose(list(fields))
}

pub(super) fn list(fields: &[Field<'_>]) -> String {
    lines(fields, name_width(fields), "")
}

/// Fields under headings, with a blank line between sections. All values are aligned.
pub fn sections(sections: &[(&str, Vec<Field<'_>>)]) -> Text {
    let width = sections.iter().map(|(_, fields)| name_width(fields)).max().unwrap_or_default();
    let sections = sections.iter().map(|(heading, fields)| (heading, lines(fields, width, "  ")));
    let texts = sections.filter(|(_, text)| !text.is_empty());
    Text::prose(texts.map(|(heading, text)| format!("{heading}\n{text}")).collect::<Vec<_>>().join("\n"))
}

fn present<'f>(fields: &'f [Field<'_>]) -> impl Iterator<Item = (&'f str, &'f str)> {
    fields.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)))
}

fn name_width(fields: &[Field<'_>]) -> usize {
    present(fields).map(|(name, _)| name.width() + ":".len()).max().unwrap_or_default()
}

fn lines(fields: &[Field<'_>], width: usize, indent: &str) -> String {
    let line = |(name, value): (&str, &str)| {
        let name = format!("{name}:");
        format!("{}\n", format!("{indent}{name:width$}  {}", safe(value)).trim_end())
    };
    present(fields).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_and_empty_sections_are_left_out() {
        let label = || vec![("Label", Some("a\u{1b}".into())), ("Memo", None)];
        assert_eq!(fields(&label()), Text::prose("Label:  a\\u{1b}\n".to_owned()));
        let text = sections(&[
            ("Identity", label()),
            ("Nothing", vec![("Memo", None)]),
            ("Use", vec![("Status", Some("enabled".into()))]),
        ]);
        assert_eq!(
            text,
            Text::prose("Identity\n  Label:   a\\u{1b}\n\nUse\n  Status:  enabled\n".to_owned())
        );
    }
}
