//! `man/` and `completions/` are what the grammar gives. `UPDATE=1` rewrites them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use kmsctl::{
    cli::pages::{Page, completion_files, man_pages},
    commands::grammar,
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
        "{stale:#?}\nnot what the grammar gives: UPDATE=1 cargo test --test it generated"
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
