//! Manual pages, completions and help as the binary prints them: `man` renders each page without a warning, and each shell
//! gets its script.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{TestEnv, oracle, path_text, process};

#[test]
fn man_renders_every_page_without_a_warning() {
    let env = TestEnv::new();
    env.run(["man", "./pages"]).success();
    let list = |path: PathBuf| fs::read_dir(path).expect("pages").map(|entry| entry.expect("entry").path());
    let pages: Vec<_> = list(env.file("pages")).flat_map(list).collect();
    assert!(pages.len() > 20, "{pages:?}");
    for page in pages {
        let rendered = |width: &str| {
            let mut man = env.command("man", ["--warnings", "--local-file", path_text(&page)]);
            man.env("MANROFFSEQ", "").env("MANWIDTH", width);
            process::run(man, b"", env.root()).success().silent()
        };
        rendered("60");
        let output = rendered("80");
        if page.ends_with("kmsctl.1") || page.ends_with("kmsctl-errors.7") {
            assert!(output.text().lines().all(|line| line.chars().count() <= 80), "{output}");
        }
        let of_a_command = page.extension().is_some_and(|section| section == "1");
        let sections =
            if of_a_command { ["NAME", "SYNOPSIS", "SEE ALSO"] } else { ["NAME", "DESCRIPTION", "SEE ALSO"] };
        for section in sections {
            assert!(output.text().contains(section), "no {section}\n{output}");
        }
    }
}

#[test]
fn man_finds_the_pages_by_their_names() {
    let env = TestEnv::new();
    env.run(["man", "./pages"]).success();
    for (section, name) in
        [("1", "kmsctl"), ("1", "kmsctl-key-create"), ("5", "kmsctl-config"), ("7", "kmsctl-pin")]
    {
        let page = oracle::tool(&env, "man", &["-M", path_text(&env.file("pages")), section, name]);
        assert!(page.text().contains(name), "{page}");
    }
}

#[test]
fn the_main_page_is_printed_without_a_directory() {
    let env = TestEnv::new();
    let page = env.run(["man"]).success().silent();
    assert!(page.text().contains(".TH KMSCTL 1"), "{page}");
    assert!(page.text().contains("130"), "the exit codes are on it\n{page}");
}

#[test]
fn a_page_is_shown_by_its_name() {
    let env = TestEnv::new();
    let shown = |line: &str| env.run(line.split(' ')).success().silent();
    for line in ["man key create", "man key-create", "man kmsctl-key-create", "man kmsctl-key-create.1"] {
        assert!(shown(line).text().contains(".TH KMSCTL-KEY-CREATE 1"), "{line}");
    }
    assert!(shown("man json").text().contains(".TH KMSCTL-JSON 5"));
    assert!(shown("man kmsctl").text().contains(".TH KMSCTL 1"));
    env.run(["man", "key", "creat"])
        .fails(2)
        .saying("no manual page \"key-creat\"")
        .saying("kmsctl man key-create");
    env.run(["man", "docter"])
        .fails(2)
        .saying("no manual page \"docter\"")
        .saying("`kmsctl man ./docter` writes all pages");
    assert!(!["key-create", "json", "docter"].iter().any(|name| env.file(name).exists()));
    for line in ["man config", "man 1 config", "man config.1"] {
        assert!(shown(line).text().contains(".TH KMSCTL-CONFIG 1"), "{line}");
    }
    for line in
        ["man 5 config", "man config.5", "man config(5)", "man kmsctl-config.5", "man 5 kmsctl config"]
    {
        assert!(shown(line).text().contains(".TH KMSCTL-CONFIG 5"), "{line}");
    }
    for line in ["man 7 config", "man config.7", "man 5"] {
        env.run(line.split(' ')).fails(2).saying("no manual page");
    }
    // With and without the directory.
    for _ in 0..2 {
        env.run(["man", "foo"]).success().silent();
        assert!(env.file("foo/man1/kmsctl.1").exists());
    }
    env.run(["man", "./json"]).success().silent();
    assert!(env.file("json/man5/kmsctl-json.5").exists());
}

#[test]
fn each_shell_gets_its_completions() {
    let env = TestEnv::new();
    let printed: Vec<_> = ["bash", "zsh", "fish", "elvish", "powershell"]
        .map(|shell| env.run(["completions", shell]).success().silent().stdout)
        .into_iter()
        .collect();
    for (index, text) in printed.iter().enumerate() {
        assert!(String::from_utf8_lossy(text).contains("KMSCTL_COMPLETE"), "{index}");
        assert!(!printed[..index].contains(text), "{index}");
    }
    env.run(["completions", "tcsh"]).fails(2).saying("fish");
}

/// Help is printed even with a broken configuration, no home and no token.
#[test]
fn help_needs_no_configuration_home_or_token() {
    let env = TestEnv::new();
    env.write("broken.toml", "= not TOML");
    for args in
        [vec!["--help"], vec!["key", "create", "--help"], vec!["help", "sign"], vec!["completions", "bash"]]
    {
        let output =
            env.with("KMSCTL_CONFIG", env.file("broken.toml")).with("HOME", "").run(&args).success().silent();
        assert!(output.text().contains("kmsctl"), "{output}");
    }
}

/// Environment variables may hold secrets: help never shows their values.
#[test]
fn help_does_not_show_the_environment() {
    let env = TestEnv::new();
    let help = |name: &str| env.with(name, "s3cret-value").run(["key", "list", "--help"]).success();
    for name in ["KMSCTL_PIN", "KMSCTL_TOKEN", "KMSCTL_MODULE", "KMSCTL_PIN_FILE"] {
        assert!(!help(name).text().contains("s3cret"), "{name}");
    }
}

/// `./dev dist` runs rarely, so this checks that every file to package exists and every manual page is packaged.
#[test]
fn files_of_the_debian_package_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().expect("TOML");
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().expect("assets").clone();
    let source = |asset: &toml::Value| asset[0].as_str().expect("a path").to_owned();
    let sources: Vec<_> = assets.iter().map(source).filter(|path| !path.starts_with("target/")).collect();
    assert!(sources.len() > 8, "{sources:?}");
    let has = |directory: &str, end: &str| {
        let entries = fs::read_dir(root.join(directory)).expect("a directory");
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(end))
    };
    for path in &sources {
        match path.split_once("/*") {
            Some((directory, end)) => assert!(has(directory, end), "{path}"),
            None => assert!(root.join(path).exists(), "{path}"),
        }
    }
    for page in fs::read_dir(root.join("man")).expect("man").flatten() {
        let name = page.file_name().to_string_lossy().into_owned();
        let section = name.rsplit('.').next().expect("a section");
        assert!(sources.contains(&format!("man/*.{section}")), "{name} is not packaged");
    }
}
