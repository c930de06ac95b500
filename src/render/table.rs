//! Tables without frames, and lists of fields.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, presets};

use super::paint::paint;
use crate::ui::safe;

/// What the reader of a text is: a terminal of some width, with colours or without, or a file or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Columns; `None` has no limit.
    pub width: Option<u16>,
    pub colour: bool,
}

/// Blanks between columns.
const GAP: u16 = 2;

/// Columns under headings, one line a row. Cells are plain text: control characters are shown, not sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    dropping: &'static [&'static str],
    states: Option<&'static str>,
}

pub fn table(headings: &[&'static str], rows: Vec<Vec<String>>) -> Table {
    Table { headings: headings.to_vec(), rows, ..Table::default() }
}

impl Table {
    /// The columns to leave out where the terminal is too narrow, the least important first. Others stay.
    #[must_use]
    pub fn dropping(self, headings: &'static [&'static str]) -> Self {
        Self { dropping: headings, ..self }
    }

    /// The column whose cells get the colour of the state that they name.
    #[must_use]
    pub fn states(self, heading: &'static str) -> Self {
        Self { states: Some(heading), ..self }
    }

    /// No row is wider than the layout allows: columns are left out, and what is then still too wide is cut with an
    /// ellipsis. Without a width, as for a file or a program, everything is there. Without rows there is no text.
    pub fn to_text(&self, layout: Layout) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.headings.iter().copied());
        table.add_rows(self.rows.iter().map(|row| row.iter().map(|cell| safe(cell).into_owned())));
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP)).set_cell_alignment(CellAlignment::Left);
        }
        if let Some(width) = layout.width {
            self.fit(&mut table, width);
        }
        let mut lines = table.lines();
        let mut text = lines.next().map(|heading| line(&heading)).unwrap_or_default();
        for (shown, row) in lines.zip(&self.rows) {
            let shown = line(&shown);
            match self.state_of(row).filter(|_| layout.colour) {
                Some(state) => text.push_str(&paint(&shown, state)),
                None => text.push_str(&shown),
            }
        }
        text
    }

    fn fit(&self, table: &mut comfy_table::Table, width: u16) {
        let widths = table.column_max_content_widths();
        let needed = |hidden: &[usize]| -> u32 {
            let shown = widths.iter().enumerate().filter(|(column, _)| !hidden.contains(column));
            // No blanks follow the last column.
            shown.map(|(_, width)| u32::from(*width) + u32::from(GAP)).sum::<u32>().saturating_sub(GAP.into())
        };
        let mut hidden = Vec::new();
        for name in self.dropping {
            if needed(&hidden) <= width.into() {
                return;
            }
            if let Some(column) = self.headings.iter().position(|heading| heading == name) {
                hidden.push(column);
                if let Some(column) = table.column_mut(column) {
                    column.set_constraint(ColumnConstraint::Hidden);
                }
            }
        }
        if needed(&hidden) > width.into() {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width)
                .set_truncation_indicator("…");
            table.row_iter_mut().for_each(one_line);
        }
    }

    fn state_of<'row>(&self, row: &'row [String]) -> Option<&'row str> {
        let column = self.headings.iter().position(|heading| Some(*heading) == self.states)?;
        row.get(column).map(String::as_str)
    }
}

fn one_line(row: &mut Row) {
    row.max_height(1);
}

fn line(shown: &str) -> String {
    format!("{}\n", shown.trim_end())
}

/// `Name:  value` lines. Fields without a value are left out.
pub fn fields(fields: &[(&str, Option<String>)]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    for (name, value) in fields {
        if let Some(value) = value {
            table.add_row([format!("{name}:"), safe(value).into_owned()]);
        }
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.lines().map(|shown| line(&shown)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        table(
            &["Label", "CKA_ID", "Status"],
            vec![row(["a", "0123456789", "ENABLE"]), row(["鍵-longer", "02", "DISABLE"])],
        )
        .dropping(&["CKA_ID"])
        .states("Status")
    }

    fn at(width: u16) -> String {
        sample().to_text(Layout { width: Some(width), colour: false })
    }

    #[test]
    fn columns_line_up_and_lines_end_clean() {
        let whole =
            "Label      CKA_ID      Status\na          0123456789  ENABLE\n鍵-longer  02          DISABLE\n";
        assert_eq!(sample().to_text(Layout::default()), whole);
        assert_eq!(at(30), whole);
    }

    #[test]
    fn a_narrow_terminal_loses_columns_then_ends_of_cells_but_never_the_form() {
        assert_eq!(at(29), "Label      Status\na          ENABLE\n鍵-longer  DISABLE\n");
        for width in 4..18 {
            let text = at(width);
            assert_eq!(text.lines().count(), 3, "{width}: {text}");
        }
        assert!(at(16).contains('…'), "{}", at(16));
    }

    #[test]
    fn states_have_colours_where_they_are_wanted() {
        let text = sample().to_text(Layout { width: None, colour: true });
        assert!(text.contains("\u{1b}[32mENABLE\u{1b}[0m\n"), "{text:?}");
        assert!(text.contains("\u{1b}[33mDISABLE\u{1b}[0m\n"), "{text:?}");
    }

    #[test]
    fn nothing_has_no_headings() {
        assert_eq!(table(&["Label"], Vec::new()).to_text(Layout::default()), "");
    }

    #[test]
    fn absent_fields_are_left_out() {
        assert_eq!(fields(&[("Label", Some("a".into())), ("Memo", None)]), "Label:  a\n");
    }
}
