//! A PIN that locks after some wrong ones, as on cards. The count outlives the process.

use std::{env, fs, path::PathBuf};

use cryptoki_sys as ck;
use cryptoki_sys::{CK_FLAGS, CK_RV};

fn place() -> Option<PathBuf> {
    env::var_os("KMSCTL_FAULT_TRIES").map(PathBuf::from)
}

fn wrong() -> u8 {
    let text = place().and_then(|place| fs::read_to_string(place).ok());
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

pub(super) fn log_in(most: u8, real: &dyn Fn() -> CK_RV) -> CK_RV {
    if wrong() >= most {
        return ck::CKR_PIN_LOCKED;
    }
    let rv = real();
    let count = match rv {
        ck::CKR_OK => 0,
        ck::CKR_PIN_INCORRECT => wrong() + 1,
        _ => return rv,
    };
    if let Some(place) = place() {
        let _ = fs::write(place, count.to_string());
    }
    rv
}

pub(super) fn flags(most: u8) -> CK_FLAGS {
    match most.saturating_sub(wrong()) {
        0 => ck::CKF_USER_PIN_LOCKED,
        1 => ck::CKF_USER_PIN_COUNT_LOW | ck::CKF_USER_PIN_FINAL_TRY,
        left if left < most => ck::CKF_USER_PIN_COUNT_LOW,
        _ => 0,
    }
}
