//! Splits keys into components and joins them.

use blahaj::{Share, Sharks};
use data_encoding::HEXLOWER;
use rsa::rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

use super::{Component, ComponentError, KeyCheck, Scheme, Set, require_value};
use crate::{algorithm::Algorithm, encoding::KeyMaterial, secret::Secret};

/// Length of a set's identity in bytes.
const IDENTITY_LEN: usize = 6;

/// Splits a key into `shares` components, `threshold` of which are needed. Uses exclusive or if all are needed, else
/// Shamir's scheme.
pub fn split(material: &KeyMaterial, shares: u8, threshold: u8) -> Result<Vec<Component>, ComponentError> {
    let numbers = ComponentError::Numbers { shares, threshold };
    if threshold < 2 || threshold > shares {
        return Err(numbers);
    }
    let mut identity = [0; IDENTITY_LEN];
    OsRng.fill_bytes(&mut identity);
    let set = Set {
        scheme: if threshold == shares { Scheme::Xor } else { Scheme::Shamir },
        count: shares,
        threshold,
        identity: HEXLOWER.encode(&identity),
        algorithm: material.algorithm(),
        key_check: KeyCheck::of(material).ok_or(numbers)?,
    };
    let key = material.encoded().expose();
    let parts = match set.scheme {
        Scheme::Xor => split_xor(key, shares),
        Scheme::Shamir => split_shamir(key, shares, threshold),
    };
    Ok((1..=shares)
        .zip(parts)
        .map(|(index, share)| Component { set: Some(set.clone()), index, share })
        .collect())
}

fn split_xor(key: &[u8], shares: u8) -> Vec<Secret> {
    let mut rest = Zeroizing::new(key.to_vec());
    let mut parts: Vec<_> = (1..shares)
        .map(|_| {
            let mut part = vec![0; key.len()];
            OsRng.fill_bytes(&mut part);
            add(&mut rest, &part);
            Secret::new(part)
        })
        .collect();
    parts.push(Secret::new(rest.to_vec()));
    parts
}

fn split_shamir(key: &[u8], shares: u8, threshold: u8) -> Vec<Secret> {
    // The dealer counts x from 1, as indexes do.
    let dealt = Sharks(threshold).dealer(key).take(usize::from(shares));
    dealt.map(|share| Secret::new(Zeroizing::new(Vec::from(&share))[1..].to_vec())).collect()
}

/// Exclusive or, in place.
fn add(sum: &mut [u8], part: &[u8]) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum ^= part;
    }
}

/// Joins components, each with the name of its file. `check_values` come from the custodians: one for the joined key, one
/// for each component in order, or both. `announced` says what plain components are of, which is AES without it.
pub fn join(
    components: &[(String, Component)],
    check_values: &[String],
    announced: Option<Algorithm>,
) -> Result<KeyMaterial, ComponentError> {
    let (of_components, of_key) = match check_values.len() {
        count if count == components.len() => (check_values, None),
        count if count == components.len() + 1 => (&check_values[..count - 1], check_values.last()),
        0 | 1 => (&[][..], check_values.last()),
        given => return Err(ComponentError::CheckValueCount { given, components: components.len() }),
    };
    for ((name, component), given) in components.iter().zip(of_components) {
        require_value(name, given, &component.check_values())?;
    }
    let set = require_one_set(components)?;
    let encoded = match set {
        Some(set) if set.scheme == Scheme::Shamir => join_shamir(set.threshold, components)?,
        _ => join_xor(components)?,
    };
    let algorithm = set.map(|set| set.algorithm).or(announced);
    let material = KeyMaterial::from_encoded(encoded, algorithm).map_err(|_| ComponentError::OtherKey)?;
    if set.is_some_and(|set| {
        set.algorithm != material.algorithm() || KeyCheck::of(&material).as_ref() != Some(&set.key_check)
    }) {
        return Err(ComponentError::OtherKey);
    }
    if let Some(given) = of_key {
        material.require_check_value(given)?;
    }
    Ok(material)
}

/// Fails unless all components belong to one set, none twice, and there are enough. `None` if all are plain.
fn require_one_set(components: &[(String, Component)]) -> Result<Option<&Set>, ComponentError> {
    let Some((first_name, first)) = components.iter().find(|(_, component)| component.set.is_some()) else {
        return require_different(components).map(|()| None);
    };
    let Some(set) = &first.set else { return Ok(None) };
    for (at, (name, component)) in components.iter().enumerate() {
        let Some(other) = &component.set else { return Err(ComponentError::Mixed { plain: name.clone() }) };
        if other != set || component.share.len() != first.share.len() {
            return Err(ComponentError::Foreign {
                name: name.clone(),
                set: other.identity.clone(),
                first: first_name.clone(),
                first_set: set.identity.clone(),
            });
        }
        if let Some((earlier, _)) = components[..at].iter().find(|(_, known)| known.index == component.index)
        {
            let (first, second) = (earlier.clone(), name.clone());
            return Err(ComponentError::Doubled { index: component.index, first, second });
        }
    }
    if components.len() < usize::from(set.threshold) {
        let is_given = |index: &u8| components.iter().any(|(_, component)| component.index == *index);
        return Err(ComponentError::TooFew {
            given: components.len(),
            needed: set.threshold,
            scheme: set.scheme,
            missing: (1..=set.count).filter(|index| !is_given(index)).collect(),
        });
    }
    Ok(Some(set))
}

fn require_different(plain: &[(String, Component)]) -> Result<(), ComponentError> {
    for (at, (second, component)) in plain.iter().enumerate() {
        if let Some((first, _)) = plain[..at].iter().find(|(_, known)| known.share.matches(&component.share))
        {
            return Err(ComponentError::Equal { first: first.clone(), second: second.clone() });
        }
    }
    if plain.len() < 2 {
        let (given, needed) = (plain.len(), 2);
        return Err(ComponentError::TooFew { given, needed, scheme: Scheme::Xor, missing: vec![2] });
    }
    Ok(())
}

fn join_xor(components: &[(String, Component)]) -> Result<Secret, ComponentError> {
    let (first, rest) = components.split_first().ok_or(ComponentError::OtherKey)?;
    let mut sum = Zeroizing::new(first.1.share.expose().to_vec());
    for (_, component) in rest {
        add(&mut sum, component.share.expose());
    }
    Ok(Secret::new(sum.to_vec()))
}

fn join_shamir(threshold: u8, components: &[(String, Component)]) -> Result<Secret, ComponentError> {
    let shares: Result<Vec<_>, _> = components
        .iter()
        .map(|(_, component)| {
            let point = Zeroizing::new([&[component.index][..], component.share.expose()].concat());
            Share::try_from(point.as_slice())
        })
        .collect();
    let shares = shares.map_err(|_| ComponentError::OtherKey)?;
    Sharks(threshold).recover(&shares).map(Secret::new).map_err(|_| ComponentError::OtherKey)
}
