//! The stored form of a record: a JSON document that may end with a MAC.

use data_encoding::HEXLOWER;

use super::record::{Damage, Record};
use crate::token::Handle;

/// The MAC of a record, and the text that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMac {
    pub(super) text: Box<str>,
    pub(super) mac: Vec<u8>,
}

/// The token's keys for record MACs.
#[derive(Debug, Clone, Default)]
pub(super) struct MacKeys {
    /// More than one if two machines wrote the first record at once.
    pub(super) handles: Vec<Handle>,
    /// Records without a MAC are still being given one.
    pub(super) is_pending: bool,
}

/// The last member of a record with a MAC. The MAC covers everything before it, plus the closing brace.
const MAC_MEMBER: &str = ",\"mac\":\"";
/// Hexadecimal digits of an HMAC-SHA-256.
const MAC_DIGITS: usize = 64;

/// Parses a stored record and its MAC, if any.
pub(super) fn read(bytes: &[u8]) -> Result<(Record, Option<RecordMac>), Damage> {
    if bytes.len() > Record::MAX_LEN {
        return Err(Damage(format!("longer than {} bytes", Record::MAX_LEN)));
    }
    let mac = split_mac(bytes);
    let record = Record::from_bytes(mac.as_ref().map_or(bytes, |mac| mac.text.as_bytes()))?;
    Ok((record, mac))
}

/// `None` for a record without a MAC.
fn split_mac(bytes: &[u8]) -> Option<RecordMac> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix("\"}")?;
    let (text, digits) = text.split_at_checked(text.len().checked_sub(MAC_DIGITS)?)?;
    let mac = HEXLOWER.decode(digits.as_bytes()).ok()?;
    let text = format!("{}}}", text.strip_suffix(MAC_MEMBER)?);
    Some(RecordMac { text: text.into(), mac })
}

/// Appends a MAC to a record.
pub(super) fn join_mac(record: &[u8], mac: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(record);
    let open = text.strip_suffix('}').unwrap_or(&text);
    format!("{open}{MAC_MEMBER}{}\"}}", HEXLOWER.encode(mac)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &[u8] = br#"{"schema":2,"memo":"\",\"mac\":\""}"#;

    #[test]
    fn a_mac_is_split_from_the_text_it_covers() {
        let joined = join_mac(RECORD, &[0xab; 32]);
        let split = split_mac(&joined).expect("a MAC");
        assert_eq!((split.text.as_bytes(), split.mac.as_slice()), (RECORD, &[0xab; 32][..]));
        assert!(serde_json::from_slice::<serde_json::Value>(&joined).is_ok(), "one document");
    }

    #[test]
    fn text_without_a_trailing_mac_has_none() {
        let joined = join_mac(RECORD, &[0xab; 32]);
        let [mut upper, mut longer] = [joined.clone(), joined.clone()];
        upper.make_ascii_uppercase();
        longer.push(b' ');
        for bytes in [RECORD, &joined[1..40], &upper, &longer, b"", b"\"}"] {
            assert_eq!(split_mac(bytes), None);
        }
    }
}
