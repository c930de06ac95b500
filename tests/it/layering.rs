//! The layers of the program: which modules of `src/` each module may use.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

/// Each layer and the layers that it may use. Every module must be listed.
const LAYERS: &[(&str, &[&str])] = &[
    ("shell", &[]),
    ("model", &[]),
    ("retry", &[]),
    ("algorithm", &["model", "secret"]),
    ("setting", &[]),
    ("trust", &["model", "shell"]),
    ("secret", &["model", "setting", "shell", "trust"]),
    ("io", &["model", "retry", "secret", "shell", "trust"]),
    ("encoding", &["algorithm", "model", "secret", "shell"]),
    ("public", &["algorithm", "model"]),
    ("token", &["algorithm", "encoding", "model", "retry", "secret", "shell", "trust"]),
    ("keystore", &["algorithm", "encoding", "model", "public", "retry", "secret", "shell", "token", "trust"]),
    ("operation", &["algorithm", "encoding", "keystore", "model", "public", "secret", "shell", "token"]),
    ("config", &["cli", "model", "secret", "setting", "shell", "token", "trust"]),
    ("cli", &["algorithm", "encoding", "model", "setting", "shell"]),
    (
        "failure",
        &[
            "cli",
            "config",
            "encoding",
            "io",
            "keystore",
            "model",
            "operation",
            "public",
            "secret",
            "token",
            "trust",
        ],
    ),
    ("ui", &["secret"]),
    ("render", &["algorithm", "encoding", "keystore", "model", "operation", "shell", "token", "ui"]),
    (
        "commands",
        &[
            "algorithm",
            "cli",
            "config",
            "encoding",
            "failure",
            "io",
            "keystore",
            "model",
            "operation",
            "public",
            "render",
            "retry",
            "secret",
            "setting",
            "shell",
            "token",
            "trust",
            "ui",
        ],
    ),
];

