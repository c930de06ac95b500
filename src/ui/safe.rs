//! Escapes untrusted text for a terminal.

use std::borrow::Cow;

/// Escapes control characters and characters that reorder or hide text, so that a label can neither move the cursor nor
/// look like another one.
pub fn safe(text: &str) -> Cow<'_, str> {
    escape(text, is_dangerous)
}

/// Like [`safe`], for text of several lines.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\n' && is_dangerous(c))
}

fn escape(text: &str, dangerous: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&dangerous) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if dangerous(c) {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Arabic letter mark; zero width and direction marks; line separators, embeddings and overrides; isolates
            // and invisible operators; byte order mark; language tags.
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_text_is_unchanged() {
        for text in ["", "web-1", "Zürich 鍵 🔑", "a\\u{1b}", "it's \"x\""] {
            assert!(matches!(safe(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn dangerous_characters_are_escaped() {
        for (text, shown) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\tc\r\0", "a\\nb\\tc\\r\\0"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ] {
            assert_eq!(safe(text), shown);
        }
        assert_eq!(lines("a\nb\r"), "a\nb\\r");
    }

    proptest::proptest! {
        #[test]
        fn escaping_is_complete_and_idempotent(text in "\\PC*|.*") {
            let once = safe(&text).into_owned();
            proptest::prop_assert!(!once.contains(is_dangerous));
            proptest::prop_assert_eq!(safe(&once), once.as_str());
        }
    }
}
