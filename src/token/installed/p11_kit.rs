//! p11-kit's configuration of modules, see pkcs11.conf(5).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::InstalledModule;

/// Of packages, then of the administrator; the user's directory comes last. A file overrides the settings of the file
/// with the same name in an earlier directory.
const SYSTEM_DIRECTORIES: [&str; 2] = ["/usr/share/p11-kit/modules", "/etc/pkcs11/modules"];

/// The name by which `enable-in` and `disable-in` know this program.
const PROGRAM: &str = "kmsctl";

#[derive(Debug, Default)]
struct Configured {
    file: PathBuf,
    settings: BTreeMap<String, String>,
}

pub(super) fn modules(user: Option<&Path>, libraries: &[PathBuf]) -> Vec<InstalledModule> {
    let user = user.map(|user| user.join("modules"));
    let places = SYSTEM_DIRECTORIES.iter().map(PathBuf::from).chain(user);
    let mut configured: BTreeMap<String, Configured> = BTreeMap::new();
    for file in places.flat_map(|place| files(&place)) {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let entry = configured.entry(name).or_default();
        entry.file = file;
        entry.settings.extend(settings(&text));
    }
    configured.into_iter().filter_map(|(name, entry)| installed(name, entry, libraries)).collect()
}

fn files(place: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "module"))
        .collect()
}

/// `name: value` lines; `#` begins a comment.
fn settings(text: &str) -> impl Iterator<Item = (String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(':')).map(|(key, value)| (key.trim().into(), value.trim().into()))
}

/// `None` for stores of trusted certificates, which hold no keys, for modules disabled for this program, and for
/// entries without a module file (`remote:`).
fn installed(name: String, entry: Configured, libraries: &[PathBuf]) -> Option<InstalledModule> {
    let get = |key: &str| entry.settings.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let names_us = |list: &str| list.split([',', ' ']).any(|name| name == PROGRAM);
    let is_off = get("disable-in").is_some_and(names_us)
        || get("enable-in").is_some_and(|list| !names_us(list))
        || get("trust-policy") == Some("yes");
    if is_off {
        return None;
    }
    let path = locate(get("module")?, libraries);
    Some(InstalledModule {
        name,
        path,
        arguments: get("x-init-reserved").map(str::to_owned),
        configured_in: Some(entry.file),
    })
}

/// A bare name is looked up in the `pkcs11` subdirectory of each library directory. If it is in none, the first path is
/// returned, so that the list shows what is missing.
fn locate(module: &str, libraries: &[PathBuf]) -> PathBuf {
    if module.starts_with('/') {
        return module.into();
    }
    let mut places = libraries.iter().map(|library| library.join("pkcs11").join(module));
    let first = libraries.first().map(|library| library.join("pkcs11").join(module));
    places.find(|path| path.exists()).or(first).unwrap_or_else(|| module.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<InstalledModule> {
        let entry = Configured { file: "/etc/x.module".into(), settings: settings(text).collect() };
        installed("x".to_owned(), entry, &[PathBuf::from("/nonexistent/lib")])
    }

    #[test]
    fn a_module_is_where_its_file_says() {
        let found = one("# comment\nmodule: /opt/hsm.so\nx-init-reserved: configdir='a: b'\ncritical: no\n");
        let found = found.expect("a module");
        assert_eq!(found.path, Path::new("/opt/hsm.so"));
        assert_eq!(found.arguments.as_deref(), Some("configdir='a: b'"));
        let bare = one("module: hsm.so\nx-init-reserved:\n").expect("a module");
        assert_eq!((bare.path.to_str(), bare.arguments), (Some("/nonexistent/lib/pkcs11/hsm.so"), None));
    }

    #[test]
    fn disabled_modules_and_trust_stores_are_skipped() {
        for text in [
            "module: t.so\ntrust-policy: yes",
            "remote: |ssh host p11-kit remote t.so",
            "module: t.so\ndisable-in: other, kmsctl",
            "module: t.so\nenable-in: other",
            "module:",
            "\u{0}\n:::",
        ] {
            assert!(one(text).is_none(), "{text}");
        }
        assert!(one("module: t.so\ndisable-in: other\nenable-in: kmsctl").is_some());
    }
}
