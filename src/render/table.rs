//! Tables without frames, and lists of fields.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::ui::safe;

/// Columns under headings, two blanks apart, one line a row. Cells are plain text: control characters are shown, not
/// sent.
pub fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.iter().copied());
    for row in rows {
        table.add_row(row.iter().map(|cell| safe(cell).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2)).set_cell_alignment(CellAlignment::Left);
    }
    lines(&table)
}

/// `Name:  value` lines. Fields without a value are left out.
pub fn fields(fields: &[(&str, Option<String>)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for (name, value) in fields {
        if let Some(value) = value {
            table.add_row([format!("{name}:"), safe(value).into_owned()]);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    lines(&table)
}

fn lines(table: &Table) -> String {
    table.lines().flat_map(|line| [line.trim_end().to_owned(), "\n".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let text = table(
            &["Label", "CKA_ID"],
            vec![vec!["a".into(), "01".into()], vec!["longer".into(), "02".into()]],
        );
        assert_eq!(text, "Label   CKA_ID\na       01\nlonger  02\n");
    }

    #[test]
    fn absent_fields_are_left_out() {
        assert_eq!(fields(&[("Label", Some("a".into())), ("Memo", None)]), "Label:  a\n");
    }
}
