//! Tokens in their slots: `CK_TOKEN_INFO`, and whether a token matches the user's choice.

use std::fmt;

use cryptoki_sys as ck;
use cryptoki_sys::{CK_FLAGS, CK_INFO, CK_SLOT_ID, CK_SLOT_INFO, CK_TOKEN_INFO};

use crate::model::{LibraryVersion, Timestamp, Uri};

/// How the user names the token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TokenChoice {
    /// The only initialised token that is present.
    #[default]
    Only,
    /// By label or serial number.
    Named(String),
    Uri(Box<Uri>),
    /// Last resort: with many modules slot numbers change.
    Slot(u64),
}

impl fmt::Display for TokenChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => f.write_str("the only token"),
            Self::Named(name) => write!(f, "token {name:?}"),
            Self::Uri(uri) => write!(f, "token {uri}"),
            Self::Slot(slot) => write!(f, "slot {slot}"),
        }
    }
}

/// `CK_TOKEN_INFO`, with padding (blanks, on some modules NUL) removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    pub slot: u64,
    pub label: String,
    pub manufacturer: String,
    pub model: String,
    pub serial: String,
    /// Minimum and maximum in bytes; `None` if the token does not state them.
    pub pin_length: Option<(u64, u64)>,
    pub firmware: String,
    pub hardware: String,
    /// The time on the token's clock, if it has one (CKF_CLOCK_ON_TOKEN).
    pub clock: Option<Timestamp>,
    flags: CK_FLAGS,
}

impl TokenInfo {
    pub(super) fn new(slot: CK_SLOT_ID, info: &CK_TOKEN_INFO) -> Self {
        let version = |version: ck::CK_VERSION| format!("{}.{}", version.major, version.minor);
        let (least, most) = (info.ulMinPinLen, info.ulMaxPinLen);
        Self {
            slot,
            label: padded(&info.label),
            manufacturer: padded(&info.manufacturerID),
            model: padded(&info.model),
            serial: padded(&info.serialNumber),
            pin_length: (most > 0 && least <= most && most < 1 << 31).then_some((least, most)),
            firmware: version(info.firmwareVersion),
            hardware: version(info.hardwareVersion),
            clock: (info.flags & ck::CKF_CLOCK_ON_TOKEN != 0).then(|| utc_time(&info.utcTime)).flatten(),
            flags: info.flags,
        }
    }

    fn has(&self, flag: CK_FLAGS) -> bool {
        self.flags & flag != 0
    }

    pub fn is_initialized(&self) -> bool {
        self.has(ck::CKF_TOKEN_INITIALIZED)
    }

    pub fn user_pin_is_set(&self) -> bool {
        self.has(ck::CKF_USER_PIN_INITIALIZED)
    }

    pub fn login_required(&self) -> bool {
        self.has(ck::CKF_LOGIN_REQUIRED)
    }

    pub fn is_write_protected(&self) -> bool {
        self.has(ck::CKF_WRITE_PROTECTED)
    }

    pub fn has_generator(&self) -> bool {
        self.has(ck::CKF_RNG)
    }

    /// The PIN was set by someone else and must be changed before anything else. openCryptoki also sets the flag when
    /// no PIN is set yet.
    pub fn user_pin_must_be_changed(&self) -> bool {
        self.has(ck::CKF_USER_PIN_TO_BE_CHANGED) && self.user_pin_is_set()
    }

    /// The PIN is entered on the reader; `C_Login` takes none.
    pub fn has_protected_path(&self) -> bool {
        self.has(ck::CKF_PROTECTED_AUTHENTICATION_PATH)
    }

    pub fn user_pin(&self) -> PinState {
        PinState::from_flags(
            self.has(ck::CKF_USER_PIN_LOCKED),
            self.has(ck::CKF_USER_PIN_FINAL_TRY),
            self.has(ck::CKF_USER_PIN_COUNT_LOW),
        )
    }

    pub fn so_pin(&self) -> PinState {
        PinState::from_flags(
            self.has(ck::CKF_SO_PIN_LOCKED),
            self.has(ck::CKF_SO_PIN_FINAL_TRY),
            self.has(ck::CKF_SO_PIN_COUNT_LOW),
        )
    }

