//! Breaks lines between words where a terminal is too narrow for them.

use std::borrow::Cow;

use textwrap::{
    Options, WordSeparator, WordSplitter,
    core::{Word, display_width},
    wrap,
};

/// The text for a terminal of this width, if it is one. What continues a line is indented: below the value of a `Name:  value`
/// line, otherwise by two spaces. A command in backquotes stays on one line, so that it can be pasted, as does a longer word.
pub fn wrapped(text: &str, width: Option<u16>) -> Cow<'_, str> {
    let Some(width) = width else { return text.into() };
    text.split_inclusive('\n').map(|line| broken(line, width.into())).collect::<String>().into()
}

fn broken(line: &str, width: usize) -> String {
    let column = |value: usize| display_width(&line.chars().take(value).collect::<String>());
    let value = value_start(line).map(column).filter(|value| value * 2 < width);
    let indent = " ".repeat(value.unwrap_or(line.len() - line.trim_start().len() + 2));
    let options = Options::new(width)
        .break_words(false)
        .subsequent_indent(&indent)
        .word_separator(WordSeparator::Custom(|line| Box::new(words(line, value_start(line)))))
        .word_splitter(WordSplitter::NoHyphenation);
    let end = if line.ends_with('\n') { "\n" } else { "" };
    wrap(line.trim_end_matches('\n'), options).join("\n") + end
}

/// Where the value of a `Name:  value` line starts, in characters.
fn value_start(line: &str) -> Option<usize> {
    let name = line.trim_start().split("  ").next()?;
    let value = line.trim_start()[name.len()..].trim_start();
    (!value.is_empty() && value.len() < line.len()).then(|| line.chars().count() - value.chars().count())
}

/// Splits after spaces, but neither between backquotes nor before the value.
fn words(line: &str, value: Option<usize>) -> impl Iterator<Item = Word<'_>> {
    let (mut is_quoted, mut passed) = (false, 0);
    let ends_word = move |c| {
        is_quoted ^= c == '`';
        passed += 1;
        c == ' ' && !is_quoted && Some(passed) > value
    };
    line.split_inclusive(ends_word).map(Word::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        for (text, shown) in [
            ("error: one two three\n", "error: one\n  two three\n"),
            ("hint: `kmsctl key list` lists\n", "hint:\n  `kmsctl key list`\n  lists\n"),
            ("ID:  one two three\n", "ID:  one two\n     three\n"),
            ("  - one two three\n\nfour", "  - one two\n    three\n\nfour"),
            ("\u{1b}[1;31merror:\u{1b}[0m a\u{301}bcd e\n", "\u{1b}[1;31merror:\u{1b}[0m a\u{301}bcd\n  e\n"),
            ("  \u{1b}[1ma\u{1b}[0m  one two three\n", "  \u{1b}[1ma\u{1b}[0m  one two\n     three\n"),
            ("Name:  as-long-as-this two\n", "Name:  as-long-as-this\n  two\n"),
            ("no-hyphenation-of-labels\n", "no-hyphenation-of-labels\n"),
        ] {
            assert_eq!(wrapped(text, Some(12)), shown);
            assert_eq!(wrapped(text, None), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn only_spaces_become_breaks(text in "[ a`鍵:\n]{0,60}", width in 1_u16..40) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            proptest::prop_assert_eq!(words(&wrapped(&text, Some(width))), words(&text));
        }
    }
}
