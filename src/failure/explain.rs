//! `kmsctl explain`: what each code means, its usual causes, and what to do.

use crate::{
    model::{Advice, Code, Coded, exit, similar},
    token::{Error, NAMED, Named, explained},
};

/// `CKR_VENDOR_DEFINED`: return values from here on are defined by the vendor.
const VENDOR_DEFINED: u64 = 0x8000_0000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The name in scripts and error messages.
    pub name: String,
    pub kind: Kind,
    pub meaning: String,
    pub advice: Advice,
    /// Related entries: other codes, or all with this exit code.
    pub related: Vec<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The `code` of an error object.
    Error {
        exit: u8,
    },
    /// A return value of a PKCS#11 call, and the error that kmsctl reports for it by default.
    ReturnValue {
        code: Code,
    },
    Exit,
}

/// Explains an error code, a return value (by its name or its number in hexadecimal) or an exit code.
pub fn explain(text: &str) -> Option<Explanation> {
    let upper = text.trim().to_ascii_uppercase().replace('-', "_");
    of_code(&upper).or_else(|| of_exit(&upper)).or_else(|| of_return_value(&upper))
}

/// The name most similar to `text`.
pub fn nearest(text: &str) -> Option<&'static str> {
    let upper = text.trim().to_ascii_uppercase().replace('-', "_");
    similar(&upper, names()).first().copied()
}

/// Every code and every return value that is explained.
pub fn names() -> impl Iterator<Item = &'static str> {
    Code::ALL.iter().map(|code| code.name()).chain(NAMED.iter().map(|named| named.name))
}

fn of_code(name: &str) -> Option<Explanation> {
    let code = Code::ALL.iter().copied().find(|code| code.name() == name)?;
    Some(Explanation {
        name: code.name().to_owned(),
        kind: Kind::Error { exit: code.exit() },
        meaning: code.meaning().to_owned(),
        advice: code.advice(),
        related: return_values(code),
    })
}

/// The return values that are reported as this error by default. None for TOKEN_ERROR, which would list half of them.
fn return_values(code: Code) -> Vec<&'static str> {
    let fits = |named: &&Named| code != Code::TokenError && named.code == code;
    NAMED.iter().filter(fits).map(|named| named.name).collect()
}

fn of_exit(text: &str) -> Option<Explanation> {
    let digits = text.strip_prefix("EXIT").map_or(text, |code| code.trim().trim_start_matches('_'));
    let number = digits.parse::<u8>().ok()?;
    let (meaning, actions): (_, &[_]) = match exit::ALL.iter().find(|(exit, _)| *exit == number) {
        Some((exit::SUCCESS, meaning)) => (sentence(meaning), &[]),
        Some((_, meaning)) => (
            sentence(meaning),
            &["With --json, the error object's `code` says which of the errors below it was."],
        ),
        // 128 + N, as shells report signal N.
        None if (129..=192).contains(&number) => (
            "A signal, whose number is this minus 128, ended kmsctl or the command of `kmsctl ephemeral`."
                .to_owned(),
            &["`kill -l NUMBER` names the signal; 137 is SIGKILL, often for lack of memory; 143 is SIGTERM."],
        ),
        None => return None,
    };
    let related = Code::ALL.iter().filter(|code| code.exit() == number).map(|code| code.name()).collect();
    let advice = Advice { causes: &[], actions };
    Some(Explanation { name: number.to_string(), kind: Kind::Exit, meaning, advice, related })
}

/// Makes a sentence of a clause.
fn sentence(clause: &str) -> String {
    format!("{}{}.", clause[..1].to_uppercase(), &clause[1..])
}

fn of_return_value(text: &str) -> Option<Explanation> {
    let is_meant = |named: &&Named| named.name == text || named.name.strip_prefix("CKR_") == Some(text);
    let rv = match text.strip_prefix("CKR_").unwrap_or(text).strip_prefix("0X") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => match text.strip_prefix("CKR_VENDOR_DEFINED+0X") {
            Some(offset) => VENDOR_DEFINED.checked_add(u64::from_str_radix(offset, 16).ok()?)?,
            None => NAMED.iter().find(is_meant)?.rv,
        },
    };
    let (error, entry) = (Error::of_value(rv), explained(rv));
    let code = error.diagnosis().code;
    Some(Explanation {
        name: format!("{} ({rv:#x})", error.name()),
        kind: Kind::ReturnValue { code },
        meaning: entry.meaning.to_owned(),
        advice: entry.advice,
        related: vec![code.name()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_whole(explanation: &Explanation) -> bool {
        let sentence = |text: &&str| text.ends_with('.') && text.len() > 15;
        let advice = explanation.advice;
        !explanation.meaning.is_empty()
            && (explanation.kind == Kind::Exit || !advice.causes.is_empty())
            && !advice.actions.is_empty()
            && advice.causes.iter().all(sentence)
            && advice.actions.iter().all(sentence)
    }

    #[test]
    fn every_code_is_explained() {
        let codes = Code::ALL.iter().map(|code| code.name().to_owned());
        let values = NAMED.iter().map(|named| named.name.to_owned()).filter(|name| name != "CKR_OK");
        let exits = exit::ALL.iter().map(|(exit, _)| exit.to_string());
        for name in codes.chain(values).chain(exits) {
            let explanation = explain(&name).unwrap_or_else(|| panic!("{name} has no entry"));
            assert!(explanation.name.starts_with(&name), "{name}: {explanation:?}");
            assert!(name == "0" || is_whole(&explanation), "{name}: {explanation:?}");
        }
    }

    #[test]
    fn names_are_accepted_in_any_spelling() {
        for (text, name) in [
            ("key-not-found", "KEY_NOT_FOUND"),
            ("ckr_pin_locked", "CKR_PIN_LOCKED (0xa4)"),
            ("0xA4", "CKR_PIN_LOCKED (0xa4)"),
            ("DEVICE_REMOVED", "CKR_DEVICE_REMOVED (0x32)"),
            ("CKR_VENDOR_DEFINED+0x1", "CKR_VENDOR_DEFINED+0x1 (0x80000001)"),
            ("exit 5", "5"),
            ("5", "5"),
            ("143", "143"),
        ] {
            assert_eq!(explain(text).expect(text).name, name);
        }
        for nonsense in ["", "99", "-1", "0x", "CKR_", "NO_SUCH_CODE"] {
            assert_eq!(explain(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_misspelt_name_finds_the_nearest() {
        assert_eq!(nearest("KEY_NOT_FUOND"), Some("KEY_NOT_FOUND"));
        assert_eq!(nearest("CKR_PIN_LOKED"), Some("CKR_PIN_LOCKED"));
        assert_eq!(nearest("final_try"), Some("PIN_FINAL_TRY"));
        assert_eq!(nearest("xyz"), None);
    }
}