#[test]
fn imports_point_down() {
    let allowed: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, text) in sources() {
        let layer = layer_of(&file);
        if ["lib", "main", "run", "start"].contains(&layer.as_str()) {
            continue;
        }
        let Some(may_use) = allowed.get(layer.as_str()) else {
            wrong.push(format!("{}: {layer} is not a layer", file.display()));
            continue;
        };
        let used = layers_named_in(&text);
        let forbidden = used.iter().filter(|used| **used != layer && !may_use.contains(&used.as_str()));
        wrong.extend(forbidden.map(|used| format!("{}: {layer} uses {used}", file.display())));
        seen.extend(used.into_iter().map(|used| (layer.clone(), used)));
    }
    for (layer, may_use) in LAYERS {
        let unused =
            may_use.iter().filter(|used| !seen.contains(&((*layer).to_owned(), (**used).to_owned())));
        wrong.extend(unused.map(|unused| format!("{layer} does not use {unused}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_of_the_architecture_has_every_layer() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("UTF-8");
    let (_, map) = text.split_once("| layer |").expect("a map");
    let rows = map.lines().skip(2).map_while(|row| row.strip_prefix("| `")?.split('`').next());
    let expected: BTreeSet<_> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    assert_eq!(rows.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_layers_have_no_cycle() {
    let mut left: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    while !left.is_empty() {
        let free: Vec<_> = left
            .iter()
            .filter(|(_, uses)| uses.iter().all(|used| !left.contains_key(used)))
            .map(|(name, _)| *name)
            .collect();
        assert!(!free.is_empty(), "a cycle among {:?}", left.keys());
        left.retain(|name, _| !free.contains(name));
    }
}

#[test]
fn only_the_token_layer_names_pkcs11_crates() {
    assert_named_only_in(r"\b(cryptoki|kryoptic_lib|rusqlite)::", &["token"]);
    // The table of algorithms holds the numbers of key types, attributes and mechanisms.
    assert_named_only_in(r"\b(cryptoki_sys)::", &["algorithm", "token"]);
}

#[test]
fn only_config_reads_the_environment() {
    assert_named_only_in(r"\benv::(var|var_os|vars|vars_os)\b", &["config"]);
}

/// `secret::command` keeps PINs out of the environment of other programs. In `cli` it is clap's `Command`.
#[test]
fn only_secret_starts_other_programs() {
    assert_named_only_in(r"\bCommand::new\(", &["cli", "secret"]);
}

#[test]
fn only_the_command_line_names_clap() {
    assert_named_only_in(r"\bclap(_complete|_mangen)?::", &["cli", "commands", "run"]);
}

/// An error type missing from the list in `failure` would be reported as FAILED.
#[test]
fn every_coded_error_is_listed_in_failure() {
    let implemented = Regex::new(r"impl Coded for (?:\w+::)*(\w+) ").expect("pattern");
    let coded = sources().into_iter().flat_map(|(file, text)| {
        let names: Vec<_> = implemented.captures_iter(&text).map(|found| found[1].to_owned()).collect();
        names.into_iter().map(move |name| (layer_of(&file), name))
    });
    let mut expected: Vec<_> = coded.collect();
    let (_, failure) =
        sources().into_iter().find(|(file, _)| file.ends_with("failure/mod.rs")).expect("a file");
    let listed = Regex::new(r"(?m)^        (\w+)::(?:\w+::)*(\w+),$").expect("pattern");
    let mut listed: Vec<_> = listed
        .captures_iter(&failure)
        .map(|found| (if &found[1] == "std" { "io" } else { &found[1] }.to_owned(), found[2].to_owned()))
        .collect();
    expected.sort();
    listed.sort();
    assert!(expected.len() > 20);
    assert_eq!(listed, expected);
}

/// Algorithms are rows of a table in `algorithm`; other code that names one must be changed for each new one. Commands in
/// examples and hints may.
#[test]
fn few_files_name_an_algorithm() {
    const MAX_FILES: usize = 8;
    let names = Regex::new(
        r"(?x)
        \b([BP]-?(224|256|384|521)|p256|p384|nistp\d+|prime256v1|secp\d+\w*|Ecdsa|Ed25519\w*|MlDsa\w*|MlKem\w*)\b
        |\b(RSA_?\d{4}|rsa-\d{4}|EC_P\d{3}|ec-p\d{3}|AES_?256|aes-256|(RS|PS|ES|HS)(256|384|512)|ml-(dsa|kem)-\d+)\b
        |\b(KeyKind::(Rsa|Ec|OtherEc|Aes|Hmac))\b",
    )
    .expect("pattern");
    let example = Regex::new(r#""[^"\n]*(kmsctl|--algorithm) [^"\n]*""#).expect("pattern");
    let files: Vec<_> = sources()
        .into_iter()
        .filter(|(file, text)| {
            !file.ends_with("tests.rs")
                && !file.starts_with("algorithm")
                && names.is_match(&example.replace_all(&code(text), ""))
        })
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(files.len() <= MAX_FILES, "{} files name an algorithm: {files:#?}", files.len());
}

/// Asserts that the pattern matches code of these layers only.
fn assert_named_only_in(pattern: &str, layers: &[&str]) {
    let pattern = Regex::new(pattern).expect("pattern");
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(file, text)| !layers.contains(&layer_of(file).as_str()) && pattern.is_match(&code(text)))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{pattern} outside {layers:?}: {wrong:?}");
}

pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("src") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((path.strip_prefix(&root).expect("below src").to_owned(), text));
            }
        }
    }
    assert!(found.len() > 10, "src was not read");
    found
}

/// The first part of the path below `src`: `token` for `token/slot.rs` and for `token.rs`.
fn layer_of(file: &Path) -> String {
    let first = file.iter().next().and_then(|part| part.to_str()).expect("a name");
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// Layers named by `crate::layer` or inside `crate::{layer, …}`.
fn layers_named_in(text: &str) -> BTreeSet<String> {
    static DIRECT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bcrate::([a-z_][a-z0-9_]*)").expect("pattern"));
    let code = code(text);
    let direct = DIRECT.captures_iter(&code).map(|found| found[1].to_owned());
    direct.chain(code.split("crate::{").skip(1).flat_map(heads)).collect()
}

/// The first names in a group of imports: `a` and `b` of `a::{x, y}, b::z}`.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut heads = vec![String::new()];
    for character in group.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(String::new()),
            _ if depth == 0 => heads.last_mut().expect("never empty").push(character),
            _ => {}
        }
    }
    let first = |head: &String| head.trim().split([':', ' ']).next().unwrap_or_default().to_owned();
    heads.iter().map(first).filter(|head| !head.is_empty()).collect()
}

/// The text without comments and without unit tests, which may use the layers above.
pub(crate) fn code(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default()
        .lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn finds_both_forms_of_import() {
    let text =
        "use crate::token::Slot; // crate::ui\nuse crate::{\n    model::{Label, Version},\n    secret,\n};";
    assert_eq!(layers_named_in(text), ["model", "secret", "token"].map(str::to_owned).into());
}
