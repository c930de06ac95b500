//! The transcripts of `tests/cmd/`: one file per message or shape of output, compared whole.

use std::{collections::BTreeSet, fs};

use crate::support::golden;

macro_rules! themes {
    ($($theme:ident),* $(,)?) => {
        $(#[test] fn $theme() { golden::check(stringify!($theme)); })*

        #[test]
        fn no_theme_is_forgotten() {
            let listed: BTreeSet<_> = [$(stringify!($theme).to_owned()),*].into();
            let present = fs::read_dir(golden::directory()).expect("tests/cmd");
            let present: BTreeSet<_> =
                present.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect();
            assert_eq!(listed, present);
        }
    };
}

themes!(key, pin, random, selection, sign, token, usage, verify);