    /// Names of the flags that are set, of those that matter to users.
    pub fn flag_names(&self) -> Vec<&'static str> {
        [
            (ck::CKF_RNG, "rng"),
            (ck::CKF_WRITE_PROTECTED, "write-protected"),
            (ck::CKF_LOGIN_REQUIRED, "login-required"),
            (ck::CKF_USER_PIN_INITIALIZED, "user-pin-initialized"),
            (ck::CKF_PROTECTED_AUTHENTICATION_PATH, "protected-authentication-path"),
            (ck::CKF_TOKEN_INITIALIZED, "token-initialized"),
            (ck::CKF_USER_PIN_COUNT_LOW, "user-pin-count-low"),
            (ck::CKF_USER_PIN_FINAL_TRY, "user-pin-final-try"),
            (ck::CKF_USER_PIN_LOCKED, "user-pin-locked"),
            (ck::CKF_USER_PIN_TO_BE_CHANGED, "user-pin-to-be-changed"),
            (ck::CKF_SO_PIN_COUNT_LOW, "so-pin-count-low"),
            (ck::CKF_SO_PIN_FINAL_TRY, "so-pin-final-try"),
            (ck::CKF_SO_PIN_LOCKED, "so-pin-locked"),
        ]
        .into_iter()
        .filter_map(|(flag, name)| self.has(flag).then_some(name))
        .collect()
    }

    /// Whether the choice matches this token. Without a slot number, only initialised tokens match.
    pub fn is_chosen_by(&self, choice: &TokenChoice) -> bool {
        match choice {
            TokenChoice::Only => self.is_initialized(),
            TokenChoice::Named(name) => {
                self.is_initialized() && (self.is_labelled(name) || self.serial == *name)
            }
            TokenChoice::Uri(uri) => self.is_initialized() && self.matches(uri),
            TokenChoice::Slot(slot) => self.slot == *slot,
        }
    }

    /// Whether the token has this label, of which `CK_TOKEN_INFO` shows 32 bytes: a module that names tokens by a UUID
    /// cuts it.
    fn is_labelled(&self, label: &str) -> bool {
        let length = CK_TOKEN_INFO::default().label.len();
        self.label == label || label.len() > length && label.get(..length) == Some(&self.label)
    }

    /// Whether the token attributes of a URI match. Its slot and module attributes are checked by [`slot_matches`] and
    /// [`library_matches`].
    pub(super) fn matches(&self, uri: &Uri) -> bool {
        uri.unknown.is_empty()
            && uri.token.as_deref().is_none_or(|label| self.is_labelled(label))
            && fits(&uri.serial, &self.serial)
            && fits(&uri.model, &self.model)
            && fits(&uri.manufacturer, &self.manufacturer)
            && uri.slot_id.is_none_or(|slot| slot == self.slot)
    }

    /// Whether it is a kryoptic token, linked in or loaded as a module.
    pub fn is_embedded(&self) -> bool {
        self.manufacturer == super::embedded::MANUFACTURER
    }

    /// Identifies the token, equally on every machine that uses it. Serial numbers are not enough: NSS and tpm2-pkcs11
    /// give all tokens `0000000000000000`.
    pub fn identity(&self) -> String {
        [&self.manufacturer, &self.model, &self.serial, &self.label].map(String::as_str).join("\u{1f}")
    }

    /// The URI that selects this token (RFC 7512).
    pub fn uri(&self) -> Uri {
        let present = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Uri {
            token: present(&self.label),
            manufacturer: present(&self.manufacturer),
            serial: present(&self.serial),
            model: present(&self.model),
            ..Uri::default()
        }
    }
}

/// How close a PIN is to being locked, by the token's flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    Fine,
    /// A wrong PIN was entered since the last successful login.
    CountLow,
    /// One more wrong PIN locks it.
    FinalTry,
    Locked,
}

impl PinState {
    fn from_flags(locked: bool, final_try: bool, count_low: bool) -> Self {
        match (locked, final_try, count_low) {
            (true, ..) => Self::Locked,
            (_, true, _) => Self::FinalTry,
            (_, _, true) => Self::CountLow,
            _ => Self::Fine,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::CountLow => "count-low",
            Self::FinalTry => "final-try",
            Self::Locked => "locked",
        }
    }
}

/// Whether the slot attributes of a URI match (`C_GetSlotInfo`).
pub(super) fn slot_matches(uri: &Uri, info: &CK_SLOT_INFO) -> bool {
    fits(&uri.slot_manufacturer, &padded(&info.manufacturerID))
        && fits(&uri.slot_description, &padded(&info.slotDescription))
}

/// Whether the library attributes of a URI match (`C_GetInfo`).
pub(super) fn library_matches(uri: &Uri, info: &CK_INFO) -> bool {
    let version = LibraryVersion { major: info.libraryVersion.major, minor: info.libraryVersion.minor };
    fits(&uri.library_manufacturer, &padded(&info.manufacturerID))
        && fits(&uri.library_description, &padded(&info.libraryDescription))
        && uri.library_version.is_none_or(|wanted| wanted == version)
}

#[allow(clippy::ref_option, reason = "the fields of `Uri` are options")]
fn fits(wanted: &Option<String>, found: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == found)
}

/// `YYYYMMDDhhmmss00` in UTC (PKCS#11, section 3.2). `None` for another text: some modules state a clock and set none.
fn utc_time(digits: &[u8; 16]) -> Option<Timestamp> {
    let text =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let (date, time) = ([part(0..4), part(4..6), part(6..8)], [part(8..10), part(10..12), part(12..14)]);
    let text = format!("{}T{}Z", date.join("-"), time.join(":"));
    humantime::parse_rfc3339(&text).ok().map(Timestamp::from)
}

fn padded(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches([' ', '\0']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_clock_is_read_or_ignored() {
        let time = |digits: &[u8; 16]| utc_time(digits).map(|time| time.to_string());
        assert_eq!(time(b"2026112823250000").as_deref(), Some("2026-11-28T23:25:00Z"));
        for other in
            [b"                ", b"0000000000000000", b"2026-11-28 23:25", &[0; 16], b"2026133223250000"]
        {
            assert_eq!(time(other), None, "{other:?}");
        }
    }
}
