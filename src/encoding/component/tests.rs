//! Splitting, writing, reading and joining, and the errors in a set of components.

use super::*;
use crate::{
    algorithm::{Algorithm, sample::fixture},
    encoding::{KeyFile, KeyMaterial},
};

const EC: &[u8] = fixture!(ec "pkcs8.pem");

fn pair() -> KeyMaterial {
    KeyFile::read(EC, None, None).expect("a fixture").material
}

fn aes() -> KeyMaterial {
    KeyMaterial::secret(Algorithm::AES_256, Secret::new((1..=32).collect())).expect("32 bytes")
}

fn named(components: Vec<Component>) -> Vec<(String, Component)> {
    components.into_iter().map(|component| (format!("c{}", component.index), component)).collect()
}

fn pick(components: &[(String, Component)], indexes: &[usize]) -> Vec<(String, Component)> {
    indexes.iter().map(|at| components[at - 1].clone()).collect()
}

fn joined(components: &[(String, Component)]) -> Result<Vec<u8>, ComponentError> {
    join(components, &[], None).map(|key| key.encoded().expose().to_vec())
}

/// Writes each component to text and reads it again, as custodians do.
fn handed_over(components: Vec<Component>) -> Vec<(String, Component)> {
    let read = |component: Component| Component::read(component.to_text().expose()).expect("readable");
    named(components.into_iter().map(read).collect())
}

#[test]
fn all_components_join_to_the_key() {
    for key in [pair(), aes()] {
        for shares in [2, 3, 7] {
            let components = handed_over(split(&key, shares, shares).expect("split"));
            assert_eq!(joined(&components).as_deref(), Ok(key.encoded().expose()));
        }
    }
}

#[test]
fn any_threshold_of_components_joins_to_the_key() {
    for key in [pair(), aes()] {
        let components = handed_over(split(&key, 5, 3).expect("split"));
        for chosen in [&[1, 2, 3][..], &[5, 3, 1], &[2, 4, 5], &[1, 2, 3, 4, 5]] {
            assert_eq!(joined(&pick(&components, chosen)).as_deref(), Ok(key.encoded().expose()));
        }
    }
    let components = handed_over(split(&aes(), 255, 254).expect("split"));
    assert!(joined(&components).is_ok());
}

#[test]
fn too_few_doubled_and_foreign_components_are_named() {
    let xor = handed_over(split(&aes(), 3, 3).expect("split"));
    let shamir = handed_over(split(&aes(), 4, 3).expect("split"));
    let why = |components: &[(String, Component)]| joined(components).expect_err("refused").to_string();
    assert_eq!(why(&pick(&xor, &[1, 3])), "2 of 3 key components given; missing: number 2");
    assert_eq!(why(&pick(&shamir, &[1, 3])), "2 of 3 key components given; add any of the numbers 2, 4");
    assert_eq!(why(&pick(&xor, &[1, 2, 3, 2])), "c2 and c2 are the same key component, number 2");
    let foreign = [pick(&xor, &[1, 2]), pick(&shamir, &[3])].concat();
    assert!(why(&foreign).starts_with("c3 belongs to set "), "{}", why(&foreign));
    let again = handed_over(split(&aes(), 3, 3).expect("split"));
    assert!(why(&[pick(&xor, &[1, 2]), pick(&again, &[3])].concat()).starts_with("c3 belongs to set "));
}

#[test]
fn every_changed_character_is_noticed() {
    let components = split(&aes(), 3, 2).expect("split");
    let text = components[0].to_text();
    let original = text.expose();
    for at in 0..original.len() {
        let mut changed = original.to_vec();
        changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
        assert!(Component::read(&changed).is_err(), "character {at}");
    }
    let line = b"\nCheck: 00000000";
    let at = original.windows(8).position(|window| window == b"\nCheck: ").expect("a header");
    let mut changed = original.to_vec();
    changed[at..at + line.len()].copy_from_slice(line);
    assert!(matches!(Component::read(&changed), Err(ComponentError::Damaged { .. })));
}

#[test]
fn a_forged_component_makes_no_key() {
    let mut components = handed_over(split(&pair(), 2, 2).expect("split"));
    components[0].1.share = Secret::new(vec![0; components[0].1.share.len()]);
    assert_eq!(joined(&components), Err(ComponentError::OtherKey));
}

#[test]
fn impossible_numbers_are_refused() {
    for (shares, threshold) in [(1, 1), (2, 1), (3, 4), (0, 0)] {
        let error = split(&aes(), shares, threshold).expect_err("refused");
        assert_eq!(error, ComponentError::Numbers { shares, threshold });
    }
}

fn plain(hex: &str) -> Component {
    Component::read(hex.as_bytes()).expect("a plain component")
}

/// The key is 00…1f; check values by `openssl enc -aes-256-ecb` and `openssl mac … CMAC`.
fn plain_set() -> Vec<(String, Component)> {
    let one = "FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF\n";
    let two = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0";
    vec![("one".to_owned(), plain(one)), ("two".to_owned(), plain(two))]
}

#[test]
fn plain_components_join_by_exclusive_or_and_are_checked() {
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let key: Vec<u8> = (0..32).collect();
    assert_eq!(joined(&plain_set()), Ok(key));
    for given in [&["F29000"][..], &["377822"], &["4bf85f", "3f7155"], &["5955e9", "3f7155", "f29000"]] {
        if let Err(error) = join(&plain_set(), &values(given), None) {
            panic!("{given:?}: {error}");
        }
    }
    for (given, why) in [
        (&["f29001"][..], "the check value of the key is f29000 or 377822, not f29001"),
        (&["f29000", "f29000"], "the check value of one is 4bf85f or 5955e9, not f29000"),
        (&["1"; 4], "4 check values for 2 components"),
    ] {
        let error = join(&plain_set(), &values(given), None).map(|_| ()).expect_err("refused").to_string();
        assert!(error.starts_with(why), "{error}");
    }
}

#[test]
fn plain_components_that_cancel_out_or_mix_are_refused() {
    let one = plain_set().remove(0);
    let same = vec![one.clone(), ("again".to_owned(), one.1.clone())];
    assert!(matches!(joined(&same), Err(ComponentError::Equal { .. })));
    assert!(matches!(joined(&same[..1]), Err(ComponentError::TooFew { .. })));
    let mixed = [named(split(&aes(), 2, 2).expect("split")), vec![one]].concat();
    assert_eq!(joined(&mixed), Err(ComponentError::Mixed { plain: "one".to_owned() }));
}

#[test]
fn other_files_are_refused() {
    for bytes in [b"".as_slice(), EC, b"00", &[b'0'; 65], &[b'z'; 64], &vec![b'0'; MAX_COMPONENT_FILE + 1]] {
        assert!(matches!(Component::read(bytes), Err(ComponentError::Malformed(_))));
    }
}

#[test]
fn debug_shows_no_share() {
    let shown = format!("{:?}", plain_set()[0].1);
    assert!(shown.contains("Secret(…)"), "{shown}");
}

proptest::proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(0u8.., 0..300)) {
        let _ = Component::read(&bytes);
        let text = [b"-----BEGIN KMSCTL KEY COMPONENT-----\n", bytes.as_slice(), b"\n-----END KMSCTL KEY COMPONENT-----\n"];
        let _ = Component::read(&text.concat());
    }
}
