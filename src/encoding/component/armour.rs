//! The text of a component: a PEM block with headers (RFC 1421, section 4.6) and a check value over all of it.

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Component, ComponentError, Scheme, Set};
use crate::{encoding::pem, secret::Secret};

const LABEL: &str = "KMSCTL KEY COMPONENT";
const HEADERS: [&str; 8] =
    ["Scheme", "Index", "Count", "Threshold", "Set", "Algorithm", "Key-Check", "Check"];
const COLUMNS: usize = 64;
/// Length of a component's check value in bytes: short enough to read aloud, and it misses one error in 2^32.
const CHECKSUM_LEN: usize = 4;

pub(super) fn read(bytes: &[u8]) -> Result<Component, ComponentError> {
    let malformed = |why: &str| ComponentError::malformed(why);
    let blocks = pem::blocks(bytes).map_err(|error| ComponentError::malformed(error.to_string()))?;
    let [block] = blocks.as_slice() else { return Err(malformed("it has several PEM blocks")) };
    if block.label != LABEL {
        return Err(ComponentError::malformed(format!("it is a PEM block {:?}", block.label)));
    }
    let (headers, body) = block.with_headers().ok_or_else(|| malformed("its headers cannot be read"))?;
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    if names != HEADERS {
        return Err(ComponentError::malformed(format!("its headers are not {}", HEADERS.join(", "))));
    }
    let [scheme, index, count, threshold, identity, algorithm, key_check, check] =
        std::array::from_fn(|at| headers[at].1);
    let number =
        |text: &str| text.parse::<u8>().map_err(|_| malformed("a number in its headers is not valid"));
    let set = Set {
        scheme: match scheme {
            "xor" => Scheme::Xor,
            "shamir" => Scheme::Shamir,
            _ => return Err(ComponentError::malformed(format!("its scheme {scheme:?} is not known"))),
        },
        count: number(count)?,
        threshold: number(threshold)?,
        identity: identity.to_owned(),
        algorithm: algorithm.parse().map_err(|_| malformed("its algorithm is unknown"))?,
        key_check: key_check.parse().map_err(|()| malformed("the key's check value is not valid"))?,
    };
    let index = number(index)?;
    let share = body.decode().map_err(|error| ComponentError::malformed(error.to_string()))?;
    let share = Secret::new(share.to_vec());
    let found = HEXLOWER.encode(&checksum(&set, index, &share));
    if found != check {
        return Err(ComponentError::Damaged { stated: check.to_owned(), found });
    }
    require_consistent(&set, index, &share)?;
    Ok(Component { set: Some(set), index, share })
}

/// Refuses numbers that kmsctl never writes, even if the check value is right.
fn require_consistent(set: &Set, index: u8, share: &Secret) -> Result<(), ComponentError> {
    let threshold = match set.scheme {
        Scheme::Xor => set.threshold == set.count,
        Scheme::Shamir => set.threshold < set.count,
    };
    if set.threshold < 2 || !threshold || index == 0 || index > set.count || share.is_empty() {
        return Err(ComponentError::malformed("its numbers contradict each other"));
    }
    Ok(())
}

/// Covers everything in the file. Each part is hashed with its length, so that different files never hash the same bytes.
pub(super) fn checksum(set: &Set, index: u8, share: &Secret) -> [u8; CHECKSUM_LEN] {
    let mut hasher = Sha256::new();
    let headers = headers(set, index);
    let parts = headers.iter().map(String::as_bytes).chain([share.expose()]);
    for part in std::iter::once(LABEL.as_bytes()).chain(parts) {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    let mut checksum = [0; CHECKSUM_LEN];
    checksum.copy_from_slice(&hasher.finalize()[..CHECKSUM_LEN]);
    checksum
}

/// The values of all headers except the check value.
fn headers(set: &Set, index: u8) -> [String; 7] {
    [
        set.scheme.name().to_owned(),
        index.to_string(),
        set.count.to_string(),
        set.threshold.to_string(),
        set.identity.clone(),
        set.algorithm.name().to_owned(),
        set.key_check.to_string(),
    ]
}

/// A plain component has no headers and is written as hexadecimal, as it was read.
pub(super) fn write(component: &Component) -> Secret {
    let Some(set) = &component.set else {
        let digits = Zeroizing::new(HEXLOWER.encode(component.share.expose()));
        return Secret::new([digits.as_bytes(), b"\n"].concat());
    };
    let base64 = Zeroizing::new(BASE64.encode(component.share.expose()));
    let check = HEXLOWER.encode(&checksum(set, component.index, &component.share));
    let values = headers(set, component.index).into_iter().chain([check]);
    let headers: Vec<_> =
        HEADERS.iter().zip(values).map(|(name, value)| format!("{name}: {value}")).collect();
    let head = format!("-----BEGIN {LABEL}-----\n{}\n\n", headers.join("\n"));
    let end = format!("-----END {LABEL}-----\n");
    // Allocated at full size: growing would leave copies of the secret in memory that is not wiped.
    let mut text = Vec::with_capacity(head.len() + base64.len() * 2 + end.len());
    text.extend(head.bytes());
    for line in base64.as_bytes().chunks(COLUMNS) {
        text.extend(line);
        text.push(b'\n');
    }
    text.extend(end.bytes());
    Secret::new(text)
}
