//! `man/` and `completions/` are generated from the grammar, and the exit codes in README.md from `model::exit`. `UPDATE=1`
//! rewrites them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use kmsctl::{
    cli::pages::{Page, completion_files, man_pages},
    commands::grammar,
    model::exit,
};

#[test]
fn man_pages_are_current() {
    compare("man", man_pages(grammar()).expect("rendered"));
}

#[test]
fn completions_are_current() {
    compare("completions", completion_files().expect("rendered"));
}

fn compare(directory: &str, pages: Vec<Page>) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let expected: BTreeMap<PathBuf, Vec<u8>> =
        pages.into_iter().map(|page| (directory.join(page.name), page.content)).collect();
    if std::env::var_os("UPDATE").is_some() {
        rewrite(&directory, &expected);
    }
    let present = present(&directory);
    let stale: Vec<_> = present
        .iter()
        .filter(|(path, content)| expected.get(*path) != Some(content))
        .map(|(path, _)| path)
        .chain(expected.keys().filter(|path| !present.contains_key(*path)))
        .collect();
    assert!(
        stale.is_empty(),
        "{stale:#?}\nnot generated from the current grammar: run UPDATE=1 cargo test --test it generated"
    );
}

fn present(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let Ok(entries) = fs::read_dir(directory) else { return BTreeMap::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
}

fn rewrite(directory: &Path, expected: &BTreeMap<PathBuf, Vec<u8>>) {
    fs::create_dir_all(directory).expect("created");
    for path in present(directory).keys().filter(|path| !expected.contains_key(*path)) {
        fs::remove_file(path).expect("removed");
    }
    for (path, content) in expected {
        fs::write(path, content).expect("written");
    }
}

#[test]
fn the_exit_codes_in_readme_are_current() {
    const HEAD: &str = "| exit | meaning |\n|---|---|\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("UTF-8");
    let (before, rest) = readme.split_once(HEAD).expect("a table of exit codes");
    let (_, after) = rest.split_once("\n\n").expect("text after the table");
    let rows: Vec<_> =
        exit::ALL.iter().map(|(number, meaning)| format!("| {number} | {meaning} |")).collect();
    let expected = format!("{before}{HEAD}{}\n\n{after}", rows.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).expect("written");
    } else {
        assert_eq!(readme, expected, "run UPDATE=1 cargo test --test it generated");
    }
}
