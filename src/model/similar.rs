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
    /// A name that only contains the word comes after all that begin with it.
    const WITHIN: usize = 100;
    let (length, other) = (word.chars().count(), name.chars().count());
    let distance = damerau_levenshtein(word, name);
    // In a short word, two typos make another word.
    if distance <= ((length + 1) / 3).min(MAX_TYPOS) {
        return Some(distance);
    }
    let is_part = length.min(other) >= MIN_PART && (name.contains(word) || word.contains(name));
    let place = if name.starts_with(word) || word.starts_with(name) { 0 } else { WITHIN };
    is_part.then(|| MAX_TYPOS + place + length.abs_diff(other))
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
        assert_eq!(similar("enc", ["bench", "encrypt"]), ["encrypt", "bench"]);
        for word in ["", "x", "version", "s", "frobnicate"] {
            assert!(similar(word, names).is_empty(), "{word}");
        }
        assert!(similar("tcsh", ["bash", "zsh"]).is_empty());
    }
}
