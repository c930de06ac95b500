//! Each transcript in `tests/cmd/` is a test that compares messages and output in full.

use std::{collections::BTreeSet, fs};

use crate::support::golden;

macro_rules! transcripts {
    ($($theme:ident: $($case:ident)*;)*) => {
        $(mod $theme {
            $(#[test] fn $case() { super::golden::check(&super::name(stringify!($theme), stringify!($case))); })*
        })*

        #[test]
        fn every_file_is_a_test() {
            let listed: BTreeSet<_> = [$($(name(stringify!($theme), stringify!($case))),*),*].into();
            assert_eq!(listed, files());
        }
    };
}

/// The file of a test, as `key/create-bad-label.console`.
fn name(theme: &str, case: &str) -> String {
    format!("{theme}/{}.console", case.trim_start_matches("r#").replace('_', "-"))
}

fn files() -> BTreeSet<String> {
    let themes = fs::read_dir(golden::directory()).expect("tests/cmd").map(|entry| entry.expect("entry"));
    let files = themes.flat_map(|theme| {
        let theme_name = theme.file_name().into_string().expect("UTF-8");
        let files = fs::read_dir(theme.path()).expect("a theme").map(|entry| entry.expect("entry"));
        files.map(move |file| format!("{theme_name}/{}", file.file_name().to_str().expect("UTF-8")))
    });
    files.collect()
}

transcripts! {
    errors:
        exit_1 exit_2 exit_3 exit_4 exit_5 exit_5_module exit_6 exit_6_faults exit_6_module
        exit_7_and_above;
    explain: codes exits return_values;
    json: batch bench_refused config config_learn encrypt foreign_keys jwt key_create key_life key_staged key_transfer sign token tools;
    key:
        create create_bad_algorithm create_bad_label create_bad_usage create_duplicate_id
        create_duplicate_label delete list list_empty show show_pem show_secret_key;
    pin: missing unreadable wrong wrong_module;
    random: forms;
    selection: ambiguous bad_uri leading_dash nothing_named unknown;
    sign: digest_length json missing_input not_for_signing wrong_algorithm;
    token:
        init init_json init_label_too_long init_module init_pin_file_exists list list_none
        module_missing module_not_a_library module_not_configured no_home set_pin several show
        show_none uninitialised_module unlock;
    usage: by_other_names nothing pin_in_argv version;
    verify: answers not_a_public_key not_a_signature;
}
