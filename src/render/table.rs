//! Plain tables without borders.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{fields::list, paint::paint};
use crate::ui::safe;

/// Layout for the reader: a terminal, or a file or program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Width in columns; `None` is unlimited.
    pub width: Option<u16>,
    pub colour: bool,
    /// Indent JSON.
    pub indent: bool,
}

/// Spaces between columns.
const GAP: usize = 2;

/// How to shrink a column if the terminal is too narrow. Identifiers are never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrow {
    /// Cut each cell before this text, which begins a detail.
    Before(&'static str, &'static str),
    /// Cut cells with an ellipsis as far as needed, but not below this width.
    Cut(&'static str, usize),
    /// Drop the column and report its heading.
    Drop(&'static str),
}

/// Columns under headings, one line per row. Cells are plain text; control characters are escaped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    narrow: &'static [Narrow],
    states: Option<&'static str>,
}

pub fn table(headings: &[&'static str], rows: Vec<Vec<String>>) -> Table {
    let rows = rows.into_iter().map(|row| row.iter().map(|cell| safe(cell).into_owned()).collect()).collect();
    Table { headings: headings.to_vec(), rows, ..Table::default() }
}

impl Table {
    /// Sets how columns shrink on a narrow terminal, least important first. If that is not enough, each row becomes a block
    /// of fields.
    #[must_use]
    pub fn narrow(self, narrow: &'static [Narrow]) -> Self {
        Self { narrow, ..self }
    }

    /// Sets the column whose cells are coloured by state.
    #[must_use]
    pub fn states(self, heading: &'static str) -> Self {
        Self { states: Some(heading), ..self }
    }

    /// The text, and the headings of dropped columns. Without a width, for a file or a program, nothing is cut. The text is
    /// empty if there are no rows.
    pub fn to_text(&self, layout: Layout) -> (String, Vec<&'static str>) {
        if self.rows.is_empty() {
            return Default::default();
        }
        let Some(width) = layout.width else { return (self.lines(layout.colour), Vec::new()) };
        let mut shown = self.clone();
        let mut left_out = Vec::new();
        for step in self.narrow {
            let excess = shown.width().saturating_sub(width.into());
            if excess == 0 {
                break;
            }
            left_out.extend(shown.give_way(*step, excess));
        }
        if shown.width() > width.into() {
            return (self.blocks(), Vec::new());
        }
        (shown.lines(layout.colour), left_out)
    }

    fn column_width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].width());
        cells.chain([self.headings[column].width()]).max().unwrap_or_default()
    }

    fn width(&self) -> usize {
        // The last column has no trailing spaces.
        (0..self.headings.len())
            .map(|column| self.column_width(column) + GAP)
            .sum::<usize>()
            .saturating_sub(GAP)
    }

    /// Makes the table narrower. Returns the heading of a dropped column.
    fn give_way(&mut self, step: Narrow, excess: usize) -> Option<&'static str> {
        let (Narrow::Before(heading, _) | Narrow::Cut(heading, _) | Narrow::Drop(heading)) = step;
        let column = self.headings.iter().position(|one| *one == heading)?;
        let cells = self.rows.iter_mut().map(|row| &mut row[column]);
        match step {
            Narrow::Before(_, detail) => cells.for_each(|cell| {
                let end = cell.find(detail).unwrap_or(cell.len());
                cell.truncate(end);
            }),
            Narrow::Cut(_, least) => {
                let width = self.column_width(column).saturating_sub(excess).max(least);
                self.rows.iter_mut().for_each(|row| row[column] = cut(&row[column], width));
            }
            Narrow::Drop(_) => {
                self.headings.remove(column);
                self.rows.iter_mut().for_each(|row| drop(row.remove(column)));
                return Some(heading);
            }
        }
        None
    }

    /// Each cell that is not empty as a line, behind its heading.
    fn blocks(&self) -> String {
        let block = |row: &Vec<String>| {
            let said = row.iter().map(|cell| Some(cell.clone()).filter(|cell| !["", "-"].contains(&&**cell)));
            list(&self.headings.iter().copied().zip(said).collect::<Vec<_>>())
        };
        self.rows.iter().map(block).collect::<Vec<_>>().join("\n")
    }

    fn lines(&self, colour: bool) -> String {
        let widths: Vec<_> = (0..self.headings.len()).map(|column| self.column_width(column)).collect();
        let state = self.headings.iter().position(|heading| Some(*heading) == self.states).filter(|_| colour);
        let line = |cells: &mut dyn Iterator<Item = &str>, state: Option<usize>| {
            let mut line = String::new();
            for (column, cell) in cells.enumerate() {
                let blanks = " ".repeat(widths[column] + GAP - cell.width());
                let cell = if state == Some(column) { paint(cell) } else { cell.into() };
                line.extend([&*cell, &blanks]);
            }
            format!("{}\n", line.trim_end())
        };
        let rows = self.rows.iter().map(|row| line(&mut row.iter().map(String::as_str), state));
        let heading = line(&mut self.headings.iter().copied(), None);
        std::iter::once(heading).chain(rows).collect()
    }
}

