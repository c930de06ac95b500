//! BER → DER, for the PKCS#12 files of NSS, macOS and old Java: indefinite lengths and constructed strings (X.690, sections
//! 8.1.3.6 and 8.7.3).

use zeroize::Zeroizing;

/// Deeper than any container is nested.
const MAX_DEPTH: usize = 32;
const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;

/// The same value with the lengths and OCTET STRINGs in DER; `None` unless the input is exactly one element.
pub(super) fn to_der(ber: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut der = Zeroizing::new(Vec::with_capacity(ber.len()));
    let rest = element(ber, &mut der, 0)?;
    rest.is_empty().then_some(der)
}

/// Converts the first element and returns the bytes after it.
fn element<'a>(ber: &'a [u8], der: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let (&tag, rest) = ber.split_first()?;
    // Tag numbers above 30 do not occur in keys.
    if tag & 0x1f == 0x1f || depth > MAX_DEPTH {
        return None;
    }
    let (length, rest) = length(rest)?;
    let mut content = Zeroizing::new(Vec::new());
    let after = match length {
        Some(length) => {
            let (inside, after) = rest.split_at_checked(length)?;
            if tag & CONSTRUCTED == 0 {
                content.extend_from_slice(inside);
            } else {
                let mut inside = inside;
                while !inside.is_empty() {
                    inside = element(inside, &mut content, depth + 1)?;
                }
            }
            after
        }
        None if tag & CONSTRUCTED == 0 => return None,
        None => {
            let mut inside = rest;
            loop {
                if let Some(after) = inside.strip_prefix(&[0, 0]) {
                    break after;
                }
                inside = element(inside, &mut content, depth + 1)?;
            }
        }
    };
    let is_string = tag == OCTET_STRING | CONSTRUCTED;
    let content = if is_string { joined(&content)? } else { content };
    der.push(if is_string { OCTET_STRING } else { tag });
    push_length(der, content.len());
    der.extend_from_slice(&content);
    Some(after)
}

/// Concatenates the contents of consecutive OCTET STRINGs, each in DER.
pub(super) fn joined(mut pieces: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut whole = Zeroizing::new(Vec::with_capacity(pieces.len()));
    while let Some((&tag, rest)) = pieces.split_first() {
        let (length, rest) = length(rest)?;
        let (piece, rest) = rest.split_at_checked(length.filter(|_| tag == OCTET_STRING)?)?;
        whole.extend_from_slice(piece);
        pieces = rest;
    }
    Some(whole)
}

/// `Some(None)` is an indefinite length.
#[allow(clippy::option_option, reason = "three results: malformed, indefinite, definite")]
fn length(bytes: &[u8]) -> Option<(Option<usize>, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=0x7f => Some((Some(first.into()), rest)),
        0x80 => Some((None, rest)),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let significant = &digits[digits.iter().take_while(|byte| **byte == 0).count()..];
            let fits = significant.len() <= 4;
            let length = significant.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            fits.then_some((Some(length), rest))
        }
    }
}

fn push_length(der: &mut Vec<u8>, length: usize) {
    let bytes = length.to_be_bytes();
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if length > 0x7f {
        // At most eight digits.
        der.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
    }
    der.extend_from_slice(if length == 0 { &[0] } else { significant });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(ber: &[u8]) -> Option<Vec<u8>> {
        to_der(ber).map(|der| der.to_vec())
    }

    #[test]
    fn indefinite_lengths_and_constructed_strings_become_der() {
        let ber = [0x30, 0x80, 0x24, 0x80, 0x04, 1, 7, 0x04, 2, 8, 9, 0, 0, 0x02, 0x81, 1, 5, 0, 0];
        assert_eq!(der(&ber), Some(vec![0x30, 8, 0x04, 3, 7, 8, 9, 0x02, 1, 5]));
        let long = [&[0x04, 0x83, 0, 1, 0][..], &[3; 256]].concat();
        assert_eq!(der(&long), Some([&[0x04, 0x82, 1, 0][..], &[3; 256]].concat()));
    }

    #[test]
    fn anything_but_one_element_is_refused() {
        for bytes in
            [&[][..], &[0x30], &[0x30, 0x80], &[0x04, 0x80, 0, 0], &[0x30, 1], &[5, 0, 0], &[0x3f, 0x81]]
        {
            assert_eq!(der(bytes), None, "{bytes:02x?}");
        }
        assert_eq!(der(&[0x30, 0x80].repeat(5000)), None);
    }

    proptest::proptest! {
        #[test]
        fn conversion_never_panics_and_gives_der(bytes in proptest::collection::vec(0u8.., 0..60)) {
            if let Some(once) = to_der(&bytes) {
                proptest::prop_assert_eq!(to_der(&once), Some(once));
            }
        }
    }
}
