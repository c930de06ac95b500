//! Suggestions for misspelt names.

use strsim::damerau_levenshtein;

/// The `names` that are similar to `word`, best match first: with up to two typos, or one contained in the other. Ignores
/// case.
pub fn similar<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut found: Vec<_> =
        names.into_iter().filter_map(|name| Some((difference(&word, &name.to_lowercase())?, name))).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, name)| name).collect()
}

/// `None` if the names are not similar.
fn difference(word: &str, name: &str) -> Option<usize> {
    /// Shorter words are contained in too many names.
    const MIN_PART: usize = 3;
    /// Maximum number of typos.
    const MAX_TYPOS: usize = 2;
    let (length, other) = (word.chars().count(), name.chars().count());
    let distance = damerau_levenshtein(word, name);
    // In a short word, two typos make another word.
    if distance <= ((length + 1) / 3).min(MAX_TYPOS) {
        return Some(distance);
    }
    let is_part = length.min(other) >= MIN_PART && (name.contains(word) || word.contains(name));
    is_part.then(|| MAX_TYPOS + length.abs_diff(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_and_parts_are_found() {
        let names = ["sign", "verify", "token", "PIN_FINAL_TRY", "PIN_LOCKED"];
        for (word, expected) in [
            ("sgin", "sign"),
            ("tokn", "token"),
            ("verifi", "verify"),
            ("final_try", "PIN_FINAL_TRY"),
            ("tokens", "token"),
        ] {
            assert_eq!(similar(word, names), [expected], "{word}");
        }
        assert_eq!(similar("pin", names), ["PIN_LOCKED", "PIN_FINAL_TRY"]);
        for word in ["", "x", "version", "s", "frobnicate"] {
            assert!(similar(word, names).is_empty(), "{word}");
        }
        assert!(similar("tcsh", ["bash", "zsh"]).is_empty());
    }
}