/// Cuts the text to this many terminal columns, ending with an ellipsis.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |c: &char| {
        let width = c.width().unwrap_or_default();
        let fits = width <= left;
        left -= if fits { width } else { left };
        fits
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = vec![
            row(["a", "0123456789", "2026-11-28T20:00:00Z", "enabled"]),
            row(["鍵-longer", "02", "2026-11-28T20:00:00Z", "revoked, to be destroyed from 2026-11-29"]),
        ];
        table(&["Label", "CKA_ID", "Created", "Status"], rows).states("Status").narrow(&[
            Narrow::Before("Created", "T"),
            Narrow::Before("Status", ", to be destroyed"),
            Narrow::Cut("Label", 6),
            Narrow::Drop("Created"),
        ])
    }

    fn at(width: u16) -> (String, Vec<&'static str>) {
        sample().to_text(Layout { width: Some(width), ..Layout::default() })
    }

    #[test]
    fn columns_align_without_trailing_spaces() {
        let whole = "\
            Label      CKA_ID      Created               Status\n\
            a          0123456789  2026-11-28T20:00:00Z  enabled\n\
            鍵-longer  02          2026-11-28T20:00:00Z  revoked, to be destroyed from 2026-11-29\n";
        assert_eq!(sample().to_text(Layout::default()), (whole.to_owned(), vec![]));
        assert_eq!(at(85), (whole.to_owned(), vec![]));
    }

    #[test]
    fn a_narrow_terminal_cuts_details_then_cells_then_columns() {
        let dates = at(84).0;
        assert!(dates.contains("2026-11-28  revoked, to be destroyed from 2026-11-29\n"), "{dates}");
        let states = at(74).0;
        assert!(states.contains("鍵-longer  02          2026-11-28  revoked\n"), "{states}");
        let labels = at(39).0;
        assert!(labels.contains("鍵-lo…  02          2026-11-28  revoked\n"), "{labels}");
        let (rest, left_out) = at(30);
        assert!(rest.contains("鍵-lo…  02          revoked\n"), "{rest}");
        assert_eq!(left_out, ["Created"]);
        for width in 1..90 {
            let text = at(width).0;
            assert_eq!(text.lines().count(), if width < 27 { 9 } else { 3 }, "{width}: {text}");
            assert!(text.contains("0123456789"), "an identifier is never cut: {text}");
        }
    }

    #[test]
    fn rows_that_do_not_fit_become_blocks() {
        let (text, left_out) = at(26);
        let second =
            "\nLabel:    鍵-longer\nCKA_ID:   02\nCreated:  2026-11-28T20:00:00Z\nStatus:   revoked, to be";
        assert!(text.starts_with("Label:    a\nCKA_ID:   0123456789\n"), "{text}");
        assert!(text.contains(second) && left_out.is_empty(), "{text}");
    }

    #[test]
    fn states_are_coloured_only_with_colour() {
        let (text, _) = sample().to_text(Layout { colour: true, ..Layout::default() });
        assert!(text.contains("\u{1b}[32menabled\u{1b}[0m\n"), "{text:?}");
        assert!(text.contains("\u{1b}[31mrevoked, to be destroyed from 2026-11-29\u{1b}[0m\n"), "{text:?}");
        assert!(text.starts_with("Label      CKA_ID"), "{text:?}");
    }

    #[test]
    fn an_empty_table_has_no_headings() {
        assert_eq!(table(&["Label"], Vec::new()).to_text(Layout::default()), (String::new(), vec![]));
    }

    #[test]
    fn cut_text_ends_with_an_ellipsis() {
        for (text, width, shown) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("ab cd", 4, "ab…"), ("鍵鍵鍵", 4, "鍵…"), ("ab", 1, "…")]
        {
            assert_eq!(cut(text, width), shown);
        }
    }
}
